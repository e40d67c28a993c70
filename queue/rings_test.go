package queue

import (
	"testing"
	"time"
)

// R1.3: ring n starts n-1 cycles after the phone began to ring; "within three
// rings" is before the fourth would start, strict is by the end of the third
// ring's sounding part. China: 15.0 s and 11.0 s.
func TestCadences(t *testing.T) {
	for _, c := range []struct {
		country        string
		cycle          time.Duration
		limit, strict3 time.Duration
	}{
		{"cn", 5 * time.Second, 15 * time.Second, 11 * time.Second},
		{"de", 5 * time.Second, 15 * time.Second, 11 * time.Second},
		{"it", 5 * time.Second, 15 * time.Second, 11 * time.Second},
		{"br", 5 * time.Second, 15 * time.Second, 11 * time.Second},
		{"us", 6 * time.Second, 18 * time.Second, 14 * time.Second},
		{"ca", 6 * time.Second, 18 * time.Second, 14 * time.Second},
		{"uk", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"au", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"in", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"sg", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"jp", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"tw", 3 * time.Second, 9 * time.Second, 7 * time.Second},
		{"fr", 5 * time.Second, 15 * time.Second, 11500 * time.Millisecond},
		{"es", 4500 * time.Millisecond, 13500 * time.Millisecond, 10500 * time.Millisecond},
	} {
		cad, ok := CadenceOf(c.country)
		if !ok || cad.Cycle != c.cycle || cad.Limit(3) != c.limit {
			t.Errorf("%s: cycle %s, three rings end at %s; want %s and %s", c.country, cad.Cycle, cad.Limit(3), c.cycle, c.limit)
		}
		if !cad.Within(c.limit-time.Microsecond, 3) || cad.Within(c.limit, 3) {
			t.Errorf("%s: the default reading does not end at %s", c.country, c.limit)
		}
		if !cad.WithinStrict(c.strict3, 3) || cad.WithinStrict(c.strict3+time.Microsecond, 3) {
			t.Errorf("%s: the strict reading does not end at %s", c.country, c.strict3)
		}
	}
	if _, ok := CadenceOf("atlantis"); ok {
		t.Error("a country that does not exist has a cadence")
	}
}

func TestRingsHeard(t *testing.T) {
	cn, _ := CadenceOf("cn")
	for _, c := range []struct {
		d    time.Duration
		want int
	}{
		{-1, 0}, {0, 1}, {time.Millisecond, 1}, {4900 * time.Millisecond, 1}, {5099 * time.Millisecond, 1},
		{5101 * time.Millisecond, 2}, {10 * time.Second, 2}, {14 * time.Second, 3}, {15 * time.Second, 3},
		{15050 * time.Millisecond, 3}, {15200 * time.Millisecond, 4}, {31 * time.Second, 7},
	} {
		if got := cn.Heard(c.d); got != c.want {
			t.Errorf("%s of ringing: %d rings, want %d", c.d, got, c.want)
		}
	}
}

func FuzzHeardGrowsWithTime(f *testing.F) {
	f.Add(int64(14_000_000_000), int64(1))
	f.Fuzz(func(t *testing.T, a, b int64) {
		cn, _ := CadenceOf("cn")
		x, y := min(a, b), max(a, b)
		if cn.Heard(time.Duration(x)) > cn.Heard(time.Duration(y)) {
			t.Errorf("longer ringing, fewer rings: %d ns and %d ns", x, y)
		}
		if x >= 0 && cn.Heard(time.Duration(x)) < 1 {
			t.Errorf("%d ns of ringing is no ring", x)
		}
	})
}

// The trade's worked example: 1,000 answered, 60 abandoned, 860 of the
// answered and 20 of the abandoned within 20 s, gives four different service
// levels for the same day.
func TestServiceLevelFormulas(t *testing.T) {
	day := Tally{Offered: 1060, Answered: 1000, Abandoned: 60, AnsweredWithin: 860, AbandonedWithin: 20, ShortAbandoned: 10}
	for f, want := range map[Formula]float64{
		FormulaAnswered: 860. / 1000, FormulaPositive: 880. / 1060, FormulaStrict: 860. / 1060,
		FormulaIgnoreEarly: 860. / 1040, FormulaIgnoreShort: 860. / 1050,
	} {
		if got, ok := day.ServiceLevel(f).Value(); !ok || got != want {
			t.Errorf("%s: %v, want %v", f, got, want)
		}
	}
	if len(Formulas()) != 5 {
		t.Errorf("%d formulas are listed", len(Formulas()))
	}
	if _, ok := (Tally{}).ServiceLevel(FormulaStrict).Value(); ok {
		t.Error("a day without calls has a service level")
	}
}

// A report made from rows agrees with the wallboard, call by call.
func TestRowsAndLiveTallyAgree(t *testing.T) {
	for _, script := range []string{"answered", "rona", "abandon_waiting", "abandon_ringing", "dropped_before_bridge",
		"answer_as_caller_leaves", "agent_releases", "max_wait", "budget_greets", "bridge_fails",
		"menu", "menu_branches", "ways_out", "announce", "survey"} {
		s, calls, offers := rowsOf(t, script)
		for _, l := range s.acd.lines {
			var fromRows Tally
			for _, c := range calls {
				fromRows.Add(l.cfg, c)
			}
			for _, o := range offers {
				if o.Queue == l.cfg.ID {
					fromRows.AddOffer(o)
				}
			}
			if fromRows != l.today {
				t.Errorf("%s, queue %s:\nrows %+v\nlive %+v", script, l.cfg.ID, fromRows, l.today)
			}
		}
	}
}
