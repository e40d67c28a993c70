package ari

import (
	"context"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

func housePlan(fixed string) Plan {
	p := Plan{Accounts: []Account{
		{ID: "1001", Password: "pw-1001", Name: "李 Li", Agent: "a1"},
		{ID: "1002", Password: "pw-1002", Name: "Wang", Agent: "a2"},
		{ID: "1003", Password: "pw-1003", Name: "Zhao", Agent: "a3"}, // nobody registers
	}}
	if fixed != "" {
		p.Fixed = []FixedPhone{{Agent: "a9", Address: fixed, Name: "Fixed"}}
	}
	return p
}

// TestCallsOnAsterisk runs the paths of a call on a real Asterisk, with real
// phones and tones, the core's part played by the test.
func TestCallsOnAsterisk(t *testing.T) {
	in := boot(t)
	desk := newRobot(t, robot.PhoneOptions{User: "desk", Sound: robot.Tone(agentTone)})
	c := open(t, in, in.ARIURL(), housePlan(desk.Addr().String()))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{NeverAnswer: true})
	wait(t, c.told, "the phone to be idle", func(p queue.PhoneChanged) bool {
		return p.Agent == "a1" && p.State == queue.PhoneIdle
	})
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})

	t.Run("answered, agent hangs up", func(t *testing.T) {
		agent.SetBehaviour(robot.Behaviour{Answer: 300 * time.Millisecond})
		call, leg := connect(t, c, caller, agent, 1)
		from := c.told.mark()
		other := newest(t, agent)
		if got := other.From(); got != "13800000001" {
			t.Errorf("agent's phone shows %q, want the caller's number", got)
		}
		if other.Display() != "张三" || other.Asserted() == "" {
			t.Errorf("agent's phone shows name %q, asserted identity %q", other.Display(), other.Asserted())
		}
		other.Hangup()
		if e := waitFrom(t, c.told, from, "the agent's end", ended(leg)); e.Cause != queue.CauseNormal {
			t.Errorf("cause %s, want normal", e.Cause)
		}
		caller := queue.LegID(callOfLeg(leg))
		c.do(queue.HangUp{Leg: caller, Reason: queue.HangUpNormal}, queue.Unbridge{Call: queue.CallID(caller)})
		must(t, call.WaitEnded(limit(t)))
		if call.Ending() != robot.Remote {
			t.Errorf("the caller's call ended %q, want remote", call.Ending())
		}
		waitFrom(t, c.told, from, "the caller's end", ended(caller))
	})

	t.Run("answered, caller hangs up", func(t *testing.T) {
		call, leg := connect(t, c, caller, agent, 1)
		from := c.told.mark()
		call.Hangup()
		id := queue.LegID(callOfLeg(leg))
		if e := waitFrom(t, c.told, from, "the caller's end", ended(id)); e.Cause != queue.CauseNormal {
			t.Errorf("cause %s, want normal", e.Cause)
		}
		c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.Unbridge{Call: queue.CallID(id)})
		must(t, newest(t, agent).WaitEnded(limit(t)))
	})

	t.Run("caller leaves while the phone rings", func(t *testing.T) {
		agent.SetBehaviour(robot.Behaviour{NeverAnswer: true})
		call, arrived := c.arrive(t, caller, "4000")
		c.do(queue.IndicateRinging{Leg: arrived.Leg})
		must(t, call.WaitRinging(limit(t)))
		leg := c.dial(arrived, 1, "a1", account("1001"))
		wait(t, c.told, "ringing", func(r queue.LegRinging) bool { return r.Leg == leg })
		if n := count(c.told, func(r queue.LegRinging) bool { return r.Leg == leg }); n != 1 {
			t.Errorf("ringing told %d times", n)
		}
		c.told.onInput(func(in queue.Input) {
			if e, ok := in.(queue.LegEnded); ok && e.Leg == arrived.Leg {
				c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpElsewhere}, queue.Unbridge{Call: queue.CallID(arrived.Leg)})
			}
		})
		defer c.told.onInput(nil)
		call.Hangup()
		other := newest(t, agent)
		must(t, other.WaitEnded(limit(t)))
		if other.Ending() != robot.Cancelled {
			t.Errorf("the agent's call ended %q, want cancelled", other.Ending())
		}
		t.Logf("caller's CANCEL → agent's CANCEL: %v", other.Times().Cancelled.Sub(call.Times().Cancelled))
		wait(t, c.told, "the agent's end", ended(leg))
	})

	refusals := []struct {
		name  string
		code  int
		cause queue.Cause
	}{
		{"busy", 486, queue.CauseBusy}, {"declined", 603, queue.CauseRefused}, {"unavailable", 480, queue.CauseNoAnswer},
		{"not found", 404, queue.CauseUnregistered}, {"server error", 500, queue.CauseFailed},
	}
	for _, r := range refusals {
		t.Run("agent's phone says "+r.name, func(t *testing.T) {
			agent.SetBehaviour(robot.Behaviour{Reject: r.code})
			call, arrived := c.arrive(t, caller, "4000")
			leg := c.dial(arrived, 1, "a1", account("1001"))
			if e := wait(t, c.told, "the agent's end", ended(leg)); e.Cause != r.cause {
				t.Errorf("cause %s, want %s", e.Cause, r.cause)
			}
			c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpBusy}, queue.Unbridge{Call: queue.CallID(arrived.Leg)})
			must(t, call.WaitEnded(limit(t)))
			if code, _ := call.Status(); code != 486 {
				t.Errorf("the caller got %d, want 486", code)
			}
		})
	}

	t.Run("nobody registered", func(t *testing.T) {
		call, arrived := c.arrive(t, caller, "4000")
		leg := c.dial(arrived, 1, "a3", account("1003"))
		f := wait(t, c.told, "failure", func(f queue.CommandFailed) bool { return f.Leg == leg })
		if f.Cause != queue.CauseUnregistered || f.Command != "DialAgent" {
			t.Errorf("%+v, want an unregistered phone", f)
		}
		c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpUnknown})
		must(t, call.WaitEnded(limit(t)))
		if code, _ := call.Status(); code != 404 {
			t.Errorf("the caller got %d, want 404", code)
		}
	})

	t.Run("answer without ringing", func(t *testing.T) {
		agent.SetBehaviour(robot.Behaviour{NoRing: true})
		_, arrived := c.arrive(t, caller, "4000")
		leg := c.dial(arrived, 1, "a1", account("1001"))
		wait(t, c.told, "the answer", func(a queue.LegAnswered) bool { return a.Leg == leg })
		if n := count(c.told, func(r queue.LegRinging) bool { return r.Leg == leg }); n != 0 {
			t.Errorf("ringing told %d times, want none", n)
		}
		c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
		wait(t, c.told, "the caller's end", ended(arrived.Leg))
	})

	t.Run("caller gone before the dialling", func(t *testing.T) {
		before := agent.Counters().Invites
		call, arrived := c.arrive(t, caller, "4000")
		call.Hangup()
		wait(t, c.told, "the caller's end", ended(arrived.Leg))
		c.dial(arrived, 1, "a1", account("1001"))
		until(t, "the command to be done", func() bool { return c.sw.Stats().Commands[CommandResult{"DialAgent", "gone"}] > 0 })
		if n := agent.Counters().Invites - before; n != 0 {
			t.Errorf("the agent's phone rang %d times for nobody", n)
		}
	})

	t.Run("greeting and music", func(t *testing.T) {
		call, arrived := c.arrive(t, caller, "4000")
		c.do(queue.Answer{Leg: arrived.Leg}, queue.Play{Leg: arrived.Leg, Sounds: []string{"tone:beep"}})
		must(t, call.WaitAnswered(limit(t)))
		c.do(queue.StopMedia{Leg: arrived.Leg})
		from := c.told.mark()
		c.do(queue.Play{Leg: arrived.Leg, Sounds: []string{"no-such-sound"}})
		waitFrom(t, c.told, from, "the end of a sound that is not there", func(p queue.PlaybackFinished) bool { return p.Leg == arrived.Leg })
		c.do(queue.StartMusic{Leg: arrived.Leg, Class: "default"}, queue.StopMedia{Leg: arrived.Leg}, queue.StopMedia{Leg: arrived.Leg})
		c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
		must(t, call.WaitEnded(limit(t)))
	})

	t.Run("phone at a fixed address", func(t *testing.T) {
		wait(t, c.told, "the phone to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a9" && p.State == queue.PhoneIdle })
		_, arrived := c.arrive(t, caller, "4000")
		leg := c.dial(arrived, 1, "a9", queue.Phone{Kind: queue.PhoneFixed, Value: desk.Addr().String()})
		wait(t, c.told, "the answer", func(a queue.LegAnswered) bool { return a.Leg == leg })
		wait(t, c.told, "the phone in use", func(p queue.PhoneChanged) bool { return p.Agent == "a9" && p.State == queue.PhoneInUse })
		from := c.told.mark()
		c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal}, queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
		waitFrom(t, c.told, from, "the phone idle", func(p queue.PhoneChanged) bool { return p.Agent == "a9" && p.State == queue.PhoneIdle })
	})

	t.Run("feature code", func(t *testing.T) {
		from := c.told.mark()
		call, err := agent.Call(t.Context(), robot.CallOptions{To: "sip:*121@" + c.sip()})
		must(t, err)
		f := waitFrom(t, c.told, from, "the feature", func(queue.FeatureDialled) bool { return true })
		if f.Code != "*121" || f.Endpoint != "1001" || f.Addr != agent.Addr().String() {
			t.Errorf("%+v", f)
		}
		c.do(queue.Answer{Leg: f.Leg})
		must(t, call.WaitAnswered(limit(t)))
		waitFrom(t, c.told, from, "the phone in use", func(p queue.PhoneChanged) bool { return p.Agent == "a1" && p.State == queue.PhoneInUse })
		c.do(queue.HangUp{Leg: f.Leg, Reason: queue.HangUpNormal})
		waitFrom(t, c.told, from, "its end", ended(f.Leg))
	})

	t.Run("nothing is left", func(t *testing.T) {
		until(t, "all channels and bridges to be gone", func() bool {
			now, err := c.sw.look(t.Context())
			must(t, err)
			return len(now.channels) == 0 && len(now.bridges) == 0
		})
		st := c.sw.Stats()
		for name, h := range st.Carried {
			t.Logf("%-16s n=%d mean=%v max=%v", name, h.Count, (h.Sum / time.Duration(h.Count)).Round(time.Microsecond), h.Max.Round(time.Microsecond))
		}
		t.Logf("requests n=%d mean=%v max=%v; events to inputs mean=%v max=%v; unknown %v; healed %v; results %v", st.Requests.Count, st.Requests.Sum/time.Duration(st.Requests.Count), st.Requests.Max,
			st.Events2In.Sum/time.Duration(st.Events2In.Count), st.Events2In.Max, st.Unknown, st.Healed, st.Commands)
	})
}

// connect brings a caller and agent a1 together as the core would, and proves
// it by tones.
func connect(t *testing.T, c *centre, caller, agent *robot.Phone, n int) (*robot.Call, queue.LegID) {
	t.Helper()
	call, arrived := c.arrive(t, caller, "4000")
	if arrived.Caller != "13800000001" || arrived.Name != "张三" || arrived.Endpoint != "trunk" || arrived.Addr != caller.Addr().String() {
		t.Errorf("arrived as %+v", arrived)
	}
	c.do(queue.IndicateRinging{Leg: arrived.Leg})
	must(t, call.WaitRinging(limit(t)))
	id := queue.CallID(arrived.Leg)
	agentLeg := queue.LegID(string(id) + "~" + itoa(n))
	c.told.onInput(func(in queue.Input) {
		if a, ok := in.(queue.LegAnswered); ok && a.Leg == agentLeg {
			c.do(queue.Answer{Leg: arrived.Leg}, queue.Bridge{Call: id, Legs: []queue.LegID{arrived.Leg, a.Leg}})
		}
	})
	defer c.told.onInput(nil)
	dialled := time.Now()
	leg := c.dial(arrived, n, "a1", account("1001"))
	wait(t, c.told, "ringing", func(r queue.LegRinging) bool { return r.Leg == leg })
	for _, id := range []queue.LegID{arrived.Leg, leg} {
		wait(t, c.told, "bridged", func(b queue.LegBridged) bool { return b.Leg == id })
	}
	must(t, call.WaitAnswered(limit(t)))
	other := newest(t, agent)
	atCaller, err := call.WaitTone(limit(t), agentTone)
	must(t, err)
	atAgent, err := other.WaitTone(limit(t), callerTone)
	must(t, err)
	times := other.Times()
	t.Logf("dial → INVITE %v; agent's 200 → caller's 200 %v, → caller hears %v, → agent hears %v", times.Invited.Sub(dialled),
		call.Times().Answered.Sub(times.Answered), atCaller.Sub(times.Answered), atAgent.Sub(times.Answered))
	return call, leg
}

func callOfLeg(id queue.LegID) queue.CallID {
	call, _ := callOf(id)
	return call
}

func newest(t *testing.T, p *robot.Phone) *robot.Call {
	t.Helper()
	calls := p.Calls()
	if len(calls) == 0 {
		t.Fatal("the phone had no call")
	}
	return calls[len(calls)-1]
}

func limit(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
