// Package loop is the goroutine that owns an ACD: it reads the clock, takes
// inputs from its inbox one after the other, and hands on what each step
// brought about, strictly in the order
//
//	Step → journal → commands → views
//
// The journal, the switch and the views must not block: each has its own
// goroutine behind a queue. So the path from an input to its commands does no
// I/O and takes microseconds.
package loop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/queue"
)

// Journal stores records in order. Append must not block.
type Journal interface {
	Append(records []queue.Record)
}

// Switch carries out commands. Execute must not block.
type Switch interface {
	Execute(commands []queue.Command)
}

// Options of a loop.
type Options struct {
	Journal Journal
	Switch  Switch
	// Location is the house's time zone: its midnight begins a new day.
	Location *time.Location
	// Observe, if set, is told how long each step took.
	Observe func(time.Duration)
	Log     *slog.Logger
}

// publishEvery bounds how often the present is copied out for screens.
const publishEvery = 10 * time.Millisecond

// Loop owns an ACD. Send, Ask, Snapshot and Subscribe may be called from any
// goroutine, also before and after Run.
type Loop struct {
	opts  Options
	acd   *queue.ACD
	clock clock
	ended chan struct{} // closed when Run is over
	bell  Bell          // the snapshot changed

	mu    sync.Mutex
	inbox []queue.Input
	looks []func() // see preview.go
	asks  map[string]chan queue.Event
	wake  chan struct{}

	location  atomic.Pointer[time.Location]
	snapshot  atomic.Pointer[queue.Snapshot]
	published time.Time
	dirty     bool
	midnight  time.Time
	hoursOf   *queue.Config  // whose hours were told last
	hoursBy   *time.Location // by the clock of this house
	hoursAt   time.Time      // when they change next
}

// New prepares a loop around acd, which from now on belongs to it.
func New(acd *queue.ACD, opts Options) *Loop {
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	// A ledger that ended in a crash says that the switch is heard; whoever
	// waits for that must wait until we hear it.
	unheard := acd.Snapshot()
	unheard.Switch = false
	l := &Loop{opts: opts, acd: acd, clock: newClock(unheard.At, opts.Log), asks: map[string]chan queue.Event{},
		ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.location.Store(opts.Location)
	l.snapshot.Store(unheard)
	return l
}

// SetLocation changes the house's time zone. The day in progress keeps its
// name until the next midnight there.
func (l *Loop) SetLocation(loc *time.Location) { l.location.Store(loc) }

// Send puts an input into the inbox. It never blocks.
func (l *Loop) Send(in queue.Input) {
	l.mu.Lock()
	l.inbox = append(l.inbox, in)
	l.mu.Unlock()
	l.rouse()
}

func (l *Loop) rouse() {
	select {
	case l.wake <- struct{}{}:
	default: // it is awake already
	}
}

// ErrEnded is returned by Ask when Run is over: nobody will answer.
var ErrEnded = errors.New("this loop has ended")

// ErrTwice is returned by Ask for a request id that is being waited for.
var ErrTwice = errors.New("this request id is in use")

// Ask sends an input that carries the request id req and waits for the event
// that answers it: what it brought about, or queue.Refused.
func (l *Loop) Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error) {
	answer := make(chan queue.Event, 1)
	l.mu.Lock()
	if _, taken := l.asks[req]; taken {
		l.mu.Unlock()
		return nil, fmt.Errorf("ask %s: %w", req, ErrTwice)
	}
	l.asks[req] = answer
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.asks, req)
		l.mu.Unlock()
	}()
	l.Send(in)
	select {
	case e := <-answer:
		return e, nil
	case <-l.ended:
		return nil, fmt.Errorf("ask %s: %w", req, ErrEnded)
	case <-ctx.Done():
		return nil, fmt.Errorf("ask %s: %w", req, ctx.Err())
	}
}

// Snapshot is the newest present. It must not be changed.
func (l *Loop) Snapshot() *queue.Snapshot { return l.snapshot.Load() }

// Subscribe returns a channel that gets a token after changes of the snapshot
// (several changes may share one) and a function that ends it.
func (l *Loop) Subscribe() (<-chan struct{}, func()) { return l.bell.Subscribe() }

// Run works until ctx ends, once. It begins by taking the switch for lost, since
// nobody listened until now; the adapter's reconciliation ends that.
func (l *Loop) Run(ctx context.Context) error {
	defer close(l.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	l.step(queue.SwitchLost{})
	for {
		if l.acd.Live() == 0 {
			l.clock.set()
		}
		l.newDay()
		l.hours()
		for _, in := range l.take() {
			l.step(in)
			l.hours() // they may have come with a new configuration
		}
		l.step(nil)
		l.show()
		wait := l.publish()
		now := l.clock.now()
		for _, due := range []time.Time{l.acd.Next(), l.midnight, l.hoursAt} {
			if !due.IsZero() {
				wait = min(wait, max(due.Sub(now), 0))
			}
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		case <-timer.C:
		}
	}
}

func (l *Loop) take() []queue.Input {
	l.mu.Lock()
	defer l.mu.Unlock()
	in := l.inbox
	l.inbox = nil
	return in
}

func (l *Loop) step(in queue.Input) {
	began := time.Now()
	out := l.acd.Step(l.clock.now(), in)
	if l.opts.Observe != nil {
		l.opts.Observe(time.Since(began))
	}
	if len(out.Records) > 0 {
		l.opts.Journal.Append(out.Records)
		l.dirty = true
	}
	if len(out.Commands) > 0 {
		l.opts.Switch.Execute(out.Commands)
	}
	for _, r := range out.Records {
		l.answer(r.Event)
	}
}

// answer hands an event to the request that it answers.
func (l *Loop) answer(e queue.Event) {
	req := queue.RequestOf(e)
	if req == "" {
		return
	}
	l.mu.Lock()
	ch := l.asks[req]
	delete(l.asks, req)
	l.mu.Unlock()
	if ch != nil {
		l.publishNow() // who asked may look at once, and must see it
		ch <- e
	}
}

// idle is the longest sleep without a deadline.
const idle = time.Hour

// publish copies the present out if it changed, at most every publishEvery,
// and returns how long the loop may sleep because of it.
func (l *Loop) publish() time.Duration {
	if !l.dirty {
		return idle
	}
	if since := time.Since(l.published); since < publishEvery {
		return publishEvery - since
	}
	l.publishNow()
	return idle
}

func (l *Loop) publishNow() {
	l.dirty, l.published = false, time.Now()
	l.snapshot.Store(l.acd.Snapshot())
	l.bell.Ring()
}
