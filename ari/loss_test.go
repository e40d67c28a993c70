package ari

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestWireCut: talking, ringing and waiting legs through a loss of the event
// socket; who is still there is told, who left is not, nobody is dropped.
func TestWireCut(t *testing.T) {
	in := boot(t)
	wire := newProxy(t, strings.TrimSuffix(strings.TrimPrefix(in.ARIURL(), "http://"), "/ari"))
	c := open(t, in, wire.url(in.ARIURL()), housePlan(""))
	one := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	two := c.phone(t, "1002", "pw-1002", robot.Behaviour{NeverAnswer: true})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	talking, agentLeg := connect(t, c, caller, one, 1)
	_, second := c.arrive(t, caller, "4000")
	ringing := c.dial(second, 1, "a2", account("1002"))
	wait(t, c.told, "ringing", func(r queue.LegRinging) bool { return r.Leg == ringing })
	leaver, third := c.arrive(t, caller, "4000")

	from := c.told.mark()
	wire.set(true)
	waitFrom(t, c.told, from, "the loss", func(queue.SwitchLost) bool { return true })
	if c.sw.Connected() {
		t.Error("says it is connected")
	}
	leaver.Hangup()
	must(t, leaver.WaitEnded(limit(t)))
	until(t, "Asterisk to have noticed both", func() bool {
		out, err := in.Command(t.Context(), "core show channels concise")
		must(t, err)
		return strings.Count(out, "PJSIP/") == 4
	})
	wire.set(false)

	r := waitFrom(t, c.told, from, "reconciliation", func(queue.Reconciled) bool { return true })
	facts := map[queue.LegID]queue.LegFact{}
	for _, f := range r.Legs {
		facts[f.Leg] = f
	}
	first := queue.LegID(callOfLeg(agentLeg))
	want := map[queue.LegID]queue.LegFact{
		first:      {Leg: first, Kind: queue.LegCaller, Up: true, Bridged: true, Arrival: facts[first].Arrival},
		agentLeg:   {Leg: agentLeg, Kind: queue.LegAgent, Up: true, Bridged: true, Agent: "a1"}, // also to who never heard of it
		second.Leg: {Leg: second.Leg, Kind: queue.LegCaller, Arrival: second},
		ringing:    {Leg: ringing, Kind: queue.LegAgent, Ringing: true},
	}
	if len(facts) != len(want) {
		t.Errorf("legs %+v, want %d", r.Legs, len(want))
	}
	for id, f := range want {
		if facts[id] != f {
			t.Errorf("leg %s is told as %+v, want %+v", id, facts[id], f)
		}
	}
	if facts[first].Arrival.Caller != "13800000001" || facts[first].Arrival.Number != "4000" || facts[first].Arrival.Addr != caller.Addr().String() {
		t.Errorf("arrival told as %+v", facts[first].Arrival)
	}
	if _, there := facts[third.Leg]; there {
		t.Error("a caller who left is told as present")
	}
	if r.Phones["a1"] != queue.PhoneInUse || r.Phones["a2"] != queue.PhoneRinging || r.Phones["a3"] != queue.PhoneOffline {
		t.Errorf("phones %v", r.Phones)
	}

	// Events of the old legs flow again, and once.
	from = c.told.mark()
	talking.Hangup()
	waitFrom(t, c.told, from, "the caller's end", ended(first))
	c.do(queue.HangUp{Leg: agentLeg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: ringing, Reason: queue.HangUpElsewhere},
		queue.HangUp{Leg: second.Leg, Reason: queue.HangUpNormal})
	for _, id := range []queue.LegID{agentLeg, ringing, second.Leg} {
		waitFrom(t, c.told, from, "its end", ended(id))
	}
	must(t, newest(t, two).WaitEnded(limit(t)))
	if n := count(c.told, func(queue.SwitchLost) bool { return true }); n != 2 { // one at the start
		t.Errorf("the loss was told %d times, want 2 with the one at the start", n)
	}
}

// TestTakeover: a second adapter adopts the legs of the first, which stops
// acting at once.
func TestTakeover(t *testing.T) {
	in := boot(t)
	first := open(t, in, in.ARIURL(), housePlan(""))
	agent := first.phone(t, "1001", "pw-1001", robot.Behaviour{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	call, leg := connect(t, first, caller, agent, 1)
	id := queue.LegID(callOfLeg(leg))

	plan := housePlan("")
	plan.Accounts = plan.Accounts[:1]
	second := open(t, in, in.ARIURL(), plan)
	if err := <-first.ended; !errors.Is(err, ErrReplaced) {
		t.Errorf("the first ended with %v, want ErrReplaced", err)
	}
	first.ended <- ErrReplaced
	first.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal})
	if first.sw.Stats().Commands[CommandResult{"HangUp", "dropped"}] != 1 {
		t.Error("the replaced adapter still acts")
	}
	r := wait(t, second.told, "reconciliation", func(queue.Reconciled) bool { return true })
	if len(r.Legs) != 2 || !r.Legs[0].Bridged || !r.Legs[1].Bridged || r.Phones["a1"] != queue.PhoneInUse {
		t.Errorf("adopted %+v", r)
	}
	// Bridge again is harmless and confirms.
	from := second.told.mark()
	second.do(queue.Bridge{Call: queue.CallID(id), Legs: []queue.LegID{id, leg}})
	waitFrom(t, second.told, from, "bridged", func(b queue.LegBridged) bool { return b.Leg == leg })
	if call.Silent() {
		t.Error("the caller hears nothing after the takeover")
	}
	until(t, "accounts that are no longer in the plan to be gone", func() bool {
		now, err := second.sw.look(t.Context())
		must(t, err)
		for _, e := range now.endpoints {
			if e.Resource == "1002" || e.Resource == "1003" {
				return false
			}
		}
		return true
	})
	newest(t, agent).Hangup()
	wait(t, second.told, "the agent's end", ended(leg))
	second.do(queue.HangUp{Leg: id, Reason: queue.HangUpNormal}, queue.Unbridge{Call: queue.CallID(id)})
	must(t, call.WaitEnded(limit(t)))
	// Its account was pushed anew; its registration has outlived that.
	wait(t, second.told, "the phone to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a1" && p.State == queue.PhoneIdle })
}

// TestAsteriskRestarts: accounts are pushed again, phones and callers come back.
func TestAsteriskRestarts(t *testing.T) {
	in := boot(t)
	var again *asteriskconf.Instance
	t.Cleanup(func() { // after the phones have signed off
		if again != nil {
			if err := again.Stop(context.Background()); err != nil {
				t.Log(err)
			}
		}
	})
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
	_, arrived := c.arrive(t, caller, "4000")
	from := c.told.mark()
	in.Kill()
	waitFrom(t, c.told, from, "the loss", func(queue.SwitchLost) bool { return true })
	var err error
	again, err = asteriskconf.Start(t.Context(), in.Params())
	must(t, err)
	r := waitFrom(t, c.told, from, "reconciliation", func(queue.Reconciled) bool { return true })
	if len(r.Legs) != 0 {
		t.Errorf("legs %+v after a crash of Asterisk, among them %s?", r.Legs, arrived.Leg)
	}
	until(t, "the phone to be registered again", func() bool { // refused until its account is there
		return agent.Register(limit(t), "sip:"+c.sip(), time.Minute) == nil
	})
	until(t, "the phone to be idle", func() bool {
		c.sw.mu.Lock()
		defer c.sw.mu.Unlock()
		return c.sw.legs.phones["a1"].state == queue.PhoneIdle
	})
	connect(t, c, caller, agent, 1)
}

// TestMediaLost: a caller whose sound stops is hung up by Asterisk, and the
// cause is told although the end of Stasis does not carry one.
func TestMediaLost(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), housePlan(""))
	from := c.told.mark()
	bye := muteCaller(t, c.sip())
	arrived := waitFrom(t, c.told, from, "the caller", func(queue.CallArrived) bool { return true })
	c.do(queue.Answer{Leg: arrived.Leg})
	if e := wait(t, c.told, "the caller's end", ended(arrived.Leg)); e.Cause != queue.CauseMediaLost {
		t.Errorf("cause %s, want media_lost", e.Cause)
	}
	select {
	case <-bye:
	case <-limit(t).Done():
		t.Error("no BYE came to the caller")
	}
}
