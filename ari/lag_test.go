package ari

import (
	"fmt"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func TestLag(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	type event struct{ at, came, late time.Duration }
	sec, ms := time.Second, time.Millisecond
	for name, events := range map[string][]event{
		"on time": {{0, 3 * ms, 0}, {sec, sec + ms, 0}, {2 * sec, 2*sec + 40*ms, 0}},
		"frozen: what happened comes when it thaws": {{0, 2 * ms, 0}, {sec, 9 * sec, 7998 * ms}, {5 * sec, 9 * sec, 3998 * ms}, {9 * sec, 9*sec + ms, 0}},
		"a slow line":              {{0, 2 * ms, 0}, {sec, sec + 402*ms, 400 * ms}, {2 * sec, 2*sec + 402*ms, 400 * ms}},
		"clocks differ by an hour": {{-time.Hour, 2 * ms, 0}, {sec - time.Hour, sec + 302*ms, 300 * ms}},
		"its clock is set back":    {{0, 2 * ms, 0}, {sec - time.Hour, sec, 0}, {2*sec - time.Hour, 2*sec + 500*ms, 500 * ms}},
		"its clock is set forward": {{0, 2 * ms, 0}, {sec + time.Hour, sec, 0}, {2*sec + time.Hour, 2*sec + 500*ms, 500 * ms}},
		"its clock is slow: the quickest is forgotten": {{0, 2 * ms, 0}, {70 * sec, 70*sec + 30*ms, 0}, {140 * sec, 140*sec + 60*ms, 0}, {210 * sec, 210*sec + 90*ms, 0},
			{280 * sec, 280*sec + 120*ms, 0}},
	} {
		var l lag
		for i, e := range events {
			stamp := noon.Add(e.at).Format(stampLayout)
			if got := l.of(stamp, noon.Add(e.came)); got != e.late {
				t.Errorf("%s: event %d is late by %v, want %v", name, i+1, got, e.late)
			}
		}
	}
	var l lag
	for _, stamp := range []string{"", "yesterday", "2026-11-23T12:00:00Z"} {
		if got := l.of(stamp, noon); got != 0 {
			t.Errorf("stamp %q: late by %v", stamp, got)
		}
	}
}

func TestLateEndsAreForgotten(t *testing.T) {
	var e lateEnds
	leg := func(i int) queue.LegID { return queue.LegID(fmt.Sprint(i)) }
	for i := range 3*lateKept + 1 {
		e.add(leg(i), time.Duration(i+1))
	}
	if e.of(leg(0)) != 0 || e.of(leg(3*lateKept)) != 3*lateKept+1 || e.of(leg(2*lateKept)) != 2*lateKept+1 || len(e.now)+len(e.before) > 2*lateKept {
		t.Errorf("oldest %v, newest %v, %d kept", e.of(leg(0)), e.of(leg(3*lateKept)), len(e.now)+len(e.before))
	}
}
