package qa

import (
	"math"
	"strings"
	"testing"
)

// published are worked examples, a row per observer, "*" missing.
var published = []struct {
	name string
	data string
	want map[Metric]float64
}{
	// Section E of Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.
	{"four observers, twelve units", `
		1 2 3 3 2 1 4 1 2 * * *
		1 2 3 3 2 2 4 1 2 5 * 3
		* 3 3 3 2 3 4 2 2 5 1 *
		1 2 3 3 2 4 4 1 2 5 1 *`, map[Metric]float64{Nominal: 0.743, Ordinal: 0.815, IntervalOf: 0.849, Ratio: 0.797}},
	// The computational example of Wikipedia's article.
	{"three coders, fifteen units", `
		* * * * * 3 4 1 2 1 1 3 3 * 3
		1 * 2 1 3 3 4 3 * * * * * * *
		* * 2 1 3 4 4 * 2 1 1 3 3 * 4`, map[Metric]float64{Nominal: 0.691, IntervalOf: 0.811}},
	// Section A of Krippendorff's paper.
	{"two observers, yes and no", `
		0 1 0 0 0 0 0 0 1 0
		1 1 1 0 0 1 0 0 0 0`, map[Metric]float64{Nominal: 0.095}},
}

func matrix(t *testing.T, s string) (data [][]float64) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(s), "\n") {
		var row []float64
		for _, f := range strings.Fields(line) {
			if f == "*" {
				row = append(row, Missing)
			} else {
				row = append(row, float64(f[0]-'0'))
			}
		}
		data = append(data, row)
	}
	return data
}

func TestAlphaAsPublished(t *testing.T) {
	for _, c := range published {
		data := matrix(t, c.data)
		for metric, want := range c.want {
			got, ok := Alpha(data, metric)
			if !ok || math.Abs(got-want) > 0.0006 {
				t.Errorf("%s, %s: %.4f, want %.3f", c.name, metric, got, want)
			}
			in := AlphaInterval(data, metric)
			if !in.Known || in.Low > got || in.High < got || in.Low < -1 || in.High > 1 {
				t.Errorf("%s, %s: interval %+v", c.name, metric, in)
			}
			if in != AlphaInterval(data, metric) {
				t.Errorf("%s, %s: the interval changes", c.name, metric)
			}
		}
	}
}

func TestAlphaOfLittle(t *testing.T) {
	for name, c := range map[string]struct {
		data  string
		want  float64
		known bool
	}{
		"all agree":         {"1 2 3\n1 2 3", 1, true},
		"all the same":      {"1 1 1\n1 1 1", 0, false},
		"nobody twice":      {"1 * 2\n* 2 *", 0, false},
		"always contrary":   {"0 1 0 1\n1 0 1 0", -0.75, true},
		"one unit in doubt": {"1\n2", 0, true},
	} {
		got, ok := Alpha(matrix(t, c.data), Nominal)
		if ok != c.known || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v %v, want %v %v", name, got, ok, c.want, c.known)
		}
	}
	if _, ok := Alpha(nil, Nominal); ok {
		t.Error("an alpha of nothing")
	}
}
