package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// restartSwitch ends the switch with all that it has, as a crash would, and
// starts it anew a while later. Nobody hears of the ends of its legs; some of
// those who were cut off ring again.
func (w *world) restartSwitch() {
	if w.witness.deaf {
		return
	}
	w.step(queue.SwitchLost{})
	w.witness.deaf, w.dead = true, true
	w.restarts++
	for _, id := range slices.Sorted(maps.Keys(w.legs)) {
		l := w.legs[id]
		if l == nil {
			continue
		}
		if l.kind == queue.LegCaller && l.from != "" && w.rng.IntN(4) > 0 {
			w.ringsAgain(l.number, l.from)
		}
		w.end(l, queue.CauseGone)
	}
	w.after(w.exp(4*time.Second), func() {
		w.witness.deaf, w.dead = false, false
		w.step(w.facts())
	})
}

// ringsAgain lets who was cut off dial the same number after a while.
func (w *world) ringsAgain(number, from string) {
	w.returning++
	w.after(w.exp(time.Minute), func() {
		w.returning--
		if w.dead {
			w.ringsAgain(number, from)
			return
		}
		l := w.newCaller(number, from)
		w.tell(queue.CallArrived{Leg: l.id, Number: l.number, Caller: l.from, Endpoint: "trunk"})
	})
}

// restored checks that who has an old place is who had it, in time, and that
// it is the old one.
func (v *audit) restored(at time.Time, e queue.PlaceRestored) {
	was, is := v.calls[e.Of], v.calls[e.Call]
	switch {
	case was.ID == "" || was.State != queue.CallEnded:
		v.fail(e.Call, "has the place of %s, which is not over: %+v", e.Of, was)
	case was.Caller != is.Caller || was.Caller == "" || was.Number != is.Number:
		v.fail(e.Call, "%s, who dialled %s, has the place of %s, who dialled %s", is.Caller, is.Number, was.Caller, was.Number)
	case was.Order != e.Order || was.Queue != is.Queue || e.Since.After(was.EndedAt):
		v.fail(e.Call, "the place of %s was %d in %s since %s; given is %+v in %s", e.Of, was.Order, was.Queue, was.QueuedAt, e, is.Queue)
	case at.Sub(was.EndedAt) > queue.DefaultOldPlace:
		v.fail(e.Call, "has a place that was left %s ago", at.Sub(was.EndedAt))
	case was.Outcome != queue.OutcomeLost && was.Cause != queue.CauseSwitchLost:
		v.fail(e.Call, "has the place of a call that nobody dropped: %s, %s", was.Outcome, was.Cause)
	}
}
