package queue

import (
	"testing"
	"time"
)

// TestAgainst: what a former leader knew of a call, beside what is on record.
func TestAgainst(t *testing.T) {
	at := scriptStart
	after := func(s int) time.Time { return at.Add(time.Duration(s) * time.Second) }
	waits := Call{ID: "c1", Leg: "c1", Queue: "support", Day: "2026-11-23", State: CallWaiting, ArrivedAt: at, QueuedAt: at}
	talks := waits
	talks.State, talks.Agent, talks.AcceptedAt, talks.ConnectedAt, talks.SpokeAt, talks.PartAt = CallTalking, "1001", after(5), after(6), after(6), after(6)
	over := talks
	over.State, over.EndedAt, over.Outcome, over.Release, over.Talk, over.Parts = CallEnded, after(20), OutcomeAnswered, ReleaseCaller, 14*time.Second, 1
	gaveUp := waits
	gaveUp.State, gaveUp.EndedAt, gaveUp.Outcome, gaveUp.Release, gaveUp.Cause, gaveUp.Order = CallEnded, after(25), OutcomeAbandoned, ReleaseCaller, CauseGone, 7
	adopted := over
	adopted.SpokeAt, adopted.ConnectedAt, adopted.AcceptedAt, adopted.EndedAt, adopted.Talk = after(12), after(12), after(12), after(30), 18*time.Second
	ownPart := []Part{{Call: "c1", N: 1, Agent: "1001", From: after(12), To: after(30), Talk: 18 * time.Second}}

	for _, x := range []struct {
		name    string
		theirs  Call
		before  *Call
		parts   []Part
		outcome Outcome // empty: nothing is corrected
		talk    time.Duration
		end     time.Time
	}{
		{"unknown until now", over, nil, nil, OutcomeAnswered, 14 * time.Second, after(20)},
		{"unknown, and it talked when it was told last", talks, nil, nil, OutcomeAnswered, 9 * time.Second, after(15)},
		{"unknown, and it waited when it was told last", waits, nil, nil, OutcomeAbandoned, 0, after(15)},
		{"on record without its conversation", over, &gaveUp, nil, OutcomeAnswered, 14 * time.Second, after(20)},
		{"found gone, and it had talked", talks, &gaveUp, nil, OutcomeAnswered, 19 * time.Second, after(25)},
		{"on record from when it was found under way", talks, &adopted, ownPart, OutcomeAnswered, 24 * time.Second, after(30)},
		{"on record as it was", over, &over, nil, "", 0, time.Time{}},
		{"waited, and gave up", waits, &gaveUp, nil, "", 0, time.Time{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			in, corrects := Testimony{Call: x.theirs, Until: after(15)}.Against(x.before, nil, x.parts)
			switch {
			case corrects != (x.outcome != ""):
				t.Fatalf("corrects: %t: %+v", corrects, in)
			case !corrects:
				return
			}
			if got := in.After; got.State != CallEnded || got.Outcome != x.outcome || got.Talk != x.talk || !got.EndedAt.Equal(x.end) {
				t.Errorf("%s, %s, %s of talk until %v; want %s with %s until %v", got.State, got.Outcome, got.Talk, got.EndedAt, x.outcome, x.talk, x.end)
			}
			if x.before != nil && in.After.Order != x.before.Order {
				t.Errorf("its place in the order of arrival is %d, want the one on record, %d", in.After.Order, x.before.Order)
			}
			var parts time.Duration
			for _, p := range in.Parts {
				parts += p.After.Talk
			}
			if x.theirs.State == CallTalking && parts != x.talk {
				t.Errorf("the agents' parts have %s of talk, want %s", parts, x.talk)
			}
		})
	}
}
