package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// act does something in an agent's conversation, as the agent's page does.
func (d *desk) act(t *testing.T, a *agent, deed queue.Deed, to queue.Target) {
	t.Helper()
	req := fmt.Sprintf("%s %s %d", t.Name(), deed, callers.Add(1))
	e, err := d.box.Node.Ask(inTime(t), queue.Act{Agent: a.id, Deed: deed, Target: to, Asked: queue.Asked{By: "test", Req: req}}, req)
	must(t, err)
	if no, refused := e.(queue.Refused); refused {
		t.Fatalf("agent %s, %s: %s", a.id, deed, no.Reason)
	}
}

// hears waits until somebody hears these tones and not the others.
func hears(t *testing.T, who string, c *robot.Call, tones, silent []float64) {
	t.Helper()
	const window = 200 * time.Millisecond
	until(t, fmt.Sprintf("%s to hear %v and not %v", who, tones, silent), func() bool {
		for _, f := range tones {
			if c.ToneLevel(f, window) < robot.ToneAmplitude*0.5 {
				return false
			}
		}
		for _, f := range silent {
			if c.ToneLevel(f, window) > robot.ToneAmplitude*0.05 {
				return false
			}
		}
		return true
	})
}

type tones = []float64

// quick answers at once.
var quick = robot.Behaviour{Answer: 150 * time.Millisecond}

// inCall opens a desk and has a caller talk to its first agent.
func inCall(t *testing.T, rules string, staff ...robot.Behaviour) (d *desk, v *visit, in *robot.Call) {
	t.Helper()
	f := theFloor(t)
	d = f.prepare(t, rules, staff...)
	d.ready(t, d.agents[0])
	v = d.call(t)
	in = d.agents[0].next(t)
	talk(t, v, in, d.agents[0].tone)
	for _, a := range d.agents[1:] {
		d.ready(t, a)
	}
	return d, v, in
}

// TestHold: the customer on hold hears music and nobody; mute keeps the agent
// from being heard, and the customer's phone still gets packets.
func TestHold(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	a := d.agents[0]
	d.act(t, a, queue.DeedHold, queue.Target{})
	hears(t, "the caller on hold", v.Call, nil, tones{a.tone})
	hears(t, "the agent", in, nil, tones{callerTone})
	until(t, "music on hold", func() bool { return !v.Silent() })
	d.act(t, a, queue.DeedRetrieve, queue.Target{})
	talk(t, v, in, a.tone)
	d.act(t, a, queue.DeedMute, queue.Target{})
	hears(t, "the caller of a muted agent", v.Call, nil, tones{a.tone})
	hears(t, "the muted agent", in, tones{callerTone}, nil)
	d.act(t, a, queue.DeedUnmute, queue.Target{})
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if r.Call.Hold == 0 || r.Call.Hold > r.Call.EndedAt.Sub(r.Call.ConnectedAt) || count(r, "CallHeld") != 1 || count(r, "AgentMuted") != 2 {
		t.Errorf("on record: hold %s, %d times held, %d times muted", r.Call.Hold, count(r, "CallHeld"), count(r, "AgentMuted"))
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestTransferToAgent: the customer is handed to a colleague and hears them;
// each talks for their own part, and the recording goes through.
func TestTransferToAgent(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	d.act(t, a, queue.DeedTransfer, queue.Target{Agent: b.id})
	over(t, in)
	second := b.next(t)
	talk(t, v, second, b.tone)
	d.agentIs(t, a.id, "free", isFree)
	v.Hangup()
	over(t, v.Call, second)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	offered(t, r, offer{a.id, queue.OfferTaken, ""}, offer{b.id, queue.OfferTaken, ""})
	if c := r.Call; c.Transfers != 1 || c.Parts != 2 || c.Agent != b.id {
		t.Errorf("on record: %d transfers, %d parts, agent %s", c.Transfers, c.Parts, c.Agent)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestTransferComesBack: the colleague refuses; the customer comes back to who
// handed them on.
func TestTransferComesBack(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, robot.Behaviour{Answer: 100 * time.Millisecond, Reject: 603})
	a, b := d.agents[0], d.agents[1]
	d.act(t, a, queue.DeedTransfer, queue.Target{Agent: b.id})
	over(t, in)
	over(t, b.next(t))
	again := a.next(t)
	talk(t, v, again, a.tone)
	again.Hangup()
	over(t, v.Call, again)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
	offered(t, r, offer{a.id, queue.OfferTaken, ""}, offer{b.id, queue.OfferLost, "refused"}, offer{a.id, queue.OfferTaken, ""})
	if c := r.Call; c.Agent != a.id || c.Parts != 2 || c.Transfers != 1 || count(r, "CallTransferred") != 1 || count(r, "CallConnected") != 2 {
		t.Errorf("the history of a transfer that came back: agent %s, %d parts, %d transfers, %+v", c.Agent, c.Parts, c.Transfers, r.Events)
	}
	v.clean(t)
}

// TestTransferToQueue: the customer goes on waiting in another queue, hears
// music there, and is answered by its agent.
func TestTransferToQueue(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	other := theFloor(t).prepare(t, "wrap_up: 0s", quick)
	d.act(t, d.agents[0], queue.DeedTransfer, queue.Target{Queue: other.queue})
	over(t, in)
	hears(t, "the caller who waits again", v.Call, nil, tones{d.agents[0].tone})
	until(t, "music", func() bool { return !v.Silent() })
	d.set(t, other.agents[0].id, queue.Ready)
	second := other.agents[0].next(t)
	talk(t, v, second, other.agents[0].tone)
	v.Hangup()
	over(t, v.Call, second)
	if c := v.record(t).Call; c.Queue != other.queue || c.Home != d.queue || c.Outcome != queue.OutcomeAnswered {
		t.Errorf("on record: queue %s, home %s, %s", c.Queue, c.Home, c.Outcome)
	}
	v.clean(t)
}

// TestTransferOutside: to a number that answers; to one that is busy, and the
// customer comes back.
func TestTransferOutside(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	a := d.agents[0]
	busy := d.outside.number("486")
	d.act(t, a, queue.DeedTransfer, queue.Target{Number: busy})
	over(t, in, d.outside.rung(t, busy))
	again := a.next(t)
	talk(t, v, again, a.tone)
	number := d.outside.number("")
	d.act(t, a, queue.DeedTransfer, queue.Target{Number: number})
	over(t, again)
	far := d.outside.rung(t, number)
	talk(t, v, far, outsideTone)
	v.Hangup()
	over(t, v.Call, far)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if r.Call.Outside == nil || r.Call.Outside.Number != number || r.Call.Outside.Talk == 0 {
		t.Errorf("on record: outside %+v", r.Call.Outside)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestConsult: the colleague is asked while the customer holds, the agent
// speaks to each in turn, then all three, and leaves the customer behind.
func TestConsult(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	d.act(t, a, queue.DeedConsult, queue.Target{Agent: b.id})
	asked := b.next(t)
	hears(t, "the colleague", asked, tones{a.tone}, tones{callerTone})
	hears(t, "the agent", in, tones{b.tone}, tones{callerTone})
	hears(t, "the customer", v.Call, nil, tones{a.tone, b.tone})
	d.act(t, a, queue.DeedToggle, queue.Target{})
	hears(t, "the customer again", v.Call, tones{a.tone}, tones{b.tone})
	hears(t, "the colleague on hold", asked, nil, tones{a.tone, callerTone})
	d.act(t, a, queue.DeedToggle, queue.Target{})
	hears(t, "the colleague again", asked, tones{a.tone}, tones{callerTone})
	d.act(t, a, queue.DeedConference, queue.Target{})
	hears(t, "the customer in the conference", v.Call, tones{a.tone, b.tone}, tones{callerTone})
	hears(t, "the agent in the conference", in, tones{callerTone, b.tone}, nil)
	hears(t, "the colleague in the conference", asked, tones{callerTone, a.tone}, nil)
	d.act(t, a, queue.DeedComplete, queue.Target{})
	over(t, in)
	talk(t, v, asked, b.tone)
	d.agentIs(t, a.id, "free", isFree)
	v.Hangup()
	over(t, v.Call, asked)
	r := v.record(t)
	if c := r.Call; c.Outcome != queue.OutcomeAnswered || c.Agent != b.id || c.Transfers != 1 {
		t.Errorf("on record: %s by %s, %d transfers", c.Outcome, c.Agent, c.Transfers)
	}
	// Begun, to the customer, to the colleague, all three, left to the colleague.
	if c := r.Call; c.Parts != 3 || c.Hold == 0 || c.Hold >= c.EndedAt.Sub(c.ConnectedAt) ||
		count(r, "ConsultBegan") != 1 || count(r, "ConsultMoved") != 3 || count(r, "ConsultTook") != 1 {
		t.Errorf("a conference on record: %d parts, hold %s of %s, %+v", c.Parts, c.Hold, c.EndedAt.Sub(c.ConnectedAt), r.Events)
	}
	for _, who := range []*agent{a, b} { // each has talked in it, and one of them answered the call
		d.agentIs(t, who.id, "free with talk", func(g queue.Agent) bool { return isFree(g) && g.Today.Talk > 0 })
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestConsultOutside: a number outside is asked; it hangs up, and the agent is
// back with the customer at once. Then the agent hangs up in a consultation,
// and the customer is left to who was called.
func TestConsultOutside(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick)
	a := d.agents[0]
	first, second := d.outside.number(""), d.outside.number("")
	d.act(t, a, queue.DeedConsult, queue.Target{Number: first})
	far := d.outside.rung(t, first)
	hears(t, "the number outside", far, tones{a.tone}, tones{callerTone})
	far.Hangup()
	talk(t, v, in, a.tone)
	d.act(t, a, queue.DeedConsult, queue.Target{Number: second})
	far = d.outside.rung(t, second)
	hears(t, "the second number", far, tones{a.tone}, tones{callerTone})
	in.Hangup()
	talk(t, v, far, outsideTone)
	far.Hangup()
	over(t, v.Call, in, far)
	r := v.record(t)
	if r.Call.Outcome != queue.OutcomeAnswered || r.Call.Outside == nil || r.Call.Outside.Number != second {
		t.Errorf("on record: %s, outside %+v", r.Call.Outcome, r.Call.Outside)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestCustomerLeavesConsult: the customer hangs up while two agents speak about
// them: nobody is stuck.
func TestCustomerLeavesConsult(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	d.act(t, a, queue.DeedConsult, queue.Target{Agent: b.id})
	asked := b.next(t)
	hears(t, "the colleague", asked, tones{a.tone}, nil)
	v.Hangup()
	over(t, v.Call, in, asked)
	d.agentIs(t, a.id, "free", isFree)
	d.agentIs(t, b.id, "free", isFree)
	ended(t, v.record(t), queue.OutcomeAnswered, queue.ReleaseCaller)
	v.clean(t)
}
