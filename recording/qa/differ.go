package qa

import (
	"cmp"
	"slices"

	"github.com/threerings/threerings/queue"
)

// Difference is how two agents' means compare.
type Difference struct {
	A  queue.AgentID `json:"a"` // the higher mean
	B  queue.AgentID `json:"b"`
	By float64       `json:"by"` // A's mean less B's
	// P is how likely chance alone makes such a difference, of these two by
	// themselves; Adjusted is that for all pairs looked at together.
	P        float64 `json:"p"`
	Adjusted float64 `json:"adjusted"`
	// Told: the difference is more than chance.
	Told bool `json:"told"`
}

// steps of the grid that two distributions are compared on.
const steps = 100

// grid is a belief's distribution at equal steps from 0 to 100.
type grid [steps + 1]float64

func (b belief) grid() (g grid) {
	for i := range g {
		g[i] = b.below(100 * float64(i) / steps)
	}
	return g
}

// Differences compares every two samples. For a pair it asks how likely the
// higher one's lower belief lies at or below the lower one's upper belief. Of
// scores of 0 and 100 alone that is Fisher's exact test (Altham, Exact Bayesian
// analysis of a 2×2 contingency table, 1969). Among a hundred agents some pair
// always seems to differ, so Holm's method (A simple sequentially rejective
// multiple test procedure, 1979) holds the chance that any pair is told apart
// wrongly to 5 %.
func Differences(samples map[queue.AgentID]Sample) []Difference {
	agents := make([]queue.AgentID, 0, len(samples))
	low, high := map[queue.AgentID]grid{}, map[queue.AgentID]grid{}
	for id, s := range samples {
		if len(s.Scores) > 0 {
			agents = append(agents, id)
			low[id], high[id] = s.belief(0).grid(), s.belief(100).grid()
		}
	}
	slices.Sort(agents)
	var all []Difference
	for i, a := range agents {
		for _, b := range agents[i+1:] {
			d := Difference{A: a, B: b, By: mean(samples[a].Scores) - mean(samples[b].Scores)}
			if d.By < 0 {
				d.A, d.B, d.By = b, a, -d.By
			}
			d.P = min(1, 2*notAbove(low[d.A], high[d.B]))
			all = append(all, d)
		}
	}
	holm(all)
	return all
}

// notAbove is P(A ≤ B) for independent A and B, rounded up to the grid.
func notAbove(a, b grid) float64 {
	p := a[0] * b[0]
	for i := range steps {
		p += a[i+1] * (b[i+1] - b[i])
	}
	return p
}

// holm sets Adjusted and Told, and sorts by P.
func holm(all []Difference) {
	slices.SortFunc(all, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(x.P, y.P), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	highest := 0.0
	for i := range all {
		highest = max(highest, min(1, all[i].P*float64(len(all)-i)))
		all[i].Adjusted = highest
		all[i].Told = highest <= 1-Confidence
	}
}
