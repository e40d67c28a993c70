package sim

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Faults is what goes wrong, as shares of the occasions (0…1) or as counts
// over the run. The zero value is a perfect world.
type Faults struct {
	Lost, Doubled, Late                    float64 // of what the switch tells
	CommandFails                           float64
	Refused, Busy, Unregistered, NoRinging float64 // of offers
	AgentReleases                          float64 // of conversations
	StateChanges                           int     // agents press not ready or sign out at odd moments
	SwitchLosses                           int     // events stop for a while
	SwitchRestarts                         int     // the switch dies with all that it has
	Walkouts                               int     // all agents stop at once, for a while
	Closings                               int     // a queue closes for a while
	Takeovers                              int     // another node folds the log and goes on
	Floods                                 int     // one number calls far too often for a while
}

func (f *Faults) any() bool { return f.Lost > 0 || f.Doubled > 0 || f.Late > 0 }

// reconcileEvery is how often the adapter compares with the switch.
const reconcileEvery = 15 * time.Second

// scheduleFaults spreads the counted faults over the expected length of the
// run, and lets the adapter's own comparison run where events can be lost.
func (w *world) scheduleFaults() {
	f := w.s.Faults
	_, length := w.s.Arrivals.Expected()
	moment := func() time.Duration { return time.Duration(w.rng.Int64N(int64(length) + 1)) }
	ids := w.agentIDs()
	for range f.StateChanges {
		agent := ids[w.rng.IntN(len(ids))]
		set := queue.SetAgent{Agent: agent, State: queue.NotReady, Reason: "break", By: "sim"}
		if w.rng.IntN(3) == 0 {
			set = queue.SetAgent{Agent: agent, State: queue.LoggedOut, By: "sim"}
		}
		w.after(moment(), func() { w.step(set) })
	}
	for i := range f.Walkouts {
		set := queue.SetAgent{State: queue.NotReady, Reason: "meeting", By: "sim"}
		if i%2 == 0 {
			set = queue.SetAgent{State: queue.LoggedOut, By: "sim"}
		}
		w.after(moment(), func() {
			for _, set.Agent = range ids {
				w.step(set)
			}
		})
	}
	for range f.Closings {
		from, of := moment(), queue.QueueID([]string{"support", "behind"}[w.rng.IntN(2)])
		w.after(from, func() { w.step(queue.QueueHours{Queue: of, Until: w.now.Add(time.Minute)}) })
		w.after(from+time.Minute, func() { w.step(queue.QueueHours{Queue: of, Open: true}) })
	}
	for range f.SwitchLosses {
		w.after(moment(), w.loseSwitch)
	}
	for range f.SwitchRestarts {
		w.after(moment(), w.restartSwitch)
	}
	for i := range f.Floods {
		w.after(moment(), func() { w.flood("1390000"+fmt.Sprintf("%04d", i), floodCalls) })
	}
	for range f.Takeovers {
		w.after(moment(), w.takeOver)
	}
	if w.floor == nil && (f.any() || f.SwitchLosses > 0 || f.Takeovers > 0) { // else it heals, as the adapter does
		w.after(reconcileEvery, w.compare)
	}
}

// floodCalls is how many calls a flood has, five a second.
const floodCalls = 40

// flood calls again and again from one number, and hangs up when it is let in.
func (w *world) flood(from string, more int) {
	if more == 0 || w.dead {
		return
	}
	number, _ := w.dialler.next(&Caller{})
	l := w.newCaller(number, from)
	w.tell(queue.CallArrived{Leg: l.id, Number: l.number, Caller: l.from, Endpoint: "trunk"})
	w.after(w.exp(5*time.Second), func() { w.end(l, queue.CauseNormal) })
	w.after(200*time.Millisecond, func() { w.flood(from, more-1) })
}

func (w *world) compare() {
	if !w.witness.deaf {
		w.step(w.facts())
	}
	if !w.allCame || len(w.legs) > 0 || w.witness.live > 0 {
		w.after(reconcileEvery, w.compare)
	}
}

func (w *world) loseSwitch() {
	if w.witness.deaf {
		return
	}
	w.step(queue.SwitchLost{})
	w.witness.deaf = true
	w.after(w.exp(4*time.Second), func() {
		w.witness.deaf = false
		w.step(w.facts())
	})
}

// takeOver replaces the leader by one that folded the log. It must be the same
// to the byte, so that it continues as if nothing had happened.
func (w *world) takeOver() {
	next := queue.Replay(slices.Values(w.log))
	was, err := w.acd.Checkpoint()
	if err != nil {
		w.fail("takeover: %v", err)
		return
	}
	is, err := next.Checkpoint()
	if err != nil {
		w.fail("takeover: %v", err)
		return
	}
	was, is = normalNow(was), normalNow(is)
	if !bytes.Equal(was, is) {
		w.err = fmt.Errorf("takeover: the folded state differs\n was %s\n is  %s", was, is)
		return
	}
	w.acd = next
	w.witness.takeovers++
}

// normalNow cuts the time of the last step, which a fold knows only as the
// time of the last record.
func normalNow(state []byte) []byte {
	if i := bytes.Index(state, []byte(`"seq"`)); i > 0 {
		return state[i:]
	}
	return state
}
