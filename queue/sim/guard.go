package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// guard watches from outside, by the records alone, that routing keeps its
// promises: nobody is overtaken more often or longer than the house allows
// (R4.1), and who is rung serves the queue and has what it requires by then.
type guard struct {
	cfg       *queue.Config
	calls     map[queue.CallID]*watched
	most      int
	wait      time.Duration
	overtaken int // how often anybody was
	limit     int // calls that were overtaken as often as they may
	relaxed   int // offers to who had less than was required at first
}

type watched struct {
	queue     queue.QueueID
	arrived   time.Time
	overtaken int
	since     time.Time // overtaken first
}

func newGuard(cfg *queue.Config) *guard {
	g := &guard{cfg: cfg, calls: map[queue.CallID]*watched{}, most: cfg.Overtaking.Calls, wait: cfg.Overtaking.Wait}
	if g.most == 0 {
		g.most = 3 // as the house's documents say
	}
	if g.wait == 0 {
		g.wait = 30 * time.Second
	}
	return g
}

func (g *guard) see(r queue.Record) error {
	switch e := r.Event.(type) {
	case queue.CallQueued:
		g.calls[e.Call] = &watched{queue: e.Queue, arrived: r.At}
	case queue.PlaceRestored:
		g.calls[e.Call].arrived = e.Since
	case queue.CallPlaced: // waits once it is handed on
		g.calls[e.Call] = &watched{queue: e.Queue, arrived: r.At}
	case queue.CallRouted:
		g.calls[e.Call] = &watched{queue: e.Queue, arrived: r.At}
	case queue.CallbackQueued:
		g.calls[e.Call] = &watched{queue: e.Queue, arrived: e.Arrived}
	case queue.CallTransferred:
		if c := g.calls[e.Call]; c != nil && e.Target.Queue != "" {
			c.queue = e.Target.Queue
		}
	case queue.CallClosed:
		delete(g.calls, e.Call)
	case queue.CallOverflowed:
		if e.To == "" {
			delete(g.calls, e.Call)
		} else if c := g.calls[e.Call]; c != nil {
			c.queue = e.To
		}
	case queue.CallLost:
		delete(g.calls, e.Call)
	case queue.CallAbandoned:
		delete(g.calls, e.Call)
	case queue.CallCompleted:
		delete(g.calls, e.Call)
	case queue.OfferMade:
		for _, id := range e.Overtook {
			if err := g.passed(id, r.At); err != nil {
				return err
			}
		}
		if c := g.calls[e.Call]; c != nil {
			return g.mayRing(c, e, r.At)
		}
	}
	return nil
}

func (g *guard) passed(id queue.CallID, at time.Time) error {
	c := g.calls[id]
	if c == nil {
		return fmt.Errorf("call %s was overtaken and does not wait", id)
	}
	if c.overtaken++; c.overtaken > g.most {
		return fmt.Errorf("call %s was overtaken %d times, more than %d", id, c.overtaken, g.most)
	}
	if c.since.IsZero() {
		c.since = at
	}
	if long := at.Sub(c.since); long >= g.wait {
		return fmt.Errorf("call %s was overtaken again %s after the first time, more than %s", id, long, g.wait)
	}
	if g.overtaken++; c.overtaken == g.most {
		g.limit++
	}
	return nil
}

func (g *guard) mayRing(c *watched, e queue.OfferMade, at time.Time) error {
	if e.Why.Kept || e.Kind != queue.OfferQueue {
		return nil // a colleague handed it to them; or they placed it
	}
	i := slices.IndexFunc(g.cfg.Agents, func(a queue.AgentConfig) bool { return a.ID == e.Agent })
	j := slices.IndexFunc(g.cfg.Queues, func(q queue.QueueConfig) bool { return q.ID == c.queue })
	agent, q := &g.cfg.Agents[i], &g.cfg.Queues[j]
	if !slices.Contains(agent.Queues, q.ID) {
		return fmt.Errorf("call %s of queue %s was offered to agent %s, who does not serve it", e.Call, q.ID, e.Agent)
	}
	waited := at.Sub(c.arrived)
	for _, s := range q.Routing.Skills {
		want := s.Level
		for _, x := range s.Relax {
			if x.After <= waited {
				want = x.Level
			}
		}
		has := agent.Skills[s.Skill]
		if s.Required && has < want {
			return fmt.Errorf("call %s was offered to agent %s with %s %d after %s; then %d was required", e.Call, e.Agent, s.Skill, has, waited, want)
		}
		if s.Required && has < s.Level {
			g.relaxed++
		}
	}
	return nil
}
