package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// ErrNotEmpty: a restore would mix two centres.
var ErrNotEmpty = errors.New("the database is not empty")

// Restoring is a database that is being filled: all of it, or nothing.
type Restoring struct {
	conn   *pgx.Conn
	tx     pgx.Tx
	known  []migration
	tables []Table
}

// Restore begins to fill an empty database with a backup of the given schema,
// which may be older than this program's. Nothing is there before Commit;
// whoever began must Close. Programs that start meanwhile wait.
func Restore(ctx context.Context, url string, schema int) (*Restoring, error) {
	known, err := migrations()
	if err != nil {
		return nil, err
	}
	if schema > len(known) {
		return nil, fmt.Errorf("the backup is of a newer threerings (schema %d, this program knows %d): restore it with that version", schema, len(known))
	}
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	r := &Restoring{conn: conn, known: known}
	if err := r.begin(ctx, schema); err != nil {
		r.Close()
		return nil, fmt.Errorf("prepare the database: %w", err)
	}
	return r, nil
}

func (r *Restoring) begin(ctx context.Context, schema int) (err error) {
	if r.tx, err = r.conn.Begin(ctx); err != nil {
		return err
	}
	if _, err := r.conn.PgConn().Exec(ctx, longWork).ReadAll(); err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
		return err
	}
	if err := r.clear(ctx); err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, createMigrations); err != nil {
		return err
	}
	if err := apply(ctx, r.tx, r.known[:schema]); err != nil {
		return err
	}
	r.tables, err = columnsOf(ctx, r.tx)
	return err
}

// clear removes empty tables of any schema. A command may have made them, and
// the backup's may be older.
func (r *Restoring) clear(ctx context.Context) error {
	there, err := columnsOf(ctx, r.tx)
	if err != nil {
		return err
	}
	version, err := schemaOf(ctx, r.tx)
	if err != nil {
		return err
	}
	if version == 0 && len(there) == 0 {
		return nil
	}
	if version == 0 {
		return fmt.Errorf("%w: table %s of another program is in it: give a database of its own", ErrNotEmpty, there[0].Name)
	}
	for _, t := range there {
		// Who writes now ends first, and is seen.
		var rows bool
		name := pgx.Identifier{t.Name}.Sanitize()
		if _, err := r.tx.Exec(ctx, "LOCK TABLE "+name); err != nil {
			return err
		}
		if err := r.tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+name+")").Scan(&rows); err != nil {
			return err
		}
		if rows {
			return fmt.Errorf("%w: there are rows in its table %s. A backup is restored into an empty centre alone: give another data folder (--data), or an empty database (database_url)", ErrNotEmpty, t.Name)
		}
	}
	drop := "DROP TABLE IF EXISTS migrations"
	for _, name := range slices.Concat(tables, leftOut) {
		drop += ", " + name
	}
	_, err = r.conn.PgConn().Exec(ctx, drop+"; DROP FUNCTION IF EXISTS events_append_only()").ReadAll()
	return err
}

// Load fills a table with what [Moment.Copy] wrote of it.
func (r *Restoring) Load(ctx context.Context, t Table, from io.Reader) (rows int64, err error) {
	i := slices.IndexFunc(r.tables, func(x Table) bool { return x.Name == t.Name })
	if i < 0 {
		return 0, fmt.Errorf("load table %s: the backup's schema has no such table", t.Name)
	}
	for _, c := range t.Columns {
		if !slices.Contains(r.tables[i].Columns, c) {
			return 0, fmt.Errorf("load table %s: the backup's schema has no column %s in it", t.Name, c)
		}
	}
	tag, err := r.conn.PgConn().CopyFrom(ctx, from, fmt.Sprintf("COPY %s (%s) FROM STDIN", pgx.Identifier{t.Name}.Sanitize(), t.columns()))
	if err != nil {
		return 0, fmt.Errorf("load table %s: %w", t.Name, err)
	}
	return tag.RowsAffected(), nil
}

// Commit brings the schema up to this program's and makes all of it last. The
// log of each pool must be without a hole and end where the backup says.
func (r *Restoring) Commit(ctx context.Context, pools map[string]uint64) error {
	if err := r.finish(ctx, pools); err != nil {
		return fmt.Errorf("finish the database: %w", err)
	}
	if err := r.tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit the database: %w", err)
	}
	return nil
}

func (r *Restoring) finish(ctx context.Context, pools map[string]uint64) error {
	rows, err := r.tx.Query(ctx, "SELECT pool, count(*), max(seq) FROM events GROUP BY pool")
	if err != nil {
		return err
	}
	var pool string
	var n, last uint64
	seen := map[string]bool{}
	_, err = pgx.ForEachRow(rows, []any{&pool, &n, &last}, func() error {
		if seen[pool] = true; n != last || last != pools[pool] {
			return fmt.Errorf("%w: pool %s has %d records, the last of them %d, where %d belongs", errBadLog, pool, n, last, pools[pool])
		}
		return nil
	})
	if err != nil {
		return err
	}
	for pool, last := range pools {
		if last > 0 && !seen[pool] {
			return fmt.Errorf("%w: pool %s has no records, where %d belong", errBadLog, pool, last)
		}
	}
	if err := r.numberOn(ctx); err != nil {
		return err
	}
	version, err := schemaOf(ctx, r.tx)
	if err != nil {
		return err
	}
	if err := apply(ctx, r.tx, r.known[version:]); err != nil {
		return err
	}
	// The first start asks for much; the server should know what there is.
	now, err := columnsOf(ctx, r.tx)
	if err != nil {
		return err
	}
	names := make([]string, len(now))
	for i, t := range now {
		names[i] = t.Name
	}
	_, err = r.tx.Exec(ctx, "ANALYZE "+strings.Join(names, ", "))
	return err
}

// numberOn lets columns that number themselves go on behind the rows loaded.
func (r *Restoring) numberOn(ctx context.Context) error {
	rows, err := r.tx.Query(ctx, `SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
		WHERE c.oid = to_regclass(quote_ident(c.relname)) AND c.relname = ANY($1)`, tables)
	if err != nil {
		return err
	}
	type numbered struct{ Table, Column string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[numbered])
	if err != nil {
		return err
	}
	for _, c := range all {
		column := pgx.Identifier{c.Column}.Sanitize()
		if _, err := r.tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max("+column+"), 0) + 1, false) FROM "+pgx.Identifier{c.Table}.Sanitize(), c.Table, c.Column); err != nil {
			return err
		}
	}
	return nil
}

// Close gives up what was not committed.
func (r *Restoring) Close() { (&Moment{conn: r.conn}).Close() }
