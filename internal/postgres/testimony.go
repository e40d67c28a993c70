package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// Testify takes what a leader of this node left in its spool to where the
// present leader finds it, once it is certain that it can never follow the log:
// another leader has written in its place. Else it stays in the spool, for the
// time when this node leads again. It fails while Postgres is away.
func (db *DB) Testify(ctx context.Context, pool, dir string) error {
	s, left, damage, err := openSpool(dir, pool)
	if err != nil {
		return err
	}
	defer s.close()
	if len(left) == 0 || damage != nil { // damage is for the next start as leader, which sets the file aside
		return nil
	}
	entries, err := newEntries(left)
	if err != nil {
		return fmt.Errorf("read the spool of pool %s: %w", pool, err)
	}
	if known, err := db.known(ctx, pool, entries); err != nil || known {
		if err == nil {
			err = s.drop(entries[len(entries)-1].record.Seq)
		}
		return err
	}
	overtaken, err := db.testify(ctx, pool, entries)
	if err != nil || !overtaken {
		return err
	}
	slog.Warn("what this node did last as leader, and could tell nobody, is with the present leader now", "pool", pool, "records", len(entries))
	return s.drop(entries[len(entries)-1].record.Seq)
}

// known tells whether all records are in the log: it was just not told so.
func (db *DB) known(ctx context.Context, pool string, entries []entry) (bool, error) {
	first, last := entries[0].record, entries[len(entries)-1].record
	var n int
	err := db.conns.QueryRow(ctx, "SELECT count(*) FROM events WHERE pool = $1 AND seq BETWEEN $2 AND $3 AND epoch BETWEEN $4 AND $5",
		pool, int64(first.Seq), int64(last.Seq), int64(first.Epoch), int64(last.Epoch)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("compare the spool of pool %s with the log: %w", pool, err)
	}
	return n == len(entries), nil
}

func newEntries(records []queue.Record) ([]entry, error) {
	entries := make([]entry, len(records))
	for i, r := range records {
		var err error
		if entries[i], err = newEntry(r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// testify stores those records of a former leader that are not in the log, if
// another has written in its place: false if none has. Doing it again changes
// nothing.
func (db *DB) testify(ctx context.Context, pool string, entries []entry) (overtaken bool, err error) {
	first, last := entries[0].record, entries[len(entries)-1].record
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM events WHERE pool = $1 AND seq BETWEEN $2 AND $3 AND epoch > $4)",
			pool, int64(first.Seq), int64(last.Seq), int64(last.Epoch)).Scan(&overtaken)
		if err != nil || !overtaken {
			return err
		}
		b := &pgx.Batch{}
		for _, e := range entries {
			b.Queue(`INSERT INTO testimony (pool, epoch, seq, at, call, type, data)
				SELECT $1, $2, $3, $4, $5, $6, $7::text::jsonb WHERE NOT EXISTS (SELECT FROM events WHERE pool = $1 AND seq = $3 AND epoch = $2)
				ON CONFLICT DO NOTHING`,
				pool, int64(e.record.Epoch), int64(e.record.Seq), e.record.At.UTC(), text(e.about.Call), e.kind, e.data)
		}
		return send(ctx, tx, b)
	})
	if err != nil {
		return false, fmt.Errorf("store the testimony of a former leader of pool %s: %w", pool, err)
	}
	return overtaken, nil
}

// Testimonies are what former leaders of the pool knew of calls and the ledger
// does not, as corrections; of calls that are not over yet they are kept back.
// What corrects nothing is settled by the way.
func (db *DB) Testimonies(ctx context.Context, pool string) ([]queue.CorrectCall, error) {
	rows, err := db.conns.Query(ctx, "SELECT DISTINCT epoch FROM testimony WHERE pool = $1 AND settled_at IS NULL ORDER BY epoch", pool)
	if err != nil {
		return nil, fmt.Errorf("look for testimony of pool %s: %w", pool, err)
	}
	epochs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look for testimony of pool %s: %w", pool, err)
	}
	var all []queue.CorrectCall
	for _, epoch := range epochs {
		found, err := db.testimonyOf(ctx, pool, epoch)
		if err != nil {
			return nil, fmt.Errorf("testimony of epoch %d of pool %s: %w", epoch, pool, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// Settle notes that a call's testimony has been heard.
func (db *DB) Settle(ctx context.Context, pool string, call queue.CallID) error {
	_, err := db.conns.Exec(ctx, "UPDATE testimony SET settled_at = now() WHERE pool = $1 AND call = $2 AND settled_at IS NULL", pool, text(call))
	if err != nil {
		return fmt.Errorf("settle the testimony of call %s: %w", call, err)
	}
	return nil
}

func (db *DB) testimonyOf(ctx context.Context, pool string, epoch int64) ([]queue.CorrectCall, error) {
	records, open, err := db.testified(ctx, pool, epoch)
	if err != nil {
		return nil, err
	}
	acd, err := db.loadUntil(ctx, pool, records[0].Seq-1)
	if err != nil {
		return nil, err
	}
	changed, until := changes{}, time.Time{}
	for _, r := range records {
		rows, err := fold(acd, r)
		if err != nil { // a hole: what is before it is heard
			slog.Error("testimony of a former leader cannot be read to its end", "pool", pool, "epoch", epoch, "err", err)
			break
		}
		changed.add(rows)
		until = r.At
	}
	var found []queue.CorrectCall
	for _, c := range changed.calls.rows {
		if !open[c.ID] {
			continue
		}
		delete(open, c.ID)
		t := queue.Testimony{Call: c, Offers: ofCall(changed.offers.rows, func(o queue.Offer) queue.CallID { return o.Call }, c.ID),
			Parts:      ofCall(changed.parts.rows, func(p queue.Part) queue.CallID { return p.Call }, c.ID),
			Violations: ofCall(changed.violations.rows, func(v queue.Violation) queue.CallID { return v.Call }, c.ID), Until: until}
		in, corrects, lives, err := db.against(ctx, t)
		switch {
		case err != nil:
			return nil, err
		case corrects:
			found = append(found, in)
		case !lives:
			err = db.Settle(ctx, pool, c.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	// What is left is about no call, or about one of which no row changed.
	for call := range open {
		if err := db.Settle(ctx, pool, call); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// testified are all records of an epoch's testimony, and the calls that are
// still to be heard.
func (db *DB) testified(ctx context.Context, pool string, epoch int64) (records []queue.Record, open map[queue.CallID]bool, err error) {
	rows, err := db.conns.Query(ctx, "SELECT seq, at, call, type, data::text, settled_at IS NULL FROM testimony WHERE pool = $1 AND epoch = $2 ORDER BY seq", pool, epoch)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	open = map[queue.CallID]bool{}
	for rows.Next() {
		r := queue.Record{Epoch: uint64(epoch)}
		var call, kind, data string
		var unsettled bool
		if err := rows.Scan(&r.Seq, &r.At, &call, &kind, &data, &unsettled); err != nil {
			return nil, nil, err
		}
		r.At = r.At.UTC()
		if r.Event, err = queue.DecodeEvent(kind, []byte(data)); err != nil {
			return nil, nil, err
		}
		if records = append(records, r); unsettled {
			open[queue.CallID(call)] = true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	return records, open, nil
}

// against compares a testimony with what is on record of its call; lives: the
// call is not over yet.
func (db *DB) against(ctx context.Context, t queue.Testimony) (in queue.CorrectCall, corrects, lives bool, err error) {
	known, err := db.Call(ctx, t.Call.ID)
	if errors.Is(err, ErrNotFound) {
		in, corrects = t.Against(nil, nil, nil)
		return in, corrects, false, nil
	}
	if err != nil {
		return in, false, false, err
	}
	if known.Call.State != queue.CallEnded {
		return in, false, true, nil
	}
	in, corrects = t.Against(&known.Call, known.Offers, known.Parts)
	return in, corrects, false, nil
}

func ofCall[T any](rows []T, call func(T) queue.CallID, id queue.CallID) []T {
	return slices.DeleteFunc(slices.Clone(rows), func(row T) bool { return call(row) != id })
}

// loadUntil is the state of a pool as it was after a record.
func (db *DB) loadUntil(ctx context.Context, pool string, seq uint64) (*queue.ACD, error) {
	rows, err := db.conns.Query(ctx, "SELECT state::text FROM checkpoints WHERE pool = $1 AND seq <= $2 ORDER BY seq DESC", pool, int64(seq))
	if err != nil {
		return nil, err
	}
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	acd := queue.New()
	for _, state := range states {
		if restored, err := queue.Restore([]byte(state)); err == nil {
			acd = restored
			break
		}
	}
	reached := errors.New(strconv.FormatUint(seq, 10))
	err = db.eachRecord(ctx, pool, acd.Seq(), func(r queue.Record) error {
		if r.Seq > seq {
			return reached
		}
		_, err := fold(acd, r)
		return err
	})
	if errors.Is(err, reached) {
		err = nil
	}
	return acd, err
}

// TookOver tells whether a leader of a pool was replaced while a call lasted:
// then more may be known of it than is on record.
func (db *DB) TookOver(ctx context.Context, c queue.Call) (bool, error) {
	var took bool
	until := cmp.Or(c.EndedAt, time.Now()).Add(time.Minute) // the next may come after the call's end
	err := db.conns.QueryRow(ctx, "SELECT EXISTS (SELECT FROM epochs WHERE epoch > 1 AND taken_at BETWEEN $1 AND $2)", c.ArrivedAt.UTC(), until.UTC()).Scan(&took)
	if err != nil {
		return false, fmt.Errorf("who led during call %s: %w", c.ID, err)
	}
	return took, nil
}
