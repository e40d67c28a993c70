package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// User is someone who may sign in to the pages and the API.
type User struct {
	Name         string
	Role         string        // the dashboard's word: agent, supervisor …
	Agent        queue.AgentID // who they are on the phone; empty if nobody
	PasswordHash string        // made and judged elsewhere
	Disabled     bool
	CreatedAt    time.Time // set by the database
	MustChange   bool      // the password, before anything else
	Teams        []string  // to which a supervisor is limited; none: all agents
	SecondFactor bool      // there is a confirmed one; not stored with the user
}

// SaveUser stores a user, new or changed; the name is the key.
func (db *DB) SaveUser(ctx context.Context, u User) error {
	_, err := db.conns.Exec(ctx, `INSERT INTO users (name, role, agent, password_hash, disabled, must_change, teams) VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET role = excluded.role, agent = excluded.agent,
			password_hash = excluded.password_hash, disabled = excluded.disabled, must_change = excluded.must_change, teams = excluded.teams`,
		text(u.Name), text(u.Role), text(u.Agent), text(u.PasswordHash), u.Disabled, u.MustChange, texts(u.Teams))
	if err != nil {
		return fmt.Errorf("save user %s: %w", u.Name, err)
	}
	return nil
}

const selectUsers = `SELECT name, role, coalesce(agent, ''), password_hash, disabled, created_at, must_change, nullif(teams, '{}'),
	EXISTS (SELECT FROM second_factors f WHERE f.user_name = users.name AND f.confirmed_at IS NOT NULL) FROM users`

// User returns a user, or ErrNotFound.
func (db *DB) User(ctx context.Context, name string) (User, error) {
	users, err := db.users(ctx, selectUsers+" WHERE name = $1", text(name))
	if err == nil && len(users) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("user %s: %w", name, err)
	}
	return users[0], nil
}

// ListUsers returns all users by name.
func (db *DB) ListUsers(ctx context.Context) ([]User, error) {
	users, err := db.users(ctx, selectUsers+" ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return users, nil
}

func (db *DB) users(ctx context.Context, sql string, args ...any) ([]User, error) {
	rows, err := db.conns.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[User])
}

// UserChange is what an applied centre changes of one user.
type UserChange struct {
	Name         string
	Role         string
	Agent        queue.AgentID
	PasswordHash string // empty: the one that is there stays
	Teams        []string
	Enable       bool // a user who was disabled may sign in again
	Gone         bool // may not sign in any more; the rest does not count
}

// Centre is a centre.yaml as it was applied.
type Centre struct {
	Version   string
	Settings  json.RawMessage // what it says, as JSON
	Source    string          // its text
	AppliedBy string
	AppliedAt time.Time // set by the database
}

// SaveCentre stores an applied centre, and what it changes of the users, or
// nothing of it. Earlier centres are kept (R16.1).
func (db *DB) SaveCentre(ctx context.Context, c Centre, users ...UserChange) error {
	if c.Settings == nil {
		c.Settings = json.RawMessage("{}")
	}
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		for _, u := range users {
			if u.Gone {
				b.Queue("UPDATE users SET disabled = true WHERE name = $1", text(u.Name))
				continue
			}
			b.Queue(`INSERT INTO users (name, role, agent, password_hash, teams) VALUES ($1, $2, nullif($3, ''), $4, $6)
				ON CONFLICT (name) DO UPDATE SET role = excluded.role, agent = excluded.agent, teams = excluded.teams,
					password_hash = coalesce(nullif(excluded.password_hash, ''), users.password_hash),
					must_change = users.must_change AND excluded.password_hash = '',
					disabled = users.disabled AND NOT $5`,
				text(u.Name), text(u.Role), text(u.Agent), text(u.PasswordHash), u.Enable, texts(u.Teams))
		}
		b.Queue("INSERT INTO centres (version, settings, source, applied_by) VALUES ($1, $2::text::jsonb, $3, $4)",
			text(c.Version), jsonText(c.Settings), text(c.Source), text(c.AppliedBy))
		return send(ctx, tx, b)
	})
	if err != nil {
		return fmt.Errorf("save centre %s: %w", c.Version, err)
	}
	return nil
}

// Centre returns the centre applied last, or ErrNotFound.
func (db *DB) Centre(ctx context.Context) (Centre, error) {
	var c Centre
	var settings string
	err := db.conns.QueryRow(ctx, "SELECT version, settings::text, source, applied_by, applied_at FROM centres ORDER BY id DESC LIMIT 1").
		Scan(&c.Version, &settings, &c.Source, &c.AppliedBy, stamp{&c.AppliedAt})
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return c, fmt.Errorf("read the applied centre: %w", err)
	}
	c.Settings = json.RawMessage(settings)
	return c, nil
}

// Away tells of an error that Postgres could not be asked, or could not answer
// just now: the same again may work.
func Away(err error) bool { return !errors.Is(err, ErrNotFound) && isAway(err) }
