package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Session is one browser that is signed in, by the hash of its secret.
type Session struct {
	ID      [32]byte
	User    string
	Proof   [32]byte // of the password that was right
	Began   time.Time
	Used    time.Time
	Address string
	Browser string
}

// keepSessions is how long one that is not used any more stays to be looked
// at; whoever asks decides what is over.
const keepSessions = 60 * 24 * time.Hour

// SaveSession stores a new session, and forgets those of two months ago.
func (db *DB) SaveSession(ctx context.Context, s Session) error {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		b.Queue("DELETE FROM sessions WHERE used < $1", s.Began.Add(-keepSessions))
		b.Queue("INSERT INTO sessions (id, user_name, proof, began, used, address, browser) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			s.ID[:], text(s.User), s.Proof[:], s.Began, s.Used, text(s.Address), text(s.Browser))
		return send(ctx, tx, b)
	})
	if err != nil {
		return fmt.Errorf("save a session of %s: %w", s.User, err)
	}
	return nil
}

const sessionColumns = "id, user_name, proof, began, used, address, browser"

// UseSession notes that a session is used; one that is gone stays gone.
func (db *DB) UseSession(ctx context.Context, id [32]byte, now time.Time) error {
	if _, err := db.conns.Exec(ctx, "UPDATE sessions SET used = greatest(used, $2) WHERE id = $1", id[:], now); err != nil {
		return fmt.Errorf("use a session: %w", err)
	}
	return nil
}

// Session returns a session, also one that is over, or ErrNotFound.
func (db *DB) Session(ctx context.Context, id [32]byte) (Session, error) {
	rows, err := db.conns.Query(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id = $1", id[:])
	if err != nil {
		return Session{}, fmt.Errorf("look up a session: %w", err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Session{}, fmt.Errorf("look up a session: %w", err)
	}
	return s, nil
}

// SessionsOf lists a user's sessions, last used first.
func (db *DB) SessionsOf(ctx context.Context, user string) ([]Session, error) {
	rows, err := db.conns.Query(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE user_name = $1 ORDER BY used DESC, id", text(user))
	if err == nil {
		var all []Session
		if all, err = pgx.CollectRows(rows, scanSession); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("sessions of %s: %w", user, err)
}

func scanSession(row pgx.CollectableRow) (s Session, err error) {
	var id, proof []byte
	if err = row.Scan(&id, &s.User, &proof, stamp{&s.Began}, stamp{&s.Used}, &s.Address, &s.Browser); err != nil {
		return s, err
	}
	if copy(s.ID[:], id) != len(s.ID) || copy(s.Proof[:], proof) != len(s.Proof) {
		return s, errors.New("a damaged session")
	}
	return s, nil
}

// EndSession forgets a session; that there is none is no error.
func (db *DB) EndSession(ctx context.Context, id [32]byte) error {
	if _, err := db.conns.Exec(ctx, "DELETE FROM sessions WHERE id = $1", id[:]); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// EndSessionsOf forgets all sessions of a user.
func (db *DB) EndSessionsOf(ctx context.Context, user string) error {
	if _, err := db.conns.Exec(ctx, "DELETE FROM sessions WHERE user_name = $1", text(user)); err != nil {
		return fmt.Errorf("end the sessions of %s: %w", user, err)
	}
	return nil
}
