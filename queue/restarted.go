package queue

import "time"

// restarted: the switch was started anew and has none of the legs of before.
// Whoever was on the line was cut off by us: it ends on record as that, costs no
// agent anything, and nobody gave up. Until is when the switch was heard last:
// longer than that nobody talked or waited.
func (a *ACD) restarted() (gone int) {
	for _, c := range append([]*Call(nil), a.order...) {
		gone += a.cutOff(c)
	}
	return gone
}

// cutOff ends what was going on in a call whose legs are gone with the switch.
// A call-back that waited for its turn goes on waiting.
func (a *ACD) cutOff(c *Call) (legs int) {
	if a.calls[c.ID] != c {
		return 0
	}
	for _, leg := range append([]LegID{c.Leg, c.agentLeg()}, openLegs(c)...) {
		if leg != "" {
			legs++
		}
	}
	a.withdrawAll(c, string(CauseSwitchLost))
	switch {
	case c.Direction == Outbound && c.Parts == 0 && c.ConnectedAt.IsZero():
		a.placedOver(c, OutcomeLost, CauseSwitchLost)
	case c.leaving():
		a.emit(CustomerLeft{Call: c.ID})
	case c.Callback != nil && c.Leg != "" && c.State != CallTalking && c.State != CallConnecting && c.State != CallOutside:
		a.emit(CustomerNotReached{Call: c.ID, Cause: CauseSwitchLost, Next: a.now})
	case c.Leg != "":
		a.legEnded(c.Leg, CauseSwitchLost)
	}
	return legs
}

// openLegs are those of whoever is, or was, called beside the two who speak.
func openLegs(c *Call) (legs []LegID) {
	for _, id := range c.Open {
		legs = append(legs, LegID(id))
	}
	if c.Consult != nil {
		legs = append(legs, c.Consult.Leg)
	}
	if c.Outside != nil && c.State == CallOutside {
		legs = append(legs, c.Outside.Leg)
	}
	return legs
}

// asOf is the time until which is measured what ends now: later than the switch
// was heard last nobody talked or waited there.
func (a *ACD) asOf() time.Time {
	if a.cut.IsZero() {
		return a.now
	}
	return a.cut
}

// since is how long something has lasted, none if it began after the switch was
// heard last.
func (a *ACD) since(t time.Time) time.Duration { return max(a.asOf().Sub(t), 0) }
