package e2e

import (
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// rungAlone is the place of the agent whose phone rings now, and their call. No
// other phone of the desk may.
func (d *desk) rungAlone(t *testing.T) (int, *robot.Call) {
	t.Helper()
	rung := -1
	until(t, "a phone of "+string(d.queue)+" to ring", func() bool {
		for i, a := range d.agents {
			if len(a.in) > 0 {
				rung = i
			}
		}
		return rung >= 0
	})
	in := d.agents[rung].next(t)
	for _, a := range d.agents {
		if len(a.in) > 0 {
			t.Fatalf("agent %s is rung as well", a.id)
		}
	}
	return rung, in
}

// TestStrategies: who is rung, as the phones tell it. In a script "+2" is a call
// that has the second phone ring and be answered, "-2" the end of that call, "!2"
// a pause of that agent, who is idle shortest after it. The agents sign in from the last to the first, so the third is idle longest: the
// scripts come out differently with each strategy.
func TestStrategies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		strategy queue.Strategy
		script   string
	}{
		{queue.LongestIdle, "+3 -3 +2 -2 +1 +3 -3 -1 +2 -2 +3"},
		{queue.FixedOrder, "+1 +2 +3 -2 +2 -1 +1 -1 -3 +1"},
		// The second has been idle longer than the first when it is the first's turn again.
		{queue.RoundRobin, "+1 +2 -2 +3 -3 -1 +1 -1 +2 -2"},
		// Fewer calls come first, though they were idle shortest: the second has
		// had one when the others have had two.
		{queue.FewestCalls, "+3 -3 +2 +1 -1 +3 -3 +1 -1 -2 +2 -2"},
		// One call each, the third's around the second's around the first's: the
		// first has talked least, and is idle shortest after a pause.
		{queue.LeastTalk, "+3 +2 +1 -1 -2 -3 !1 +1 !2 +2 -1 -2"},
	} {
		t.Run(string(c.strategy), func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).prepare(t, "routing: {strategy: "+string(c.strategy)+"}, wrap_up: 0", robot.Behaviour{}, robot.Behaviour{}, robot.Behaviour{})
			for i := range d.agents {
				d.ready(t, d.agents[len(d.agents)-1-i])
			}
			finish := func(k int, v *visit) {
				if r := d.finish(t, v, d.agents[k]); r.Offers[0].Why.Strategy != c.strategy {
					t.Errorf("on record by %s: %+v", r.Offers[0].Why.Strategy, r.Offers[0].Why)
				}
			}
			calls := make([]*visit, len(d.agents))
			want := make([]int, len(d.agents))
			for n, step := range strings.Fields(c.script) {
				k := int(step[1] - '1')
				if a := d.agents[k]; step[0] == '!' {
					d.set(t, a.id, queue.NotReady)
					d.ready(t, a)
					continue
				}
				if step[0] == '-' {
					finish(k, calls[k])
					calls[k] = nil
					continue
				}
				v := d.call(t)
				rung, in := d.rungAlone(t)
				if rung != k {
					t.Fatalf("step %d, %s: phone %d rings", n+1, step, rung+1)
				}
				talk(t, v, in, d.agents[k].tone)
				calls[k], want[k] = v, want[k]+1
			}
			for k, v := range calls {
				if v != nil {
					finish(k, v)
				}
			}
			for k, a := range d.agents {
				if n := a.phone.Counters(); n.Invites != want[k] || n.Answered != want[k] || n.InvitesWhileBusy != 0 {
					t.Errorf("phone %d: %+v, the script has %d calls for it", k+1, n, want[k])
				}
			}
		})
	}
}

// TestWeightedRandom: who is rung is drawn. All are free for each call, and who
// was rung is idle shortest, so any other strategy would ring them in turn or
// always the same; 14 calls are drawn like that once in 4 million.
func TestWeightedRandom(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "routing: {strategy: weighted_random}, wrap_up: 0", quick, quick, quick)
	const calls = 14
	last := map[int]int{0: -3, 1: -2, 2: -1} // when each was rung
	inTurn, same := 0, 0
	for n := range calls {
		v := d.call(t)
		rung, in := d.rungAlone(t)
		talk(t, v, in, d.agents[rung].tone)
		if r := d.finish(t, v, d.agents[rung]); r.Offers[0].Why.Strategy != queue.WeightedRandom {
			t.Errorf("on record: %+v", r.Offers[0].Why)
		}
		if last[rung] == min(last[0], last[1], last[2]) {
			inTurn++
		}
		if last[rung] == n-1 {
			same++
		}
		last[rung] = n
	}
	t.Logf("of %d calls %d went to who was idle longest, %d to who had the one before", calls, inTurn, same)
	if inTurn == calls || same >= calls-1 || inTurn+same == 0 {
		t.Errorf("of %d calls %d went to who was idle longest, %d to who had the one before: nothing is drawn", calls, inTurn, same)
	}
}

// finish ends an agent's call, which nobody else was offered, and waits until
// they are free.
func (d *desk) finish(t *testing.T, v *visit, a *agent) postgres.CallDetail {
	t.Helper()
	v.Hangup()
	over(t, v.Call)
	d.agentIs(t, a.id, "free", isFree)
	r := v.record(t)
	offered(t, r, offer{a.id, queue.OfferTaken, ""})
	v.clean(t)
	return r
}
