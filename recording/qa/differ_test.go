package qa

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/threerings/threerings/queue"
)

func sample(yes, no int) (s Sample) {
	for range yes {
		s.Scores = append(s.Scores, 100)
	}
	for range no {
		s.Scores = append(s.Scores, 0)
	}
	return s
}

// Of yes and no the test is Fisher's exact one: his lady tasting tea, who found
// 4 of 4 with 0 of 4 wrong (p = 1/70 on one side) or 3 of 4 (p = 17/70).
func TestTwoAgentsAsFisher(t *testing.T) {
	for _, c := range []struct {
		a, b Sample
		want float64
	}{{sample(4, 0), sample(0, 4), 2.0 / 70}, {sample(3, 1), sample(1, 3), 34.0 / 70}, {sample(3, 1), sample(3, 1), 1}} {
		d := Differences(map[queue.AgentID]Sample{"a": c.a, "b": c.b})
		if len(d) != 1 || math.Abs(d[0].P-c.want) > 0.02 || d[0].P < c.want-1e-6 {
			t.Errorf("%+v, want p = %.4f", d, c.want)
		}
	}
}

// Agents who are equally good: in at most 5 % of the months any
// two are told apart. Two who are not are found, given calls enough.
func TestAgentsToldApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range worlds() {
		wrong := 0
		const months = 40
		for range months {
			all := map[queue.AgentID]Sample{}
			for i := range 4 {
				s := Sample{Population: 200}
				for range 12 {
					s.Scores = append(s.Scores, w.draw(r))
				}
				all[queue.AgentID(fmt.Sprint(i))] = s
			}
			if Differences(all)[0].Told {
				wrong++
			}
		}
		if wrong > 5*months/100 {
			t.Errorf("%s: in %d of %d months some were told apart by chance", w.name, wrong, months)
		}
	}
	good, poor := Sample{Population: 200}, Sample{Population: 200}
	for range 30 {
		good.Scores = append(good.Scores, 90+3*r.NormFloat64())
		poor.Scores = append(poor.Scores, 65+8*r.NormFloat64())
	}
	if d := Differences(map[queue.AgentID]Sample{"good": good, "poor": poor}); !d[0].Told || d[0].A != "good" {
		t.Errorf("90 and 65 in 30 calls each are not told apart: %+v", d)
	}
}

func TestHolm(t *testing.T) {
	// Holm's own step-down: 0.01·4, 0.02·3, 0.022·2 raised to the one before, 0.09.
	all := []Difference{{A: "d", P: 0.09}, {A: "b", P: 0.02}, {A: "a", P: 0.01}, {A: "c", P: 0.022}}
	holm(all)
	for i, want := range []float64{0.04, 0.06, 0.06, 0.09} {
		if math.Abs(all[i].Adjusted-want) > 1e-12 || all[i].Told != (i == 0) {
			t.Errorf("%d: %+v, want %v", i, all[i], want)
		}
	}
}
