package e2e

import (
	"github.com/threerings/threerings/internal/robot"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestPhoneHold: the agent holds with the phone's own keys (re-INVITE); the
// customer hears music, and it is on record.
func TestPhoneHold(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	a := d.agents[0]
	must(t, in.Hold(inTime(t)))
	hears(t, "the caller on hold", v.Call, nil, tones{a.tone})
	until(t, "music on hold", func() bool { return !v.Silent() })
	until(t, "the hold to be known", func() bool { c, ok := v.live(); return ok && c.HeldByPhone })
	must(t, in.Resume(inTime(t)))
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if r.Call.Hold == 0 || count(r, "CallHeld") != 1 || count(r, "CallRetrieved") != 1 {
		t.Errorf("on record: hold %s", r.Call.Hold)
	}
	v.clean(t)
}

// TestPhoneTransfer: the agent hands the customer on with the phone's own keys
// (REFER): to a colleague by the work number, and then to a number outside.
func TestPhoneTransfer(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	refers(t, in, string(b.id))
	over(t, in)
	second := b.next(t)
	talk(t, v, second, b.tone)
	d.agentIs(t, a.id, "free", isFree)
	number := d.outside.number("")
	refers(t, second, number)
	over(t, second)
	far := d.outside.rung(t, number)
	talk(t, v, far, outsideTone)
	v.Hangup()
	over(t, v.Call, far)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if r.Call.Transfers != 2 {
		t.Errorf("on record: %d transfers", r.Call.Transfers)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestPhoneTransferRefused: a transfer to nobody is refused, and the agent still
// has the customer.
func TestPhoneTransferRefused(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	a := d.agents[0]
	if status, err := in.Refer(inTime(t), "sip:nobody@"+d.box.SIP); err == nil && status == 202 {
		final, err := in.WaitReferred(inTime(t))
		must(t, err)
		if final < 300 {
			t.Errorf("the phone is told %d", final)
		}
	}
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	v.clean(t)
}

// TestPhoneAttendedTransfer: the agent puts the customer on hold, calls the
// queue with the same phone, speaks to the colleague who answers, and hands the
// customer over with the phone's own keys (REFER with Replaces).
func TestPhoneAttendedTransfer(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	must(t, in.Hold(inTime(t)))
	until(t, "the hold to be known", func() bool { c, ok := v.live(); return ok && c.HeldByPhone })
	second, err := a.phone.Call(inTime(t), robot.CallOptions{To: "sip:" + d.number + "@" + d.box.SIP, From: string(a.id)})
	must(t, err)
	asked := b.next(t)
	hears(t, "the colleague", asked, tones{a.tone}, nil)
	if status, err := in.ReferTo(inTime(t), second); err != nil || status != 202 {
		t.Fatalf("the transfer is answered %d, %v", status, err)
	}
	over(t, in, second, asked)
	talk(t, v, b.next(t), b.tone)
	v.Hangup()
	over(t, v.Call)
	if c := v.record(t).Call; c.Agent != b.id || c.Transfers != 1 || c.Outcome != queue.OutcomeAnswered {
		t.Errorf("on record: %s by %s, %d transfers", c.Outcome, c.Agent, c.Transfers)
	}
	v.clean(t)
}

func refers(t *testing.T, c *robot.Call, to string) {
	t.Helper()
	status, err := c.Refer(inTime(t), "sip:"+to+"@127.0.0.1")
	must(t, err)
	if status != 202 {
		t.Fatalf("the transfer to %s is answered %d", to, status)
	}
}
