package ari

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestNumbersOutsideOnAsterisk: an agent places a call to a number that a robot
// answers as the trunk's other side.
func TestNumbersOutsideOnAsterisk(t *testing.T) {
	far := newRobot(t, robot.PhoneOptions{User: "far", Sound: robot.Tone(thirdTone)})
	in := bootWith(t, far.Addr().String())
	c := open(t, in, in.ARIURL(), housePlan(""))
	agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
	calls := 0
	// agentThere rings an agent for a call that nobody has come with.
	agentThere := func(t *testing.T) (queue.CallID, queue.LegID) {
		t.Helper()
		calls++
		call := queue.CallID("o1700000000-" + itoa(calls))
		leg := queue.LegID(string(call) + "~1")
		c.do(queue.DialAgent{Call: call, Leg: leg, Agent: "a1", Phone: account("1001"), Caller: "13900000001", Limit: generousRing})
		wait(t, c.told, "the agent", func(a queue.LegAnswered) bool { return a.Leg == leg })
		return call, leg
	}
	outside := func(call queue.CallID, sake queue.LegID) queue.DialNumber {
		return queue.DialNumber{Call: call, Leg: queue.LegID(string(call) + "~2"), Number: "+86 139-0000-0001", Shown: "4001", Name: "Support",
			Record: true, For: sake, Limit: generousRing}
	}
	end := func(t *testing.T, call queue.CallID, legs ...queue.LegID) {
		t.Helper()
		for _, leg := range legs {
			c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal})
		}
		c.do(queue.Unbridge{Call: call})
		nothingLeft(t, c)
	}

	t.Run("answered and recorded", func(t *testing.T) {
		far.SetBehaviour(robot.Behaviour{Answer: 200 * time.Millisecond})
		call, leg := agentThere(t)
		d := outside(call, leg)
		c.do(queue.Play{Leg: leg, Sounds: []string{queue.RingTone}}, d)
		wait(t, c.told, "ringing outside", func(r queue.LegRinging) bool { return r.Leg == d.Leg })
		wait(t, c.told, "the answer outside", func(a queue.LegAnswered) bool { return a.Leg == d.Leg })
		c.do(queue.StopMedia{Leg: leg}, queue.Bridge{Call: call, Legs: []queue.LegID{leg, d.Leg}})
		wait(t, c.told, "the customer in the bridge", func(b queue.LegBridged) bool { return b.Leg == d.Leg })
		there := newest(t, far)
		hears(t, "the customer", there, agentTone)
		hears(t, "the agent", newest(t, agent), thirdTone)
		if there.From() != "4001" || there.Display() != "Support" || !strings.HasPrefix(there.To(), "+8613900000001") || !strings.Contains(there.Asserted(), "4001") {
			t.Errorf("the far end was called %q by %q %q, asserted %q", there.To(), there.Display(), there.From(), there.Asserted())
		}
		hears(t, "the customer", there, agentTone)
		from := c.told.mark()
		there.Hangup()
		if e := waitFrom(t, c.told, from, "the customer's end", ended(d.Leg)); e.Cause != queue.CauseNormal {
			t.Errorf("cause %s, want normal", e.Cause)
		}
		file := filepath.Join(in.Params().RecordingDir, string(d.Leg)+".raw")
		until(t, "the recording", func() bool {
			info, err := os.Stat(file)
			return err == nil && info.Size() > 0
		})
		end(t, call, leg)
	})

	t.Run("not recorded", func(t *testing.T) {
		call, leg := agentThere(t)
		d := outside(call, leg)
		d.Record = false
		c.do(d)
		wait(t, c.told, "the answer outside", func(a queue.LegAnswered) bool { return a.Leg == d.Leg })
		if _, err := os.Stat(filepath.Join(in.Params().RecordingDir, string(d.Leg)+".raw")); !os.IsNotExist(err) {
			t.Errorf("a recording nobody asked for: %v", err)
		}
		from := c.told.mark()
		c.do(queue.HangUp{Leg: d.Leg, Reason: queue.HangUpNormal})
		waitFrom(t, c.told, from, "the customer's end", ended(d.Leg))
		must(t, newest(t, far).WaitEnded(limit(t)))
		end(t, call, leg)
	})

	for _, r := range []struct {
		name      string
		behaviour robot.Behaviour
		limit     time.Duration
		cause     queue.Cause
	}{
		{"busy", robot.Behaviour{Reject: 486}, generousRing, queue.CauseBusy},
		{"unknown", robot.Behaviour{Reject: 404}, generousRing, queue.CauseUnregistered},
		{"no answer", robot.Behaviour{NeverAnswer: true}, time.Second, queue.CauseNoAnswer},
	} {
		t.Run(r.name, func(t *testing.T) {
			far.SetBehaviour(r.behaviour)
			call, leg := agentThere(t)
			d := outside(call, leg)
			d.Limit = r.limit
			c.do(d)
			if e := wait(t, c.told, "the customer's end", ended(d.Leg)); e.Cause != r.cause {
				t.Errorf("cause %s, want %s", e.Cause, r.cause)
			}
			end(t, call, leg)
		})
	}

	t.Run("the agent has left", func(t *testing.T) {
		before := far.Counters().Invites
		call, leg := agentThere(t)
		c.do(queue.HangUp{Leg: leg, Reason: queue.HangUpNormal})
		wait(t, c.told, "the agent's end", ended(leg))
		d := outside(call, leg)
		c.do(d)
		if e := wait(t, c.told, "that nobody is called", ended(d.Leg)); e.Cause != queue.CauseGone {
			t.Errorf("cause %s, want gone", e.Cause)
		}
		if n := far.Counters().Invites - before; n != 0 {
			t.Errorf("%d customers were called for nobody", n)
		}
		end(t, call)
	})

	t.Run("taken over while it rings, and when it talks", func(t *testing.T) {
		far.SetBehaviour(robot.Behaviour{NeverAnswer: true})
		call, leg := agentThere(t)
		d := outside(call, "")
		c.do(d)
		wait(t, c.told, "ringing outside", func(r queue.LegRinging) bool { return r.Leg == d.Leg })
		fact := func(c *centre, id queue.LegID) (f queue.LegFact) {
			r := wait(t, c.told, "what is there", func(queue.Reconciled) bool { return true })
			for _, f := range r.Legs {
				if f.Leg == id {
					return f
				}
			}
			t.Fatalf("leg %s is not in %+v", id, r.Legs)
			return f
		}
		next := open(t, in, in.ARIURL(), housePlan(""))
		if f := fact(next, d.Leg); f.Kind != queue.LegAgent || !f.Ringing || f.Up || f.Bridged {
			t.Errorf("ringing: %+v", f)
		}
		must(t, newest(t, far).Answer())
		wait(t, next.told, "the answer", func(a queue.LegAnswered) bool { return a.Leg == d.Leg })
		next.do(queue.Bridge{Call: call, Legs: []queue.LegID{leg, d.Leg}})
		hears(t, "the customer", newest(t, far), agentTone)
		last := open(t, in, in.ARIURL(), housePlan(""))
		if f := fact(last, d.Leg); f.Kind != queue.LegAgent || !f.Up || !f.Bridged {
			t.Errorf("in conversation: %+v", f)
		}
		c = last
		end(t, call, leg, d.Leg)
		healedNothing(t, last)
	})
}

// TestNoTrunk: the failure says what to do.
func TestNoTrunk(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), Plan{})
	d := queue.DialNumber{Call: "o1", Leg: "o1~1", Number: "13900000001", Limit: generousRing}
	c.do(d)
	f := wait(t, c.told, "the failure", func(f queue.CommandFailed) bool { return f.Leg == d.Leg })
	if f.Command != "DialNumber" || f.Cause != queue.CauseFailed || !strings.Contains(f.Message, "no trunk to call out by") {
		t.Errorf("%+v", f)
	}
	// With an address in our own settings Asterisk needs none.
	far := newRobot(t, robot.PhoneOptions{User: "far"})
	c.sw.opts.Trunk = far.Addr().String()
	d.Leg = "o1~2"
	c.do(d)
	wait(t, c.told, "the answer", func(a queue.LegAnswered) bool { return a.Leg == d.Leg })
	if to := newest(t, far).To(); !strings.HasPrefix(to, "13900000001") {
		t.Errorf("called %q", to)
	}
	c.do(queue.HangUp{Leg: d.Leg, Reason: queue.HangUpNormal}, queue.Unbridge{Call: "o1"})
	nothingLeft(t, c)
}
