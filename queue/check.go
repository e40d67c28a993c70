package queue

import (
	"errors"
	"fmt"
	"slices"
)

// Check reports every broken invariant. Tests call it after each step; it
// changes nothing.
func (a *ACD) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(a.order) != len(a.calls) {
		bad("%d calls in order, %d by id", len(a.order), len(a.calls))
	}
	var last uint64
	accounted := map[OfferID]bool{}
	for _, c := range a.order {
		if c.Order <= last {
			bad("call %s: order %d after %d", c.ID, c.Order, last)
		}
		last = c.Order
		a.checkCall(c, bad)
		for _, id := range c.Open {
			accounted[id] = true
		}
		accounted[c.Offer] = true
		if c.Consult != nil {
			accounted[c.Consult.Offer] = true
		}
	}
	for id, o := range a.offers {
		if !accounted[id] {
			bad("offer %s of call %s (%s): no live call has it", id, o.Call, o.State)
		}
	}
	for _, l := range a.lines {
		if !slices.IsSortedFunc(l.waiting, func(x, y *Call) int { return int(x.Order) - int(y.Order) }) {
			bad("queue %s: waiting calls are not in order of arrival", l.cfg.ID)
		}
		for _, c := range l.waiting {
			if a.calls[c.ID] != c || c.Queue != l.cfg.ID || c.State != CallWaiting {
				bad("queue %s: call %s (%s, queue %s) does not wait here", l.cfg.ID, c.ID, c.State, c.Queue)
			}
		}
	}
	for _, g := range a.staff {
		a.checkAgent(g, bad)
	}
	a.checkFloor(bad)
	a.checkGate(bad)
	return errors.Join(errs...)
}

func (a *ACD) checkCall(c *Call, bad func(string, ...any)) {
	c.checkRecording(bad)
	l := a.queues[c.Queue]
	if c.Queue == "" && c.State != CallMenu && c.State != CallAnnounced && c.State != CallVoicemail && c.State != CallOutside {
		bad("call %s is %s, without a queue", c.ID, c.State)
	}
	if c.prompted() && c.DueAt.IsZero() {
		bad("call %s is %s, and nothing ends what the caller hears", c.ID, c.State)
	}
	if l == nil {
		bad("call %s: queue %q does not exist", c.ID, c.Queue)
		return
	}
	if waits := slices.Contains(l.waiting, c); waits != (c.State == CallWaiting) {
		bad("call %s is %s, but in the waiting line: %t", c.ID, c.State, waits)
	}
	taken := c.State == CallConnecting || c.State == CallTalking || (c.State == CallReaching && c.Offer != "")
	if (len(c.Open) > 0) != (c.State == CallOffered) || (c.Offer != "") != taken {
		bad("call %s is %s with open offers %v and offer %q", c.ID, c.State, c.Open, c.Offer)
	}
	for _, id := range c.Open {
		o := a.offers[id]
		if o == nil || !o.open() || o.DeadlineAt.IsZero() {
			bad("call %s: offer %s is not open", c.ID, id)
			continue
		}
		a.checkHolder(c, o, bad)
	}
	switch c.State {
	case CallMenu, CallAnnounced, CallVoicemail, CallSurvey:
	case CallWaiting, CallOffered:
		if c.Leg == "" && c.Callback == nil && c.Direction == Inbound {
			bad("call %s is %s without a customer", c.ID, c.State)
		}
		a.checkHears(c, bad)
	case CallOutside:
		if c.Outside == nil || (c.Outside.AnsweredAt.IsZero() && c.Outside.DeadlineAt.IsZero()) {
			bad("call %s: given to nobody outside, or without end: %+v", c.ID, c.Outside)
		}
	case CallReaching:
		if c.Leg == "" || c.ReachAt.IsZero() {
			bad("call %s: its customer is called on leg %q until %v", c.ID, c.Leg, c.ReachAt)
		}
	case CallConnecting, CallTalking:
		o := a.offers[c.Offer]
		if o == nil || o.State != OfferTaken || c.LineAnsweredAt.IsZero() {
			bad("call %s is %s, its offer %q is not accepted or the line not answered", c.ID, c.State, c.Offer)
		}
		if !c.BudgetAt.IsZero() {
			bad("call %s is %s and still has a deadline to wait for", c.ID, c.State)
		}
		if o != nil {
			a.checkHolder(c, o, bad)
		}
		a.checkConsult(c, bad)
	default:
		bad("call %s: is live in state %q", c.ID, c.State)
	}
}

// checkConsult: a customer holds while the agent speaks to somebody else, and
// whoever is called in a conversation answers or is given up.
func (a *ACD) checkConsult(c *Call, bad func(string, ...any)) {
	x := c.Consult
	if x == nil {
		return
	}
	if holds := x.State == ConsultDialing || x.State == ConsultPrivate; holds == c.HeldAt.IsZero() {
		bad("call %s: consultation %s, on hold since %v", c.ID, x.State, c.HeldAt)
	}
	o := a.offers[x.Offer]
	if x.State == ConsultDialing && a.talkDue(c).IsZero() {
		bad("call %s: who is called has no end to it", c.ID)
	}
	if (x.Offer != "") != (o != nil) {
		bad("call %s: consultation offer %q is gone", c.ID, x.Offer)
	}
	if o != nil {
		a.checkHolder(c, o, bad)
	}
}

// checkHears: nobody waits in silence.
func (a *ACD) checkHears(c *Call, bad func(string, ...any)) {
	if c.Leg == "" || c.Callback != nil {
		return // is not on the line, or on the way out
	}
	answered := !c.LineAnsweredAt.IsZero()
	switch c.Media {
	case MediaMusic:
	case MediaRinging:
		answered = !answered
	case MediaTone:
		answered = answered && (!c.BudgetAt.IsZero() || a.queues[c.Queue].cfg.OnBudget == BudgetRing || !c.BudgetSpentAt.IsZero())
	case MediaGreeting, MediaAnnouncement:
		answered = answered && !c.DueAt.IsZero()
	default:
		answered = false
	}
	if !answered {
		bad("call %s waits and hears %q, line answered %v", c.ID, c.Media, c.LineAnsweredAt)
	}
}

func (a *ACD) checkHolder(c *Call, o *Offer, bad func(string, ...any)) {
	if g := a.agents[o.Agent]; g == nil || g.Offer != o.ID || g.Call != c.ID {
		bad("offer %s: agent %s does not have it", o.ID, o.Agent)
	}
}

func (a *ACD) checkAgent(g *Agent, bad func(string, ...any)) {
	o := a.offers[g.Offer]
	switch g.State {
	case Reserved:
		if o == nil || !o.open() || o.Agent != g.ID {
			bad("agent %s is reserved, offer %q is not open", g.ID, g.Offer)
		}
	case OnCall:
		if o == nil || o.State != OfferTaken || o.Agent != g.ID {
			bad("agent %s is on a call, offer %q is not accepted", g.ID, g.Offer)
		}
	default:
		if g.Offer != "" || (g.Pending != nil && g.State != WrapUp) {
			bad("agent %s is %s with offer %q, pending %v", g.ID, g.State, g.Offer, g.Pending)
		}
	}
	if (g.State == WrapUp) == g.WrapUpAt.IsZero() || g.WrapUpMost.Before(g.WrapUpAt) {
		bad("agent %s is %s, wrap-up ends %v, at the latest %v", g.ID, g.State, g.WrapUpAt, g.WrapUpMost)
	}
	if g.Unregistered && (g.State != WrapUp || g.Call == "") || g.WrapUpAsked && g.State != OnCall && g.State != Reserved {
		bad("agent %s is %s for call %q, which must be registered: %t; wrap-up asked: %t", g.ID, g.State, g.Call, g.Unregistered, g.WrapUpAsked)
	}
}

// checkFloor: what the screens are told of the house is so.
func (a *ACD) checkFloor(bad func(string, ...any)) {
	if m := a.emergency; m != nil && (a.plan() == nil || m.Since.After(a.now)) {
		bad("emergency plan %s is in force and is not in the configuration", m.Plan)
	}
	for _, l := range a.lines {
		if p := a.plan(); l.byPlan != (p != nil && p.Queues[l.cfg.ID].Closed) {
			bad("queue %s: closed by the plan: %t", l.cfg.ID, l.byPlan)
		}
	}
	seen := map[AlertID]bool{}
	for _, x := range a.alerts {
		g := a.agents[x.Agent]
		switch {
		case seen[x.ID]:
			bad("alert %s is open twice", x.ID)
		case x.Kind == AlertAbsent && (g == nil || g.State != NotReady || !g.Alerted):
			bad("alert %s: agent %s is not away any more", x.ID, x.Agent)
		case x.Kind == AlertSignOut && (g == nil || g.State != LoggedOut):
			bad("alert %s: agent %s is here again", x.ID, x.Agent)
		case x.Kind == AlertBanned && len(a.gate.bans) == 0:
			bad("alert %s: no number is banned any more", x.ID)
		case x.Kind == AlertEmergency && a.emergency == nil:
			bad("alert %s: the emergency is over", x.ID)
		}
		seen[x.ID] = true
	}
}
