package queue

import (
	"fmt"
	"slices"
	"time"
)

// Talking is what a queue's rules are for conversations.
type Talking struct {
	// TransferWait is how long a call handed to an agent is kept for them;
	// Recall for how long after that for the agent who handed it on, before it
	// goes to anybody. Zero: 20 s each.
	TransferWait time.Duration `json:"transfer_wait,omitempty"`
	Recall       time.Duration `json:"recall,omitempty"`
	// Shown is the number that calls outside show; empty: the trunk's own.
	Shown string `json:"shown,omitempty"`
	// Reach is how long a number outside is rung; zero: 45 s.
	Reach time.Duration `json:"reach,omitempty"`
	// MuteLimit is how long the recording may be muted at a time; zero: 2 min.
	MuteLimit time.Duration `json:"mute_limit,omitempty"`
}

const (
	defaultTransferWait = 20 * time.Second
	defaultReach        = 45 * time.Second
	// dialMargin is how much longer the switch's own clock runs.
	dialMargin = 5 * time.Second
)

func (t Talking) transferWait() time.Duration { return orDefault(t.TransferWait, defaultTransferWait) }
func (t Talking) recall() time.Duration       { return orDefault(t.Recall, defaultTransferWait) }
func (t Talking) reach() time.Duration        { return orDefault(t.Reach, defaultReach) }

func (t Talking) validate() error {
	if t.TransferWait < 0 || t.Recall < 0 || t.Reach < 0 || t.MuteLimit < 0 || (t.Shown != "" && !validNumber(t.Shown)) {
		return fmt.Errorf("talking: times cannot be negative, and the number shown (%q) has 2 to 32 digits", t.Shown)
	}
	return nil
}

func orDefault(d, usual time.Duration) time.Duration {
	if d == 0 {
		return usual
	}
	return d
}

// transfer hands the customer on at once: the agent is out of the call.
func (a *ACD) transfer(c *Call, to Target, by Asked) {
	if c.Consult != nil {
		a.refused(by, c.Agent, "not_now", "a consultation goes on: complete or cancel it")
		return
	}
	if code, reason := a.checkTarget(c, to); code != "" {
		a.refused(by, c.Agent, code, reason)
		return
	}
	e := CallTransferred{Call: c.ID, Agent: c.Agent, Target: to, Talk: a.partTalk(c), Return: c.Agent, Asked: by}
	if to.Number != "" {
		e.Leg = a.nextLeg(c)
	}
	a.unmuteRecording(c, MuteEndedPart, by)
	old, held, byPhone := c.agentLeg(), !c.HeldAt.IsZero() && !c.HeldByPhone, c.HeldByPhone
	a.emit(e)
	a.do(HangUp{Leg: old, Reason: HangUpNormal})
	if byPhone {
		a.do(RoomMusic{Call: c.ID})
	}
	if !held {
		a.do(Unhook{Call: c.ID, Leg: c.Leg})
	}
	if to.Number != "" {
		a.ringOutside(c, held)
		return
	}
	if !held {
		a.do(StartMusic{Leg: c.Leg, Class: a.queues[c.Queue].cfg.Music})
	}
	if to.Queue != "" {
		if way, ok := a.onArrival(c, a.queues[c.Queue]); ok {
			a.overflow(c, way)
		}
	}
}

// checkTarget tells why a conversation cannot be handed to a target; an empty
// code: it can.
func (a *ACD) checkTarget(c *Call, to Target) (code, reason string) {
	switch {
	case to.Agent != "":
		g := a.agents[to.Agent]
		switch {
		case g == nil:
			return "unknown_target", "there is no agent " + string(to.Agent)
		case g.ID == c.Agent:
			return "unknown_target", "that is who has the call"
		case g.State == LoggedOut || g.State == NotReady || g.Phone == PhoneOffline || g.Phone == PhoneUnknown:
			return "not_available", "agent " + string(to.Agent) + " is not at work, or the phone is away"
		}
		return "", ""
	case to.Queue != "":
		l := a.queues[to.Queue]
		if l == nil {
			return "unknown_target", "there is no queue " + string(to.Queue)
		}
		return "", ""
	case validNumber(to.Number):
		return "", ""
	}
	return "unknown_target", "give an agent, a queue or a number of digits"
}

// targetOf reads what a phone dialled to hand a call on: a number of the
// house leads to its queue, an agent's account or id to the agent, anything
// else outside.
func (a *ACD) targetOf(dialled string) Target {
	if q, ok := a.cfg.Numbers[dialled]; ok {
		return Target{Queue: q}
	}
	if g := a.agents[AgentID(dialled)]; g != nil {
		return Target{Agent: g.ID}
	}
	isAccount := func(g AgentConfig) bool { return g.Phone == Phone{Kind: PhoneAccount, Value: dialled} }
	if i := slices.IndexFunc(a.cfg.Agents, isAccount); i >= 0 {
		return Target{Agent: a.cfg.Agents[i].ID}
	}
	return Target{Number: dialled}
}

// phoneTransfer: an agent hands the call on with the phone's own keys (REFER).
// The phone is told what became of it; refused, it still has the call.
func (a *ACD) phoneTransfer(in PhoneTransfer) {
	c, part := a.find(in.Leg)
	if part != agentPart || c.State != CallTalking || in.Leg != c.agentLeg() {
		a.do(AnswerTransfer{Leg: in.Leg, OK: false})
		return
	}
	by := Asked{By: "phone " + string(c.Agent)}
	to := a.targetOf(in.Number)
	if in.Other != "" {
		to = a.targetBehind(c, in.Other)
	}
	if code, reason := a.checkTarget(c, to); code != "" || c.Consult != nil {
		if code == "" {
			code, reason = "not_now", "a consultation goes on: complete or cancel it"
		}
		a.refused(by, c.Agent, code, reason)
		a.do(AnswerTransfer{Leg: in.Leg, OK: false})
		return
	}
	a.do(AnswerTransfer{Leg: in.Leg, OK: true}) // before the leg is gone
	a.transfer(c, to, by)
	if in.Other != "" {
		a.do(HangUp{Leg: in.Other, Reason: HangUpNormal})
	}
}

// targetBehind is whom the agent who has call c speaks to in another call of
// the same phone (an attended transfer by the phone's keys): the agent who took
// it, or the queue in which it waits. Nobody: it is no such call.
func (a *ACD) targetBehind(c *Call, leg LegID) Target {
	x, part := a.find(leg)
	switch {
	case part != customerPart || x.ByAgent != c.Agent || x == c:
		return Target{}
	case x.State == CallTalking:
		return Target{Agent: x.Agent}
	case x.State == CallWaiting || x.State == CallOffered:
		return Target{Queue: x.Queue}
	}
	return Target{}
}

// awaitedTransfer is whom a transferred call is kept for now, and until when.
func (a *ACD) awaitedTransfer(c *Call) (*Agent, time.Time) {
	for _, k := range c.Kept {
		if g := a.agents[k.Agent]; k.Until.After(a.now) && g != nil && g.State != LoggedOut && g.State != NotReady {
			return g, k.Until
		}
	}
	return nil, time.Time{}
}
