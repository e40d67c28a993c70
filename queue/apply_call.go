package queue

import (
	"cmp"
	"slices"
	"time"
)

func (a *ACD) applyQueued(at time.Time, e CallQueued) {
	a.arrivals++
	c := &Call{ID: e.Call, Leg: LegID(e.Call), Order: a.arrivals, Day: a.day, Number: e.Number, Caller: e.Caller, Name: e.Name,
		Endpoint: e.Endpoint, Addr: e.Addr, ByAgent: a.agentAt(e.Endpoint, e.Addr), State: CallWaiting, ArrivedAt: at, Media: MediaRinging,
		Unrecorded: e.Unrecorded, Level: e.Level, Extra: e.Extra, LastAgent: e.LastAgent}
	a.dialling(c.ByAgent, 1)
	a.calls[c.ID] = c
	a.order = append(a.order, c)
	l := a.queues[e.Queue]
	a.enterQueue(at, c, l)
	c.BudgetAt = at.Add(l.cadence.Limit(l.cfg.BudgetRings))
	l.today.offered()
	a.letIn(at, c)
	a.touchCall(c)
}

func (a *ACD) enterQueue(at time.Time, c *Call, l *line) {
	c.Queue, c.WaitFrom = l.cfg.ID, at
	if c.QueuedAt.IsZero() {
		c.QueuedAt = at
	}
	l.enqueue(c)
}

func (a *ACD) applyCompleted(at time.Time, e CallCompleted) {
	c := a.calls[e.Call]
	if c.ConnectedAt.IsZero() {
		a.countAnswered(c)
	}
	c.Release, c.Cause = e.Release, e.Cause
	a.leavePart(at, c, e.Talk, "completed")
	if e.Release == ReleaseAgent && e.Asked == (Asked{}) {
		a.agents[e.Agent].Leg = "" // that is how it ended
	}
	outcome := OutcomeAnswered
	if c.Callback != nil {
		outcome = OutcomeCalledBack
	} else if l := a.tallied(c); l != nil && c.counts() {
		l.today.completed(e.Talk, e.Release)
	}
	a.endCall(at, c, outcome)
}

// counts tells whether a call is one of its queue's callers in the figures:
// call-backs and placed calls have figures of their own.
func (c *Call) counts() bool { return c.Direction == Inbound && c.Callback == nil }

func (a *ACD) applyOverflowed(at time.Time, e CallOverflowed) {
	c := a.calls[e.Call]
	from := a.queues[e.From]
	from.dequeue(c)
	c.Overflow = OverflowCause(e.Reason)
	first := c.Parts == 0 // else an agent has answered it: it counts as that, where it was
	counts := first && a.tallied(c) != nil
	if first {
		c.Wait, c.Estimate = e.Wait, nil
	}
	if counts {
		from.today.Overflowed++
	}
	if to := a.queues[e.To]; e.To != "" && to != nil {
		if first {
			c.Passed = append(slices.Clip(c.Passed), e.From)
		}
		a.enterQueue(at, c, to)
		if counts {
			to.today.offered()
		}
		a.touchCall(c)
		return
	}
	c.Release = ReleaseSystem
	if first {
		c.Rings = e.Rings
	}
	a.endHeard(at, c, OutcomeOverflowed)
}

// dialling counts the calls that an agent's phone has placed to us.
func (a *ACD) dialling(agent AgentID, n int) {
	if g := a.agents[agent]; g != nil {
		g.Dialling = max(g.Dialling+n, 0) // the agent may be newer than the call
	}
}

func (a *ACD) endCall(at time.Time, c *Call, outcome Outcome) {
	a.dialling(c.ByAgent, -1)
	c.State, c.Outcome, c.EndedAt = CallEnded, outcome, at
	c.BudgetAt, c.ReachAt, c.DueAt, c.Menu = time.Time{}, time.Time{}, time.Time{}, nil
	a.queues[c.Queue].dequeue(c)
	delete(a.calls, c.ID)
	a.keepWorked(c)
	if at.Equal(a.restart.At) && !c.ArrivedAt.After(a.restart.Lost) {
		c.CutAt = a.restart.Lost
	}
	a.keepPlace(at, c)
	if i := slices.Index(a.order, c); i >= 0 {
		a.order = slices.Delete(a.order, i, i+1)
	}
	a.remember(c.ID)
	a.touchCall(c)
}

func (a *ACD) remember(id CallID) {
	if len(a.recent) >= 2*recentCalls {
		a.recent = slices.Delete(a.recent, 0, recentCalls)
	}
	a.recent = append(a.recent, id)
}

// tallied is the line whose day a call counts in: the day it arrived, so that
// parts and wholes are of the same calls.
func (a *ACD) tallied(c *Call) *line {
	if c.Day != a.day || c.Queue == "" {
		return nil
	}
	return a.queues[cmp.Or(c.Home, c.Queue)]
}

// countAnswered counts a conversation for its agent, and for the queue whose
// caller it is, once.
func (a *ACD) countAnswered(c *Call) {
	l := a.tallied(c)
	if l == nil {
		return
	}
	switch t := &a.agents[c.Agent].Today; {
	case c.Direction == Outbound:
		t.Placed++
		return
	default:
		t.Answered++
	}
	switch {
	case c.Callback != nil && c.ConnectedAt.IsZero():
		l.today.CalledBack++
	case c.Callback != nil: // was handed on
	case c.Parts == 0:
		l.today.answered(l.cfg, c.Wait, c.Rings)
		l.today.estimated(c, true)
	}
}

func (a *ACD) touchCall(c *Call) {
	if a.rows != nil {
		a.rows.Calls = append(a.rows.Calls, *c)
	}
}
