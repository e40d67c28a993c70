package e2e

import (
	"fmt"
	"testing"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// place has an agent call a number, and returns the call's id.
func (d *desk) place(t *testing.T, a *agent, number string) queue.CallID {
	t.Helper()
	req := fmt.Sprintf("%s place %d", t.Name(), callers.Add(1))
	e, err := d.box.Node.Ask(inTime(t), queue.Place{Agent: a.id, Number: number, Asked: queue.Asked{By: "test", Req: req}}, req)
	must(t, err)
	placed, ok := e.(queue.CallPlaced)
	if !ok {
		t.Fatalf("agent %s places a call: %+v", a.id, e)
	}
	return placed.Call
}

// onRecord waits until a call has ended in the ledger.
func (d *desk) onRecord(t *testing.T, id queue.CallID) queue.Call {
	t.Helper()
	ctx := inTime(t)
	var found postgres.CallDetail
	until(t, fmt.Sprintf("call %s to be on record as ended", id), func() bool {
		must(t, d.box.Node.Flush(ctx))
		var err error
		found, err = d.box.Node.Ledger().Call(ctx, id)
		return err == nil && found.Call.State == queue.CallEnded
	})
	return found.Call
}

// TestPlaceCall: the agent's own phone rings, then the customer's; they talk,
// it is recorded, and the agent is what they were.
func TestPlaceCall(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s, outbound: {number: '02160000001'}", quick)
	a := d.agents[0]
	number := d.outside.number("")
	id := d.place(t, a, number)
	in := a.next(t)
	far := d.outside.rung(t, number)
	hears(t, "the customer", far, tones{a.tone}, nil)
	hears(t, "the agent", in, tones{outsideTone}, nil)
	until(t, "a second of talk", func() bool { return far.Audio().Packets > 60 })
	far.Hangup()
	over(t, in, far)
	d.agentIs(t, a.id, "free", isFree)
	c := d.onRecord(t, id)
	if c.Direction != queue.Outbound || c.Outcome != queue.OutcomeAnswered || c.Talk == 0 || c.Caller != number {
		t.Errorf("on record: %+v", c)
	}
	if from := far.From(); from == "" || d.soundOf(t, id) == 0 {
		t.Errorf("shown number %q, or nothing recorded", from)
	}
	busy := d.outside.number("486")
	id = d.place(t, a, busy)
	over(t, a.next(t))
	d.agentIs(t, a.id, "free", isFree)
	if c := d.onRecord(t, id); c.Outcome != queue.OutcomeNotReached || c.Cause != queue.CauseBusy {
		t.Errorf("on record: %s, %s", c.Outcome, c.Cause)
	}
}

// soundOf is how many samples a call's recording has.
func (d *desk) soundOf(t *testing.T, id queue.CallID) int {
	t.Helper()
	samples, _ := d.kept(t, id)
	return len(samples)
}

// TestCallBack: a caller who will not wait keeps the place and is called back,
// the agent first; the conversation is recorded.
func TestCallBack(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0s", quick)
	v := d.call(t)
	must(t, v.WaitRinging(inTime(t)))
	waiting := v.is(t, queue.CallWaiting)
	number := d.outside.number("")
	req := t.Name()
	e, err := d.box.Node.Ask(inTime(t), queue.CallBack{Call: waiting.ID, Number: number, Asked: queue.Asked{By: "test", Req: req}}, req)
	must(t, err)
	if no, refused := e.(queue.Refused); refused {
		t.Fatal(no.Reason)
	}
	over(t, v.Call)
	a := d.agents[0]
	d.set(t, a.id, queue.Ready)
	in := a.next(t)
	far := d.outside.rung(t, number)
	hears(t, "the customer", far, tones{a.tone}, nil)
	hears(t, "the agent", in, tones{outsideTone}, nil)
	until(t, "a second of talk", func() bool { return far.Audio().Packets > 60 })
	far.Hangup()
	over(t, in, far)
	if c := d.onRecord(t, waiting.ID); c.Outcome != queue.OutcomeCalledBack || c.Callback == nil || c.Callback.Attempts != 1 || c.Agent != a.id {
		t.Errorf("on record: %+v", c)
	}
	if d.soundOf(t, waiting.ID) == 0 {
		t.Error("nothing recorded")
	}
}

// TestAbandonedCallBack: a caller who gave up is called back by the house; the
// customer is called first here.
func TestAbandonedCallBack(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0s, short_abandon: 1ms, callback: {abandoned: true, first: customer}", quick)
	v := d.call(t)
	must(t, v.WaitRinging(inTime(t)))
	gone := v.is(t, queue.CallWaiting)
	v.Hangup()
	over(t, v.Call)
	// Before the core has heard of it, the agent's phone would ring for who has left, for an instant.
	if c := d.onRecord(t, gone.ID); c.Outcome != queue.OutcomeAbandoned {
		t.Errorf("the call that was given up: %s", c.Outcome)
	}
	a := d.agents[0]
	d.set(t, a.id, queue.Ready)
	far := d.outside.rung(t, v.caller)
	in := a.next(t)
	hears(t, "the customer", far, tones{a.tone}, nil)
	hears(t, "the agent", in, tones{outsideTone}, nil)
	in.Hangup()
	over(t, in, far)
	back := d.onRecord(t, "b-"+gone.ID)
	if back.Outcome != queue.OutcomeCalledBack || back.CallbackOf != gone.ID {
		t.Errorf("on record: %+v", back)
	}
}
