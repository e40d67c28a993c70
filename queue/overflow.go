package queue

import (
	"fmt"
	"slices"
	"time"
)

// OverflowCause is why a call leaves its queue by policy.
type OverflowCause string

// Causes of an overflow.
const (
	OverflowMaxWait  OverflowCause = "max_wait"  // it has waited so long
	OverflowFull     OverflowCause = "full"      // so many waited when it came
	OverflowNoAgents OverflowCause = "no_agents" // nobody who serves the queue is signed in
	OverflowNotReady OverflowCause = "not_ready" // some are, but none of them is at work
	OverflowClosed   OverflowCause = "closed"    // it came outside the hours
)

// OverflowCauses lists all causes, in the order in which they are looked at.
func OverflowCauses() []OverflowCause {
	return []OverflowCause{OverflowClosed, OverflowFull, OverflowNoAgents, OverflowNotReady, OverflowMaxWait}
}

// Overflow is one way out of a queue: a cause, and where the call goes on.
type Overflow struct {
	Cause OverflowCause `json:"cause"`
	// After is how long the cause must have lasted for this call: the longest
	// wait, or the patience with a queue that has no agents.
	After time.Duration `json:"after,omitempty"`
	// At is how many may wait before the queue is full.
	At int `json:"at,omitempty"`
	// To is the queue where the call goes on, with its place by arrival and the
	// caller's ring budget kept; empty: out, with a busy answer.
	To QueueID `json:"to,omitempty"`
	// Out is another way than to a queue: a number, voicemail, an announcement.
	Out Target `json:"out,omitzero"`
}

// overflow is the queue's way out for a cause. A queue that is closed and says
// nothing about it answers busy: nobody waits for people who have gone home.
func (q *QueueConfig) overflow(cause OverflowCause) (Overflow, bool) {
	if i := slices.IndexFunc(q.Overflows, func(o Overflow) bool { return o.Cause == cause }); i >= 0 {
		return q.Overflows[i], true
	}
	return Overflow{Cause: cause}, cause == OverflowClosed
}

// onArrival is the way out for a call that has just entered a queue and may not
// even begin to wait there.
func (a *ACD) onArrival(c *Call, l *line) (Overflow, bool) {
	if o, ok := l.cfg.overflow(OverflowClosed); ok && l.shut() {
		return o, true
	}
	if o, ok := l.cfg.overflow(OverflowFull); ok {
		before := 0 // no agent has answered them yet
		for _, other := range a.order {
			if other != c && other.Callback == nil && other.Queue == l.cfg.ID && (other.State == CallWaiting || other.State == CallOffered) {
				before++
			}
		}
		return o, before >= o.At
	}
	return Overflow{}, false
}

// wayOut is when a call leaves its queue, and how, if nothing changes until
// then; a zero time means never. A phone that rings for it is stopped for the
// longest wait alone.
func (a *ACD) wayOut(c *Call) (at time.Time, way Overflow) {
	if !c.waits() || c.Callback != nil || c.Direction == Outbound {
		return time.Time{}, Overflow{} // nobody on the line whose patience could end
	}
	if kept, _ := a.awaitedTransfer(c); kept != nil {
		return time.Time{}, Overflow{} // an agent has it in hand
	}
	l := a.queues[c.Queue]
	for _, o := range l.cfg.Overflows {
		from := c.WaitFrom
		switch o.Cause {
		case OverflowMaxWait:
		case OverflowNoAgents, OverflowNotReady:
			cause, since := l.unstaffed()
			if cause != o.Cause || c.State != CallWaiting {
				continue
			}
			if since.After(from) {
				from = since
			}
		default:
			continue
		}
		if t := from.Add(o.After); at.IsZero() || t.Before(at) {
			at, way = t, o
		}
	}
	return at, way
}

// unstaffed tells why nobody works on a queue's calls, and since when; an empty
// cause means that somebody does.
func (l *line) unstaffed() (cause OverflowCause, since time.Time) {
	cause = OverflowNoAgents
	for _, g := range l.serving {
		switch g.State {
		case LoggedOut:
		case NotReady:
			cause = OverflowNotReady
		default:
			return "", time.Time{}
		}
		if g.Since.After(since) {
			since = g.Since
		}
	}
	return cause, since
}

// overflowDue lets every call go whose time in its queue is over, in order of
// arrival. A queue it goes to may have to pass it on at once.
func (a *ACD) overflowDue() {
	for i := 0; i < len(a.order); i++ {
		c := a.order[i]
		for at, way := a.wayOut(c); !at.IsZero() && !at.After(a.now); at, way = a.wayOut(c) {
			a.overflow(c, way)
		}
		if c.State == CallEnded {
			i-- // it left the list
		}
	}
}

// overflow takes a call out of its queue: on to another one, and on from there
// if that may not take it, or out with a busy answer. The circle that would
// never end is refused with the configuration.
func (a *ACD) overflow(c *Call, way Overflow) {
	for ok := true; ok; {
		a.withdrawAll(c, string(way.Cause))
		if a.goesOut(c, way) {
			return
		}
		a.emit(CallOverflowed{Call: c.ID, From: c.Queue, To: way.target().Queue, Reason: string(way.Cause),
			Wait: a.now.Sub(c.waitedSince()), Rings: a.callerRings(c)})
		if way.target().Queue == "" {
			a.do(HangUp{Leg: c.Leg, Reason: HangUpBusy})
			a.dropBridge(c)
			return
		}
		way, ok = a.onArrival(c, a.queues[c.Queue])
	}
}

func (q *QueueConfig) validateOverflows() error {
	seen := map[OverflowCause]bool{}
	for _, o := range q.Overflows {
		switch {
		case !slices.Contains(OverflowCauses(), o.Cause):
			return fmt.Errorf("overflow %q: no such cause; known are %v", o.Cause, OverflowCauses())
		case seen[o.Cause]:
			return fmt.Errorf("overflow %s: is given twice", o.Cause)
		case o.After < 0 || (o.Cause == OverflowMaxWait && o.After == 0):
			return fmt.Errorf("overflow %s: after %s: must be positive", o.Cause, o.After)
		case o.Cause == OverflowFull && o.At < 1:
			return fmt.Errorf("overflow full: at %d: must be at least 1", o.At)
		}
		seen[o.Cause] = true
	}
	return nil
}

// validateWays refuses ways that lead nowhere and ways that lead in a circle.
func (c *Config) validateWays() error {
	to := map[QueueID][]QueueID{}
	for i := range c.Queues {
		q := &c.Queues[i]
		for _, o := range q.Overflows {
			if err := c.validateOut(o); err != nil {
				return fmt.Errorf("queue %s: overflow %s: %w", q.ID, o.Cause, err)
			}
			if next := o.target().Queue; next != "" {
				to[q.ID] = append(to[q.ID], next)
			}
		}
	}
	for i := range c.Queues {
		if way := circle(to, []QueueID{c.Queues[i].ID}); way != nil {
			return fmt.Errorf("queue %s: overflow goes in a circle: %v; a call could go round without end", c.Queues[i].ID, way)
		}
	}
	return nil
}

// circle finds a way from the first of path back to it.
func circle[ID comparable](to map[ID][]ID, path []ID) []ID {
	for _, next := range to[path[len(path)-1]] {
		if next == path[0] {
			return append(path, next)
		}
		if slices.Contains(path, next) {
			continue // a circle of others, which is found from there
		}
		if way := circle(to, append(slices.Clip(path), next)); way != nil {
			return way
		}
	}
	return nil
}
