package queue

import (
	"cmp"
	"time"
)

// What ends by nobody's wish: a phone that died, a line that broke, a switch. Nobody hung
// up, so nobody is charged with it (R2.4), and who is still there goes on.

// AgentLost: the phone of the agent who had the call died in the conversation.
// The customer waits again, before all others.
type AgentLost struct {
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent"`
	Cause Cause   `json:"cause"`
	// Talk is the agent's part, time on hold left out.
	Talk time.Duration `json:"talk"`
}

// CallLost: a caller who waited is gone and did not hang up.
type CallLost struct {
	Call  CallID        `json:"call"`
	Rings Rings         `json:"rings"`
	Wait  time.Duration `json:"wait"`
	Cause Cause         `json:"cause"`
}

func (AgentLost) event() {}
func (CallLost) event()  {}

// lost tells of an end that nobody wished for.
func (c Cause) lost() bool { return c == CauseMediaLost || c == CauseSwitchLost }

// releaseBy is who ended a leg that somebody had: the system, if nobody did.
func releaseBy(who Release, cause Cause) Release {
	if cause.lost() {
		return ReleaseSystem
	}
	return who
}

// agentLost tells of an agent's leg in a conversation whether it broke. One that
// is only found missing after a gap may have been hung up like any other.
func agentLost(cause Cause) bool { return cause.lost() || cause == CauseFailed }

// loseAgent gives a customer whose agent's phone died back to the queue, ahead
// of everybody: they are not to pay for it.
func (a *ACD) loseAgent(c *Call, cause Cause) {
	held := !c.HeldAt.IsZero()
	byPhone := c.HeldByPhone
	a.unmuteRecording(c, MuteEndedPart, Asked{})
	a.emit(AgentLost{Call: c.ID, Agent: c.Agent, Cause: cause, Talk: a.partTalk(c)})
	if byPhone {
		a.do(RoomMusic{Call: c.ID})
	}
	if !held || byPhone {
		a.do(Unhook{Call: c.ID, Leg: c.Leg})
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
	}
}

// loseCaller: a caller who waited is gone and did not hang up.
func (a *ACD) loseCaller(c *Call, cause Cause) {
	a.emit(CallLost{Call: c.ID, Rings: a.callerRings(c), Wait: a.since(c.waitedSince()), Cause: cause})
	a.abandonedBack(c)
}

func (a *ACD) applyAgentLost(at time.Time, e AgentLost) {
	c := a.calls[e.Call]
	g := a.agents[e.Agent]
	c.Home = cmp.Or(c.Home, c.Queue)
	if l := a.tallied(c); l != nil && c.counts() {
		l.today.Talk += e.Talk
	}
	a.leavePart(at, c, e.Talk, "lost")
	c.Offer, c.Front = "", true
	a.leaveAlone(at, g, c)
	a.waitHere(at, c)
	a.touchCall(c)
}

// leaveAlone keeps a phone that has just died out of routing for a while: the
// switch takes some time to find that it is gone.
func (a *ACD) leaveAlone(at time.Time, g *Agent, c *Call) {
	g.BackOffAt = at.Add(a.queues[c.Queue].cfg.BackOff)
}

func (a *ACD) applyCallLost(at time.Time, e CallLost) {
	c := a.calls[e.Call]
	c.Rings, c.Wait, c.Cause, c.Release, c.Estimate = e.Rings, e.Wait, e.Cause, ReleaseSystem, nil
	if l := a.tallied(c); l != nil {
		l.today.lost(e.Wait)
	}
	a.endCall(at, c, OutcomeLost)
}
