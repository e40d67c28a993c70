package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// Appeals counts an agent's appeals since a time.
func (db *DB) Appeals(ctx context.Context, agent queue.AgentID, since time.Time) (n int, _ error) {
	err := db.conns.QueryRow(ctx, `SELECT count(*) FROM qa_evaluation_events v JOIN qa_evaluations e ON e.id = v.evaluation
		WHERE v.kind = 'appealed' AND v.at >= $2 AND e.agent = $1`, text(agent), since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the appeals of agent %s: %w", agent, err)
	}
	return n, nil
}

// Conversations counts the calls that each agent had a part in, of those that
// arrived in a period: what random evaluations are a sample of.
func (db *DB) Conversations(ctx context.Context, since, until time.Time) (map[queue.AgentID]int, error) {
	rows, err := db.conns.Query(ctx, `SELECT p.agent, count(DISTINCT p.call) FROM parts p JOIN calls c ON c.pool = p.pool AND c.call = p.call
		WHERE c.arrived_at >= $1 AND c.arrived_at < $2 AND p.agent <> '' GROUP BY p.agent`, since, until)
	if err != nil {
		return nil, fmt.Errorf("count conversations: %w", err)
	}
	out := map[queue.AgentID]int{}
	var agent string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&agent, &n}, func() error { out[queue.AgentID(agent)] = n; return nil }); err != nil {
		return nil, fmt.Errorf("count conversations: %w", err)
	}
	return out, nil
}

// AddCoaching stores a new coaching note.
func (db *DB) AddCoaching(ctx context.Context, c qa.Coaching) error {
	_, err := db.conns.Exec(ctx, "INSERT INTO qa_coaching (id, agent, owner, due, done_at, body) VALUES ($1, $2, $3, $4, $5, $6)",
		text(c.ID), text(c.Agent), text(c.Owner), text(c.Due), stamp{&c.DoneAt}, document{c})
	if err != nil {
		return fmt.Errorf("add a coaching of agent %s: %w", c.Agent, err)
	}
	return nil
}

// ChangeCoaching changes one, or [qa.ErrUnknown].
func (db *DB) ChangeCoaching(ctx context.Context, id string, change func(qa.Coaching) (qa.Coaching, error)) (c qa.Coaching, _ error) {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		err := oneBody(ctx, tx, &c, "SELECT body FROM qa_coaching WHERE id = $1 FOR UPDATE", id)
		if err == nil {
			c, err = change(c)
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE qa_coaching SET done_at = $2, body = $3 WHERE id = $1", text(id), stamp{&c.DoneAt}, document{c})
		return err
	})
	if err != nil {
		return c, fmt.Errorf("change coaching %s: %w", id, err)
	}
	return c, nil
}

// Coachings lists the coaching notes of some agents (nil: of all): what is open
// first, by its due day, then what is done, newest first.
func (db *DB) Coachings(ctx context.Context, agents []queue.AgentID, limit int) ([]qa.Coaching, error) {
	all, err := bodies[qa.Coaching](ctx, db, `SELECT body FROM qa_coaching WHERE $1 OR agent = ANY($2)
		ORDER BY done_at DESC NULLS FIRST, due, id LIMIT $3`, agents == nil, agentNames(agents), limit)
	if err != nil {
		return nil, fmt.Errorf("list coaching: %w", err)
	}
	return all, nil
}

// AddCalibration stores a new calibration.
func (db *DB) AddCalibration(ctx context.Context, c qa.Calibration) error {
	_, err := db.conns.Exec(ctx, "INSERT INTO qa_calibrations (id, at, closed_at, body) VALUES ($1, $2, $3, $4)",
		text(c.ID), c.At, stamp{&c.ClosedAt}, document{c})
	if err != nil {
		return fmt.Errorf("add a calibration: %w", err)
	}
	return nil
}

// ChangeCalibration changes one while nobody else does, or [qa.ErrUnknown].
func (db *DB) ChangeCalibration(ctx context.Context, id string, change func(qa.Calibration) (qa.Calibration, error)) (c qa.Calibration, _ error) {
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		err := oneBody(ctx, tx, &c, "SELECT body FROM qa_calibrations WHERE id = $1 FOR UPDATE", id)
		if err == nil {
			c, err = change(c)
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE qa_calibrations SET closed_at = $2, body = $3 WHERE id = $1", text(id), stamp{&c.ClosedAt}, document{c})
		return err
	})
	if err != nil {
		return c, fmt.Errorf("change calibration %s: %w", id, err)
	}
	return c, nil
}

// Calibrations lists them, newest first.
func (db *DB) Calibrations(ctx context.Context, limit int) ([]qa.Calibration, error) {
	all, err := bodies[qa.Calibration](ctx, db, "SELECT body FROM qa_calibrations ORDER BY at DESC, id LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("list calibrations: %w", err)
	}
	return all, nil
}
