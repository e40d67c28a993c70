package box

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestSecondRun: a centre that starts again in its folder, with the phones at
// other addresses, rings them there: the agents are still ready from before.
func TestSecondRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, run := range []string{"first", "second"} {
		phone := newPhone(t, robot.Behaviour{})
		b, err := Start(ctx, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			Centre: centre.Demo(centre.DemoOptions{Robots: []string{phone.Addr().String()}, Passwords: [2]string{"guest-one", "guest-two"}, Supervisor: "supervise"})})
		if err != nil {
			t.Fatal(err)
		}
		if run == "first" {
			if _, err := b.Node.Ask(ctx, queue.SetAgent{Agent: "2001", State: queue.Ready, Req: "ready"}, "ready"); err != nil {
				t.Error(err)
			}
		}
		caller := newPhone(t, robot.Behaviour{})
		call, err := caller.Call(ctx, robot.CallOptions{To: "sip:4000@" + b.SIP})
		if err != nil {
			t.Fatal(err)
		}
		answered, cancel := context.WithTimeout(ctx, 30*time.Second)
		if err := call.WaitAnswered(answered); err != nil || phone.Counters().Answered != 1 {
			t.Errorf("%s run: %v; the agent's phone: %+v", run, err, phone.Counters())
		}
		cancel()
		call.Hangup()
		if err := call.WaitEnded(ctx); err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("%s run: %v", run, err)
		}
	}
}

func newPhone(t *testing.T, by robot.Behaviour) *robot.Phone {
	t.Helper()
	p, err := robot.NewPhone(robot.PhoneOptions{Behaviour: by})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}
