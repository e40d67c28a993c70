package recording

import (
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// TestOverSummerTime: a conversation over the moment at which clocks change is
// recorded from when it began, in UTC, for as long as it was; its folder is that
// of the house's day.
func TestOverSummerTime(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []time.Time{time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)} {
		spoke := change.Add(-time.Minute)
		c := queue.Call{ID: "c1", Leg: "c1", Day: spoke.In(newYork).Format(time.DateOnly), ArrivedAt: spoke.Add(-10 * time.Second).In(newYork),
			AcceptedAt: spoke.Add(-time.Second).In(newYork), SpokeAt: spoke.In(newYork), EndedAt: spoke.Add(2 * time.Minute).In(newYork), Release: queue.ReleaseCaller}
		size := sizeOf(121 * time.Second)
		k := &Keeper{}
		r, _, err := k.timeline(t.Context(), c, size)
		if err != nil {
			t.Fatal(err)
		}
		prove(c, &r, &analysis{}, Timeline{})
		if !r.StartedAt.Equal(spoke.Add(-time.Second)) || r.StartedAt.Location() != time.UTC {
			t.Errorf("began at %s, want %s", r.StartedAt, spoke.Add(-time.Second))
		}
		if r.Talk != 2*time.Minute || r.TalkOffset != time.Second || r.Length != 121*time.Second || r.Coverage.Drift != 0 {
			t.Errorf("talk of %s from %s on in %s, drift %s", r.Talk, r.TalkOffset, r.Length, r.Coverage.Drift)
		}
		if want, at := spoke.In(newYork).Format("2006/01/02"), place(c); len(at) < len(want) || at[:len(want)] != want {
			t.Errorf("kept at %s, want it under %s", at, want)
		}
	}
}
