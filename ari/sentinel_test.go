package ari

import (
	"testing"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

const shortRescue = 3 * time.Second

// TestNobodyCommands: when signs of life stay away, callers who ring or wait go
// to the fallback, those who talk talk on, and whose agent leaves goes there too;
// a new caller does not ring for ever. Who commands again finds out who was
// taken.
func TestNobodyCommands(t *testing.T) {
	in := bootAs(t, func(p *asteriskconf.Params) { p.RescueAfter, p.RetryFor = shortRescue, time.Second })
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{Answer: 100 * time.Millisecond})
	wait(t, c.told, "the phone to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a1" && p.State == queue.PhoneIdle })
	from := func(number string) *robot.Phone {
		return newRobot(t, robot.PhoneOptions{User: number, Sound: robot.Tone(callerTone)})
	}
	talking, leg := connect(t, c, newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)}), agent, 1)
	agentsCall := newest(t, agent)
	hears(t, "the caller", talking, agentTone)
	waiting, waits := c.arrive(t, from("13800000002"), "4000")
	c.do(queue.Answer{Leg: waits.Leg}, queue.StartMusic{Leg: waits.Leg, Class: "default"})
	music(t, "who waits", waiting)
	ringing, rings := c.arrive(t, from("13800000003"), "4000")
	c.do(queue.IndicateRinging{Leg: rings.Leg})
	must(t, ringing.WaitRinging(limit(t)))

	c.close()
	hears(t, "who waited, from the fallback", waiting, ringTone)
	must(t, ringing.WaitAnswered(limit(t)))
	hears(t, "who was ringing, from the fallback", ringing, ringTone)
	hears(t, "who talks", talking, agentTone)
	hears(t, "the agent", agentsCall, callerTone)
	late, err := from("13800000004").Call(t.Context(), robot.CallOptions{To: "sip:4000@" + c.sip()})
	must(t, err)
	must(t, late.WaitAnswered(limit(t)))
	hears(t, "a new caller, from the fallback", late, ringTone)

	// The next to command is told who is not with us any more.
	again := open(t, in, in.ARIURL(), housePlan(""))
	now := wait(t, again.told, "reconciliation", func(queue.Reconciled) bool { return true })
	for _, id := range []queue.LegID{waits.Leg, rings.Leg} {
		if !now.Rescued[id] {
			t.Errorf("%s is not told to be with the fallback: %+v", id, now)
		}
	}
	if now.Rescued[queue.LegID(callOfLeg(leg))] {
		t.Errorf("who talks is told to be with the fallback: %+v", now)
	}
	again.close()

	agentsCall.Hangup()
	hears(t, "whose agent left, from the fallback", talking, ringTone)
	for _, call := range []*robot.Call{talking, waiting, ringing, late} {
		call.Hangup()
	}
}

// TestRescuedWhileConnected: a caller who is taken from us while we hear has not
// hung up, and is not told to have.
func TestRescuedWhileConnected(t *testing.T) {
	in := bootAs(t, func(p *asteriskconf.Params) { p.RescueAfter = shortRescue })
	c := open(t, in, in.ARIURL(), Plan{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Sound: robot.Tone(callerTone)})
	call, arrived := c.arrive(t, caller, "4000")
	c.do(queue.Answer{Leg: arrived.Leg}, queue.StartMusic{Leg: arrived.Leg, Class: "default"})
	music(t, "who waits", call)
	c.sw.opts.silent.Store(true)
	e := wait(t, c.told, "the end of the leg for us", ended(arrived.Leg))
	if e.Cause != queue.CauseRescued {
		t.Errorf("told to have ended by %q, want rescued", e.Cause)
	}
	hears(t, "the caller, from the fallback", call, ringTone)
	call.Hangup()
}
