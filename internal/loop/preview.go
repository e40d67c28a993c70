package loop

import (
	"context"
	"fmt"
	"time"

	"github.com/threerings/threerings/queue"
)

// Preview tells what a configuration would change for what is there now, if the
// house had this time zone. Nothing changes: a copy takes it, off the loop's
// goroutine, which only gives a checkpoint.
func (l *Loop) Preview(ctx context.Context, in queue.Configure, house *time.Location) (queue.Preview, error) {
	var state []byte
	var now time.Time
	err := l.look(ctx, func(acd *queue.ACD) (err error) {
		now = l.clock.now()
		state, err = acd.Checkpoint()
		return err
	})
	if err != nil {
		return queue.Preview{}, fmt.Errorf("preview: %w", err)
	}
	hours := make([]queue.QueueHours, 0, len(in.Config.Queues))
	for i := range in.Config.Queues {
		hours = append(hours, l.hoursNow(&in.Config.Queues[i], now, house))
	}
	return queue.PreviewOf(state, now, in, hours)
}

// look lets f read the ACD between two steps.
func (l *Loop) look(ctx context.Context, f func(*queue.ACD) error) error {
	done := make(chan error, 1)
	l.mu.Lock()
	l.looks = append(l.looks, func() { done <- f(l.acd) })
	l.mu.Unlock()
	l.rouse()
	select {
	case err := <-done:
		return err
	case <-l.ended:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// show lets everybody look who waits for it.
func (l *Loop) show() {
	l.mu.Lock()
	looks := l.looks
	l.looks = nil
	l.mu.Unlock()
	for _, f := range looks {
		f()
	}
}
