package qa

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

var shanghai = time.FixedZone("CST", 8*3600)

func testPlan() Plan {
	return Plan{ID: "p1", Name: "每月抽检", Per: Month, Form: "standard", Count: 3, DueDays: 7, Version: 1,
		Targets: []Target{{LowSurvey, 2, 1}, {Long, 600, 1}, {AgentLeft, 0, 2}, {OverRings, 0, 1}, {DeadAir, 30, 1}, {NewAgent, 14, 1}}}
}

func testSeed(n byte) []byte { return bytes.Repeat([]byte{n}, SeedSize) }

// aMonth is a population of some agents, from a seed.
func aMonth(seed uint64, agents, calls int) []Candidate {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []Candidate
	for i := range calls {
		out = append(out, Candidate{Call: queue.CallID(fmt.Sprintf("c%04d", i)), Agent: queue.AgentID(fmt.Sprint(1001 + r.IntN(agents))), At: began.Add(time.Duration(i) * time.Minute),
			Queue: "sales", TalkMS: r.Int64N(900_000), Mark: r.IntN(6), AgentLeft: r.IntN(10) == 0, OverRings: r.IntN(10) == 0, DeadAirMS: r.Int64N(60_000), Days: r.IntN(400)})
	}
	return out
}

func testDraw(seed []byte) Draw {
	return Draw{ID: "d1", Since: began, Until: began.AddDate(0, 1, 0), CommittedAt: began.Add(-time.Hour), Commitment: Commitment(seed)}
}

func drawn(t *testing.T, p Plan, seed []byte, population []Candidate) Draw {
	t.Helper()
	d, err := testDraw(seed).Drawn(began.AddDate(0, 1, 1), "qa1", p, seed, population, 2)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A ticket as any other program works it out: python3 -c "import hmac;
// print(hmac.new(bytes([7])*32, b'c1\n1001', 'sha256').hexdigest())".
func TestTicketIsPlainHMAC(t *testing.T) {
	const want = "85ecd1a5d992aa128d96cce87933a68a89c851dd0802a356518e7902edea2b9c"
	if got := Ticket(testSeed(7), "c1", "1001"); got != want {
		t.Errorf("ticket %s, want %s", got, want)
	}
	if got, want := Commitment(testSeed(7)), "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"; got != want {
		t.Errorf("commitment %s, want %s", got, want)
	}
}

func TestRedrawGivesTheSame(t *testing.T) {
	population := aMonth(1, 12, 800)
	d := drawn(t, testPlan(), testSeed(1), population)
	shuffled := slices.Clone(population)
	rand.New(rand.NewPCG(5, 5)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	again := drawn(t, testPlan(), testSeed(1), shuffled)
	if !slices.Equal(d.Picks, again.Picks) || d.Hash != again.Hash {
		t.Error("the same seed and the same calls, in another order, gave another sample")
	}
	if err := d.Verify(Lines(shuffled)); err != nil {
		t.Error(err)
	}
	file, err := d.File(Lines(population))
	if err != nil {
		t.Fatal(err)
	}
	read, lines, err := ReadFile(file)
	if err == nil {
		err = read.Verify(lines)
	}
	if err != nil {
		t.Errorf("the draw's file: %v", err)
	}
	if other := drawn(t, testPlan(), testSeed(2), population); slices.Equal(d.Picks, other.Picks) {
		t.Error("another seed gave the same sample")
	}
	// What is drawn of one agent does not hang on the others.
	alone := slices.DeleteFunc(slices.Clone(population), func(c Candidate) bool { return c.Agent != "1003" })
	of := slices.DeleteFunc(slices.Clone(d.Picks), func(p Pick) bool { return p.Agent != "1003" })
	if got := drawn(t, testPlan(), testSeed(1), alone).Picks; !slices.Equal(got, of) {
		t.Errorf("alone %v, among others %v", got, of)
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	population := aMonth(2, 5, 200)
	d := drawn(t, testPlan(), testSeed(3), population)
	lines := Lines(population)
	for name, c := range map[string]struct {
		change func(d *Draw, lines *[]byte)
		want   string
	}{
		"another seed": {func(d *Draw, _ *[]byte) { d.Seed = strings.Repeat("00", SeedSize) }, "published was"},
		"no seed":      {func(d *Draw, _ *[]byte) { d.Seed = "" }, "not 32 bytes"},
		"a call less":  {func(_ *Draw, l *[]byte) { _, *l, _ = bytes.Cut(*l, []byte("\n")) }, "population is not the one"},
		"a pick swapped": {func(d *Draw, _ *[]byte) {
			d.Picks = slices.Clone(d.Picks)
			d.Picks[0].Call = "c9999"
		}, "pick 1 must be call"},
		"a pick more": {func(d *Draw, _ *[]byte) { d.Picks = append(slices.Clone(d.Picks), Pick{Call: "c1", Agent: "1"}) }, "was not drawn"},
		"a pick less": {func(d *Draw, _ *[]byte) { d.Picks = d.Picks[:len(d.Picks)-1] }, "must be call"},
		"more asked":  {func(d *Draw, _ *[]byte) { d.Plan.Count++ }, "must be call"},
		"not drawn":   {func(d *Draw, _ *[]byte) { d.DrawnAt = time.Time{} }, "not drawn yet"},
	} {
		t.Run(name, func(t *testing.T) {
			d, lines := d, bytes.Clone(lines)
			c.change(&d, &lines)
			if err := d.Verify(lines); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// Chance is fair: every call of an agent is drawn equally often.
func TestChanceIsFair(t *testing.T) {
	population := aMonth(3, 1, 20)
	p := testPlan()
	p.Count = 5
	const rounds = 4000
	times := map[Key]int{}
	for i := range rounds {
		for _, k := range Choose(fmt.Append(nil, "seed ", i), p, population, nil) {
			if k.Reason == ByChance {
				times[k.Key()]++
			}
		}
	}
	// chi-squared with 19 degrees of freedom: above 43.8 once in 1000.
	want, sum := float64(rounds)*5/20, 0.0
	for _, c := range population {
		d := float64(times[c.Key()]) - want
		sum += d * d / (want * 15 / 20)
	}
	if sum > 43.8 {
		t.Errorf("chi-squared %.1f: some calls are drawn more often than others: %v", sum, times)
	}
}

func TestTargetsComeOnTop(t *testing.T) {
	for seed := range byte(50) {
		population := aMonth(uint64(seed), 6, 150)
		p := testPlan()
		by := map[Key]Candidate{}
		for _, c := range population {
			by[c.Key()] = c
		}
		random, count := map[queue.AgentID]int{}, map[string]int{}
		seen := map[Key]bool{}
		for _, k := range Choose(testSeed(seed), p, population, nil) {
			if seen[k.Key()] {
				t.Fatalf("%v twice", k)
			}
			seen[k.Key()] = true
			if k.Reason == ByChance {
				random[k.Agent]++
				continue
			}
			i := slices.IndexFunc(p.Targets, func(t Target) bool { return t.Reason == k.Reason })
			if !p.Targets[i].fits(by[k.Key()]) {
				t.Errorf("%v does not fit %v", by[k.Key()], p.Targets[i])
			}
			if key := string(k.Agent) + string(k.Reason); count[key] == p.Targets[i].Most {
				t.Errorf("more than %d %s of agent %s", p.Targets[i].Most, k.Reason, k.Agent)
			} else {
				count[key]++
			}
		}
		p.Targets = nil
		for _, k := range Choose(testSeed(seed), p, population, nil) {
			random[k.Agent]--
		}
		for agent, n := range random {
			if n != 0 {
				t.Errorf("targets changed how many of agent %s chance has picked by %d", agent, n)
			}
		}
	}
}

func TestNothingIsDrawnEarlyTwiceOrWithAnotherSeed(t *testing.T) {
	seed := testSeed(4)
	d := testDraw(seed)
	after := d.Until.Add(time.Minute)
	if _, err := d.Drawn(d.Until.Add(-time.Second), "qa1", testPlan(), seed, nil, 0); err == nil {
		t.Error("drawn before the period has ended")
	}
	if _, err := d.Drawn(after, "qa1", testPlan(), testSeed(5), nil, 0); err == nil {
		t.Error("drawn with a seed that nobody was promised")
	}
	d, err := d.Drawn(after, "", testPlan(), seed, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var no *Refused
	if _, err := d.Drawn(after, "", testPlan(), seed, nil, 0); !errors.As(err, &no) {
		t.Errorf("drawn twice: %v", err)
	}
}

func TestPeriods(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		per                    Per
		now, since, until, end string
	}{
		{Day, "2026-12-31 23:59", "2026-12-31 00:00", "2027-01-01 00:00", "2027-01-02 00:00"},
		{Week, "2026-11-23 00:00", "2026-11-23 00:00", "2026-11-30 00:00", "2026-12-07 00:00"}, // a Monday
		{Week, "2026-11-22 23:59", "2026-11-16 00:00", "2026-11-23 00:00", "2026-11-30 00:00"}, // a Sunday
		{Month, "2026-12-01 00:00", "2026-12-01 00:00", "2027-01-01 00:00", "2027-02-01 00:00"},
	} {
		got := Plan{Per: c.per}.Periods(at(c.now).UTC(), shanghai)
		want := []Period{{at(c.since).UTC(), at(c.until).UTC()}, {at(c.until).UTC(), at(c.end).UTC()}}
		if !slices.Equal(got, want) {
			t.Errorf("%s at %s: %v, want %v", c.per, c.now, got, want)
		}
	}
	once := Plan{Per: Once, Since: "2026-11-02", Until: "2026-11-03"}
	if got := once.Periods(began, shanghai); len(got) != 1 || got[0] != (Period{at("2026-11-02 00:00").UTC(), at("2026-11-04 00:00").UTC()}) {
		t.Errorf("once: %v", got)
	}
	once.At = at("2026-11-03 15:30")
	if got := once.Periods(began, shanghai); got[0] != (Period{at("2026-11-02 00:00").UTC(), once.At.UTC()}) {
		t.Errorf("once, until today: %v", got)
	}
	if got := (Plan{Per: Day, EndedAt: began}).Periods(began, shanghai); got != nil {
		t.Errorf("an ended plan has %v", got)
	}
}

func TestPlansAreChecked(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"":            func(*Plan) {},
		"name":        func(p *Plan) { p.Name = " " },
		"per":         func(p *Plan) { p.Per = "year" },
		"form":        func(p *Plan) { p.Form = "" },
		"count":       func(p *Plan) { p.Count = 101 },
		"count: a":    func(p *Plan) { p.Count, p.Targets = 0, nil },
		"due_days":    func(p *Plan) { p.DueDays = 0 },
		"min_talk_s":  func(p *Plan) { p.MinTalk = -1 },
		"since":       func(p *Plan) { p.Since = "2026-11-01" },
		"since and":   func(p *Plan) { p.Per, p.Since, p.Until = Once, "2026-11-31", "2026-12-01" },
		"the first":   func(p *Plan) { p.Per, p.Since, p.Until = Once, "2026-11-03", "2026-11-01" },
		"at most 92":  func(p *Plan) { p.Per, p.Since, p.Until = Once, "2026-01-01", "2026-11-01" },
		"no reason":   func(p *Plan) { p.Targets[0].Reason = "mood" },
		"there twice": func(p *Plan) { p.Targets[0] = p.Targets[1] },
		"at most 1":   func(p *Plan) { p.Targets[0].Most = 0 },
		"limit is 1":  func(p *Plan) { p.Targets[0].Limit = 5 },
	} {
		p := testPlan()
		change(&p)
		err := p.Check()
		if want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
