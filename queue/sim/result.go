package sim

import (
	"fmt"
	"time"

	"github.com/threerings/threerings/queue"
)

// witness watches the run from outside: it counts what happened and notes
// what must never happen.
type witness struct {
	deaf      bool
	lost      int
	takeovers int
	live      int

	queued, answered, abandoned, completed, overflowed int
	made, accepted, missed, withdrawn, dropped         int
	waits                                              time.Duration // of answered calls
	within                                             int
	busy                                               time.Duration // talk, over all agents
	ringsInVain                                        int
	last                                               uint64
	broken                                             string
	causes                                             map[string]int // of overflows
}

func (v *witness) see(r queue.Record) {
	if r.Seq != v.last+1 {
		v.broken = fmt.Sprintf("record %d follows %d", r.Seq, v.last)
	}
	v.last = r.Seq
	switch e := r.Event.(type) {
	case queue.CallQueued:
		v.queued++
		v.live++
	case queue.CallConnected:
		v.answered++
	case queue.CallAbandoned:
		v.abandoned++
		v.live--
	case queue.CallCompleted:
		v.completed++
		v.live--
		v.busy += e.Talk
	case queue.CallOverflowed:
		if v.causes == nil {
			v.causes = map[string]int{}
		}
		v.causes[e.Reason]++
		if e.To == "" {
			v.overflowed++
			v.live--
		}
	case queue.OfferMade:
		v.made++
	case queue.OfferAccepted:
		v.accepted++
		v.waits += e.Wait
		if e.Wait <= queue.DefaultServiceLevel {
			v.within++
		}
	case queue.OfferMissed:
		v.missed++
		if e.Reason == queue.MissedDropped {
			v.dropped++ // it had been accepted
		}
	case queue.OfferWithdrawn:
		v.withdrawn++
	}
}

// callerLeft: a phone that rings for this call must be stopped soon; the
// bound is generous where faults delay the news.
func (v *witness) callerLeft(w *world, caller *leg) {
	if w.s.Faults.any() || w.s.Faults.SwitchLosses > 0 {
		return
	}
	w.after(4*w.s.Latency+time.Millisecond, func() {
		for _, l := range w.legs {
			if l.kind == queue.LegAgent && l.call == caller.call && !l.up {
				v.ringsInVain++
			}
		}
	})
}

// Result is what came out of a run.
type Result struct {
	Calls      int     `json:"calls"`
	Served     int     `json:"served"`
	Abandoned  int     `json:"abandoned"`
	MeanWait   float64 `json:"mean_wait_s"` // of the served
	Within15   float64 `json:"within_15s"`  // share of the served who waited at most 15 s
	Level      float64 `json:"service_level"`
	Formula    string  `json:"service_level_formula"`
	Rings      float64 `json:"within_rings"` // share of callers within the ring budget (R1.2)
	Occupancy  float64 `json:"occupancy"`    // talk and wrap-up over time on duty
	Simulated  float64 `json:"seconds_simulated"`
	Offers     int     `json:"offers"`
	Missed     int     `json:"missed"`
	Violations int     `json:"violations"`
}

func (w *world) result() Result {
	v := &w.witness
	today := w.acd.Snapshot().Queues[0].Today
	simulated := w.now.Sub(epochStart)
	r := Result{Calls: w.came, Served: v.completed, Abandoned: v.abandoned, Offers: v.made, Missed: v.missed,
		Violations: today.Violations, Formula: string(queue.FormulaStrict), Simulated: simulated.Seconds()}
	if v.completed > 0 {
		r.MeanWait = today.WaitAnswered.Seconds() / float64(v.completed)
		r.Within15 = float64(v.within-v.dropped) / float64(v.completed)
	}
	r.Level, _ = today.ServiceLevel(queue.FormulaStrict).Value()
	r.Rings, _ = today.CallersWithinRings().Value()
	if simulated > 0 {
		handling := v.busy + time.Duration(v.completed)*w.s.WrapUp
		r.Occupancy = handling.Seconds() / (simulated.Seconds() * float64(w.s.Agents))
	}
	return r
}

// problems lists what must never be, once everything is over.
func (w *world) problems() []string {
	v := &w.witness
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if v.broken != "" {
		bad("%s", v.broken)
	}
	if v.queued != v.completed+v.abandoned+v.overflowed || v.live != 0 {
		bad("%d calls queued, %d completed + %d abandoned + %d overflowed, %d live", v.queued, v.completed, v.abandoned, v.overflowed, v.live)
	}
	if v.made != v.accepted-v.dropped+v.missed+v.withdrawn {
		bad("%d offers made, %d accepted (%d dropped) + %d missed + %d withdrawn", v.made, v.accepted, v.dropped, v.missed, v.withdrawn)
	}
	if len(w.legs) > 0 {
		bad("%d legs are left in the switch", len(w.legs))
	}
	if v.ringsInVain > 0 {
		bad("%d phones rang on after their caller had left", v.ringsInVain)
	}
	for id, g := range w.staff {
		if g.leg != "" {
			bad("agent %s is stuck with leg %s", id, g.leg)
		}
	}
	return out
}
