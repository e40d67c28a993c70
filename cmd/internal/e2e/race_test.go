package e2e

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestAnswerAsTheCallerLeaves lets the agent answer and the caller leave within
// milliseconds of each other, in either order. Whoever wins, the call ends
// once, the agent is free for the next one, and Asterisk has nothing left.
func TestAnswerAsTheCallerLeaves(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0", robot.Behaviour{})
	a := d.agents[0]
	const seed = 1
	dice := rand.New(rand.NewPCG(seed, seed))
	outcomes := map[queue.Outcome]int{}
	const rounds = 30
	var later time.Duration // for the caller, so that on any machine each side wins now and then
	for range rounds {
		answer := time.Duration(dice.IntN(12_000)) * time.Microsecond
		leave := max(0, time.Duration(dice.IntN(12_000))*time.Microsecond+later)
		a.phone.SetBehaviour(robot.Behaviour{Answer: answer})
		f.agentIs(t, a.id, "free for the next call", func(g queue.Agent) bool { return isFree(g) || g.State == queue.NotReady })
		f.ready(t, a) // after a drop it is not
		v := d.call(t)
		in := a.next(t)
		until(t, "the phone to ring", func() bool { return !in.Times().Ringing.IsZero() })
		<-time.After(time.Until(in.Times().Ringing.Add(leave))) // the moment is what is tested
		v.Hangup()
		over(t, v.Call, in)
		r := v.record(t)
		outcomes[r.Call.Outcome]++
		switch r.Call.Outcome {
		case queue.OutcomeAnswered:
			offered(t, r, offer{a.id, queue.OfferTaken, ""})
			later -= time.Millisecond
		case queue.OutcomeAbandoned:
			offered(t, r, offer{a.id, queue.OfferTakenBack, "caller_left"})
			later += time.Millisecond
		default:
			t.Errorf("call ended as %q", r.Call.Outcome)
		}
		if r.Call.Release != queue.ReleaseCaller || count(r, "CallCompleted")+count(r, "CallAbandoned") != 1 {
			t.Errorf("released by %s; timeline %+v", r.Call.Release, r.Events)
		}
		v.clean(t)
	}
	t.Logf("seed %d, %d rounds: %v", seed, rounds, outcomes)
	if len(outcomes) < 2 {
		t.Errorf("one side won every time: %v; the offsets do not meet", outcomes)
	}
	if n := a.phone.Counters().InvitesWhileBusy; n != 0 {
		t.Errorf("%d calls came to a busy phone", n)
	}
	if a.phone.Counters().Live != 0 {
		t.Error("the agent's phone still has a call")
	}
}
