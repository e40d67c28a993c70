package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// fast is a queue whose rings take 3 s, so that three of them take 9.
const fast = "ring: {country: uk}, wrap_up: 0, "

// takes lets the next agent have the call and checks that it is as good as a
// first one: the call has kept its place, and both hear each other.
func (d *desk) takes(t *testing.T, v *visit, a *agent) postgres.CallDetail {
	t.Helper()
	in := a.next(t)
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	return r
}

// TestLetRing: a phone that nobody takes rings three times. Then the call goes
// to the next agent before any that came later; the one who let it ring is not
// ready, and pays (R1.1).
func TestLetRing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rules string
		limit       time.Duration
	}{{"rings of 3 s", fast + "fine: 15", 9 * time.Second}, {"rings of 5 s", "ring: {country: cn}, wrap_up: 0, fine: 15", 15 * time.Second}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).open(t, c.rules, robot.Behaviour{NeverAnswer: true}, robot.Behaviour{})
			first, second := d.agents[0], d.agents[1]
			d.set(t, second.id, queue.NotReady)
			v := d.call(t)
			in := first.next(t)
			later := d.call(t)
			later.is(t, queue.CallWaiting)
			over(t, in)
			times := in.Times()
			rang := times.Cancelled.Sub(times.Ringing)
			t.Logf("the phone rang %s of %s", rang, c.limit)
			if in.Ending() != robot.Cancelled || rang < c.limit-50*time.Millisecond || rang > c.limit+time.Second {
				t.Errorf("%s after %s of ringing, the limit is %s", in.Ending(), rang, c.limit)
			}
			d.agentIs(t, first.id, "not ready for letting it ring", notReadyFor(queue.ReasonRONA))
			d.set(t, second.id, queue.Ready)
			r := d.takes(t, v, second)
			offered(t, r, offer{first.id, queue.OfferLost, string(queue.MissedRONA)}, offer{second.id, queue.OfferTaken, ""})
			if o := r.Offers[0]; o.Rings.Heard != 3 || o.Rings.Within || o.Rings.Strict {
				t.Errorf("the offer that rang to its limit: %+v", o.Rings)
			}
			list, err := d.box.Node.Ledger().Violations(inTime(t), postgres.Filter{Agent: first.id})
			must(t, err)
			if len(list.Violations) != 1 || list.Fine != 1500 || list.Violations[0].Rule != "R1.1" || list.Violations[0].Call != r.Call.ID {
				t.Errorf("violations of agent %s: %+v", first.id, list)
			}
			after := d.takes(t, later, second)
			if !after.Call.AcceptedAt.After(r.Call.AcceptedAt) {
				t.Errorf("the later call was answered at %s, the first at %s", after.Call.AcceptedAt, r.Call.AcceptedAt)
			}
			v.clean(t)
		})
	}
}

// TestRefusedAndBusy: the phone says no; the call goes on at once. Who refuses
// is not ready; a busy phone is left alone for a while.
func TestRefusedAndBusy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		code   int
		reason queue.MissReason
		after  string
		holds  func(queue.Agent) bool
	}{
		{"603", 603, queue.MissedRefused, "not ready for having refused", notReadyFor(queue.ReasonRefused)},
		{"486", 486, queue.MissedBusy, "ready, left alone for a while", func(g queue.Agent) bool {
			return g.State == queue.Ready && g.BackOffAt.After(time.Now())
		}},
		{"480", 480, queue.MissedNoAnswer, "not ready for not answering", notReadyFor(queue.ReasonRONA)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).open(t, "wrap_up: 0, back_off: 20s", robot.Behaviour{Reject: c.code, Answer: 100 * time.Millisecond}, robot.Behaviour{})
			first, second := d.agents[0], d.agents[1]
			v := d.call(t)
			over(t, first.next(t))
			d.agentIs(t, first.id, c.after, c.holds)
			r := d.takes(t, v, second)
			offered(t, r, offer{first.id, queue.OfferLost, string(c.reason)}, offer{second.id, queue.OfferTaken, ""})
			v.clean(t)
		})
	}
}

// TestSilentPhone: a phone that is dead to SIP never rings, so no ring counts
// against its agent; after the dial timeout the call goes on.
func TestSilentPhone(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0, dial_timeout: 2s, back_off: 20s", robot.Behaviour{Silent: true}, robot.Behaviour{})
	first, second := d.agents[0], d.agents[1]
	v := d.call(t)
	r := d.takes(t, v, second)
	offered(t, r, offer{first.id, queue.OfferLost, string(queue.MissedNoRinging)}, offer{second.id, queue.OfferTaken, ""})
	if o := r.Offers[0]; !o.AlertingAt.IsZero() || o.Fine != 0 || o.ClosedAt.Sub(o.MadeAt) < 2*time.Second {
		t.Errorf("the offer to the dead phone: %+v", o)
	}
	v.clean(t)
}

// TestPhoneNeverRegistered: an account without a phone is no place to send a
// call, though its agent is signed in.
func TestPhoneNeverRegistered(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0, back_off: 1s", robot.Behaviour{})
	d.account(t, "1009")
	f.set(t, "1009", queue.Ready)
	f.agentIs(t, "1009", "ready without a phone", func(g queue.Agent) bool { return g.State == queue.Ready && g.Phone == queue.PhoneOffline })
	v := d.call(t)
	r := d.takes(t, v, d.agents[0])
	offered(t, r, offer{d.agents[0].id, queue.OfferTaken, ""})
	// Alone, it leaves the caller waiting in their place, not cut off.
	d.set(t, d.agents[0].id, queue.NotReady)
	lonely := d.call(t)
	lonely.is(t, queue.CallWaiting)
	must(t, lonely.WaitRinging(inTime(t)))
	d.set(t, d.agents[0].id, queue.Ready)
	offered(t, d.takes(t, lonely, d.agents[0]), offer{d.agents[0].id, queue.OfferTaken, ""})
}

// TestAnsweredWithoutRinging: some phones answer without a 180. No ring was
// heard there, and the conversation is as any.
func TestAnsweredWithoutRinging(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0", robot.Behaviour{NoRing: true, Answer: 200 * time.Millisecond})
	v := d.call(t)
	in := d.agents[0].next(t)
	talk(t, v, in, d.agents[0].tone)
	realRinging(t, v, in)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if o := r.Offers[0]; o.Rings.Heard != 0 || !o.Rings.Within || !o.Rings.Strict || !o.AlertingAt.IsZero() || r.Call.Rings.Heard != 1 {
		t.Errorf("offer %+v, call %+v", o.Rings, r.Call.Rings)
	}
	v.clean(t)
}

// TestAgentGoneAtOnce: the agent answers and is gone within milliseconds. The
// caller does not pay for it: either both were connected, and the call was
// short, or it goes on to the next agent.
func TestAgentGoneAtOnce(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0", robot.Behaviour{}, robot.Behaviour{})
	first, second := d.agents[0], d.agents[1]
	dropped := 0
	const rounds = 10
	for i := range rounds {
		first.phone.SetBehaviour(robot.Behaviour{Talk: time.Duration(1+3*i) * time.Millisecond})
		d.set(t, second.id, queue.NotReady)
		d.agentIs(t, second.id, "not ready", inState(queue.NotReady))
		d.ready(t, first)
		v := d.call(t)
		over(t, first.next(t))
		d.set(t, second.id, queue.Ready)
		until(t, "the call to end or to go on", func() bool { return v.Ending() != robot.NotEnded || len(second.in) > 0 })
		if v.Ending() == robot.NotEnded {
			dropped++
			r := d.takes(t, v, second)
			offered(t, r, offer{first.id, queue.OfferLost, string(queue.MissedDropped)}, offer{second.id, queue.OfferTaken, ""})
		} else {
			r := v.record(t)
			ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
			offered(t, r, offer{first.id, queue.OfferTaken, ""})
		}
		v.clean(t)
	}
	t.Logf("of %d calls %d were not yet connected and went on to the next agent", rounds, dropped)
}
