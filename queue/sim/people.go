package sim

import (
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// person is an agent's body: the phone, and the leg that it is busy with.
type person struct {
	phone   queue.PhoneState
	leg     queue.LegID
	of      *byQueue // whose call was taken last
	onDuty  bool
	since   time.Time // on duty, or not
	wrapUps int       // counts them, so that an old one ends no new one
}

// arriveLater schedules the next caller.
func (w *world) arriveLater() {
	c, more := w.next()
	if !more {
		w.allCame = true
		return
	}
	var arrives func()
	arrives = func() {
		if w.dead { // nobody answers there: they try again
			w.after(2*time.Second, arrives)
			return
		}
		dials, from := w.dialler.next(&c)
		if w.s.Heard && w.came%2 == 0 {
			dials = menuNumber
		}
		l := w.newCaller(dials, from)
		l.talk = c.Talk
		l.heard = w.now.Add(w.s.Latency)
		w.tell(queue.CallArrived{Leg: l.id, Number: l.number, Caller: l.from, Endpoint: "trunk"})
		if w.closed() {
			c.Patience = 0
		}
		if c.Patience >= 0 {
			w.after(c.Patience, func() {
				if w.legs[l.id] == l && !l.bridged {
					w.end(l, queue.CauseNormal)
				}
			})
		}
		w.arriveLater()
	}
	at := w.start.Add(c.At)
	if at.Before(w.now) {
		at = w.now // the one before had to try again
	}
	w.at(at, arrives)
}

// comes begins an agent's duty.
func (w *world) comes(agent queue.AgentID) {
	g := w.staff[agent]
	g.onDuty, g.since = true, w.now
	w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"})
}

// goes ends it. The last one out sends away who still waits, for nobody will
// answer them.
func (w *world) goes(agent queue.AgentID) {
	g := w.staff[agent]
	w.figures.onDuty(g.since, w.now)
	g.onDuty, g.since = false, w.now
	w.shiftsLeft--
	w.step(queue.SetAgent{Agent: agent, State: queue.LoggedOut, By: "sim"})
	if w.closed() {
		w.sendAway()
	}
}

func (w *world) sendAway() {
	var waiting []queue.LegID
	for id, l := range w.legs {
		if l.kind == queue.LegCaller && !l.served {
			waiting = append(waiting, id)
		}
	}
	slices.Sort(waiting)
	for _, id := range waiting {
		w.end(w.legs[id], queue.CauseNormal)
	}
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
	w.after(w.draw(w.s.PickUp), func() {
		if w.legs[l.id] == l && !l.up {
			l.up = true
			if c := w.legs[queue.LegID(l.call)]; c != nil {
				w.answered(c)
			}
			w.phone(l.agent, queue.PhoneInUse)
			w.tell(queue.LegAnswered{Leg: l.id})
		}
	})
}

// people react to what became true: who is connected talks for a while, who
// was made not ready comes back.
func (w *world) people(e queue.Event) {
	switch e := e.(type) {
	case queue.OfferAccepted:
		w.staff[e.Agent].of = w.figures.of[e.Call]
	case queue.CallConnected:
		caller := w.legs[queue.LegID(e.Call)]
		agent := w.legs[w.staff[e.Agent].leg]
		talk := time.Duration(0)
		if caller != nil {
			talk = caller.talk
		}
		w.after(talk, func() {
			first, cause := caller, queue.CauseNormal
			if w.s.Faults.AgentReleases > 0 && w.rng.Float64() < w.s.Faults.AgentReleases {
				first = agent
			}
			if first != nil && w.legs[first.id] == first {
				w.end(first, cause)
			}
		})
	case queue.CallCompleted:
		w.wrapUp(e.Agent)
	case queue.SurveyBegan:
		w.wrapUp(e.Agent)
		w.marks(e.Call)
	case queue.MenuBegan:
		w.chooses(e.Call)
	case queue.MessageBegan:
		w.speaks(e.Call)
	case queue.OfferMissed:
		w.returnLater(e.Agent)
	case queue.AgentStateSet:
		if e.State != queue.Ready {
			w.returnLater(e.Agent)
		}
	}
}

// wrapUp is the agent's work after the call. Where its length is fixed the ACD
// ends it, else the agent does.
func (w *world) wrapUp(agent queue.AgentID) {
	g := w.staff[agent]
	if !g.onDuty { // the call was the last, and overtime
		w.figures.onDuty(g.since, w.now)
		return
	}
	wrapUp := w.s.WrapUp
	if w.s.WrapUpQuiet != nil && w.waiting == 0 {
		wrapUp = w.s.WrapUpQuiet
	}
	d := w.draw(wrapUp)
	if wrapUp == nil && g.of != nil {
		d = g.of.cfg.WrapUp
	}
	w.figures.busy(w.now, w.now.Add(d))
	if _, fixed := w.s.WrapUp.(Fixed); fixed || w.s.WrapUp == nil {
		return
	}
	g.wrapUps++
	n := g.wrapUps
	w.after(d, func() {
		if g.wrapUps == n && g.onDuty && g.leg == "" {
			w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"})
		}
	})
}

// answered: the caller waits no more.
func (w *world) answered(caller *leg) {
	if !caller.served {
		caller.served = true
		w.waiting--
	}
}

// returnLater: the agent says "ready" again after a while, as long as there
// are callers to come or to serve.
func (w *world) returnLater(agent queue.AgentID) {
	if w.over() {
		return
	}
	w.after(w.exp(20*time.Second), func() {
		if w.staff[agent].onDuty {
			w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"})
		}
	})
}
