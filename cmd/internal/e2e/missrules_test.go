package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestMissRules: what an agent's phone says, or that it says nothing, has the
// consequence that the queue has for it. Each is another one than it would have
// without the rule.
func TestMissRules(t *testing.T) {
	t.Parallel()
	const pause = 20 * time.Second
	leftAlone := func(g queue.Agent) bool { return g.State == queue.Ready && !g.BackOffAt.IsZero() }
	signedOut := inState(queue.LoggedOut)
	for _, c := range []struct {
		reason queue.MissReason
		phone  robot.Behaviour
		then   string
		holds  func(queue.Agent) bool
	}{
		{queue.MissedRONA, robot.Behaviour{NeverAnswer: true}, "ready, pause: 20s", leftAlone},
		{queue.MissedRefused, robot.Behaviour{Reject: 603}, "logged_out", signedOut},
		{queue.MissedBusy, robot.Behaviour{Reject: 486}, "not_ready", notReadyFor(queue.ReasonRefused)},
		{queue.MissedNoAnswer, robot.Behaviour{Reject: 480}, "ready, pause: 20s", leftAlone},
		{queue.MissedUnregistered, robot.Behaviour{Reject: 404}, "logged_out", signedOut},
		{queue.MissedFailed, robot.Behaviour{Reject: 500}, "not_ready", notReadyFor(queue.ReasonRefused)},
		{queue.MissedNoRinging, robot.Behaviour{Silent: true}, "logged_out", signedOut},
	} {
		t.Run(string(c.reason), func(t *testing.T) {
			t.Parallel()
			rules := fmt.Sprintf("wrap_up: 0, dial_timeout: 4s, ring: {country: uk, agent: 1}, missed: {%s: {then: %s}}", c.reason, c.then)
			d := theFloor(t).open(t, rules, c.phone, robot.Behaviour{})
			first, second := d.agents[0], d.agents[1]
			d.set(t, second.id, queue.NotReady)
			v := d.call(t)
			var after queue.Agent
			d.agentIs(t, first.id, "where the rule puts them", func(g queue.Agent) bool { after = g; return c.holds(g) })
			d.set(t, second.id, queue.Ready)
			r := d.takes(t, v, second)
			offered(t, r, offer{first.id, queue.OfferLost, string(c.reason)}, offer{second.id, queue.OfferTaken, ""})
			if missed := r.Offers[0].ClosedAt; after.State == queue.Ready && after.BackOffAt.Sub(missed) != pause {
				t.Errorf("missed at %s, left alone until %s", missed, after.BackOffAt)
			}
			v.clean(t)
		})
	}
}

// TestBackOff: an agent left alone for a while is rung again when it is over,
// and not before, though nobody else could take the call.
func TestBackOff(t *testing.T) {
	t.Parallel()
	const pause = 2 * time.Second
	d := theFloor(t).open(t, "wrap_up: 0, missed: {busy: {then: ready, pause: 2s}}", robot.Behaviour{Reject: 486})
	a := d.agents[0]
	v := d.call(t)
	over(t, a.next(t))
	a.phone.SetBehaviour(robot.Behaviour{})
	r := d.takes(t, v, a)
	last := len(r.Offers) - 1
	for i, o := range r.Offers {
		if want := map[bool]string{true: "", false: string(queue.MissedBusy)}[i == last]; o.Reason != want {
			t.Errorf("offer %d: %s, want %s", i+1, o.Reason, want)
		}
		if i > 0 && o.MadeAt.Sub(r.Offers[i-1].ClosedAt) < pause {
			t.Errorf("offer %d was made %s after the one before was missed", i+1, o.MadeAt.Sub(r.Offers[i-1].ClosedAt))
		}
	}
	if last == 0 {
		t.Error("the busy phone's offer is not on record")
	}
	v.clean(t)
}
