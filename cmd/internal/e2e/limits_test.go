package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// Calls of a flood: ten seconds of fifty a second.
const (
	floodCalls = 500
	floodEvery = 20 * time.Millisecond
)

// TestFloodOfCalls: fifty calls a second against a house that takes in five.
// Those let in are served in order; the others hear the busy tone at once, and
// everyone is on record. Nothing is stuck, and the control answers all the time.
func TestFloodOfCalls(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	f.first = "limits: {per_second: 5}\n"
	d := f.open(t, "wrap_up: 0", slices.Repeat([]robot.Behaviour{{Answer: 100 * time.Millisecond, Talk: crowdTalk}}, 4)...)
	phone, _ := d.customer(t)
	visits := make([]*visit, floodCalls)
	tick := time.NewTicker(floodEvery)
	defer tick.Stop()
	var control []time.Duration
	for i := range visits {
		visits[i] = d.callFrom(t, phone, fmt.Sprintf("137%08d", i))
		if i%25 == 0 {
			began := time.Now()
			f.set(t, d.agents[0].id, queue.Ready)
			control = append(control, time.Since(began))
		}
		<-tick.C // the pace is what is tested
	}
	var refused []time.Duration
	in := 0
	for _, v := range visits {
		over(t, v.Call)
		if v.Ending() != robot.Refused {
			in++
			continue
		}
		if code, _ := v.Status(); code != 486 {
			t.Errorf("caller %s was refused with %d, want 486", v.caller, code)
		}
		refused = append(refused, v.Times().Refused.Sub(v.Times().Invited))
	}
	slices.Sort(refused)
	slices.Sort(control)
	t.Logf("%d let in, %d refused within p50 %s, p99 %s, longest %s; control answered in p50 %s, longest %s", in, len(refused),
		refused[len(refused)/2], refused[len(refused)*99/100], refused[len(refused)-1], control[len(control)/2], control[len(control)-1])
	if in < 40 || in > 90 {
		t.Errorf("%d calls were let in, want about 55", in)
	}
	for _, a := range d.agents {
		f.agentIs(t, a.id, "free", isFree)
	}
	ctx := inTime(t)
	must(t, f.box.Node.Flush(ctx))
	db := f.box.Node.Ledger()
	calls, err := db.Calls(ctx, postgres.Filter{Queue: d.queue, Limit: 10 * floodCalls})
	must(t, err)
	offers, err := db.Offers(ctx, postgres.Filter{Queue: d.queue, Limit: 10 * floodCalls})
	must(t, err)
	inOrder(t, calls, offers)
	away, err := db.Calls(ctx, postgres.Filter{Outcome: queue.OutcomeTurnedAway, Limit: 10 * floodCalls})
	must(t, err)
	if len(calls) != in || len(away) != len(refused) {
		t.Errorf("on record are %d calls and %d turned away, want %d and %d", len(calls), len(away), in, len(refused))
	}
	snap := f.box.Node.Snapshot()
	if len(snap.Calls) != 0 || snap.TurnedAway[queue.TurnedRate] != uint64(len(refused)) {
		t.Errorf("afterwards there are %d calls; turned away: %v", len(snap.Calls), snap.TurnedAway)
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}

// TestFloodFromOneNumber: a number that calls again and again is banned for a
// while, and others get through.
func TestFloodFromOneNumber(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	f.first = "limits: {caller_per_minute: 3, ban: {after: 5, within: 1m, for: 5s}}\n"
	d := f.open(t, "wrap_up: 0", robot.Behaviour{Answer: 100 * time.Millisecond, Talk: crowdTalk})
	phone, from := d.customer(t)
	var flood []*visit
	until(t, "the number to be banned", func() bool {
		flood = append(flood, d.callFrom(t, phone, from))
		return len(f.box.Node.Snapshot().Bans) == 1
	})
	other := d.call(t)
	over(t, other.Call)
	ended(t, other.record(t), queue.OutcomeAnswered, queue.ReleaseAgent)
	again := d.callFrom(t, phone, from)
	for _, v := range append(flood, again) {
		over(t, v.Call)
	}
	until(t, "the ban to end", func() bool { return len(f.box.Node.Snapshot().Bans) == 0 })
	late := d.callFrom(t, phone, from)
	over(t, late.Call)
	if late.Ending() == robot.Refused {
		t.Errorf("after the ban the caller is still refused:\n%v", late.Trace())
	}
	turned := f.box.Node.Snapshot().TurnedAway
	if turned[queue.TurnedSource] != 5 {
		t.Errorf("turned away: %v, want 5 by the number's limit", turned)
	}
}
