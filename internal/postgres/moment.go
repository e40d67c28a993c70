package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// tables are all that hold what must not be lost, in the order in which they
// can be filled (epochs refer to pools). The migrations' own is written anew.
var tables = []string{"pools", "epochs", "events", "checkpoints", "calls", "offers", "parts", "agent_intervals", "violations", "cases",
	"users", "centres", "recordings", "recording_roots", "recording_leaves", "recording_gaps", "recording_speech", "recording_peaks", "recording_coverage", "recording_comments", "audit", "tokens", "second_factors", "testimony",
	"qa_forms", "qa_evaluations", "qa_evaluation_events", "qa_coaching", "qa_calibrations", "qa_plans", "qa_draws", "qa_tasks"}

// leftOut are tables that no backup has: those that earlier schemas had and
// later ones throw away, and who is signed in.
var leftOut = []string{"sip_accounts", "sessions", "recording_search"}

// Table is a table as it is in a database.
type Table struct {
	Name    string
	Columns []string
}

func (t Table) columns() string {
	quoted := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return strings.Join(quoted, ", ")
}

// Moment is the whole database as it was at one moment. Whatever is written
// meanwhile is not in it, and nobody who writes waits for it.
type Moment struct {
	Schema int               // number of the last migration
	At     time.Time         // by the server's clock
	Pools  map[string]uint64 // number of the last record of each pool
	Tables []Table           // that this schema has
	Centre string            // text of the centre applied last; empty if there is none

	conn *pgx.Conn
	tx   pgx.Tx
}

// longWork lifts the limits that a server, or [Open], sets for short work.
const longWork = "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0"

// OpenMoment takes a moment of the database. The schema is left as it is, also
// one of an older program: what is backed up before an upgrade is what was
// there. Whoever opens it must Close it.
func OpenMoment(ctx context.Context, url string) (*Moment, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	m := &Moment{conn: conn, Pools: map[string]uint64{}}
	if err := m.begin(ctx); err != nil {
		m.Close()
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	return m, nil
}

// connect is a connection without the pool of [Open], and without migrations.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w; it looks like postgres://user:password@host:5432/threerings", err)
	}
	cfg.RuntimeParams["application_name"] = "threerings"
	cfg.RuntimeParams["timezone"] = "UTC"
	// What is copied is the same text on every server.
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	cfg.RuntimeParams["datestyle"] = "ISO"
	cfg.RuntimeParams["extra_float_digits"] = "3"
	cfg.ConnectTimeout = 10 * time.Second
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return conn, nil
}

func (m *Moment) begin(ctx context.Context) (err error) {
	if m.tx, err = m.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}); err != nil {
		return err
	}
	if _, err := m.conn.PgConn().Exec(ctx, longWork).ReadAll(); err != nil {
		return err
	}
	known, err := migrations()
	if err != nil {
		return err
	}
	if m.Schema, err = schemaOf(ctx, m.tx); err != nil {
		return err
	}
	switch {
	case m.Schema == 0:
		return errors.New("it has no ledger of threerings: give the right data folder (--data) or settings (--config)")
	case m.Schema > len(known):
		return fmt.Errorf("%w: it has schema %d, this program knows %d; run the newer program", errTooNew, m.Schema, len(known))
	}
	if err := m.tx.QueryRow(ctx, "SELECT now()").Scan(stamp{&m.At}); err != nil {
		return err
	}
	if m.Tables, err = columnsOf(ctx, m.tx); err != nil {
		return err
	}
	rows, err := m.tx.Query(ctx, "SELECT pool, (SELECT coalesce(max(seq), 0) FROM events e WHERE e.pool = p.pool) FROM pools p")
	if err != nil {
		return err
	}
	var pool string
	var seq uint64
	if _, err := pgx.ForEachRow(rows, []any{&pool, &seq}, func() error { m.Pools[pool] = seq; return nil }); err != nil {
		return err
	}
	err = m.tx.QueryRow(ctx, "SELECT source FROM centres ORDER BY id DESC LIMIT 1").Scan(&m.Centre)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// schemaOf is the number of the last migration, 0 where there was none.
func schemaOf(ctx context.Context, tx pgx.Tx) (version int, err error) {
	var there bool
	if err := tx.QueryRow(ctx, "SELECT to_regclass('migrations') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, err
	}
	return version, tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM migrations").Scan(&version)
}

// columnsOf lists those of our tables that the database has.
func columnsOf(ctx context.Context, tx pgx.Tx) (found []Table, err error) {
	rows, err := tx.Query(ctx, `SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE c.oid = to_regclass(quote_ident(c.relname)) AND c.relkind = 'r' AND c.relname = ANY($1) GROUP BY 1`, tables)
	if err != nil {
		return nil, err
	}
	if found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Table]); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b Table) int { return slices.Index(tables, a.Name) - slices.Index(tables, b.Name) })
	return found, nil
}

// Copy writes the rows of a table as COPY has them: text, one line each.
func (m *Moment) Copy(ctx context.Context, t Table, w io.Writer) (rows int64, err error) {
	// By the first columns, which begin every primary key: the events come in
	// the order in which they happened.
	tag, err := m.conn.PgConn().CopyTo(ctx, w, fmt.Sprintf("COPY (SELECT %s FROM %s ORDER BY 1, 2) TO STDOUT", t.columns(), pgx.Identifier{t.Name}.Sanitize()))
	if err != nil {
		return 0, fmt.Errorf("copy table %s: %w", t.Name, err)
	}
	return tag.RowsAffected(), nil
}

// RecordingsSize counts the recordings of the index that have a file.
func (m *Moment) RecordingsSize(ctx context.Context) (files, bytes int64, err error) {
	size, _ := m.objects()
	err = m.tx.QueryRow(ctx, "SELECT count(*), coalesce(sum("+size+"), 0)::bigint FROM recordings WHERE path <> ''").Scan(&files, &bytes)
	if err != nil {
		return 0, 0, fmt.Errorf("count recordings: %w", err)
	}
	return files, bytes, nil
}

// objects are the expressions for size and SHA-256 of the object in the store.
func (m *Moment) objects() (size, sum string) {
	i := slices.IndexFunc(m.Tables, func(t Table) bool { return t.Name == "recordings" })
	if i < 0 || !slices.Contains(m.Tables[i].Columns, "form") {
		return "bytes", "sha256" // a schema before encryption
	}
	return "CASE form WHEN '' THEN bytes ELSE object_bytes END", "CASE form WHEN '' THEN sha256 ELSE object_sha256 END"
}

// Recordings lists the recordings of the index that have a file, by path. Only
// Call, Path, and Bytes and SHA256 of the object are set.
func (m *Moment) Recordings(ctx context.Context) ([]Recording, error) {
	size, sum := m.objects()
	rows, err := m.tx.Query(ctx, "SELECT call, path, "+size+", "+sum+" FROM recordings WHERE path <> '' ORDER BY path")
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Recording, err error) {
		return r, row.Scan(&r.Call, &r.Path, &r.Bytes, &r.SHA256)
	})
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	return all, nil
}

// Close gives the moment back. The server keeps what was deleted since as long
// as it is open.
func (m *Moment) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = m.conn.Close(ctx) // nothing was written
}
