package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	readyWithin = 30 * time.Second
	moreWithin  = 40 * time.Second
)

// allReady waits until all agents are ready, with their phones on the hook.
func (w *world) allReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		free := 0
		var states []agentState
		if p := w.leader(ctx); p != nil {
			states = w.agentStates(ctx, p)
			for _, a := range states {
				if a.State == queue.Ready && a.Phone == queue.PhoneIdle {
					free++
				}
			}
		}
		if free == agentCount {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("wait for the agents to be ready: %+v: %w", states, err)
		}
	}
}

// oneMore proves that no agent is stuck: each signs on with a telephone of
// its own, and as many callers as there are agents each reach another one.
func (j *judge) oneMore(ctx context.Context) error {
	w := j.w
	for _, a := range w.people.agents {
		c, err := a.phone.Dial(ctx, "sip:*11@"+w.people.sip, 5*time.Second)
		if err != nil {
			j.f.Trouble = append(j.f.Trouble, fmt.Sprintf("agent %s cannot sign on: %v", a.id, err))
			continue
		}
		_ = c
	}
	if err := w.allReady(ctx); err != nil {
		j.f.Trouble = append(j.f.Trouble, "before one more call: "+err.Error())
	}
	var lives []*life
	for range w.people.agents {
		l, err := w.people.dial(ctx, plan{Patience: moreWithin, PickUp: 100 * time.Millisecond, Talk: 3 * time.Second})
		if err != nil {
			return err
		}
		lives = append(lives, l)
	}
	w.people.calm(ctx, 2*moreWithin)
	w.people.taken()
	served := map[queue.AgentID]bool{}
	for _, l := range lives {
		for _, t := range l.talks {
			served[t.agent.id] = true
		}
	}
	for _, a := range w.people.agents {
		if !served[a.id] {
			j.f.Stuck++
			j.f.Trouble = append(j.f.Trouble, fmt.Sprintf("agent %s is stuck: no call reached it", a.id))
		}
	}
	return nil
}
