package robot

import (
	"testing"
	"time"
)

func TestRings(t *testing.T) {
	const on, off = time.Second, 4 * time.Second // China
	for _, c := range []struct {
		rung          time.Duration
		loose, strict int
	}{
		{0, 1, 1}, {time.Second, 1, 1}, {1001 * time.Millisecond, 1, 2}, {4999 * time.Millisecond, 1, 2}, {5 * time.Second, 2, 2},
		{11 * time.Second, 3, 3}, {11001 * time.Millisecond, 3, 4}, {14999 * time.Millisecond, 3, 4}, {15 * time.Second, 4, 4},
	} {
		if n, s := rings(c.rung, on, off), ringsStrict(c.rung, on, off); n != c.loose || s != c.strict {
			t.Errorf("%v: %d rings (strict %d), want %d (%d)", c.rung, n, s, c.loose, c.strict)
		}
	}
}

func TestTimesKeepTheFirstOfEachKind(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var times Times
	for i, line := range []head{
		{method: "INVITE"}, {method: "INVITE", status: 401}, {method: "ACK"}, {method: "INVITE"}, {method: "INVITE", status: 100},
		{method: "INVITE", status: 180}, {method: "INVITE", status: 180}, {method: "INVITE", status: 200}, {method: "INVITE", status: 200},
		{method: "ACK"}, {method: "BYE"}, {method: "BYE", status: 200}, {method: "BYE"},
	} {
		times.note(line, start.Add(time.Duration(i)*time.Second))
		if over := times.over(); over != (i >= 10) {
			t.Errorf("after message %d over is %v", i, over)
		}
	}
	want := Times{
		Invited: start, Trying: start.Add(4 * time.Second), Ringing: start.Add(5 * time.Second), Answered: start.Add(7 * time.Second),
		Acked: start.Add(9 * time.Second), Bye: start.Add(10 * time.Second),
	}
	if times != want {
		t.Errorf("got %+v, want %+v", times, want)
	}
}
