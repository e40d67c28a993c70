package bench

import (
	"math"
	"slices"
	"time"
)

// Figure is what came out of one measurement, in milliseconds.
type Figure struct {
	N        int     `json:"n"`
	P50      float64 `json:"p50"`
	P95      float64 `json:"p95"`
	P99      float64 `json:"p99"`
	Max      float64 `json:"max"`
	Required float64 `json:"required_p99"`
	Met      bool    `json:"met"`
}

// figure sums samples up. Percentiles are nearest-rank: values that were
// measured, never ones in between.
func figure(samples []time.Duration, required time.Duration) Figure {
	sorted := slices.Sorted(slices.Values(samples))
	f := Figure{N: len(sorted), Required: ms(required)}
	if len(sorted) == 0 {
		return f
	}
	at := func(share float64) float64 {
		return ms(sorted[max(int(math.Ceil(share*float64(len(sorted)))), 1)-1])
	}
	f.P50, f.P95, f.P99, f.Max = at(0.5), at(0.95), at(0.99), at(1)
	f.Met = f.P99 <= f.Required
	return f
}

// ms is a duration in milliseconds, to the microsecond.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
