package chaos

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// term is a node's time as leader, as the ledger has it. A node says nothing to
// Asterisk as the leader of a term before the ledger has that term, and ends
// one term before it begins another, so node and instant give the term.
type term struct {
	epoch uint64
	node  string
	from  time.Time
}

// terms reads them, oldest first.
func (w *world) terms(ctx context.Context) ([]term, error) {
	conn, err := pgx.Connect(ctx, w.postgres.URL())
	if err != nil {
		return nil, fmt.Errorf("read the terms of leaders: %w", err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT epoch, node, taken_at FROM epochs ORDER BY epoch")
	if err != nil {
		return nil, fmt.Errorf("read the terms of leaders: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t term, err error) {
		return t, row.Scan(&t.epoch, &t.node, &t.from)
	})
	if err != nil {
		return nil, fmt.Errorf("read the terms of leaders: %w", err)
	}
	return all, nil
}

// termOf is the term in which a command was given; 0 when the node had none.
func termOf(terms []term, c command) (epoch uint64) {
	for _, t := range terms {
		if t.node == c.node && !t.from.After(c.at) {
			epoch = max(epoch, t.epoch)
		}
	}
	return epoch
}

// callsOf are the calls that a command is about: legs, rooms and sounds carry
// their call's id before the first "~".
func callsOf(target string) (calls []string) {
	path, query, _ := strings.Cut(target, "?")
	parts := strings.Split(strings.TrimPrefix(path, "/ari/"), "/")
	if len(parts) < 2 || !slices.Contains([]string{"channels", "bridges", "playbacks"}, parts[0]) {
		return nil
	}
	first, err := url.PathUnescape(parts[1])
	if err != nil {
		first = parts[1]
	}
	ids := []string{first}
	if values, err := url.ParseQuery(query); err == nil {
		for _, list := range values["channel"] {
			ids = append(ids, strings.Split(list, ",")...)
		}
	}
	for _, id := range ids {
		call, _, _ := strings.Cut(id, "~")
		if !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	return calls
}

// meeting is a command of a leader that reached a call after one of a newer
// leader.
type meeting struct {
	call       string
	old, newer command
	terms      [2]uint64 // of old and newer
}

func (m meeting) String() string {
	const at = "15:04:05.000"
	return fmt.Sprintf("call %s: two leaders: %s, term %d, said %s %s at %s, after %s, term %d, had said %s %s at %s", m.call,
		m.old.node, m.terms[0], m.old.method, m.old.target, m.old.at.Format(at), m.newer.node, m.terms[1], m.newer.method, m.newer.target, m.newer.at.Format(at))
}

// meetings are all of them: on each call, terms may only grow.
func meetings(all []command, terms []term) (found []meeting) {
	type first struct {
		epoch uint64
		said  command // the first of it
	}
	newest := map[string]first{}
	for _, c := range slices.SortedStableFunc(slices.Values(all), func(a, b command) int { return a.at.Compare(b.at) }) {
		epoch := termOf(terms, c)
		for _, call := range callsOf(c.target) {
			f, known := newest[call]
			switch {
			case !known || epoch > f.epoch:
				newest[call] = first{epoch, c}
			case epoch < f.epoch:
				found = append(found, meeting{call, c, f.said, [2]uint64{epoch, f.epoch}})
			}
		}
	}
	return found
}

// leaders: a call gets the commands of one leader at a time.
func (j *judge) leaders(ctx context.Context, since time.Time) error {
	terms, err := j.w.terms(ctx)
	if err != nil {
		return err
	}
	all, broken := j.w.said.since(since)
	if broken != nil {
		j.f.Trouble = append(j.f.Trouble, "what was said to Asterisk was not all heard: "+broken.Error())
	}
	j.meet(all, terms)
	if j.f.Commands == 0 && j.f.Talks > 0 {
		j.f.Trouble = append(j.f.Trouble, "there were conversations, and no command to Asterisk was heard")
	}
	return nil
}

// meet counts commands about calls, and meetings.
func (j *judge) meet(all []command, terms []term) {
	for _, c := range all {
		if len(callsOf(c.target)) > 0 {
			j.f.Commands++
		}
	}
	for _, m := range meetings(all, terms) {
		j.f.TwoLeaders++
		j.f.Trouble = append(j.f.Trouble, m.String())
	}
}

// oneWithin is how long nodes may take to agree who leads.
const oneWithin = 15 * time.Second

// oneLeads: whatever was broken, all nodes live and exactly one leads.
func (j *judge) oneLeads(ctx context.Context) error {
	for deadline := time.Now().Add(oneWithin); ; {
		var dead, leading []string
		for _, p := range j.w.nodes() {
			if !p.alive() {
				dead = append(dead, p.name)
			} else if p.ready(ctx) {
				leading = append(leading, p.name)
			}
		}
		if len(dead) == 0 && len(leading) == 1 {
			return nil
		}
		if time.Now().After(deadline) {
			j.f.Trouble = append(j.f.Trouble, fmt.Sprintf("at the end these nodes lead: %v; and these are dead: %v", leading, dead))
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}
