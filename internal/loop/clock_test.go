package loop

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// TestClockSetBackBeforeTheStart: the ledger ends an hour from now, as after a
// clock that was set back. A phone's ring limit falls due all the same.
func TestClockSetBackBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		acd := queue.New()
		acd.Step(time.Now().Add(time.Hour), queue.Configure{Config: house()})
		tp := &tape{}
		l := New(acd, Options{Journal: tp, Switch: tp, Log: silent})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		l.Send(queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
		l.Send(queue.SetAgent{Agent: "1001", State: queue.Ready})
		l.Send(queue.CallArrived{Leg: "c1", Number: "4000"})
		l.Send(queue.LegRinging{Leg: "c1~1"})
		time.Sleep(16 * time.Second)
		synctest.Wait()
		if !tp.has("ViolationFound") {
			t.Errorf("time stands still: %v", tp.order)
		}
		cancel()
		<-done
		if _, err := l.Ask(t.Context(), queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "r"}, "r"); !errors.Is(err, ErrEnded) {
			t.Errorf("asked after the end: %v", err)
		}
	})
}

// TestClockFollowsForward: a clock that went ahead is followed, one that was
// set back is not, and small steps are nothing.
func TestClockFollowsForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var off time.Duration
		c := newClock(time.Time{}, silent)
		c.wall = func() time.Time { return time.Now().Add(off).Round(0) }
		for _, at := range []struct{ off, ahead time.Duration }{
			{time.Second, 0}, {8 * time.Hour, 8 * time.Hour}, {7 * time.Hour, 8 * time.Hour}, {9 * time.Hour, 9 * time.Hour},
		} {
			off = at.off
			time.Sleep(time.Minute)
			c.set()
			if got := time.Until(c.now()); got != at.ahead {
				t.Errorf("the wall clock is ahead by %v, ours by %v, want %v", at.off, got, at.ahead)
			}
		}
	})
}
