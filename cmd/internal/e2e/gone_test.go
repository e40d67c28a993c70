package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// foundIn tells how long a dead phone was not noticed, for the record.
func foundIn(t *testing.T, who string, died time.Time) {
	t.Logf("%s: found after %s", who, time.Since(died).Round(100*time.Millisecond))
}

// TestAgentsPhoneDies: the customer whose agent's phone died in the
// conversation hears music and is the next to be served; nobody hung up, nobody
// is charged with it, and the call is one call with one recording.
func TestAgentsPhoneDies(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0, ring: {agent: 10, budget: 20}", robot.Behaviour{}, robot.Behaviour{})
	dies, takes := d.agents[0], d.agents[1]
	f.set(t, takes.id, queue.NotReady)
	v := d.call(t)
	in := dies.next(t)
	talk(t, v, in, dies.tone)
	f.set(t, dies.id, queue.NotReady) // after this call
	later := d.call(t)
	later.is(t, queue.CallWaiting)

	dies.phone.Vanish()
	died := time.Now()
	v.is(t, queue.CallWaiting)
	foundIn(t, "agent in a conversation", died)
	f.agentIs(t, dies.id, "out of the call", inState(queue.NotReady))

	f.set(t, takes.id, queue.Ready)
	in = takes.next(t)
	talk(t, v, in, takes.tone)
	heard := v.Audio().Packets
	until(t, "a second of talk", func() bool { return v.Audio().Packets > heard+50 })
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	offered(t, r, offer{dies.id, queue.OfferTaken, ""}, offer{takes.id, queue.OfferTaken, ""})
	if count(r, "AgentLost") != 1 || count(r, "ViolationFound") != 0 || r.Call.Cause != queue.CauseNormal {
		t.Errorf("the call of the agent who was cut off: %+v", r.Events)
	}
	until(t, "the one recording of both parts", func() bool {
		rec, err := f.box.Node.Ledger().Recording(inTime(t), r.Call.ID)
		return err == nil && rec.Path != "" && rec.Talk > 10*time.Second
	})
	talk(t, later, takes.next(t), takes.tone)
	later.Hangup()
	ended(t, later.record(t), queue.OutcomeAnswered, queue.ReleaseCaller)
}

// TestCallersPhoneDies: in a conversation, waiting with music, and before the
// line was answered. It is on record as that, and the agent is free again.
func TestCallersPhoneDies(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0, ring: {budget: 1}", robot.Behaviour{})
	a := d.agents[0]
	dies := func() (*visit, *robot.Phone) {
		phone, from := d.customer(t)
		return d.callFrom(t, phone, from), phone
	}
	talking, talker := dies()
	talk(t, talking, a.next(t), a.tone)
	f.set(t, a.id, queue.NotReady) // after this call
	waiting, waiter := dies()
	must(t, waiting.WaitAnswered(inTime(t))) // greeting, then music
	ringing, ringer := dies()
	must(t, ringing.WaitRinging(inTime(t)))

	for _, p := range []*robot.Phone{talker, waiter, ringer} {
		p.Vanish()
	}
	died := time.Now()
	for who, v := range map[string]*visit{"caller in a conversation": talking, "caller with music": waiting, "caller whose line was not answered": ringing} {
		until(t, who+" to be found", func() bool {
			_, there := v.live()
			return !there
		})
		r := v.record(t)
		want, event := queue.OutcomeLost, "CallLost"
		if v == talking {
			want, event = queue.OutcomeAnswered, "CallCompleted"
		}
		ended(t, r, want, queue.ReleaseSystem)
		if r.Call.Cause != queue.CauseMediaLost || count(r, event) != 1 || count(r, "CallAbandoned") != 0 {
			t.Errorf("%s: cause %s, %+v", who, r.Call.Cause, r.Events)
		}
		t.Logf("%s: found after %s", who, r.Call.EndedAt.Sub(died).Round(100*time.Millisecond))
		v.clean(t)
	}
	f.agentIs(t, a.id, "out of the call", inState(queue.NotReady))
	f.ready(t, a)
	v := d.call(t)
	talk(t, v, a.next(t), a.tone)
	v.Hangup()
	ended(t, v.record(t), queue.OutcomeAnswered, queue.ReleaseCaller)
}

// TestAccountDies: a phone that signed on and vanished is known to be away soon,
// and no caller has to wait for it not to ring.
func TestAccountDies(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0, ring: {agent: 10, budget: 20}")
	d.account(t, "1071")
	a := d.signsOn(t, "1071", 900, robot.Behaviour{NeverAnswer: true})
	f.set(t, "1071", queue.Ready)
	f.agentIs(t, "1071", "ready with an idle phone", isFree)
	a.phone.Vanish()
	died := time.Now()
	f.agentIs(t, "1071", "away", func(g queue.Agent) bool { return g.Phone == queue.PhoneOffline })
	foundIn(t, "idle phone with an account", died)
	v := d.call(t)
	v.is(t, queue.CallWaiting)
	if c := v.is(t, queue.CallWaiting); c.Offers != 0 {
		t.Errorf("%d offers to a phone that is away", c.Offers)
	}
	v.Hangup()
	ended(t, v.record(t), queue.OutcomeAbandoned, queue.ReleaseCaller)
}

// TestPhoneDiesRinging: a phone that vanishes while it rings is not its agent's
// fault: as soon as it is found to be away another one rings.
func TestPhoneDiesRinging(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.open(t, "wrap_up: 0, ring: {agent: 10, budget: 20}", robot.Behaviour{})
	takes := d.agents[0]
	f.set(t, takes.id, queue.NotReady)
	d.account(t, "1072")
	dies := d.signsOn(t, "1072", 900, robot.Behaviour{NeverAnswer: true})
	f.set(t, "1072", queue.Ready)
	v := d.call(t)
	rung := dies.next(t)
	until(t, "the phone to ring", func() bool { return !rung.Times().Ringing.IsZero() })
	dies.phone.Vanish()
	died := time.Now()
	f.set(t, takes.id, queue.Ready)
	in := takes.next(t)
	foundIn(t, "phone that rang", died)
	talk(t, v, in, takes.tone)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	offered(t, r, offer{"1072", queue.OfferLost, "unregistered"}, offer{takes.id, queue.OfferTaken, ""})
	if count(r, "ViolationFound") != 0 {
		t.Errorf("charged with a phone that died: %+v", r.Events)
	}
	f.agentIs(t, "1072", "ready, with the phone away", func(g queue.Agent) bool { return g.State == queue.Ready && g.Phone == queue.PhoneOffline })
}
