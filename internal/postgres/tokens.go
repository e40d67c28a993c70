package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Token lets a program or a screen in, by the hash of its secret.
type Token struct {
	ID        [32]byte
	Name      string
	Scopes    []string
	CreatedBy string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not
	UsedAt    time.Time
}

// AddToken stores a new token; false if its name was used before.
func (db *DB) AddToken(ctx context.Context, t Token) (bool, error) {
	tag, err := db.conns.Exec(ctx, `INSERT INTO tokens (id, name, scopes, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO NOTHING`, t.ID[:], text(t.Name), t.Scopes, text(t.CreatedBy), stamp{&t.CreatedAt}, stamp{&t.ExpiresAt})
	if err != nil {
		return false, fmt.Errorf("add token %s: %w", t.Name, err)
	}
	return tag.RowsAffected() == 1, nil
}

const tokenColumns = "id, name, scopes, created_by, created_at, expires_at, revoked_at, used_at"

// UseToken notes that a token is used and returns it, also one that is over,
// or ErrNotFound.
func (db *DB) UseToken(ctx context.Context, id [32]byte, now time.Time) (Token, error) {
	rows, err := db.conns.Query(ctx, "UPDATE tokens SET used_at = greatest(used_at, $2) WHERE id = $1 RETURNING "+tokenColumns, id[:], now)
	if err != nil {
		return Token{}, fmt.Errorf("use a token: %w", err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanToken)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Token{}, fmt.Errorf("use a token: %w", err)
	}
	return t, nil
}

// Tokens lists every token, newest first.
func (db *DB) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := db.conns.Query(ctx, "SELECT "+tokenColumns+" FROM tokens ORDER BY created_at DESC, name")
	if err == nil {
		var all []Token
		if all, err = pgx.CollectRows(rows, scanToken); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("list tokens: %w", err)
}

func scanToken(row pgx.CollectableRow) (t Token, err error) {
	var id []byte
	if err = row.Scan(&id, &t.Name, &t.Scopes, &t.CreatedBy, stamp{&t.CreatedAt}, stamp{&t.ExpiresAt}, stamp{&t.RevokedAt}, stamp{&t.UsedAt}); err != nil {
		return t, err
	}
	if copy(t.ID[:], id) != len(t.ID) {
		return t, errors.New("a damaged token")
	}
	return t, nil
}

// RevokeToken ends a token for good; false if none of that name is in force.
func (db *DB) RevokeToken(ctx context.Context, name string, now time.Time) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL", text(name), now)
	if err != nil {
		return false, fmt.Errorf("revoke token %s: %w", name, err)
	}
	return tag.RowsAffected() == 1, nil
}
