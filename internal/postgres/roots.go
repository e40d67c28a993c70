package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/recording"
)

// objectSHA256 is the hash of the object, which for a plain file is its own.
const objectSHA256 = "CASE r.form WHEN '' THEN r.sha256 ELSE r.object_sha256 END"

// DaysToClose lists days before a day that have recordings in no tree.
func (db *DB) DaysToClose(ctx context.Context, before string) ([]string, error) {
	rows, err := db.conns.Query(ctx, "SELECT DISTINCT day FROM recordings WHERE leaf = '' AND day < $1 AND day <> '' ORDER BY 1", before)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Unfinished counts what of a day's calls is still to be done: conversations
// without a recording's row, and recordings to be converted.
func (db *DB) Unfinished(ctx context.Context, day string) (n int, err error) {
	w := missingRecordings(time.Time{}, time.Time{})
	w.add("day = ?", day)
	err = db.conns.QueryRow(ctx, "SELECT (SELECT count(*) FROM calls"+w.String()+`) +
		(SELECT count(*) FROM recordings WHERE path <> '' AND erased_at IS NULL AND (form = '' OR form = 'wav' AND note = '') AND day = $1)`, w.args...).Scan(&n)
	return n, err
}

// LeavesToClose returns what is in no tree, of a day and before.
func (db *DB) LeavesToClose(ctx context.Context, day string) ([]recording.Leaf, error) {
	rows, err := db.conns.Query(ctx, "SELECT call, day, sha256, "+objectSHA256+", length_ms, talk_ms, state FROM recordings r WHERE leaf = '' AND day <= $1 ORDER BY day, call", day)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[recording.Leaf])
}

const rootColumns = "SELECT day, leaves, root, previous, hash, closed_at FROM recording_roots"

func scanRoot(row pgx.CollectableRow) (r recording.Root, err error) {
	return r, row.Scan(&r.Day, &r.Leaves, &r.Root, &r.Previous, &r.Hash, stamp{&r.ClosedAt})
}

// Roots returns every day that was closed, by day.
func (db *DB) Roots(ctx context.Context) ([]recording.Root, error) {
	rows, err := db.conns.Query(ctx, rootColumns+" ORDER BY day")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRoot)
}

// LastRoot returns the day closed last.
func (db *DB) LastRoot(ctx context.Context) (recording.Root, bool, error) {
	rows, err := db.conns.Query(ctx, rootColumns+" ORDER BY day DESC LIMIT 1")
	if err != nil {
		return recording.Root{}, false, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRoot)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

// SaveRoot appends a day and its leaves. Another that was appended behind the
// same day is an error.
func (db *DB) SaveRoot(ctx context.Context, root recording.Root, leaves []recording.Leaf) error {
	return db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO recording_roots (day, leaves, root, previous, hash, closed_at) VALUES ($1, $2, $3, $4, $5, $6)",
			root.Day, root.Leaves, root.Root, root.Previous, root.Hash, root.ClosedAt); err != nil {
			return fmt.Errorf("append the root: %w", err)
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"recording_leaves"}, []string{"day", "n", "call", "call_day", "sha256", "object_sha256", "length_ms", "talk_ms", "state"},
			pgx.CopyFromSlice(len(leaves), func(i int) ([]any, error) {
				l := leaves[i]
				return []any{root.Day, i, string(l.Call), l.Day, l.SHA256, l.Object, l.LengthMS, l.TalkMS, string(l.State)}, nil
			}))
		if err != nil {
			return fmt.Errorf("append its leaves: %w", err)
		}
		calls, objects, hashes := make([]string, len(leaves)), make([]string, len(leaves)), make([]string, len(leaves))
		for i, l := range leaves {
			calls[i], objects[i], hashes[i] = string(l.Call), l.Object, l.Hash()
		}
		// A row that changed meanwhile stays in no tree.
		if _, err := tx.Exec(ctx, `UPDATE recordings r SET leaf = v.hash FROM unnest($1::text[], $2::text[], $3::text[]) AS v (call, object, hash)
			WHERE r.call = v.call AND r.leaf = '' AND `+objectSHA256+` = v.object`, calls, objects, hashes); err != nil {
			return fmt.Errorf("mark its recordings: %w", err)
		}
		return nil
	})
}

// Leaves returns a day's tree in its order, with the rows that it speaks of.
func (db *DB) Leaves(ctx context.Context, day string) ([]recording.Filed, error) {
	rows, err := db.conns.Query(ctx, `SELECT l.call, l.call_day, l.sha256, l.object_sha256, l.length_ms, l.talk_ms, l.state,
			EXISTS (SELECT FROM recording_leaves n WHERE n.call = l.call AND n.day > l.day), r.call IS NOT NULL,
			coalesce(r.path, ''), coalesce(r.sha256, ''), coalesce(r.object_sha256, ''), coalesce(r.bytes, 0), coalesce(r.object_bytes, 0), coalesce(r.form, ''),
			coalesce(r.length_ms, 0), coalesce(r.talk_ms, 0), coalesce(r.state, ''), coalesce(r.day, ''), r.erased_at, coalesce(r.wrapped, ''), coalesce(r.leaf, '')
		FROM recording_leaves l LEFT JOIN recordings r ON r.call = l.call WHERE l.day = $1 ORDER BY l.n`, day)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f recording.Filed, err error) {
		r := &f.Row
		var length, talk int64
		var wrapped []byte
		var leaf string
		err = row.Scan(&f.Call, &f.Day, &f.SHA256, &f.Object, &f.LengthMS, &f.TalkMS, &f.State, &f.Superseded, &f.HasRow,
			&r.Path, &r.SHA256, &r.Sealed.SHA256, &r.Bytes, &r.Sealed.Bytes, &r.Sealed.Form, &length, &talk, &r.State, &r.Day, stamp{&r.Erased.At}, &wrapped, &leaf)
		r.Call, r.Length, r.Talk, r.Sealed.Key.Key = f.Call, time.Duration(length)*time.Millisecond, time.Duration(talk)*time.Millisecond, string(wrapped)
		// A row that the program changed since, and no tree has yet, is judged by itself.
		f.Superseded = f.Superseded || f.HasRow && leaf == ""
		return f, err
	})
}

// RecordingsOpen calls f for each row that is in no tree.
func (db *DB) RecordingsOpen(ctx context.Context, f func(recording.Recording) error) error {
	open, err := db.recordings(ctx, "WHERE leaf = '' ORDER BY day, call")
	for _, r := range open {
		if err := f(recording.Recording{Call: r.Call, Day: r.Day, Path: r.Path, Length: r.Length, Talk: r.Talk, Bytes: r.Bytes, SHA256: r.SHA256,
			State: recording.State(r.State), Sealed: r.Sealed, Erased: r.Erased}); err != nil {
			return err
		}
	}
	return err
}

// RecordingPaths returns the names that rows have in the store.
func (db *DB) RecordingPaths(ctx context.Context, folder string) (map[string]bool, error) {
	rows, err := db.conns.Query(ctx, "SELECT path FROM recordings WHERE path <> '' AND starts_with(path, $1)", folder)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	var name string
	_, err = pgx.ForEachRow(rows, []any{&name}, func() error { all[name] = true; return nil })
	return all, err
}
