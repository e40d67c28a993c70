package sim

import (
	"math"
)

// Estimate is a mean with the interval that holds the true value with a given
// confidence, as far as the samples it was made from are independent.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"` // samples
}

// Confidence of the intervals that are shown.
const Confidence = 0.95

// EstimateOf is the mean of the samples with Student's interval. One sample
// tells nothing of its own error: the interval is infinite.
func EstimateOf(confidence float64, samples []float64) Estimate {
	n := float64(len(samples))
	if n == 0 {
		return Estimate{Low: math.Inf(-1), High: math.Inf(1)}
	}
	sum, squares := 0.0, 0.0
	for _, x := range samples {
		sum += x
	}
	mean := sum / n
	for _, x := range samples {
		squares += (x - mean) * (x - mean)
	}
	half := math.Inf(1)
	if n > 1 {
		half = studentT(n-1, confidence) * math.Sqrt(squares/(n-1)/n)
	}
	return Estimate{mean, mean - half, mean + half, len(samples)}
}

// Holds tells whether a value lies in the interval.
func (e Estimate) Holds(x float64) bool { return e.Low <= x && x <= e.High }

// BatchMeans estimates a figure of a long run from its batches, the first left
// out because the run began with an empty house. Batches without the figure do
// not count.
func BatchMeans(confidence float64, batches []Figures, figure func(*Figures) (float64, bool)) Estimate {
	var samples []float64
	for i := 1; i < len(batches); i++ {
		if x, ok := figure(&batches[i]); ok {
			samples = append(samples, x)
		}
	}
	return EstimateOf(confidence, samples)
}

// studentT is the value that Student's t of so many degrees of freedom stays
// within, either side, with the given probability.
func studentT(freedom, within float64) float64 {
	a, _ := math.Lgamma((freedom + 1) / 2)
	b, _ := math.Lgamma(freedom / 2)
	scale := math.Exp(a-b) / math.Sqrt(freedom*math.Pi)
	density := func(x float64) float64 { return scale * math.Pow(1+x*x/freedom, -(freedom+1)/2) }
	// Simpson's rule from 0, in steps as fine as the table's third digit needs.
	const step = 0.002
	sum := 0.0
	for x := 0.0; x < 1000; x += step {
		sum += step / 6 * (density(x) + 4*density(x+step/2) + density(x+step))
		if sum >= within/2 {
			return x + step
		}
	}
	return 1000
}
