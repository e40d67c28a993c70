package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/recording/qa"
)

// AddPlan stores a new plan and promises its first periods.
func (db *DB) AddPlan(ctx context.Context, p qa.Plan, zone *time.Location) error {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO qa_plans (id, ended_at, body) VALUES ($1, $2, $3)", text(p.ID), stamp{&p.EndedAt}, document{p}); err != nil {
			return err
		}
		return promise(ctx, tx, p, p.At, zone)
	})
	if err != nil {
		return fmt.Errorf("add plan %s: %w", p.ID, err)
	}
	return nil
}

// ChangePlan changes one while nobody else does, or [qa.ErrUnknown]. Draws that
// were made keep the plan they were made by.
func (db *DB) ChangePlan(ctx context.Context, id string, zone *time.Location, change func(qa.Plan) (qa.Plan, error)) (p qa.Plan, _ error) {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		err := oneBody(ctx, tx, &p, "SELECT body FROM qa_plans WHERE id = $1 FOR UPDATE", id)
		if err == nil {
			p, err = change(p)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE qa_plans SET ended_at = $2, body = $3 WHERE id = $1", text(id), stamp{&p.EndedAt}, document{p}); err != nil {
			return err
		}
		return promise(ctx, tx, p, p.At, zone)
	})
	if err != nil {
		return p, fmt.Errorf("change plan %s: %w", id, err)
	}
	return p, nil
}

// Plans lists all, those in use first, by name.
func (db *DB) Plans(ctx context.Context) ([]qa.Plan, error) {
	all, err := bodies[qa.Plan](ctx, db, "SELECT body FROM qa_plans ORDER BY ended_at IS NOT NULL, body ->> 'name', id")
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return all, nil
}

// Promise makes the seeds of the periods that every plan in use needs by now.
func (db *DB) Promise(ctx context.Context, now time.Time, zone *time.Location) error {
	plans, err := db.Plans(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if err := db.inTx(ctx, func(tx pgx.Tx) error { return promise(ctx, tx, p, now, zone) }); err != nil {
			return fmt.Errorf("seeds of plan %s: %w", p.ID, err)
		}
	}
	return nil
}

func promise(ctx context.Context, tx pgx.Tx, p qa.Plan, now time.Time, zone *time.Location) error {
	now = now.UTC().Truncate(time.Microsecond)
	for _, x := range p.Periods(now, zone) {
		seed := make([]byte, qa.SeedSize)
		_, _ = rand.Read(seed) // never fails
		d := qa.Draw{ID: strings.ToLower(rand.Text()[:16]), Plan: p, Since: x.Since, Until: x.Until, CommittedAt: now, Commitment: qa.Commitment(seed), Picks: []qa.Pick{}}
		if _, err := tx.Exec(ctx, `INSERT INTO qa_draws (id, plan, since, until, committed_at, commitment, seed, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			d.ID, text(p.ID), d.Since, d.Until, d.CommittedAt, d.Commitment, seed, document{d}); err != nil {
			return err
		}
	}
	return nil
}

// Draws lists those of a plan, or of all, newest period first, without what
// was picked.
func (db *DB) Draws(ctx context.Context, plan string, limit int) ([]qa.Draw, error) {
	all, err := bodies[qa.Draw](ctx, db, "SELECT jsonb_set(body, '{picks}', '[]') FROM qa_draws WHERE $1 = '' OR plan = $1 ORDER BY since DESC, id LIMIT $2", text(plan), limit)
	if err != nil {
		return nil, fmt.Errorf("list draws: %w", err)
	}
	return all, nil
}

// Draw returns one with the lines of its population, which are empty before it
// was drawn; or [qa.ErrUnknown].
func (db *DB) Draw(ctx context.Context, id string) (d qa.Draw, lines []byte, _ error) {
	err := db.conns.QueryRow(ctx, "SELECT body, coalesce(population, '') FROM qa_draws WHERE id = $1", text(id)).Scan(document{&d}, &lines)
	if errors.Is(err, pgx.ErrNoRows) {
		err = qa.ErrUnknown
	}
	if err != nil {
		return d, nil, fmt.Errorf("draw %s: %w", id, err)
	}
	return d, lines, nil
}

// drawAfter is how long after a period's end it is drawn: its last calls end,
// and their recordings come in.
const drawAfter = time.Hour

// DueDraws are those that it is time for.
func (db *DB) DueDraws(ctx context.Context, now time.Time) ([]string, error) {
	rows, err := db.conns.Query(ctx, `SELECT d.id FROM qa_draws d JOIN qa_plans p ON p.id = d.plan
		WHERE d.drawn_at IS NULL AND d.until <= $1 AND p.ended_at IS NULL ORDER BY d.until, d.id`, now.Add(-drawAfter))
	if err == nil {
		var ids []string
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err == nil {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("draws that are due: %w", err)
}

// MakeDraw draws a period and hands the tasks out.
func (db *DB) MakeDraw(ctx context.Context, id string, now time.Time, by qa.Scorer, zone *time.Location) (d qa.Draw, _ error) {
	now = now.UTC().Truncate(time.Microsecond)
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		var seed []byte
		var plan string
		err := tx.QueryRow(ctx, "SELECT body, seed, plan FROM qa_draws WHERE id = $1 FOR UPDATE", text(id)).Scan(document{&d}, &seed, &plan)
		if errors.Is(err, pgx.ErrNoRows) {
			return qa.ErrUnknown
		}
		var p qa.Plan
		if err == nil {
			err = oneBody(ctx, tx, &p, "SELECT body FROM qa_plans WHERE id = $1", plan)
		}
		if err != nil {
			return err
		}
		population, unheard, err := candidates(ctx, tx, p, qa.Period{Since: d.Since, Until: d.Until})
		if err != nil {
			return err
		}
		if d, err = d.Drawn(now, by, p, seed, population, unheard); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE qa_draws SET drawn_at = $2, body = $3, population = $4 WHERE id = $1", text(id), d.DrawnAt, document{d}, qa.Lines(population)); err != nil {
			return err
		}
		return addTasks(ctx, tx, d, d.Picks, "", now, zone)
	})
	if err != nil {
		return d, fmt.Errorf("make draw %s: %w", id, err)
	}
	return d, nil
}

// Candidates are the conversations of a period that a plan draws from, and how
// many more have no recording that could be heard.
func (db *DB) Candidates(ctx context.Context, p qa.Plan, period qa.Period) ([]qa.Candidate, int, error) {
	all, unheard, err := candidates(ctx, db.conns, p, period)
	if err != nil {
		return nil, 0, fmt.Errorf("conversations to draw from: %w", err)
	}
	return all, unheard, nil
}

type asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func candidates(ctx context.Context, q asker, p qa.Plan, period qa.Period) (all []qa.Candidate, unheard int, _ error) {
	queues := make([]string, 0, len(p.Queues))
	for _, id := range p.Queues {
		queues = append(queues, text(id))
	}
	// Who hung up is on the account of the agent who had the call then, rings of
	// the one who answered them.
	rows, err := q.Query(ctx, `WITH own AS (
			SELECT p.call, p.agent, c.arrived_at, CASE WHEN c.home <> '' THEN c.home ELSE c.queue END AS queue, sum(p.talk_ms) AS talk_ms,
				c.score, c.release = 'agent' AND c.agent = p.agent AS agent_left, NOT c.rings_within AND min(p.n) = 1 AND c.direction <> 'out' AS over_rings
			FROM calls c JOIN parts p ON p.pool = c.pool AND p.call = c.call
			WHERE c.arrived_at >= $1 AND c.arrived_at < $2 AND c.ended_at IS NOT NULL AND p.agent <> ''
				AND (cardinality($3::text[]) = 0 OR CASE WHEN c.home <> '' THEN c.home ELSE c.queue END = ANY($3))
				AND (cardinality($4::text[]) = 0 OR p.agent = ANY($4))
			GROUP BY p.call, p.agent, c.pool, c.call HAVING sum(p.talk_ms) >= $5
		), begun AS (SELECT agent, min(from_at) AS at FROM parts WHERE agent IN (SELECT agent FROM own) GROUP BY agent)
		SELECT o.call, o.agent, o.arrived_at, o.queue, o.talk_ms, o.score, o.agent_left, o.over_rings,
			coalesce(s.dead_air_ms, 0), greatest(0, floor(extract(epoch FROM o.arrived_at - b.at) / 86400))::int,
			coalesce(r.state IN ('kept', 'incomplete') AND r.erased_at IS NULL, false)
		FROM own o LEFT JOIN begun b ON b.agent = o.agent LEFT JOIN recordings r ON r.call = o.call LEFT JOIN recording_speech s ON s.call = o.call AND s.agent = o.agent`,
		period.Since, period.Until, queues, agentNames(p.Agents), p.MinTalk*1000)
	if err != nil {
		return nil, 0, err
	}
	var c qa.Candidate
	var talk float64
	var days *int
	var heard bool
	_, err = pgx.ForEachRow(rows, []any{&c.Call, &c.Agent, stamp{&c.At}, &c.Queue, &talk, &c.Mark, &c.AgentLeft, &c.OverRings, &c.DeadAirMS, &days, &heard}, func() error {
		if !heard {
			unheard++
			return nil
		}
		c.TalkMS, c.Days = int64(talk), 0
		if days != nil {
			c.Days = *days
		}
		all = append(all, c)
		return nil
	})
	return all, unheard, err
}
