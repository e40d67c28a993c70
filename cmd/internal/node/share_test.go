package node

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/internal/redis/redistest"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/queue"
)

// watched is how long a figure is watched that must not grow.
const watched = 1500 * time.Millisecond

// sharing is a node without its pages, ledger and switch, with a Redis.
func sharing(t *testing.T) (n *Node, other *elsewhere, requests *redis.Requests, views *redis.Views) {
	t.Helper()
	return sharingOver(t, redistest.New(t))
}

func sharingOver(t *testing.T, server *redistest.Server) (n *Node, other *elsewhere, requests *redis.Requests, views *redis.Views) {
	t.Helper()
	client := server.Client()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	n = &Node{set: settings.Settings{Pool: "main"}, log: log, core: newCore()}
	requests = redis.NewRequests(client, "main", redis.RequestsOptions{Log: log})
	views = redis.NewViews(client, "main", redis.ViewsOptions{Log: log})
	other = &elsewhere{requests: requests, wake: n.core.news}
	n.core.standIn(other)
	return n, other, requests, views
}

// TestIdleLeaderPublishesOnceASecond: what a leader hears of itself over Redis
// is no news to it.
func TestIdleLeaderPublishesOnceASecond(t *testing.T) {
	n, other, _, views := sharing(t)
	ctx, stop := context.WithCancel(t.Context())
	n.core.follow(ctx, loop.New(queue.New(), loop.Options{}))
	n.leadNow.sw.Store(ari.New(ari.Options{}, func(queue.Input) {}))
	ended := make(chan struct{}, 3)
	for _, part := range []func(){
		func() { other.follow(ctx, views) },
		func() { _ = views.Run(ctx) },
		func() { n.publish(ctx, views, 1) },
	} {
		go func() { part(); ended <- struct{}{} }()
	}
	<-time.After(watched)
	got := views.Stats()
	stop()
	for range cap(ended) {
		<-ended
	}
	if got.Published == 0 || got.Published > 5 {
		t.Errorf("%d frames in %s while nothing happened, want one a second", got.Published, watched)
	}
}

// TestBusyLeaderPublishesWithPauses: other nodes' screens take a frame each
// frameEvery, so more of them are only work.
func TestBusyLeaderPublishesWithPauses(t *testing.T) {
	n, _, _, views := sharing(t)
	ctx, stop := context.WithCancel(t.Context())
	n.core.follow(ctx, loop.New(queue.New(), loop.Options{}))
	n.leadNow.sw.Store(ari.New(ari.Options{}, func(queue.Input) {}))
	ended := make(chan struct{}, 2)
	go func() { _ = views.Run(ctx); ended <- struct{}{} }()
	go func() { n.publish(ctx, views, 1); ended <- struct{}{} }()
	busy := time.NewTicker(time.Millisecond)
	defer busy.Stop()
	for end := time.After(watched); ; {
		select {
		case <-busy.C:
			n.core.wake()
			continue
		case <-end:
		}
		break
	}
	got := views.Stats()
	stop()
	<-ended
	<-ended
	if most := uint64(watched/frameEvery) + 1; got.Published < 3 || got.Published > most {
		t.Errorf("%d frames in %s of constant change, want 3 to %d", got.Published, watched, most)
	}
}

// TestTakeoverDoesNotMultiplyRequests: who has the lease and no loop yet, or no
// more, refuses what others ask, and does not ask itself through Redis.
func TestTakeoverDoesNotMultiplyRequests(t *testing.T) {
	n, other, requests, _ := sharing(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = requests.Serve(ctx, n.answer) }()
	defer func() { stop(); <-ended }()
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := other.Ask(limited, queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "r1"}, "r1")
	if err == nil || limited.Err() != nil || !strings.Contains(err.Error(), redis.ErrNotLeading.Error()) {
		t.Errorf("the answer is %v, want at once: %v", err, redis.ErrNotLeading)
	}
	if st := requests.Stats(); st.Asked != 1 || st.Served != 1 {
		t.Errorf("one request was asked %d times and carried out %d times", st.Asked, st.Served)
	}
	if _, err := n.answer(ctx, "SetAgent", []byte(`{"agent":"1001"}`)); !errors.Is(err, redis.ErrNotLeading) {
		t.Errorf("without a leader here: %v", err)
	}
}

// TestAnyRequestReachesTheLeader: what is asked on a node that does not lead is
// carried out by the one that does, whatever it is; and what was asked for comes
// back with the leader's reason.
func TestAnyRequestReachesTheLeader(t *testing.T) {
	n, other, requests, _ := sharing(t)
	ctx, stop := context.WithCancel(t.Context())
	leader := loop.New(queue.New(), loop.Options{Journal: nowhere{}, Switch: nowhere{}})
	ended := make(chan struct{}, 2)
	go func() { _ = leader.Run(ctx); ended <- struct{}{} }()
	go func() { _ = requests.Serve(ctx, n.answer); ended <- struct{}{} }()
	defer func() { stop(); <-ended; <-ended }()
	n.core.follow(ctx, leader)
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	e, err := other.Ask(limited, queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "r1"}, "r1")
	if no, ok := e.(queue.Refused); err != nil || !ok || no.Code != "unknown_agent" || no.Req != "r1" {
		t.Errorf("got %#v, %v", e, err)
	}
	if _, err := other.Ask(limited, queue.Configure{Req: "r3"}, "r3"); err == nil {
		t.Error("a configuration was taken from another node")
	}
}

// nowhere keeps nothing and rings nobody.
type nowhere struct{}

func (nowhere) Append([]queue.Record)   {}
func (nowhere) Execute([]queue.Command) {}

// TestScreensOfOtherNodesSayStale: while Redis is away, stands still or the
// leader is gone, what another node shows is marked as not heard from any more,
// and it is current again by itself.
func TestScreensOfOtherNodesSayStale(t *testing.T) {
	server := redistest.New(t)
	leads, _, _, sent := sharingOver(t, server)
	stands, other, _, seen := sharingOver(t, server)
	acd := queue.New()
	acd.Step(time.Now(), queue.Reconciled{})
	l := loop.New(acd, loop.Options{Journal: nowhere{}, Switch: nowhere{}})
	ctx, stop := context.WithCancel(t.Context())
	leading, resign := context.WithCancel(ctx)
	defer resign()
	ended := make(chan struct{}, 4)
	for _, part := range []func(){
		func() { _ = l.Run(ctx) },
		func() { _ = sent.Run(ctx) },
		func() { leads.publish(leading, sent, 1) },
		func() { other.follow(ctx, seen) },
	} {
		go func() { part(); ended <- struct{}{} }()
	}
	defer func() {
		stop()
		for range cap(ended) {
			<-ended
		}
	}()
	leads.core.follow(ctx, l)
	leads.leadNow.sw.Store(ari.New(ari.Options{}, func(queue.Input) {}))
	l.Send(queue.Reconciled{})
	h := &home{t: t}
	current := func() bool { return stands.core.Snapshot().Switch }
	since := func() time.Time { return stands.core.Snapshot().Silent }
	stale := func() bool { return !current() && !since().IsZero() }
	h.until("the other node shows the present", current)
	for _, fault := range []struct {
		name       string
		begin, end func()
	}{{"Redis stands still", server.Pause, server.Resume}, {"Redis is away", server.Kill, server.Start}} {
		began := time.Now()
		fault.begin()
		h.until("stale is said: "+fault.name, stale)
		if at := since(); at.Before(began.Add(-staleAfter)) || time.Since(at) < staleAfter {
			t.Errorf("%s at %s: the last news is said to be of %s, and it is %s", fault.name, began, at, time.Now())
		}
		fault.end()
		h.until("all is current again after: "+fault.name, func() bool { return current() && since().IsZero() })
	}
	resign()
	h.until("stale is said: the leader is gone", stale)
}
