package robot

import (
	"runtime"
	"testing"
	"time"
)

// Who vanishes says nothing to the other side, hears nothing more, and leaves nothing behind when it is closed.
func TestVanish(t *testing.T) {
	before := runtime.NumGoroutine()
	server, err := NewPhone(PhoneOptions{User: "server", Sound: Tone(agentTone)})
	must(t, err)
	caller, err := NewPhone(PhoneOptions{Sound: Tone(callerTone)})
	must(t, err)
	talking := place(t, caller, server)
	must(t, talking.WaitAnswered(limit(t)))
	in := server.Calls()[0]
	if _, err := in.WaitTone(limit(t), callerTone); err != nil {
		t.Fatal(err)
	}
	server.SetBehaviour(Behaviour{NeverAnswer: true})
	ringing := place(t, caller, server)
	must(t, ringing.WaitRinging(limit(t)))

	caller.Vanish()
	messages := len(talking.Trace())
	quiet := func() uint64 { return in.Audio().Packets }
	until(t, "the sound to stop", func() bool {
		was := quiet()
		time.Sleep(5 * packetTime)
		return quiet() == was
	})
	in.Hangup() // a BYE that reaches nobody
	start := time.Now()
	must(t, caller.Close())
	if d := time.Since(start); d > closeGrace {
		t.Errorf("closing took %v: who has vanished says no goodbye", d)
	}
	wantEnding(t, talking, Failed, 200)
	wantEnding(t, ringing, Failed, 0)
	if now := len(talking.Trace()); now != messages {
		t.Errorf("%v crossed the socket of a phone that had vanished", talking.Trace()[messages:])
	}
	if c := server.Calls()[1]; c.Ending() != NotEnded {
		t.Errorf("the phone that rang for it saw %v", c.Trace())
	}
	must(t, server.Close())
	until(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}
