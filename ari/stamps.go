package ari

import (
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// stamps are when legs were answered and ended by Asterisk's own clock, which
// is the clock that its recordings are made by: how late an event is heard does
// not matter to them. Only their difference means anything.
type stamps struct {
	now, before map[queue.LegID]Stamped
}

// Stamped is when Asterisk answered a leg and saw it end, by its own clock.
// Zero: not known.
type Stamped struct {
	Up, Ended time.Time
}

// see notes what an event tells.
func (s *stamps) see(stamp string, event ari.Event) {
	at, err := time.Parse(stampLayout, stamp)
	if err != nil {
		return
	}
	switch e := event.(type) {
	case *ari.ChannelStateChange:
		if e.Channel.State == "Up" {
			s.change(queue.LegID(e.Channel.ID), func(t *Stamped) { t.Up = at })
		}
	case *ari.StasisStart: // of one that was answered before we were told
		if e.Channel.State == "Up" {
			s.change(queue.LegID(e.Channel.ID), func(t *Stamped) {
				if t.Up.IsZero() {
					t.Up = at
				}
			})
		}
	case *ari.ChannelHangupRequest:
		s.ended(queue.LegID(e.Channel.ID), at)
	case *ari.StasisEnd:
		s.ended(queue.LegID(e.Channel.ID), at)
	case *ari.ChannelDestroyed:
		s.ended(queue.LegID(e.Channel.ID), at)
	}
}

// ended notes the first end of a leg that had a beginning.
func (s *stamps) ended(leg queue.LegID, at time.Time) {
	if t := s.of(leg); t.Up.IsZero() || !t.Ended.IsZero() {
		return
	}
	s.change(leg, func(t *Stamped) { t.Ended = at })
}

func (s *stamps) change(leg queue.LegID, change func(*Stamped)) {
	t := s.of(leg)
	change(&t)
	if len(s.now) >= stampsKept {
		s.now, s.before = nil, s.now
	}
	if s.now == nil {
		s.now = map[queue.LegID]Stamped{}
	}
	s.now[leg] = t
}

// stampsKept is of how many legs they are remembered, once or twice: of those
// that speak, and of some that did.
const stampsKept = 4000

func (s *stamps) of(leg queue.LegID) Stamped {
	if t, ok := s.now[leg]; ok {
		return t
	}
	return s.before[leg]
}

// Stamped tells when a leg was answered and ended by Asterisk's own clock; zero
// times where that was not heard, or long ago.
func (s *Switch) Stamped(leg queue.LegID) Stamped {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stamps.of(leg)
}
