package sim

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/threerings/threerings/queue"
)

// leg is a channel of the virtual switch: the truth that the ACD only hears of.
type leg struct {
	id      queue.LegID
	kind    queue.LegKind
	call    queue.CallID
	agent   queue.AgentID
	heard   time.Time // a caller's: by when the arrival has been told
	number  string    // dialled
	from    string    // a caller's own
	up      bool
	ringing bool
	bridged bool
	served  bool          // a caller's: an agent has answered
	played  int           // counts what was played, so that only the last is told to end
	talk    time.Duration // a caller's: how long they would talk
	tape    tape
	onFloor // with deeds only
}

// tell brings an input to the ACD after a delay; faults may lose, double or
// hold it up. What the switch tells is lost while it is not heard.
func (w *world) tell(in queue.Input) {
	if w.floor != nil {
		w.floor.tell(in)
		return
	}
	if f := &w.s.Faults; f.any() {
		switch p := w.rng.Float64(); {
		case p < f.Lost:
			w.witness.lost++
			return
		case p < f.Lost+f.Doubled:
			w.after(w.latency()+w.exp(50*time.Millisecond), func() { w.hear(in) })
		case p < f.Lost+f.Doubled+f.Late:
			w.after(w.exp(500*time.Millisecond), func() { w.hear(in) })
			return
		}
	}
	if w.s.Latency == 0 {
		w.after(0, func() { w.hear(in) })
		return
	}
	w.after(w.latency(), func() { w.hear(in) })
}

func (w *world) hear(in queue.Input) {
	if w.witness.deaf {
		return
	}
	w.step(in)
}

// execute does what a command says, as Asterisk would: commands on legs that
// are gone do nothing.
func (w *world) execute(c queue.Command) {
	if w.floor != nil {
		w.floor.execute(c)
		return
	}
	if w.s.Faults.CommandFails > 0 && w.rng.Float64() < w.s.Faults.CommandFails && w.refuse(c) {
		return
	}
	switch c := c.(type) {
	case queue.Answer:
		if l := w.legs[c.Leg]; l != nil {
			l.up = true
		}
	case queue.Play:
		w.play(c)
	case queue.StopMedia:
		w.hush(c.Leg)
	case queue.StartMusic:
		w.hush(c.Leg)
	case queue.DialAgent:
		w.dial(c)
	case queue.Bridge:
		w.bridge(c)
	case queue.Unbridge:
		for _, l := range w.legs {
			if l.call == c.Call {
				l.bridged = false
			}
		}
	case queue.HangUp:
		w.hangUp(c)
	}
}

// refuse makes a command fail in a way that is reported.
func (w *world) refuse(c queue.Command) bool {
	switch c := c.(type) {
	case queue.DialAgent:
		w.tell(queue.CommandFailed{Command: queue.Name(c), Call: c.Call, Leg: c.Leg, Cause: queue.CauseFailed})
	case queue.Bridge:
		w.tell(queue.CommandFailed{Command: queue.Name(c), Call: c.Call, Leg: c.Legs[1], Cause: queue.CauseFailed})
	case queue.Play:
		w.tell(queue.CommandFailed{Command: queue.Name(c), Leg: c.Leg, Cause: queue.CauseFailed})
	default:
		return false
	}
	return true
}

func (w *world) dial(c queue.DialAgent) {
	g := w.staff[c.Agent]
	if w.legs[c.Leg] != nil {
		return // the same id twice: it was done
	}
	if g.leg != "" {
		w.fail("agent %s: dialled for %s while busy with %s", c.Agent, c.Leg, g.leg)
		return
	}
	l := &leg{id: c.Leg, kind: queue.LegAgent, call: c.Call, agent: c.Agent}
	w.legs[c.Leg] = l
	g.leg = c.Leg
	w.phone(c.Agent, queue.PhoneRinging)
	w.after(w.latency(), func() { w.alert(l, c) })
	w.after(c.Limit, func() { // the switch's own safety net
		if w.legs[l.id] == l && !l.up {
			w.end(l, queue.CauseNoAnswer)
		}
	})
}

func (w *world) bridge(c queue.Bridge) {
	w.after(w.latency(), func() {
		for _, id := range c.Legs {
			if l := w.legs[id]; l == nil || !l.up {
				return // its end is told apart
			}
		}
		for _, id := range c.Legs {
			l := w.legs[id]
			if !l.bridged {
				l.bridged = true
				w.tell(queue.LegBridged{Leg: id})
			}
		}
	})
}

func (w *world) hangUp(c queue.HangUp) {
	w.after(w.latency(), func() {
		if l := w.legs[c.Leg]; l != nil {
			w.end(l, queue.CauseNormal)
		}
	})
}

// end removes a leg and tells of it.
func (w *world) end(l *leg, cause queue.Cause) {
	if w.legs[l.id] != l {
		return
	}
	delete(w.legs, l.id)
	switch l.kind {
	case queue.LegCaller:
		w.calls--
		w.ended++
		w.answered(l)
		if w.s.Progress != nil && w.ended%1024 == 0 {
			w.s.Progress(w.ended)
		}
		if w.floor == nil {
			w.witness.callerLeft(w, l)
		}
	case queue.LegAgent:
		if l.agent == "" {
			break // a number
		}
		g := w.staff[l.agent]
		if g.leg == l.id {
			g.leg = ""
		}
		w.phone(l.agent, queue.PhoneIdle)
	case queue.LegFeature:
		w.staff[l.agent].leg = ""
	}
	ended := queue.LegEnded{Leg: l.id, Cause: cause}
	if w.now.Before(l.heard) { // Asterisk tells of one leg in order
		w.at(l.heard, func() { w.tell(ended) })
	} else {
		w.tell(ended)
	}
	if w.floor != nil {
		w.floor.ended(l)
	}
}

func (w *world) phone(agent queue.AgentID, state queue.PhoneState) {
	g := w.staff[agent]
	if g.phone != state {
		g.phone = state
		w.tell(queue.PhoneChanged{Agent: agent, State: state})
	}
}

// facts is what the switch has now.
func (w *world) facts() queue.Reconciled {
	in := queue.Reconciled{Run: "run " + strconv.Itoa(w.restarts), Phones: map[queue.AgentID]queue.PhoneState{}}
	for id, g := range w.staff {
		in.Phones[id] = g.phone
	}
	ids := make([]queue.LegID, 0, len(w.legs))
	for id := range w.legs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		l := w.legs[id]
		in.Legs = append(in.Legs, queue.LegFact{Leg: id, Kind: l.kind, Up: l.up, Ringing: l.ringing, Bridged: l.bridged, Tape: l.tape.fact(),
			Arrival: queue.CallArrived{Leg: id, Number: l.number, Caller: l.from, Endpoint: "trunk"}})
	}
	if w.floor != nil {
		for _, id := range slices.Sorted(maps.Keys(w.floor.dialling)) {
			in.Legs = append(in.Legs, queue.LegFact{Leg: id, Kind: queue.LegAgent}) // as the adapter says it
		}
	}
	return in
}

// newCaller is a caller's channel; from is empty for who is known by no number.
func (w *world) newCaller(dials, from string) *leg {
	w.came++
	w.calls++
	w.waiting++
	id := queue.LegID("c" + strconv.Itoa(w.came))
	l := &leg{id: id, kind: queue.LegCaller, call: queue.CallID(id), number: dials, from: from}
	if from == "" {
		l.from = string(id)
	}
	w.legs[id] = l
	if w.floor != nil {
		w.floor.comes(l, from == "")
	}
	return l
}
