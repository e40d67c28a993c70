package robot

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Pacer sends the packets of many streams from one goroutine, every 20 ms. Its goroutine lives only while
// there is something to send. The zero value is ready to use; share one among the phones of a process.
type Pacer struct {
	// Jitter makes every packet late by up to so much, by chance, as a poor network does. Set it before use.
	Jitter time.Duration

	mu      sync.Mutex
	streams []*stream
	running bool
}

// maxBehind is how far the clock may lag, on a busy machine, before lost ticks are given up instead of
// being made good in a burst.
const maxBehind = 200 * time.Millisecond

func (p *Pacer) add(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.streams, s) {
		return
	}
	p.streams = append(p.streams, s)
	if !p.running {
		p.running = true
		go p.run()
	}
}

func (p *Pacer) remove(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.streams, s); i >= 0 {
		p.streams = slices.Delete(p.streams, i, i+1)
	}
}

func (p *Pacer) run() {
	next := time.Now()
	var due []*stream
	for {
		next = next.Add(packetTime)
		wait := time.Until(next)
		if wait < -maxBehind {
			next = time.Now()
		}
		if p.Jitter > 0 {
			wait += rand.N(p.Jitter)
		}
		time.Sleep(wait)

		p.mu.Lock()
		due = append(due[:0], p.streams...)
		p.running = len(due) > 0
		p.mu.Unlock()
		if len(due) == 0 {
			return
		}
		for _, s := range due {
			s.sendPacket()
		}
	}
}
