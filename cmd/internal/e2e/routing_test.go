package e2e

import (
	"flag"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

var answers = flag.Int("answers", 40, "how often two phones are answered in the same instant")

// TestTwoAnswers: all phones of a queue ring, two are answered in the same
// instant. There is one conversation, the other phones are stopped, nobody
// talks to nobody, and all are free again; over and over.
func TestTwoAnswers(t *testing.T) {
	t.Parallel()
	by := robot.Behaviour{NeverAnswer: true}
	d := theFloor(t).open(t, "routing: {strategy: ring_all}, wrap_up: 0", by, by, by)
	var stopped []time.Duration // from the winner's answer to the last other phone's end
	for range *answers {
		v := d.call(t)
		var in []*robot.Call
		for _, a := range d.agents {
			in = append(in, a.next(t))
		}
		var both sync.WaitGroup
		for _, c := range in[:2] {
			both.Go(func() { _ = c.Answer() }) // the loser's may be too late
		}
		both.Wait()
		must(t, v.WaitAnswered(inTime(t)))
		r := v.is(t, queue.CallTalking)
		won := slices.IndexFunc(d.agents, func(a *agent) bool { return a.id == r.Agent })
		if won != 0 && won != 1 {
			t.Fatalf("agent %s has the call, who did not answer", r.Agent)
		}
		if _, err := in[won].WaitTone(inTime(t), callerTone); err != nil {
			t.Fatalf("the agent who answered does not hear the caller: %v", err)
		}
		if _, err := v.WaitTone(inTime(t), d.agents[won].tone); err != nil {
			t.Fatalf("the caller does not hear the agent who answered: %v", err)
		}
		var late time.Duration
		for i, c := range in {
			if i != won {
				over(t, c)
				late = max(late, c.Times().Ended.Sub(in[won].Times().Answered))
			}
		}
		stopped = append(stopped, late)
		v.Hangup()
		over(t, v.Call, in[won])
		onRecord := v.record(t)
		ended(t, onRecord, queue.OutcomeAnswered, queue.ReleaseCaller)
		taken, back := 0, 0
		for _, o := range onRecord.Offers {
			switch {
			case o.State == queue.OfferTaken:
				taken++
			case o.State == queue.OfferTakenBack && o.Reason == queue.AnsweredElsewhere:
				back++
			}
		}
		if taken != 1 || back != 2 {
			t.Fatalf("offers on record: %+v", onRecord.Offers)
		}
		for _, a := range d.agents {
			d.agentIs(t, a.id, "free", isFree)
		}
		v.clean(t)
	}
	slices.Sort(stopped)
	t.Logf("%d times; the other phones stopped after the answer: median %s, longest %s", len(stopped), stopped[len(stopped)/2], stopped[len(stopped)-1])
}

// TestRingAll: one refuses, the others ring on; the caller leaves, and all stop.
func TestRingAll(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "routing: {strategy: ring_all}, wrap_up: 0", robot.Behaviour{Reject: 603}, robot.Behaviour{NeverAnswer: true}, robot.Behaviour{NeverAnswer: true})
	v := d.call(t)
	over(t, d.agents[0].next(t))
	second, third := d.agents[1].next(t), d.agents[2].next(t)
	d.agentIs(t, d.agents[0].id, "not ready after a refusal", func(g queue.Agent) bool { return g.State == queue.NotReady })
	v.is(t, queue.CallOffered)
	must(t, v.WaitRinging(inTime(t)))
	v.Hangup()
	over(t, v.Call, second, third)
	if second.Ending() != robot.Cancelled || third.Ending() != robot.Cancelled {
		t.Errorf("the phones: %s, %s", second.Ending(), third.Ending())
	}
	ended(t, v.record(t), queue.OutcomeAbandoned, queue.ReleaseCaller)
	v.clean(t)
}

// TestBackupPhone: when one phone is not likely enough to be answered in time,
// a second one rings, and whoever answers has the call.
func TestBackupPhone(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "routing: {backup: {target: 99.9%}}, wrap_up: 0", robot.Behaviour{NeverAnswer: true}, robot.Behaviour{})
	v := d.call(t)
	first := d.agents[0].next(t)
	second := d.agents[1].next(t)
	talk(t, v, second, d.agents[1].tone)
	over(t, first)
	v.Hangup()
	over(t, v.Call, second)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if len(r.Offers) != 2 || !r.Offers[1].Why.Backup || r.Offers[0].Reason != queue.AnsweredElsewhere {
		t.Errorf("offers on record: %+v", r.Offers)
	}
	d.agentIs(t, d.agents[0].id, "free at no cost", func(g queue.Agent) bool { return isFree(g) && g.Today.Missed == 0 && g.Today.Violations == 0 })
	v.clean(t)
}
