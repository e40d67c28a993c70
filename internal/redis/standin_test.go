package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// memory is what the three scripts make of Redis's two keys, without Redis.
type memory struct {
	mu         sync.Mutex
	run, whole int // the server's life, and the one that the memory was written in
	owner      string
	expires    time.Time
	term       uint64 // 0: none
	mark       string
	markRun    int
	away, slow bool
}

func (m *memory) expire() {
	if m.owner != "" && !time.Now().Before(m.expires) {
		m.owner = ""
	}
}

// flush is a restart without a dump: keys gone, another run.
func (m *memory) flush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.run++
	m.owner, m.term, m.mark, m.whole = "", 0, "", 0
}

func (m *memory) take(value string, ttl time.Duration, before int64, ripe, fresh string) (a attempted, micros int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	now := time.Now()
	micros = now.UnixMicro()
	switch {
	case m.owner == value && m.term != 0:
		m.expires = now.Add(ttl)
		return attempted{kind: "ours", token: m.term}, micros
	case m.owner != "" && m.owner != value:
		return attempted{kind: "busy", holder: m.owner, left: m.expires.Sub(now)}, micros
	}
	if m.owner == "" && m.whole != m.run {
		if m.mark == "" || m.markRun != m.run {
			m.mark, m.markRun = fresh, m.run
		}
		if m.mark != ripe {
			return attempted{kind: "mark", mark: m.mark}, micros
		}
	}
	if m.owner == "" && micros >= before {
		return attempted{kind: "free"}, micros
	}
	m.owner, m.expires, m.term, m.whole, m.mark = value, now.Add(ttl), max(m.term+1, uint64(micros)), m.run, ""
	return attempted{kind: "ours", token: m.term}, micros
}

func (m *memory) prolong(value string, ttl time.Duration, token uint64) (e extended) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	whole := m.whole == m.run
	if m.owner != "" && m.owner != value {
		return extended{answer: taken, holder: m.owner}
	}
	e.answer = ours
	if m.owner == "" {
		if m.term > token || whole && m.term != token {
			return extended{answer: taken}
		}
		m.owner, e.again = value, true
	}
	m.expires = time.Now().Add(ttl)
	if !whole || m.term == 0 {
		m.term, m.whole, m.mark = token, m.run, ""
	}
	return e
}

func (m *memory) free(value string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	if m.owner != value {
		return false
	}
	m.owner = ""
	return true
}

func (m *memory) state() (away, slow bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.away, m.slow
}

var errCut = errors.New("no answer")

// way is one node's way to a memory: it delays, and loses what is cut.
type way struct {
	m   *memory
	l   *Lease
	cut func() bool
	// frozen waits while the node is frozen.
	frozen func()
	mu     sync.Mutex
	rng    *rand.Rand
}

func (w *way) latency() time.Duration {
	_, slow := w.m.state()
	w.mu.Lock()
	defer w.mu.Unlock()
	if slow {
		return time.Duration(w.rng.Int64N(int64(time.Second)))
	}
	return time.Duration(w.rng.Int64N(int64(20 * time.Millisecond)))
}

// ask carries do to the memory and back. What arrives after the asker has
// given up is done all the same, as by a real server's buffers.
func (w *way) ask(ctx context.Context, do func()) error {
	w.frozen()
	defer w.frozen()
	ctx, cancel := context.WithTimeout(ctx, w.l.timeout())
	defer cancel()
	done := make(chan struct{})
	if away, _ := w.m.state(); !away && !w.cut() {
		there, back := w.latency(), w.latency()
		go func() {
			time.Sleep(there)
			do()
			time.Sleep(back)
			if !w.cut() {
				close(done)
			}
		}()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errCut
	}
}

func (w *way) attempt(ctx context.Context, value string, p *patience, now time.Time) (attempted, error) {
	var mu sync.Mutex
	var a attempted
	var micros int64
	before, ripe, fresh := p.deadline(now, w.l.timeout()), p.ripe(now), random()
	err := w.ask(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		a, micros = w.m.take(value, w.l.opts.TTL, before, ripe, fresh)
	})
	if err != nil {
		return attempted{}, err
	}
	mu.Lock()
	defer mu.Unlock()
	p.told(micros, time.Now())
	return a, nil
}

func (w *way) extend(value string, token uint64) extended {
	var mu sync.Mutex
	var e extended
	sent := time.Now()
	err := w.ask(context.Background(), func() {
		mu.Lock()
		defer mu.Unlock()
		e = w.m.prolong(value, w.l.opts.TTL, token)
	})
	if err != nil {
		return extended{sent: sent, answer: away, err: err}
	}
	mu.Lock()
	defer mu.Unlock()
	e.sent = sent
	return e
}

func (w *way) release(value string) {
	_ = w.ask(context.Background(), func() { w.m.free(value) })
}

func (w *way) hints(ctx context.Context, _ func()) { <-ctx.Done() }
