package qa

import (
	"math"
	"testing"
)

// Of scores that are 0 or 100 the limits are Clopper and Pearson's; these are
// from their table (95 %).
func TestIntervalOfYesAndNo(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 10, 0, 30.85}, {1, 10, 0.25, 44.50}, {5, 10, 18.71, 81.29}, {10, 10, 69.15, 100}, {4, 5, 28.36, 99.49}, {17, 20, 62.11, 96.79}, {90, 100, 82.38, 95.10}} {
		var s Sample
		for i := range c.n {
			v := 0.0
			if i < c.k {
				v = 100
			}
			s.Scores = append(s.Scores, v)
		}
		got := s.Interval()
		if math.Abs(got.Low-c.low) > 0.01 || math.Abs(got.High-c.high) > 0.01 {
			t.Errorf("%d of %d: %.3f to %.3f, want %.2f to %.2f", c.k, c.n, got.Low, got.High, c.low, c.high)
		}
	}
}
