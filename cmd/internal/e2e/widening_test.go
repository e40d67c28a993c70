package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// widening has the next rank join after one ring of 3 s.
const (
	widening   = fast + "routing: {strategy: widening, widen: 1}"
	widenAfter = 3 * time.Second
)

// TestWidening: the phones of rank 1 ring at once, those of rank 2 join after a
// ring while the first ring on, and whoever answers first has the call, of
// either rank. The others stop at no cost, and rank 3 never rings.
func TestWidening(t *testing.T) {
	t.Parallel()
	still := robot.Behaviour{NeverAnswer: true} // until the test has them answer
	for _, c := range []struct {
		name string
		won  int
	}{{"rank 2 answers", 2}, {"rank 1 answers", 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).staffed(t, widening, post{Behaviour: still}, post{Behaviour: still},
				post{Behaviour: still, rank: 2}, post{Behaviour: still, rank: 3})
			for i := range d.agents {
				d.ready(t, d.agents[len(d.agents)-1-i]) // rank 3 is idle longest, which counts for nothing
			}
			v := d.call(t)
			in := []*robot.Call{d.agents[0].next(t), d.agents[1].next(t), d.agents[2].next(t)}
			for i, first := range in[:2] {
				if first.Ending() != robot.NotEnded {
					t.Errorf("phone %d of rank 1 does not ring on: %s", i+1, first.Ending())
				}
				// The ledger has it to the millisecond; a phone hears of it a little later.
				if after := in[2].Times().Invited.Sub(first.Times().Invited); after < widenAfter/2 {
					t.Errorf("rank 2 is rung %s after phone %d of rank 1", after, i+1)
				}
			}
			must(t, in[c.won].Answer())
			talk(t, v, in[c.won], d.agents[c.won].tone)
			realRinging(t, v, in[c.won])
			for i, other := range in {
				if i == c.won {
					continue
				}
				over(t, other)
				if other.Ending() != robot.Cancelled {
					t.Errorf("phone %d: %s", i+1, other.Ending())
				}
			}
			v.Hangup()
			over(t, v.Call, in[c.won])
			r := v.record(t)
			ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
			if len(r.Offers) != 3 {
				t.Fatalf("offers on record: %+v", r.Offers)
			}
			for _, o := range r.Offers {
				want := offer{o.Agent, queue.OfferTakenBack, queue.AnsweredElsewhere}
				if o.Agent == d.agents[c.won].id {
					want = offer{o.Agent, queue.OfferTaken, ""}
				}
				if (offer{o.Agent, o.State, o.Reason}) != want || o.Why.Strategy != queue.Widening {
					t.Errorf("offer to agent %s: %s %s, %+v", o.Agent, o.State, o.Reason, o.Why)
				}
			}
			if o := r.Offers[2]; o.Agent != d.agents[2].id || o.MadeAt.Sub(r.Call.ArrivedAt) < widenAfter {
				t.Errorf("rank 2 joined %s after the call came: %+v", o.MadeAt.Sub(r.Call.ArrivedAt), o)
			}
			for i, a := range d.agents {
				d.agentIs(t, a.id, "free at no cost", func(g queue.Agent) bool { return isFree(g) && g.Today.Missed == 0 && g.Today.Violations == 0 })
				want := 1
				if i == 3 {
					want = 0
				}
				if n := a.phone.Counters().Invites; n != want {
					t.Errorf("phone %d was rung %d times, want %d", i+1, n, want)
				}
			}
			v.clean(t)
		})
	}
}

// TestWideningBesideNobody: when nobody of rank 1 is there, the next rank rings
// at once, and rank 1 joins when it signs in.
func TestWideningBesideNobody(t *testing.T) {
	t.Parallel()
	still := robot.Behaviour{NeverAnswer: true}
	d := theFloor(t).staffed(t, "routing: {strategy: widening, widen: 20}, wrap_up: 0", post{Behaviour: still}, post{Behaviour: still, rank: 2}, post{Behaviour: still, rank: 3})
	d.ready(t, d.agents[1])
	d.ready(t, d.agents[2])
	v := d.call(t)
	second := d.agents[1].next(t)
	d.set(t, d.agents[0].id, queue.Ready)
	first := d.agents[0].next(t)
	if second.Ending() != robot.NotEnded {
		t.Errorf("rank 2 does not ring on: %s", second.Ending())
	}
	must(t, first.Answer())
	talk(t, v, first, d.agents[0].tone)
	over(t, second)
	v.Hangup()
	over(t, v.Call, first)
	offered(t, v.record(t), offer{d.agents[1].id, queue.OfferTakenBack, queue.AnsweredElsewhere}, offer{d.agents[0].id, queue.OfferTaken, ""})
	if n := d.agents[2].phone.Counters().Invites; n != 0 {
		t.Errorf("rank 3 was rung %d times", n)
	}
	v.clean(t)
}
