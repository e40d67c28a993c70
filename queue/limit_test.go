package queue

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// parseLimits reads "second:5,trunk:3,caller:2,minute:4,waiting:6,ban:3": bans
// come after so many refusals in a minute and last ten. What has no name of
// these is a trunk with a limit of its own.
func parseLimits(text string) (l Limits, err error) {
	fields := map[string]*int{"second": &l.PerSecond, "trunk": &l.PerTrunk, "caller": &l.PerCaller, "minute": &l.CallerPerMinute,
		"waiting": &l.Waiting, "ban": &l.Ban.After}
	for part := range strings.SplitSeq(text, ",") {
		key, n, _ := strings.Cut(part, ":")
		limit, err := strconv.Atoi(n)
		if err != nil {
			return l, err
		}
		if field := fields[key]; field != nil {
			*field = limit
			continue
		}
		if l.Trunks == nil {
			l.Trunks = map[string]int{}
		}
		l.Trunks[key] = limit
	}
	if l.Ban.After > 0 {
		l.Ban.Within, l.Ban.For = time.Minute, 10*time.Minute
	}
	return l, nil
}

// limited is a house with limits that hears its switch, and what it did.
func limited(t *testing.T, limits Limits) (a *ACD, feed func(time.Duration, Input) Output, log *[]Record) {
	t.Helper()
	cfg, err := house("agents=4")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Limits = limits
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, log = New(), &[]Record{}
	now := scriptStart
	feed = func(d time.Duration, in Input) Output {
		now = now.Add(d)
		out := a.Step(now, in)
		*log = append(*log, out.Records...)
		return out
	}
	feed(0, Configure{Config: cfg})
	feed(0, NewDay{Day: "2026-11-23"})
	feed(0, Reconciled{})
	return a, feed, log
}

// A flood of calls that are refused grows neither memory nor the present that
// is shown, and each is one record.
func TestFloodGrowsNothing(t *testing.T) {
	limits := DefaultLimits()
	limits.PerCaller, limits.CallerPerMinute = 20, 60
	a, feed, log := limited(t, limits)
	size := func() int {
		data, err := a.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		return len(data)
	}
	for i := range 60 { // let in, and there
		feed(100*time.Millisecond, CallArrived{Leg: LegID(fmt.Sprintf("in%d", i)), Number: "4000", Caller: fmt.Sprintf("1370000%04d", i), Endpoint: "trunk"})
	}
	flood := func(from, n int) {
		for i := range n {
			caller := fmt.Sprintf("139%08d", (from+i)%20000) // a new number each
			if i%3 == 0 {
				caller = "13800000001"
			}
			before := len(*log)
			feed(5*time.Millisecond, CallArrived{Leg: LegID(fmt.Sprintf("f%d", from+i)), Number: "4000", Caller: caller, Endpoint: "trunk"})
			feed(0, LegEnded{Leg: LegID(fmt.Sprintf("f%d", from+i)), Cause: CauseNormal})
			if got := len(*log) - before; got < 1 || got > 4 { // let in: queued and left; a ban is on record, its alert too
				t.Fatalf("call %d made %d records: %v", from+i, got, (*log)[before:])
			}
		}
	}
	most := size() + sourcesKept*200 // each number with a call that was let in
	flood(0, 25000)
	if now := size(); now > most {
		t.Errorf("the state is %d bytes after 25000 calls, more than %d", now, most)
	}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	snap := a.Snapshot()
	if len(snap.Alerts) != 1 || len(snap.Bans) == 0 {
		t.Errorf("alerts %v, bans %v: want one alert for all bans", snap.Alerts, snap.Bans)
	}
	if snap.TurnedAway[TurnedRate] == 0 || snap.TurnedAway[TurnedBanned] == 0 {
		t.Errorf("turned away: %v", snap.TurnedAway)
	}
	mustEqual(t, a, withNow(Replay(slices.Values(*log)), a.now))
}

// What is shown of the limits is what they count; the last calls turned away and
// how often a banned number still calls are known, after a takeover too.
func TestLimitsNow(t *testing.T) {
	a, feed, log := limited(t, Limits{PerSecond: 5, PerTrunk: 9, Trunks: map[string]int{"cmcc": 2, "spare": 4}, PerCaller: 3})
	arrive := func(leg LegID, caller, trunk string) {
		feed(0, CallArrived{Leg: leg, Number: "4000", Caller: caller, Endpoint: trunk})
	}
	arrive("c1", "13800000001", "cmcc")
	arrive("c2", "13800000001", "cmcc")
	arrive("c3", "13800000001", "cmcc")
	arrive("c4", "13800000002", "trunk")
	want := LimitsNow{PerSecond: 3, PerCaller: 2, Caller: "13800000001", Waiting: 3,
		Trunks: []TrunkNow{{"cmcc", 2, 2}, {"spare", 0, 4}, {"trunk", 1, 9}}}
	if got := a.Snapshot().LimitsNow(a.now); !reflect.DeepEqual(got, want) {
		t.Errorf("in force: %+v, want %+v", got, want)
	}
	if got := a.Snapshot().LimitsNow(a.now.Add(201 * time.Millisecond)).PerSecond; got != 2 {
		t.Errorf("a fifth of a second later %d of a second's calls are used up, want 2", got)
	}
	feed(time.Second, BanNumber{Number: "13800000009", Note: "abuse"})
	for i := range turnedKept + 5 {
		arrive(LegID(fmt.Sprint("b", i)), "13800000009", "trunk")
	}
	snap := a.Snapshot()
	if b := snap.Bans[0]; b.Turned != turnedKept+5 || b.Note != "abuse" {
		t.Errorf("the ban: %+v", b)
	}
	if l := snap.TurnedLast; len(l) != turnedKept || l[0].Reason != TurnedBanned || l[0].Caller != "13800000009" || l[0].Number != "4000" {
		t.Errorf("turned away last: %+v", l)
	}
	feed(0, BanNumber{Number: "13800000003", Note: strings.Repeat("长", MostBanNote+1)})
	if e, ok := (*log)[len(*log)-1].Event.(Refused); !ok || e.Code != "long_note" {
		t.Errorf("a note that is too long: %#v", (*log)[len(*log)-1].Event)
	}
	data, err := a.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Restore(data)
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, a, b)
	mustEqual(t, a, withNow(Replay(slices.Values(*log)), a.now))
}

// What is restored from a checkpoint goes on counting where the other was.
func TestLimitsGoOnAfterTakeover(t *testing.T) {
	a, feed, _ := limited(t, Limits{PerSecond: 5, CallerPerMinute: 3, Ban: BanRule{After: 2, Within: time.Minute, For: time.Hour}})
	for i := range 6 {
		feed(time.Second, CallArrived{Leg: LegID(fmt.Sprint("c", i)), Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
	}
	if !a.banned("13800000001") {
		t.Fatal("not banned after three calls too many")
	}
	data, err := a.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Restore(data)
	if err != nil {
		t.Fatal(err)
	}
	mustEqual(t, a, b)
	out := b.Step(a.now, CallArrived{Leg: "n1", Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
	if e, ok := out.Records[0].Event.(CallTurnedAway); !ok || e.Reason != TurnedBanned {
		t.Errorf("after the takeover: %#v", out.Records[0].Event)
	}
}

// In any second no more than twice a second's calls are let in (what was saved
// up and what comes), and over a longer time the rate.
func TestRateHolds(t *testing.T) {
	_, feed, log := limited(t, Limits{PerSecond: 5})
	for i := range 500 {
		feed(20*time.Millisecond, CallArrived{Leg: LegID(fmt.Sprint("c", i)), Number: "4000", Caller: fmt.Sprintf("1380000%04d", i), Endpoint: "trunk"})
	}
	var in []time.Time
	for _, r := range *log {
		if _, ok := r.Event.(CallQueued); ok {
			in = append(in, r.At)
		}
	}
	if len(in) < 50 || len(in) > 55 {
		t.Errorf("%d calls let in in 10 s, want 50 and the first second's 5", len(in))
	}
	for i := range in {
		if i >= 10 && in[i].Sub(in[i-10]) < time.Second {
			t.Errorf("more than 10 calls in the second before %s", stamp(in[i]))
		}
	}
}

// 200 calls a second that are refused, through the core.
func BenchmarkRefusedCall(b *testing.B) {
	cfg, err := house("agents=4")
	if err != nil {
		b.Fatal(err)
	}
	cfg.Limits = DefaultLimits()
	a := New()
	now := scriptStart
	a.Step(now, Configure{Config: cfg})
	a.Step(now, Reconciled{})
	for i := range 500 { // waiting
		now = now.Add(50 * time.Millisecond)
		a.Step(now, CallArrived{Leg: LegID(fmt.Sprint("c", i)), Number: "4000", Caller: fmt.Sprintf("1370000%04d", i), Endpoint: "trunk"})
	}
	a.Step(now, BanNumber{Number: "13800000001"})
	b.ResetTimer()
	for i := range b.N {
		leg := LegID(fmt.Sprint("f", i))
		a.Step(now, CallArrived{Leg: leg, Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
		a.Step(now, LegEnded{Leg: leg, Cause: CauseNormal})
	}
}
