package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Factor is a user's second factor. The secret is kept as it is: to check a
// code one must have it. Who can read this table can sign in only with the
// password as well.
type Factor struct {
	User        string
	Secret      []byte
	ConfirmedAt time.Time // zero: not yet
	Step        int64     // last time step used up
	Recovery    [][32]byte
}

// SaveFactor stores a second factor in place of any before. Time steps used up
// stay so.
func (db *DB) SaveFactor(ctx context.Context, f Factor) error {
	codes := make([][]byte, len(f.Recovery))
	for i := range f.Recovery {
		codes[i] = f.Recovery[i][:]
	}
	_, err := db.conns.Exec(ctx, `INSERT INTO second_factors (user_name, secret, confirmed_at, step, recovery) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_name) DO UPDATE SET secret = excluded.secret, confirmed_at = excluded.confirmed_at,
			step = greatest(second_factors.step, excluded.step), recovery = excluded.recovery`,
		text(f.User), f.Secret, stamp{&f.ConfirmedAt}, f.Step, codes)
	if err != nil {
		return fmt.Errorf("save the second factor of %s: %w", f.User, err)
	}
	return nil
}

// Factor returns a user's second factor, or ErrNotFound.
func (db *DB) Factor(ctx context.Context, user string) (Factor, error) {
	f := Factor{User: user}
	var codes [][]byte
	err := db.conns.QueryRow(ctx, "SELECT secret, confirmed_at, step, recovery FROM second_factors WHERE user_name = $1", text(user)).
		Scan(&f.Secret, stamp{&f.ConfirmedAt}, &f.Step, &codes)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Factor{}, fmt.Errorf("second factor of %s: %w", user, err)
	}
	for _, c := range codes {
		if len(c) == 32 {
			f.Recovery = append(f.Recovery, [32]byte(c))
		}
	}
	return f, nil
}

// UseStep uses a time step up; false if it, or a later one, was before. Two
// nodes that are shown the same code at once do not both take it.
func (db *DB) UseStep(ctx context.Context, user string, step int64) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE second_factors SET step = $2 WHERE user_name = $1 AND step < $2", text(user), step)
	if err != nil {
		return false, fmt.Errorf("use a code of %s: %w", user, err)
	}
	return tag.RowsAffected() == 1, nil
}

// UseRecovery uses a recovery code up; false if there is none.
func (db *DB) UseRecovery(ctx context.Context, user string, hash [32]byte) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE second_factors SET recovery = array_remove(recovery, $2) WHERE user_name = $1 AND $2 = ANY (recovery)", text(user), hash[:])
	if err != nil {
		return false, fmt.Errorf("use a recovery code of %s: %w", user, err)
	}
	return tag.RowsAffected() == 1, nil
}

// RemoveFactor ends a second factor; that there is none is no error.
func (db *DB) RemoveFactor(ctx context.Context, user string) error {
	if _, err := db.conns.Exec(ctx, "DELETE FROM second_factors WHERE user_name = $1", text(user)); err != nil {
		return fmt.Errorf("end the second factor of %s: %w", user, err)
	}
	return nil
}
