package queue

import (
	"slices"
	"time"
)

// apply is the only place where state changes: it makes one event true. It
// decides nothing and cannot fail, so that folding a stored log gives exactly
// the state that was.
func (a *ACD) apply(at time.Time, e Event) {
	switch e := e.(type) {
	case Configured:
		a.applyConfig(at, e.Config)
	case DayBegan:
		a.day = e.Day
		for _, l := range a.lines {
			l.today = Tally{}
		}
		for _, g := range a.staff {
			g.Today = AgentTally{}
		}
	case CallQueued:
		a.applyQueued(at, e)
	case CallTurnedAway:
		c := &Call{ID: e.Call, Day: a.day, Number: e.Number, Caller: e.Caller, State: CallEnded,
			ArrivedAt: at, EndedAt: at, Outcome: OutcomeTurnedAway, Release: ReleaseSystem}
		a.arrivals++
		c.Order = a.arrivals
		a.touchCall(c)
		a.remember(c.ID)
	case RingBudgetSpent:
		c := a.calls[e.Call]
		c.BudgetSpentAt, c.BudgetAt = at, time.Time{}
		a.touchCall(c)
	case LineAnswered:
		c := a.calls[e.Call]
		c.LineAnsweredAt, c.LineAnsweredBy = at, e.By
		if e.By == AnsweredByGreeting {
			c.Media = MediaGreeting
		}
		a.touchCall(c)
	case GreetingEnded:
		a.calls[e.Call].Media = MediaMusic
	case OfferMade:
		a.applyOfferMade(at, e)
	case OfferAlerting:
		o := a.offers[e.Offer]
		l := a.queues[o.Queue]
		o.State, o.AlertingAt = OfferRinging, at
		o.DeadlineAt = at.Add(l.cadence.Limit(l.cfg.AgentRings))
		a.touchOffer(o)
	case OfferAccepted:
		a.applyAccepted(at, e)
	case OfferMissed:
		a.applyMissed(at, e)
	case OfferWithdrawn:
		g := a.agents[e.Agent]
		a.closeOffer(at, e.Offer, OfferTakenBack, e.Reason, e.Rings)
		a.release(at, g, Ready, "")
	case LegJoined:
		c := a.calls[e.Call]
		c.CallerBridged, c.AgentBridged = e.Leg == LegID(c.ID), e.Leg != LegID(c.ID)
	case CallConnected:
		c := a.calls[e.Call]
		c.State, c.ConnectedAt = CallTalking, at
		c.CallerBridged, c.AgentBridged = true, true
		a.countAnswered(c)
		a.touchCall(c)
	case CallCompleted:
		a.applyCompleted(at, e)
	case CallAbandoned:
		c := a.calls[e.Call]
		c.Short, c.Rings, c.Wait, c.Cause, c.Release = e.Short, e.Rings, e.Wait, e.Cause, ReleaseCaller
		if l := a.tallied(c); l != nil {
			l.today.abandoned(l.cfg, e.Wait, e.Short)
		}
		a.endCall(at, c, OutcomeAbandoned)
	case CallOverflowed:
		a.applyOverflowed(at, e)
	case ViolationFound:
		a.applyViolation(at, e)
	case AgentStateSet:
		a.applyStateSet(at, e)
	case WrapUpEnded:
		g := a.agents[e.Agent]
		a.afterCall(at, g)
	case PhoneStateChanged:
		if g := a.agents[e.Agent]; g != nil {
			g.Phone = e.State
		}
	case FeatureUsed:
		a.features[e.Leg] = e.Agent
		a.dialling(e.Agent, 1)
	case FeatureEnded:
		a.dialling(a.features[e.Leg], -1)
		delete(a.features, e.Leg)
	case SwitchGone:
		a.switchUp = false
	case SwitchBack:
		a.switchUp = true
	case Refused: // said, and nothing changed
	}
}

func (a *ACD) applyQueued(at time.Time, e CallQueued) {
	a.arrivals++
	c := &Call{ID: e.Call, Order: a.arrivals, Day: a.day, Number: e.Number, Caller: e.Caller, Name: e.Name,
		Endpoint: e.Endpoint, Addr: e.Addr, ByAgent: a.agentAt(e.Endpoint, e.Addr), State: CallWaiting, ArrivedAt: at, Media: MediaRinging}
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
	c.Queue = l.cfg.ID
	c.MaxWaitAt = time.Time{}
	if l.cfg.MaxWait > 0 {
		c.MaxWaitAt = at.Add(l.cfg.MaxWait)
	}
	l.enqueue(c)
}

func (a *ACD) applyOfferMade(at time.Time, e OfferMade) {
	c, g := a.calls[e.Call], a.agents[e.Agent]
	l := a.queues[c.Queue]
	o := &Offer{ID: e.Offer, Call: e.Call, Agent: e.Agent, Queue: c.Queue, Day: a.day, State: OfferDialing,
		MadeAt: at, Why: e.Why, DeadlineAt: at.Add(l.cfg.DialTimeout)}
	a.offers[o.ID] = o
	l.dequeue(c)
	c.State, c.Offer, c.Offers = CallOffered, o.ID, c.Offers+1
	g.Offer = o.ID
	g.Today.Offers++
	a.setState(at, g, Reserved, "", c.ID)
	a.touchOffer(o)
	a.touchCall(c)
}

func (a *ACD) applyAccepted(at time.Time, e OfferAccepted) {
	c, o, g := a.calls[e.Call], a.offers[e.Offer], a.agents[e.Agent]
	o.State, o.ClosedAt, o.Rings, o.DeadlineAt = OfferTaken, at, e.Rings, time.Time{}
	if !o.AlertingAt.IsZero() {
		a.countRung(o)
	}
	c.State, c.Agent, c.AcceptedAt = CallConnecting, g.ID, at
	c.Wait, c.Rings = e.Wait, e.CallerRings
	c.BudgetAt, c.MaxWaitAt = time.Time{}, time.Time{}
	c.CallerBridged, c.AgentBridged = false, false
	a.setState(at, g, OnCall, "", c.ID)
	a.touchOffer(o)
	a.touchCall(c)
}

// applyMissed: the call returns to its place. Who let it ring, refused it or
// dropped it is not ready until they say otherwise; a phone that was busy,
// away or broken is left alone for a while.
func (a *ACD) applyMissed(at time.Time, e OfferMissed) {
	c, g, o := a.calls[e.Call], a.agents[e.Agent], a.offers[e.Offer]
	l := a.queues[c.Queue]
	if e.Reason == MissedRONA {
		o.Rings = e.Rings
		a.countRung(o)
	}
	rings := e.Rings
	if e.Reason == MissedDropped {
		rings = o.Rings // it was answered then
	}
	a.closeOffer(at, e.Offer, OfferLost, string(e.Reason), rings)
	g.Today.Missed++
	switch e.Reason {
	case MissedRONA, MissedRefused, MissedNoAnswer, MissedDropped:
		reason := ReasonRefused
		if e.Reason == MissedRONA || e.Reason == MissedNoAnswer {
			reason = ReasonRONA
		}
		a.release(at, g, NotReady, reason)
	default:
		g.BackOffAt = at.Add(l.cfg.BackOff)
		if e.Reason == MissedUnregistered {
			g.Phone = PhoneOffline
		}
		a.release(at, g, Ready, "")
	}
	c.State, c.Offer, c.Agent, c.AcceptedAt = CallWaiting, "", "", time.Time{}
	c.CallerBridged, c.AgentBridged = false, false
	if e.Reason == MissedDropped {
		c.Wait, c.Rings = 0, Rings{}
		c.Media = MediaMusic
		if l.cfg.MaxWait > 0 {
			c.MaxWaitAt = at.Add(l.cfg.MaxWait)
		}
	}
	l.enqueue(c)
	a.touchCall(c)
}

func (a *ACD) closeOffer(at time.Time, id OfferID, state OfferState, reason string, rings Rings) {
	o := a.offers[id]
	o.State, o.Reason, o.ClosedAt, o.Rings, o.DeadlineAt = state, reason, at, rings, time.Time{}
	delete(a.offers, id)
	if c := a.calls[o.Call]; c != nil && c.Offer == id && state == OfferTakenBack {
		// Back to waiting for the instant until the caller's end or the
		// overflow that caused the withdrawal.
		c.State, c.Offer = CallWaiting, ""
		a.queues[c.Queue].enqueue(c)
	}
	a.touchOffer(o)
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

func (a *ACD) applyViolation(at time.Time, e ViolationFound) {
	queue := QueueID("")
	if c := a.calls[e.Call]; c != nil {
		queue = c.Queue
		if l := a.tallied(c); l != nil {
			l.today.Violations++
		}
	}
	g := a.agents[e.Agent]
	g.Today.Violations++
	g.Today.Fines += e.Fine
	if a.rows != nil {
		a.rows.Violations = append(a.rows.Violations, Violation{At: at, Agent: e.Agent, Call: e.Call,
			Offer: e.Offer, Queue: queue, Rule: e.Rule, Rings: e.Rings, Fine: e.Fine})
	}
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
	c.BudgetAt, c.MaxWaitAt = time.Time{}, time.Time{}
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

func (a *ACD) countRung(o *Offer) {
	if o.Day != a.day {
		return
	}
	a.queues[o.Queue].today.rang(o.Rings)
	t := &a.agents[o.Agent].Today
	t.Rung++
	t.Rings += o.Rings.Heard
	if o.Rings.Within {
		t.RungWithin++
	}
}

func (a *ACD) touchCall(c *Call) {
	if a.rows != nil {
		a.rows.Calls = append(a.rows.Calls, *c)
	}
}

func (a *ACD) touchOffer(o *Offer) {
	if a.rows != nil {
		a.rows.Offers = append(a.rows.Offers, *o)
	}
}
