package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// WrapUpKind says what an agent does after a call (R3.1).
type WrapUpKind string

// Kinds of wrap-up.
const (
	WrapUpNone     WrapUpKind = "none"
	WrapUpOptional WrapUpKind = "optional" // if the agent asked for it during the call
	WrapUpTimed    WrapUpKind = "timed"    // so long, and no longer than is needed
	WrapUpRequired WrapUpKind = "required" // until the call is registered
)

// WrapUpKinds lists all kinds.
func WrapUpKinds() []WrapUpKind {
	return []WrapUpKind{WrapUpNone, WrapUpOptional, WrapUpTimed, WrapUpRequired}
}

// DefaultWrapUpMax is the most that after-call work may last where the queue
// says nothing, DefaultExtension what an agent gets who asks for more time and
// does not say how much.
const (
	DefaultWrapUpMax = 5 * time.Minute
	DefaultExtension = 30 * time.Second
)

func (q *QueueConfig) wrapUpMax() time.Duration {
	if q.WrapUpMax == 0 {
		return max(DefaultWrapUpMax, q.WrapUp)
	}
	return q.WrapUpMax
}

// afterWork is how long an agent has after a call, zero meaning not at all, and
// whether the call must be registered in it.
func (q *QueueConfig) afterWork(asked, registered bool) (work time.Duration, must bool) {
	switch q.WrapUpKind {
	case WrapUpNone:
		return 0, false
	case WrapUpOptional:
		switch {
		case !asked:
			return 0, false
		case q.WrapUp == 0:
			return q.wrapUpMax(), false
		}
	case WrapUpRequired:
		if registered {
			return 0, false // during the call, which is what is wanted
		}
		return q.wrapUpMax(), true
	}
	return q.WrapUp, false
}

func (q *QueueConfig) validateWrapUp() error {
	switch {
	case q.WrapUpKind != "" && !slices.Contains(WrapUpKinds(), q.WrapUpKind):
		return fmt.Errorf("wrap_up %q: known are %v", q.WrapUpKind, WrapUpKinds())
	case q.WrapUp < 0 || q.WrapUpMax < 0:
		return fmt.Errorf("wrap_up %s, at most %s: cannot be negative", q.WrapUp, q.WrapUpMax)
	case q.WrapUpMax > 0 && q.WrapUp > q.WrapUpMax:
		return fmt.Errorf("wrap_up %s is longer than the %s it may last", q.WrapUp, q.WrapUpMax)
	}
	return nil
}

// toWrapUp lets an agent do what is to be done after a call of queue l; without
// such work they are free.
func (a *ACD) toWrapUp(at time.Time, g *Agent, c *Call, l *line) {
	g.LastCall = c.ID
	work, must := l.cfg.afterWork(g.WrapUpAsked, c.Category != "")
	if work == 0 {
		a.afterCall(at, g)
		return
	}
	g.WrapUpAt, g.WrapUpMost, g.Unregistered = at.Add(work), at.Add(l.cfg.wrapUpMax()), must
	a.setState(at, g, WrapUp, "", c.ID)
}

// wrapUpDue: the time for after-call work is over. A registration that was
// required and did not come is on record (R3.1).
func (a *ACD) wrapUpDue(g *Agent) {
	if g.Unregistered {
		a.emit(RegistrationMissed{Call: g.Call, Agent: g.ID, For: a.now.Sub(g.Since)})
	}
	a.emit(WrapUpEnded{Agent: g.ID})
}

// askWrapUp keeps an agent's wish to have time after the present call.
func (a *ACD) askWrapUp(g *Agent, in SetAgent) bool {
	c := a.calls[g.Call]
	if c == nil || (g.State != OnCall && g.State != Reserved) {
		a.refuse(in, "no_call", "wrap-up can be asked for during a call only")
		return false
	}
	if l := a.queues[c.Queue]; l.cfg.WrapUpKind == WrapUpNone {
		a.refuse(in, "no_wrap_up", fmt.Sprintf("queue %s has no wrap-up", c.Queue))
		return false
	}
	a.emit(AgentStateSet{Agent: g.ID, State: WrapUp, Pending: true, By: in.By, Req: in.Req})
	return true
}

// extend gives an agent more time after a call, up to the queue's limit.
func (a *ACD) extend(in Extend) bool {
	g := a.agents[in.Agent]
	more := in.For
	if more == 0 {
		more = DefaultExtension
	}
	no := func(code, reason string) bool {
		a.refused(in.Asked, in.Agent, code, reason)
		return false
	}
	switch {
	case g == nil:
		return no("unknown_agent", fmt.Sprintf("there is no agent %q", in.Agent))
	case more < 0:
		return no("bad_time", fmt.Sprintf("%s is no time to add", more))
	case g.State != WrapUp:
		return no("not_wrap_up", fmt.Sprintf("agent %s is %s: only after-call work can be extended", g.ID, g.State))
	case !g.WrapUpAt.Before(g.WrapUpMost):
		return no("wrap_up_max", "after-call work may not last longer than this")
	}
	until := g.WrapUpAt.Add(more)
	if until.After(g.WrapUpMost) {
		until = g.WrapUpMost
	}
	a.emit(WrapUpExtended{Agent: g.ID, Until: until, Asked: in.Asked})
	return true
}

// leavesUnregistered is what becomes of an agent's wish to go on while the call
// must be registered: other work is taken up afterwards, a next call is not.
func (a *ACD) leavesUnregistered(g *Agent, in SetAgent) (refused bool) {
	if !g.Unregistered || in.State != Ready {
		return false
	}
	a.refuse(in, "not_registered", "the call must be registered first: choose what it was about, or dial *14 and its digit")
	return true
}

// code14 and code15 are what a phone dials to register the last call under the
// category with a digit, and to get more time.
const (
	code14 = "*14"
	code15 = "*15"
)

// wrapUpFeature carries out *14 + digit and *15; ok tells whether the code is
// one of them.
func (a *ACD) wrapUpFeature(agent AgentID, code, by string) (sound string, ok bool) {
	g := a.agents[agent]
	if digit, is := strings.CutPrefix(code, code14); is && len(digit) == 1 {
		list := a.cfg.CategoryList()
		i := slices.IndexFunc(list, func(c Category) bool { return c.Digit == digit })
		switch {
		case i < 0:
			return SoundWrong, true
		case !a.register(Register{Agent: agent, Category: list[i].Code, Asked: Asked{By: by}}):
			return SoundNoCall, true
		}
		return SoundRegistered, true
	}
	switch {
	case code != code15:
		return "", false
	case g.State == OnCall:
		ok = a.askWrapUp(g, SetAgent{Agent: agent, State: WrapUp, By: by})
	default:
		ok = a.extend(Extend{Agent: agent, Asked: Asked{By: by}})
	}
	if !ok {
		return SoundNoTime, true
	}
	return SoundMoreTime, true
}
