package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// HoldRecording forbids that a recording is erased.
func (db *DB) HoldRecording(ctx context.Context, call queue.CallID, m recording.Mark) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE recordings SET held_at = $2, held_by = $3, held_why = $4 WHERE call = $1 AND erased_at IS NULL", text(call), m.At.UTC(), text(m.By), text(m.Why))
	return tag.RowsAffected() > 0, err
}

// ReleaseRecording ends a hold.
func (db *DB) ReleaseRecording(ctx context.Context, call queue.CallID) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE recordings SET held_at = NULL, held_by = '', held_why = '' WHERE call = $1 AND held_at IS NOT NULL", text(call))
	return tag.RowsAffected() > 0, err
}

// EraseRecording destroys the key of a recording and its wave form.
func (db *DB) EraseRecording(ctx context.Context, call queue.CallID, m recording.Mark) (r recording.Recording, err error) {
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		var held, erased *time.Time
		err := tx.QueryRow(ctx, "SELECT path, held_at, erased_at FROM recordings WHERE call = $1 FOR UPDATE", text(call)).Scan(&r.Path, &held, &erased)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return recording.ErrNoRecording
		case err != nil:
			return err
		case erased != nil:
			return recording.ErrErased
		case held != nil:
			return recording.ErrHeld
		}
		r.Call, r.Erased = call, m
		if _, err := tx.Exec(ctx, "DELETE FROM recording_peaks WHERE call = $1", text(call)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE recordings SET wrapped = NULL, master = '', erased_at = $2, erased_by = $3, erased_why = $4 WHERE call = $1", text(call), m.At.UTC(), text(m.By), text(m.Why))
		return err
	})
	return r, err
}

// RecordingGone notes that the object of an erased recording is gone.
func (db *DB) RecordingGone(ctx context.Context, call queue.CallID) error {
	_, err := db.conns.Exec(ctx, "UPDATE recordings SET path = '' WHERE call = $1 AND erased_at IS NOT NULL", text(call))
	return err
}

// ErasedWithObject returns erased recordings whose object is not gone.
func (db *DB) ErasedWithObject(ctx context.Context, limit int) ([]recording.Recording, error) {
	rows, err := db.conns.Query(ctx, "SELECT call, path FROM recordings WHERE erased_at IS NOT NULL AND path <> '' LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r recording.Recording, err error) {
		return r, row.Scan(&r.Call, &r.Path)
	})
}

// Expired returns recordings that are older than the house keeps them.
func (db *DB) Expired(ctx context.Context, p recording.Retention, at time.Time, limit int) ([]queue.CallID, error) {
	least := 0
	consider := func(days int) {
		if days > 0 && (least == 0 || days < least) {
			least = days
		}
	}
	consider(p.Days)
	for _, days := range p.Queues {
		consider(days)
	}
	for _, days := range p.Classes {
		consider(days)
	}
	if least == 0 {
		return nil, nil
	}
	rows, err := db.conns.Query(ctx, `SELECT call FROM (
			SELECT r.call, coalesce(r.started_at, r.created_at) AS began, coalesce(
				CASE WHEN c.outcome = $7 THEN ($2::jsonb ->> $7)::int END, ($2::jsonb ->> nullif(c.category, ''))::int,
				($3::jsonb ->> CASE WHEN c.home <> '' THEN c.home ELSE c.queue END)::int, $4::int) AS days
			FROM recordings r JOIN calls c ON c.call = r.call
			WHERE r.path <> '' AND r.erased_at IS NULL AND r.held_at IS NULL AND coalesce(r.started_at, r.created_at) < $1::timestamptz - make_interval(days => $5)
		) x WHERE days > 0 AND began < $1::timestamptz - make_interval(days => days) ORDER BY began, call LIMIT $6`,
		at.UTC(), object(p.Classes), object(p.Queues), p.Days, least, limit, recording.ClassVoicemail)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[queue.CallID])
}

// object is a map as JSON, {} for none.
func object[K ~string](m map[K]int) document {
	all := map[string]int{}
	for k, v := range m {
		all[string(k)] = v
	}
	return document{&all}
}

// RecordingsBytes is how much all objects take.
func (db *DB) RecordingsBytes(ctx context.Context) (n int64, err error) {
	err = db.conns.QueryRow(ctx, "SELECT coalesce(sum(CASE form WHEN '' THEN bytes ELSE object_bytes END), 0)::bigint FROM recordings WHERE path <> ''").Scan(&n)
	return n, err
}

// Clock is the time by the database's clock.
func (db *DB) Clock(ctx context.Context) (at time.Time, err error) {
	err = db.conns.QueryRow(ctx, "SELECT clock_timestamp()").Scan(stamp{&at})
	return at, err
}

// FiledOn returns the day of the newest tree that has a recording.
func (db *DB) FiledOn(ctx context.Context, call queue.CallID) (day string, err error) {
	err = db.conns.QueryRow(ctx, "SELECT coalesce(max(day), '') FROM recording_leaves WHERE call = $1", text(call)).Scan(&day)
	return day, err
}

// Rewrap gives the keys of recordings to f, which wraps them anew: those whose
// master key is not the one given, so many at a time. It returns how many it
// did; 0 is the end.
func (db *DB) Rewrap(ctx context.Context, master string, limit int, f func(recording.Recording) (recording.Recording, error)) (int, error) {
	var n int
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+recordingColumns+" FROM recordings r WHERE master <> '' AND master <> $1 AND wrapped IS NOT NULL ORDER BY call LIMIT $2 FOR UPDATE", text(master), limit)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, scanRecording)
		if err != nil {
			return err
		}
		for r := range slices.Values(all) {
			now, err := f(recording.Recording{Call: r.Call, Sealed: r.Sealed})
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE recordings SET master = $2, wrapped = $3 WHERE call = $1", text(r.Call), text(now.Sealed.Key.Master), []byte(now.Sealed.Key.Key)); err != nil {
				return err
			}
		}
		n = len(all)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("wrap keys anew: %w", err)
	}
	return n, nil
}
