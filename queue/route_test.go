package queue

import (
	"strconv"
	"testing"
)

// TestWeightedRandom: agents of rank 1, 2 and 4 are drawn in the proportion
// 4 : 2 : 1, and the same call draws the same again.
func TestWeightedRandom(t *testing.T) {
	candidates := []scored{{agent: &Agent{ID: "1001"}, rank: 1}, {agent: &Agent{ID: "1002"}, rank: 2}, {agent: &Agent{ID: "1003"}, rank: 4}}
	draw := func(c *Call) int {
		best := 0
		for i := range candidates {
			if lot(c, candidates[i]) < lot(c, candidates[best]) {
				best = i
			}
		}
		return best
	}
	const calls = 7000
	var drawn [3]int
	for i := range calls {
		c := &Call{ID: CallID("node-1795375419." + strconv.Itoa(i))}
		first := draw(c)
		if draw(c) != first {
			t.Fatalf("call %s draws another agent the second time", c.ID)
		}
		drawn[first]++
	}
	for i, want := range [3]int{4000, 2000, 1000} {
		if d := drawn[i] - want; d < -200 || d > 200 { // about five standard deviations
			t.Errorf("%s was drawn %d times of %d, want about %d", candidates[i].agent.ID, drawn[i], calls, want)
		}
	}
}
