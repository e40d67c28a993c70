package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// SearchRecordings lists the recordings that a search chooses, newest call
// first, at most f.Limit of them.
func (db *DB) SearchRecordings(ctx context.Context, f recording.Search) ([]recording.Found, error) {
	w := searched(f)
	if f.AfterCall != "" {
		w.add("(s.at, s.call) < (?, ?)", f.AfterAt.UTC(), text(f.AfterCall))
	}
	// The page first, the reasons of its gaps then.
	sql := `SELECT s.call, s.at, s.agents, s.queue, s.number, s.talk_ms, s.over_rings, s.release, s.mark, s.category, s.state, s.held, s.score,
		s.dead_air_ms, s.crosstalk_ms, s.agent_share, coalesce((SELECT r.gap_reason FROM recordings r WHERE r.call = s.call), '')
		FROM recording_search s` + w.String() + " ORDER BY s.at DESC, s.call DESC LIMIT " + strconv.Itoa(Filter{Limit: f.Limit}.limit())
	var found []recording.Found
	err := db.searching(ctx, walkOf(f), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, w.args...)
		if err == nil {
			found, err = pgx.CollectRows(rows, scanFound)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search recordings: %w", err)
	}
	return found, nil
}

// CountRecordings counts what a search chooses, up to most.
func (db *DB) CountRecordings(ctx context.Context, f recording.Search, most int) (int, error) {
	w := searched(f)
	how := asPlanned // by words too: nothing is sorted
	if f.Text == "" {
		how = walkOf(f)
	}
	var n int
	err := db.searching(ctx, how, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM (SELECT FROM recording_search s"+w.String()+" LIMIT "+strconv.Itoa(most)+") x", w.args...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count recordings: %w", err)
	}
	return n, nil
}

// walk is how a search is tried first.
type walk int

const (
	asPlanned walk = iota // and only so
	planned               // but not for long
	newestOn              // from the newest on, not for long
)

// walkOf is asPlanned unless the planner cannot tell how many a search will
// find: it knows neither how many have some words nor how many lie far out at
// the end of a figure, one in thousands.
func walkOf(f recording.Search) walk {
	switch {
	case strings.TrimSpace(f.Text) != "":
		return newestOn
	case f.DeadAirFrom > 0 || f.CrossFrom > 0 || f.Monologue > 0 || f.FirstWord > 0:
		return planned
	}
	return asPlanned
}

// walkFor is how long a search that may be in vain walks through recordings.
const walkFor = "50ms"

const queryCanceled = "57014" // Postgres' word for a statement that was ended

// searching runs a search. By an index of words Postgres reads a hundred thousand
// where fifty were asked for, and from the newest on it walks through a million
// for a word that nobody wrote. So it walks for a moment, which finds what many
// have, and then takes the index.
func (db *DB) searching(ctx context.Context, how walk, run func(pgx.Tx) error) error {
	with := func(settings string) error {
		return db.inTx(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, settings); err != nil {
				return err
			}
			return run(tx)
		})
	}
	if how == asPlanned {
		return with("")
	}
	first := "SET LOCAL statement_timeout = '" + walkFor + "'"
	if how == newestOn {
		first += "; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off"
	}
	err := with(first)
	var late *pgconn.PgError
	if errors.As(err, &late) && late.Code == queryCanceled && ctx.Err() == nil {
		err = with("SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = off")
	}
	return err
}

func searched(f recording.Search) (w where) {
	if f.Agents != nil {
		agents := make([]string, len(f.Agents))
		for i, a := range f.Agents {
			agents[i] = text(a)
		}
		w.add("s.agents && ?::text[]", agents)
	}
	equal(&w, "s.queue", f.Queue)
	equal(&w, "s.number", f.Number)
	if f.NumberStarts != "" {
		w.add("s.number LIKE ?", like(f.NumberStarts))
	}
	if f.NumberEnds != "" {
		w.add("reverse(s.number) LIKE ?", like(reversed(f.NumberEnds)))
	}
	w.between("s.at", f.Since, f.Until)
	atLeast(&w, "s.talk_ms", f.TalkFrom)
	if f.TalkTo > 0 {
		w.add("s.talk_ms <= ?", f.TalkTo.Milliseconds())
	}
	if f.OverRings != nil {
		w.add("s.over_rings = ?", *f.OverRings)
	}
	equal(&w, "s.release", f.Release)
	if f.MarkFrom > 0 || f.MarkTo > 0 {
		w.add("s.mark > 0") // the words of the index
		w.add("s.mark >= ?", f.MarkFrom)
		if f.MarkTo > 0 {
			w.add("s.mark <= ?", f.MarkTo)
		}
	}
	equal(&w, "s.category", f.Category)
	if f.Unregistered {
		w.add("s.category = ''")
	}
	if f.ScoreFrom != nil || f.ScoreTo != nil {
		w.add("s.score IS NOT NULL")
	}
	if f.ScoreFrom != nil {
		w.add("s.score >= ?", *f.ScoreFrom)
	}
	if f.ScoreTo != nil {
		w.add("s.score <= ?", *f.ScoreTo)
	}
	equal(&w, "s.state", f.State)
	if f.State != "" && f.State != recording.Kept {
		w.add("s.state <> 'kept'") // the words of the index
	}
	if f.Gaps {
		w.add("s.state <> 'kept'")
		w.add("s.state IN ('incomplete', 'missing')")
	}
	switch {
	case f.Held == nil:
	case *f.Held:
		w.add("s.held")
	default:
		w.add("NOT s.held")
	}
	atLeast(&w, "s.dead_air_ms", f.DeadAirFrom)
	atLeast(&w, "s.crosstalk_ms", f.CrossFrom)
	atLeast(&w, "s.monologue_ms", f.Monologue)
	atLeast(&w, "s.first_word_ms", f.FirstWord)
	if f.QuietTo < 0 {
		w.add("s.agent_dbfs <= ?", f.QuietTo)
	}
	if f.ShareFrom > 0 {
		w.add("s.agent_share >= ?", f.ShareFrom)
	}
	if f.ShareTo > 0 {
		w.add("s.agent_share <= ?", f.ShareTo)
	}
	if prefixes, exact := recording.SearchWords(f.Text); len(prefixes)+len(exact) > 0 {
		w.add("s.words @@ ?::tsquery", wanted(prefixes, exact))
	} else if strings.TrimSpace(f.Text) != "" {
		w.add("false") // nothing that could be found
	}
	return w
}

// wanted is a query for all of the words. They have no quotes in them.
func wanted(prefixes, exact []string) string {
	all := make([]string, 0, len(prefixes)+len(exact))
	for _, p := range prefixes {
		all = append(all, "'"+p+"':*")
	}
	for _, e := range exact {
		all = append(all, "'"+e+"'")
	}
	return strings.Join(all, " & ")
}

func atLeast(w *where, column string, d time.Duration) {
	if d > 0 {
		w.add(column+" >= ?", d.Milliseconds())
	}
}

// like is a pattern for what begins so.
func like(start string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text(start)) + "%"
}

func reversed(s string) string {
	r := []rune(s)
	for i, k := 0, len(r)-1; i < k; i, k = i+1, k-1 {
		r[i], r[k] = r[k], r[i]
	}
	return string(r)
}

func scanFound(row pgx.CollectableRow) (f recording.Found, err error) {
	var agents []string
	var talk int64
	var dead, cross *int64
	err = row.Scan(&f.Call, stamp{&f.At}, &agents, &f.Queue, &f.Number, &talk, &f.OverRings, &f.Release, &f.Mark, &f.Category, &f.State, &f.Held, &f.Score,
		&dead, &cross, &f.AgentShare, &f.Reason)
	for _, a := range agents {
		f.Agents = append(f.Agents, queue.AgentID(a))
	}
	f.Talk = time.Duration(talk) * time.Millisecond
	f.DeadAir, f.Crosstalk = whole(dead), whole(cross)
	return f, err
}

func whole(ms *int64) *time.Duration {
	if ms == nil {
		return nil
	}
	d := time.Duration(*ms) * time.Millisecond
	return &d
}

// Comments are the remarks on a call's recording, by moment.
func (db *DB) Comments(ctx context.Context, call queue.CallID) ([]recording.Comment, error) {
	rows, err := db.conns.Query(ctx, "SELECT id, call, at_ms, comment, who, at FROM recording_comments WHERE call = $1 AND removed_at IS NULL ORDER BY at_ms, id", text(call))
	if err == nil {
		var all []recording.Comment
		if all, err = pgx.CollectRows(rows, scanComment); err == nil {
			return all, nil
		}
	}
	return nil, fmt.Errorf("remarks on call %s: %w", call, err)
}

// AddComment stores a remark and returns it as stored; ErrNotFound if there is
// no recording of the call.
func (db *DB) AddComment(ctx context.Context, c recording.Comment) (recording.Comment, error) {
	rows, err := db.conns.Query(ctx, `INSERT INTO recording_comments (call, at_ms, comment, who) SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT FROM recordings WHERE call = $1)
		RETURNING id, call, at_ms, comment, who, at`, text(c.Call), c.At.Milliseconds(), text(c.Comment), text(c.Who))
	if err == nil {
		var stored []recording.Comment
		if stored, err = pgx.CollectRows(rows, scanComment); err == nil {
			if len(stored) == 1 {
				return stored[0], nil
			}
			err = ErrNotFound
		}
	}
	return recording.Comment{}, fmt.Errorf("remark on call %s: %w", c.Call, err)
}

// RemoveComment takes a remark away from who reads, and keeps it in the store;
// false if there is none of that id.
func (db *DB) RemoveComment(ctx context.Context, call queue.CallID, id int64, who string) (bool, error) {
	tag, err := db.conns.Exec(ctx, "UPDATE recording_comments SET removed_at = now(), removed_by = $3 WHERE call = $1 AND id = $2 AND removed_at IS NULL", text(call), id, text(who))
	if err != nil {
		return false, fmt.Errorf("remove a remark on call %s: %w", call, err)
	}
	return tag.RowsAffected() == 1, nil
}

func scanComment(row pgx.CollectableRow) (c recording.Comment, err error) {
	var at int64
	err = row.Scan(&c.ID, &c.Call, &at, &c.Comment, &c.Who, stamp{&c.Written})
	c.At = time.Duration(at) * time.Millisecond
	return c, err
}
