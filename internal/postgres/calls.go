package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// where gathers conditions with their arguments.
type where struct {
	conditions []string
	args       []any
}

// add takes a condition in which each ? stands for the next argument.
func (w *where) add(condition string, args ...any) {
	for _, arg := range args {
		w.args = append(w.args, arg)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// between limits a column to [since, until); a zero time is no limit.
func (w *where) between(column string, since, until time.Time) {
	if !since.IsZero() {
		w.add(column+" >= ?", since.UTC())
	}
	if !until.IsZero() {
		w.add(column+" < ?", until.UTC())
	}
}

func equal[S ~string](w *where, column string, value S) {
	if value != "" {
		w.add(column+" = ?", text(value))
	}
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// list runs a select of a table's rows.
func list[T any](ctx context.Context, db *DB, t *table[T], tail string, args ...any) ([]T, error) {
	rows, err := db.conns.Query(ctx, t.selectFrom()+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (row T, err error) {
		err = r.Scan(t.fields(&row)...)
		return row, err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	return all, nil
}

// Filter chooses rows. Zero values choose all; times are [Since, Until).
type Filter struct {
	Since, Until time.Time
	Queue        queue.QueueID
	Agent        queue.AgentID
	Call         queue.CallID
	Outcome      queue.Outcome // of calls
	Caller       string        // of calls
	Limit        int           // 100 if zero, at most 20,000
	// Calls only: those that come after this one in the list, which a page ended with.
	AfterArrival time.Time
	AfterCall    queue.CallID
}

// maxRows is the most that one question is answered with.
const maxRows = 20_000

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 100
	}
	return min(f.Limit, maxRows)
}

// Calls lists calls by arrival, newest first.
func (db *DB) Calls(ctx context.Context, f Filter) ([]queue.Call, error) {
	var w where
	w.between("arrived_at", f.Since, f.Until)
	equal(&w, "queue", f.Queue)
	equal(&w, "agent", f.Agent)
	equal(&w, "call", f.Call)
	equal(&w, "outcome", f.Outcome)
	equal(&w, "caller", f.Caller)
	if f.AfterCall != "" {
		w.add("(arrived_at, call) < (?, ?)", f.AfterArrival.UTC(), text(f.AfterCall))
	}
	return list(ctx, db, &calls, w.String()+" ORDER BY arrived_at DESC, call DESC LIMIT "+strconv.Itoa(f.limit()), w.args...)
}

// LogEntry is a line of the ledger as people read it.
type LogEntry struct {
	Seq   uint64          `json:"seq"`
	At    time.Time       `json:"at"`
	Type  string          `json:"type"`
	Agent queue.AgentID   `json:"agent,omitempty"`
	Offer queue.OfferID   `json:"offer,omitempty"`
	Data  json.RawMessage `json:"data"`
}

// CallDetail is a call with all that happened in it.
type CallDetail struct {
	Call   queue.Call
	Offers []queue.Offer // in the order made
	Parts  []queue.Part  // agents' parts that are over, in their order
	Events []LogEntry    // in the order of the ledger
}

// Call returns one call with its offers and its timeline, or ErrNotFound.
func (db *DB) Call(ctx context.Context, id queue.CallID) (CallDetail, error) {
	var d CallDetail
	found, err := list(ctx, db, &calls, " WHERE call = $1", text(id))
	if err != nil {
		return d, err
	}
	if len(found) == 0 {
		return d, fmt.Errorf("call %s: %w", id, ErrNotFound)
	}
	d.Call = found[0]
	if d.Offers, err = list(ctx, db, &offers, " WHERE call = $1 ORDER BY made_at, offer", text(id)); err != nil {
		return d, err
	}
	if d.Parts, err = list(ctx, db, &parts, " WHERE call = $1 ORDER BY n", text(id)); err != nil {
		return d, err
	}
	// Events of an offer that name no call (its alerting) belong here too.
	rows, err := db.conns.Query(ctx, `SELECT seq, at, type, agent, offer, data::text FROM events WHERE call = $1
		UNION SELECT seq, at, type, agent, offer, data::text FROM events WHERE call = '' AND offer <> '' AND offer IN (SELECT offer FROM offers WHERE call = $1)
		ORDER BY seq`, text(id))
	if err != nil {
		return d, fmt.Errorf("read events of call %s: %w", id, err)
	}
	d.Events, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e LogEntry, err error) {
		var data string
		err = r.Scan(&e.Seq, stamp{&e.At}, &e.Type, &e.Agent, &e.Offer, &data)
		e.Data = json.RawMessage(data)
		return e, err
	})
	if err != nil {
		return d, fmt.Errorf("read events of call %s: %w", id, err)
	}
	return d, nil
}

// Offers lists offers, newest first.
func (db *DB) Offers(ctx context.Context, f Filter) ([]queue.Offer, error) {
	var w where
	w.between("made_at", f.Since, f.Until)
	equal(&w, "queue", f.Queue)
	equal(&w, "agent", f.Agent)
	equal(&w, "call", f.Call)
	return list(ctx, db, &offers, w.String()+" ORDER BY made_at DESC, offer DESC LIMIT "+strconv.Itoa(f.limit()), w.args...)
}

// Intervals lists agents' states that touch the time asked for, by agent and
// time.
func (db *DB) Intervals(ctx context.Context, f Filter) ([]queue.AgentInterval, error) {
	var w where
	if !f.Since.IsZero() {
		w.add("(to_at IS NULL OR to_at > ?)", f.Since.UTC())
	}
	if !f.Until.IsZero() {
		w.add("from_at < ?", f.Until.UTC())
	}
	equal(&w, "agent", f.Agent)
	equal(&w, "call", f.Call)
	return list(ctx, db, &intervals, w.String()+" ORDER BY agent, from_at LIMIT "+strconv.Itoa(f.limit()), w.args...)
}

// AgentFines is an agent's part of the violations.
type AgentFines struct {
	Agent queue.AgentID
	Count int
	Fine  int64 // fen
}

// ViolationList is an extract of the violations ledger; the sums are over all
// that the filter chooses, also beyond its limit.
type ViolationList struct {
	Violations []queue.Violation // newest first
	ByAgent    []AgentFines
	Count      int
	Fine       int64 // fen
}

// Violations lists the violations ledger (R1.1).
func (db *DB) Violations(ctx context.Context, f Filter) (ViolationList, error) {
	var w where
	w.between("at", f.Since, f.Until)
	equal(&w, "queue", f.Queue)
	equal(&w, "agent", f.Agent)
	equal(&w, "call", f.Call)
	var l ViolationList
	var err error
	if l.Violations, err = list(ctx, db, &violations, w.String()+" ORDER BY at DESC, offer DESC LIMIT "+strconv.Itoa(f.limit()), w.args...); err != nil {
		return l, err
	}
	rows, err := db.conns.Query(ctx, "SELECT agent, count(*), sum(fine)::bigint FROM violations"+w.String()+" GROUP BY agent ORDER BY agent", w.args...)
	if err != nil {
		return l, fmt.Errorf("sum violations: %w", err)
	}
	if l.ByAgent, err = pgx.CollectRows(rows, pgx.RowToStructByPos[AgentFines]); err != nil {
		return l, fmt.Errorf("sum violations: %w", err)
	}
	for _, a := range l.ByAgent {
		l.Count += a.Count
		l.Fine += a.Fine
	}
	return l, nil
}

// Cases lists cases by when they opened, newest first; of the filter, times,
// queue, caller and limit count. Open: only those that nobody has closed.
func (db *DB) Cases(ctx context.Context, f Filter, open bool) ([]queue.Case, error) {
	var w where
	w.between("opened_at", f.Since, f.Until)
	equal(&w, "queue", f.Queue)
	equal(&w, "caller", f.Caller)
	if open {
		w.add("closed_at IS NULL")
	}
	return list(ctx, db, &cases, w.String()+" ORDER BY opened_at DESC, id DESC LIMIT "+strconv.Itoa(f.limit()), w.args...)
}
