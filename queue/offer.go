package queue

import (
	"cmp"
	"math"
	"slices"
)

// whyShown is how many candidates an offer's explanation names.
const whyShown = 3

// why explains the choice of the first candidate; it goes on the timeline.
func (a *ACD) why(c *Call, found []*Agent) Why {
	l := a.queues[c.Queue]
	w := Why{Strategy: cmp.Or(l.cfg.Routing.Strategy, LongestIdle), Of: len(found), LastAgent: a.awaited(c) == found[0]}
	kept, _ := a.awaitedTransfer(c)
	w.Kept = kept == found[0]
	if c.State == CallOffered && !w.Strategy.parallel() {
		w.Backup = true
		w.Chance = math.Round(1000*(1-a.unanswered(c, a.now, c.BudgetAt))) / 1000
	}
	for _, g := range found[:min(len(found), whyShown)] {
		x := Candidate{Agent: g.ID, IdleFor: a.now.Sub(g.IdleSince)}
		if rank := a.agentConfig(g.ID).rank(l.cfg.ID); rank > 1 {
			x.Rank = rank
		}
		switch w.Strategy {
		case FewestCalls:
			x.Calls = g.Today.Answered
		case LeastTalk:
			x.Talk = g.Today.Talk
		}
		w.Candidates = append(w.Candidates, x)
	}
	return w
}

// offer rings one agent for one call. The id of the leg is chosen here, from
// the call and a count, so that a repeated command cannot ring a phone twice
// and a leg tells what it belongs to.
func (a *ACD) offer(c *Call, found []*Agent) {
	g := found[0]
	if a.customerFirst(c) {
		a.dialCustomer(c)
		return
	}
	leg := a.nextLeg(c)
	a.emit(OfferMade{Offer: OfferID(leg), Call: c.ID, Agent: g.ID, Why: a.why(c, found), Overtook: a.overtakes(c, g)})
	a.do(DialAgent{
		Call: c.ID, Leg: leg, CallerLeg: c.Leg, Agent: g.ID, Phone: a.agentConfig(g.ID).Phone,
		Caller: c.Caller, Name: c.Name, Queue: c.Queue, Limit: a.queues[c.Queue].ringLimit(),
	})
}

func (o *Offer) open() bool { return o.State == OfferDialing || o.State == OfferRinging }

// legRinging starts the ring clock at the 180 (R1.3). A leg that nobody waits
// for must not ring.
func (a *ACD) legRinging(leg LegID) {
	_, part := a.find(leg)
	o := a.offers[OfferID(leg)]
	switch {
	case part == noPart:
		a.do(HangUp{Leg: leg, Reason: HangUpElsewhere})
	case o != nil && o.State == OfferDialing:
		a.emit(OfferAlerting{Offer: o.ID})
	}
}

// legAnswered: who was called answered. If nobody waits for them any more the
// leg is hung up: no phone talks to nobody.
func (a *ACD) legAnswered(leg LegID) {
	c, part := a.find(leg)
	switch part {
	case noPart:
		a.do(HangUp{Leg: leg, Reason: HangUpElsewhere})
	case customerPart:
		if c.State == CallReaching {
			a.customerAnswered(c)
		}
	case consultPart:
		a.consultAnswered(c)
	case outsidePart:
		a.outsideAnswered(c)
	case agentPart:
		if o := a.offers[OfferID(leg)]; o.open() {
			a.accepted(c, o)
		}
	}
}

// accepted: an agent answered. The customer is there, or is called now.
func (a *ACD) accepted(c *Call, o *Offer) {
	leg := LegID(o.ID)
	wasAnswered := !c.LineAnsweredAt.IsZero()
	e := OfferAccepted{Offer: o.ID, Call: c.ID, Agent: o.Agent, Rings: a.offerRings(o), Wait: a.now.Sub(c.waitedSince())}
	if c.Leg != "" {
		e.CallerRings = a.callerRings(c)
	}
	a.emit(e)
	switch {
	case c.Leg == "":
		a.dialCustomer(c)
		a.withdrawAll(c, AnsweredElsewhere)
		return
	case wasAnswered:
		a.do(StopMedia{Leg: c.Leg})
	default:
		a.emit(LineAnswered{Call: c.ID, By: AnsweredByAgent})
		a.do(Answer{Leg: c.Leg})
	}
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, leg}})
	a.withdrawAll(c, AnsweredElsewhere)
}

// offerRings measures an offer's ringing until now. A phone that answered
// without ringing has rung no ring, and is within.
func (a *ACD) offerRings(o *Offer) Rings {
	l := a.queues[o.Queue]
	if o.AlertingAt.IsZero() {
		return Rings{Within: true, Strict: true}
	}
	return l.cadence.Measure(a.since(o.AlertingAt), l.cfg.AgentRings)
}

// offerDue: the phone never began to ring, or rang to its limit. The latter is
// a violation: the fourth ring would start now (R1.1).
func (a *ACD) offerDue(c *Call, o *Offer) {
	if o.State == OfferDialing {
		a.missed(c, o, MissedNoRinging)
		return
	}
	if o.Kind != OfferQueue { // a colleague's call, or their own
		a.missed(c, o, MissedRONA)
		return
	}
	found := ViolationFound{Agent: o.Agent, Call: c.ID, Offer: o.ID, Rule: "R1.1", Rings: a.offerRings(o),
		Fine: a.queues[o.Queue].cfg.Fine, Queue: o.Queue, Day: o.Day}
	a.missed(c, o, MissedRONA)
	a.emit(found)
}

// missed ends an offer for a reason on the agent's side; the call keeps its
// place. What it means for the agent is decided in apply.go.
func (a *ACD) missed(c *Call, o *Offer, why MissReason) {
	leg := LegID(o.ID)
	inARow := a.agents[o.Agent].InARow + 1
	a.emit(OfferMissed{Offer: o.ID, Call: c.ID, Agent: o.Agent, Reason: why, Rings: a.offerRings(o)})
	if o.Kind == OfferQueue && why.unanswered() && a.queues[o.Queue].signsOut(inARow) { // the count began anew with the signing out
		a.emit(AlertRaised{Kind: AlertSignOut, Agent: o.Agent, Queue: o.Queue, Count: inARow})
	}
	a.do(HangUp{Leg: leg, Reason: HangUpElsewhere})
	if o.Kind == OfferPlaced {
		a.placedOver(c, OutcomeCancelled, CauseNormal)
		return
	}
	if why == MissedDropped && c.Leg != "" { // the line is answered by now; it must not be silent
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
	}
}

// withdrawAll stops the phones that still ring for a call, for a reason that is
// not the agents': it costs them nothing.
func (a *ACD) withdrawAll(c *Call, reason string) {
	for _, id := range slices.Clone(c.Open) {
		o := a.offers[id]
		a.emit(OfferWithdrawn{Offer: id, Call: c.ID, Agent: o.Agent, Reason: reason, Rings: a.offerRings(o)})
		a.do(HangUp{Leg: LegID(id), Reason: HangUpElsewhere})
	}
}

func missReason(cause Cause) MissReason {
	switch cause {
	case CauseBusy:
		return MissedBusy
	case CauseRefused:
		return MissedRefused
	case CauseNoAnswer:
		return MissedNoAnswer
	case CauseUnregistered:
		return MissedUnregistered
	}
	return MissedFailed
}

// commandFailed: what the switch would not do. Everything else that can fail
// shows itself as the end of a leg.
func (a *ACD) commandFailed(in CommandFailed) {
	switch in.Command {
	case Name(DialAgent{}):
		if o := a.offers[OfferID(in.Leg)]; o != nil && o.open() {
			a.legEnded(in.Leg, in.Cause)
		}
	case Name(Bridge{}):
		if c := a.calls[in.Call]; c != nil {
			a.bridgeFailed(c)
		}
	case Name(MuteRecording{}), Name(UnmuteRecording{}):
		a.recordingFailed(in)
	case Name(DialNumber{}):
		a.legEnded(in.Leg, in.Cause)
	case Name(Play{}):
		switch c, part := a.find(in.Leg); {
		case c.hearsTone(part): // music, too, tells that the line lives
			a.do(StartMusic{Leg: in.Leg, Class: a.queues[c.Queue].cfg.Music})
		case part == customerPart:
			a.soundOver(c)
		default:
			a.playbackFinished(PlaybackFinished{Leg: in.Leg})
		}
	}
}

// hearsTone: somebody is called, and whoever waits for them hears it ring.
func (c *Call) hearsTone(part legPart) bool {
	switch part {
	case customerPart:
		return c.State == CallOutside && c.Outside.AnsweredAt.IsZero()
	case agentPart:
		return (c.State == CallReaching && c.Leg != "") || (c.Consult != nil && c.Consult.State == ConsultDialing)
	}
	return false
}

// bridgeFailed: the two who should speak do not hear each other. Whoever is the
// customer must not be left in silence for it.
func (a *ACD) bridgeFailed(c *Call) {
	switch x := c.Consult; {
	case c.State == CallConnecting:
		a.missed(c, a.offers[c.Offer], MissedDropped)
	case c.State == CallOutside && !c.Outside.AnsweredAt.IsZero():
		a.do(HangUp{Leg: c.Outside.Leg, Reason: HangUpElsewhere})
		a.outsideFailed(c, MissedFailed)
	case c.State == CallTalking && x != nil && x.State != ConsultDialing:
		a.do(HangUp{Leg: x.Leg, Reason: HangUpElsewhere})
		a.consultOver(c, string(MissedFailed), Asked{})
	case c.State == CallTalking && x == nil && c.HeldAt.IsZero():
		a.hold(c, Asked{}) // which the agent sees, and can take back
	}
}
