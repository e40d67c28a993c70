package queue

import "time"

// act does something in the conversation that an agent has. Whatever cannot be
// done is refused with a reason, and nothing is touched.
func (a *ACD) act(in Act) {
	g := a.agents[in.Agent]
	if g == nil {
		a.refused(in.Asked, in.Agent, "unknown_agent", "there is no agent "+string(in.Agent))
		return
	}
	c := a.calls[g.Call]
	if c == nil || g.State != OnCall {
		a.refused(in.Asked, g.ID, "no_call", "agent "+string(g.ID)+" has no call")
		return
	}
	if c.Offer != g.Offer { // called by a colleague into a conversation
		if in.Deed != DeedHangUp {
			a.refused(in.Asked, g.ID, "not_yours", "the call is agent "+string(c.Agent)+"'s: only they can do that")
			return
		}
		a.do(HangUp{Leg: LegID(g.Offer), Reason: HangUpNormal})
		a.consultOver(c, "left", in.Asked)
		return
	}
	if in.Deed == DeedHangUp {
		a.do(HangUp{Leg: c.agentLeg(), Reason: HangUpNormal})
		a.agentEnded(c, CauseNormal, in.Asked)
		return
	}
	if c.State != CallTalking {
		a.refused(in.Asked, g.ID, "not_now", "the two are not connected yet")
		return
	}
	a.deed(c, in)
}

func (a *ACD) deed(c *Call, in Act) {
	no := func(reason string) { a.refused(in.Asked, in.Agent, "not_now", reason) }
	switch in.Deed {
	case DeedHold:
		if !c.HeldAt.IsZero() || c.Consult != nil {
			no("the customer is on hold already, or in a consultation")
			return
		}
		a.hold(c, in.Asked)
	case DeedRetrieve:
		if c.HeldAt.IsZero() || c.Consult != nil || c.HeldByPhone {
			no("the customer is not on hold here; a call put on hold with the phone's keys is taken back with them")
			return
		}
		a.retrieve(c, in.Asked)
	case DeedMute, DeedUnmute:
		on := in.Deed == DeedMute
		if c.Muted == on {
			no("it is so already")
			return
		}
		a.emit(AgentMuted{Call: c.ID, Agent: in.Agent, On: on, Asked: in.Asked})
		a.do(Mute{Leg: c.agentLeg(), On: on})
	case DeedMuteRecording, DeedUnmuteRecording:
		a.muteRecording(c, in)
	case DeedTransfer:
		a.transfer(c, in.Target, in.Asked)
	case DeedConsult:
		a.consult(c, in.Target, in.Asked)
	case DeedToggle, DeedConference, DeedComplete, DeedCancel:
		a.consultDeed(c, in)
	case DeedSurvey:
		if c.Consult != nil || !a.toSurvey(c, in.Asked) {
			no("the queue has no survey, or a consultation goes on")
		}
	default:
		a.refused(in.Asked, in.Agent, "unknown_deed", "there is no "+string(in.Deed))
	}
}

func (a *ACD) refused(q Asked, agent AgentID, code, reason string) {
	a.emit(Refused{Req: q.Req, Agent: agent, Code: code, Reason: reason, By: q.By})
}

// hold takes the customer out of the room and plays music.
func (a *ACD) hold(c *Call, by Asked) {
	a.emit(CallHeld{Call: c.ID, Asked: by})
	a.do(Unhook{Call: c.ID, Leg: c.Leg})
	a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
}

// retrieve brings the customer and the agent together again.
func (a *ACD) retrieve(c *Call, by Asked) {
	a.emit(CallRetrieved{Call: c.ID, Held: a.now.Sub(c.HeldAt), Asked: by})
	a.do(StopMedia{Leg: c.Leg})
	a.do(Bridge{Call: c.ID, Legs: []LegID{c.Leg, c.agentLeg()}})
}

// holdChanged: the phone's own keys. Both stay in the room, so that a resumption
// that we do not hear of parts nobody.
func (a *ACD) holdChanged(in HoldChanged) {
	c, part := a.find(in.Leg)
	if part != agentPart || c.State != CallTalking || in.Leg != c.agentLeg() {
		return
	}
	switch {
	case c.Consult != nil: // who hears whom is the consultation's matter then
	case in.On && c.HeldAt.IsZero():
		a.emit(CallHeld{Call: c.ID, ByPhone: true})
		a.do(RoomMusic{Call: c.ID, Class: a.queues[c.Queue].cfg.Music, On: true})
	case !in.On && c.HeldByPhone:
		a.emit(CallRetrieved{Call: c.ID, Held: a.now.Sub(c.HeldAt)})
		a.do(RoomMusic{Call: c.ID})
	}
}

// partTalk is how long the agent who has the call has talked, until now: their
// part without the time on hold.
func (a *ACD) partTalk(c *Call) time.Duration {
	if c.PartAt.IsZero() {
		return 0
	}
	talk := a.since(c.PartAt) - c.PartHold
	if !c.HeldAt.IsZero() {
		talk -= a.since(later(c.HeldAt, c.PartAt))
	}
	return max(talk, 0)
}

// talkDue is when somebody who is called beside the customer must have answered;
// zero: nobody is.
func (a *ACD) talkDue(c *Call) time.Time {
	switch {
	case c.Outside != nil && c.State == CallOutside:
		return c.Outside.DeadlineAt
	case c.Consult == nil:
		return time.Time{}
	}
	if o := a.offers[c.Consult.Offer]; o != nil {
		return o.DeadlineAt
	}
	return c.Consult.DeadlineAt
}

// talkExpired: they have not.
func (a *ACD) talkExpired(c *Call) {
	if c.State == CallOutside {
		a.outsideDue(c)
		return
	}
	a.consultDue(c)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// agentEnded: the agent who has the call is out of it, by hanging up or because
// the phone is gone.
func (a *ACD) agentEnded(c *Call, cause Cause, by Asked) {
	switch {
	case cause == CauseNormal && a.surveyAfter(c):
		a.beginSurvey(c, by)
	case c.State == CallTalking && c.Consult != nil:
		var lost Cause
		if agentLost(cause) {
			lost = cause
		}
		a.consultTakes(c, lost, by) // the customer is left to who was called
	case c.State == CallTalking && agentLost(cause):
		a.loseAgent(c, cause)
	case c.State == CallTalking:
		release := ReleaseAgent
		if cause != CauseNormal {
			release = ReleaseSystem
		}
		a.complete(c, release, cause, by)
		a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
		a.dropBridge(c)
	case c.State == CallReaching:
		a.reachingLeft(c, cause)
	case c.Direction == Outbound && c.Parts == 0:
		a.placedOver(c, OutcomeCancelled, cause)
	default: // Connecting: answered and gone before both were connected
		// The caller must not pay for it, and keeps the place.
		a.missed(c, a.offers[c.Offer], MissedDropped)
	}
}
