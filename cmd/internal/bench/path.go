package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/internal/robot"
)

const (
	// patience is how long a call may take to get anywhere before it counts
	// as gone wrong: far beyond any figure.
	patience = 10 * time.Second
	// rings before the answer, so that ringing and answer are two things.
	ringFor = 100 * time.Millisecond
	talkFor = time.Second
)

// pace calls f n times at a mean rate per second. The pauses vary by a half,
// so that nothing beats with the 20 ms of the audio.
func pace(ctx context.Context, n int, rate float64, f func(ctx context.Context) error) error {
	calls, ctx := errgroup.WithContext(ctx)
	chance := rand.New(rand.NewPCG(1, uint64(n)))
	mean := time.Duration(float64(time.Second) / rate)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for range n {
		select {
		case <-timer.C:
			calls.Go(func() error { return f(ctx) })
			timer.Reset(mean/2 + time.Duration(chance.Int64N(int64(mean))))
		case <-ctx.Done():
			return calls.Wait()
		}
	}
	return calls.Wait()
}

// samples are taken by many calls at once.
type samples struct {
	mu  sync.Mutex
	all []time.Duration
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	s.all = append(s.all, d)
	s.mu.Unlock()
}

// answered makes one call that is answered and ended by the caller. The result
// is how long it took to reach the agent, and from the answer to the audio.
func (p *people) answered(ctx context.Context, listen bool) (route, audio time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, talkFor+2*patience)
	defer cancel()
	number, caller, reached, err := p.dial(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer caller.Hangup()
	r, err := reach(ctx, number, reached)
	if err != nil {
		return 0, 0, err
	}
	if err := caller.WaitAnswered(ctx); err != nil {
		return 0, 0, err
	}
	if listen {
		heard, err := caller.WaitTone(ctx, r.agent.tone)
		if err != nil {
			return 0, 0, fmt.Errorf("the caller hears nothing of the agent: %w", err)
		}
		other, err := r.call.WaitTone(ctx, toneOf(number))
		if err != nil {
			return 0, 0, fmt.Errorf("the agent hears nothing of the caller: %w", err)
		}
		if other.After(heard) {
			heard = other
		}
		audio = heard.Sub(r.call.Times().Answered)
	}
	if err := pause(ctx, talkFor); err != nil {
		return 0, 0, err
	}
	caller.Hangup()
	if err := caller.WaitEnded(ctx); err != nil {
		return 0, 0, err
	}
	return r.call.Times().Invited.Sub(caller.Times().Invited), audio, r.call.WaitEnded(ctx)
}

func reach(ctx context.Context, number string, reached <-chan rung) (rung, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case r := <-reached:
		return r, nil
	case <-limit.C:
		return rung{}, fmt.Errorf("the call of %s reached no agent within %s", number, patience)
	case <-ctx.Done():
		return rung{}, context.Cause(ctx)
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// path measures route_idle and connect_audio on the same calls.
func (p *people) path(ctx context.Context, n int, rate float64, step func()) (route, audio []time.Duration, err error) {
	var routes, audios samples
	p.behave(func(*robot.Call) robot.Behaviour { return robot.Behaviour{Answer: ringFor} })
	err = pace(ctx, n, rate, func(ctx context.Context) error {
		r, a, err := p.answered(ctx, true)
		routes.add(r)
		audios.add(a)
		step()
		return err
	})
	return routes.all, audios.all, err
}

// cancel measures how soon a phone falls silent whose caller has given up.
func (p *people) cancel(ctx context.Context, n int, rate float64, step func()) ([]time.Duration, error) {
	var found samples
	p.behave(func(*robot.Call) robot.Behaviour { return robot.Behaviour{NeverAnswer: true} })
	err := pace(ctx, n, rate, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*patience)
		defer cancel()
		number, caller, reached, err := p.dial(ctx)
		if err != nil {
			return err
		}
		defer caller.Hangup()
		r, err := reach(ctx, number, reached)
		if err != nil {
			return err
		}
		if err := r.call.WaitRinging(ctx); err != nil {
			return err
		}
		if err := pause(ctx, ringFor+time.Duration(rand.Int64N(int64(2*ringFor)))); err != nil {
			return err
		}
		caller.Hangup()
		if err := r.call.WaitEnded(ctx); err != nil {
			return fmt.Errorf("the caller %s hung up and the agent's phone rings on: %w", number, err)
		}
		if err := caller.WaitEnded(ctx); err != nil {
			return err
		}
		gone, quiet := caller.Times().Cancelled, r.call.Times().Cancelled
		if gone.IsZero() || quiet.IsZero() {
			return fmt.Errorf("the call of %s did not end by CANCEL (caller %s, agent %s)", number, caller.Ending(), r.call.Ending())
		}
		found.add(quiet.Sub(gone))
		step()
		return nil
	})
	return found.all, err
}
