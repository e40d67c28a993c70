package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/queue"
)

// Several nodes share a pool over Redis: one leads, the others show what it
// shows and hand it what is asked of them. Without Redis a node leads alone.

// runAlone or in turn, until ctx ends.
func (n *Node) run(ctx context.Context) error {
	url := n.set.RedisURL.Reveal()
	if url == "" {
		return n.lead(ctx)
	}
	client, err := redis.Open(url)
	if err != nil {
		return err
	}
	defer client.Close()
	requests := redis.NewRequests(client, n.set.Pool, redis.RequestsOptions{Log: n.log})
	views := redis.NewViews(client, n.set.Pool, redis.ViewsOptions{Log: n.log})
	lease := redis.NewLease(client, n.set.Pool, n.set.Node, redis.LeaseOptions{Log: n.log})
	other := &elsewhere{requests: requests, wake: n.core.news}
	n.core.standIn(other)
	go other.follow(ctx, views)
	standby := n.db.NewStandby(n.set.Pool)
	n.standby = standby
	go standby.Run(ctx, n.leadNow.is)
	standing, called := context.WithCancel(ctx)
	defer called()
	go n.house.rehearse(standing)
	go n.testify(ctx)
	return lease.Run(ctx, func(ctx context.Context, token uint64) error {
		called()
		n.token.Store(token)
		err := n.lead(ctx,
			part{"views", views.Run},
			part{"requests", func(ctx context.Context) error { return requests.Serve(ctx, n.answer) }},
			part{"present", func(ctx context.Context) error { n.publish(ctx, views, token); return nil }})
		if err != nil && !errors.Is(err, context.Canceled) {
			// Another node may do better; this one stands by again.
			n.log.Error("stopped leading", "err", err)
		}
		return nil
	})
}

// publishEvery is how often the present goes out when nothing changes: its age
// is what tells other nodes' screens that they are current.
const publishEvery = time.Second

// shared is a snapshot on its way to other nodes.
type shared struct {
	Snapshot *queue.Snapshot `json:"snapshot"`
	Config   *queue.Config   `json:"config"`
}

// publish tells other nodes the present while this one leads: changes at once,
// but not more often than a screen takes frames.
func (n *Node) publish(ctx context.Context, views *redis.Views, token uint64) {
	changed, cancel := n.core.Subscribe()
	defer cancel()
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	pause := time.NewTimer(frameEvery)
	defer pause.Stop()
	for {
		if snap := n.core.Snapshot(); n.leadNow.is() {
			if body, err := json.Marshal(shared{snap, snap.Config}); err == nil {
				views.Publish(redis.View{Term: token, Seq: snap.Seq, At: time.Now(), Body: body})
			}
		}
		pause.Reset(frameEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-changed:
		}
	}
}

// stored is an event on its way back to the node that asked.
type stored struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// answer carries out what another node asks of the leader. It asks the loop of
// this node and nobody else: without one, the pages' way would lead through
// Redis back to here, again and again.
func (n *Node) answer(ctx context.Context, kind string, body []byte) ([]byte, error) {
	in, req, err := queue.DecodeRequest(kind, body)
	if err != nil {
		return nil, err
	}
	leader := n.core.leader()
	if leader == nil {
		return nil, redis.ErrNotLeading
	}
	e, err := leader.Ask(ctx, in, req)
	if err != nil {
		return nil, err
	}
	name, data, err := queue.EncodeEvent(e)
	if err != nil {
		return nil, err
	}
	return json.Marshal(stored{name, data})
}

// elsewhere is a pool that another node leads.
type elsewhere struct {
	requests *redis.Requests
	wake     func() // told of each view that comes
	last     atomic.Pointer[queue.Snapshot]
	term     atomic.Uint64 // of the lease, in which that was shown
}

// staleAfter is the age from which another node's view is shown as stale.
const staleAfter = 3 * time.Second

func (o *elsewhere) follow(ctx context.Context, views *redis.Views) {
	stale := time.NewTimer(staleAfter)
	defer stale.Stop()
	var heard time.Time
	seen := views.Follow(ctx)
	for {
		select {
		case v, open := <-seen:
			if !open {
				return
			}
			var s shared
			if json.Unmarshal(v.Body, &s) != nil || s.Snapshot == nil || s.Config == nil {
				continue // written by another version; the next may do
			}
			s.Snapshot.Config = s.Config
			o.last.Store(s.Snapshot)
			o.term.Store(v.Term)
			heard = time.Now()
			stale.Reset(staleAfter)
		case <-stale.C:
			if last := o.last.Load(); last != nil {
				silent := *last
				silent.Switch, silent.Silent = false, heard // screens say so, and since when
				o.last.Store(&silent)
			}
		}
		o.wake()
	}
}

// Ask hands a request to the leader.
func (o *elsewhere) Ask(ctx context.Context, in queue.Input, _ string) (queue.Event, error) {
	kind, body, err := queue.EncodeRequest(in)
	if err != nil {
		return nil, err
	}
	reply, err := o.requests.Ask(ctx, kind, body)
	if err != nil {
		return nil, err
	}
	var s stored
	if err := json.Unmarshal(reply, &s); err != nil {
		return nil, fmt.Errorf("the leader's answer: %w", err)
	}
	return queue.DecodeEvent(s.Type, s.Data)
}
