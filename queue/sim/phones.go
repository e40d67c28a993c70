package sim

import (
	"strconv"
	"time"

	"github.com/threerings/threerings/queue"
)

// gone tells that a leg was not dialled because the one for whose sake it was
// to be is no more.
func (f *floor) gone(call queue.CallID, leg, sake queue.LegID) bool {
	if sake == "" || f.w.legs[sake] != nil {
		return false
	}
	f.w.tell(queue.LegEnded{Leg: leg, Cause: queue.CauseGone})
	return true
}

func (f *floor) dialAgent(c queue.DialAgent) {
	w, g := f.w, f.w.staff[c.Agent]
	if w.legs[c.Leg] != nil || f.gone(c.Call, c.Leg, c.CallerLeg) {
		return
	}
	if busy := w.legs[g.leg]; busy != nil {
		if busy.kind != queue.LegFeature { // that one began at the same moment
			f.audit.fail(c.Call, "agent %s: dialled for %s while busy with %s", c.Agent, c.Leg, g.leg)
		}
		w.tell(queue.LegEnded{Leg: c.Leg, Cause: queue.CauseBusy})
		return
	}
	l := &leg{id: c.Leg, kind: queue.LegAgent, call: c.Call, agent: c.Agent}
	g.leg = c.Leg
	f.enter(l)
	w.phone(c.Agent, queue.PhoneRinging)
	w.after(w.latency(), func() { f.alert(l) })
	f.atMost(l, c.Limit)
}

// atMost is the switch's own safety net for a leg that rings.
func (f *floor) atMost(l *leg, limit time.Duration) {
	f.w.after(limit, func() {
		if f.w.legs[l.id] == l && !l.up {
			f.w.end(l, queue.CauseNoAnswer)
		}
	})
}

// alert is what happens at an agent's phone when it is dialled.
func (f *floor) alert(l *leg) {
	w := f.w
	if w.legs[l.id] != l {
		return
	}
	x := &w.s.Faults
	switch p := w.rng.Float64(); {
	case p < x.Refused:
		w.end(l, queue.CauseRefused)
		return
	case p < x.Refused+x.Busy:
		w.end(l, queue.CauseBusy)
		return
	case p < x.Refused+x.Busy+x.Unregistered:
		w.end(l, queue.CauseUnregistered)
		w.phone(l.agent, queue.PhoneOffline)
		w.after(w.exp(15*time.Second), func() {
			if w.staff[l.agent].phone == queue.PhoneOffline {
				w.phone(l.agent, queue.PhoneIdle)
			}
		})
		return
	case p < x.Refused+x.Busy+x.Unregistered+x.NoRinging:
		return
	}
	l.ringing = true
	w.tell(queue.LegRinging{Leg: l.id})
	if w.rng.Float64() < w.s.NeverAnswers {
		return
	}
	w.after(w.draw(w.s.PickUp), func() {
		if w.legs[l.id] == l && !l.up {
			w.phone(l.agent, queue.PhoneInUse)
			f.answers(l)
			f.works(l)
		}
	})
}

func (f *floor) answers(l *leg) {
	l.up, l.ringing = true, false
	f.w.tell(queue.LegAnswered{Leg: l.id})
	f.changed(l.call)
}

// dialNumber calls somebody outside, who may be busy, not there, or answer.
func (f *floor) dialNumber(c queue.DialNumber) {
	w := f.w
	if w.legs[c.Leg] != nil || f.gone(c.Call, c.Leg, c.For) {
		return
	}
	l := &leg{id: c.Leg, kind: queue.LegAgent, call: c.Call, number: c.Number}
	l.customer = f.customer[c.Leg]
	delete(f.customer, c.Leg)
	f.enter(l)
	f.atMost(l, c.Limit)
	fate := f.rng.Float64()
	w.after(w.latency()+w.exp(time.Second), func() {
		switch {
		case w.legs[l.id] != l:
			return
		case fate < 0.12:
			w.end(l, queue.CauseBusy)
			return
		case fate < 0.16:
			w.end(l, queue.CauseRefused)
			return
		case fate < 0.2:
			w.end(l, queue.CauseFailed)
			return
		}
		l.ringing = true
		w.tell(queue.LegRinging{Leg: l.id})
		if fate < 0.35 {
			return // until somebody gives it up
		}
		w.after(w.exp(6*time.Second), func() {
			if w.legs[l.id] == l && !l.up {
				f.answers(l)
				f.lives(l)
			}
		})
	})
}

// dials lets an agent's phone dial a feature code.
func (f *floor) dials(agent queue.AgentID, code string) {
	w, g := f.w, f.w.staff[agent]
	if w.dead || g.leg != "" || g.phone != queue.PhoneIdle {
		return
	}
	f.features++
	id := queue.LegID("f" + strconv.Itoa(f.features))
	l := &leg{id: id, kind: queue.LegFeature, agent: agent, number: code, call: queue.CallID(id)}
	g.leg = id
	f.enter(l)
	w.tell(queue.FeatureDialled{Leg: id, Code: code, Endpoint: string(agent)})
}
