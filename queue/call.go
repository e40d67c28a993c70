package queue

import "time"

// callArrived gives a caller a place in the queue behind the number dialled.
// The caller hears real ringing (180): no announcement can count as service.
// Waited: it came before we heard of it.
func (a *ACD) callArrived(in CallArrived, waited bool) {
	id := CallID(in.Leg)
	if a.calls[id] != nil || a.endedLately(id) || CallOf(in.Leg) != id {
		return
	}
	level := a.cfg.Customers[in.Caller]
	extra := a.cfg.Priorities[in.Number] + a.cfg.levelPriority(level)
	if a.banned(in.Caller) {
		a.turnAway(in, TurnedBanned)
		return
	}
	if p, ok := a.oldPlace(in); ok {
		a.restore(in, p, level, extra)
		return
	}
	q, known := a.cfg.Numbers[in.Number]
	menu, asks := a.cfg.Entrances[in.Number]
	if known = known && a.queues[q] != nil; !known && !asks {
		a.emit(CallTurnedAway{Call: id, Number: in.Number, Caller: in.Caller, Reason: TurnedUnknown})
		a.do(HangUp{Leg: in.Leg, Reason: HangUpUnknown})
		return
	}
	full := a.refuses(in, waited)
	var out Overflow // where a queue sends who may not wait
	if full == TurnedWaiting && !asks {
		if way, ok := a.queues[q].cfg.overflow(OverflowFull); ok && way.target() != (Target{}) && way.target().Queue == "" {
			full, out = "", way
		}
	}
	if full != "" {
		a.turnAway(in, full)
		return
	}
	if asks {
		a.enterMenu(in, menu, level, extra)
		return
	}
	a.emit(CallQueued{Call: id, Level: level, Extra: extra, LastAgent: a.spoke.with(in.Caller), Queue: q, Number: in.Number, Caller: in.Caller, Name: in.Name,
		Endpoint: in.Endpoint, Addr: in.Addr, Unrecorded: !a.queues[q].cfg.Record})
	c := a.calls[id]
	if way, ok := a.onArrival(c, a.queues[q]); ok {
		a.overflow(c, way)
	} else if out.Cause != "" {
		a.overflow(c, out)
	}
	if c.State == CallWaiting {
		a.do(IndicateRinging{Leg: in.Leg})
	}
}

// callerRings is what the caller has lived through until now: the rings heard
// (they end when the line is answered by whatever), judged on the whole wait
// for a human voice (R1.2, R1.3).
func (a *ACD) callerRings(c *Call) Rings {
	l := a.queues[c.Queue]
	ringing := a.since(c.rangSince())
	if !c.LineAnsweredAt.IsZero() {
		ringing = max(c.LineAnsweredAt.Sub(c.rangSince()), 0)
	}
	wait := a.since(c.waitedSince())
	heard := l.cadence.Heard(ringing)
	if ringing == 0 {
		heard = 0 // turned away on arrival: nothing rang
	}
	return Rings{
		For: ringing, Heard: heard,
		Within: l.cadence.Within(wait, l.cfg.BudgetRings),
		Strict: l.cadence.WithinStrict(wait, l.cfg.BudgetRings),
	}
}

// budgetDue: nobody has answered within the caller's ring budget. The queue's
// policy decides whether the line is answered by a greeting or rings on.
func (a *ACD) budgetDue(c *Call) {
	a.emit(RingBudgetSpent{Call: c.ID, Rings: a.callerRings(c)})
	q := a.queues[c.Queue].cfg
	if q.OnBudget == BudgetGreet && c.Media == MediaTone {
		a.greetLate(c, q)
		return
	}
	if q.OnBudget != BudgetGreet || !c.LineAnsweredAt.IsZero() {
		return
	}
	a.emit(LineAnswered{Call: c.ID, By: AnsweredByGreeting})
	a.do(Answer{Leg: c.Leg})
	if q.Greeting == "" {
		a.emit(GreetingEnded{Call: c.ID})
		a.do(StartMusic{Leg: c.Leg, Class: q.Music})
		return
	}
	a.do(Play{Leg: c.Leg, Sounds: SplitSounds(q.Greeting)})
}

// playbackFinished: a greeting gives way to music; a feature code's
// confirmation ends its call. The end of a sound that has given way to another
// may be told late.
func (a *ACD) playbackFinished(in PlaybackFinished) {
	if _, ok := a.features[in.Leg]; ok {
		a.do(HangUp{Leg: in.Leg, Reason: HangUpNormal})
		return
	}
	c, part := a.find(in.Leg)
	if part == customerPart && (in.N == 0 || in.N == c.Plays) {
		a.soundOver(c)
	}
}

// legBridged: when the second of both is in the bridge, they hear each other.
func (a *ACD) legBridged(leg LegID) {
	c, part := a.find(leg)
	caller := part == customerPart
	if c == nil || c.State != CallConnecting || (!caller && leg != c.agentLeg()) {
		return
	}
	if (caller && c.CallerBridged) || (!caller && c.AgentBridged) {
		return
	}
	if c.CallerBridged || c.AgentBridged {
		a.emit(CallConnected{Call: c.ID, Agent: c.Agent})
		return
	}
	a.emit(LegJoined{Call: c.ID, Leg: leg})
}

// legEnded: someone or something is gone. Doubled and unknown ends fall
// through without effect.
func (a *ACD) legEnded(leg LegID, cause Cause) {
	if _, ok := a.features[leg]; ok {
		a.emit(FeatureEnded{Leg: leg})
		return
	}
	c, part := a.find(leg)
	switch part {
	case customerPart:
		a.callerEnded(c, cause)
	case consultPart:
		a.consultEnded(c, cause)
	case outsidePart:
		a.outsideEnded(c, cause)
	case agentPart:
		if leg == c.agentLeg() {
			a.agentEnded(c, cause, Asked{})
		} else {
			a.missed(c, a.offers[OfferID(leg)], missReason(cause))
		}
	}
}

// callerEnded: the customer left, and whoever is being rung for them is stopped
// first of all.
func (a *ACD) callerEnded(c *Call, cause Cause) {
	switch c.State {
	case CallWaiting, CallOffered:
		a.waitingEnded(c, cause)
		return
	case CallConnecting, CallTalking:
		agent := c.agentLeg()
		release := ReleaseCaller
		if cause != CauseNormal {
			release = ReleaseSystem
		}
		a.complete(c, release, cause, Asked{})
		a.do(HangUp{Leg: agent, Reason: HangUpNormal})
	case CallOutside:
		leg := c.Outside.Leg
		a.closeOutside(c, releaseBy(ReleaseCaller, cause), cause)
		a.do(HangUp{Leg: leg, Reason: HangUpNormal})
	case CallReaching:
		a.notReached(c, cause)
		return
	default:
		a.leftAlone(c, cause)
	}
	a.dropBridge(c)
}

// waitingEnded: a caller left who has not been answered, or not again since
// they were handed on; or one who will be called back.
func (a *ACD) waitingEnded(c *Call, cause Cause) {
	if c.leaving() {
		a.emit(CustomerLeft{Call: c.ID})
		return
	}
	a.withdrawAll(c, "caller_left")
	switch {
	case c.Parts > 0:
		a.emit(CallClosed{Call: c.ID, Outcome: c.spokenOutcome(), Release: releaseBy(ReleaseCaller, cause), Cause: cause})
	case c.Callback != nil: // reached, and gone before an agent was there
		a.emit(CallClosed{Call: c.ID, Outcome: OutcomeNotReached, Release: releaseBy(ReleaseCaller, cause), Cause: cause})
	case cause == CauseRescued: // still on the line, but no more with us
		a.emit(CallOverflowed{Call: c.ID, From: c.Queue, Reason: string(CauseRescued), Wait: a.now.Sub(c.waitedSince()), Rings: a.callerRings(c)})
	case cause.lost():
		a.loseCaller(c, cause)
	default:
		wait := a.now.Sub(c.waitedSince())
		short := wait < a.queues[c.Queue].cfg.ShortAbandon
		a.emit(CallAbandoned{Call: c.ID, Short: short, Rings: a.callerRings(c), Wait: wait, Cause: cause})
		a.abandonedBack(c)
	}
	a.dropBridge(c)
}

// complete ends the conversation of a customer and an agent, and a consultation
// with it.
func (a *ACD) complete(c *Call, by Release, cause Cause, asked Asked) {
	if x := c.Consult; x != nil {
		e := ConsultEnded{Call: c.ID, Leg: x.Leg, Reason: callOver}
		if !x.AnsweredAt.IsZero() {
			e.Talk = a.since(x.AnsweredAt)
		}
		a.emit(e)
		a.do(HangUp{Leg: x.Leg, Reason: HangUpElsewhere})
	}
	a.unmuteRecording(c, MuteEndedCall, asked)
	a.emit(CallCompleted{Call: c.ID, Agent: c.Agent, Release: by, Cause: cause, Talk: a.partTalk(c), Asked: asked})
}

// dropBridge removes what the switch may have prepared for the call.
func (a *ACD) dropBridge(c *Call) {
	if c.Offers+c.OtherLegs > 0 {
		a.do(Unbridge{Call: c.ID})
	}
}

// waitedSince is from when a customer waits for a human voice (R1.3).
func (c *Call) waitedSince() time.Time {
	if c.QueuedAt.IsZero() {
		return c.ArrivedAt
	}
	return c.QueuedAt
}
