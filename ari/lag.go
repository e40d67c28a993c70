package ari

import (
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	// noLag is what an event may take beyond the quickest without being late.
	noLag = 50 * time.Millisecond
	// mostLag is more than a connection that works can hold back: beyond it one
	// of the clocks was set.
	mostLag = 10 * time.Second
	// lagTurn is how long the quickest event is remembered, once or twice.
	lagTurn = time.Minute
	// lateKept is how many late ends are remembered, once or twice.
	lateKept = 1000

	stampLayout = "2006-01-02T15:04:05.000-0700" // of Asterisk's events
)

// lag tells how late events come: frozen, behind a slow line or on a machine
// that has no time. Asterisk's clock and ours may differ, so an event is late by
// what it took longer than the quickest of the last minutes.
type lag struct {
	least, before time.Duration // of this turn, of the one before
	turned        time.Time
}

// of is how late an event was that Asterisk stamped and that came at a time.
func (l *lag) of(stamp string, came time.Time) time.Duration {
	at, err := time.Parse(stampLayout, stamp)
	if err != nil {
		return 0
	}
	took := came.Sub(at)
	switch {
	case l.turned.IsZero(), took-min(l.least, l.before) > mostLag:
		l.least, l.before, l.turned = took, took, came
	case came.Sub(l.turned) > lagTurn:
		l.before, l.least, l.turned = l.least, took, came
	}
	l.least = min(l.least, took)
	if late := took - min(l.least, l.before); late > noLag {
		return late
	}
	return 0
}

// lateEnds are the legs whose end was heard late, and how late.
type lateEnds struct {
	now, before map[queue.LegID]time.Duration
}

func (e *lateEnds) add(leg queue.LegID, late time.Duration) {
	if len(e.now) >= lateKept {
		e.now, e.before = nil, e.now
	}
	if e.now == nil {
		e.now = map[queue.LegID]time.Duration{}
	}
	e.now[leg] = late
}

func (e *lateEnds) of(leg queue.LegID) time.Duration {
	if late, ok := e.now[leg]; ok {
		return late
	}
	return e.before[leg]
}

// EndSeenLate is how much later than it happened the end of a leg was heard,
// within 50 ms; zero if it was heard at once, or a long time ago.
func (s *Switch) EndSeenLate(leg queue.LegID) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lateEnds.of(leg)
}
