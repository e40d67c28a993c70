package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/internal/redis/redistest"
)

// limit is how long a test waits for what must come.
const limit = 20 * time.Second

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// node is one lessee with a client of its own.
type node struct {
	*redis.Lease
	cut      func()        // from Redis, for good
	stop     func()        // cleanly; returns when Run has
	leading  atomic.Bool   // lead runs and has not been told to stop
	began    atomic.Int64  // ns
	ended    atomic.Int64  // ns: told to stop
	why      atomic.Value  // cause
	lingers  atomic.Int64  // ns that lead takes to wind up
	giveUp   chan error    // makes lead return by itself
	together *atomic.Int64 // how many lead now
	most     *atomic.Int64 // the most that ever led together
}

type group struct {
	t              *testing.T
	server         *redistest.Server
	together, most atomic.Int64
}

func (g *group) node(name string, o redis.LeaseOptions) *node {
	g.t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	client := g.server.Client()
	n := &node{Lease: redis.NewLease(client, "test", name, o), giveUp: make(chan error, 1), together: &g.together, most: &g.most}
	n.cut = func() { client.Close() }
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := n.Run(ctx, n.lead); err != nil {
			g.t.Errorf("%s: Run: %v", name, err)
		}
	})
	n.stop = func() { cancel(); wg.Wait() }
	g.t.Cleanup(n.stop)
	return n
}

func (n *node) lead(ctx context.Context, token uint64) error {
	now := n.together.Add(1)
	for m := n.most.Load(); now > m && !n.most.CompareAndSwap(m, now); m = n.most.Load() {
	}
	n.began.Store(time.Now().UnixNano())
	n.leading.Store(true)
	var err error
	select {
	case <-ctx.Done():
		n.why.Store(context.Cause(ctx))
	case err = <-n.giveUp:
	}
	n.leading.Store(false)
	n.ended.Store(time.Now().UnixNano())
	n.together.Add(-1)
	time.Sleep(time.Duration(n.lingers.Load()))
	return err
}

func (n *node) trusted() bool { _, ok := n.Trusted(); return ok }

func TestStandbyTakesOverAtOnceAfterACleanStop(t *testing.T) {
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{})
	until(t, "a leads", a.trusted)
	b := g.node("b", redis.LeaseOptions{})
	until(t, "b knows the leader", func() bool { return b.Holder() == "a" })
	a.stop()
	until(t, "b leads", b.leading.Load)
	took := time.Duration(b.began.Load() - a.ended.Load())
	t.Logf("hand-over in %v", took)
	if took > 300*time.Millisecond {
		t.Errorf("hand-over took %v, want less than 300 ms (ttl is 3 s)", took)
	}
	if s := a.Stats(); s.Released != 1 || s.Taken+s.Untrusted != 0 {
		t.Errorf("a: %+v", s)
	}
	if a.trusted() || !b.trusted() || g.most.Load() != 1 {
		t.Errorf("trusted: a %v, b %v; led together: %d", a.trusted(), b.trusted(), g.most.Load())
	}
}

func TestTheLeaseIsHeldUntilLeadHasWoundUp(t *testing.T) {
	const ttl = 300 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	a.lingers.Store(int64(3 * ttl))
	b := g.node("b", redis.LeaseOptions{TTL: ttl})
	a.stop()
	until(t, "b leads", b.leading.Load)
	if gap := time.Duration(b.began.Load() - a.ended.Load()); gap < 3*ttl {
		t.Errorf("b led %v after a was told to stop, while a was still winding up (%v)", gap, 3*ttl)
	}
}

// A node that is cut off: for the others it is a dead one.
func TestLostLeaderIsReplacedWithinATTL(t *testing.T) {
	const ttl, margin = 900 * time.Millisecond, 150 * time.Millisecond
	for _, strict := range []bool{true, false} {
		t.Run(fmt.Sprintf("StopWhenAway=%v", strict), func(t *testing.T) {
			g := &group{t: t, server: redistest.New(t)}
			o := redis.LeaseOptions{TTL: ttl, Margin: margin, StopWhenAway: strict}
			a := g.node("a", o)
			until(t, "a leads", a.trusted)
			first, _ := a.Trusted()
			b := g.node("b", o)
			until(t, "b knows the leader", func() bool { return b.Holder() == "a" })
			a.cut()
			cut := time.Now()
			until(t, "b leads", b.leading.Load)
			took := time.Unix(0, b.began.Load()).Sub(cut)
			t.Logf("take-over in %v", took)
			if took > ttl+margin {
				t.Errorf("take-over took %v, want at most %v", took, ttl+margin)
			}
			if second, _ := b.Trusted(); second <= first {
				t.Errorf("token %d follows %d", second, first)
			}
			if strict {
				if a.leading.Load() || a.ended.Load() >= b.began.Load() || !errors.Is(a.why.Load().(error), redis.ErrUntrusted) {
					t.Errorf("a was to stop before b began, for lack of trust: %v", a.why.Load())
				}
			} else if !a.leading.Load() || a.trusted() {
				t.Errorf("a was to go on, untrusted: leading %v, trusted %v", a.leading.Load(), a.trusted())
			}
		})
	}
}

func TestLeaderGoesOnThroughARestartOfRedis(t *testing.T) {
	const ttl = 600 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	b := g.node("b", redis.LeaseOptions{TTL: ttl})
	until(t, "b knows the leader", func() bool { return b.Holder() == "a" })
	for round := uint64(1); round <= 3; round++ {
		g.server.Kill()
		until(t, "a is unsure", func() bool { return !a.trusted() })
		if !a.leading.Load() {
			t.Fatalf("a stopped: %v", a.why.Load())
		}
		g.server.Start()
		until(t, "a has its lease back", func() bool { return a.trusted() && a.Stats().Again == round })
	}
	if s := a.Stats(); s.Terms != 1 || b.Stats().Terms != 0 {
		t.Errorf("terms: a %d, b %d; want 1 and 0", s.Terms, b.Stats().Terms)
	}
	a.stop() // and b is no less ready for it
	until(t, "b leads", b.trusted)
}

func TestALeaderThatDiedInAnOutageIsReplaced(t *testing.T) {
	const ttl = 300 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	b := g.node("b", redis.LeaseOptions{TTL: ttl})
	until(t, "b knows the leader", func() bool { return b.Holder() == "a" })
	g.server.Kill()
	a.cut()
	g.server.Start()
	back := time.Now()
	until(t, "b leads", b.trusted)
	if took := time.Unix(0, b.began.Load()).Sub(back); took < ttl/2 {
		t.Errorf("b waited only %v: a living leader would not have had its turn", took)
	}
}

func TestAnothersValueEndsTheTermAtOnce(t *testing.T) {
	const ttl = 900 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	set := time.Now()
	if err := g.server.Client().Set(t.Context(), "threerings:{test}:lease", "z other", ttl).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "a stops", func() bool { return a.ended.Load() != 0 })
	if took := time.Unix(0, a.ended.Load()).Sub(set); took > ttl*2/3 {
		t.Errorf("a stopped after %v, not at its next look", took)
	}
	if err := a.why.Load().(error); !errors.Is(err, redis.ErrTaken) {
		t.Errorf("cause: %v", err)
	}
	until(t, "a leads again when the other's lease has expired", a.trusted)
}

func TestARefusalToThisNodeAloneIsNotAnOutage(t *testing.T) {
	const ttl = 300 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	admin := g.server.Client()
	if err := admin.Do(t.Context(), "acl", "setuser", "default", "-eval", "-evalsha").Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "a stops", func() bool { return a.ended.Load() != 0 })
	if err := a.why.Load().(error); !errors.Is(err, redis.ErrUntrusted) {
		t.Errorf("cause: %v", err)
	}
	if err := admin.Do(t.Context(), "acl", "setuser", "default", "+eval", "+evalsha").Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "a leads again", a.trusted)
}

func TestALeaderThatGivesUpStandsAside(t *testing.T) {
	const ttl = 600 * time.Millisecond
	g := &group{t: t, server: redistest.New(t)}
	a := g.node("a", redis.LeaseOptions{TTL: ttl})
	until(t, "a leads", a.trusted)
	b := g.node("b", redis.LeaseOptions{TTL: ttl})
	until(t, "b knows the leader", func() bool { return b.Holder() == "a" })
	a.giveUp <- errors.New("fenced")
	until(t, "b leads", b.trusted)
	if a.Stats().Released != 1 {
		t.Errorf("a: %+v", a.Stats())
	}
}

// The promise of the package: whatever happens to Redis, two nodes are never
// sure of the lease at the same time; nor do two lead as long as Redis is away
// for all or for none of them.
func TestNeverTwoLeaders(t *testing.T) {
	const ttl = 400 * time.Millisecond
	for _, strict := range []bool{false, true} {
		t.Run(fmt.Sprintf("StopWhenAway=%v", strict), func(t *testing.T) {
			g := &group{t: t, server: redistest.New(t)}
			var nodes []*node
			for _, name := range []string{"a", "b", "c"} {
				nodes = append(nodes, g.node(name, redis.LeaseOptions{TTL: ttl, StopWhenAway: strict}))
			}
			until(t, "somebody leads", func() bool {
				return nodes[0].trusted() || nodes[1].trusted() || nodes[2].trusted()
			})
			var wg sync.WaitGroup
			over := make(chan struct{})
			wg.Go(func() { watch(t, nodes, over) })

			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			chance := rand.New(rand.NewPCG(seed, 1))
			admin := g.server.Client()
			some := func(most time.Duration) time.Duration { return time.Duration(chance.Int64N(int64(most))) }
			for end := time.Now().Add(6 * time.Second); time.Now().Before(end); {
				switch chance.IntN(5) {
				case 0:
					admin.FlushAll(t.Context())
				case 1, 2:
					g.server.Pause()
					time.Sleep(some(3 * ttl))
					g.server.Resume()
				case 3:
					g.server.Kill()
					time.Sleep(some(ttl))
					g.server.Start()
				case 4:
					admin.FlushAll(t.Context())
					g.server.Pause()
					time.Sleep(some(ttl))
					g.server.Resume()
				}
				until(t, "somebody leads", func() bool {
					return nodes[0].trusted() || nodes[1].trusted() || nodes[2].trusted()
				})
				time.Sleep(some(ttl))
			}
			close(over)
			wg.Wait()
			if most := g.most.Load(); most != 1 {
				t.Errorf("%d led together", most)
			}
			var began uint64
			for _, n := range nodes {
				t.Logf("%+v", n.Stats())
				began += n.Stats().Terms
			}
			// Who leads through an outage is not replaced after it.
			if !strict && began != 1 {
				t.Errorf("%d terms, want the first to last", began)
			}
		})
	}
}

// watch samples trust. One that is sure in the same term before and after
// another was seen to be sure was so at that moment too.
func watch(t *testing.T, nodes []*node, over <-chan struct{}) {
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		for i, a := range nodes {
			for _, b := range nodes[i+1:] {
				before, sure := a.Trusted()
				if !sure || !b.trusted() {
					continue
				}
				if after, sure := a.Trusted(); sure && after == before {
					t.Error("two nodes are sure of the lease")
					return
				}
			}
		}
	}
}
