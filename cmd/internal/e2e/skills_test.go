package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestSkillRequired: only the phone of the agent with the skill rings; the call
// waits for them beside one who is free.
func TestSkillRequired(t *testing.T) {
	t.Parallel()
	d := theFloor(t).staffed(t, "routing: {skills: {english: {level: 5, required: true}}}, wrap_up: 0",
		post{skills: "english: 4"}, post{skills: "english: 5"})
	plain, able := d.agents[0], d.agents[1]
	d.ready(t, plain) // idle longest
	d.ready(t, able)
	first := d.call(t)
	in := able.next(t)
	talk(t, first, in, able.tone)
	second := d.call(t)
	must(t, second.WaitRinging(inTime(t)))
	if c := second.is(t, queue.CallWaiting); c.Offers != 0 {
		t.Errorf("offered %d times", c.Offers)
	}
	d.agentIs(t, plain.id, "free", isFree)
	first.Hangup()
	over(t, first.Call, in)
	offered(t, d.takes(t, second, able), offer{able.id, queue.OfferTaken, ""})
	offered(t, first.record(t), offer{able.id, queue.OfferTaken, ""})
	if n := plain.phone.Counters().Invites; n != 0 {
		t.Errorf("the phone of one without the skill rang %d times", n)
	}
	second.clean(t)
}

// TestSkillRelaxes: what is required is less the longer a call waits. The others
// join one by one, each when their skill is enough, while the first ring on.
func TestSkillRelaxes(t *testing.T) {
	t.Parallel()
	const some, none = 1500 * time.Millisecond, 3 * time.Second
	still := robot.Behaviour{NeverAnswer: true}
	d := theFloor(t).staffed(t, "routing: {strategy: ring_all, skills: {english: {level: 5, required: true, relax: {1500ms: 4, 3s: 0}}}}, wrap_up: 0",
		post{Behaviour: still}, post{Behaviour: still, skills: "english: 4"}, post{Behaviour: still, skills: "english: 6"})
	for _, a := range d.agents {
		d.ready(t, a)
	}
	nobody, little, able := d.agents[0], d.agents[1], d.agents[2]
	v := d.call(t)
	in := []*robot.Call{able.next(t), little.next(t), nobody.next(t)}
	for i, rings := range in[:2] {
		if rings.Ending() != robot.NotEnded {
			t.Errorf("phone %d does not ring on: %s", i+1, rings.Ending())
		}
	}
	for i, after := range []time.Duration{some, none} {
		// The ledger has it to the millisecond; a phone hears of it a little later.
		if joined := in[i+1].Times().Invited.Sub(in[0].Times().Invited); joined < after/2 {
			t.Errorf("phone %d joined after %s, its time is %s", i+2, joined, after)
		}
	}
	must(t, in[2].Answer())
	talk(t, v, in[2], nobody.tone)
	over(t, in[0], in[1])
	v.Hangup()
	over(t, v.Call, in[2])
	r := v.record(t)
	offered(t, r, offer{able.id, queue.OfferTakenBack, queue.AnsweredElsewhere},
		offer{little.id, queue.OfferTakenBack, queue.AnsweredElsewhere}, offer{nobody.id, queue.OfferTaken, ""})
	for i, after := range []time.Duration{0, some, none} {
		if waited := r.Offers[i].MadeAt.Sub(r.Call.ArrivedAt); waited < after {
			t.Errorf("offer %d was made after %s, before its %s", i+1, waited, after)
		}
	}
	v.clean(t)
}

// TestSkillRelaxesForWhoWaits: the agent with the skill is busy; the call waits
// its time beside the other, who then has it.
func TestSkillRelaxesForWhoWaits(t *testing.T) {
	t.Parallel()
	const relaxed = time.Second
	d := theFloor(t).staffed(t, "routing: {skills: {english: {level: 5, required: true, relax: {1s: 0}}}}, wrap_up: 0", post{}, post{skills: "english: 5"})
	plain, able := d.agents[0], d.agents[1]
	d.ready(t, plain)
	d.ready(t, able)
	first := d.call(t)
	in := able.next(t)
	talk(t, first, in, able.tone)
	second := d.call(t)
	r := d.takes(t, second, plain)
	offered(t, r, offer{plain.id, queue.OfferTaken, ""})
	if waited := r.Offers[0].MadeAt.Sub(r.Call.ArrivedAt); waited < relaxed {
		t.Errorf("one without the skill was rung after %s, before %s", waited, relaxed)
	}
	first.Hangup()
	over(t, first.Call, in)
	first.clean(t)
	second.clean(t)
}

// TestSkillPreferred: who has the skill is rung first, though the other has been
// idle longer; nobody waits for it.
func TestSkillPreferred(t *testing.T) {
	t.Parallel()
	d := theFloor(t).staffed(t, "routing: {skills: {billing: {level: 4}}}, wrap_up: 0", post{}, post{skills: "billing: 4"})
	plain, able := d.agents[0], d.agents[1]
	d.ready(t, plain)
	d.ready(t, able)
	for range 2 { // the second time, the other is idle longest still
		v := d.call(t)
		rung, in := d.rungAlone(t)
		if rung != 1 {
			t.Fatal("the phone of one without the skill rings, that of the other does not")
		}
		talk(t, v, in, able.tone)
		other := d.call(t)
		offered(t, d.takes(t, other, plain), offer{plain.id, queue.OfferTaken, ""})
		d.finish(t, v, able)
		d.agentIs(t, plain.id, "free", isFree)
		// Now the one with the skill is idle shortest, as at the start.
		other.clean(t)
	}
}
