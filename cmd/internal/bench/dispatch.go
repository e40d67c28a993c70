package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/internal/robot"
)

const (
	waitingCallers = agentCount // as many wait as talk
	talkLeast      = 2500 * time.Millisecond
	talkSpread     = 2 * time.Second
	// lateFor is how long before the end an agent must have become free for
	// a missing next call to be a fault.
	lateFor = time.Second
)

// dispatch keeps all agents in conversation and as many callers waiting, and
// looks afterwards when each agent who became free was rung again. Half of the
// conversations are ended by the agent, half by the caller.
func (p *people) dispatch(ctx context.Context, n int, step func()) ([]time.Duration, error) {
	agentEnds := func(number string) bool { return number[len(number)-1]%2 == 0 }
	talk := func() time.Duration { return talkLeast + time.Duration(rand.Int64N(int64(talkSpread))) }
	p.behave(func(c *robot.Call) robot.Behaviour {
		b := robot.Behaviour{Answer: ringFor}
		if agentEnds(c.From()) {
			b.Talk = talk()
		}
		return b
	})
	began := time.Now()
	var called sync.Map // number → when its INVITE was sent
	var done atomic.Int64
	enough := make(chan struct{})
	lines, ctx := errgroup.WithContext(ctx)
	for range agentCount + waitingCallers {
		lines.Go(func() error {
			for {
				select {
				case <-enough:
					return nil
				default:
				}
				number, c, _, err := p.dial(ctx)
				if err != nil {
					return err
				}
				called.Store(number, c.Times().Invited)
				over, err := talkUntil(ctx, enough, c, agentEnds(number), talk())
				if err != nil || over {
					return err
				}
				step()
				// The first call of each agent was not dispatched.
				if done.Add(1) == int64(n+agentCount) {
					close(enough)
				}
			}
		})
	}
	if err := lines.Wait(); err != nil {
		return nil, err
	}
	ended := time.Now()
	var found []time.Duration
	unsure := 0
	for _, a := range p.agents {
		calls := since(a.phone.Calls(), began)
		for i, c := range calls {
			free := freed(c)
			switch {
			case free.IsZero():
				continue
			case i+1 == len(calls):
				if ended.Sub(free) > lateFor+talkLeast+talkSpread {
					return nil, fmt.Errorf("agent %s was free from %s on and was not rung again", a.id, free.Format(time.RFC3339Nano))
				}
				continue
			}
			next := calls[i+1]
			if at, ok := called.Load(next.From()); !ok || at.(time.Time).After(free) {
				unsure++ // did somebody wait at that moment?
				continue
			}
			found = append(found, max(next.Times().Invited.Sub(free), 0))
		}
	}
	if len(found) < n {
		return nil, fmt.Errorf("only %d of %d: %d agents became free when perhaps nobody waited", len(found), n, unsure)
	}
	return found, nil
}

// talkUntil waits for a call's answer and end, and tells whether it was broken
// off because there are enough.
func talkUntil(ctx context.Context, enough <-chan struct{}, c *robot.Call, agentEnds bool, talk time.Duration) (over bool, err error) {
	defer c.Hangup()
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	answered := make(chan error, 1)
	go func() { answered <- c.WaitAnswered(ctx) }()
	select {
	case err := <-answered:
		if err != nil {
			return false, err
		}
	case <-enough:
		c.Hangup()
		return true, c.WaitEnded(ctx)
	}
	if !agentEnds {
		if err := pause(ctx, talk); err != nil {
			return false, err
		}
		c.Hangup()
	}
	return false, c.WaitEnded(ctx)
}

func since(calls []*robot.Call, from time.Time) (found []*robot.Call) {
	for _, c := range calls {
		if c.Times().Invited.After(from) {
			found = append(found, c)
		}
	}
	return found
}

// freed is when a conversation was over for the agent's phone: its own BYE was
// sent, or the far side's answered. Zero: there was none.
func freed(c *robot.Call) time.Time {
	switch c.Ending() {
	case robot.Local:
		return c.Times().Bye
	case robot.Remote:
		for _, m := range c.Trace() {
			if m.Sent && m.Line == "200 BYE" {
				return m.At
			}
		}
	}
	return time.Time{}
}
