package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// latest gathers what many records changed: of each row only the last version
// is written, in the order in which the rows first appeared.
type latest[K comparable, T any] struct {
	at   map[K]int
	rows []T
}

func (l *latest[K, T]) put(key K, row T) {
	if i, ok := l.at[key]; ok {
		l.rows[i] = row
		return
	}
	if l.at == nil {
		l.at = map[K]int{}
	}
	l.at[key] = len(l.rows)
	l.rows = append(l.rows, row)
}

type intervalKey struct {
	agent queue.AgentID
	from  int64 // microseconds, as stored
}

type violationKey struct {
	offer queue.OfferID
	rule  string
	at    int64
}

type partKey struct {
	call queue.CallID
	n    int
}

// changes is what a batch of records changed in the projections.
type changes struct {
	calls      latest[queue.CallID, queue.Call]
	offers     latest[queue.OfferID, queue.Offer]
	intervals  latest[intervalKey, queue.AgentInterval]
	violations latest[violationKey, queue.Violation]
	parts      latest[partKey, queue.Part]
	registered latest[queue.CallID, queue.CallRegistration]
	cases      latest[queue.CallID, queue.Case]
}

func (c *changes) add(r queue.Rows) {
	for _, row := range r.Calls {
		c.calls.put(row.ID, row)
	}
	for _, row := range r.Offers {
		c.offers.put(row.ID, row)
	}
	for _, row := range r.Intervals {
		c.intervals.put(intervalKey{row.Agent, row.From.UnixMicro()}, row)
	}
	for _, row := range r.Violations {
		c.violations.put(violationKey{row.Offer, row.Rule, row.At.UnixMicro()}, row)
	}
	for _, row := range r.Parts {
		c.parts.put(partKey{row.Call, row.N}, row)
	}
	for _, row := range r.Registrations {
		c.registered.put(row.Call, row)
	}
	for _, row := range r.Cases {
		c.cases.put(row.ID, row)
	}
}

// queue adds the statements that write the changes.
func (c *changes) queue(b *pgx.Batch, pool string) {
	queueRows(b, pool, &calls, c.calls.rows)
	queueRows(b, pool, &offers, c.offers.rows)
	queueRows(b, pool, &intervals, c.intervals.rows)
	queueRows(b, pool, &violations, c.violations.rows)
	queueRows(b, pool, &parts, c.parts.rows)
	for _, r := range c.registered.rows { // after the calls, which may end in the same batch
		b.Queue(updateRegistration, pool, word(&r.Call), word(&r.Category), word(&r.RegisteredBy), stamp{&r.RegisteredAt}, word(&r.Note), r.RegistrationMissed)
	}
	queueRows(b, pool, &cases, c.cases.rows)
}

// updateRegistration writes what is registered of a call that is over: its row
// is not written as a whole any more.
const updateRegistration = `UPDATE calls SET category = $3, registered_by = $4, registered_at = $5, note = $6, registration_missed = $7
	WHERE pool = $1 AND call = $2`

func queueRows[T any](b *pgx.Batch, pool string, t *table[T], rows []T) {
	sql := t.upsert()
	for i := range rows {
		b.Queue(sql, append([]any{pool}, t.fields(&rows[i])...)...)
	}
}

// send carries out a batch and reports its first failure.
func send(ctx context.Context, tx pgx.Tx, b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, b).Close()
}

// Rebuild throws the projections of a pool away and folds its whole log again.
// The journal waits meanwhile (its spool keeps what happens).
func (db *DB) Rebuild(ctx context.Context, pool string) error {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT FROM pools WHERE pool = $1 FOR UPDATE", pool); err != nil {
			return err
		}
		for _, name := range []string{calls.name, offers.name, intervals.name, violations.name, parts.name, cases.name} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+name+" WHERE pool = $1", pool); err != nil {
				return err
			}
		}
		acd, changed, folded := queue.New(), changes{}, 0
		write := func() error {
			b := &pgx.Batch{}
			changed.queue(b, pool)
			changed = changes{}
			return send(ctx, tx, b)
		}
		// The log is read on another connection: rows cannot be written while
		// a result is still being read on the same one.
		err := db.eachRecord(ctx, pool, 0, func(r queue.Record) error {
			rows, err := fold(acd, r)
			if err != nil {
				return err
			}
			changed.add(rows)
			if folded++; folded%2000 == 0 {
				return write()
			}
			return nil
		})
		if err != nil {
			return err
		}
		return write()
	})
	if err != nil {
		return fmt.Errorf("rebuild projections of pool %s: %w", pool, err)
	}
	return nil
}
