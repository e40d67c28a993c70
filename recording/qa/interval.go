package qa

import (
	"math"
	"slices"
)

// Sample is the scores of an agent's calls that were drawn at random, out of
// all their calls.
type Sample struct {
	Scores []float64 // 0 to 100
	// Population is how many calls they were drawn from; 0: not known, taken as
	// without end.
	Population int
}

// Interval is what the mean of all calls lies in.
type Interval struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Confidence of every interval here: 2.5 % on each side.
const Confidence = 0.95

// Interval gives the sample's mean, and where the mean of all calls lies.
//
// Scores are bounded, skewed and few, and once in a while one is 0 (a fatal
// item). Student's t and every bootstrap fail then: five calls of 90 say nothing
// of how many zeros there are among the rest. The method is N. Gaffke's (Three
// test statistics for a nonparametric one-sided hypothesis on the mean of a
// nonnegative variable, 2005; see Learned-Miller & Thomas, A new confidence
// interval for the mean of a bounded random variable, arXiv:1905.06208): the
// mean is Σ D·x, where D is uniform over all weights that sum to 1 (Dirichlet)
// and x are the scores **and one more that was not seen**: 0 for the lower
// limit, 100 for the upper. For scores of 0 and 100 alone these are Clopper
// and Pearson's exact limits. How often the truth is covered is measured by
// `go test -run TestCoverage`, and in docs/quality.md.
//
// Of a finite number of calls the sampled part is known; the rest shrinks the
// interval around its centre so that mean and variance are those of the Pólya
// urn with the same scores. With all calls judged nothing is left uncertain.
func (s Sample) Interval() Interval {
	n := len(s.Scores)
	if n == 0 {
		return Interval{0, 0, 100}
	}
	const tail = (1 - Confidence) / 2
	low, high := s.belief(0), s.belief(100)
	return Interval{mean(s.Scores), low.quantile(tail), high.quantile(1 - tail)}
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// belief is where the mean of all calls may lie, as a distribution.
type belief struct {
	x        []float64 // the scores and the one that was not seen, sorted
	n        []float64 // how often each of x
	from, to float64   // nothing is outside
	// The finite population: value = centre + shrink × (Σ D·x - middle).
	centre, middle, shrink float64
}

func (s Sample) belief(unseen float64) belief {
	b := belief{shrink: 1}
	all := append(slices.Clone(s.Scores), unseen)
	slices.Sort(all)
	for _, v := range all {
		if k := len(b.x); k > 0 && b.x[k-1] == v {
			b.n[k-1]++
		} else {
			b.x, b.n = append(b.x, v), append(b.n, 1)
		}
	}
	b.middle = mean(all)
	b.centre = b.middle
	b.from, b.to = 0, 100
	if n, all := float64(len(s.Scores)), float64(s.Population); all >= n && n > 0 {
		rest, sum := all-n, mean(s.Scores)*n
		b.centre = (sum + rest*b.middle) / all
		b.shrink = math.Sqrt(rest*(all+1)) / all
		b.from, b.to = sum/all, (sum+100*rest)/all
	}
	return b
}

// below is the probability that the mean lies at or below t.
func (b belief) below(t float64) float64 {
	if b.shrink == 0 {
		if t < b.centre {
			return 0
		}
		return 1
	}
	switch {
	case t < b.from:
		return 0
	case t >= b.to:
		return 1
	}
	return b.weighted(b.middle + (t-b.centre)/b.shrink)
}

// weighted is P(Σ D·x ≤ t) for D uniform on the simplex. D is a set of
// exponential variables over their sum, so it equals P(Σ E·(x-t) ≤ 0), which
// Imhof's inversion gives: 1/2 - 1/π ∫ sin θ(u) / (u ρ(u)) du, with
// θ = Σ n·atan(a·u), ρ = Π (1+a²u²)^(n/2), a = x-t (Imhof, Computing the
// distribution of quadratic forms in normal variables, 1961).
func (b belief) weighted(t float64) float64 {
	k := len(b.x)
	if t < b.x[0] {
		return 0
	}
	if t >= b.x[k-1] {
		return 1
	}
	// The scale of u at which the integrand dies.
	spread := 0.0
	for i, x := range b.x {
		spread += b.n[i] * (x - t) * (x - t)
	}
	spread = math.Sqrt(spread)
	// With u = e^v/spread the integral is one of a smooth function that dies on
	// both sides, for which equal steps are as good as any rule.
	const step, left, right, gone = 0.2, -14.0, 12.0, 80
	sum := 0.0
	for v := left; v <= right; v += step {
		u, angle, size := math.Exp(v)/spread, 0.0, 0.0
		for i, x := range b.x {
			a := (x - t) * u
			angle += b.n[i] * math.Atan(a)
			size += b.n[i] * math.Log1p(a*a)
		}
		if size > gone {
			break
		}
		sum += math.Sin(angle) * math.Exp(-size/2)
	}
	p := 0.5 - sum*step/math.Pi
	return min(max(p, 0), 1)
}

// quantile is the value that the mean lies below with probability p.
func (b belief) quantile(p float64) float64 {
	if b.shrink == 0 {
		return b.centre
	}
	low, high := b.from, b.to
	for range 40 {
		if high-low < 1e-4 {
			break
		}
		mid := (low + high) / 2
		if b.below(mid) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}
