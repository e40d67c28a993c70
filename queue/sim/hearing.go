package sim

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// patienceWithSilence is how long a live leg may hear nothing: the switch's
// latency, many times over. Where events are lost, until a check makes up for
// them.
const (
	patienceWithSilence = 2 * time.Second
	patienceWithFaults  = 9 * time.Second
)

func (f *floor) patience() time.Duration {
	if x := &f.w.s.Faults; x.any() || x.SwitchLosses > 0 || x.CommandFails > 0 {
		return patienceWithFaults
	}
	return patienceWithSilence
}

// company tells whether somebody else is in the room in which a leg is.
func (f *floor) company(l *leg) bool {
	if l.in == noRoom {
		return false
	}
	for _, other := range f.of[l.call] {
		if other != l && other.in == l.in && other.up {
			return true
		}
	}
	return false
}

// hears tells whether a leg hears anything: ringing, a sound, music, a room with
// somebody (who may hold by phone: then the switch plays music there).
func (f *floor) hears(l *leg) bool {
	switch {
	case !l.up && l.kind == queue.LegCaller:
		return l.ringback
	case !l.up:
		return true // it is a phone that rings, or does not yet
	}
	return l.music || l.playing || f.company(l)
}

// changed looks again at what the legs of a call hear.
func (f *floor) changed(call queue.CallID) {
	agents := 0
	for _, l := range f.of[call] {
		if l.kind == queue.LegFeature {
			continue
		}
		f.lasts(l, &l.silent, !f.hears(l), f.silence)
		f.lasts(l, &l.mixed, l.up && (l.music || l.playing) && f.company(l), f.mixture)
		if l.agent != "" && l.in == mainRoom {
			agents++
		}
	}
	if agents > 1 {
		f.w.after(f.patience(), func() {
			if f.crowded(call) { // and still so when what is under way is done?
				f.w.after(f.patience(), func() {
					if f.crowded(call) {
						f.audit.fail(call, "two agents are in the customer's room, and it is no conference")
					}
				})
			}
		})
	}
}

// lasting is something that may be so for a moment only.
type lasting struct {
	since   time.Time
	watched bool
}

// lasts notes since when something is so, and has it judged if it lasts.
func (f *floor) lasts(l *leg, x *lasting, so bool, judge func(l *leg, fails bool) bool) {
	switch {
	case !so:
		x.since = time.Time{}
	case x.since.IsZero():
		if x.since = f.w.now; !x.watched {
			x.watched = true
			f.watch(l, x, judge)
		}
	}
}

// watch looks now and then, so that what explains it need not be there at the
// end of it.
func (f *floor) watch(l *leg, x *lasting, judge func(l *leg, fails bool) bool) {
	f.w.after(f.patience()/8, func() {
		switch {
		case f.w.legs[l.id] != l || f.w.err != nil:
			return
		case x.since.IsZero():
			x.watched = false
			return
		case f.w.witness.deaf || l.doomed || judge(l, f.w.now.Sub(x.since) > f.patience()):
			x.since = f.w.now
		}
		f.watch(l, x, judge)
	})
}

// silence judges a leg that hears nothing; true: there is a reason.
func (f *floor) silence(l *leg, fails bool) bool {
	if l.held {
		return true
	}
	for _, c := range f.w.acd.Snapshot().Calls {
		if c.ID != l.call {
			continue
		}
		switch {
		case l.id == c.Leg && c.Media == queue.MediaQuiet && (c.State == queue.CallMenu || c.State == queue.CallVoicemail || c.State == queue.CallSurvey):
			return true // a key is waited for, or a message spoken
		case l.id == queue.LegID(c.Offer) && !c.HeldAt.IsZero() && c.Consult == nil:
			return true // put the customer on hold
		}
		if fails {
			f.audit.fail(l.call, "%s hears nothing since %s; the call is %s, on hold %t, consultation %+v, media %s", l.id,
				l.silent.since.Format("15:04:05.000"), c.State, !c.HeldAt.IsZero(), c.Consult, c.Media)
		}
		return false
	}
	if fails {
		f.audit.fail(l.call, "%s hears nothing since %s, and there is no such call", l.id, l.silent.since.Format("15:04:05.000"))
	}
	return false
}

// mixture judges a leg that hears two things at once.
func (f *floor) mixture(l *leg, fails bool) bool {
	if fails {
		f.audit.fail(l.call, "%s hears music or a sound and somebody in the room, since %s", l.id, l.mixed.since.Format("15:04:05.000"))
	}
	return false
}

// crowded: two agents are in a customer's room, and not because all three speak.
func (f *floor) crowded(call queue.CallID) bool {
	agents := 0
	for _, l := range f.of[call] {
		if l.agent != "" && l.in == mainRoom && l.up {
			agents++
		}
	}
	if agents < 2 || f.w.witness.deaf {
		return false
	}
	for _, c := range f.w.acd.Snapshot().Calls {
		if c.ID == call && c.Consult != nil && c.Consult.State == queue.ConsultAll {
			return false
		}
	}
	return true
}
