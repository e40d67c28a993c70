package loop

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// tape notes what the loop hands on, in order.
type tape struct {
	mu       sync.Mutex
	order    []string
	records  []queue.Record
	commands []queue.Command
}

func (t *tape) Append(rs []queue.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records = append(t.records, rs...)
	for _, r := range rs {
		t.order = append(t.order, queue.TypeOf(r.Event))
	}
}

func (t *tape) Execute(cs []queue.Command) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.commands = append(t.commands, cs...)
	for _, c := range cs {
		t.order = append(t.order, "> "+queue.Name(c))
	}
}

func (t *tape) has(what string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range t.order {
		if o == what {
			return true
		}
	}
	return false
}

func house() queue.Config {
	q := queue.NewQueue("support")
	return queue.Config{Country: "cn", Queues: []queue.QueueConfig{q}, Numbers: map[string]queue.QueueID{"4000": "support"},
		Agents: []queue.AgentConfig{{ID: "1001", Phone: queue.Phone{Kind: queue.PhoneAccount, Value: "1001"}, Queues: []queue.QueueID{"support"}}}}
}

func start(t *testing.T, loc *time.Location) (*Loop, *tape) {
	tp := &tape{}
	l := New(queue.New(), Options{Journal: tp, Switch: tp, Location: loc})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return l, tp
}

func TestDeadlinesWakeTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, tp := start(t, time.UTC)
		l.Send(queue.Configure{Config: house()})
		l.Send(queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
		l.Send(queue.SetAgent{Agent: "1001", State: queue.Ready})
		l.Send(queue.CallArrived{Leg: "c1", Number: "4000"})
		synctest.Wait()
		if !tp.has("> DialAgent") {
			t.Fatalf("no phone was dialled: %v", tp.order)
		}
		l.Send(queue.LegRinging{Leg: "c1~1"})
		synctest.Wait()
		time.Sleep(15*time.Second - time.Millisecond)
		synctest.Wait()
		if tp.has("ViolationFound") {
			t.Fatal("the ring limit fell due before three cycles had passed")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if !tp.has("ViolationFound") || !tp.has("> HangUp") {
			t.Fatalf("the ring limit did not wake the loop: %v", tp.order)
		}
	})
}

func TestRecordsGoBeforeCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, tp := start(t, time.UTC)
		l.Send(queue.Configure{Config: house()})
		l.Send(queue.CallArrived{Leg: "c1", Number: "4000"})
		synctest.Wait()
		var queued, ringing int
		for i, o := range tp.order {
			switch o {
			case "CallQueued":
				queued = i
			case "> IndicateRinging":
				ringing = i
			}
		}
		if queued == 0 || ringing < queued {
			t.Fatalf("order is %v, want the record before its command", tp.order)
		}
	})
}

func TestAskSeesItsAnswerAndItsEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := start(t, time.UTC)
		if e, err := l.Ask(t.Context(), queue.Configure{Config: house(), Req: "r1"}, "r1"); err != nil || queue.TypeOf(e) != "Configured" {
			t.Fatalf("configure: %v, %v", e, err)
		}
		e, err := l.Ask(t.Context(), queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "r2"}, "r2")
		if err != nil || queue.TypeOf(e) != "AgentStateSet" {
			t.Fatalf("set agent: %v, %v", e, err)
		}
		if got := l.Snapshot().Agents[0].State; got != queue.Ready {
			t.Errorf("after the answer the snapshot shows %s, want ready", got)
		}
		e, err = l.Ask(t.Context(), queue.SetAgent{Agent: "9", State: queue.Ready, Req: "r3"}, "r3")
		if r, ok := e.(queue.Refused); err != nil || !ok || r.Code != "unknown_agent" {
			t.Errorf("unknown agent: %v, %v", e, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Ask(ctx, queue.SwitchLost{}, "never"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an input without an answer: %v", err)
		}
	})
}

func TestMidnightOfTheHouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shanghai := time.FixedZone("CST", 8*3600)
		l, tp := start(t, shanghai)
		synctest.Wait()
		first := l.Snapshot().Day
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		days := 0
		for _, r := range tp.records {
			if d, ok := r.Event.(queue.DayBegan); ok {
				days++
				if at := r.At.In(shanghai); days > 1 && (at.Hour() != 0 || at.Format(time.DateOnly) != d.Day) {
					t.Errorf("day %s began at %s", d.Day, at)
				}
			}
		}
		if days != 2 {
			t.Errorf("%d days began in 24 hours from %s, want 2", days, first)
		}
	})
}

func TestSubscribersShareTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := start(t, time.UTC)
		ch, cancel := l.Subscribe()
		defer cancel()
		l.Send(queue.Configure{Config: house()})
		for range 100 {
			l.Send(queue.PhoneChanged{Agent: "1001", State: queue.PhoneIdle})
			l.Send(queue.PhoneChanged{Agent: "1001", State: queue.PhoneInUse})
		}
		time.Sleep(time.Second)
		synctest.Wait()
		<-ch
		if got := l.Snapshot().Agents[0].Phone; got != queue.PhoneInUse {
			t.Errorf("the last token leaves phone %s, want in_use", got)
		}
		select {
		case <-ch:
			t.Error("200 changes while nobody looked gave a second token")
		default:
		}
	})
}

// TestNewHasNotHeardTheSwitch: a ledger that ended in a crash says that the
// switch is heard. A new loop does not claim so before it hears it itself.
func TestNewHasNotHeardTheSwitch(t *testing.T) {
	acd := queue.New()
	acd.Step(time.Now(), queue.Reconciled{})
	if !acd.Snapshot().Switch {
		t.Fatal("the ledger should say that the switch is heard")
	}
	if New(acd, Options{}).Snapshot().Switch {
		t.Error("a loop that has not run claims to hear the switch")
	}
}
