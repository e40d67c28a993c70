package loop

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// TestHoursOpenAndCloseQueues: the clock of the right zone opens and closes a
// queue to the minute, a configuration does at once, and the same news is told
// once. Time begins on Saturday, 2000-01-01 00:00 UTC: 08:00 in Shanghai.
func TestHoursOpenAndCloseQueues(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l, tp := start(t, shanghai)
		cfg := house()
		cfg.Queues[0].Hours = &queue.Hours{Name: "office", Week: [7][]queue.Span{time.Saturday: {{From: 510, To: 720}}}}
		told := func() (out []string) {
			synctest.Wait()
			tp.mu.Lock()
			defer tp.mu.Unlock()
			for _, r := range tp.records {
				switch e := r.Event.(type) {
				case queue.QueueOpened:
					out = append(out, r.At.In(shanghai).Format("15:04")+" open until "+e.Until.In(shanghai).Format("Mon 15:04"))
				case queue.QueueClosed:
					out = append(out, r.At.In(shanghai).Format("15:04")+" closed until "+e.Until.In(shanghai).Format("Mon 15:04"))
				}
			}
			return out
		}
		want := func(want ...string) {
			t.Helper()
			if got := told(); !slices.Equal(got, want) {
				t.Fatalf("got %q, want %q", got, want)
			}
		}
		want()
		l.Send(queue.Configure{Config: cfg})
		lines := []string{"08:00 closed until Sat 08:30"}
		want(lines...)
		time.Sleep(30*time.Minute - time.Millisecond)
		want(lines...)
		time.Sleep(time.Millisecond)
		lines = append(lines, "08:30 open until Sat 12:00")
		want(lines...)
		time.Sleep(time.Hour)
		l.SetLocation(time.UTC) // the house moves: there it is 01:30
		l.Send(queue.PhoneChanged{Agent: "1001", State: queue.PhoneIdle})
		lines = append(lines, "09:30 closed until Sat 16:30")
		want(lines...)
		again := cfg
		again.Queues = slices.Clone(cfg.Queues)
		h := *cfg.Queues[0].Hours
		h.Zone = "Asia/Shanghai"
		again.Queues[0].Hours = &h
		l.Send(queue.Configure{Config: again})
		lines = append(lines, "09:30 open until Sat 12:00")
		want(lines...)
		l.Send(queue.Configure{Config: house()})
		time.Sleep(publishEvery)
		synctest.Wait()
		if q := l.Snapshot().Queues[0]; q.Closed || !q.HoursUntil.IsZero() {
			t.Errorf("without hours it is %+v", q)
		}
	})
}
