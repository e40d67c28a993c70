package qa

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scoreWorld is how an agent's scores come about.
type scoreWorld struct {
	name string
	draw func(*rand.Rand) float64
}

// worlds are realistic and nasty: forms have some dozen values, most near the
// top, and a fatal item makes a 0 out of any of them.
func worlds() []scoreWorld {
	clip := func(v float64) float64 { return math.Round(min(max(v, 0), 100)) }
	normal := func(m, sd float64) func(*rand.Rand) float64 {
		return func(r *rand.Rand) float64 { return clip(m + sd*r.NormFloat64()) }
	}
	or := func(p float64, rare float64, f func(*rand.Rand) float64) func(*rand.Rand) float64 {
		return func(r *rand.Rand) float64 {
			if r.Float64() < p {
				return rare
			}
			return f(r)
		}
	}
	return []scoreWorld{
		{"good: 88 ± 6", normal(88, 6)},
		{"middling: 72 ± 14", normal(72, 14)},
		{"excellent: most are 100", func(r *rand.Rand) float64 { return clip(100 - 8*r.ExpFloat64() + 3) }},
		{"good, 3 % fatal", or(0.03, 0, normal(90, 4))},
		{"good, 10 % fatal", or(0.10, 0, normal(88, 6))},
		{"middling, 30 % fatal", or(0.30, 0, normal(70, 12))},
		{"two kinds of calls: 95 or 45", or(0.2, 45, func(*rand.Rand) float64 { return 95 })},
		{"all or nothing: 85 % are 100", or(0.15, 0, func(*rand.Rand) float64 { return 100 })},
		{"poor: 35 ± 20", normal(35, 20)},
		{"always 90, 1 % fatal", or(0.01, 0, func(*rand.Rand) float64 { return 90 })},
	}
}

// TestCoverage measures how often the interval holds the mean of all calls of
// the month: 10,000 agent-months for each size of the sample out of each number
// of calls. Every kind of agent must reach 95 %. With -rewrite it is 10,000
// months of each kind, and the table goes to testdata/coverage.txt, which
// docs/quality.md shows.
func TestCoverage(t *testing.T) {
	months := 10_000 / len(worlds())
	if *rewrite {
		months = 10_000
	}
	var out strings.Builder
	fmt.Fprintf(&out, "share of %d months whose interval holds the truth, and the interval's mean width\n\n%-30s", months, "")
	sizes := []struct{ n, of int }{{4, 20}, {4, 400}, {5, 40}, {10, 40}, {10, 400}, {30, 60}, {30, 400}}
	for _, s := range sizes {
		fmt.Fprintf(&out, "%14s", fmt.Sprintf("%d of %d", s.n, s.of))
	}
	out.WriteString("\n")
	worst := 1.0
	for i, w := range worlds() {
		fmt.Fprintf(&out, "%-30s", w.name)
		for j, size := range sizes {
			r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
			covered, width, looked := 0, 0.0, 0
			for month := range months {
				calls := make([]float64, size.of)
				for k := range calls {
					calls[k] = w.draw(r)
				}
				truth := mean(calls)
				r.Shuffle(len(calls), func(a, b int) { calls[a], calls[b] = calls[b], calls[a] })
				s := Sample{Scores: calls[:size.n], Population: size.of}
				if s.holds(truth) {
					covered++
				}
				if month < 100 {
					in := s.Interval()
					width += in.High - in.Low
					looked++
				}
			}
			share := float64(covered) / float64(months)
			worst = min(worst, share)
			fmt.Fprintf(&out, "%14s", fmt.Sprintf("%.2f%% %4.1f", 100*share, width/float64(looked)))
			if share < Confidence {
				t.Errorf("%s, %d of %d: %.2f %% covered", w.name, size.n, size.of, 100*share)
			}
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "\nworst: %.2f%%\n", 100*worst)
	if *rewrite {
		if err := os.WriteFile(filepath.Join("testdata", "coverage.txt"), []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(out.String())
}

// holds is whether the interval has a value in it, without computing its ends.
func (s Sample) holds(v float64) bool {
	const tail = (1 - Confidence) / 2
	const slack = 1e-9 // of sums in another order
	low, high := s.belief(0), s.belief(100)
	return low.below(v+slack) >= tail && high.below(v-slack) <= 1-tail
}
