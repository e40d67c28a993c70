package queue

// forward gives a waiting call to a number outside, as an overflow's way out.
// The caller hears it ring; nobody in the house is offered the call any more.
func (a *ACD) forward(c *Call, number, reason string) {
	a.withdrawAll(c, reason)
	a.emit(OutsideDialled{Call: c.ID, Leg: a.nextLeg(c), Number: number, Reason: reason})
	a.ringOutside(c, c.Media == MediaMusic)
}

// ringOutside dials the number of a call that was given to one.
func (a *ACD) ringOutside(c *Call, music bool) {
	x, t := c.Outside, a.queues[c.Queue].cfg.Talking
	if !c.LineAnsweredAt.IsZero() { // otherwise real ringing is heard
		if music {
			a.do(StopMedia{Leg: c.Leg})
		}
		a.do(Play{Leg: c.Leg, Sounds: []string{RingTone}})
	}
	a.do(DialNumber{Call: c.ID, Leg: x.Leg, Number: x.Number, Shown: t.Shown, Name: c.Name, For: c.Leg, Limit: t.reach() + dialMargin})
}

// outsideAnswered: the number is there; the two speak.
func (a *ACD) outsideAnswered(c *Call) {
	if !c.Outside.AnsweredAt.IsZero() {
		return
	}
	answered := !c.LineAnsweredAt.IsZero()
	a.emit(OutsideAnswered{Call: c.ID, Leg: c.Outside.Leg, Wait: a.now.Sub(c.waitedSince())})
	if answered {
		a.do(StopMedia{Leg: c.Leg})
	} else {
		a.emit(LineAnswered{Call: c.ID, By: AnsweredByOutside})
		a.do(Answer{Leg: c.Leg})
	}
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, c.Outside.Leg}})
}

// outsideEnded: the number's leg is gone, or never was.
func (a *ACD) outsideEnded(c *Call, cause Cause) {
	if c.Outside.AnsweredAt.IsZero() {
		a.outsideFailed(c, missReason(cause))
		return
	}
	release := ReleaseAgent // the far side of the customer
	if cause != CauseNormal {
		release = ReleaseSystem
	}
	a.closeOutside(c, release, cause)
	a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
	a.dropBridge(c)
}

// outsideDue: the number does not answer.
func (a *ACD) outsideDue(c *Call) {
	a.do(HangUp{Leg: c.Outside.Leg, Reason: HangUpElsewhere})
	a.outsideFailed(c, MissedNoAnswer)
}

// outsideFailed: a customer who was handed on comes back to the agent who did
// it, then to anybody; others leave with a busy answer.
func (a *ACD) outsideFailed(c *Call, why MissReason) {
	back := c.Outside.Return != ""
	a.emit(OutsideFailed{Call: c.ID, Leg: c.Outside.Leg, Reason: why})
	if back {
		a.do(StopMedia{Leg: c.Leg})
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
		return
	}
	outcome := OutcomeForwarded
	if c.Parts > 0 {
		outcome = c.spokenOutcome() // handed on before, and then nobody took it
	}
	a.emit(CallClosed{Call: c.ID, Outcome: outcome, Release: ReleaseSystem, Cause: CauseFailed})
	a.do(HangUp{Leg: c.Leg, Reason: HangUpBusy})
	a.dropBridge(c)
}

// closeOutside ends a call that was given to a number outside.
func (a *ACD) closeOutside(c *Call, release Release, cause Cause) {
	e := CallClosed{Call: c.ID, Outcome: OutcomeForwarded, Release: release, Cause: cause}
	if c.Parts > 0 {
		e.Outcome = c.spokenOutcome()
	}
	if x := c.Outside; !x.AnsweredAt.IsZero() {
		e.Talk = a.since(x.AnsweredAt)
	}
	a.emit(e)
}

// spokenOutcome is the outcome of a call in which an agent has talked.
func (c *Call) spokenOutcome() Outcome {
	if c.Callback != nil {
		return OutcomeCalledBack
	}
	return OutcomeAnswered
}
