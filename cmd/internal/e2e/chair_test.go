package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// alerted waits for an alert about an agent.
func (d *desk) alerted(t *testing.T, id queue.AgentID, kind queue.AlertKind) (found queue.Alert) {
	t.Helper()
	d.seen(t, string(kind)+" of "+string(id), func(s *queue.Snapshot) bool {
		for _, a := range s.Alerts {
			if a.Agent == id && a.Kind == kind {
				found = a
				return true
			}
		}
		return false
	})
	return found
}

// TestEmptyChair: by the queue's rule whoever lets it ring stays ready and is
// rung again after a pause; after the second time in a row the chair is empty:
// signed out, and the supervisor is called. The caller has kept the place.
func TestEmptyChair(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "ring: {country: uk, agent: 1}, wrap_up: 0, fine: 15, missed: {rona: {then: ready, pause: 1s}}, sign_out_after: 2",
		robot.Behaviour{NeverAnswer: true}, robot.Behaviour{})
	first, second := d.agents[0], d.agents[1]
	d.set(t, second.id, queue.NotReady)
	v := d.call(t)
	over(t, first.next(t))
	again := first.next(t)
	if pause := again.Times().Invited.Sub(v.Times().Invited); pause < 4*time.Second {
		t.Errorf("rung again %s after the call came: one ring of 3 s and a pause of 1 s lie between", pause)
	}
	over(t, again)
	d.agentIs(t, first.id, "signed out", inState(queue.LoggedOut))
	if a := d.alerted(t, first.id, queue.AlertSignOut); a.Count != 2 || a.Queue != d.queue {
		t.Errorf("the alert says %+v", a)
	}
	d.set(t, second.id, queue.Ready)
	r := d.takes(t, v, second)
	lost := offer{first.id, queue.OfferLost, string(queue.MissedRONA)}
	offered(t, r, lost, lost, offer{second.id, queue.OfferTaken, ""})
	v.clean(t)
}

// TestMissedByRule: a queue's own rule goes before the usual consequence.
func TestMissedByRule(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0, missed: {refused: {then: ready, pause: 20s}, busy: {then: logged_out}}",
		robot.Behaviour{Reject: 603}, robot.Behaviour{Reject: 486}, robot.Behaviour{})
	refuses, busy, third := d.agents[0], d.agents[1], d.agents[2]
	v := d.call(t)
	over(t, refuses.next(t))
	over(t, busy.next(t))
	d.agentIs(t, refuses.id, "ready, left alone for a while", func(g queue.Agent) bool {
		return g.State == queue.Ready && g.BackOffAt.After(time.Now())
	})
	d.agentIs(t, busy.id, "signed out", inState(queue.LoggedOut))
	d.takes(t, v, third)
	v.clean(t)
}

// TestAbsence: a reason has a limit; beyond it the supervisor is called, once,
// until the agent is back (R5.4).
func TestAbsence(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0", robot.Behaviour{})
	a := d.agents[0]
	d.dials(t, a.phone, "*126", impatient)
	d.agentIs(t, a.id, "away for a moment", notReadyFor("brief"))
	if alert := d.alerted(t, a.id, queue.AlertAbsent); alert.Reason != "brief" || alert.For < 2*time.Second {
		t.Errorf("the alert says %+v", alert)
	}
	d.dials(t, a.phone, "*11", impatient)
	d.agentIs(t, a.id, "back", inState(queue.Ready))
	d.seen(t, "no alert any more", func(s *queue.Snapshot) bool {
		for _, alert := range s.Alerts {
			if alert.Agent == a.id {
				return false
			}
		}
		return true
	})
}
