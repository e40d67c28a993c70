package queue

import (
	"fmt"
	"slices"
)

func (a *ACD) agentConfig(id AgentID) *AgentConfig {
	if g := a.people[id]; g != nil {
		return g
	}
	return &AgentConfig{ID: id}
}

// free reports whether an agent can be offered a call now: ready, the phone
// there and idle, not dialling us, its last leg gone, nothing open, no back-off.
func (a *ACD) free(g *Agent) bool {
	return g.State == Ready && g.Phone == PhoneIdle && g.Dialling == 0 && g.Leg == "" && !g.BackOffAt.After(a.now)
}

// phoneChanged takes news of a phone.
func (a *ACD) phoneChanged(in PhoneChanged) {
	g := a.agents[in.Agent]
	if g == nil || g.Phone == in.State {
		return
	}
	a.emit(PhoneStateChanged(in))
	if o := a.offers[g.Offer]; in.State == PhoneOffline && o != nil && o.State == OfferRinging {
		// It died while it rang: nobody let it ring (R1.1). Before it rang the
		// dialling itself tells: what is said of a phone may be older than the
		// offer, as when it has just been put into the switch.
		a.legEnded(LegID(o.ID), CauseUnregistered)
	}
}

// legGone: the switch has said that a leg is gone; if it was an agent's, the
// phone may be rung again.
func (a *ACD) legGone(leg LegID) {
	for _, g := range a.staff {
		if g.Leg == leg {
			a.emit(AgentLegGone{Agent: g.ID, Leg: leg})
		}
	}
}

// setAgent carries out a request for an agent's state. During a call or an
// offer it is kept and taken up afterwards ("not ready after this call"); the
// call itself is never touched by it.
func (a *ACD) setAgent(in SetAgent) bool {
	g := a.agents[in.Agent]
	if g == nil {
		a.refuse(in, "unknown_agent", fmt.Sprintf("there is no agent %q", in.Agent))
		return false
	}
	switch in.State {
	case Ready, LoggedOut:
		in.Reason = ""
	case NotReady:
		known := func(r Reason) bool { return r.Code == in.Reason }
		if in.Reason != "" && !slices.ContainsFunc(a.cfg.Reasons, known) {
			a.refuse(in, "unknown_reason", fmt.Sprintf("%q is not a reason of this house", in.Reason))
			return false
		}
	case WrapUp:
		return a.askWrapUp(g, in)
	default:
		a.refuse(in, "unknown_state", fmt.Sprintf("state must be ready, not_ready or logged_out, not %q", in.State))
		return false
	}
	if a.leavesUnregistered(g, in) {
		return false
	}
	a.emit(AgentStateSet{Agent: g.ID, State: in.State, Reason: in.Reason,
		Pending: g.State == Reserved || g.State == OnCall || g.Unregistered, By: in.By, Req: in.Req})
	return true
}

func (a *ACD) refuse(in SetAgent, code, reason string) {
	a.emit(Refused{Req: in.Req, Agent: in.Agent, Code: code, Reason: reason, By: in.By})
}

// Sounds that confirm a feature code to the ear. They are names in the
// switch's sound folder.
const (
	SoundReady     = "threerings/ready"
	SoundNotReady  = "threerings/not-ready"
	SoundSignedOut = "threerings/signed-out"
	SoundLater     = "threerings/after-call"
	SoundWrong     = "threerings/wrong-code"
	SoundStranger  = "threerings/unknown-phone"

	SoundRegistered = "threerings/registered"
	SoundMoreTime   = "threerings/more-time"
	SoundNoTime     = "threerings/no-more-time"
	SoundNoCall     = "threerings/no-call"        // that could be registered
	SoundRegister   = "threerings/register-first" // a required wrap-up goes on
)

// featureDialled: an agent speaks to us through the keys of the phone: *11
// ready, *12 + digit not ready with that reason, *13 sign out, *14 + digit what
// the call was about, *15 more time after it. The answer is spoken.
func (a *ACD) featureDialled(in FeatureDialled) {
	if _, ok := a.features[in.Leg]; ok {
		return
	}
	agent, sound := a.agentAt(in.Endpoint, in.Addr), SoundStranger
	if agent != "" {
		sound = a.feature(agent, in.Code)
	}
	a.emit(FeatureUsed{Leg: in.Leg, Agent: agent, Code: in.Code, Sound: sound})
	a.do(Answer{Leg: in.Leg})
	a.do(Play{Leg: in.Leg, Sounds: []string{sound}})
}

func (a *ACD) feature(agent AgentID, code string) (sound string) {
	set := SetAgent{Agent: agent, By: "phone " + string(agent)}
	if sound, ok := a.wrapUpFeature(agent, code, set.By); ok {
		return sound
	}
	switch {
	case code == "*11":
		set.State, sound = Ready, SoundReady
	case code == "*12":
		set.State, sound = NotReady, SoundNotReady
	case len(code) == 4 && code[:3] == "*12":
		i := slices.IndexFunc(a.cfg.Reasons, func(r Reason) bool { return r.Digit == code[3:] })
		if i < 0 {
			return SoundWrong
		}
		set.State, set.Reason, sound = NotReady, a.cfg.Reasons[i].Code, SoundNotReady
	case code == "*13":
		set.State, sound = LoggedOut, SoundSignedOut
	default:
		return SoundWrong
	}
	if g := a.agents[agent]; g.State == OnCall || g.State == Reserved || g.Unregistered {
		sound = SoundLater
	}
	if !a.setAgent(set) {
		return SoundRegister
	}
	return sound
}

// agentAt finds the agent by the account that called or, for a fixed phone, by
// the address that the call came from.
func (a *ACD) agentAt(endpoint, addr string) AgentID {
	for i := range a.cfg.Agents {
		p := a.cfg.Agents[i].Phone
		if (p.Kind == PhoneAccount && p.Value == endpoint) || (p.Kind == PhoneFixed && p.Value == addr) {
			return a.cfg.Agents[i].ID
		}
	}
	return ""
}

// configure puts a configuration in place, whole or not at all. Nothing that
// runs is disturbed, so what is in use cannot be taken away.
func (a *ACD) configure(in Configure) {
	refuse := func(code string, err error) {
		a.emit(Refused{Req: in.Req, Code: code, Reason: err.Error(), By: in.By})
	}
	if err := in.Config.Validate(); err != nil {
		refuse("bad_config", err)
		return
	}
	for _, l := range a.lines {
		kept := slices.ContainsFunc(in.Config.Queues, func(q QueueConfig) bool { return q.ID == l.cfg.ID })
		live := slices.ContainsFunc(a.order, func(c *Call) bool { return c.Queue == l.cfg.ID || c.Home == l.cfg.ID })
		if !kept && live {
			refuse("in_use", fmt.Errorf("queue %s has calls: take its numbers away first and remove it when they are done", l.cfg.ID))
			return
		}
	}
	for _, g := range a.staff {
		kept := slices.ContainsFunc(in.Config.Agents, func(n AgentConfig) bool { return n.ID == g.ID })
		if !kept && (g.State == Reserved || g.State == OnCall) {
			refuse("in_use", fmt.Errorf("agent %s has a call: sign the agent out first and remove them when it is done", g.ID))
			return
		}
	}
	a.emit(Configured(in))
	if a.emergency != nil && a.plan() == nil {
		a.emergencyOver(EndedConfig, Asked{By: in.By})
	}
}
