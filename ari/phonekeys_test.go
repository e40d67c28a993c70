package ari

import (
	"testing"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestHoldByThePhone: an agent's own hold key. Asterisk plays the music to the
// other side by itself, and we are told.
func TestHoldByThePhone(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	call, leg := connect(t, c, caller, agent, 1)
	other := newest(t, agent)
	held := func(on bool) int {
		return count(c.told, func(h queue.HoldChanged) bool { return h.Leg == leg && h.On == on })
	}
	for n := 1; n <= 2; n++ {
		must(t, other.Hold(limit(t)))
		until(t, "the hold to be told", func() bool { return held(true) == n })
		music(t, "the caller on hold", call)
		must(t, other.Resume(limit(t)))
		until(t, "its end to be told", func() bool { return held(false) == n })
		hears(t, "the caller again", call, agentTone)
		hears(t, "the agent again", other, callerTone)
	}
	// A customer's hold is not told: only what an agent's phone does is the core's business.
	must(t, call.Hold(limit(t)))
	music(t, "the agent held by the caller", other)
	must(t, call.Resume(limit(t)))
	hears(t, "the agent at last", other, callerTone)
	if held(true) != 2 || held(false) != 2 || count(c.told, func(queue.HoldChanged) bool { return true }) != 4 {
		t.Errorf("hold told %d times, its end %d times, want 2 and 2 of the agent's leg alone", held(true), held(false))
	}
	healedNothing(t, c)
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: queue.LegID(callOfLeg(leg)), Reason: queue.HangUpNormal}, queue.Unbridge{Call: callOfLeg(leg)})
	nothingLeft(t, c)
}

// TestHandedOnFromHold: the agent who handed the customer on had them on hold by
// the phone's key. Nothing of that hold stays with the customer.
func TestHandedOnFromHold(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	two := newRobot(t, robot.PhoneOptions{User: "1002", Password: "pw-1002", Sound: robot.Tone(thirdTone)})
	must(t, two.Register(limit(t), "sip:"+c.sip(), 0))
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	call, leg := connect(t, c, caller, agent, 1)
	id, customer := callOfLeg(leg), queue.LegID(callOfLeg(leg))
	must(t, newest(t, agent).Hold(limit(t)))
	wait(t, c.told, "the hold", func(h queue.HoldChanged) bool { return h.Leg == leg && h.On })
	music(t, "the caller on hold", call)
	c.do(queue.AnswerTransfer{Leg: leg, OK: true}, queue.HangUp{Leg: leg, Reason: queue.HangUpNormal},
		queue.Unhook{Call: id, Leg: customer}, queue.StartMusic{Leg: customer, Class: "default"})
	wait(t, c.told, "the agent's end", ended(leg))
	music(t, "the caller waiting", call)
	next := queue.LegID(string(id) + "~2")
	c.do(queue.DialAgent{Call: id, Leg: next, CallerLeg: customer, Agent: "a2", Phone: account("1002"), Limit: generousRing})
	wait(t, c.told, "the next agent", func(a queue.LegAnswered) bool { return a.Leg == next })
	c.do(queue.StopMedia{Leg: customer}, queue.Bridge{Call: id, Legs: []queue.LegID{customer, next}})
	hears(t, "the caller", call, thirdTone)
	hears(t, "the next agent", newest(t, two), callerTone)
	// Held by the phone, taken back by us and put into the side room: no music of the hold either.
	must(t, newest(t, two).Hold(limit(t)))
	wait(t, c.told, "the hold", func(h queue.HoldChanged) bool { return h.Leg == next && h.On })
	music(t, "the caller on hold", call)
	c.do(queue.Unhook{Call: id, Leg: customer}, queue.StartMusic{Leg: customer, Class: "default"}, queue.StopMedia{Leg: customer})
	hears(t, "the caller out of the bridge, after StopMedia", call)
	c.do(queue.HangUp{Leg: next, Reason: queue.HangUpNormal}, queue.HangUp{Leg: customer, Reason: queue.HangUpNormal}, queue.Unbridge{Call: id})
	nothingLeft(t, c)
}

// TestTransferByThePhone: REFER is told, changes nothing by itself, and the
// phone gets our answer.
func TestTransferByThePhone(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	two := newRobot(t, robot.PhoneOptions{User: "1002", Password: "pw-1002", Sound: robot.Tone(thirdTone)})
	must(t, two.Register(limit(t), "sip:"+c.sip(), 0))
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	call, leg := connect(t, c, caller, agent, 1)
	other := newest(t, agent)
	asked := func(from int) queue.PhoneTransfer {
		return waitFrom(t, c.told, from, "the phone's wish", func(p queue.PhoneTransfer) bool { return true })
	}
	outcome := func(of *robot.Call, want int) {
		t.Helper()
		if got, err := of.WaitReferred(limit(t)); err != nil || got != want {
			t.Errorf("the phone was told %d, %v, want %d", got, err, want)
		}
	}
	refer := func(of *robot.Call, target string, want int) {
		t.Helper()
		if code, err := of.Refer(limit(t), target); err != nil || code != want {
			t.Errorf("REFER was answered %d, %v, want %d", code, err, want)
		}
	}

	// Blind, refused; then granted, before the leg goes.
	for _, ok := range []bool{false, true} {
		from := c.told.mark()
		refer(other, "sip:1002@"+c.sip(), 202)
		if p := asked(from); p.Leg != leg || p.Number != "1002" || p.Other != "" {
			t.Errorf("%+v", p)
		}
		hears(t, "the caller as before", call, agentTone)
		hears(t, "the agent as before", other, callerTone)
		c.do(queue.AnswerTransfer{Leg: leg, OK: ok})
		outcome(other, map[bool]int{false: 603, true: 200}[ok])
		until(t, "the answer to have been told as an event, too", func() bool { return c.sw.Stats().Events[typeTransfer] >= 2 })
		if n := len(c.told.since(from)); n != 1 {
			t.Errorf("%d inputs of one REFER: %+v", n, c.told.since(from))
		}
	}

	// A second call of the phone, which is ours: it comes in as any call.
	from := c.told.mark()
	second, err := agent.Call(t.Context(), robot.CallOptions{To: "sip:4001@" + c.sip()})
	must(t, err)
	mine := waitFrom(t, c.told, from, "the second call", func(a queue.CallArrived) bool { return a.Number == "4001" })
	c.do(queue.Answer{Leg: mine.Leg})
	must(t, second.WaitAnswered(limit(t)))
	from = c.told.mark()
	if code, err := other.ReferTo(limit(t), second); err != nil || code != 202 {
		t.Errorf("REFER with Replaces was answered %d, %v", code, err)
	}
	if p := asked(from); p.Leg != leg || p.Number != "" || p.Other != mine.Leg {
		t.Errorf("%+v, want the leg %s", p, mine.Leg)
	}
	c.do(queue.AnswerTransfer{Leg: leg, OK: true})
	outcome(other, 200)
	// REFER on a call that no core will answer is refused by us.
	refer(second, "sip:1002@"+c.sip(), 202)
	outcome(second, 603)
	c.do(queue.HangUp{Leg: mine.Leg, Reason: queue.HangUpNormal})
	must(t, second.WaitEnded(limit(t)))

	// On a call to a colleague it moves nothing either, and gets no answer.
	two.SetBehaviour(robot.Behaviour{})
	colleague, err := agent.Call(t.Context(), robot.CallOptions{To: "sip:1002@" + c.sip()})
	must(t, err)
	must(t, colleague.WaitAnswered(limit(t)))
	from = c.told.mark()
	refer(colleague, "sip:4000@"+c.sip(), 202)
	if code, err := other.ReferTo(limit(t), colleague); err != nil || code != 202 {
		t.Errorf("REFER with Replaces was answered %d, %v", code, err)
	}
	if p := asked(from); p.Leg != leg || p.Number != "1002" || p.Other != "" {
		t.Errorf("%+v, want the colleague whom the phone had called", p)
	}
	c.do(queue.AnswerTransfer{Leg: leg})
	outcome(other, 603)
	hears(t, "the colleague as before", newest(t, two), agentTone)
	colleague.Hangup()
	must(t, colleague.WaitEnded(limit(t)))

	// The trunk's REFER is refused by Asterisk itself.
	refer(call, "sip:1002@"+c.sip(), 603)
	hears(t, "the caller as ever", call, agentTone)
	if n := count(c.told, func(p queue.PhoneTransfer) bool { return p.Leg == queue.LegID(callOfLeg(leg)) }); n != 0 {
		t.Error("a customer's REFER is told")
	}
	healedNothing(t, c)
	c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: queue.LegID(callOfLeg(leg)), Reason: queue.HangUpNormal}, queue.Unbridge{Call: callOfLeg(leg)})
	nothingLeft(t, c)
}
