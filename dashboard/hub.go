package dashboard

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// heartbeat is the longest pause between two frames, so that a screen knows
// within seconds that it hears nothing any more.
const heartbeat = 2 * time.Second

// hub builds a frame once per change and hands the same encoded bytes to all
// watchers. A watcher has one slot in which a newer frame replaces an older
// one, so nobody waits for anybody.
type hub struct {
	src     Source
	since   time.Time
	centre  func() Centre
	opts    Options // limits and pauses
	metrics *Metrics

	building sync.Mutex // held while a frame is built, guards newest and seq
	newest   *frame
	seq      uint64

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	byAddr   map[string]int
	stopped  bool
	stop     chan struct{} // closed with stopped
	pumps    sync.WaitGroup
}

// frame is a wallboard as it goes over the wire.
type frame struct {
	seq    uint64
	ledger uint64
	at     time.Time
	body   []byte
	wire   *websocket.PreparedMessage
}

// watcher is one screen.
type watcher struct {
	addr string
	next chan *frame // one slot; only offer sends
	seen uint64      // newest frame put there, guarded by hub.mu
	end  func()      // closes the connection, whatever it does
}

func newHub(o Options, since time.Time) *hub {
	return &hub{src: o.Core, since: since, centre: o.Centre, opts: o, metrics: o.Metrics,
		watchers: map[*watcher]struct{}{}, byAddr: map[string]int{}, stop: make(chan struct{})}
}

// run sends frames until ctx ends: the first change at once, later ones after
// a pause, and a heartbeat when nothing changes.
func (h *hub) run(ctx context.Context) {
	changed, cancel := h.src.Subscribe()
	defer cancel()
	defer h.shut()
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	var told time.Time // when a change was last sent; heartbeats delay nothing
	pending := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			pending = true
		case <-timer.C:
		}
		now := time.Now()
		if pending {
			if wait := told.Add(h.opts.FrameEvery).Sub(now); wait > 0 {
				timer.Reset(wait)
				continue
			}
			pending, told = false, now
		}
		h.broadcast()
		timer.Reset(heartbeat)
	}
}

func (h *hub) broadcast() {
	if h.watching() == 0 {
		return // nobody looks: who comes later starts from a new frame
	}
	f := h.current()
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.watchers {
		w.offer(f)
	}
}

// offer puts a frame in the slot, in place of an older one. It never blocks.
func (w *watcher) offer(f *frame) {
	if f.seq <= w.seen {
		return
	}
	w.seen = f.seq
	select {
	case <-w.next:
	default:
	}
	w.next <- f
}

// reuse is how old a frame may be that nothing has changed since.
const reuse = 100 * time.Millisecond

// current returns a frame of the present, built once however many ask.
func (h *hub) current() *frame {
	h.building.Lock()
	defer h.building.Unlock()
	began := time.Now()
	snap := h.src.Snapshot()
	if n := h.newest; n != nil && n.ledger == snap.Seq && began.Sub(n.at) < reuse {
		return n
	}
	h.seq++
	f := &frame{seq: h.seq, ledger: snap.Seq, at: began}
	var err error
	if f.body, err = json.Marshal(wallboard(snap, h.centre(), h.since, began, f.seq)); err != nil {
		panic("wallboard frame: " + err.Error()) // plain values of ours: cannot fail, unless a float is NaN by a bug
	}
	if f.wire, err = websocket.NewPreparedMessage(websocket.TextMessage, f.body); err != nil {
		panic("wallboard frame: " + err.Error())
	}
	h.newest = f
	h.metrics.frame(time.Since(began), len(f.body))
	return f
}

// join adds a watcher and gives it the present. It is added before the present
// is taken, so a change in between reaches it as the next frame: none is lost.
func (h *hub) join(addr string, end func()) (*watcher, error) {
	w := &watcher{addr: addr, next: make(chan *frame, 1), end: end}
	if err := h.admit(w); err != nil {
		return nil, err
	}
	f := h.current()
	h.mu.Lock()
	defer h.mu.Unlock()
	w.offer(f)
	return w, nil
}

func (h *hub) admit(w *watcher) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
		return newProblem(http.StatusServiceUnavailable, codeStopping, "the server is stopping; come back in a moment")
	case len(h.watchers) >= h.opts.MaxWatchers:
		return newProblem(http.StatusServiceUnavailable, codeTooManyScreen, "all places for wallboards are taken")
	case h.byAddr[w.addr] >= h.opts.MaxWatchersPerAddress:
		return newProblem(http.StatusTooManyRequests, codeTooManyScreen, "this address has too many wallboards open")
	}
	h.watchers[w] = struct{}{}
	h.byAddr[w.addr]++
	h.pumps.Add(1)
	return nil
}

// leave takes a watcher out; it must be called once per join.
func (h *hub) leave(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers, w)
	if h.byAddr[w.addr]--; h.byAddr[w.addr] <= 0 {
		delete(h.byAddr, w.addr)
	}
	h.pumps.Done()
}

func (h *hub) watching() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watchers)
}

// shut asks all watchers to end; nobody can join any more.
func (h *hub) shut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.stopped = true
		close(h.stop)
	}
}

// wait returns when all watchers have left. Those who do not by the end of ctx
// are cut off.
func (h *hub) wait(ctx context.Context) {
	left := make(chan struct{})
	go func() { h.pumps.Wait(); close(left) }()
	select {
	case <-left:
		return
	case <-ctx.Done():
	}
	h.mu.Lock()
	for w := range h.watchers {
		w.end()
	}
	h.mu.Unlock()
	<-left
}
