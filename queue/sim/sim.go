package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Settings of a run. The zero value of what is optional switches it off.
type Settings struct {
	Seed     uint64
	Arrivals Arrivals
	Agents   int
	// Shifts say when agents are on duty; nil: all of them all the time. When
	// the last one is over, whoever still waits is sent away.
	Shifts []Shift
	// WrapUp is the work after a call; nil: none.
	WrapUp Dist
	// WrapUpQuiet is that work where nobody waits when the call ends; nil: the
	// same.
	WrapUpQuiet Dist
	// PickUp is the time from the first ring to the agent's answer; nil: none.
	PickUp Dist
	// NeverAnswers is the share of offers that are left to ring.
	NeverAnswers float64
	// WaitTarget is the service-level threshold; zero means 15 s (R1.3).
	WaitTarget time.Duration
	// ShortAbandon: callers who leave earlier are counted apart.
	ShortAbandon time.Duration
	// Strategy picks among the agents who are free; empty means the queue's
	// default.
	Strategy queue.Strategy
	// House is the configuration that is played, with its queues, skills,
	// strategies and levels; its hours are meant in virtual time. nil: one queue.
	// Agents are then the first of its agents; zero: all. What the settings say
	// of queues (Strategy, WrapUp, WaitTarget, ShortAbandon) goes before it.
	House *queue.Config
	// Mix is how many of the callers dial each queue of House, as weights; nil:
	// the same for each that has a number.
	Mix map[queue.QueueID]float64
	// VIP is the share of callers who are customers with a level: one of those
	// of House, or one with its own lane.
	VIP float64
	// Latency is the longest delay between the ACD and the phones; zero means
	// none.
	Latency time.Duration
	// Overflow puts a second queue behind the first, which the last agents
	// serve as well, and gives both every way out.
	Overflow bool
	// Heard puts a menu before the queue for half of the callers, announcements
	// into the wait, a survey behind the conversation, and voicemail and
	// announcements at the end of what Overflow gives.
	Heard bool
	// Deeds is how busily people do everything that they can beside talking:
	// hold, hand on, consult, place calls, press keys, open and close queues; 1 is
	// a deed every few seconds. 0: nobody does, and the switch is a simpler one.
	// It is meant with a House; the figures of a run are not kept then.
	Deeds  float64
	Faults Faults
	// Start is where virtual time begins; zero means a Monday's midnight.
	Start time.Time
	// Slot is the length of the intervals that figures are kept for, by the
	// time of the day; zero: none.
	Slot time.Duration
	// Check runs the ACD's invariants after every step.
	Check bool
	// Progress, if set, is called now and then with the calls ended so far.
	Progress func(ended int)
	// Tap, if set, sees every record.
	Tap func(queue.Record)
}

// Run plays the settings to their end: all callers came and all are gone, or
// ctx ended.
func Run(ctx context.Context, s Settings) (Result, error) {
	if err := s.validate(); err != nil {
		return Result{}, err
	}
	w := newWorld(s)
	w.interrupted = ctx.Err
	if err := w.run(); err != nil {
		return Result{}, err
	}
	return w.result(), nil
}

func (s *Settings) validate() error {
	if err := s.validHouse(); err != nil {
		return err
	}
	switch {
	case s.Arrivals == nil:
		return fmt.Errorf("arrivals: somebody must come")
	case s.Agents < 1 || s.Agents > 10_000:
		return fmt.Errorf("agents %d: must be 1 to 10,000", s.Agents)
	case s.WaitTarget < 0 || s.Latency < 0 || s.ShortAbandon < 0:
		return fmt.Errorf("times cannot be negative")
	case !(s.NeverAnswers >= 0 && s.NeverAnswers < 1):
		return fmt.Errorf("never-answers %v: must be at least 0 and below 1", s.NeverAnswers)
	case !(s.Deeds >= 0 && s.Deeds <= 100) || (s.Deeds > 0 && s.House == nil):
		return fmt.Errorf("deeds %v: must be 0 to 100, in a house", s.Deeds)
	case s.Slot < 0 || (s.Slot > 0 && Day%s.Slot != 0):
		return fmt.Errorf("interval %s: a day must be a whole number of them", s.Slot)
	}
	if err := validShifts(s.Shifts, s.Agents); err != nil {
		return err
	}
	return s.Arrivals.validate()
}

// epochStart is where virtual time begins: a Monday.
var epochStart = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// world is everything outside the ACD.
type world struct {
	s       Settings
	rng     *rand.Rand
	acd     *queue.ACD
	now     time.Time
	agenda  agenda
	serial  uint64
	legs    map[queue.LegID]*leg
	staff   map[queue.AgentID]*person
	keepLog bool // somebody may take over
	log     []queue.Record
	witness witness
	guard   *guard // nil: nobody checks
	floor   *floor // nil: without deeds
	dialler *dialler
	figures figures
	start   time.Time
	last    time.Time // when something reached the ACD last
	next    func() (Caller, bool)
	came    int
	ended   int
	calls   int  // live callers
	waiting int  // of them, not answered by an agent
	allCame bool // nobody is to come any more
	// dead: the switch is, between two runs of it; restarts counts those,
	// returning who will ring again since it cut them off.
	dead                bool
	restarts, returning int
	// shiftsLeft are those that are not over.
	shiftsLeft int
	err        error
	// interrupted says why the run should stop, if it should.
	interrupted func() error
}

func newWorld(s Settings) *world {
	w := &world{s: s, rng: stream(s.Seed, "the world"), acd: queue.New(), start: s.Start,
		legs: map[queue.LegID]*leg{}, staff: map[queue.AgentID]*person{}, keepLog: s.Faults.Takeovers > 0}
	if w.start.IsZero() {
		w.start = epochStart
	}
	w.now = w.start
	w.next = s.Arrivals.Begin(stream(s.Seed, "callers"))
	if s.Deeds > 0 {
		w.floor = newFloor(w)
	}
	return w
}

// stream is a source of chance of its own for each purpose, so that what
// agents do does not change who calls.
func stream(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// over tells that nothing more is to come of this run.
func (w *world) over() bool {
	if w.floor != nil {
		return w.floor.over()
	}
	return w.allCame && w.calls == 0 && w.returning == 0
}

// run opens the house, lets the callers come and plays until nothing is left
// to happen.
func (w *world) run() error {
	cfg := w.house()
	if err := cfg.Validate(); err != nil {
		return err
	}
	w.figures.begin(w, &cfg)
	w.dialler = newDialler(&w.s, &cfg)
	if w.s.Check {
		w.guard = newGuard(&cfg)
	}
	w.step(queue.Configure{Config: cfg, By: "sim"})
	w.newDay()
	w.hours(&cfg)
	w.step(w.facts())
	w.duty()
	w.arriveLater()
	w.scheduleFaults()
	if w.floor != nil {
		w.floor.begin()
	}
	for turn := 1; w.err == nil; turn++ {
		if turn%4096 == 0 && w.interrupted != nil {
			if err := w.interrupted(); err != nil {
				return err
			}
		}
		next := w.acd.Next()
		if w.agenda.Len() == 0 && next.IsZero() {
			break
		}
		if w.agenda.Len() == 0 || (!next.IsZero() && next.Before(w.agenda[0].at)) {
			w.now = next
			w.step(nil)
			continue
		}
		h := w.soonest()
		w.now = h.at
		h.what()
	}
	if w.err != nil {
		return fmt.Errorf("seed %d at %s: %w", w.s.Seed, w.now.Sub(w.start), w.err)
	}
	return nil
}

// newDay tells the ACD of each midnight.
func (w *world) newDay() {
	if w.floor != nil {
		w.floor.audit.closeDay()
	}
	w.step(queue.NewDay{Day: w.now.Format(time.DateOnly)})
	w.after(Day, func() {
		if !w.over() {
			w.newDay()
		}
	})
}

func (w *world) agentIDs() []queue.AgentID {
	ids := make([]queue.AgentID, 0, len(w.staff))
	for id := range w.staff {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// step hands one input to the ACD and its commands to the world.
func (w *world) step(in queue.Input) {
	w.last = w.now
	out := w.acd.Step(w.now, in)
	if w.floor != nil {
		w.floor.audit.stepped(in, out)
	}
	for _, r := range out.Records {
		w.witness.see(r)
		if w.floor == nil {
			w.figures.see(r)
		}
		if w.guard != nil && w.err == nil {
			if w.err = w.guard.see(r); w.err != nil && w.floor != nil {
				w.err = w.floor.audit.story(w.err)
			}
		}
		if w.keepLog {
			w.log = append(w.log, r)
		}
		if w.s.Tap != nil {
			w.s.Tap(r)
		}
		if w.floor != nil {
			w.floor.people(r.Event)
		} else {
			w.people(r.Event)
		}
	}
	for _, c := range out.Commands {
		w.execute(c)
	}
	if w.s.Check && w.err == nil {
		if w.err = w.acd.Check(); w.err != nil && w.floor != nil {
			w.err = w.floor.audit.story(w.err)
		}
	}
}

func (w *world) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// draw draws a length of time, none from nil.
func (w *world) draw(d Dist) time.Duration {
	if d == nil {
		return 0
	}
	return d.Draw(w.rng)
}

// exp draws from an exponential distribution with the given mean.
func (w *world) exp(mean time.Duration) time.Duration {
	return time.Duration(w.rng.ExpFloat64() * float64(mean))
}

// latency draws a delay on the way to or from the phones.
func (w *world) latency() time.Duration {
	if w.s.Latency <= 0 {
		return 0
	}
	return time.Duration(w.rng.Int64N(int64(w.s.Latency)))
}
