package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/queue"
)

// errNoLeader is told to whoever asks while nobody leads the pool.
var errNoLeader = errors.New("nobody leads the pool at the moment: try again in a few seconds")

// core is the pages' view of the pool, whoever leads it: they subscribe once,
// while leaders come and go behind it.
type core struct {
	mu   sync.Mutex
	now  dashboard.Core // nil while this node does not lead
	far  *elsewhere     // another node's pool; nil without Redis
	last *queue.Snapshot
	bell loop.Bell
}

func newCore() *core {
	return &core{last: &queue.Snapshot{Silent: time.Now(), Config: &queue.Config{Country: queue.DefaultCountry}}}
}

// follow lets c be what is seen until ctx ends.
func (c *core) follow(ctx context.Context, leader dashboard.Core) {
	changed, cancel := leader.Subscribe()
	c.mu.Lock()
	c.now = leader
	c.mu.Unlock()
	go func() {
		defer cancel()
		for {
			c.wake()
			select {
			case <-changed:
			case <-ctx.Done():
				c.forget(leader)
				return
			}
		}
	}()
}

// standIn is asked while this node does not lead.
func (c *core) standIn(far *elsewhere) {
	c.mu.Lock()
	c.far = far
	c.mu.Unlock()
}

// forget keeps the last present, marked as not heard from any more.
func (c *core) forget(leader dashboard.Core) {
	c.mu.Lock()
	if c.now == leader {
		last := *leader.Snapshot()
		last.Switch, last.Silent = false, time.Now()
		c.last, c.now = &last, nil
	}
	c.mu.Unlock()
	c.wake()
}

func (c *core) wake() { c.bell.Ring() }

// news is a view that came over Redis. While this node leads it is its own,
// and to wake its publisher for that would be to publish without end.
func (c *core) news() {
	if c.leader() == nil {
		c.wake()
	}
}

// ledSince tells whether this node leads, or another does since a term of the
// lease.
func (c *core) ledSince(term uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now != nil || c.far != nil && c.far.term.Load() > term
}

// leader is this node's own loop, nil while it does not lead.
func (c *core) leader() dashboard.Core {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Snapshot implements dashboard.Source.
func (c *core) Snapshot() *queue.Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != nil {
		return c.now.Snapshot()
	}
	if c.far != nil {
		if s := c.far.last.Load(); s != nil {
			return s
		}
	}
	return c.last
}

// Subscribe implements dashboard.Source.
func (c *core) Subscribe() (<-chan struct{}, func()) { return c.bell.Subscribe() }

// Ask implements dashboard.Core.
func (c *core) Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error) {
	c.mu.Lock()
	leader, far := c.now, c.far
	c.mu.Unlock()
	switch {
	case leader != nil:
		return leader.Ask(ctx, in, req)
	case far != nil:
		return far.Ask(ctx, in, req)
	}
	return nil, errNoLeader
}
