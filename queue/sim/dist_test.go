package sim

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func drawn(d Dist, n int) (mean time.Duration) {
	rng, sum := stream(7, "test"), 0.0
	for range n {
		sum += float64(d.Draw(rng))
	}
	return time.Duration(sum / float64(n))
}

// TestDistributionsDrawTheirMean: what is drawn has the mean that is shown.
func TestDistributionsDrawTheirMean(t *testing.T) {
	patience := NewPatience([]Waited{{10 * time.Second, true}, {20 * time.Second, false}, {40 * time.Second, true}, {90 * time.Second, false}})
	for _, d := range []Dist{Fixed(time.Minute), Exponential(time.Minute), NewLognormal(3*time.Minute, 4*time.Minute),
		NewEmpirical([]time.Duration{time.Second, time.Minute, time.Hour}), patience} {
		if got := drawn(d, 200_000); math.Abs(float64(got)/float64(d.Mean())-1) > 0.02 {
			t.Errorf("%s: drawn mean %s, says %s", d, got, d.Mean())
		}
	}
}

// TestFittedIsWhatWasDrawn: a fit finds what the lengths were drawn from.
func TestFittedIsWhatWasDrawn(t *testing.T) {
	rng := stream(1, "fit")
	for _, c := range []struct {
		shape Shape
		from  Dist
	}{{ShapeExponential, Exponential(166 * time.Second)}, {ShapeLognormal, NewLognormal(200*time.Second, 300*time.Second)}, {ShapeEmpirical, Exponential(time.Minute)}} {
		seen := make([]time.Duration, 100_000)
		for i := range seen {
			seen[i] = c.from.Draw(rng)
		}
		d, err := FitDist(c.shape, seen)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(d.Mean())/float64(c.from.Mean())-1) > 0.03 {
			t.Errorf("%s fitted to %s", d, c.from)
		}
		if l, ok := d.(*Lognormal); ok && math.Abs(l.SD.Seconds()/300-1) > 0.1 {
			t.Errorf("deviation %s, want 5m", l.SD)
		}
	}
	if _, err := FitDist(ShapeEmpirical, nil); err == nil {
		t.Error("a fit to nothing was made")
	}
}

// TestPatienceIsCensoredByAnswers: who was answered would have waited longer,
// so patience is far above the waits of those who left.
func TestPatienceIsCensoredByAnswers(t *testing.T) {
	rng := stream(3, "patience")
	const mean = 5 * time.Minute
	var waits []Waited
	naive, left := time.Duration(0), 0
	for range 50_000 {
		patience, answer := Exponential(mean).Draw(rng), Exponential(time.Minute).Draw(rng)
		waits = append(waits, Waited{min(patience, answer), patience < answer})
		if patience < answer {
			naive, left = naive+patience, left+1
		}
	}
	p := NewPatience(waits)
	if math.Abs(float64(p.Mean())/float64(mean)-1) > 0.1 {
		t.Errorf("mean patience %s, want about %s", p.Mean(), mean)
	}
	if naive/time.Duration(left) > mean/3 {
		t.Errorf("the mean of those who left is %s: the test shows nothing", naive/time.Duration(left))
	}
	for range 1000 {
		if d := p.DrawBeyond(rng, time.Minute); d <= time.Minute {
			t.Fatalf("drew %s for one who waited longer than a minute", d)
		}
	}
	if NewPatience([]Waited{{time.Minute, false}}) != nil {
		t.Error("patience was estimated though nobody left")
	}
}

// TestPatienceByHand is Kaplan and Meier's estimate on five callers: one of
// five leaves at 10 s, one of three at 30 s, the last at 50 s.
func TestPatienceByHand(t *testing.T) {
	s := func(n int) time.Duration { return time.Duration(n) * time.Second }
	p := NewPatience([]Waited{{s(10), true}, {s(20), false}, {s(30), true}, {s(40), false}, {s(50), true}})
	want := []float64{0.2, 1 - 0.8*2/3, 1}
	for i := range want {
		if len(p.left) != 3 || math.Abs(p.left[i]-want[i]) > 1e-12 {
			t.Fatalf("shares left %v, want %v", p.left, want)
		}
	}
	if d := p.Draw(rand.New(rand.NewPCG(1, 1))); d != s(10) && d != s(30) && d != s(50) {
		t.Errorf("drew %s, when nobody left", d)
	}
}

func TestParseDist(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "exponential:4m": 4 * time.Minute, "exp:4m": 4 * time.Minute,
		"fixed:10s": 10 * time.Second, "lognormal:180s/200s": 3 * time.Minute} {
		d, err := ParseDist(text, AsFixed)
		if err != nil || d.Mean() != want {
			t.Errorf("%s: %v, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "x", "-1s", "normal:3s", "lognormal:3s", "lognormal:0s/1s", "exp:often"} {
		if d, err := ParseDist(text, AsFixed); err == nil || !strings.Contains(err.Error(), "distribution") {
			t.Errorf("%q was read as %v, error %v", text, d, err)
		}
	}
}
