package queue

import (
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
	c, g := a.calls[e.Call], a.agents[e.Agent]
	if c.ConnectedAt.IsZero() {
		a.countAnswered(c)
	}
	c.Release, c.Cause, c.Talk = e.Release, e.Cause, e.Talk
	l := a.queues[c.Queue]
	if l := a.tallied(c); l != nil {
		l.today.completed(e.Talk, e.Release)
		g.Today.Talk += e.Talk
	}
	o := a.offers[c.Offer]
	delete(a.offers, o.ID)
	g.Offer = ""
	if e.Release == ReleaseAgent {
		g.Leg = "" // that is how it ended
	}
	if l.cfg.WrapUp > 0 {
		g.WrapUpAt = at.Add(l.cfg.WrapUp)
		a.setState(at, g, WrapUp, "", c.ID) // whose outcome is being registered (R3.1)
	} else {
		a.afterCall(at, g)
	}
	a.endCall(at, c, OutcomeAnswered)
}

func (a *ACD) applyOverflowed(at time.Time, e CallOverflowed) {
	c := a.calls[e.Call]
	from := a.queues[e.From]
	from.dequeue(c)
	c.Overflow = OverflowCause(e.Reason)
	c.Wait = e.Wait
	counts := a.tallied(c) != nil
	if counts {
		from.today.Overflowed++
	}
	if to := a.queues[e.To]; e.To != "" && to != nil {
		c.Passed = append(slices.Clip(c.Passed), e.From)
		a.enterQueue(at, c, to)
		if counts {
			to.today.offered()
		}
		a.touchCall(c)
		return
	}
	c.Release, c.Rings = ReleaseSystem, e.Rings
	a.endCall(at, c, OutcomeOverflowed)
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
	c.BudgetAt = time.Time{}
	a.queues[c.Queue].dequeue(c)
	delete(a.calls, c.ID)
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
	if c.Day != a.day {
		return nil
	}
	return a.queues[c.Queue]
}

func (a *ACD) countAnswered(c *Call) {
	if l := a.tallied(c); l != nil {
		l.today.answered(l.cfg, c.Wait, c.Rings)
		a.agents[c.Agent].Today.Answered++
	}
}

func (a *ACD) touchCall(c *Call) {
	if a.rows != nil {
		a.rows.Calls = append(a.rows.Calls, *c)
	}
}
