package e2e

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// standing is what no change of the house may touch: who waits, rings and talks
// in which order, and the figures of the day.
type standing struct {
	Day    string
	Calls  []queue.Call // in order of arrival
	Offers []queue.Offer
	Queue  queue.Tally
	Agents []queue.Agent
}

// stands is the present of a desk and of the agents it has had from the start.
func (d *desk) stands(agents int) (s standing) {
	now := d.box.Node.Snapshot()
	s.Day, s.Calls, s.Offers, s.Agents = now.Day, now.Calls, now.Offers, now.Agents[:agents]
	for _, q := range now.Queues {
		if q.Queue == d.queue {
			s.Queue = q.Today
		}
	}
	return s
}

// TestReconfigureUnderLoad changes strategies, ring rules and priorities and adds
// a queue and an agent while people talk, phones ring and callers wait. Who
// waits keeps their place, the figures of the day go on, no conversation is cut
// and no phone rings anew; what comes next is by the new rules.
func TestReconfigureUnderLoad(t *testing.T) {
	t.Parallel()
	f := own(t, box.Options{})
	still := robot.Behaviour{NeverAnswer: true}
	d := f.prepare(t, "ring: {country: cn, agent: 20, budget: 100}, wrap_up: 0", robot.Behaviour{}, robot.Behaviour{}, still, still)
	made := 0
	call := func(d *desk) *visit { made++; return d.call(t) }

	// A day with figures: two calls served, one lost; then two that talk, two
	// that ring, three that wait.
	for i := range 2 {
		d.ready(t, d.agents[i])
	}
	var talking []*visit
	for round := range 2 {
		for i := range 2 {
			v := call(d)
			d.talked(t, v, i)
			talking = append(talking, v)
		}
		if round == 0 {
			d.left(t, talking[0], 0)
			d.left(t, talking[1], 1)
			talking = nil
		}
	}
	lost := call(d)
	lost.is(t, queue.CallWaiting)
	lost.Hangup()
	over(t, lost.Call)
	ended(t, lost.record(t), queue.OutcomeAbandoned, queue.ReleaseCaller)
	var rung, waiting []*visit
	var ringing []*robot.Call
	for i := range 2 {
		d.ready(t, d.agents[2+i])
		rung = append(rung, call(d))
		place, in := d.rungAlone(t)
		if place != 2+i {
			t.Fatalf("phone %d rings, phone %d should", place+1, 3+i)
		}
		until(t, "the phone to ring on record", func() bool {
			c, _ := rung[i].live()
			return slices.ContainsFunc(f.box.Node.Snapshot().Offers, func(o queue.Offer) bool { return o.Call == c.ID && o.State == queue.OfferRinging })
		})
		ringing = append(ringing, in)
	}
	for range 3 {
		v := call(d)
		v.is(t, queue.CallWaiting)
		waiting = append(waiting, v)
	}

	// New houses, one after the other.
	was := d.stands(4)
	if was.Queue.Offered == 0 || was.Queue.Answered == 0 || was.Queue.Abandoned != 1 || len(was.Calls) != 7 {
		t.Fatalf("before the change: %+v", was)
	}
	unmoved := func(house string) {
		t.Helper()
		if is := d.stands(4); !reflect.DeepEqual(is, was) {
			t.Errorf("%s changed what stands:\n%+v\nwas\n%+v", house, is, was)
		}
	}
	change := func(house, rules string) {
		t.Helper()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.queues[1] = fmt.Sprintf("  %s: {numbers: [%q], %s}", d.queue, d.number, rules)
		f.apply(t)
		unmoved(house)
	}
	change("ring_all", "priority: 5, routing: {strategy: ring_all}, ring: {country: uk, agent: 3}, wrap_up: 0")
	change("widening", "priority: -5, routing: {strategy: widening, last_agent: 1m}, ring: {country: us, agent: 3, then: ring}, wrap_up: 0")
	urgent := f.prepare(t, "priority: 10, wrap_up: 0")
	unmoved("a new queue")
	f.mu.Lock()
	newcomer := d.hire(t, 4, robot.Behaviour{})
	last := len(f.agents) - 1
	f.agents[last] = strings.Replace(f.agents[last], fmt.Sprintf("[%s]", d.queue), fmt.Sprintf("[%s, %s]", d.queue, urgent.queue), 1)
	f.first = "priority: {overtaking: {calls: 5}, levels: {vip: {priority: 20}}}\n"
	f.mu.Unlock()
	change("a new agent", "priority: -5, routing: {strategy: fewest_calls}, ring: {country: uk, agent: 2, budget: 100}, wrap_up: 0")

	// The newcomer takes the call of the new queue, by its priority, then who
	// waited, in their order.
	x := call(urgent)
	x.is(t, queue.CallWaiting)
	f.set(t, newcomer.id, queue.Ready)
	for i, v := range append([]*visit{x}, waiting...) {
		in := newcomer.next(t)
		if in.From() != v.caller {
			t.Fatalf("call %d that the newcomer is rung for is of %s, it is the turn of %s", i+1, in.From(), v.caller)
		}
		talk(t, v, in, newcomer.tone)
		v.Hangup()
		over(t, v.Call, in)
	}
	f.agentIs(t, newcomer.id, "free", isFree)
	// The phones that rang ring still, and can be answered.
	for i, in := range ringing {
		if in.Ending() != robot.NotEnded {
			t.Fatalf("the phone that rang: %s", in.Ending())
		}
		must(t, in.Answer())
		talk(t, rung[i], in, d.agents[2+i].tone)
	}
	for i, v := range talking {
		if v.Ending() != robot.NotEnded {
			t.Errorf("a conversation was cut: %s", v.Ending())
		}
		if gap := v.Audio().LongestGap; gap > time.Second {
			t.Errorf("the caller heard nothing for %s", gap)
		}
		until(t, "the caller to hear the agent still", func() bool {
			return v.ToneLevel(d.agents[i].tone, 200*time.Millisecond) > robot.ToneAmplitude*0.8
		})
	}
	// The new rules: fewest calls, though the newcomer is idle longest, and two
	// rings of 3 s.
	d.agents[0].phone.SetBehaviour(still)
	d.left(t, talking[0], 0)
	y := call(d)
	place, in := d.rungAlone(t)
	if place != 0 {
		t.Fatalf("phone %d rings, not that of the agent with fewest calls", place+1)
	}
	var o queue.Offer
	until(t, "the phone to ring on record", func() bool {
		c, _ := y.live()
		for _, o = range f.box.Node.Snapshot().Offers {
			if o.Call == c.ID && o.State == queue.OfferRinging {
				return true
			}
		}
		return false
	})
	if rings := o.DeadlineAt.Sub(o.AlertingAt); rings != 6*time.Second || o.Why.Strategy != queue.FewestCalls {
		t.Errorf("rung for up to %s by %s", rings, o.Why.Strategy)
	}
	must(t, in.Answer())
	talk(t, y, in, d.agents[0].tone)

	for _, v := range []*visit{talking[1], rung[0], rung[1], y} {
		v.Hangup()
		over(t, v.Call)
	}
	everybody := append(append(append([]*visit{x, y}, talking...), rung...), waiting...)
	for _, v := range everybody {
		r := v.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
		if len(r.Offers) != 1 {
			t.Errorf("call %s was offered %d times", r.Call.ID, len(r.Offers))
		}
	}
	// The figures of the day are those of the whole day; each phone has rung once
	// for each of its calls.
	s := f.box.Node.Snapshot()
	offered := 0
	for _, q := range s.Queues {
		offered += q.Today.Offered
	}
	if now := d.stands(4); offered != made || s.Day != was.Day || now.Queue.Abandoned != 1 || now.Queue.Answered != made-2 {
		t.Errorf("%d calls were made; the day %s has %d, the queue %+v", made, s.Day, offered, now.Queue)
	}
	for i, calls := range []int{3, 2, 1, 1, 4} {
		n, today := d.agents[i].phone.Counters(), s.Agents[i].Today
		if n.Invites != calls || n.Answered != calls || n.InvitesWhileBusy != 0 || today.Offers != calls || today.Answered != calls {
			t.Errorf("phone %d: %+v, on the wall %+v, want %d calls", i+1, n, today, calls)
		}
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}
