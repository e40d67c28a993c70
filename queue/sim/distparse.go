package sim

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// ParseDist reads a distribution: "fixed:10s", "exponential:4m" (or "exp:4m"),
// "lognormal:180s/200s" with mean and standard deviation. A bare length of time
// is what plain says it is.
func ParseDist(text string, plain func(time.Duration) Dist) (Dist, error) {
	kind, rest, named := strings.Cut(text, ":")
	length := func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return 0, fmt.Errorf("distribution %q: %q is not a length of time such as 90s", text, s)
		}
		return d, nil
	}
	if !named {
		d, err := length(text)
		if err != nil {
			return nil, err
		}
		return plain(d), nil
	}
	switch kind {
	case "fixed":
		d, err := length(rest)
		return Fixed(d), err
	case "exp", "exponential":
		d, err := length(rest)
		return Exponential(d), err
	case "lognormal":
		m, s, both := strings.Cut(rest, "/")
		if !both {
			return nil, fmt.Errorf("distribution %q: give mean and standard deviation, such as lognormal:180s/200s", text)
		}
		mean, err := length(m)
		if err != nil {
			return nil, err
		}
		sd, err := length(s)
		if err != nil {
			return nil, err
		}
		if mean <= 0 || sd <= 0 {
			return nil, fmt.Errorf("distribution %q: mean and standard deviation must be positive", text)
		}
		return NewLognormal(mean, sd), nil
	}
	return nil, fmt.Errorf("distribution %q: known are fixed:10s, exponential:4m and lognormal:180s/200s", text)
}

// Plain readings of a bare length of time.
func AsFixed(d time.Duration) Dist       { return Fixed(d) }
func AsExponential(d time.Duration) Dist { return Exponential(d) }

// Shape says how a distribution is fitted to lengths seen.
type Shape string

// Shapes of a fitted distribution.
const (
	ShapeEmpirical   Shape = "empirical"
	ShapeLognormal   Shape = "lognormal"
	ShapeExponential Shape = "exponential"
)

// FitDist fits a distribution to lengths seen by their moments (exponential),
// by those of the logarithm (lognormal; lengths of nothing count as half a
// second), or takes them as they are.
func FitDist(shape Shape, seen []time.Duration) (Dist, error) {
	if len(seen) == 0 {
		return nil, fmt.Errorf("nothing was seen to fit a distribution to")
	}
	switch shape {
	case ShapeEmpirical:
		return NewEmpirical(seen), nil
	case ShapeExponential:
		return Exponential(NewEmpirical(seen).Mean()), nil
	case ShapeLognormal:
		sum, squares := 0.0, 0.0
		for _, d := range seen {
			l := math.Log(max(d, time.Second/2).Seconds())
			sum, squares = sum+l, squares+l*l
		}
		mu := sum / float64(len(seen))
		s2 := max(squares/float64(len(seen))-mu*mu, 1e-6)
		mean := math.Exp(mu + s2/2)
		return NewLognormal(seconds(mean), seconds(mean*math.Sqrt(math.Expm1(s2)))), nil
	}
	return nil, fmt.Errorf("fit %q: known are %s, %s and %s", shape, ShapeEmpirical, ShapeLognormal, ShapeExponential)
}
