package sim

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// calm is a day without faults, rough one with everything.
func calm(seed uint64) Settings {
	return Settings{Seed: seed, Arrivals: steady(2 * time.Minute), Agents: 8, WrapUp: Fixed(10 * time.Second),
		PickUp: Exponential(4 * time.Second), NeverAnswers: 0.03, Latency: 40 * time.Millisecond, Check: true}
}

const dayCalls = 400

func steady(patience time.Duration) *Steady {
	return &Steady{Calls: dayCalls, Rate: 240, People: People{Exponential(80 * time.Second), Exponential(patience)}}
}

func rough(seed uint64) Settings {
	s := calm(seed)
	s.Faults = Faults{Lost: 0.01, Doubled: 0.05, Late: 0.05, CommandFails: 0.02, Refused: 0.03, Busy: 0.03,
		Unregistered: 0.02, NoRinging: 0.02, AgentReleases: 0.3, StateChanges: 60, SwitchLosses: 10, Takeovers: 25}
	return s
}

// crowded is a rough day with too few agents and every way out of a queue.
func crowded(seed uint64) Settings {
	s := rough(seed)
	s.Overflow, s.Agents, s.Arrivals = true, 6, steady(5*time.Minute)
	s.Faults.Closings, s.Faults.Walkouts, s.Faults.StateChanges = 12, 60, 60
	return s
}

// freshSeed is another one each time; what fails can be played again.
func freshSeed(t *testing.T) uint64 {
	t.Helper()
	fresh := uint64(time.Now().UnixNano())
	if text := os.Getenv("THREERINGS_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("THREERINGS_SEED: %v", err)
		}
		fresh = n
	}
	t.Logf("fresh seed %d (THREERINGS_SEED=%d plays it again)", fresh, fresh)
	return fresh
}

func TestWholeDays(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
	causes := map[queue.OverflowCause]int{}
	for _, seed := range append(seeds, freshSeed(t)) {
		for name, s := range map[string]Settings{"calm": calm(seed), "rough": rough(seed), "crowded": crowded(seed)} {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				w := newWorld(s)
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
				for _, p := range w.problems() {
					t.Error(p)
				}
				if w.witness.completed < dayCalls/4 {
					t.Errorf("only %d of %d calls were served: the day does not test much", w.witness.completed, dayCalls)
				}
				for cause, n := range w.witness.causes {
					causes[queue.OverflowCause(cause)] += n
				}
				if s.Faults.Takeovers > 0 && w.witness.takeovers == 0 {
					t.Error("nobody took over")
				}
			})
		}
	}
	for _, cause := range queue.OverflowCauses() {
		if causes[cause] == 0 {
			t.Errorf("no call overflowed for %s: %v", cause, causes)
		}
	}
}

// TestTakeoverIsNoTakeover: with leaders folding the log in between, the log
// is the same to the byte as without.
func TestTakeoverIsNoTakeover(t *testing.T) {
	for seed := range uint64(5) {
		with := calm(seed)
		with.Faults.AgentReleases = 0.3
		without := with
		with.Faults.Takeovers = 40
		a, b := logOf(t, with, true), logOf(t, without, true)
		compareLogs(t, a, b)
	}
}

func TestSameSeedSameLog(t *testing.T) {
	compareLogs(t, logOf(t, rough(77), false), logOf(t, rough(77), false))
}

func logOf(t *testing.T, s Settings, quietTakeovers bool) []string {
	t.Helper()
	var log []string
	s.Tap = func(r queue.Record) {
		kind, data, err := queue.EncodeEvent(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, fmt.Sprintf("%d %s %s %s", r.Seq, r.At.Format(time.RFC3339Nano), kind, data))
	}
	w := newWorld(s)
	if quietTakeovers { // take over without drawing from the seed the world lives by
		w.s.Faults.Takeovers = 0
		if n := s.Faults.Takeovers; n > 0 {
			w.keepLog = true
			for i := range n {
				w.after(time.Duration(i+1)*97*time.Second, w.takeOver)
			}
		}
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if quietTakeovers && s.Faults.Takeovers > 0 && w.witness.takeovers == 0 {
		t.Fatal("nobody took over")
	}
	return log
}

func compareLogs(t *testing.T, a, b []string) {
	t.Helper()
	if len(a) < 1000 {
		t.Errorf("a log of %d lines tests little", len(a))
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("logs part at record %d:\n%s\n%s", i+1, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Fatalf("%d records and %d records", len(a), len(b))
	}
}

func BenchmarkCalls(b *testing.B) {
	s := Settings{Seed: 1, Agents: 10, Arrivals: &Steady{Calls: max(b.N, 1), Rate: 120,
		People: People{Exponential(240 * time.Second), Exponential(2 * time.Minute)}}}
	if _, err := Run(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Minutes(), "calls/min")
}
