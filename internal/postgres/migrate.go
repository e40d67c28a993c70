package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationLock is an arbitrary number that all our programs agree on.
const migrationLock = 7133_0003

var errTooNew = errors.New("the database was made by a newer threerings")

type migration struct {
	version int
	name    string
	sql     string
}

// migrations lists the embedded files, "NNN_name.sql", numbered from 1 without
// holes; ReadDir sorts them.
func migrations() ([]migration, error) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	var list []migration
	for i, f := range files {
		number, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: its number must be %03d", f.Name(), i+1)
		}
		sql, err := migrationFiles.ReadFile("migrations/" + f.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, migration{version, name, string(sql)})
	}
	return list, nil
}

const createMigrations = `CREATE TABLE IF NOT EXISTS migrations (
	version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`

// migrate brings the schema up to date, in one transaction and one program at
// a time: the others wait and find nothing to do. An older program may be
// writing (docs/adr/0012), so migrations leave in place what it writes and reads.
func (db *DB) migrate(ctx context.Context) error {
	list, err := migrations()
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx pgx.Tx) error {
		// A change of a table that waits, say for a long backup, makes all others
		// wait behind it: also the program that leads and is to be taken over.
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '3s'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, createMigrations); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM migrations").Scan(&have); err != nil {
			return err
		}
		if have > len(list) {
			return fmt.Errorf("%w: it has schema %d, this program knows %d; run the newer program, or restore a backup made before it ran", errTooNew, have, len(list))
		}
		return apply(ctx, tx, list[have:])
	})
}

// apply goes from one schema to a later one.
func apply(ctx context.Context, tx pgx.Tx, list []migration) error {
	for _, m := range list {
		// Several statements in one text need the simple protocol.
		if _, err := tx.Conn().PgConn().Exec(ctx, m.sql).ReadAll(); err != nil {
			return fmt.Errorf("migration %03d_%s: %w", m.version, m.name, err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO migrations (version, name) VALUES ($1, $2)", m.version, m.name); err != nil {
			return fmt.Errorf("migration %03d_%s: %w", m.version, m.name, err)
		}
	}
	return nil
}
