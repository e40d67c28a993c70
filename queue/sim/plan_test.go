package sim

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func plan(days int, rates ...float64) *Plan {
	p := &Plan{People: People{Exponential(3 * time.Minute), Exponential(2 * time.Minute)}, Slot: 15 * time.Minute}
	for range days {
		p.Days = append(p.Days, rates)
	}
	return p
}

// TestRatesByInterval: callers come at the rate of their interval, agents are
// there when the headcount says, and every caller is in one interval.
func TestRatesByInterval(t *testing.T) {
	rates := []float64{0, 40, 200, 0, 80}
	s := Settings{Seed: 5, Arrivals: plan(200, rates...), Agents: 12, Slot: 15 * time.Minute, Check: false,
		Shifts: Headcount{15 * time.Minute, []int{0, 3, 12, 2, 5}}.Shifts(200, nil)}
	r, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i, x := range r.Intervals {
		sum += x.Calls
		if i >= len(rates) {
			continue
		}
		want := rates[i] / 4 * 200
		if math.Abs(float64(x.Calls)-want) > 4*math.Sqrt(want)+0.01 {
			t.Errorf("%s: %d callers, want about %.0f", x.From, x.Calls, want)
		}
	}
	if sum != r.Calls || r.Served+r.Abandoned != r.Calls {
		t.Errorf("%d calls in the intervals; %d served + %d abandoned of %d", sum, r.Served, r.Abandoned, r.Calls)
	}
	for i, want := range []float64{0, 3, 12, 2, 5} {
		if got := r.Intervals[i].Agents; got < want || got > want+2 { // overtime
			t.Errorf("%s: %.2f agents, want %v and some overtime", r.Intervals[i].From, got, want)
		}
	}
	if r.Occupancy <= 0 || r.Occupancy > 1 {
		t.Errorf("occupancy %.3f", r.Occupancy)
	}
}

// TestClosingSendsAway: who waits for ever does not wait when the last agent
// has gone.
func TestClosingSendsAway(t *testing.T) {
	p := plan(3, 60, 60, 60)
	p.Patience = nil
	r, err := Run(t.Context(), Settings{Seed: 1, Arrivals: p, Agents: 1, Check: true, Shifts: Headcount{15 * time.Minute, []int{0, 1}}.Shifts(3, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Abandoned == 0 || r.Served == 0 || r.Served+r.Abandoned != r.Calls {
		t.Errorf("%d served, %d abandoned of %d", r.Served, r.Abandoned, r.Calls)
	}
}

// TestAgentsNeeded: with the agents found each interval reaches the goal; with
// one less, most do not.
func TestAgentsNeeded(t *testing.T) {
	rates := []float64{40, 120, 60}
	s := Settings{Seed: 1, Arrivals: plan(60, rates...), ShortAbandon: 5 * time.Second}
	needs, err := Agents(t.Context(), s, rates, 3, Goal{0.9, ThreeRings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Agents(t.Context(), s, rates, 3, Goal{0.9, ThreeRings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	enough := make([]int, len(needs))
	short := 0
	for i, n := range needs {
		if n != again[i] {
			t.Errorf("the same seeds found %+v and %+v", n, again[i])
		}
		if !n.Reachable || n.Low > float64(n.Agents) || n.High < float64(n.Agents) || n.Agents < 2 {
			t.Errorf("%+v", n)
		}
		enough[i] = n.Agents
	}
	share := func(agents []int) []float64 {
		s.Seed, s.Arrivals = 99, plan(150, rates...)
		f, err := play(t.Context(), s, s.Arrivals.(*Plan), agents)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float64, len(rates))
		for i := range out {
			out[i], _ = f[i].CallersWithinRings().Value()
		}
		return out
	}
	for i, x := range share(enough) {
		if x < 0.87 {
			t.Errorf("%s: %.3f within three rings with %d agents, want 0.9", needs[i].From, x, enough[i])
		}
		enough[i]--
	}
	for _, x := range share(enough) {
		if x < 0.9 {
			short++
		}
	}
	if short < 2 {
		t.Errorf("only %d of 3 intervals miss the goal with one agent less: too many were found", short)
	}
}

// TestGoalThatNobodyReaches: agents who pick up too late reach nothing, however
// many they are.
func TestGoalThatNobodyReaches(t *testing.T) {
	s := Settings{Seed: 1, Arrivals: plan(20, 60), PickUp: Exponential(20 * time.Second)}
	needs, err := Agents(t.Context(), s, []float64{60}, 2, Goal{0.95, ThreeRings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if needs[0].Reachable {
		t.Errorf("95 %% within three rings found reachable: %+v", needs[0])
	}
}

// TestComparedWithTheSameCallers: a setting compared with itself differs by
// nothing at all; one more agent makes a difference beyond chance.
func TestComparedWithTheSameCallers(t *testing.T) {
	s := Settings{Seed: 1, Agents: 5, Arrivals: &Steady{Calls: 2000, Rate: 100, People: People{Exponential(3 * time.Minute), Exponential(2 * time.Minute)}}}
	a, err := Runs(t.Context(), s, 5)
	if err != nil {
		t.Fatal(err)
	}
	same, err := Runs(t.Context(), s, 5)
	if err != nil {
		t.Fatal(err)
	}
	s.Agents = 6
	b, err := Runs(t.Context(), s, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Compare(a, same) {
		if c.Difference.Low != 0 || c.Difference.High != 0 {
			t.Errorf("%s differs from itself: %+v", c.Name, c.Difference)
		}
	}
	for _, c := range Compare(a, b) {
		if c.Name == "served" && c.Difference.Low <= 0 || c.Name == "mean_wait_s" && c.Difference.High >= 0 {
			t.Errorf("one agent more: %s %+v", c.Name, c.Difference)
		}
	}
}

func TestBadPlansSayWhere(t *testing.T) {
	for in, want := range map[string]string{
		"08:00 10\n08:10 12":       "line 2, column 1: 08:10 does not begin an interval",
		"08:00 10\n07:00 12":       "line 2, column 1: 07:00 is not after",
		"# rates\n 08:00  many":    `line 2, column 9: "many"`,
		"08:00 10 2\n09:00 12":     "line 2, column 7: the line has 2 columns",
		"25:00 3":                  "line 1, column 1",
		"08:00 -1":                 "line 1, column 7",
		"08:00 10 x":               "line 1, column 10",
		"":                         "line 1, column 1",
		"# nothing but a remark\n": "line 1, column 1",
	} {
		if _, err := ReadPlan(strings.NewReader(in), 15*time.Minute); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", in, want, err)
		}
	}
	for in, want := range map[string]string{
		"ann 08:00":         "line 1, column 5: the line has 2 columns",
		"ann 16:00 08:00":   "line 1, column 11: 08:00 is not after",
		"0 08:00 16:00":     "line 1, column 1",
		"ann eight 16:00\n": "line 1, column 5",
	} {
		if _, err := ReadShifts(strings.NewReader(in), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", in, want, err)
		}
	}
	rota, err := ReadShifts(strings.NewReader("ann 08:00 12:00\nann,13:00,17:00\n2 09:00 10:00 # for the peak\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if shifts := rota.Shifts(epochStart, 1); len(shifts) != 4 || agentsIn(shifts) != 3 || rota.Agents != 3 {
		t.Errorf("%v of %d", shifts, rota.Agents)
	}
	p, err := ReadPlan(strings.NewReader("08:00 10 2\n09:00 0 0\n"), 15*time.Minute)
	if err != nil || p.Rates[31] != 0 || p.Rates[32] != 10 || p.Rates[35] != 10 || p.Rates[36] != 0 || p.Agents[33] != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestDatedShifts: a day that the file names has its own shifts, the others
// the daily ones; an agent stays the same.
func TestDatedShifts(t *testing.T) {
	rota, err := ReadShifts(strings.NewReader("ann 08:00 12:00\n2026-01-06 bob 09:00 10:00\n2026-01-06 ann 10:00 11:00\n2 20:00 21:00\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const h = time.Hour
	want := []Shift{{0, 8 * h, 12 * h}, {0, 34 * h, 35 * h}, {0, 56 * h, 60 * h}, {1, 33 * h, 34 * h},
		{2, 20 * h, 21 * h}, {2, 68 * h, 69 * h}, {3, 20 * h, 21 * h}, {3, 68 * h, 69 * h}}
	if got := rota.Shifts(epochStart, 3); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if first, last := rota.Dates(); first.Day() != 6 || !first.Equal(last) {
		t.Errorf("dates %s to %s", first, last)
	}
	for in, want := range map[string]string{
		"2026-01-06 08:00 16:00":      "the line has 3 columns",
		"2026-01-06 1009 08:00 16:00": "line 1, column 12: \"1009\" is no agent",
		"3 08:00 16:00":               "is no agent",
	} {
		if _, err := ReadShifts(strings.NewReader(in), []string{"1001", "1002"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", in, want, err)
		}
	}
}

// TestPictureIsSound: the picture is XML, draws every panel and nothing
// outside itself.
func TestPictureIsSound(t *testing.T) {
	s := Settings{Seed: 5, Arrivals: plan(20, 0, 40, 100), Agents: 6, Slot: 15 * time.Minute, Shifts: Headcount{15 * time.Minute, []int{0, 3, 6}}.Shifts(20, nil)}
	r, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Draw("A <day> & more", "note", r.Intervals, nil, 0.95).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"Calls", "Three rings and service level", "Wait", "Occupancy and abandoned share", "Agents", "A &lt;day&gt; &amp; more"} {
		if !strings.Contains(b.String(), ">"+title+"<") {
			t.Errorf("no %q", title)
		}
	}
	if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), `height="-`) {
		t.Error("something is drawn nowhere")
	}
	x := xml.NewDecoder(&b)
	for {
		if _, err := x.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func agentsIn(shifts []Shift) int {
	who := map[int]bool{}
	for _, s := range shifts {
		who[s.Agent] = true
	}
	return len(who)
}
