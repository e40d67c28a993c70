package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// SaveForm stores a version of a form that is not published yet;
// [qa.ErrFinal] if it is.
func (db *DB) SaveForm(ctx context.Context, v qa.FormVersion) error {
	tag, err := db.conns.Exec(ctx, `INSERT INTO qa_forms (id, version, form, author, reason, saved_at, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id, version) DO UPDATE SET form = excluded.form, author = excluded.author, reason = excluded.reason,
			saved_at = excluded.saved_at, published_at = excluded.published_at WHERE qa_forms.published_at IS NULL`,
		text(v.Form.ID), v.Form.Version, document{v.Form}, text(v.Author), text(v.Reason), v.SavedAt, stamp{&v.PublishedAt})
	if err == nil && tag.RowsAffected() == 0 {
		err = qa.ErrFinal
	}
	if err != nil {
		return fmt.Errorf("save form %s, version %d: %w", v.Form.ID, v.Form.Version, err)
	}
	return nil
}

// FirstForm stores a published form where there is none at all.
func (db *DB) FirstForm(ctx context.Context, v qa.FormVersion) error {
	_, err := db.conns.Exec(ctx, `INSERT INTO qa_forms (id, version, form, author, reason, saved_at, published_at)
		SELECT $1, $2, $3, $4, $5, $6, $6 WHERE NOT EXISTS (SELECT FROM qa_forms) ON CONFLICT DO NOTHING`,
		text(v.Form.ID), v.Form.Version, document{v.Form}, text(v.Author), text(v.Reason), v.PublishedAt)
	if err != nil {
		return fmt.Errorf("save the first form: %w", err)
	}
	return nil
}

// Forms lists every version of every form, newest version first.
func (db *DB) Forms(ctx context.Context) ([]qa.FormVersion, error) {
	rows, err := db.conns.Query(ctx, "SELECT form, author, reason, saved_at, published_at FROM qa_forms ORDER BY id, version DESC")
	if err == nil {
		var all []qa.FormVersion
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v qa.FormVersion, err error) {
			err = row.Scan(document{&v.Form}, &v.Author, &v.Reason, stamp{&v.SavedAt}, stamp{&v.PublishedAt})
			return v, err
		})
		if err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("list forms: %w", err)
}

// AddEvaluation stores a new evaluation with its first event;
// [qa.ErrThere] if its scorer judges that conversation already.
func (db *DB) AddEvaluation(ctx context.Context, at time.Time, ev qa.Begun) (qa.Evaluation, error) {
	at = at.UTC().Truncate(time.Microsecond)
	e := qa.Evaluation{}.Apply(at, ev)
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO qa_evaluations (id, task, call, agent, call_at, origin, scorer, state, begun_at, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
			text(e.ID), text(e.Task), text(e.Call), text(e.Agent), e.CallAt, text(e.Origin), text(e.Scorer), text(e.State), e.BegunAt, document{e})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return qa.ErrThere
		}
		return logEvaluation(ctx, tx, e, at, ev)
	})
	if err != nil {
		return e, fmt.Errorf("begin an evaluation of call %s: %w", e.Call, err)
	}
	return e, nil
}

func logEvaluation(ctx context.Context, tx pgx.Tx, e qa.Evaluation, at time.Time, ev qa.Event) error {
	data, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO qa_evaluation_events (evaluation, n, at, kind, data) VALUES ($1, $2, $3, $4, $5)",
		text(e.ID), e.Events, at, ev.Kind(), jsonText(data))
	return err
}

// ChangeEvaluation asks for an event and applies it; nobody else changes the
// evaluation meanwhile. No event: it stays as it is.
func (db *DB) ChangeEvaluation(ctx context.Context, id string, at time.Time, change func(qa.Evaluation) (qa.Event, error)) (e qa.Evaluation, _ error) {
	at = at.UTC().Truncate(time.Microsecond)
	err := db.inTx(ctx, func(tx pgx.Tx) error {
		if err := oneBody(ctx, tx, &e, "SELECT body FROM qa_evaluations WHERE id = $1 FOR UPDATE", id); err != nil {
			return err
		}
		ev, err := change(e)
		if err != nil || ev == nil {
			return err
		}
		e = e.Apply(at, ev)
		if _, draft := ev.(qa.Saved); !draft {
			if err := logEvaluation(ctx, tx, e, at, ev); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "UPDATE qa_evaluations SET state = $2, body = $3 WHERE id = $1", text(id), text(e.State), document{e})
		return err
	})
	if err != nil {
		return e, fmt.Errorf("change evaluation %s: %w", id, err)
	}
	return e, nil
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func oneBody(ctx context.Context, q querier, to any, sql, id string) error {
	err := q.QueryRow(ctx, sql, text(id)).Scan(document{to})
	if errors.Is(err, pgx.ErrNoRows) {
		return qa.ErrUnknown
	}
	return err
}

// Evaluation returns one, or [qa.ErrUnknown].
func (db *DB) Evaluation(ctx context.Context, id string) (e qa.Evaluation, _ error) {
	if err := oneBody(ctx, db.conns, &e, "SELECT body FROM qa_evaluations WHERE id = $1", id); err != nil {
		return e, fmt.Errorf("evaluation %s: %w", id, err)
	}
	return e, nil
}

// EvaluationLog is what became of an evaluation, oldest first.
func (db *DB) EvaluationLog(ctx context.Context, id string) ([]qa.Entry, error) {
	rows, err := db.conns.Query(ctx, "SELECT n, at, kind, data FROM qa_evaluation_events WHERE evaluation = $1 ORDER BY n", text(id))
	if err == nil {
		var all []qa.Entry
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v qa.Entry, err error) {
			var data []byte
			if err = row.Scan(&v.N, stamp{&v.At}, &v.Kind, &data); err == nil {
				v.Event, err = qa.DecodeEvent(v.Kind, data)
			}
			return v, err
		})
		if err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("log of evaluation %s: %w", id, err)
}

// Evaluations returns those that match, newest call first.
func (db *DB) Evaluations(ctx context.Context, f qa.Filter) ([]qa.Evaluation, error) {
	args := []any{text(f.Reader)}
	where := []string{"(state <> 'draft' OR scorer = $1)"}
	add := func(condition string, v any) {
		args = append(args, v)
		where = append(where, condition+strconv.Itoa(len(args)))
	}
	for _, c := range []struct{ column, v string }{{"scorer", f.Scorer}, {"call", string(f.Call)}, {"task", f.Task}, {"state", string(f.State)}} {
		if c.v != "" {
			add(c.column+" = $", text(c.v))
		}
	}
	if f.Agents != nil {
		args = append(args, agentNames(f.Agents))
		where = append(where, "agent = ANY($"+strconv.Itoa(len(args))+")")
	}
	if !f.Since.IsZero() {
		add("call_at >= $", f.Since)
	}
	if !f.Until.IsZero() {
		add("call_at < $", f.Until)
	}
	args = append(args, f.Limit)
	all, err := bodies[qa.Evaluation](ctx, db, "SELECT body FROM qa_evaluations WHERE "+strings.Join(where, " AND ")+
		" ORDER BY call_at DESC, id LIMIT $"+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("list evaluations: %w", err)
	}
	return all, nil
}

func bodies[T any](ctx context.Context, db *DB, sql string, args ...any) ([]T, error) {
	rows, err := db.conns.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (v T, err error) {
		err = row.Scan(document{&v})
		return v, err
	})
}

func agentNames(ids []queue.AgentID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = text(id)
	}
	return out
}
