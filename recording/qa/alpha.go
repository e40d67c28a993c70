package qa

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Metric is how far two values are from each other.
type Metric string

// Metrics, as Krippendorff names the levels of measurement.
const (
	Nominal    Metric = "nominal"  // the same or not
	Ordinal    Metric = "ordinal"  // an order
	IntervalOf Metric = "interval" // a difference
	Ratio      Metric = "ratio"    // a difference, by how large they are
)

// Missing is the value of a unit that a scorer did not judge.
var Missing = math.NaN()

// Alpha is Krippendorff's measure of agreement: 1 is perfect, 0 is what chance
// gives, below 0 is worse. data has a row per scorer and a column per unit; all
// rows are equally long, and what was not judged is Missing. It follows K.
// Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): α = 1 -
// D_o/D_e, from the matrix of coincidences, in which a unit that m scorers
// judged gives each ordered pair of its values 1/(m-1).
//
// false: there is nothing to compare. No unit was judged by two, or all values
// are alike, of which α says nothing.
func Alpha(data [][]float64, metric Metric) (float64, bool) {
	return newCoincidences(units(data), metric).alpha()
}

// units are the values of each unit that at least two scorers judged.
func units(data [][]float64) [][]float64 {
	var all [][]float64
	for u := 0; len(data) > 0 && u < len(data[0]); u++ {
		var values []float64
		for _, row := range data {
			if !math.IsNaN(row[u]) {
				values = append(values, row[u])
			}
		}
		if len(values) > 1 {
			all = append(all, values)
		}
	}
	return all
}

type coincidences struct {
	metric Metric
	values []float64   // sorted
	pairs  [][]float64 // o_ck
	totals []float64   // n_c
	n      float64
}

func newCoincidences(units [][]float64, metric Metric) coincidences {
	c := coincidences{metric: metric}
	for _, u := range units {
		c.values = append(c.values, u...)
	}
	slices.Sort(c.values)
	c.values = slices.Compact(c.values)
	c.totals = make([]float64, len(c.values))
	for range c.values {
		c.pairs = append(c.pairs, make([]float64, len(c.values)))
	}
	for _, u := range units {
		at := make([]int, len(u))
		for i, v := range u {
			at[i], _ = slices.BinarySearch(c.values, v)
			c.totals[at[i]]++
		}
		share := 1 / float64(len(u)-1)
		for i, a := range at {
			for j, b := range at {
				if i != j {
					c.pairs[a][b] += share
				}
			}
		}
	}
	for _, t := range c.totals {
		c.n += t
	}
	return c
}

func (c coincidences) alpha() (float64, bool) {
	observed, expected := 0.0, 0.0
	for a := range c.values {
		for b := range c.values {
			d := c.distance(a, b)
			observed += c.pairs[a][b] * d
			expected += c.totals[a] * c.totals[b] * d
		}
	}
	if expected == 0 {
		return 0, false
	}
	return 1 - (c.n-1)*observed/expected, true
}

// distance is the square of the metric's difference.
func (c coincidences) distance(a, b int) float64 {
	if a == b {
		return 0
	}
	x, y := c.values[a], c.values[b]
	switch c.metric {
	case Nominal:
		return 1
	case Ordinal:
		if a > b {
			a, b = b, a
		}
		between := -(c.totals[a] + c.totals[b]) / 2
		for g := a; g <= b; g++ {
			between += c.totals[g]
		}
		return between * between
	case Ratio:
		if x+y == 0 {
			return 0
		}
		return (x - y) / (x + y) * (x - y) / (x + y)
	}
	return (x - y) * (x - y)
}

// Agreed is an alpha with its interval.
type Agreed struct {
	Units int     `json:"units"` // judged by at least two
	Known bool    `json:"known"` // whether there is an alpha
	Alpha float64 `json:"alpha"`
	// Low and High are its interval: 95 % of the alphas of as many units drawn
	// again, with replacement, 1,000 times.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// redraws for the interval, always the same ones: the same data give the same
// interval.
const redraws = 1000

// AlphaInterval is Alpha with its interval by the bootstrap over units (Zapf et
// al., Measuring inter-rater reliability for nominal data, 2016). With fewer
// than about 20 units the interval is too narrow rather than too wide; Units
// says how many there are.
func AlphaInterval(data [][]float64, metric Metric) Agreed {
	all := units(data)
	out := Agreed{Units: len(all)}
	if out.Alpha, out.Known = newCoincidences(all, metric).alpha(); !out.Known {
		return out
	}
	r := rand.New(rand.NewPCG(uint64(len(all)), redraws))
	drawn, alphas := make([][]float64, len(all)), make([]float64, 0, redraws)
	for range redraws {
		for i := range drawn {
			drawn[i] = all[r.IntN(len(all))]
		}
		if a, ok := newCoincidences(drawn, metric).alpha(); ok {
			alphas = append(alphas, a)
		} else {
			alphas = append(alphas, 1) // all alike: nobody disagreed
		}
	}
	slices.Sort(alphas)
	tail := redraws / 40
	out.Low, out.High = alphas[tail], alphas[redraws-1-tail]
	return out
}
