package robot

import (
	"runtime"
	"testing"
	"time"
)

// Close must end what is going on in every state, and leave no goroutine behind.
func TestCloseEndsCallsAndLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	server, err := NewPhone(PhoneOptions{User: "server", Sound: Tone(agentTone)})
	must(t, err)
	caller, err := NewPhone(PhoneOptions{Sound: Tone(callerTone)})
	must(t, err)

	talking := place(t, caller, server)
	must(t, talking.WaitAnswered(limit(t)))
	server.SetBehaviour(Behaviour{NeverAnswer: true})
	ringing := place(t, caller, server)
	must(t, ringing.WaitRinging(limit(t)))
	placed := place(t, server, caller) // the other way round, and answered
	must(t, placed.WaitAnswered(limit(t)))

	must(t, caller.Close())
	wantEnding(t, talking, Local, 200)
	wantEnding(t, ringing, Cancelled, 487)
	wantEnding(t, placed, Remote, 200)
	until(t, "the server to have no calls", func() bool { return server.Counters().Live == 0 })
	for _, c := range server.Calls() {
		if c.Ending() == Failed {
			t.Errorf("the other side saw %v", c.Trace())
		}
	}
	if _, err := caller.Call(t.Context(), CallOptions{To: server.URI()}); err == nil {
		t.Error("a closed phone calls")
	}
	must(t, caller.Close())
	must(t, server.Close())
	until(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// A switch that has died answers neither BYE nor CANCEL nor anything else: Close takes its grace and no more.
func TestCloseDoesNotWaitForTheDead(t *testing.T) {
	before := runtime.NumGoroutine()
	dead, err := NewPhone(PhoneOptions{})
	must(t, err)
	p, err := NewPhone(PhoneOptions{})
	must(t, err)
	up := place(t, p, dead)
	must(t, up.WaitAnswered(limit(t)))
	dead.SetBehaviour(Behaviour{Silent: true})
	unheard := place(t, p, dead)

	start := time.Now()
	must(t, p.Close())
	if d := time.Since(start); d > 3*closeGrace {
		t.Errorf("closing took %v", d)
	}
	wantEnding(t, up, Local, 200)
	wantEnding(t, unheard, Failed, 0)
	must(t, dead.Close())
	until(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
