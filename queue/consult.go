package queue

import "time"

// consult calls somebody while the customer holds.
func (a *ACD) consult(c *Call, to Target, by Asked) {
	switch {
	case c.Consult != nil:
		a.refused(by, c.Agent, "not_now", "a consultation goes on already")
		return
	case c.HeldByPhone:
		a.refused(by, c.Agent, "not_now", "the phone has put the call on hold: take it back first")
		return
	}
	if code, reason := a.checkTarget(c, to); code != "" {
		a.refused(by, c.Agent, code, reason)
		return
	}
	if to.Queue != "" {
		if to.Agent = a.whoIsFree(c, to.Queue); to.Agent == "" {
			a.refused(by, c.Agent, "not_available", "nobody is free in queue "+string(to.Queue))
			return
		}
	}
	g := a.agents[to.Agent]
	if g != nil && !a.free(g) {
		a.refused(by, c.Agent, "not_available", "agent "+string(to.Agent)+" is busy")
		return
	}
	l := a.queues[c.Queue]
	if c.HeldAt.IsZero() {
		a.hold(c, Asked{By: by.By})
	}
	leg := a.nextLeg(c)
	e := ConsultBegan{Call: c.ID, By: c.Agent, Leg: leg, Agent: to.Agent, Number: to.Number, Req: by.Req}
	if g != nil {
		e.Offer = OfferID(leg)
		e.Number = ""
	}
	a.emit(e)
	a.do(Unhook{Call: c.ID, Leg: c.agentLeg()})
	a.do(Play{Leg: c.agentLeg(), Sounds: []string{RingTone}})
	if g == nil {
		a.do(DialNumber{Call: c.ID, Leg: leg, Number: to.Number, Shown: l.cfg.Talking.Shown, For: c.agentLeg(), Limit: l.cfg.Talking.reach() + dialMargin})
		return
	}
	from := a.agentConfig(c.Agent)
	a.do(DialAgent{Call: c.ID, Leg: leg, CallerLeg: c.agentLeg(), Agent: g.ID, Phone: a.agentConfig(g.ID).Phone,
		Caller: string(from.ID), Name: from.Name, Queue: c.Queue, Limit: l.ringLimit()})
}

// whoIsFree is the agent whom a queue would give a call now; empty: nobody is
// free.
func (a *ACD) whoIsFree(c *Call, q QueueID) AgentID {
	asked := *c
	asked.Queue, asked.Kept, asked.LastAgent, asked.Open = q, nil, "", nil
	if found := a.candidates(&asked); len(found) > 0 {
		return found[0].ID
	}
	return ""
}

func (a *ACD) consultDeed(c *Call, in Act) {
	x := c.Consult
	no := func(reason string) { a.refused(in.Asked, in.Agent, "not_now", reason) }
	switch {
	case x == nil:
		no("there is no consultation")
	case in.Deed == DeedComplete:
		a.do(HangUp{Leg: c.agentLeg(), Reason: HangUpNormal})
		a.consultTakes(c, "", in.Asked)
	case in.Deed == DeedCancel:
		a.do(HangUp{Leg: x.Leg, Reason: HangUpElsewhere})
		a.consultOver(c, "cancelled", in.Asked)
	case x.State == ConsultDialing:
		no("who was called has not answered yet")
	case in.Deed == DeedConference && x.State != ConsultAll:
		a.moveConsult(c, ConsultAll, in.Asked)
	case in.Deed == DeedToggle && x.State == ConsultPrivate:
		a.moveConsult(c, ConsultCustomer, in.Asked)
	case in.Deed == DeedToggle:
		a.moveConsult(c, ConsultPrivate, in.Asked)
	default:
		no("all three speak already")
	}
}

// moveConsult changes who hears whom: those who do not speak hear music.
func (a *ACD) moveConsult(c *Call, to ConsultState, by Asked) {
	x, music := c.Consult, a.queues[c.Queue].cfg.Music
	agent := c.agentLeg()
	before := x.State
	a.emit(ConsultMoved{Call: c.ID, To: to, Asked: by})
	if before == ConsultPrivate { // the customer held
		a.do(StopMedia{Leg: c.Leg})
	}
	if before == ConsultCustomer { // who was called held
		a.do(StopMedia{Leg: x.Leg})
	}
	switch to {
	case ConsultAll:
		a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, agent, x.Leg}})
	case ConsultCustomer:
		a.do(Unhook{Call: c.ID, Leg: x.Leg})
		a.do(StartMusic{Leg: x.Leg, Class: music})
		a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, agent}})
	case ConsultPrivate:
		a.do(Unhook{Call: c.ID, Leg: c.Leg})
		a.do(StartMusic{Leg: c.Leg, Class: music})
		a.do(Bridge{Call: c.ID, Room: SideRoom, Legs: []LegID{agent, x.Leg}})
	}
}

// consultAnswered: who was called is there.
func (a *ACD) consultAnswered(c *Call) {
	x := c.Consult
	if x.State != ConsultDialing {
		return
	}
	a.emit(ConsultAnswered{Call: c.ID, Leg: x.Leg})
	a.do(StopMedia{Leg: c.agentLeg()})
	a.do(Bridge{Call: c.ID, Room: SideRoom, Legs: []LegID{c.agentLeg(), x.Leg}})
}

// consultOver: who was called is out of it; the agent is back with the
// customer, who must not be forgotten on hold.
func (a *ACD) consultOver(c *Call, reason string, by Asked) {
	x := c.Consult
	e := ConsultEnded{Call: c.ID, Leg: x.Leg, Reason: reason, Asked: by}
	if !x.AnsweredAt.IsZero() {
		e.Talk = a.now.Sub(x.AnsweredAt)
	}
	state := x.State
	a.emit(e)
	if c.State != CallTalking {
		return
	}
	if state == ConsultDialing {
		a.do(StopMedia{Leg: c.agentLeg()})
	}
	if !c.HeldAt.IsZero() {
		a.retrieve(c, Asked{})
		return
	}
	// The bridge of all three may have found that one of them had just left, and
	// joined nobody.
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, c.agentLeg()}})
}

// consultEnded: the leg of who was called is gone.
func (a *ACD) consultEnded(c *Call, cause Cause) {
	reason := "left"
	if c.Consult.State == ConsultDialing {
		reason = string(missReason(cause))
	}
	a.consultOver(c, reason, Asked{})
}

// consultDue: who was called does not answer.
func (a *ACD) consultDue(c *Call) {
	a.do(HangUp{Leg: c.Consult.Leg, Reason: HangUpElsewhere})
	a.consultOver(c, string(MissedNoAnswer), Asked{})
}

// consultTakes leaves the customer to who was called: at once if they have
// answered, else their phone rings on for the customer. lost is why the agent is
// gone, if they did not wish it.
func (a *ACD) consultTakes(c *Call, lost Cause, by Asked) {
	x := *c.Consult
	a.unmuteRecording(c, MuteEndedPart, by)
	a.emit(ConsultTook{Call: c.ID, Agent: c.Agent, Leg: x.Leg, Talk: a.partTalk(c), Cause: lost, Asked: by})
	if x.State == ConsultDialing {
		if x.Offer == "" {
			a.do(StopMedia{Leg: c.Leg})
			a.do(Play{Leg: c.Leg, Sounds: []string{RingTone}})
		}
		return
	}
	switch x.State {
	case ConsultPrivate:
		a.do(StopMedia{Leg: c.Leg})
	case ConsultCustomer:
		a.do(StopMedia{Leg: x.Leg})
	}
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, x.Leg}})
}

// ringLimit is the safety net for the switch's own clock.
func (l *line) ringLimit() (limit time.Duration) {
	return l.cfg.DialTimeout + l.cadence.Limit(l.cfg.AgentRings) + dialMargin
}
