package loop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// A preview tells what becomes of a call that waits, by the hours of the house
// as they would be, and changes nothing. Time begins on a Saturday.
func TestPreview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, tp := start(t, time.UTC)
		l.Send(queue.Configure{Config: house()})
		l.Send(queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
		l.Send(queue.CallArrived{Leg: "c1", Number: "4000"})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		told := len(tp.order)
		next := house()
		next.Queues = append(next.Queues, queue.NewQueue("night"))
		next.Queues[0].Overflows = []queue.Overflow{{Cause: queue.OverflowNoAgents, To: "night"}}
		next.Queues[1].Hours = &queue.Hours{Name: "office", Week: [7][]queue.Span{time.Saturday: {{From: 0, To: 60}}}}
		p, err := l.Preview(t.Context(), queue.Configure{Config: next}, time.UTC)
		if err != nil || p.Refused != "" || len(p.Facts) != 1 {
			t.Fatalf("got %+v, %v; want one fact", p, err)
		}
		if got := p.Facts[0].String(); got != "call c1 (support, place 1, waiting 0:10): would go to night at once: no_agents" {
			t.Error(got)
		}
		next.Country = "mars"
		if p, err := l.Preview(t.Context(), queue.Configure{Config: next}, time.UTC); err != nil || !strings.Contains(p.Refused, "mars") {
			t.Errorf("got %+v, %v; want a refusal", p, err)
		}
		synctest.Wait()
		if len(tp.order) != told || l.Snapshot().Calls[0].Queue != "support" {
			t.Errorf("a preview changed the present: %v", tp.order[told:])
		}
	})
}

func TestPreviewOfALoopThatIsOver(t *testing.T) {
	l := New(queue.New(), Options{Journal: &tape{}, Switch: &tape{}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Preview(ctx, queue.Configure{Config: house()}, time.UTC); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody runs the loop: %v", err)
	}
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Preview(t.Context(), queue.Configure{Config: house()}, time.UTC); !errors.Is(err, ErrEnded) {
		t.Errorf("the loop has ended: %v", err)
	}
}
