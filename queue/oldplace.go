package queue

import (
	"slices"
	"time"
)

// A caller whom a fault of ours dropped, or whose line broke while they waited,
// has their place kept for a while: who rings the same number again from the
// same one goes on where they were.

// DefaultOldPlace is how long a place is kept where the house does not say, and
// MostOldPlace the longest.
const (
	DefaultOldPlace = 5 * time.Minute
	MostOldPlace    = time.Hour
)

// placesKept is how many places are kept at most.
const placesKept = 4096

// PlaceRestored: a caller who was dropped rang again and has the old place.
type PlaceRestored struct {
	Of   CallID `json:"of"`   // the call that was dropped
	Call CallID `json:"call"` // whose timeline it is on: see About
	// Order is that of the dropped call, Since from when its wait counts.
	Order uint64    `json:"order"`
	Since time.Time `json:"since"`
	// Reason is why it was dropped, Front whether it went before all others.
	Reason Cause `json:"reason"`
	Front  bool  `json:"front,omitempty"`
}

func (PlaceRestored) event() {}

// place is what is kept of a caller who was dropped.
type place struct {
	Call   CallID    `json:"call"`
	Caller string    `json:"caller"`
	Number string    `json:"number"`
	Queue  QueueID   `json:"queue"`
	Order  uint64    `json:"order"`
	Since  time.Time `json:"since"`
	Reason Cause     `json:"reason"`
	Front  bool      `json:"front,omitempty"`
	At     time.Time `json:"at"` // when the call was over
}

// dropped tells why a call that is over was not ended by those who spoke or
// waited; empty: it was. A conversation that broke at the customer's phone alone
// is not taken up again: it may have said all.
func (c *Call) dropped() Cause {
	switch {
	case c.Direction != Inbound || c.Callback != nil || c.ByAgent != "" || c.Queue == "" || !validNumber(c.Caller):
	case c.Outcome == OutcomeLost:
		return c.Cause
	case c.Outcome == OutcomeOverflowed && c.Overflow == OverflowCause(CauseRescued):
		return CauseRescued
	case c.Outcome == OutcomeAnswered && c.Cause == CauseSwitchLost, c.Outcome == OutcomeForwarded && c.Cause == CauseSwitchLost:
		return CauseSwitchLost
	}
	return ""
}

// keepPlace notes the place of a call that is over, if it was dropped.
func (a *ACD) keepPlace(at time.Time, c *Call) {
	why := c.dropped()
	if why == "" {
		return
	}
	since := c.QueuedAt
	if !c.ConnectedAt.IsZero() || c.Outside != nil {
		since = at // the wait that counts begins anew
	}
	a.places = slices.DeleteFunc(slices.Clone(a.places), func(p place) bool {
		return p.Caller == c.Caller && p.Number == c.Number || at.Sub(p.At) > MostOldPlace
	})
	if len(a.places) >= placesKept {
		a.places = a.places[1:]
	}
	a.places = append(a.places, place{Call: c.ID, Caller: c.Caller, Number: c.Number, Queue: c.Queue, Order: c.Order, Since: since,
		Reason: why, Front: c.Front, At: at})
}

// oldPlace is the place that is kept for who calls; false: none.
func (a *ACD) oldPlace(in CallArrived) (place, bool) {
	i := slices.IndexFunc(a.places, func(p place) bool { return p.Caller == in.Caller && p.Number == in.Number })
	if i < 0 {
		return place{}, false
	}
	p := a.places[i]
	if a.queues[p.Queue] == nil || a.now.Sub(p.At) > a.cfg.oldPlace() {
		return place{}, false
	}
	for _, c := range a.order {
		if c.Order == p.Order && (c.State != CallWaiting || c.Leg != "") {
			return place{}, false // being called back already
		}
	}
	return p, true
}

func (c *Config) oldPlace() time.Duration {
	if c.OldPlace == 0 {
		return DefaultOldPlace
	}
	return c.OldPlace
}

// restore lets a caller who was dropped go on in the old place. They had been
// let in, so neither hours nor a full queue keep them out now.
func (a *ACD) restore(in CallArrived, p place, level string, extra int) {
	for _, c := range slices.Clone(a.order) {
		if c.Order == p.Order { // is to be called back: not needed any more
			a.emit(CallClosed{Call: c.ID, Outcome: OutcomeCancelled, Release: ReleaseCaller, Cause: CauseNormal})
		}
	}
	id := CallID(in.Leg)
	a.emit(CallQueued{Call: id, Level: level, Extra: extra, LastAgent: a.spoke.with(in.Caller), Queue: p.Queue, Number: in.Number, Caller: in.Caller,
		Name: in.Name, Endpoint: in.Endpoint, Addr: in.Addr, Unrecorded: !a.cfg.Recorded(in.Number)})
	a.emit(PlaceRestored{Call: id, Of: p.Call, Order: p.Order, Since: p.Since, Reason: p.Reason, Front: p.Front})
	a.do(IndicateRinging{Leg: in.Leg})
}

func (a *ACD) applyRestored(e PlaceRestored) {
	c := a.calls[e.Call]
	l := a.queues[c.Queue]
	l.dequeue(c)
	a.order = slices.DeleteFunc(slices.Clone(a.order), func(x *Call) bool { return x == c })
	c.Order, c.QueuedAt, c.Front, c.Restored = e.Order, e.Since, e.Front, e.Of
	i, _ := slices.BinarySearchFunc(a.order, c, func(x, y *Call) int { return int(x.Order) - int(y.Order) })
	a.order = slices.Insert(a.order, i, c)
	l.enqueue(c)
	a.places = slices.DeleteFunc(slices.Clone(a.places), func(p place) bool { return p.Call == e.Of })
	a.touchCall(c)
}

// rangSince is from when the caller hears it ring: one who was dropped and has
// the old place, since they rang again.
func (c *Call) rangSince() time.Time {
	if c.Restored != "" {
		return c.ArrivedAt
	}
	return c.waitedSince()
}
