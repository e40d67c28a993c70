package sim

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Dist is a distribution of lengths of time.
type Dist interface {
	Draw(rng *rand.Rand) time.Duration
	Mean() time.Duration
	String() string // as ParseDist reads it, where it can
}

// Fixed is always the same length.
type Fixed time.Duration

// Exponential is a distribution without memory, given by its mean.
type Exponential time.Duration

// Lognormal is given by its mean and standard deviation, not by those of the
// logarithm, since nobody can picture these.
type Lognormal struct {
	MeanOf, SD time.Duration
	mu, sigma  float64
}

// NewLognormal returns the lognormal distribution with that mean and standard
// deviation.
func NewLognormal(mean, sd time.Duration) *Lognormal {
	ratio := sd.Seconds() / mean.Seconds()
	s2 := math.Log1p(ratio * ratio)
	return &Lognormal{mean, sd, math.Log(mean.Seconds()) - s2/2, math.Sqrt(s2)}
}

// Empirical draws from what was seen, each as likely as the other.
type Empirical struct {
	seen []time.Duration // ascending
	mean time.Duration
}

// NewEmpirical returns the distribution of the lengths seen; there must be one
// at least.
func NewEmpirical(seen []time.Duration) *Empirical {
	e := &Empirical{seen: slices.Sorted(slices.Values(seen))}
	sum := 0.0
	for _, d := range e.seen {
		sum += float64(d)
	}
	e.mean = time.Duration(sum / float64(len(e.seen)))
	return e
}

func (d Fixed) Draw(*rand.Rand) time.Duration { return time.Duration(d) }
func (d Fixed) Mean() time.Duration           { return time.Duration(d) }
func (d Fixed) String() string                { return "fixed:" + time.Duration(d).String() }

func (d Exponential) Draw(rng *rand.Rand) time.Duration {
	return time.Duration(rng.ExpFloat64() * float64(d))
}
func (d Exponential) Mean() time.Duration { return time.Duration(d) }
func (d Exponential) String() string      { return "exponential:" + time.Duration(d).String() }

func (d *Lognormal) Draw(rng *rand.Rand) time.Duration {
	return seconds(math.Exp(d.mu + d.sigma*rng.NormFloat64()))
}
func (d *Lognormal) Mean() time.Duration { return d.MeanOf }
func (d *Lognormal) String() string      { return fmt.Sprintf("lognormal:%s/%s", d.MeanOf, d.SD) }

func (d *Empirical) Draw(rng *rand.Rand) time.Duration { return d.seen[rng.IntN(len(d.seen))] }
func (d *Empirical) Mean() time.Duration               { return d.mean }
func (d *Empirical) String() string {
	return fmt.Sprintf("empirical (%d seen, mean %s)", len(d.seen), d.mean.Round(100*time.Millisecond))
}

// Patience is how long callers would wait, estimated from those who left and,
// as at least so long, from those who were answered first (Kaplan and Meier's
// estimate). What is beyond the longest wait seen is drawn as without memory.
type Patience struct {
	at    []time.Duration // ascending: when somebody left
	left  []float64       // share that has left by then
	tail  time.Duration   // mean beyond the last
	count int             // how many left
}

// Waited is one caller's wait: the caller left then, or was answered.
type Waited struct {
	For  time.Duration
	Left bool
}

// NewPatience estimates patience from waits. If nobody left, everybody waits
// for ever: nil.
func NewPatience(waits []Waited) *Patience {
	waits = slices.SortedFunc(slices.Values(waits), func(a, b Waited) int {
		if c := cmp.Compare(a.For, b.For); c != 0 || a.Left == b.Left {
			return c
		} else if a.Left { // who left at a moment was there for it
			return -1
		}
		return 1
	})
	p := &Patience{}
	stay, total := 1.0, time.Duration(0)
	for i := 0; i < len(waits); {
		at, leave, risk := waits[i].For, 0, len(waits)-i
		for ; i < len(waits) && waits[i].For == at; i++ {
			total += at
			if waits[i].Left {
				leave++
			}
		}
		if leave > 0 {
			stay *= 1 - float64(leave)/float64(risk)
			p.at, p.left = append(p.at, at), append(p.left, 1-stay)
			p.count += leave
		}
	}
	if p.count == 0 {
		return nil
	}
	p.tail = total / time.Duration(p.count) // the mean if patience had no memory
	return p
}

// Draw draws how long a caller would wait.
func (p *Patience) Draw(rng *rand.Rand) time.Duration { return p.DrawBeyond(rng, -1) }

// DrawBeyond draws how long a caller would wait of whom it is known that they
// waited longer than so.
func (p *Patience) DrawBeyond(rng *rand.Rand, known time.Duration) time.Duration {
	n, found := slices.BinarySearch(p.at, known)
	if found {
		n++
	}
	gone := 0.0
	if n > 0 {
		gone = p.left[n-1]
	}
	i, _ := slices.BinarySearch(p.left, gone+(1-gone)*rng.Float64())
	if i < len(p.at) {
		return p.at[i]
	}
	return max(known, p.at[len(p.at)-1]) + time.Duration(rng.ExpFloat64()*float64(p.tail))
}

// Mean is the mean of what Draw gives.
func (p *Patience) Mean() time.Duration {
	mean, gone := 0.0, 0.0
	for i, at := range p.at {
		mean += (p.left[i] - gone) * float64(at)
		gone = p.left[i]
	}
	return time.Duration(mean + (1-gone)*float64(p.at[len(p.at)-1]+p.tail))
}

func (p *Patience) String() string {
	return fmt.Sprintf("estimated from %d who left (mean %s)", p.count, p.Mean().Round(time.Second))
}

// seconds is a length of time; what is too long for one is as long as can be.
func seconds(s float64) time.Duration {
	const longest = 1000 * time.Hour
	if s > longest.Seconds() {
		return longest
	}
	return time.Duration(s * float64(time.Second))
}
