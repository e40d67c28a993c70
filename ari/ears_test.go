package ari

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ears keep what the core would have been told, in order.
type ears struct {
	mu     sync.Mutex
	heard  []queue.Input
	at     []time.Time
	change chan struct{}
	react  func(queue.Input)
}

func newEars() *ears { return &ears{change: make(chan struct{})} }

func (e *ears) hear(in queue.Input) {
	e.mu.Lock()
	e.heard, e.at = append(e.heard, in), append(e.at, time.Now())
	close(e.change)
	e.change = make(chan struct{})
	react := e.react
	e.mu.Unlock()
	if react != nil {
		react(in)
	}
}

func (e *ears) onInput(f func(queue.Input)) {
	e.mu.Lock()
	e.react = f
	e.mu.Unlock()
}

func (e *ears) mark() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.heard)
}

func (e *ears) since(from int) []queue.Input {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]queue.Input(nil), e.heard[from:]...)
}

// wait returns the first input of a type that fits.
func wait[T queue.Input](t *testing.T, e *ears, what string, fits func(T) bool) T {
	t.Helper()
	return waitFrom(t, e, 0, what, fits)
}

func waitFrom[T queue.Input](t *testing.T, e *ears, from int, what string, fits func(T) bool) T {
	t.Helper()
	in, _ := waitAt(t, e, from, what, fits)
	return in
}

func waitAt[T queue.Input](t *testing.T, e *ears, from int, what string, fits func(T) bool) (T, time.Time) {
	t.Helper()
	over := time.After(patience)
	next := from
	for {
		e.mu.Lock()
		for ; next < len(e.heard); next++ {
			if in, ok := e.heard[next].(T); ok && fits(in) {
				at := e.at[next]
				e.mu.Unlock()
				return in, at
			}
		}
		change := e.change
		e.mu.Unlock()
		select {
		case <-change:
		case <-over:
			t.Fatalf("waited in vain for %s; heard: %+v", what, e.since(from))
		}
	}
}

func count[T queue.Input](e *ears, fits func(T) bool) (n int) {
	for _, in := range e.since(0) {
		if v, ok := in.(T); ok && fits(v) {
			n++
		}
	}
	return n
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	over := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(over) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func ended(leg queue.LegID) func(queue.LegEnded) bool {
	return func(e queue.LegEnded) bool { return e.Leg == leg }
}
