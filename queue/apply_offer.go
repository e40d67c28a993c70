package queue

import (
	"slices"
	"time"
)

func (a *ACD) applyOfferMade(at time.Time, e OfferMade) {
	c, g := a.calls[e.Call], a.agents[e.Agent]
	l := a.queues[c.Queue]
	l.dequeue(c)
	c.State, c.Open, c.Offers = CallOffered, append(slices.Clip(c.Open), e.Offer), c.Offers+1
	c.skipTo(LegID(e.Offer))
	if e.Kind == OfferQueue {
		l.rungLast = g.ID
		g.Today.Offers++
	}
	for _, id := range e.Overtook {
		x := a.calls[id]
		if x.Overtaken++; x.OvertakenAt.IsZero() {
			x.OvertakenAt = at
		}
	}
	a.ringAgent(at, c, &Offer{ID: e.Offer, Agent: g.ID, Kind: e.Kind, Why: e.Why})
	a.touchCall(c)
}

func (a *ACD) applyAccepted(at time.Time, e OfferAccepted) {
	c, o, g := a.calls[e.Call], a.offers[e.Offer], a.agents[e.Agent]
	o.State, o.ClosedAt, o.Rings, o.DeadlineAt = OfferTaken, at, e.Rings, time.Time{}
	if !o.AlertingAt.IsZero() && o.Kind == OfferQueue {
		a.countRung(o)
	}
	c.close(o.ID)
	c.State, c.Offer, c.Agent, c.AcceptedAt = CallConnecting, o.ID, g.ID, at
	if c.Leg == "" {
		c.State = CallReaching // the customer is called now
	}
	if c.Parts == 0 {
		c.Wait, c.Rings = e.Wait, e.CallerRings
	}
	c.Kept = nil
	c.BudgetAt, c.DueAt = time.Time{}, time.Time{}
	if o.Kind == OfferQueue {
		g.TakenAt, g.TakenFor = o.MadeAt, o.Queue
	}
	c.CallerBridged, c.AgentBridged = false, false
	g.InARow = 0
	a.setState(at, g, OnCall, "", c.ID)
	a.touchOffer(o)
	a.touchCall(c)
}

// applyMissed: the call returns to its place; what follows for the agent is the
// queue's rule.
func (a *ACD) applyMissed(at time.Time, e OfferMissed) {
	c, g, o := a.calls[e.Call], a.agents[e.Agent], a.offers[e.Offer]
	l := a.queues[c.Queue]
	if e.Reason == MissedRONA && o.Kind == OfferQueue {
		o.Rings = e.Rings
		a.countRung(o)
	}
	rings := e.Rings
	if e.Reason == MissedDropped {
		rings = o.Rings // it was answered then
	}
	a.closeOffer(at, e.Offer, OfferLost, string(e.Reason), rings)
	c.Kept = slices.DeleteFunc(slices.Clone(c.Kept), func(k Kept) bool { return k.Agent == g.ID })
	if o.Kind == OfferQueue {
		g.Today.Missed++
	}
	switch e.Reason {
	case MissedBusy, MissedRefused, MissedNoAnswer, MissedUnregistered, MissedFailed:
		g.Leg = "" // gone already, or never was
	}
	if e.Reason == MissedUnregistered {
		g.Phone = PhoneOffline
	}
	if e.Reason.unanswered() && o.Kind == OfferQueue {
		g.InARow++
	}
	state, why, pause := l.consequence(g, e.Reason)
	if o.Kind == OfferPlaced {
		state, why, pause = Ready, "", 0 // or what they were before
	}
	if state == Ready {
		g.BackOffAt = at.Add(pause)
	}
	a.release(at, g, state, why)
	if e.Reason == MissedDropped { // it had been accepted
		c.Offer, c.Agent, c.AcceptedAt = "", "", time.Time{}
		c.CallerBridged, c.AgentBridged = false, false
		if c.Parts == 0 {
			c.Wait, c.Rings = 0, Rings{}
		}
		c.Media, c.ReachAt = MediaMusic, time.Time{}
		if c.State == CallReaching {
			c.Leg = "" // the customer was being called: that is given up
		}
		c.WaitFrom = at
	}
	a.waitAgain(c)
	a.touchCall(c)
}

// close takes an offer from those whose phones ring.
func (c *Call) close(id OfferID) {
	if i := slices.Index(c.Open, id); i >= 0 {
		c.Open = slices.Delete(slices.Clone(c.Open), i, i+1)
	}
}

// waitAgain gives a call back its place if no phone rings for it any more.
func (a *ACD) waitAgain(c *Call) {
	if c.Offer == "" && len(c.Open) == 0 {
		c.State = CallWaiting
		a.queues[c.Queue].enqueue(c)
	}
}

func (a *ACD) withdrawn(at time.Time, e OfferWithdrawn) {
	o := a.offers[e.Offer]
	if l := a.queues[o.Queue]; e.Reason == AnsweredElsewhere && !o.AlertingAt.IsZero() && o.Day == a.day {
		l.today.InVain++
	}
	a.closeOffer(at, e.Offer, OfferTakenBack, e.Reason, e.Rings)
	a.waitAgain(a.calls[e.Call])
}

func (a *ACD) closeOffer(at time.Time, id OfferID, state OfferState, reason string, rings Rings) {
	o := a.offers[id]
	o.State, o.Reason, o.ClosedAt, o.Rings, o.DeadlineAt = state, reason, at, rings, time.Time{}
	delete(a.offers, id)
	a.calls[o.Call].close(id)
	a.touchOffer(o)
}

// applyViolation counts on the day of the offer, as countRung does: the agent's
// part of a call that came before midnight belongs to the day of the ringing.
func (a *ACD) applyViolation(at time.Time, e ViolationFound) {
	if l := a.queues[e.Queue]; l != nil && e.Day == a.day {
		l.today.Violations++
	}
	g := a.agents[e.Agent]
	if e.Day == a.day {
		g.Today.Violations++
		g.Today.Fines += e.Fine
	}
	if a.rows != nil {
		a.rows.Violations = append(a.rows.Violations, Violation{At: at, Agent: e.Agent, Call: e.Call,
			Offer: e.Offer, Queue: e.Queue, Rule: e.Rule, Rings: e.Rings, Fine: e.Fine})
	}
}

// countRung counts a ringing that was answered, or went to its limit.
func (a *ACD) countRung(o *Offer) {
	a.agents[o.Agent].PickUps.add(o.Rings.For, o.State == OfferTaken)
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

func (a *ACD) touchOffer(o *Offer) {
	if a.rows != nil {
		a.rows.Offers = append(a.rows.Offers, *o)
	}
}
