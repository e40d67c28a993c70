package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/threerings/threerings/queue"
)

// floor is the world with deeds: a switch that carries out every command, in
// the order of each call as the adapter's lanes do, and knows what every leg
// hears; and people who do all that they can.
type floor struct {
	w        *world
	rng      *rand.Rand
	deeds    float64
	audit    *audit
	lanes    map[queue.CallID]time.Time // until when commands of a call are under way
	told     time.Time                  // when the last of what the switch tells arrives
	of       map[queue.CallID][]*leg
	dialling map[queue.LegID]bool // commands on their way
	customer map[queue.LegID]bool // legs that were dialled to reach one
	features int
	horizon  time.Time
}

// onFloor is what a leg is in a world with deeds.
type onFloor struct {
	in       room
	music    bool
	playing  bool
	ringback bool // a caller's, not yet answered
	held     bool // by the phone's own keys
	muted    bool
	customer bool
	doomed   bool // is being hung up
	silent   lasting
	mixed    lasting
}

type room int

const (
	noRoom room = iota
	mainRoom
	sideRoom
)

func newFloor(w *world) *floor {
	f := &floor{w: w, rng: stream(w.s.Seed, "deeds"), deeds: w.s.Deeds, lanes: map[queue.CallID]time.Time{}, of: map[queue.CallID][]*leg{},
		dialling: map[queue.LegID]bool{}, customer: map[queue.LegID]bool{}}
	f.audit = newAudit(w)
	_, length := w.s.Arrivals.Expected()
	f.horizon = w.start.Add(3*length + 2*time.Hour)
	return f
}

func (f *floor) over() bool {
	over := f.w.allCame && f.w.returning == 0 && f.w.acd.Live() == 0 && len(f.w.legs) == 0
	if !over && f.w.now.After(f.horizon) {
		var left queue.CallID
		for _, l := range f.w.legs {
			left = l.call
		}
		f.audit.fail(left, "the day does not end: %d legs, calls %s", len(f.w.legs), describeCalls(f.w.acd.Snapshot()))
	}
	return over
}

// comes enters a caller's leg; most of them have a number that can be called.
func (f *floor) comes(l *leg, known bool) {
	if known {
		if l.from = ""; f.w.came%8 != 0 {
			l.from = "138" + fmt.Sprintf("%08d", f.w.came%97)
		}
	}
	l.customer = true
	f.enter(l)
	f.lives(l)
}

func (f *floor) enter(l *leg) {
	f.w.legs[l.id] = l
	f.of[l.call] = append(f.of[l.call], l)
	f.changed(l.call)
}

// tell brings news to the ACD in the order in which they happened, unless a
// fault makes them late. What is lost is made up for by the adapter's checks.
func (f *floor) tell(in queue.Input) {
	w, x := f.w, &f.w.s.Faults
	hear := func() { w.hear(in) }
	switch in := in.(type) {
	case queue.CommandFailed, queue.RecordingSwitched:
		// It is the adapter that says so: no event of the switch.
		w.after(w.latency(), func() { w.step(in) })
		return
	case queue.PlaybackFinished:
		if l := w.legs[in.Leg]; l != nil && l.kind == queue.LegFeature {
			hear = func() { f.heals(in) }
		}
	case queue.CallArrived:
		// Nobody is told that a leg is there whose end was told.
		hear = func() { f.ifThere(in.Leg, in) }
	case queue.FeatureDialled:
		hear = func() { f.ifThere(in.Leg, in) }
	case queue.PhoneChanged:
		hear = func() { // what was lost is told as it is by then
			w.hear(queue.PhoneChanged{Agent: in.Agent, State: w.staff[in.Agent].phone})
		}
	}
	if x.any() {
		switch p := w.rng.Float64(); {
		case p < x.Lost:
			w.witness.lost++
			w.after(3*time.Second+time.Duration(w.rng.Int64N(int64(2*time.Second))), hear)
			return
		case p < x.Lost+x.Doubled:
			w.after(w.latency()+w.exp(50*time.Millisecond), hear)
		case p < x.Lost+x.Doubled+x.Late:
			w.after(min(w.exp(500*time.Millisecond), 3*time.Second), hear)
			return
		}
	}
	at := w.now.Add(w.latency())
	if at.Before(f.told) {
		at = f.told
	}
	f.told = at
	w.at(at, hear)
}

func (f *floor) ifThere(leg queue.LegID, in queue.Input) {
	if f.w.legs[leg] != nil {
		f.w.hear(in)
	}
}

// heals makes up for the end of a confirmation that came while nobody listened,
// as the adapter does.
func (f *floor) heals(in queue.Input) {
	if f.w.witness.deaf {
		f.w.after(2*time.Second, func() { f.heals(in) })
		return
	}
	f.w.step(in)
}

// execute carries out a command when those before it for the same call are.
func (f *floor) execute(c queue.Command) {
	w := f.w
	call := f.callOf(c)
	f.audit.commanded(call, c)
	switch c := c.(type) {
	case queue.DialAgent:
		f.dialling[c.Leg] = true
	case queue.DialNumber:
		f.dialling[c.Leg] = true
	case queue.HangUp:
		if l := w.legs[c.Leg]; l != nil {
			l.doomed = true
		}
	}
	at := w.now.Add(w.latency())
	if lane := f.lanes[call]; at.Before(lane) {
		at = lane
	}
	f.lanes[call] = at
	w.at(at, func() { f.carryOut(call, c) })
}

func (f *floor) callOf(c queue.Command) queue.CallID {
	switch c := c.(type) {
	case queue.IndicateRinging:
		return queue.CallOf(c.Leg)
	case queue.Answer:
		return queue.CallOf(c.Leg)
	case queue.Play:
		return queue.CallOf(c.Leg)
	case queue.StartMusic:
		return queue.CallOf(c.Leg)
	case queue.StopMedia:
		return queue.CallOf(c.Leg)
	case queue.DialAgent:
		return c.Call
	case queue.DialNumber:
		return c.Call
	case queue.Bridge:
		return c.Call
	case queue.Unhook:
		return c.Call
	case queue.RoomMusic:
		return c.Call
	case queue.Mute:
		return queue.CallOf(c.Leg)
	case queue.MuteRecording:
		return queue.CallOf(c.Leg)
	case queue.UnmuteRecording:
		return queue.CallOf(c.Leg)
	case queue.AnswerTransfer:
		return queue.CallOf(c.Leg)
	case queue.Unbridge:
		return c.Call
	case queue.HangUp:
		return queue.CallOf(c.Leg)
	}
	panic("a command that the simulated switch does not know: " + queue.Name(c))
}

// carryOut does what a command says, as Asterisk would: commands on legs that
// are gone do nothing.
func (f *floor) carryOut(call queue.CallID, c queue.Command) {
	w := f.w
	refused := (w.dead || w.s.Faults.CommandFails > 0 && w.rng.Float64() < w.s.Faults.CommandFails) && f.refuse(c)
	switch c := c.(type) {
	case queue.DialAgent:
		delete(f.dialling, c.Leg)
		if !refused {
			f.dialAgent(c)
		}
	case queue.DialNumber:
		delete(f.dialling, c.Leg)
		if !refused {
			f.dialNumber(c)
		}
	case queue.Bridge:
		if !refused {
			f.bridge(c)
		}
	case queue.Unbridge:
		for _, l := range f.of[c.Call] {
			f.moves(l, noRoom)
		}
	case queue.Play:
		if !refused {
			f.play(c)
		}
	case queue.IndicateRinging:
		f.on(c.Leg, func(l *leg) { l.ringback = true })
	case queue.Answer:
		f.on(c.Leg, func(l *leg) { l.up = true })
	case queue.StartMusic:
		f.on(c.Leg, func(l *leg) { l.played++; l.playing, l.music = false, true })
	case queue.StopMedia:
		f.on(c.Leg, func(l *leg) { l.played++; l.playing, l.music = false, false })
	case queue.Unhook:
		f.on(c.Leg, func(l *leg) { f.moves(l, noRoom) })
	case queue.Mute:
		f.on(c.Leg, func(l *leg) { l.muted = c.On })
	case queue.MuteRecording:
		f.tapes(c.Leg, true, refused)
	case queue.UnmuteRecording:
		f.tapes(c.Leg, false, refused)
	case queue.HangUp:
		f.on(c.Leg, func(l *leg) { w.end(l, queue.CauseNormal) })
	}
	f.changed(call)
}

func (f *floor) on(id queue.LegID, do func(*leg)) {
	if l := f.w.legs[id]; l != nil {
		do(l)
	}
}

// refuse makes a command fail in a way that is reported.
func (f *floor) refuse(c queue.Command) bool {
	no := func(call queue.CallID, leg queue.LegID) bool {
		f.w.tell(queue.CommandFailed{Command: queue.Name(c), Call: call, Leg: leg, Cause: queue.CauseFailed})
		return true
	}
	switch c := c.(type) {
	case queue.DialAgent:
		return no(c.Call, c.Leg)
	case queue.DialNumber:
		return no(c.Call, c.Leg)
	case queue.Bridge:
		return no(c.Call, c.Legs[1])
	case queue.Play:
		return no(queue.CallOf(c.Leg), c.Leg)
	case queue.MuteRecording:
		return no(queue.CallOf(c.Leg), c.Leg)
	case queue.UnmuteRecording:
		return no(queue.CallOf(c.Leg), c.Leg)
	}
	return false
}

// moves puts a leg into a room, and into no other.
func (f *floor) moves(l *leg, to room) {
	l.in, l.bridged = to, to == mainRoom
}

func (f *floor) bridge(c queue.Bridge) {
	to := mainRoom
	if c.Room == queue.SideRoom {
		to = sideRoom
	}
	for _, id := range c.Legs {
		l := f.w.legs[id]
		if l == nil {
			return // nothing is added; its end is told apart
		}
		if !l.up {
			f.w.tell(queue.CommandFailed{Command: queue.Name(c), Call: c.Call, Leg: id, Cause: queue.CauseFailed, Message: "not in Stasis"})
			return
		}
	}
	for _, id := range c.Legs {
		l := f.w.legs[id]
		f.moves(l, to)
		if to == mainRoom {
			f.w.tell(queue.LegBridged{Leg: id})
		}
	}
}

// play lets a leg hear sounds, three seconds each, instead of what it hears.
func (f *floor) play(c queue.Play) {
	w, l := f.w, f.w.legs[c.Leg]
	if l == nil {
		return
	}
	l.played++
	l.playing, l.music = len(c.Sounds) > 0, false
	if n := l.played; !slices.Contains(c.Sounds, queue.RingTone) {
		w.after(time.Duration(len(c.Sounds))*3*time.Second, func() {
			if w.legs[l.id] == l && l.played == n {
				l.playing = false
				w.tell(queue.PlaybackFinished{Leg: l.id, N: c.N})
				if l.kind == queue.LegFeature {
					return
				}
				f.changed(l.call)
			}
		})
	}
}

// ended takes a leg out of the house; what rang only for its sake must stop.
func (f *floor) ended(l *leg) {
	f.of[l.call] = slices.DeleteFunc(f.of[l.call], func(x *leg) bool { return x == l })
	f.changed(l.call)
	if x := &f.w.s.Faults; !l.customer || x.any() || x.SwitchLosses > 0 || f.w.dead {
		return
	}
	here := slices.Clone(f.of[l.call])
	f.w.after(6*f.w.s.Latency+time.Millisecond, func() {
		for _, other := range here {
			if f.w.legs[other.id] == other && !other.up {
				f.audit.fail(l.call, "%s rings on after the customer %s has left", other.id, l.id)
			}
		}
	})
}

func describeCalls(s *queue.Snapshot) (text string) {
	for _, c := range s.Calls {
		text += fmt.Sprintf("[%s %s leg %q agent %s open %v since %s]", c.ID, c.State, c.Leg, c.Agent, c.Open, c.ArrivedAt.Format(time.TimeOnly))
	}
	for _, g := range s.Agents {
		text += fmt.Sprintf("[%s %s phone %s leg %q dialling %d]", g.ID, g.State, g.Phone, g.Leg, g.Dialling)
	}
	return text
}

func (f *floor) anyAgent() queue.AgentID {
	ids := f.w.agentIDs()
	return ids[f.rng.IntN(len(ids))]
}

func (f *floor) anyLeg() queue.LegID {
	ids := slices.Sorted(maps.Keys(f.w.legs))
	if len(ids) == 0 {
		return "c1~" + queue.LegID(strconv.Itoa(f.rng.IntN(5)))
	}
	return ids[f.rng.IntN(len(ids))]
}
