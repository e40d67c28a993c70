package loop

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// TestWallClockJumps: the machine's clock is set an hour forward and two hours
// back while a caller waits, a phone rings and people talk. Every length on, times never run backwards, and once nobody calls the
// clock that went ahead is followed, one that was set back is not.
func TestWallClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tp := &tape{}
		l := New(queue.New(), Options{Journal: tp, Switch: tp, Location: time.UTC, Log: silent})
		var off atomic.Int64
		l.clock.wall = func() time.Time { return time.Now().Add(time.Duration(off.Load())).Round(0) }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		jump := func(by time.Duration) {
			synctest.Wait()
			off.Store(int64(by))
			l.Send(nil) // time passes, and nothing else
			synctest.Wait()
		}
		l.Send(queue.Configure{Config: house()})
		l.Send(queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
		l.Send(queue.CallArrived{Leg: "c1", Number: "4000"})
		time.Sleep(4 * time.Second)
		jump(time.Hour) // waits
		time.Sleep(4 * time.Second)
		l.Send(queue.SetAgent{Agent: "1001", State: queue.Ready})
		l.Send(queue.LegRinging{Leg: "c1~1"})
		time.Sleep(3 * time.Second)
		jump(-time.Hour) // rings
		time.Sleep(3 * time.Second)
		l.Send(queue.LegAnswered{Leg: "c1~1"})
		l.Send(queue.LegBridged{Leg: "c1"})
		l.Send(queue.LegBridged{Leg: "c1~1"})
		time.Sleep(10 * time.Second)
		jump(time.Hour) // talk
		time.Sleep(10 * time.Second)
		jump(-time.Hour)
		l.Send(queue.LegEnded{Leg: "c1", Cause: queue.CauseNormal})
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}

		tp.mu.Lock()
		defer tp.mu.Unlock()
		seen := 0
		var last, arrived, connected time.Time
		for _, r := range tp.records {
			if r.At.Before(last) {
				t.Errorf("%s at %s, after a record of %s", queue.TypeOf(r.Event), r.At, last)
			}
			if last = r.At; r.At.Location() != time.UTC {
				t.Errorf("%s is recorded in %s", queue.TypeOf(r.Event), r.At.Location())
			}
			switch e := r.Event.(type) {
			case queue.OfferAccepted:
				seen++
				if e.Wait != 14*time.Second || e.Rings.For != 6*time.Second {
					t.Errorf("waited %s, rang %s, want 14s and 6s", e.Wait, e.Rings.For)
				}
			case queue.CallQueued:
				arrived = r.At
			case queue.CallConnected:
				connected = r.At
			case queue.CallCompleted:
				seen++
				// Recordings and exports take their times from these.
				if all, talk := r.At.Sub(arrived), r.At.Sub(connected); all != 34*time.Second || talk != 20*time.Second {
					t.Errorf("by the times on record the call lasted %s, its talk %s; want 34s and 20s", all, talk)
				}
				if e.Talk != 20*time.Second {
					t.Errorf("talked %s, want 20s", e.Talk)
				}
			case queue.ViolationFound:
				t.Errorf("a violation by the clock: %+v", e)
			}
		}
		if seen != 2 {
			t.Errorf("not answered, or not ended: %v", tp.order)
		}
		if ahead := time.Until(l.clock.now()); ahead != 0 {
			t.Errorf("the clock is ahead by %s after jumps during a call, which must not be followed", ahead)
		}
	})
}

// TestDaysOverSummerTime: a day of the figures has 23 hours when clocks go
// forward and 25 when they go back, and none is missed or begins twice.
func TestDaysOverSummerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newYork, err := time.LoadLocation("America/New_York")
		if err != nil {
			t.Fatal(err)
		}
		_, tp := start(t, newYork)
		const days = 310 // from the first of January 2000: over April's change and October's
		time.Sleep(days * 24 * time.Hour)
		synctest.Wait()
		tp.mu.Lock()
		defer tp.mu.Unlock()
		var began []time.Time
		lengths := map[time.Duration]int{}
		for _, r := range tp.records {
			d, ok := r.Event.(queue.DayBegan)
			if !ok {
				continue
			}
			if n := len(began); n > 0 {
				if at := r.At.In(newYork); at.Hour() != 0 || at.Format(time.DateOnly) != d.Day {
					t.Errorf("day %s began at %s", d.Day, at)
				}
				if n > 1 {
					lengths[r.At.Sub(began[n-1]).Round(time.Second)]++
				}
			}
			began = append(began, r.At)
		}
		if lengths[23*time.Hour] != 1 || lengths[25*time.Hour] != 1 || len(lengths) != 3 || len(began) < days {
			t.Errorf("%d days began, lengths %v; want one of 23 h and one of 25 h", len(began), lengths)
		}
	})
}
