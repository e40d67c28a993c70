package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// window is a fault, from when it began until somebody was in control again.
type window struct {
	from, until time.Time
}

func (v window) holds(at time.Time) bool { return !at.Before(v.from) && !at.After(v.until) }

const (
	ledgerWithin = 60 * time.Second // for the last rows to come
	keepWithin   = 90 * time.Second // for the last recordings: the sweep comes each minute
	lateLimit    = 200 * time.Millisecond
	// silenceLimit is how long a caller may hear nothing on an answered line:
	// after 20 s the dialplan's sentinel takes who waits from a dead controller.
	silenceLimit = 22 * time.Second
	// endings reach us later than the telephones by so much
	rowTolerance = 1500 * time.Millisecond
)

// judge compares what robots lived through with what is on record, and notes
// what it finds in f.
type judge struct {
	w       *world
	f       *Fault
	lives   []*life
	windows []window
	killed  []time.Time // Asterisk's ends: what was up then went with it
	rows    map[string][]queue.Call
	// ledgerWithin is how long the last rows may take to come; zero: ledgerWithin.
	ledgerWithin time.Duration
}

func (j *judge) say(l *life, format string, args ...any) {
	id := ""
	if rows := j.rows[l.number]; len(rows) > 0 {
		id = " " + string(rows[0].ID)
	}
	j.f.Trouble = append(j.f.Trouble, fmt.Sprintf("call %s%s of %s: ", l.number, id, l.caller.Times().Invited.Format("15:04:05.000"))+fmt.Sprintf(format, args...))
}

// duringFault tells whether an instant lies in a fault, or within a second of it.
func (j *judge) duringFault(at time.Time) bool {
	for _, v := range j.windows {
		if (window{from: v.from.Add(-200 * time.Millisecond), until: v.until.Add(time.Second)}).holds(at) {
			return true
		}
	}
	return false
}

// taken tells whether a killed Asterisk took the call with it.
func (j *judge) taken(l *life) bool {
	t := l.caller.Times()
	for _, at := range j.killed {
		if t.Invited.Before(at) && (t.Ended.IsZero() || t.Ended.After(at)) {
			return true
		}
	}
	return false
}

func (j *judge) run(ctx context.Context, since time.Time) error {
	if err := j.load(ctx, since); err != nil {
		return err
	}
	j.f.Calls += len(j.lives)
	for _, l := range j.lives {
		j.call(l)
	}
	j.order()
	return errors.Join(j.corrected(ctx, since), j.leaders(ctx, since), j.recorded(ctx, since), j.oneLeads(ctx))
}

// load reads the ledger when every call it should have is there and over.
func (j *judge) load(ctx context.Context, since time.Time) error {
	within := ledgerWithin
	if j.ledgerWithin > 0 {
		within = j.ledgerWithin
	}
	deadline := time.Now().Add(within)
	for {
		calls, err := j.w.db.Calls(ctx, postgres.Filter{Since: since.Add(-time.Minute), Limit: 20_000})
		if err != nil && time.Now().After(deadline) {
			return fmt.Errorf("read the ledger: %w", err)
		}
		j.rows = map[string][]queue.Call{}
		open := 0
		for _, c := range calls {
			j.rows[c.Caller] = append(j.rows[c.Caller], c)
			if c.EndedAt.IsZero() {
				open++
			}
		}
		missing := 0
		for _, l := range j.lives {
			if len(j.rows[l.number]) == 0 && !j.unseen(l) {
				missing++
			}
		}
		if err == nil && open == 0 && missing == 0 {
			err = j.heardOut(ctx)
			if err == nil {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// unseen tells whether a call came and went, or stayed with the fallback
// group, while nobody was in control: no threerings ever had it.
func (j *judge) unseen(l *life) bool {
	t := l.caller.Times()
	return j.duringFault(t.Invited) && (l.guarded || j.duringFault(t.Ended))
}

// call judges one call.
func (j *judge) call(l *life) {
	rows := j.rows[l.number]
	gone := j.taken(l)
	if gone {
		j.f.Taken++
	}
	if l.guarded {
		j.f.Fallback++
	}
	switch {
	case len(rows) > 1:
		j.f.Doubled++
		j.say(l, "is on record %d times", len(rows))
	case len(rows) == 0 && j.unseen(l):
		j.f.Unseen++
	case len(rows) == 0:
		j.f.Lost++
		j.say(l, "is not on record")
	case rows[0].EndedAt.IsZero():
		j.f.Wrong++
		j.say(l, "ended at %s and is on record as %s", l.left().Format("15:04:05.000"), rows[0].State)
	case !gone:
		j.row(l, rows[0])
	}
	if gone {
		return
	}
	for _, t := range l.talks {
		j.f.Talks++
		j.f.GapMS = max(j.f.GapMS, t.gap.Milliseconds())
		if !t.ours {
			j.f.Dropped++
			j.say(l, "conversation with %s dropped at %s after %v", t.agent.id, t.until.Format("15:04:05.000"), t.until.Sub(t.from).Round(time.Millisecond))
		}
	}
	if len(l.talks) == 0 && l.gaveUp.IsZero() && !l.shutDown && !l.guarded && !j.unseen(l) {
		j.f.Dropped++
		code, reason := l.caller.Status()
		j.say(l, "thrown out while waiting, at %s (%s, %d %s)", l.left().Format("15:04:05.000"), l.caller.Ending(), code, reason)
	}
	j.f.SilentS = max(j.f.SilentS, l.silence.Seconds())
	if l.silence > silenceLimit {
		j.f.Silent++
		j.say(l, "heard nothing for %v", l.silence.Round(time.Millisecond))
	}
	j.lateRings(l)
}

// lateRings: no telephone rings when its caller has left. While a fault lasts
// nobody can stop it; then the time counts from its end.
func (j *judge) lateRings(l *life) {
	left := l.left()
	for _, r := range l.rings {
		t := r.call.Times()
		if !t.Answered.IsZero() && t.Answered.Before(left) || t.Ringing.IsZero() {
			continue
		}
		until := t.Ended
		if !t.Answered.IsZero() {
			until = t.Answered
		}
		j.f.LateRingMS = max(j.f.LateRingMS, until.Sub(left).Milliseconds())
		late := until.Sub(j.noted(left))
		if late > lateLimit {
			j.f.LateRings++
			j.say(l, "left at %s, and the telephone of %s rang until %s", left.Format("15:04:05.000"), r.agent.id, until.Format("15:04:05.000"))
		}
	}
}

// noted is when a threerings in control could know of something: when it
// happened, or at the end of the fault that it happened in.
func (j *judge) noted(at time.Time) time.Time {
	for _, v := range j.windows {
		if v.holds(at) {
			at = v.until
		}
	}
	return at
}

// row judges what is on record of a call against what the robots lived through.
func (j *judge) row(l *life, c queue.Call) {
	var talked time.Duration
	slack := rowTolerance
	for _, t := range l.talks {
		talked += t.until.Sub(t.from)
		if j.duringFault(t.until) || j.duringFault(t.from) {
			slack += backLimit // seen late, and on record as when it was seen
		}
	}
	switch {
	case talked > 0 && c.Outcome != queue.OutcomeAnswered:
		j.f.Wrong++
		j.say(l, "talked for %v and is on record as %s", talked.Round(time.Millisecond), c.Outcome)
	case talked > 0 && (c.Talk-talked).Abs() > slack:
		j.f.Wrong++
		j.say(l, "talked for %v; on record are %v", talked.Round(time.Millisecond), c.Talk)
	case len(l.talks) == 0 && !l.gaveUp.IsZero() && !l.pickedUp() && c.Outcome != queue.OutcomeAbandoned:
		j.f.Wrong++
		j.say(l, "left without an answer and is on record as %s", c.Outcome)
	}
}

// pickedUp tells whether any agent's telephone answered.
func (l *life) pickedUp() bool {
	for _, r := range l.rings {
		if !r.call.Times().Answered.IsZero() {
			return true
		}
	}
	return false
}
