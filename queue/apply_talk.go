package queue

import (
	"cmp"
	"slices"
	"time"
)

// applyTalk makes events of conversations true.
func (a *ACD) applyTalk(at time.Time, e Event) {
	switch e := e.(type) {
	case CallHeld:
		c := a.calls[e.Call]
		c.HeldAt, c.HeldByPhone = at, e.ByPhone
		a.touchCall(c)
	case CallRetrieved:
		c := a.calls[e.Call]
		c.unhold(at)
		a.touchCall(c)
	case AgentMuted:
		a.calls[e.Call].Muted = e.On
	case RecordingMuted, RecordingUnmuted, RecordingMuteFailed, RecordingMuteTook:
		a.applyRecording(at, e)
	case CallTransferred:
		a.applyTransferred(at, e)
	case ConsultBegan:
		a.applyConsultBegan(at, e)
	case ConsultAnswered:
		a.applyConsultAnswered(at, e)
	case ConsultMoved:
		c := a.calls[e.Call]
		switch {
		case e.To == ConsultPrivate:
			c.HeldAt = at
		case c.Consult.State == ConsultPrivate:
			c.unhold(at)
		}
		x := *c.Consult
		x.State = e.To
		c.Consult = &x
		a.touchCall(c)
	case ConsultEnded:
		a.applyConsultEnded(at, e)
	case ConsultTook:
		a.applyConsultTook(at, e)
	case OutsideDialled:
		a.applyOutsideDialled(at, e)
	case OutsideAnswered:
		c := a.calls[e.Call]
		x := *c.Outside
		x.AnsweredAt, x.DeadlineAt = at, time.Time{}
		c.Outside = &x
		c.spoke(at)
		if c.Parts == 0 {
			c.Wait = e.Wait
		}
		a.touchCall(c)
	case OutsideFailed:
		a.applyOutsideFailed(at, e)
	case CallPlaced, CallbackAsked, CallbackQueued, CustomerLeft, CustomerDialled, CustomerAnswered, CustomerNotReached, CallClosed:
		a.applyReach(at, e)
	default:
		a.applyHeard(at, e)
	}
}

// spoke notes that the customer is connected with somebody.
func (c *Call) spoke(at time.Time) {
	if c.SpokeAt.IsZero() {
		c.SpokeAt = at
	}
}

// unhold ends the time on hold and counts it.
func (c *Call) unhold(at time.Time) {
	if c.HeldAt.IsZero() {
		return
	}
	held := at.Sub(later(c.HeldAt, c.PartAt))
	c.Hold += held
	c.PartHold += held
	c.HeldAt, c.HeldByPhone = time.Time{}, false
}

// leavePart ends the part of the agent who has the call: talk time belongs to
// who talked. The agent goes on to after-call work.
func (a *ACD) leavePart(at time.Time, c *Call, talk time.Duration, end string) {
	g := a.agents[c.Agent]
	c.unhold(at)
	c.Talk += talk
	a.part(at, c, Part{Agent: g.ID, Offer: c.Offer, From: c.PartAt, Talk: talk, Hold: c.PartHold, End: end})
	if a.tallied(c) != nil {
		g.Today.Talk += talk
	}
	delete(a.offers, c.Offer)
	g.Offer = ""
	c.PartAt, c.PartHold, c.Muted = time.Time{}, 0, false
	a.toWrapUp(at, g, c, a.queues[c.Queue])
}

// part notes one agent's part of a call.
func (a *ACD) part(at time.Time, c *Call, p Part) {
	if p.From.IsZero() {
		p.From = at
	}
	c.Parts++
	p.Call, p.N, p.Queue, p.Day, p.To = c.ID, c.Parts, c.Queue, c.Day, at
	if a.rows != nil {
		a.rows.Parts = append(a.rows.Parts, p)
	}
}

// handedOn notes that a call left the agent who had it and goes on elsewhere.
func (a *ACD) handedOn(at time.Time, c *Call, talk time.Duration) {
	c.Home = cmp.Or(c.Home, c.Queue)
	a.leavePart(at, c, talk, "transferred")
	c.Offer = ""
	c.Transfers++
	if l := a.tallied(c); l != nil && c.counts() {
		l.today.Talk += talk
		l.today.Transferred++
	}
}

// waitHere lets a call that was handed on wait in its queue.
func (a *ACD) waitHere(at time.Time, c *Call, kept ...Kept) {
	c.Kept, c.Media, c.WaitFrom = kept, MediaMusic, at
	a.waitAgain(c)
}

func (a *ACD) applyTransferred(at time.Time, e CallTransferred) {
	c := a.calls[e.Call]
	t := a.queues[c.Queue].cfg.Talking
	a.handedOn(at, c, e.Talk)
	switch {
	case e.Target.Number != "":
		c.OtherLegs++
		c.skipTo(e.Leg)
		c.State = CallOutside
		c.Outside = &Outside{Leg: e.Leg, Number: e.Target.Number, Reason: ReasonTransfer, Return: e.Return, DeadlineAt: at.Add(t.reach())}
	case e.Target.Queue != "":
		c.Queue = e.Target.Queue
		a.waitHere(at, c)
	default:
		a.waitHere(at, c, Kept{e.Target.Agent, at.Add(t.transferWait())}, Kept{e.Return, at.Add(t.transferWait() + t.recall())})
	}
	a.touchCall(c)
}

func (a *ACD) applyConsultBegan(at time.Time, e ConsultBegan) {
	c := a.calls[e.Call]
	l := a.queues[c.Queue]
	c.Consult = &Consult{Leg: e.Leg, Agent: e.Agent, Offer: e.Offer, Number: e.Number, State: ConsultDialing, BeganAt: at}
	if e.Offer == "" {
		c.OtherLegs++
		c.skipTo(e.Leg)
		c.Consult.DeadlineAt = at.Add(l.cfg.Talking.reach())
		a.touchCall(c)
		return
	}
	c.Offers++
	c.skipTo(LegID(e.Offer))
	a.ringAgent(at, c, &Offer{ID: e.Offer, Agent: e.Agent, Kind: OfferConsult})
	a.touchCall(c)
}

// ringAgent enters an offer and reserves its agent.
func (a *ACD) ringAgent(at time.Time, c *Call, o *Offer) {
	g := a.agents[o.Agent]
	o.Call, o.Queue, o.Day, o.State, o.MadeAt = c.ID, c.Queue, a.day, OfferDialing, at
	o.DeadlineAt = at.Add(a.queues[c.Queue].cfg.DialTimeout)
	a.offers[o.ID] = o
	g.Offer, g.Leg = o.ID, LegID(o.ID)
	a.setState(at, g, Reserved, "", c.ID)
	a.touchOffer(o)
}

func (a *ACD) applyConsultAnswered(at time.Time, e ConsultAnswered) {
	c := a.calls[e.Call]
	x := *c.Consult
	x.State, x.AnsweredAt, x.DeadlineAt = ConsultPrivate, at, time.Time{}
	c.Consult = &x
	if o := a.offers[x.Offer]; o != nil {
		o.State, o.ClosedAt, o.DeadlineAt = OfferTaken, at, time.Time{}
		g := a.agents[o.Agent]
		g.InARow = 0
		a.setState(at, g, OnCall, "", c.ID)
		a.touchOffer(o)
	}
	a.touchCall(c)
}

func (a *ACD) applyConsultEnded(at time.Time, e ConsultEnded) {
	c := a.calls[e.Call]
	x := c.Consult
	c.Consult = nil
	if o := a.offers[x.Offer]; o != nil {
		g := a.agents[x.Agent]
		if x.AnsweredAt.IsZero() {
			state := OfferLost
			if e.Reason == "cancelled" || e.Reason == callOver {
				state = OfferTakenBack
			}
			o.State, o.Reason, o.ClosedAt, o.DeadlineAt = state, e.Reason, at, time.Time{}
			a.touchOffer(o)
		} else {
			a.consulted(at, c, x, e.Talk)
		}
		delete(a.offers, o.ID)
		if e.Reason == string(MissedUnregistered) {
			g.Phone = PhoneOffline
		}
		a.release(at, g, Ready, "")
	}
	a.touchCall(c)
}

// consulted notes the part of an agent who was called into a conversation.
func (a *ACD) consulted(at time.Time, c *Call, x *Consult, talk time.Duration) {
	a.part(at, c, Part{Agent: x.Agent, Offer: x.Offer, From: x.AnsweredAt, Talk: talk, End: "consulted"})
	if a.tallied(c) != nil {
		a.agents[x.Agent].Today.Talk += talk
	}
}

// applyConsultTook: who was called has the customer now, or will when they
// answer.
func (a *ACD) applyConsultTook(at time.Time, e ConsultTook) {
	c := a.calls[e.Call]
	x := c.Consult
	c.Consult = nil
	recall := a.queues[c.Queue].cfg.Talking
	a.handedOn(at, c, e.Talk)
	if e.Cause != "" {
		a.leaveAlone(at, a.agents[e.Agent], c)
	}
	o := a.offers[x.Offer]
	switch {
	case o != nil && x.AnsweredAt.IsZero():
		o.Kind = OfferQueue
		c.State, c.Open, c.Media = CallOffered, append(slices.Clip(c.Open), o.ID), MediaMusic
		c.WaitFrom = at
		c.Kept = []Kept{{x.Agent, at.Add(recall.transferWait())}, {e.Agent, at.Add(recall.transferWait() + recall.recall())}}
	case o != nil:
		a.consulted(at, c, x, at.Sub(x.AnsweredAt))
		c.Offer, c.Agent, c.PartAt = x.Offer, x.Agent, at
		c.State = CallTalking
		a.spoke.note(c.Caller, c.Agent)
	default:
		c.State = CallOutside
		c.Outside = &Outside{Leg: x.Leg, Number: x.Number, Reason: ReasonTransfer, Return: e.Agent, AnsweredAt: x.AnsweredAt, DeadlineAt: x.DeadlineAt}
		if !x.AnsweredAt.IsZero() {
			c.Outside.AnsweredAt = at
		}
	}
	a.touchCall(c)
}

func (a *ACD) applyOutsideDialled(at time.Time, e OutsideDialled) {
	c := a.calls[e.Call]
	l := a.queues[c.Queue]
	l.dequeue(c)
	c.OtherLegs++
	c.skipTo(e.Leg)
	c.Menu = nil
	if c.Parts == 0 {
		c.Estimate = nil
	}
	c.State, c.BudgetAt = CallOutside, time.Time{}
	c.Overflow = OverflowCause(e.Reason)
	c.Outside = &Outside{Leg: e.Leg, Number: e.Number, Reason: e.Reason, DeadlineAt: at.Add(l.cfg.Talking.reach())}
	if t := a.tallied(c); t != nil && c.Parts == 0 && c.counts() {
		t.today.Overflowed++
		t.today.Forwarded++
	}
	a.touchCall(c)
}

func (a *ACD) applyOutsideFailed(at time.Time, e OutsideFailed) {
	c := a.calls[e.Call]
	if back := c.Outside.Return; back != "" {
		c.Outside = nil
		a.waitHere(at, c, Kept{back, at.Add(a.queues[c.Queue].cfg.Talking.recall())})
	}
	a.touchCall(c)
}
