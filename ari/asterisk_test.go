package ari

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

const (
	testApp      = "threerings"
	testPassword = "s3cret-of-the-test"
	callerTone   = 440
	agentTone    = 700
	patience     = 15 * time.Second // bounds a hang, measures nothing
	generousRing = 30 * time.Second
)

// centre is a real Asterisk with our adapter on it.
type centre struct {
	asterisk *asteriskconf.Instance
	sw       *Switch
	told     *ears
	end      context.CancelFunc
	ended    chan error
}

// boot starts a real Asterisk for one test and stops it at the end.
func boot(t *testing.T) *asteriskconf.Instance {
	t.Helper()
	return bootWith(t, "")
}

// bootWith starts one that calls numbers outside by a trunk.
func bootWith(t *testing.T, trunk string) *asteriskconf.Instance {
	t.Helper()
	return bootAs(t, func(p *asteriskconf.Params) { p.Trunk = trunk })
}

// bootAs starts one with other settings than most tests want.
func bootAs(t *testing.T, change func(*asteriskconf.Params)) *asteriskconf.Instance {
	t.Helper()
	prefix, err := asteriskconf.Find("")
	if err != nil {
		t.Fatalf("these tests need a real Asterisk: %v", err)
	}
	ports, err := asteriskconf.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ports.Close)
	dir, err := os.MkdirTemp("", "tr-ari-") // short: the socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	params := asteriskconf.Params{Dir: dir, Prefix: prefix, ARIPassword: testPassword, App: testApp, RTPTimeout: 2 * time.Second}
	ports.Apply(&params)
	change(&params)
	in, err := asteriskconf.Start(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Stop(context.Background()); err != nil {
			t.Log(err) // Asterisk may keep count of a channel whose request was cut off
		}
	})
	return in
}

// open runs an adapter on an Asterisk until the test ends or close is called.
func open(t *testing.T, in *asteriskconf.Instance, url string, plan Plan) *centre {
	t.Helper()
	return run(t, in, plan, Options{URL: url})
}

// openWith is open with limits for phones that say nothing.
func openWith(t *testing.T, in *asteriskconf.Instance, plan Plan, phones Limits) *centre {
	t.Helper()
	return run(t, in, plan, Options{URL: in.ARIURL(), Phones: phones})
}

func run(t *testing.T, in *asteriskconf.Instance, plan Plan, o Options) *centre {
	t.Helper()
	c := &centre{asterisk: in, told: newEars(), ended: make(chan error, 1)}
	o.User, o.Password, o.App, o.Log, o.CheckEvery = in.Params().ARIUser, testPassword, testApp, testLog(t), 100*time.Millisecond
	c.sw = New(o, c.told.hear)
	ctx, cancel := context.WithCancel(context.Background())
	c.end = cancel
	if err := c.sw.Provision(ctx, plan); err != nil {
		t.Fatal(err)
	}
	go func() { c.ended <- c.sw.Run(ctx) }()
	t.Cleanup(c.close)
	wait(t, c.told, "reconciliation", func(queue.Reconciled) bool { return true })
	until(t, "the accounts to be pushed", func() bool {
		return c.sw.Stats().Accounts == len(plan.Accounts)+len(plan.Fixed)
	})
	return c
}

func (c *centre) close() {
	c.end()
	c.ended <- <-c.ended
}

func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (c *centre) sip() string {
	return c.asterisk.Params().SIPHost + ":" + itoa(c.asterisk.Params().SIPPort)
}

func (c *centre) do(commands ...queue.Command) { c.sw.Execute(commands) }

// phone is an agent's phone, registered with an account of the plan.
func (c *centre) phone(t *testing.T, account, password string, b robot.Behaviour) *robot.Phone {
	t.Helper()
	p := newRobot(t, robot.PhoneOptions{User: account, Password: password, Sound: robot.Tone(agentTone), Behaviour: b})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Register(ctx, "sip:"+c.sip(), time.Minute); err != nil {
		t.Fatal(err)
	}
	return p
}

func newRobot(t *testing.T, o robot.PhoneOptions) *robot.Phone {
	t.Helper()
	p, err := robot.NewPhone(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close a phone: %v", err)
		}
	})
	return p
}

// arrive lets a caller dial a number and waits until the core would know.
func (c *centre) arrive(t *testing.T, caller *robot.Phone, number string) (*robot.Call, queue.CallArrived) {
	t.Helper()
	from := c.told.mark()
	call, err := caller.Call(t.Context(), robot.CallOptions{To: "sip:" + number + "@" + c.sip()})
	if err != nil {
		t.Fatal(err)
	}
	in := waitFrom(t, c.told, from, "a caller", func(a queue.CallArrived) bool { return a.Number == number })
	return call, in
}

// dial rings an agent for a call.
func (c *centre) dial(in queue.CallArrived, n int, agent queue.AgentID, phone queue.Phone) queue.LegID {
	leg := queue.LegID(string(in.Leg) + "~" + itoa(n))
	c.do(queue.DialAgent{Call: queue.CallID(in.Leg), Leg: leg, CallerLeg: in.Leg, Agent: agent, Phone: phone,
		Caller: in.Caller, Name: in.Name, Queue: "support", Limit: generousRing})
	return leg
}

func account(id string) queue.Phone { return queue.Phone{Kind: queue.PhoneAccount, Value: id} }
