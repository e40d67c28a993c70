package queue

import (
	"fmt"
	"testing"
	"time"
)

// TestFiguresOfRegistrationsAgree: the live figures and those added up from the
// rows are the same, whether a call was registered while it lasted or after it.
func TestFiguresOfRegistrationsAgree(t *testing.T) {
	for _, script := range []string{"wrapup_required", "registration"} {
		s, calls, _ := rowsOf(t, script)
		for _, r := range s.registrations {
			calls[r.Call].Registration = r.Registration
		}
		for _, q := range s.acd.Snapshot().Queues {
			cfg := s.acd.queues[q.Queue].cfg
			var added Tally
			for _, c := range calls {
				added.Add(cfg, c)
			}
			if added.Registered != q.Today.Registered || added.RegistrationMissed != q.Today.RegistrationMissed {
				t.Errorf("%s: queue %s: rows say %d registered and %d not, the wall %d and %d", script, q.Queue,
					added.Registered, added.RegistrationMissed, q.Today.Registered, q.Today.RegistrationMissed)
			}
			if q.Queue == "support" && q.Today.Registered == 0 {
				t.Errorf("%s: nothing was registered", script)
			}
		}
	}
}

// TestOnlyLateConversationsAreKept: what can still be registered is bounded.
func TestOnlyLateConversationsAreKept(t *testing.T) {
	s := newStage(t)
	s.line("house agents=1")
	s.line("switch up")
	s.line("ready 1001")
	for i := range keptWorked + 10 {
		id := fmt.Sprintf("c%d", i)
		s.line("arrive " + id + " 4000 13800000001")
		s.line("serve " + id + "~1 1s")
	}
	if len(s.acd.worked) != keptWorked {
		t.Errorf("%d conversations are kept, want %d", len(s.acd.worked), keptWorked)
	}
	for call, want := range map[CallID]bool{"c9": false, "c10": true} {
		out := s.acd.Step(s.now.Add(time.Second), Register{Call: call, Agent: "1001", Category: "other"})
		if _, ok := out.Records[0].Event.(CallRegistered); ok != want {
			t.Errorf("call %s: %#v", call, out.Records[0].Event)
		}
	}
}
