package queue

import (
	"slices"
	"time"
)

// recentCalls is how many ended calls are remembered, so that a leg which is
// still on its way out is not taken for a new caller.
const recentCalls = 512

func (a *ACD) endedLately(id CallID) bool { return slices.Contains(a.recent, id) }

// reconciled compares what the switch has now with what we believe, after a
// gap in its events or just to be sure. Two people who talk are never cut.
func (a *ACD) reconciled(in Reconciled) {
	a.dialledBefore(in.Legs)
	sum := SwitchBack{Legs: len(in.Legs)}
	legs := make(map[LegID]LegFact, len(in.Legs))
	for _, f := range in.Legs {
		legs[f.Leg] = f
	}
	wasUp := a.switchUp
	back := SwitchBack{Legs: len(in.Legs)}
	if in.Run != a.run {
		back.Run = in.Run
	}
	if back.Restarted = a.run != "" && back.Run != ""; back.Restarted {
		if back.Lost = a.heard; wasUp {
			back.Lost = a.now
		}
	}
	if !wasUp || back.Run != "" {
		// First, so that what follows happens under a switch that is heard;
		// the sums are on the second record of the pair.
		a.emit(back)
	}
	if back.Restarted {
		a.cut = back.Lost
		sum.Gone += a.restarted()
		a.cut = time.Time{}
	}
	for _, c := range slices.Clone(a.order) {
		sum.Gone += a.reconcileCall(c, in, legs, wasUp)
	}
	for _, g := range a.staff {
		if _, there := legs[g.Leg]; g.Leg != "" && !there {
			a.legGone(g.Leg)
		}
	}
	for _, leg := range sortedKeys(a.features) {
		if _, there := legs[leg]; !there {
			a.emit(FeatureEnded{Leg: leg})
		}
	}
	for _, agents := range []bool{false, true} { // who talks to a caller comes after the caller
		for _, f := range in.Legs {
			if (f.Kind == LegAgent) != agents {
				continue
			}
			switch a.reconcileLeg(f, legs) {
			case adopted:
				sum.Adopted++
			case stray:
				sum.Strays++
			}
		}
	}
	for _, g := range a.staff {
		if state, told := in.Phones[g.ID]; told {
			a.phoneChanged(PhoneChanged{Agent: g.ID, State: state})
		}
	}
	if sum.Gone+sum.Adopted+sum.Strays > 0 {
		a.emit(sum)
	}
}

// reconcileCall brings one live call up to what the switch has, and returns
// how many of its legs were gone.
func (a *ACD) reconcileCall(c *Call, in Reconciled, legs map[LegID]LegFact, wasUp bool) (gone int) {
	if c.Leg != "" {
		f, there := legs[c.Leg]
		if !there {
			cause := CauseGone
			if in.Rescued[c.Leg] {
				cause = CauseRescued
			}
			a.legEnded(c.Leg, cause)
			return 1
		}
		a.reconcileMute(c, f, wasUp)
		if f.Up && c.State == CallReaching {
			a.legAnswered(c.Leg)
		}
	}
	// Who is rung: phones for the call, and whom an agent or the house called.
	rung := slices.Clone(c.Open)
	if c.Consult != nil {
		rung = append(rung, OfferID(c.Consult.Leg))
	}
	if c.Outside != nil && c.State == CallOutside {
		rung = append(rung, OfferID(c.Outside.Leg))
	}
	for _, id := range rung {
		leg := LegID(id)
		f, there := legs[leg]
		if _, part := a.find(leg); part == noPart {
			continue // another was answered meanwhile
		}
		switch {
		case !there:
			a.legEnded(leg, CauseGone)
			gone++
		case f.Up:
			a.legAnswered(leg)
		case f.Ringing:
			a.legRinging(leg)
		}
	}
	agentLeg := c.agentLeg()
	if _, there := legs[agentLeg]; agentLeg != "" && c.State != CallEnded && !there {
		if c.State == CallConnecting && legs[c.Leg].Bridged {
			// The caller is in the room where they were being brought together:
			// they spoke while nobody looked (R9.1).
			a.emit(CallConnected{Call: c.ID, Agent: c.Agent, Since: c.AcceptedAt})
		}
		a.legEnded(agentLeg, CauseGone)
		return gone + 1
	}
	if c.State == CallConnecting || (c.State == CallTalking && c.HeldAt.IsZero() && c.Consult == nil) {
		if legs[c.Leg].Bridged && legs[agentLeg].Bridged {
			a.legBridged(c.Leg)
			a.legBridged(agentLeg)
		} else if c.State == CallTalking || !wasUp {
			a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, agentLeg}})
		}
	}
	alone := c.Leg != "" && legs[c.Leg].Bridged && c.waits() && !accompanied(c.ID, legs)
	if alone {
		// Left behind in the room where a leader before us had connected them:
		// nothing is heard there.
		a.do(Unhook{Call: c.ID, Leg: c.Leg})
	}
	if !wasUp && (c.Media == MediaGreeting || c.Media == MediaAnnouncement || c.prompted() || c.leaving()) {
		a.soundOver(c) // its end may have been missed
	} else if !wasUp && c.waits() && c.Leg != "" && c.Media == MediaMusic && (alone || !legs[c.Leg].Bridged) {
		// Its beginning may have failed as the switch was lost, and who waits on
		// an answered line would hear nothing. Music that runs bears it.
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
	}
	return gone
}

// accompanied tells whether an agent is in the room with a caller.
func accompanied(call CallID, legs map[LegID]LegFact) bool {
	for leg, f := range legs {
		if f.Kind == LegAgent && f.Bridged && CallOf(leg) == call {
			return true
		}
	}
	return false
}

type strangerKind int

const (
	known strangerKind = iota
	adopted
	stray
)

// reconcileLeg deals with a leg that we know nothing of: a caller who came
// while nobody listened is taken in, and so is an agent who talks to a caller
// that waits as far as we know. Anything else is hung up.
func (a *ACD) reconcileLeg(f LegFact, legs map[LegID]LegFact) strangerKind {
	switch f.Kind {
	case LegCaller:
		if a.calls[CallID(f.Leg)] != nil {
			return known
		}
		if a.endedLately(CallID(f.Leg)) {
			a.do(HangUp{Leg: f.Leg, Reason: HangUpNormal})
			return stray
		}
		a.callArrived(f.Arrival, true)
		if c := a.calls[CallID(f.Leg)]; c != nil && f.Up && c.waits() && c.LineAnsweredAt.IsZero() {
			// Somebody answered it before the record was lost: no more
			// ringing is heard there.
			a.emit(LineAnswered{Call: c.ID, By: AnsweredByGreeting})
			a.emit(GreetingEnded{Call: c.ID})
			a.do(StartMusic{Leg: f.Leg, Class: a.queues[c.Queue].cfg.Music})
		}
		return adopted
	case LegAgent:
		if _, part := a.find(f.Leg); part != noPart {
			return known
		}
		if a.talksUnheard(f, legs) {
			return adopted
		}
	case LegFeature:
		if _, ok := a.features[f.Leg]; ok {
			return known
		}
	}
	a.do(HangUp{Leg: f.Leg, Reason: HangUpNormal})
	return stray
}

// talksUnheard takes in a conversation that is on record nowhere: who led before
// made it when the ledger was out of reach (two people who talk are never cut).
// It is on record from now on.
func (a *ACD) talksUnheard(f LegFact, legs map[LegID]LegFact) bool {
	c, g := a.calls[CallOf(f.Leg)], a.agents[f.Agent]
	if c == nil || g == nil || g.Leg != "" || !c.waits() || !f.Up || !f.Bridged || c.Leg == "" || !legs[c.Leg].Bridged {
		return false
	}
	why := a.why(c, []*Agent{g})
	if g.IdleSince.IsZero() {
		why.Candidates[0].IdleFor = 0 // signed on when nobody heard
	}
	a.emit(OfferMade{Offer: OfferID(f.Leg), Call: c.ID, Agent: g.ID, Why: why})
	a.accepted(c, a.offers[OfferID(f.Leg)])
	return true
}
