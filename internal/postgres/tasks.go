package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// selectTasks reads tasks with how far they are. Where several judge one task
// because it was handed on, the one that counts is shown.
const selectTasks = `SELECT t.body, t.scorer, e.id, e.submitted_at, (SELECT c.arrived_at FROM calls c WHERE c.call = t.call LIMIT 1) FROM qa_tasks t LEFT JOIN LATERAL (
		SELECT e.id, (e.body #>> '{versions,0,at}')::timestamptz AS submitted_at FROM qa_evaluations e
		WHERE e.task = t.id AND e.task <> '' ORDER BY e.state = 'draft', e.begun_at LIMIT 1) e ON true`

func scanTask(row pgx.CollectableRow) (t qa.Task, err error) {
	var evaluation *string
	err = row.Scan(document{&t}, &t.Scorer, &evaluation, stamp{&t.SubmittedAt}, stamp{&t.CallAt})
	if evaluation != nil {
		t.Evaluation = *evaluation
	}
	return t, err
}

// Tasks returns those that match, what is due first before the rest.
func (db *DB) Tasks(ctx context.Context, f qa.TaskFilter) ([]qa.Task, error) {
	var w where
	equal(&w, "t.draw", f.Draw)
	equal(&w, "t.scorer", f.Scorer)
	equal(&w, "t.call", f.Call)
	if f.Agents != nil {
		w.add("t.agent = ANY(?::text[])", agentNames(f.Agents))
	}
	if f.Open {
		w.add("t.dropped IS NULL")
		w.add("e.submitted_at IS NULL")
	}
	all, err := tasks(ctx, db.conns, selectTasks+w.String()+" ORDER BY t.due, t.id LIMIT "+strconv.Itoa(f.Limit), w.args...)
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return all, nil
}

func tasks(ctx context.Context, q asker, sql string, args ...any) ([]qa.Task, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTask)
}

// Progress counts each draw's tasks that were not dropped; a draw without tasks
// is not in it. today is a day of the centre.
func (db *DB) Progress(ctx context.Context, today string) (map[string]qa.Progress, error) {
	rows, err := db.conns.Query(ctx, `SELECT t.draw, count(*), count(*) FILTER (WHERE done), count(*) FILTER (WHERE NOT done AND due < $1) FROM (
			SELECT draw, due, EXISTS (SELECT FROM qa_evaluations e WHERE e.task = t.id AND e.task <> '' AND e.state <> 'draft') AS done
			FROM qa_tasks t WHERE dropped IS NULL) t GROUP BY draw`, today)
	if err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	out := map[string]qa.Progress{}
	var draw string
	var p qa.Progress
	if _, err := pgx.ForEachRow(rows, []any{&draw, &p.Tasks, &p.Done, &p.Overdue}, func() error { out[draw] = p; return nil }); err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	return out, nil
}

// Task returns one, or [qa.ErrUnknown].
func (db *DB) Task(ctx context.Context, id string) (qa.Task, error) {
	t, err := task(ctx, db.conns, id)
	if err != nil {
		return t, fmt.Errorf("task %s: %w", id, err)
	}
	return t, nil
}

func task(ctx context.Context, q asker, id string) (qa.Task, error) {
	all, err := tasks(ctx, q, selectTasks+" WHERE t.id = $1", text(id))
	if err == nil && len(all) == 0 {
		err = qa.ErrUnknown
	}
	if err != nil {
		return qa.Task{}, err
	}
	return all[0], nil
}

// Job is what a task asks for; [qa.ErrUnknown] of one that was dropped.
func (db *DB) Job(ctx context.Context, id string) (qa.Job, error) {
	t, err := db.Task(ctx, id)
	if err != nil {
		return qa.Job{}, err
	}
	if !t.Dropped.IsZero() {
		return qa.Job{}, fmt.Errorf("task %s was dropped: %w", id, qa.ErrUnknown)
	}
	return qa.Job{Call: t.Call, Agent: t.Agent, Form: t.Form, Origin: t.Reason.Origin(), Scorer: t.Scorer, Blind: t.Blind}, nil
}

// addTasks hands out what was picked.
func addTasks(ctx context.Context, tx pgx.Tx, d qa.Draw, picks []qa.Pick, replaces string, now time.Time, zone *time.Location) error {
	due := now.In(zone).AddDate(0, 0, d.Plan.DueDays).Format(time.DateOnly)
	all, calls := make([]qa.Task, 0, len(picks)), make([]string, 0, len(picks))
	for _, p := range picks {
		all = append(all, qa.Task{ID: strings.ToLower(rand.Text()[:16]), Draw: d.ID, Plan: d.Plan.ID, Call: p.Call, Agent: p.Agent, Reason: p.Reason, Ticket: p.Ticket,
			Form: d.Plan.Form, Due: due, Blind: d.Plan.Blind, Replaces: replaces})
		calls = append(calls, text(p.Call))
	}
	scorers, err := scorers(ctx, tx, d.Plan.Scorers)
	if err != nil {
		return err
	}
	had, err := judging(ctx, tx, calls)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for _, t := range qa.Assign(all, scorers, had) {
		b.Queue("INSERT INTO qa_tasks (id, draw, call, agent, reason, scorer, due, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			t.ID, text(t.Draw), text(t.Call), text(t.Agent), text(t.Reason), text(t.Scorer), t.Due, document{t})
	}
	return send(ctx, tx, b)
}

// scorers are the accounts that may judge, with what lies on their desks.
func scorers(ctx context.Context, q asker, names []qa.Scorer) ([]qa.Load, error) {
	rows, err := q.Query(ctx, `SELECT u.name, coalesce(u.agent, ''), (SELECT count(*) FROM qa_tasks t WHERE t.scorer = u.name AND t.dropped IS NULL
			AND NOT EXISTS (SELECT FROM qa_evaluations e WHERE e.task = t.id AND e.state <> 'draft'))
		FROM users u WHERE NOT u.disabled AND CASE WHEN cardinality($1::text[]) = 0 THEN u.role = 'qa' ELSE u.role IN ('qa', 'supervisor') AND u.name = ANY($1) END ORDER BY u.name`,
		append([]string{}, names...))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l qa.Load, err error) {
		err = row.Scan(&l.Name, &l.Agent, &l.Open)
		return l, err
	})
}

// judging are who judges or shall judge which of some calls.
func judging(ctx context.Context, q asker, calls []string) (map[qa.Scorer][]queue.CallID, error) {
	rows, err := q.Query(ctx, `SELECT scorer, call FROM qa_evaluations WHERE call = ANY($1)
		UNION SELECT scorer, call FROM qa_tasks WHERE call = ANY($1) AND scorer <> '' AND dropped IS NULL`, calls)
	if err != nil {
		return nil, err
	}
	out := map[qa.Scorer][]queue.CallID{}
	var scorer string
	var call queue.CallID
	_, err = pgx.ForEachRow(rows, []any{&scorer, &call}, func() error { out[scorer] = append(out[scorer], call); return nil })
	return out, err
}

// HandTask gives a task to another scorer; [qa.ErrUnknown] if there is no such
// task or scorer.
func (db *DB) HandTask(ctx context.Context, id string, to qa.Scorer) (t qa.Task, _ error) {
	err := db.changeTask(ctx, id, &t, func(tx pgx.Tx) error {
		who, err := scorers(ctx, tx, []qa.Scorer{to})
		if err == nil && len(who) == 0 {
			err = qa.ErrNoScorer
		}
		if err != nil {
			return err
		}
		had, err := judging(ctx, tx, []string{text(t.Call)})
		if err == nil {
			t, err = t.Hand(who[0].Person, slices.Contains(had[to], t.Call))
		}
		return err
	})
	return t, err
}

// DropTask gives a task up. What was drawn by chance is replaced by the
// agent's next ticket, if there is one.
func (db *DB) DropTask(ctx context.Context, id string, now time.Time, why string, by qa.Person, zone *time.Location) (t qa.Task, _ error) {
	now = now.UTC().Truncate(time.Microsecond)
	err := db.changeTask(ctx, id, &t, func(tx pgx.Tx) (err error) {
		if t, err = t.Drop(now, why, by); err != nil || t.Reason != qa.ByChance {
			return err
		}
		var d qa.Draw
		var lines []byte
		// Two who drop tasks of one draw do so one after the other.
		err = tx.QueryRow(ctx, "SELECT body, population FROM qa_draws WHERE id = $1 FOR UPDATE", text(t.Draw)).Scan(document{&d}, &lines)
		if err != nil {
			return err
		}
		all, err := tasks(ctx, tx, selectTasks+" WHERE t.draw = $1", text(t.Draw))
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].ID == t.ID {
				all[i] = t
			}
		}
		seed, err := hex.DecodeString(d.Seed)
		if err != nil {
			return err
		}
		population, err := qa.ReadLines(lines)
		if err != nil {
			return err
		}
		return addTasks(ctx, tx, d, d.Next(seed, population, all), t.ID, now, zone)
	})
	return t, err
}

// changeTask changes a task while nobody else does.
func (db *DB) changeTask(ctx context.Context, id string, t *qa.Task, change func(pgx.Tx) error) error {
	err := db.inTx(ctx, func(tx pgx.Tx) (err error) {
		var locked string
		err = tx.QueryRow(ctx, "SELECT id FROM qa_tasks WHERE id = $1 FOR UPDATE", text(id)).Scan(&locked)
		if errors.Is(err, pgx.ErrNoRows) {
			return qa.ErrUnknown
		}
		if err == nil {
			*t, err = task(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		kept := *t
		kept.Evaluation, kept.SubmittedAt, kept.CallAt = "", time.Time{}, time.Time{} // they are the evaluation's and the call's
		_, err = tx.Exec(ctx, "UPDATE qa_tasks SET scorer = $2, dropped = $3, body = $4 WHERE id = $1", text(id), text(t.Scorer), stamp{&t.Dropped}, document{kept})
		return err
	})
	if err != nil {
		return fmt.Errorf("change task %s: %w", id, err)
	}
	return nil
}
