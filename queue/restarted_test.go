package queue

import (
	"slices"
	"testing"
	"time"
)

// The leader and the switch die together: whoever leads next takes the calls for
// ended when the one before wrote last, and not when it began itself.
func TestLeaderAndSwitchDieTogether(t *testing.T) {
	s := newStage(t)
	for _, line := range []string{"house agents=1 wrap=0s", "day 2026-11-23", "switch up run=1", "ready 1001", "arrive c1 4000 13800000001", "meet c1~1",
		"+10s arrive c2 4000 13800000002"} {
		s.line(line)
	}
	was := s.now
	next := Replay(slices.Values(s.log))
	next.SetEpoch(2)
	var out []Record
	for _, in := range []Input{SwitchLost{}, Reconciled{Run: "2"}} {
		out = append(out, next.Step(was.Add(time.Minute), in).Records...)
	}
	if err := next.Check(); err != nil {
		t.Fatal(err)
	}
	var talk, wait time.Duration
	replica := Replay(slices.Values(s.log))
	for _, r := range out {
		switch e := r.Event.(type) {
		case CallCompleted:
			talk = e.Talk
		case CallLost:
			wait = e.Wait
		}
		for _, c := range replica.Apply(throughCodec(t, r)).Calls {
			if c.State == CallEnded && (!c.CutAt.Equal(was) || c.Cause != CauseSwitchLost) {
				t.Errorf("call %s was cut off at %v (%s), want %v", c.ID, c.CutAt, c.Cause, was)
			}
		}
	}
	if talk != 10*time.Second || wait != 0 {
		t.Errorf("talked %s, waited %s; want 10 s and none: the minute without a leader is not in them", talk, wait)
	}
	mustEqual(t, next, replica)
	// One that is heard again is lost later on its own account.
	if got := next.Step(was.Add(2*time.Minute), SwitchLost{}).Records; len(got) != 1 || got[0].Event != (SwitchGone{}) {
		t.Errorf("a later loss: %+v", got)
	}
}
