package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// bubble runs a hub on virtual time.
func bubble(t *testing.T, test func(t *testing.T, core *memoryCore, h *hub), change ...func(*Options)) {
	synctest.Test(t, func(t *testing.T) {
		core := newCore(time.Now())
		o := Options{Core: core, Centre: func() Centre { return Centre{} }, Metrics: NewMetrics(), MaxWatchers: 500, MaxWatchersPerAddress: 300, FrameEvery: 100 * time.Millisecond}
		for _, f := range change {
			f(&o)
		}
		h := newHub(o, time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); h.run(ctx) }()
		synctest.Wait()
		test(t, core, h)
		cancel()
		<-done
	})
}

func join(t *testing.T, h *hub) *watcher {
	t.Helper()
	w, err := h.join("10.0.0.1", func() {})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func ring(core *memoryCore, n int) {
	core.step(time.Now(), queue.CallArrived{Leg: queue.LegID(fmt.Sprint("c", n)), Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
}

func TestHubFirstChangeAtOnceThenTenASecond(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		w := join(t, h)
		<-w.next // the present
		began := time.Now()
		ring(core, 0)
		f := <-w.next
		if d := time.Since(began); d != 0 || f.ledger != core.Snapshot().Seq {
			t.Errorf("first change after %s, reflects record %d of %d", d, f.ledger, core.Snapshot().Seq)
		}
		frames := 0
		go func() {
			for i := 1; i <= 200; i++ { // a change each 5 ms for a second
				time.Sleep(5 * time.Millisecond)
				ring(core, i)
			}
		}()
		for time.Since(began) < time.Second {
			select {
			case <-w.next:
				frames++
			case <-time.After(time.Second - time.Since(began)):
			}
		}
		if frames != 9 && frames != 10 {
			t.Errorf("%d more frames in a second of steady change, want 9 or 10", frames)
		}
		time.Sleep(150 * time.Millisecond)
		if f = <-w.next; f.ledger != core.Snapshot().Seq {
			t.Errorf("the last change never came: frame has %d, ledger %d", f.ledger, core.Snapshot().Seq)
		}
	})
}

func TestHubHeartbeat(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		w := join(t, h)
		last := (<-w.next).at
		for range 5 {
			f := <-w.next
			if d := f.at.Sub(last); d > heartbeat {
				t.Errorf("silent for %s, want at most %s", d, heartbeat)
			}
			last = f.at
		}
		// A heartbeat must not delay the change after it.
		began := time.Now()
		ring(core, 1)
		if <-w.next; time.Since(began) != 0 {
			t.Errorf("the change after a heartbeat took %s", time.Since(began))
		}
	})
}

func TestHubNewestWinsForTheSlow(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		slow, quick := join(t, h), join(t, h)
		got := 0
		for i := range 20 {
			ring(core, i)
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			select {
			case <-quick.next:
				got++
			default:
			}
		}
		if got < 19 {
			t.Errorf("the quick one got %d frames of 20 beside a slow one", got)
		}
		if f := <-slow.next; f.ledger != core.Snapshot().Seq {
			t.Errorf("the slow one got record %d, not the newest %d", f.ledger, core.Snapshot().Seq)
		}
		select {
		case f := <-slow.next:
			t.Errorf("an older frame was kept as well: %d", f.seq)
		default:
		}
	})
}

// Who joins between a change and its frame misses nothing: what the first
// frame lacks, the next one brings.
func TestHubSnapshotThenFollow(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		for i := range 50 {
			go ring(core, i)
			w := join(t, h)
			var f *frame
			for f == nil || f.ledger < core.Snapshot().Seq {
				began := time.Now()
				f = <-w.next
				if time.Since(began) > 100*time.Millisecond {
					t.Fatalf("round %d: the change came by heartbeat only", i)
				}
				synctest.Wait()
			}
			h.leave(w)
		}
	})
}

func TestHubFramesAreNumbered(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		w := join(t, h)
		var last uint64
		for i := range 10 {
			ring(core, i)
			h.current() // GET takes numbers as well
			f := <-w.next
			var body Frame
			if err := json.Unmarshal(f.body, &struct{ *Seqs }{&Seqs{&body.Seq}}); err != nil {
				t.Fatal(err)
			}
			if f.seq <= last || body.Seq != f.seq {
				t.Errorf("frame %d (body %d) after %d", f.seq, body.Seq, last)
			}
			last = f.seq
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// Seqs reads the number of a frame.
type Seqs struct {
	Seq *uint64 `json:"seq"`
}

func TestHubLimits(t *testing.T) {
	small := func(o *Options) { o.MaxWatchers, o.MaxWatchersPerAddress = 3, 2 }
	bubble(t, func(t *testing.T, _ *memoryCore, h *hub) {
		try := func(addr string) (*watcher, bool) {
			w, err := h.join(addr, func() {})
			return w, err == nil
		}
		first, ok := try("a")
		if _, again := try("a"); !ok || !again {
			t.Fatal("two of one address must be let in")
		}
		if _, ok = try("a"); ok {
			t.Error("a third of one address was let in")
		}
		if _, ok = try("b"); !ok {
			t.Error("another address was refused while there was room")
		}
		if _, ok = try("c"); ok {
			t.Error("a fourth in all was let in")
		}
		h.leave(first)
		if _, ok = try("a"); !ok {
			t.Error("a free place was refused")
		}
		h.shut()
		if _, ok = try("d"); ok {
			t.Error("somebody joined a hub that stops")
		}
	}, small)
}

// Nobody watches: nothing is built.
func TestHubRestsWhenNobodyLooks(t *testing.T) {
	bubble(t, func(t *testing.T, core *memoryCore, h *hub) {
		for i := range 20 {
			ring(core, i)
			time.Sleep(200 * time.Millisecond)
		}
		if h.seq != 0 {
			t.Errorf("%d frames built for nobody", h.seq)
		}
	})
}

// A frame that was built earlier but comes later is not shown, and none twice.
func TestOfferGoesForwardOnly(t *testing.T) {
	w := &watcher{next: make(chan *frame, 1)}
	for _, seq := range []uint64{1, 3, 2, 3} {
		w.offer(&frame{seq: seq})
	}
	if f := <-w.next; f.seq != 3 {
		t.Errorf("frame %d is shown, want 3", f.seq)
	}
	w.offer(&frame{seq: 3})
	if len(w.next) != 0 {
		t.Error("a frame is shown twice")
	}
}
