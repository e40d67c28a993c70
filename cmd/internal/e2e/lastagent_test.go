package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// history is what stands in the ledger of a caller's calls, oldest first, once
// so many have ended.
func (d *desk) history(t *testing.T, caller string, calls int) []postgres.CallDetail {
	t.Helper()
	ctx := inTime(t)
	var found []queue.Call
	until(t, "the calls of "+caller+" to be on record as ended", func() bool {
		must(t, d.box.Node.Flush(ctx))
		var err error
		found, err = d.box.Node.Ledger().Calls(ctx, postgres.Filter{Caller: caller})
		must(t, err)
		return len(found) >= calls && !slices.ContainsFunc(found, func(c queue.Call) bool { return c.State != queue.CallEnded })
	})
	if len(found) != calls {
		t.Fatalf("%d calls of %s on record, %d were made", len(found), caller, calls)
	}
	slices.Reverse(found)
	details := make([]postgres.CallDetail, calls)
	for i, c := range found {
		var err error
		details[i], err = d.box.Node.Ledger().Call(ctx, c.ID)
		must(t, err)
	}
	return details
}

// talked has a call come to an agent's phone, alone, and both hear each other.
func (d *desk) talked(t *testing.T, v *visit, want int) {
	t.Helper()
	rung, in := d.rungAlone(t)
	if rung != want {
		t.Fatalf("phone %d rings, the call is for phone %d", rung+1, want+1)
	}
	talk(t, v, in, d.agents[want].tone)
}

// left ends a call and waits until the agent is free.
func (d *desk) left(t *testing.T, v *visit, agent int) {
	t.Helper()
	v.Hangup()
	over(t, v.Call)
	d.agentIs(t, d.agents[agent].id, "free", isFree)
}

// TestLastAgent: who calls again is kept for the agent they spoke to, though
// another has been idle longer, and even while that agent talks. When they are
// signed out, nobody waits for them.
func TestLastAgent(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "routing: {last_agent: 1h}, wrap_up: 0", robot.Behaviour{}, robot.Behaviour{})
	phone, caller := d.customer(t)
	v := d.callFrom(t, phone, caller)
	d.talked(t, v, 0)
	d.left(t, v, 0)
	v = d.callFrom(t, phone, caller) // the second has been idle longer
	d.talked(t, v, 0)
	d.left(t, v, 0)
	stranger := d.call(t)
	d.talked(t, stranger, 1)
	d.left(t, stranger, 1) // now the first is idle longest
	// The agent talks with somebody else: the call waits beside the one who is free.
	stranger = d.call(t)
	d.talked(t, stranger, 0)
	v = d.callFrom(t, phone, caller)
	must(t, v.WaitRinging(inTime(t)))
	if c := v.is(t, queue.CallWaiting); c.Offers != 0 || c.LastAgent != d.agents[0].id {
		t.Errorf("offered %d times, kept for agent %q", c.Offers, c.LastAgent)
	}
	d.agentIs(t, d.agents[1].id, "free", isFree)
	if n := d.agents[1].phone.Counters().Invites; n != 1 {
		t.Errorf("the other agent's phone was rung %d times", n)
	}
	stranger.Hangup()
	over(t, stranger.Call)
	d.talked(t, v, 0)
	d.left(t, v, 0)
	d.set(t, d.agents[0].id, queue.LoggedOut)
	d.agentIs(t, d.agents[0].id, "signed out", inState(queue.LoggedOut))
	v = d.callFrom(t, phone, caller)
	d.talked(t, v, 1)
	d.left(t, v, 1)
	for i, r := range d.history(t, caller, 4) {
		want, kept := d.agents[0].id, i > 0
		if i == 3 {
			want, kept = d.agents[1].id, false
		}
		offered(t, r, offer{want, queue.OfferTaken, ""})
		if why := r.Offers[0].Why; why.LastAgent != kept {
			t.Errorf("call %d: kept for the last agent: %v; %+v", i+1, why.LastAgent, why)
		}
	}
	stranger.clean(t)
}

// TestLastAgentForAWhile: the agent is busy for longer than a call is kept for
// them; then anybody has it.
func TestLastAgentForAWhile(t *testing.T) {
	t.Parallel()
	const kept = time.Second
	d := theFloor(t).open(t, "routing: {last_agent: 1s}, wrap_up: 0", robot.Behaviour{}, robot.Behaviour{})
	phone, caller := d.customer(t)
	v := d.callFrom(t, phone, caller)
	d.talked(t, v, 0)
	d.left(t, v, 0)
	d.set(t, d.agents[1].id, queue.NotReady)
	d.agentIs(t, d.agents[1].id, "not ready", inState(queue.NotReady))
	stranger := d.call(t)
	d.talked(t, stranger, 0)
	d.ready(t, d.agents[1])
	v = d.callFrom(t, phone, caller)
	d.talked(t, v, 1)
	d.left(t, v, 1)
	d.left(t, stranger, 0)
	r := d.history(t, caller, 2)[1]
	offered(t, r, offer{d.agents[1].id, queue.OfferTaken, ""})
	if waited := r.Offers[0].MadeAt.Sub(r.Call.ArrivedAt); waited < kept || r.Offers[0].Why.LastAgent || r.Call.LastAgent != d.agents[0].id {
		t.Errorf("kept for agent %q for %s of %s: %+v", r.Call.LastAgent, waited, kept, r.Offers[0].Why)
	}
	stranger.clean(t)
}
