package ari

import (
	"sync"
	"time"
)

// message is one frame of the event socket.
type message struct {
	data []byte
	at   time.Time
}

// inbox is an unbounded queue from the socket's reader to the session: the
// reader must never wait (facts 5.8, 6.15).
type inbox struct {
	mu     sync.Mutex
	queued []message
	err    error // why no more will come
	ready  chan struct{}
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(m message) {
	b.mu.Lock()
	b.queued = append(b.queued, m)
	b.mu.Unlock()
	b.wake()
}

// close tells that nothing more will come; the first reason counts.
func (b *inbox) close(err error) {
	b.mu.Lock()
	if b.err == nil {
		b.err = err
	}
	b.mu.Unlock()
	b.wake()
}

func (b *inbox) wake() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// take returns all that waits; err is set when nothing more will follow.
func (b *inbox) take() ([]message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := b.queued
	b.queued = nil
	return batch, b.err
}
