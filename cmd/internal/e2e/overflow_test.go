package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestOverflow: every reason for which a call may not wait on takes it to the
// queue behind, where an agent answers; the place by arrival goes with it.
func TestOverflow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause queue.OverflowCause
		rule  string // "max_wait: {after: 1s", without its end
		state queue.AgentState
		wait  time.Duration
	}{
		{queue.OverflowMaxWait, "max_wait: {after: 1s, ", queue.LoggedOut, time.Second},
		{queue.OverflowNoAgents, "no_agents: {after: 1s, ", queue.LoggedOut, time.Second},
		{queue.OverflowNotReady, "not_ready: {after: 1s, ", queue.NotReady, time.Second},
		{queue.OverflowClosed, "closed: {", queue.Ready, 0},
	} {
		t.Run(string(c.cause), func(t *testing.T) {
			t.Parallel()
			f := theFloor(t)
			behind := f.open(t, "wrap_up: 0", robot.Behaviour{})
			hours := ""
			if c.cause == queue.OverflowClosed {
				hours = "hours: never, "
			}
			d := f.prepare(t, hours+"overflow: {"+c.rule+"to: "+string(behind.queue)+"}}", robot.Behaviour{})
			switch c.state {
			case queue.Ready:
				d.ready(t, d.agents[0])
			case queue.NotReady:
				d.ready(t, d.agents[0])
				d.set(t, d.agents[0].id, queue.NotReady)
			}
			v := d.call(t)
			r := d.takes(t, v, behind.agents[0])
			if c := r.Call; c.Queue != behind.queue || len(c.Passed) != 1 || c.Passed[0] != d.queue {
				t.Errorf("on record: %+v", c)
			}
			if r.Call.Wait < c.wait {
				t.Errorf("it waited %s", r.Call.Wait)
			}
			v.clean(t)
		})
	}
}

// TestClosed: who calls a queue outside its hours hears busy at once and no
// ringing, whoever is there; screens say that it is closed.
func TestClosed(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "hours: never", robot.Behaviour{})
	d.seen(t, "the queue to be closed", func(s *queue.Snapshot) bool {
		for _, q := range s.Queues {
			if q.Queue == d.queue {
				return q.Closed
			}
		}
		return false
	})
	v := d.call(t)
	over(t, v.Call)
	if code, reason := v.Status(); code != 486 || !v.Times().Ringing.IsZero() {
		t.Errorf("the caller was told %d %s, ringing at %v", code, reason, v.Times().Ringing)
	}
	r := v.record(t)
	ended(t, r, queue.OutcomeOverflowed, queue.ReleaseSystem)
	if c := r.Call; c.Rings.Heard != 0 || c.Offers != 0 {
		t.Errorf("on record: %+v", c)
	}
	v.clean(t)
}

// TestFull: one waits, the next hears busy; when the first is gone there is
// room again.
func TestFull(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "overflow: {full: {at: 1}}")
	first := d.call(t)
	must(t, first.WaitRinging(inTime(t)))
	second := d.call(t)
	over(t, second.Call)
	if code, reason := second.Status(); code != 486 {
		t.Errorf("the second caller was told %d %s", code, reason)
	}
	ended(t, second.record(t), queue.OutcomeOverflowed, queue.ReleaseSystem)
	first.Hangup()
	over(t, first.Call)
	first.record(t)
	third := d.call(t)
	must(t, third.WaitRinging(inTime(t)))
	third.Hangup()
	over(t, third.Call)
	ended(t, third.record(t), queue.OutcomeAbandoned, queue.ReleaseCaller)
	third.clean(t)
}
