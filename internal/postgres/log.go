package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// ErrFenced: a newer epoch was taken for the pool, so this writer no longer
// leads it and must not write.
var ErrFenced = errors.New("a newer leader has taken over the pool")

// ErrConflict: the log holds another record under the same number.
var ErrConflict = errors.New("the log holds another record under this number")

// errBadLog: the log cannot be folded by this program.
var errBadLog = errors.New("the log does not make sense to this program")

// TakeEpoch begins a new term of office for the pool and returns it. From here
// on writers of earlier epochs fail with ErrFenced; a transaction of theirs
// that is under way is waited for. Node is who leads now, for people to read.
func (db *DB) TakeEpoch(ctx context.Context, pool, node string) (uint64, error) {
	var epoch uint64
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `INSERT INTO pools (pool, epoch) VALUES ($1, 1)
			ON CONFLICT (pool) DO UPDATE SET epoch = pools.epoch + 1 RETURNING epoch`, pool).Scan(&epoch); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO epochs (pool, epoch, node) VALUES ($1, $2, $3)", pool, epoch, node)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("take an epoch of pool %s: %w", pool, err)
	}
	return epoch, nil
}

// fence fails unless the epoch is still the pool's newest, and keeps it so
// until the transaction ends.
func fence(ctx context.Context, tx pgx.Tx, pool string, epoch uint64) error {
	var newest uint64
	err := tx.QueryRow(ctx, "SELECT epoch FROM pools WHERE pool = $1 FOR SHARE", pool).Scan(&newest)
	return fenced(pool, epoch, newest, err)
}

// Leads asks whether an epoch is still the pool's newest: it fails with
// ErrFenced when it is not, and otherwise when Postgres cannot tell. It holds
// for the instant of the answer only.
func (db *DB) Leads(ctx context.Context, pool string, epoch uint64) error {
	var newest uint64
	err := db.conns.QueryRow(ctx, "SELECT epoch FROM pools WHERE pool = $1", pool).Scan(&newest)
	if err = fenced(pool, epoch, newest, err); err != nil {
		return fmt.Errorf("ask who leads pool %s: %w", pool, err)
	}
	return nil
}

// fenced judges what was read of a pool's newest epoch.
func fenced(pool string, epoch, newest uint64, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: pool %s has no epoch at all; was the database replaced?", ErrFenced, pool)
	}
	if err == nil && newest != epoch {
		err = fmt.Errorf("%w: epoch %d, we have %d", ErrFenced, newest, epoch)
	}
	return err
}

// entry is a record on its way into the log.
type entry struct {
	record queue.Record
	kind   string
	data   string
	about  queue.Subject
	rows   queue.Rows
	folded bool // rows are there
}

func newEntry(r queue.Record) (entry, error) {
	kind, data, err := queue.EncodeEvent(r.Event)
	if err != nil {
		return entry{}, err
	}
	return entry{record: r, kind: kind, data: jsonText(data), about: queue.About(r.Event)}, nil
}

// insert writes entries into the log; those that are there already are left
// alone if they are the same, which makes a doubtful commit safe to repeat.
func insert(ctx context.Context, tx pgx.Tx, pool string, entries []entry) error {
	n := len(entries)
	seqs, ats, epochs := make([]int64, n), make([]time.Time, n), make([]int64, n)
	callIDs, agents, offerIDs := make([]string, n), make([]string, n), make([]string, n)
	kinds, datas := make([]string, n), make([]string, n)
	for i, e := range entries {
		seqs[i], ats[i], epochs[i] = int64(e.record.Seq), e.record.At.UTC(), int64(e.record.Epoch)
		callIDs[i], agents[i], offerIDs[i] = text(e.about.Call), text(e.about.Agent), text(e.about.Offer)
		kinds[i], datas[i] = e.kind, e.data
	}
	args := []any{pool, seqs, ats, epochs, callIDs, agents, offerIDs, kinds, datas}
	const given = `unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
		AS g (seq, at, epoch, call, agent, offer, type, data)`
	tag, err := tx.Exec(ctx, `INSERT INTO events (pool, seq, at, epoch, call, agent, offer, type, data)
		SELECT $1, g.seq, g.at, g.epoch, g.call, g.agent, g.offer, g.type, g.data::jsonb FROM `+given+`
		ON CONFLICT (pool, seq) DO NOTHING`, args...)
	if err != nil || tag.RowsAffected() == int64(n) {
		return err
	}
	var other int64
	err = tx.QueryRow(ctx, `SELECT coalesce(min(g.seq), 0) FROM `+given+` JOIN events e ON e.pool = $1 AND e.seq = g.seq
		WHERE (e.at, e.epoch, e.call, e.agent, e.offer, e.type, e.data) IS DISTINCT FROM (g.at, g.epoch, g.call, g.agent, g.offer, g.type, g.data::jsonb)`, args...).Scan(&other)
	if err == nil && other != 0 {
		err = fmt.Errorf("%w: pool %s, record %d", ErrConflict, pool, other)
	}
	return err
}

// eachRecord streams the log of a pool after a number.
func (db *DB) eachRecord(ctx context.Context, pool string, after uint64, f func(queue.Record) error) error {
	rows, err := db.conns.Query(ctx, "SELECT seq, at, epoch, type, data::text FROM events WHERE pool = $1 AND seq > $2 ORDER BY seq", pool, after)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r queue.Record
		var kind, data string
		if err := rows.Scan(&r.Seq, &r.At, &r.Epoch, &kind, &data); err != nil {
			return err
		}
		r.At = r.At.UTC()
		if r.Event, err = queue.DecodeEvent(kind, []byte(data)); err != nil {
			return fmt.Errorf("%w: record %d: %w", errBadLog, r.Seq, err)
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fold applies a record to a replica. The core trusts its own log; a log with
// a hole or from elsewhere makes it panic, which becomes an error here.
func fold(acd *queue.ACD, r queue.Record) (rows queue.Rows, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: record %d (%s) does not fit the state before it: %v", errBadLog, r.Seq, queue.TypeOf(r.Event), p)
		}
	}()
	return acd.Apply(r), nil
}

// Load returns the state of a pool: its last checkpoint and what was recorded
// after it. A checkpoint that this program cannot read is passed over. An
// unknown pool is empty.
func (db *DB) Load(ctx context.Context, pool string) (*queue.ACD, error) {
	rows, err := db.conns.Query(ctx, "SELECT state::text FROM checkpoints WHERE pool = $1 ORDER BY seq DESC", pool)
	if err != nil {
		return nil, fmt.Errorf("load pool %s: %w", pool, err)
	}
	states, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("load pool %s: %w", pool, err)
	}
	acd := queue.New()
	for _, state := range states {
		restored, err := queue.Restore([]byte(state))
		if err == nil {
			acd = restored
			break
		}
		slog.Warn("a checkpoint cannot be read; folding more of the log instead", "pool", pool, "err", err)
	}
	if err := db.foldTail(ctx, pool, acd); err != nil {
		return nil, fmt.Errorf("load pool %s: %w", pool, err)
	}
	return acd, nil
}

// foldTail folds what was recorded after the state.
func (db *DB) foldTail(ctx context.Context, pool string, acd *queue.ACD) error {
	return db.eachRecord(ctx, pool, acd.Seq(), func(r queue.Record) error {
		_, err := fold(acd, r)
		return err
	})
}

// keptCheckpoints are enough to fall back on when the newest cannot be read.
const keptCheckpoints = 3

// SaveCheckpoint stores the state, so that the next Load starts from it.
func (db *DB) SaveCheckpoint(ctx context.Context, pool string, epoch uint64, acd *queue.ACD) error {
	state, err := acd.Checkpoint()
	if err != nil {
		return err
	}
	err = db.inTx(ctx, func(tx pgx.Tx) error {
		if err := fence(ctx, tx, pool, epoch); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO checkpoints (pool, seq, state) VALUES ($1, $2, $3::text::jsonb)
			ON CONFLICT (pool, seq) DO UPDATE SET state = excluded.state, at = now()`, pool, acd.Seq(), jsonText(state)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM checkpoints WHERE pool = $1 AND seq NOT IN
			(SELECT seq FROM checkpoints WHERE pool = $1 ORDER BY seq DESC LIMIT $2)`, pool, keptCheckpoints)
		return err
	})
	if err != nil {
		return fmt.Errorf("save checkpoint of pool %s: %w", pool, err)
	}
	return nil
}
