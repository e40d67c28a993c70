package ari

import (
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestFiguresBeforeAnythingHappened: whoever cumulates buckets finds them all.
func TestFiguresBeforeAnythingHappened(t *testing.T) {
	st := New(Options{URL: "http://127.0.0.1:1/ari"}, func(queue.Input) {}).Stats()
	for name, h := range map[string]Histogram{"Requests": st.Requests, "Events2In": st.Events2In} {
		if len(h.Buckets) != len(Bounds())+1 {
			t.Errorf("%s has %d buckets, want one more than the %d bounds", name, len(h.Buckets), len(Bounds()))
		}
	}
}
