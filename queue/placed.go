package queue

import "strconv"

// place begins a call to a customer: the agent's phone rings first, then the
// number's.
func (a *ACD) place(in Place) {
	g := a.agents[in.Agent]
	no := func(code, reason string) { a.refused(in.Asked, in.Agent, code, reason) }
	if g == nil {
		no("unknown_agent", "there is no agent "+string(in.Agent))
		return
	}
	q := in.Queue
	if cfg := a.agentConfig(g.ID); q == "" && len(cfg.Queues) > 0 {
		q = cfg.Queues[0]
	}
	l := a.queues[q]
	switch {
	case l == nil || q == "":
		no("unknown_queue", "say for which queue the call is; there is none "+string(q))
	case !validNumber(in.Number):
		no("bad_number", "a number has 2 to 32 digits, with a + in front if need be")
	case !a.switchUp:
		no("no_switch", "Asterisk is not connected")
	case g.State != Ready && g.State != NotReady:
		no("not_now", "agent "+string(g.ID)+" is "+string(g.State)+": a call can be placed when ready or not ready")
	case g.Phone != PhoneIdle || g.Leg != "" || g.Dialling > 0:
		no("phone_busy", "the phone of agent "+string(g.ID)+" is busy or away")
	default:
		id := CallID("o" + strconv.FormatUint(a.epoch, 10) + "-" + strconv.FormatUint(a.seq+1, 10))
		a.emit(CallPlaced{Call: id, Queue: q, Agent: g.ID, Number: in.Number, Before: Pending{State: g.State, Reason: g.Reason},
			Unrecorded: !l.cfg.Record, Asked: in.Asked})
		c := a.calls[id]
		leg := a.nextLeg(c)
		a.emit(OfferMade{Offer: OfferID(leg), Call: id, Agent: g.ID, Kind: OfferPlaced})
		a.do(DialAgent{Call: id, Leg: leg, Agent: g.ID, Phone: a.agentConfig(g.ID).Phone, Caller: in.Number, Queue: q, Limit: l.ringLimit()})
	}
}

// dialCustomer calls the customer of a placed call or of a call-back.
func (a *ACD) dialCustomer(c *Call) {
	number := c.Number // of a placed call
	if c.Callback != nil {
		number = c.Callback.Number
	}
	t := a.queues[c.Queue].cfg.Talking
	a.emit(CustomerDialled{Call: c.ID, Leg: a.nextLeg(c), Number: number})
	if agent := c.agentLeg(); agent != "" {
		a.do(Play{Leg: agent, Sounds: []string{RingTone}})
	}
	a.do(DialNumber{Call: c.ID, Leg: c.Leg, Number: number, Shown: t.Shown, Record: !c.Unrecorded, For: c.agentLeg(), Limit: t.reach() + dialMargin})
}

// customerAnswered: who was called is there, and meets the agent who waits for
// them or, called first, waits for one.
func (a *ACD) customerAnswered(c *Call) {
	agent := c.agentLeg()
	a.emit(CustomerAnswered{Call: c.ID, Leg: c.Leg})
	if agent == "" {
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
		return
	}
	a.do(StopMedia{Leg: agent})
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, agent}})
}

// notReached: the customer who was called did not come.
func (a *ACD) notReached(c *Call, cause Cause) {
	agent := c.agentLeg()
	e := CustomerNotReached{Call: c.ID, Cause: cause}
	if b := c.Callback; b != nil {
		if r := a.queues[c.Queue].cfg.Callback; b.Attempts < r.attempts() {
			e.Next = a.now.Add(r.pause())
		}
	}
	a.emit(e)
	if agent != "" {
		a.do(HangUp{Leg: agent, Reason: HangUpBusy})
	}
	if e.Next.IsZero() {
		a.emit(CallClosed{Call: c.ID, Outcome: OutcomeNotReached, Release: ReleaseSystem, Cause: cause})
		a.dropBridge(c)
	}
}

// reachDue: the customer does not answer.
func (a *ACD) reachDue(c *Call) {
	a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
	a.notReached(c, CauseNoAnswer)
}

// reachingLeft: the agent left before the customer was there.
func (a *ACD) reachingLeft(c *Call, cause Cause) {
	if c.Direction == Outbound {
		a.placedOver(c, OutcomeCancelled, cause)
		return
	}
	a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
	a.missed(c, a.offers[c.Offer], MissedDropped)
}

// placedOver ends a placed call that did not become a conversation.
func (a *ACD) placedOver(c *Call, outcome Outcome, cause Cause) {
	release := ReleaseAgent
	if cause != CauseNormal {
		release = ReleaseSystem
	}
	leg := c.Leg
	a.emit(CallClosed{Call: c.ID, Outcome: outcome, Release: release, Cause: cause})
	if leg != "" {
		a.do(HangUp{Leg: leg, Reason: HangUpNormal})
	}
	a.dropBridge(c)
}
