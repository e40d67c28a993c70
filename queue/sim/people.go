package sim

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// person is an agent's body: the phone, and the leg that it is busy with.
type person struct {
	phone queue.PhoneState
	leg   queue.LegID
}

// arriveLater schedules the next caller.
func (w *world) arriveLater() {
	if w.came >= w.s.Calls {
		return
	}
	gap := time.Duration(w.rng.ExpFloat64() * float64(time.Hour) / w.s.Rate)
	w.after(gap, func() {
		l := w.newCaller()
		w.tell(queue.CallArrived{Leg: l.id, Number: l.number, Caller: string(l.id), Endpoint: "trunk"})
		if w.s.Patience > 0 {
			w.after(w.exp(w.s.Patience), func() {
				if w.legs[l.id] == l && !l.bridged {
					w.end(l, queue.CauseNormal)
				}
			})
		}
		w.arriveLater()
	})
}

// alert is what happens at an agent's phone when it is dialled: it rings, or
// it does not; it is answered, refused, or left to ring.
func (w *world) alert(l *leg, c queue.DialAgent) {
	if w.legs[l.id] != l {
		return
	}
	f := &w.s.Faults
	switch p := w.rng.Float64(); {
	case p < f.Refused:
		w.end(l, queue.CauseRefused)
		return
	case p < f.Refused+f.Busy:
		w.end(l, queue.CauseBusy)
		return
	case p < f.Refused+f.Busy+f.Unregistered:
		delete(w.legs, l.id)
		w.staff[l.agent].leg = ""
		w.phone(l.agent, queue.PhoneIdle)
		w.tell(queue.CommandFailed{Command: queue.Name(c), Call: l.call, Leg: l.id, Cause: queue.CauseUnregistered})
		return
	case p < f.Refused+f.Busy+f.Unregistered+f.NoRinging:
		return // silence
	}
	l.ringing = true
	w.tell(queue.LegRinging{Leg: l.id})
	if w.rng.Float64() < w.s.NeverAnswers {
		return
	}
	w.after(w.exp(w.s.PickUp), func() {
		if w.legs[l.id] == l && !l.up {
			l.up = true
			w.phone(l.agent, queue.PhoneInUse)
			w.tell(queue.LegAnswered{Leg: l.id})
		}
	})
}

// people react to what became true: who is connected talks for a while, who
// was made not ready comes back.
func (w *world) people(e queue.Event) {
	switch e := e.(type) {
	case queue.CallConnected:
		talk := w.exp(w.s.AHT - w.s.WrapUp)
		caller := w.legs[queue.LegID(e.Call)]
		agent := w.legs[w.staff[e.Agent].leg]
		w.after(talk, func() {
			first, cause := caller, queue.CauseNormal
			if w.s.Faults.AgentReleases > 0 && w.rng.Float64() < w.s.Faults.AgentReleases {
				first = agent
			}
			if first != nil && w.legs[first.id] == first {
				w.end(first, cause)
			}
		})
	case queue.OfferMissed:
		w.returnLater(e.Agent)
	case queue.AgentStateSet:
		if e.State != queue.Ready {
			w.returnLater(e.Agent)
		}
	}
}

// returnLater: the agent says "ready" again after a while, as long as there
// are callers to come or to serve.
func (w *world) returnLater(agent queue.AgentID) {
	if w.came >= w.s.Calls && w.calls == 0 {
		return
	}
	w.after(w.exp(20*time.Second), func() {
		w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"})
	})
}
