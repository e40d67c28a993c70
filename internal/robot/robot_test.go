package robot

import (
	"context"
	"testing"
	"time"
)

const (
	callerTone = 440
	agentTone  = 700
)

// limit is generous: it bounds a hang, it measures nothing.
func limit(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func newPhone(t *testing.T, o PhoneOptions) *Phone {
	t.Helper()
	p, err := NewPhone(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

// pair is a caller at 440 Hz and an agent at 700.
func pair(t *testing.T, b Behaviour) (caller, agent *Phone) {
	t.Helper()
	return newPhone(t, PhoneOptions{User: "13800000001", Sound: Tone(callerTone)}),
		newPhone(t, PhoneOptions{User: "1001", Sound: Tone(agentTone), Behaviour: b})
}

func place(t *testing.T, from, to *Phone) *Call {
	t.Helper()
	c, err := from.Call(t.Context(), CallOptions{To: to.URI()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// arrived waits for the nth call of a phone (from 0).
func arrived(t *testing.T, p *Phone, n int) *Call {
	t.Helper()
	var found *Call
	until(t, "a call to arrive", func() bool {
		if calls := p.Calls(); len(calls) > n {
			found = calls[n]
		}
		return found != nil
	})
	return found
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx := limit(t)
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-time.After(time.Millisecond):
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEnding(t *testing.T, c *Call, want Ending, status int) {
	t.Helper()
	must(t, c.WaitEnded(limit(t)))
	if code, _ := c.Status(); c.Ending() != want || code != status {
		t.Errorf("call ended %q with %d, want %q with %d; trace %v", c.Ending(), code, want, status, c.Trace())
	}
}
