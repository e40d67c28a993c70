package ari

import (
	"context"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestPhonesThatDie: a phone whose plug is pulled is found by the limits set, in
// a conversation and while it holds with its own keys, and told as that; and one
// that has an account is known to be away, so that no call is offered to it.
func TestPhonesThatDie(t *testing.T) {
	in := boot(t)
	c := openWith(t, in, housePlan(""), Limits{Silence: 3 * time.Second, Hold: 5 * time.Second, Qualify: time.Second})
	state := func() queue.PhoneState {
		c.sw.mu.Lock()
		defer c.sw.mu.Unlock()
		return c.sw.legs.phones["a1"].state
	}
	for n, holds := range []bool{false, true} {
		agent := c.phone(t, "1001", "pw-1001", robot.Behaviour{})
		until(t, "the phone to be idle", func() bool { return state() == queue.PhoneIdle })
		caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Display: "张三", Sound: robot.Tone(callerTone)})
		call, leg := connect(t, c, caller, agent, n+1)
		if holds {
			must(t, newest(t, agent).Hold(limit(t)))
			wait(t, c.told, "the hold", func(h queue.HoldChanged) bool { return h.Leg == leg && h.On })
		}
		agent.Vanish()
		began := time.Now()
		if e := wait(t, c.told, "the agent's end", ended(leg)); e.Cause != queue.CauseMediaLost {
			t.Errorf("on hold %t: cause %s, want media_lost", holds, e.Cause)
		}
		t.Logf("on hold %t: found after %s", holds, time.Since(began).Round(10*time.Millisecond))
		until(t, "the phone to be away", func() bool { return state() == queue.PhoneOffline })
		t.Logf("known to be away after %s", time.Since(began).Round(10*time.Millisecond))
		must(t, agent.Close())
		hangUp(t, c, call, leg)
	}
	nothingLeft(t, c)
}

// hangUp ends a call whose agent is gone.
func hangUp(t *testing.T, c *centre, call *robot.Call, leg queue.LegID) {
	t.Helper()
	id := callOfLeg(leg)
	c.do(queue.HangUp{Leg: queue.LegID(id), Reason: queue.HangUpNormal}, queue.Unbridge{Call: id})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	must(t, call.WaitEnded(ctx))
}
