package sim

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// familywise is the confidence of each interval that keeps all comparisons of
// a test together at 95 % (Bonferroni).
func familywise(comparisons int) float64 { return 1 - 0.05/float64(comparisons) }

// TestErlangC: with patient callers and instant pick-up (M/M/n), the mean wait
// is what Erlang's formula says, within the interval from batch means.
func TestErlangC(t *testing.T) {
	settings := []struct {
		agents int
		load   float64 // share of the agents' time
		aht    time.Duration
	}{{1, 0.5, 60 * time.Second}, {2, 0.6, 180 * time.Second}, {3, 0.7, 240 * time.Second}, {5, 0.6, 120 * time.Second}, {5, 0.8, 300 * time.Second},
		{8, 0.75, 166 * time.Second}, {10, 0.75, 240 * time.Second}, {10, 0.85, 90 * time.Second}, {20, 0.85, 240 * time.Second}, {25, 0.8, 200 * time.Second}}
	for i, c := range settings {
		t.Run(fmt.Sprintf("%d agents %.0f %%", c.agents, 100*c.load), func(t *testing.T) {
			t.Parallel()
			load := c.load * float64(c.agents)
			r, err := Run(t.Context(), Settings{Seed: uint64(i + 1), Agents: c.agents, Arrivals: &Steady{Calls: 24000,
				Rate: load / c.aht.Hours(), People: People{Talk: Exponential(c.aht)}}})
			if err != nil {
				t.Fatal(err)
			}
			got := BatchMeans(familywise(len(settings)), r.Batches, func(f *Figures) (float64, bool) {
				return f.WaitAnswered.Seconds() / float64(f.Answered), f.Answered > 0
			})
			want := ErlangCWait(c.agents, load) * c.aht.Seconds()
			t.Logf("mean wait %.2f s (%.2f … %.2f), Erlang C %.2f s", got.Mean, got.Low, got.High, want)
			if !got.Holds(want) {
				t.Errorf("Erlang C says %.2f s, not within %.2f … %.2f", want, got.Low, got.High)
			}
			if got.High-got.Low > 1.2*want {
				t.Errorf("the interval %.2f … %.2f is too wide to tell anything", got.Low, got.High)
			}
			if r.Abandoned != 0 || r.Served != 24000 {
				t.Errorf("served %d, abandoned %d of 24000 patient callers", r.Served, r.Abandoned)
			}
			if math.Abs(r.Occupancy/c.load-1) > 0.05 {
				t.Errorf("occupancy %.3f, want about %.2f", r.Occupancy, c.load)
			}
		})
	}
}

// TestErlangA: with impatient callers (M/M/n+M), the share who leave and the
// mean wait of all are what Palm's formula says, under load and overload.
func TestErlangA(t *testing.T) {
	const aht = 180 * time.Second
	settings := []struct {
		agents   int
		load     float64
		patience time.Duration
	}{{1, 0.8, 60 * time.Second}, {2, 1.5, 90 * time.Second}, {3, 0.9, 180 * time.Second}, {5, 0.7, 300 * time.Second}, {5, 1.2, 120 * time.Second},
		{8, 1, 180 * time.Second}, {10, 0.9, 120 * time.Second}, {10, 1.1, 360 * time.Second}, {20, 0.95, 180 * time.Second}, {30, 1.05, 240 * time.Second}}
	for i, c := range settings {
		t.Run(fmt.Sprintf("%d agents %.0f %% patience %s", c.agents, 100*c.load, c.patience), func(t *testing.T) {
			t.Parallel()
			load := c.load * float64(c.agents)
			r, err := Run(t.Context(), Settings{Seed: uint64(i + 101), Agents: c.agents, Arrivals: &Steady{Calls: 24000,
				Rate: load / aht.Hours(), People: People{Exponential(aht), Exponential(c.patience)}}})
			if err != nil {
				t.Fatal(err)
			}
			left, wait := ErlangA(c.agents, load, c.patience.Seconds()/aht.Seconds())
			sure := familywise(2 * len(settings))
			for _, x := range []struct {
				name string
				got  Estimate
				want float64
			}{{"share who leave", BatchMeans(sure, r.Batches, func(f *Figures) (float64, bool) {
				return float64(f.Abandoned) / float64(f.Offered), f.Offered > 0
			}), left}, {"mean wait of all", BatchMeans(sure, r.Batches, func(f *Figures) (float64, bool) {
				return (f.WaitAnswered + f.WaitAbandoned).Seconds() / float64(f.Offered), f.Offered > 0
			}), wait * aht.Seconds()}} {
				t.Logf("%s %.4f (%.4f … %.4f), Erlang A %.4f", x.name, x.got.Mean, x.got.Low, x.got.High, x.want)
				if !x.got.Holds(x.want) {
					t.Errorf("%s: Erlang A says %.4f, not within %.4f … %.4f", x.name, x.want, x.got.Low, x.got.High)
				}
				if x.got.High-x.got.Low > 0.7*x.want {
					t.Errorf("%s: the interval %.4f … %.4f is too wide to tell anything", x.name, x.got.Low, x.got.High)
				}
			}
		})
	}
}

// TestFormulasKnown pins the formulas to values printed in textbooks.
func TestFormulasKnown(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Erlang C, 10 agents, 8 erlangs", ErlangC(10, 8), 0.4092},
		{"Erlang C, 1 agent is its load", ErlangC(1, 0.3), 0.3},
		{"Student's t, 18 degrees, 95 %", studentT(18, 0.95), 2.101},
		{"Student's t, 4 degrees, 99 %", studentT(4, 0.99), 4.604},
	} {
		if math.Abs(c.got-c.want) > 0.003*c.want {
			t.Errorf("%s: %.4f, want %.4f", c.name, c.got, c.want)
		}
	}
	// With patience as long as a call, the house is as if everybody were served:
	// Poisson, and the load that waits is the load beyond n.
	left, _ := ErlangA(5, 4, 1)
	term, beyond := math.Exp(-4), 0.0
	for k := 1; k < 60; k++ {
		term *= 4 / float64(k)
		beyond += term * math.Max(float64(k-5), 0)
	}
	if math.Abs(left-beyond/4) > 1e-9 {
		t.Errorf("Erlang A %.6f, want %.6f", left, beyond/4)
	}
}
