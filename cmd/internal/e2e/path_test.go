package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestAnsweredInTheFirstRing is the call that all is about: real ringing, an
// answer in ring 1, tones both ways, who hung up, wrap-up, ready again, and a
// recording with each on their own side.
func TestAnsweredInTheFirstRing(t *testing.T) {
	t.Parallel()
	for _, side := range []struct {
		name    string
		release queue.Release
	}{{"caller hangs up first", queue.ReleaseCaller}, {"agent hangs up first", queue.ReleaseAgent}} {
		t.Run(side.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).open(t, "wrap_up: 1s", robot.Behaviour{Answer: 300 * time.Millisecond})
			v, a := d.call(t), d.agents[0]
			in := a.next(t)
			talk(t, v, in, a.tone)
			realRinging(t, v, in)
			d.agentIs(t, a.id, "on the call", inState(queue.OnCall))
			// Asterisk's mixer drops a piece for each packet that comes later than
			// any before (docs/asterisk.md 3.11): on a busy machine, in the first
			// tenths of a second.
			until(t, "two seconds of talk", func() bool { return v.Audio().Packets > 100 && in.Audio().Packets > 100 })
			if side.release == queue.ReleaseCaller {
				v.Hangup()
			} else {
				in.Hangup()
			}
			over(t, v.Call, in)
			d.agentIs(t, a.id, "in wrap-up", inState(queue.WrapUp))
			r := v.record(t)
			ended(t, r, queue.OutcomeAnswered, side.release)
			offered(t, r, offer{a.id, queue.OfferTaken, ""})
			if c := r.Call; c.Agent != a.id || c.LineAnsweredBy != queue.AnsweredByAgent || c.Rings.Heard != 1 || !c.Rings.Within || !c.Rings.Strict || c.Talk < 1800*time.Millisecond {
				t.Errorf("on record: %+v", c)
			}
			stereo, rec := d.kept(t, r.Call.ID)
			sides(t, stereo, rec, a.tone)
			d.agentIs(t, a.id, "ready again", isFree)
			v.clean(t)
		})
	}
}

// TestCallerLeavesWhileWaiting: nobody is there; the caller gives up.
func TestCallerLeavesWhileWaiting(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "short_abandon: 1ms")
	v := d.call(t)
	must(t, v.WaitRinging(inTime(t)))
	v.is(t, queue.CallWaiting)
	v.Hangup()
	over(t, v.Call)
	r := v.record(t)
	ended(t, r, queue.OutcomeAbandoned, queue.ReleaseCaller)
	offered(t, r)
	if r.Call.Rings.Heard != 1 || r.Call.Short {
		t.Errorf("on record: %+v", r.Call)
	}
	v.clean(t)
}

// TestCallerLeavesWhileThePhoneRings: no phone rings for nobody.
func TestCallerLeavesWhileThePhoneRings(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 1s", robot.Behaviour{NeverAnswer: true})
	v, a := d.call(t), d.agents[0]
	in := a.next(t)
	until(t, "the phone to ring", func() bool { return !in.Times().Ringing.IsZero() })
	v.Hangup()
	over(t, v.Call, in)
	if in.Ending() != robot.Cancelled || in.Times().Cancelled.IsZero() {
		t.Fatalf("agent's phone: %s\n%v", in.Ending(), in.Trace())
	}
	took := in.Times().Cancelled.Sub(v.Times().Cancelled)
	t.Logf("caller's CANCEL to the agent's: %s", took)
	if took > time.Second {
		t.Errorf("the agent's phone rang %s longer than the caller waited", took)
	}
	r := v.record(t)
	ended(t, r, queue.OutcomeAbandoned, queue.ReleaseCaller)
	offered(t, r, offer{a.id, queue.OfferTakenBack, "caller_left"})
	d.agentIs(t, a.id, "ready at once", isFree)
	v.clean(t)
}

// TestCallersNumber reaches the agent's phone as who calls (From) and as what
// the network vouches for (P-Asserted-Identity).
func TestCallersNumber(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0", robot.Behaviour{NeverAnswer: true})
	v := d.call(t)
	in := d.agents[0].next(t)
	if in.From() != v.caller {
		t.Errorf("From has %q, the caller's number is %s", in.From(), v.caller)
	}
	if want := "sip:" + v.caller + "@"; !strings.Contains(in.Asserted(), want) {
		t.Errorf("P-Asserted-Identity %q does not have %s", in.Asserted(), want)
	}
	v.Hangup()
	over(t, v.Call, in)
	if r := v.record(t); r.Call.Caller != v.caller || r.Call.Number != d.number {
		t.Errorf("on record: %+v", r.Call)
	}
}

// TestUnknownNumber: what leads nowhere is said to be nowhere.
func TestUnknownNumber(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := &desk{floor: f, number: "4998"}
	v := d.call(t)
	over(t, v.Call)
	if code, _ := v.Status(); code != 404 || v.Ending() != robot.Refused {
		t.Errorf("the caller was told %d, ended %s", code, v.Ending())
	}
	r := v.record(t)
	ended(t, r, queue.OutcomeTurnedAway, queue.ReleaseSystem)
	if r.Call.Number != "4998" {
		t.Errorf("on record: %+v", r.Call)
	}
	v.clean(t)
}
