package e2e

import (
	"testing"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestNobodyConnected: with no threerings connected, callers are never met
// with silence: the fallback phones ring, and if nobody takes the call, an
// announcement answers. When the node is back, it has the next call.
func TestNobodyConnected(t *testing.T) {
	t.Parallel()
	guard := &agent{tone: 1000, in: make(chan *robot.Call, 4)}
	guard.phone = newPhone(t, robot.PhoneOptions{Sound: robot.Tone(1000)})
	guard.phone.OnCall(func(c *robot.Call) { guard.in <- c })
	f := own(t, box.Options{Fallback: []string{"PJSIP/trunk/" + guard.phone.URI()}})
	d := f.open(t, "wrap_up: 0", robot.Behaviour{})
	must(t, f.box.StopNode())

	v := d.call(t)
	in := guard.next(t)
	talk(t, v, in, guard.tone)
	v.Hangup()
	over(t, v.Call, in)

	guard.phone.SetBehaviour(robot.Behaviour{Reject: 486})
	told := d.call(t)
	must(t, told.WaitAnswered(inTime(t)))
	speaks(t, "the announcement to be heard", told.Call)
	over(t, told.Call) // it hangs up after the announcement
	if told.Ending() != robot.Remote {
		t.Errorf("after the announcement the call ended %s", told.Ending())
	}
	spoken(t, "the announcement", told.Call)

	must(t, f.box.StartNode(inTime(t)))
	f.ready(t, d.agents[0])
	back := d.call(t)
	r := d.takes(t, back, d.agents[0])
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if guard.phone.Counters().Invites != 2 {
		t.Errorf("the fallback phone was called %d times", guard.phone.Counters().Invites)
	}
	if err := leftovers(f.box); err != nil {
		t.Error(err)
	}
}
