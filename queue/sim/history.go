package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Past is a call that really was.
type Past struct {
	At     time.Time     // when the caller began to wait
	Wait   time.Duration // until an agent, or until the caller left
	Served bool
	Queued bool // had to wait, as the source says
	Start  time.Time
	Talk   time.Duration // from Start
	Agent  string        // empty if unknown
	Queue  queue.QueueID // empty if unknown
	// Type is what the call was about, Priority the customer's: 0 or 1 ordinary,
	// 2 and more before others, as the source says; empty and -1 if it does not.
	Type     string
	Priority int
}

// asked tells whether the caller asked for an agent: who left before there was
// anything to wait for (in the announcement, or at night) did not.
func (p *Past) asked() bool { return p.Served || p.Queued || p.Wait > 0 }

// Asking leaves out who never asked for an agent.
func (h *History) Asking() *History {
	out := *h
	out.Calls = slices.DeleteFunc(slices.Clone(h.Calls), func(p Past) bool { return !p.asked() })
	return &out
}

// History is calls that really were, in order of arrival, from a trace or from
// the ledger.
type History struct {
	Calls []Past
	// Ignored are lines that are no calls for an agent, Repaired lines whose
	// times contradict each other and were put right, by what was wrong.
	Ignored, Repaired map[string]int
}

func newHistory() *History {
	return &History{Ignored: map[string]int{}, Repaired: map[string]int{}}
}

func (h *History) sort() {
	slices.SortStableFunc(h.Calls, func(a, b Past) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Agent, b.Agent))
	})
}

// Midnight is the beginning of a time's day, in its own zone.
func Midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// Days are the calendar days from the first call's to the last one's.
func (h *History) Days() (from time.Time, days int) {
	if len(h.Calls) == 0 {
		return time.Time{}, 0
	}
	from = Midnight(h.Calls[0].At)
	return from, dayNumber(from, h.Calls[len(h.Calls)-1].At) + 1
}

// dayNumber counts calendar days, whatever daylight saving does to their length.
func dayNumber(from, t time.Time) int {
	utc := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(utc(t).Sub(utc(from)) / Day)
}

// Only keeps the calls of the days that keep says.
func (h *History) Only(keep func(day time.Time) bool) *History {
	out := *h
	out.Calls = nil
	for _, c := range h.Calls {
		if keep(Midnight(c.At)) {
			out.Calls = append(out.Calls, c)
		}
	}
	return &out
}

// Row is the history's own figures, for beside those of a run. The ring budget
// is the house's default, three rings of the default cadence (R1.2).
func (h *History) Row(target, short time.Duration) Row {
	f := h.figures(target, short)
	return f.Row()
}

func (h *History) figures(target, short time.Duration) (f Figures) {
	q := queue.NewQueue("support")
	if target > 0 {
		q.ServiceLevel.Within = target
	}
	cadence, _ := queue.CadenceOf(queue.DefaultCountry)
	for _, p := range h.Calls {
		c := queue.Call{Queue: q.ID, Outcome: queue.OutcomeAbandoned, Wait: p.Wait, Short: p.Wait < short}
		if p.Served {
			c.Outcome, c.Talk, c.ConnectedAt, c.Short = queue.OutcomeAnswered, p.Talk, p.Start, false
			c.Rings.Within = p.Wait < cadence.Limit(queue.DefaultRings)
			if p.Wait <= queue.DefaultServiceLevel {
				f.WithinFifteen++
			}
		}
		f.Tally.Add(&q, &c)
	}
	return f
}

// Drawn says what of a history is drawn by chance instead of played again.
type Drawn string

// What can be drawn.
const (
	// DrawNothing: each caller comes, talks and leaves as then; only what
	// nobody can know is drawn: how long those would have talked who left, and
	// waited who were answered.
	DrawNothing Drawn = "nothing"
	// DrawPeople: they come when they came; how long they talk and wait is drawn.
	DrawPeople Drawn = "people"
	// DrawAll: they come by chance as well, at the rates of that history.
	DrawAll Drawn = "all"
)

// Again is the arrivals of a history, played again.
type Again struct {
	People
	Calls []Past
	From  time.Time // midnight of the first day
	Draw  Drawn     // DrawNothing or DrawPeople
	// Ahead is the share of callers who go before others, of a type whose
	// priority is not known; nil: nobody goes before others.
	Ahead map[string]float64
}

func (a *Again) vips() bool { return a.Ahead != nil }

func (a *Again) validate() error { return a.People.validate() }

// Expected is exact.
func (a *Again) Expected() (float64, time.Duration) {
	if len(a.Calls) == 0 {
		return 0, Day
	}
	return float64(len(a.Calls)), time.Duration(dayNumber(a.From, a.Calls[len(a.Calls)-1].At)+1) * Day
}

// since is the time of the virtual calendar, in which each day has 24 hours.
func since(from, t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(dayNumber(from, t))*Day + time.Duration(h)*time.Hour + time.Duration(m)*time.Minute +
		time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// Begin lets the callers come.
func (a *Again) Begin(rng *rand.Rand) func() (Caller, bool) {
	n := 0
	return func() (Caller, bool) {
		if n >= len(a.Calls) {
			return Caller{}, false
		}
		p := &a.Calls[n]
		n++
		c := a.draw(rng, since(a.From, p.At))
		c.Queue = p.Queue
		if a.Ahead != nil {
			lot := rng.Float64() // for each, so that what is known of one changes no other
			c.VIP = p.Priority >= aheadFrom || (p.Priority < 0 && lot < a.Ahead[p.Type])
		}
		if !p.asked() {
			c.Patience = 0
			return c, true
		}
		if a.Draw != DrawNothing {
			return c, true
		}
		if !p.Served {
			c.Patience = p.Wait
			return c, true
		}
		c.Talk = p.Talk
		if known, ok := a.Patience.(*Patience); ok && known != nil {
			c.Patience = known.DrawBeyond(rng, p.Wait)
		}
		return c, true
	}
}
