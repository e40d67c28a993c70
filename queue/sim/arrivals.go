package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/threerings/threerings/queue"
)

// Caller is somebody who is to come. What they will do is drawn beforehand, so
// that two settings can be compared with the very same callers.
type Caller struct {
	At       time.Duration // since the run began
	Patience time.Duration // how long they would wait; negative: for ever
	Talk     time.Duration
	VIP      bool          // a customer with a level
	Queue    queue.QueueID // whose number they dial; empty or none of the house: drawn
}

// forEver is the patience of who never leaves.
const forEver = time.Duration(-1)

// Arrivals says who comes and when. It holds no state of a run, so that runs
// can go on beside each other.
type Arrivals interface {
	// Begin returns a function that gives one caller after another, by time.
	Begin(rng *rand.Rand) func() (Caller, bool)
	// Expected is about how many come, and over what time.
	Expected() (callers float64, over time.Duration)
	validate() error
	// vips tells whether some of the callers are customers with a level.
	vips() bool
}

// People are what callers draw from.
type People struct {
	Talk     Dist
	Patience Dist // nil: for ever
}

func (p *People) validate() error {
	if p.Talk == nil || p.Talk.Mean() <= 0 {
		return fmt.Errorf("talk: must last for some time")
	}
	return nil
}

func (*People) vips() bool { return false }

func (p *People) draw(rng *rand.Rand, at time.Duration) Caller {
	c := Caller{At: at, Patience: forEver, Talk: p.Talk.Draw(rng)}
	if p.Patience != nil {
		c.Patience = p.Patience.Draw(rng)
	}
	return c
}

// Steady is callers who come by chance at a rate that never changes.
type Steady struct {
	People
	Calls int     // how many come
	Rate  float64 // an hour
}

func (s *Steady) validate() error {
	switch {
	case s.Calls < 1 || s.Calls > 1_000_000_000:
		return fmt.Errorf("calls %d: must be 1 to 1,000,000,000", s.Calls)
	case !(s.Rate > 0) || math.IsInf(s.Rate, 0):
		return fmt.Errorf("rate %v: must be a positive number of calls per hour", s.Rate)
	}
	return s.People.validate()
}

// Expected is exact in the number, not in the time.
func (s *Steady) Expected() (float64, time.Duration) {
	return float64(s.Calls), time.Duration(float64(s.Calls) / s.Rate * float64(time.Hour))
}

// Begin lets the callers come.
func (s *Steady) Begin(rng *rand.Rand) func() (Caller, bool) {
	at, n := time.Duration(0), 0
	return func() (Caller, bool) {
		if n >= s.Calls {
			return Caller{}, false
		}
		n++
		at += time.Duration(rng.ExpFloat64() * float64(time.Hour) / s.Rate)
		return s.draw(rng, at), true
	}
}

// Plan is callers who come by chance at rates that change with the time of the
// day.
type Plan struct {
	People
	Slot time.Duration // how long each rate holds
	Days [][]float64   // callers an hour by day and slot; a day may be cut short
}

func (p *Plan) validate() error {
	if p.Slot <= 0 || Day%p.Slot != 0 {
		return fmt.Errorf("interval %s: a day must be a whole number of them", p.Slot)
	}
	for _, day := range p.Days {
		if len(day) > int(Day/p.Slot) {
			return fmt.Errorf("%d intervals of %s are more than a day", len(day), p.Slot)
		}
		for _, r := range day {
			if !(r >= 0) || math.IsInf(r, 0) {
				return fmt.Errorf("rate %v: must be a number of calls per hour", r)
			}
		}
	}
	if n, _ := p.Expected(); n <= 0 || n > 1e9 {
		return fmt.Errorf("the rates give %.0f callers: must be 1 to 1,000,000,000", n)
	}
	return p.People.validate()
}

// Expected is the sum of the rates.
func (p *Plan) Expected() (n float64, over time.Duration) {
	for _, day := range p.Days {
		for _, r := range day {
			n += r * p.Slot.Hours()
		}
	}
	return n, time.Duration(len(p.Days)) * Day
}

// Begin lets the callers come.
func (p *Plan) Begin(rng *rand.Rand) func() (Caller, bool) {
	day, slot, at := 0, 0, time.Duration(0)
	left := rng.ExpFloat64() // until the next caller, in callers
	return func() (Caller, bool) {
		for ; day < len(p.Days); day, slot = day+1, 0 {
			for ; slot < len(p.Days[day]); slot++ {
				from := time.Duration(day)*Day + time.Duration(slot)*p.Slot
				at = max(at, from)
				rate := p.Days[day][slot] / float64(time.Hour)
				within := float64(from + p.Slot - at)
				if left < rate*within {
					at += time.Duration(left / rate)
					left = rng.ExpFloat64()
					return p.draw(rng, at), true
				}
				left -= rate * within
				at = from + p.Slot
			}
		}
		return Caller{}, false
	}
}

// Day is a day of the virtual calendar, which knows no daylight saving.
const Day = 24 * time.Hour
