package dashboard

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// Two hundred screens on real sockets: each gets every last word, and the time
// from an event to the frame at the client is reported. It is a measurement,
// not a limit: a busy machine must not fail the build.
func TestWallboardTwoHundredScreens(t *testing.T) {
	const screens, changes = 200, 100
	c := newCentre(t)
	addr, _ := c.serve(t)
	var (
		mu   sync.Mutex
		when = map[uint64]time.Time{} // by record
		took []time.Duration
		wg   sync.WaitGroup
	)
	ready := make(chan struct{}, screens)
	first := c.core.Snapshot().Seq
	last := make(chan uint64)
	final := sync.OnceValue(func() uint64 { return <-last })
	quit := make(chan struct{})
	for range screens {
		conn := mustDial(t, addr, nil)
		wg.Go(func() {
			s, err := read(conn)
			ready <- struct{}{}
			from := first
			for err == nil {
				now := time.Now()
				mu.Lock()
				for seq := from + 1; seq <= s.LedgerSeq; seq++ {
					if at, ok := when[seq]; ok {
						took = append(took, now.Sub(at))
					}
				}
				mu.Unlock()
				from = max(from, s.LedgerSeq)
				select {
				case <-quit:
					if from >= final() {
						return
					}
				default:
				}
				s, err = read(conn)
			}
			t.Errorf("a screen was lost: %v", err)
		})
	}
	for range screens {
		<-ready
	}
	for i := range changes {
		at := time.Now()
		c.core.mu.Lock()
		next := c.core.acd.Seq() + 1
		c.core.mu.Unlock()
		mu.Lock()
		when[next] = at
		mu.Unlock()
		ring(c.core, i)
		time.Sleep(time.Duration(20+i%30) * time.Millisecond) // the arrivals of a busy hour, not a wait for anything
	}
	go func() { last <- c.core.Snapshot().Seq }()
	close(quit)
	wg.Wait()
	slices.Sort(took)
	if len(took) != screens*changes {
		t.Errorf("%d changes arrived at screens, want %d", len(took), screens*changes)
	}
	at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))].Round(10 * time.Microsecond) }
	t.Logf("event to frame at %d screens, %d changes about every 35 ms: n=%d p50=%s p95=%s p99=%s max=%s",
		screens, changes, len(took), at(.5), at(.95), at(.99), at(1))
}
