package sim

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// tape is the recording on a customer's leg: what was asked of it last, and what
// it does.
type tape struct {
	wanted, muted bool
	wrong         lasting
}

// tapeAgain is after how long the adapter tries again what failed.
const tapeAgain = 2 * time.Second

// tapes mutes a recording or lets it be heard again, now or when it can.
func (f *floor) tapes(id queue.LegID, on, refused bool) {
	f.on(id, func(l *leg) {
		l.tape.wanted = on
		f.turn(l, on, refused)
	})
}

func (f *floor) turn(l *leg, on, refused bool) {
	w := f.w
	if w.legs[l.id] != l || l.tape.wanted != on || w.dead {
		return
	}
	if !refused {
		l.tape.muted = on
		w.tell(queue.RecordingSwitched{Leg: l.id, On: on})
		return
	}
	w.after(tapeAgain, func() {
		f.turn(l, on, w.s.Faults.CommandFails > 0 && w.rng.Float64() < w.s.Faults.CommandFails)
	})
}

// taped sees that what is recorded is what the record says: never silence that
// nobody asked for, nor card data, for longer than the adapter needs.
func (f *floor) taped() {
	if f.w.over() {
		return
	}
	f.w.after(tapeAgain, f.taped)
	for _, c := range f.w.acd.Snapshot().Calls {
		l := f.w.legs[c.Leg]
		if l == nil || !l.customer {
			continue
		}
		muted := c.RecordingMute != nil
		failed := c.UnmuteFailed || muted && c.RecordingMute.Failed
		switch {
		case f.w.witness.deaf || muted == l.tape.muted:
			l.tape.wrong.since = time.Time{}
		case l.tape.wrong.since.IsZero():
			l.tape.wrong.since = f.w.now
		case f.w.now.Sub(l.tape.wrong.since) > patienceWithFaults && !failed:
			f.audit.fail(c.ID, "the recording is muted: %t; on record it should be: %t, without a fault", l.tape.muted, muted)
		}
	}
}

// fact is what the adapter finds when it asks.
func (t *tape) fact() queue.Tape {
	if t.muted {
		return queue.TapeMuted
	}
	return queue.TapeRuns
}
