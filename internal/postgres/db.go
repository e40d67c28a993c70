package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrNotFound: there is no such row.
var ErrNotFound = errors.New("not found")

// DB is the database of a house: one or more pools. It is safe for concurrent
// use.
type DB struct {
	conns *pgxpool.Pool
}

// Open connects and brings the schema up to date. While the server cannot be
// reached it waits, and says so in the log, until ctx ends; what waiting cannot
// mend (a bad URL, a refused login, a database newer than this program) fails
// at once.
func Open(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w; it looks like postgres://user:password@host:5432/threerings", err)
	}
	params := cfg.ConnConfig.RuntimeParams
	params["application_name"] = "threerings"
	params["timezone"] = "UTC"
	// A node that vanishes in mid-transaction must not hold the pool's row and
	// with it the next leader for long.
	params["idle_in_transaction_session_timeout"] = "15s"
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.MaxConns = max(cfg.MaxConns, 8)
	conns, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{conns: conns}
	wait, told := backOff{}, time.Time{}
	for {
		err := db.migrate(ctx)
		if err == nil {
			return db, nil
		}
		if !isAway(err) || ctx.Err() != nil {
			conns.Close()
			return nil, fmt.Errorf("open database: %w", err)
		}
		if time.Since(told) > complainEvery {
			told = time.Now()
			slog.Warn("waiting for Postgres; nothing runs before it answers", "err", err)
		}
		wait.pause(ctx)
	}
}

// Close gives the connections back.
func (db *DB) Close() { db.conns.Close() }

// Ping reports whether the server answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.conns.Ping(ctx); err != nil {
		return fmt.Errorf("ask Postgres: %w", err)
	}
	return nil
}

// Size is what the database takes on disk, in bytes, indexes included.
func (db *DB) Size(ctx context.Context) (bytes int64, err error) {
	if err := db.conns.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&bytes); err != nil {
		return 0, fmt.Errorf("size of the database: %w", err)
	}
	return bytes, nil
}

// backOff is the waiting time between tries, 0.2 s doubling to 2 s.
type backOff struct{ last time.Duration }

func (b *backOff) pause(ctx context.Context) {
	b.last = min(max(2*b.last, 200*time.Millisecond), 2*time.Second)
	select {
	case <-ctx.Done():
	case <-time.After(b.last):
	}
}

// isAway reports whether an error means that the server could not be asked or
// could not answer just now, so that the same again may work. Anything the
// server says about our statement itself is not that.
func isAway(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		// Values that cannot be encoded never reach the server; all else
		// without an answer of the server is the connection.
		return !strings.Contains(err.Error(), "failed to encode") && !errors.Is(err, errTooNew) && !errors.Is(err, errBadLog) && !errors.Is(err, pgx.ErrNoRows)
	}
	switch pg.Code[:2] {
	case "08", // connection
		"53", // out of resources: disk, memory, connections
		"55", // not in the needed state: lock not available
		"57", // operator intervention: shutdown, starting up, cancelled
		"58", // system: I/O error
		"40", // deadlock, serialization
		"25": // idle in transaction timeout, read-only (a standby)
		return true
	}
	return false
}

// inTx runs f in a transaction.
func (db *DB) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, db.conns, f)
}

// text makes a string storable: Postgres takes neither broken UTF-8 nor the
// zero character, and callers choose their names themselves.
func text[S ~string](s S) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(s), "\uFFFD"), "\x00", "\uFFFD")
}

// jsonText does the same for JSON: encoding/json has mended the UTF-8, the
// escaped zero character remains.
func jsonText(data []byte) string {
	s := string(data)
	if !strings.Contains(s, `\u0000`) {
		return s
	}
	out := []byte(s)
	for i := 0; i < len(out)-1; i++ {
		if out[i] != '\\' {
			continue
		}
		if strings.HasPrefix(string(out[i+1:min(i+6, len(out))]), "u0000") {
			copy(out[i+2:], "fffd")
		}
		i++ // what is escaped begins no escape
	}
	return string(out)
}
