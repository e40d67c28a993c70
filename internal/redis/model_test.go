package redis

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// mutation breaks the protocol on purpose: a model that cannot fail proves
// nothing.
type mutation struct {
	trustLong bool // a term is believed twice as long as Redis keeps it
	noFence   bool // the ledger takes an old epoch's records
}

// world is what the nodes of a pool share, with the rules it holds them to.
type world struct {
	mutation
	mem     *memory
	mu      sync.Mutex
	epoch   int // the newest that the ledger has given out
	written int // the newest that the ledger has a record of
	story   []string
	faults  []string
	start   time.Time
}

func (w *world) tell(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.story = append(w.story, fmt.Sprintf("%7.3f ", time.Since(w.start).Seconds())+fmt.Sprintf(format, args...))
}

func (w *world) wrong(format string, args ...any) {
	w.tell("WRONG "+format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *world) takeEpoch() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch++
	return w.epoch
}

// write is the fence of the ledger: only the newest epoch writes.
func (w *world) write(epoch int) bool {
	w.mu.Lock()
	newest, before := w.epoch, w.written
	refused := newest != epoch && !w.noFence
	if !refused {
		w.written = epoch
	}
	w.mu.Unlock()
	if !refused && epoch < before {
		w.wrong("a record of epoch %d after one of epoch %d", epoch, before)
	}
	return !refused
}

// member is a node of the model: the real lease, and a leader that writes.
type member struct {
	w      *world
	name   string
	mu     sync.Mutex
	rng    *rand.Rand
	isCut  bool
	thaw   time.Time
	lease  *Lease
	leads  bool
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func (n *member) cut() bool { n.mu.Lock(); defer n.mu.Unlock(); return n.isCut }

func (n *member) frozen() {
	n.mu.Lock()
	d := time.Until(n.thaw)
	n.mu.Unlock()
	if d > 0 {
		time.Sleep(d)
	}
}

func (n *member) begin(seed uint64, client *goredis.Client) {
	l := NewLease(client, "model", n.name, LeaseOptions{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	l.wire = &way{m: n.w.mem, l: l, cut: n.cut, frozen: n.frozen, rng: rand.New(rand.NewPCG(seed, 7))}
	if n.w.trustLong {
		l.opts.Margin = -l.opts.TTL
	}
	ctx, cancel := context.WithCancel(context.Background())
	n.mu.Lock()
	n.lease, n.cancel = l, cancel
	n.mu.Unlock()
	n.wg.Go(func() { _ = l.Run(ctx, n.lead) })
}

func (n *member) lead(ctx context.Context, _ uint64) error {
	n.frozen()
	time.Sleep(time.Duration(n.draw(300)) * time.Millisecond)
	epoch := n.w.takeEpoch()
	n.w.tell("%s leads, epoch %d", n.name, epoch)
	n.set(true)
	defer n.set(false)
	for {
		select {
		case <-ctx.Done():
			n.w.tell("%s ends: %v", n.name, context.Cause(ctx))
			return nil
		case <-time.After(time.Duration(20+n.draw(300)) * time.Millisecond):
		}
		n.frozen()
		if !n.w.write(epoch) {
			n.w.tell("%s is fenced, epoch %d", n.name, epoch)
			return fmt.Errorf("fenced")
		}
	}
}

func (n *member) set(leads bool) { n.mu.Lock(); n.leads = leads; n.mu.Unlock() }
func (n *member) draw(limit int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rng.IntN(limit)
}

// settled is the virtual time after the last fault in which one leads again:
// a patience and a lease, a loss of memory, a stand-aside and their retries.
const settled = 20 * time.Second

// schedule plays one; it returns the world as it was left.
func schedule(t *testing.T, seed uint64, mut mutation) *world {
	rng := rand.New(rand.NewPCG(seed, 1))
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1"}) // never dialled
	defer client.Close()
	w := &world{mutation: mut, mem: &memory{run: 1}}
	synctest.Test(t, func(t *testing.T) {
		w.start = time.Now()
		nodes := make([]*member, 2+rng.IntN(2))
		for i := range nodes {
			nodes[i] = &member{w: w, name: fmt.Sprint("n", i), rng: rand.New(rand.NewPCG(seed, uint64(i)+2))}
			nodes[i].begin(rng.Uint64(), client)
		}
		trusted := func() (count int) {
			for _, n := range nodes {
				if _, ok := n.lease.Trusted(); ok {
					count++
				}
			}
			return count
		}
		run := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				if c := trusted(); c > 1 {
					w.wrong("%d nodes are trusted at once", c)
					return
				}
			}
		}
		run(10 * time.Second)
		for range 3 + rng.IntN(5) {
			n := nodes[rng.IntN(len(nodes))]
			d := time.Duration(rng.IntN(8000)) * time.Millisecond
			redis := func(f func()) { w.mem.mu.Lock(); f(); w.mem.mu.Unlock() }
			cut := func(is bool) { n.mu.Lock(); n.isCut = is; n.mu.Unlock() }
			switch rng.IntN(6) {
			case 0:
				w.tell("%s is cut from Redis for %v", n.name, d)
				cut(true)
				run(d)
				cut(false)
			case 1:
				w.tell("%s gets its answers after %v", n.name, d)
				n.mu.Lock()
				n.thaw = time.Now().Add(d)
				n.mu.Unlock()
			case 2:
				w.tell("Redis is away for %v", d)
				redis(func() { w.mem.away = true })
				run(d)
				redis(func() { w.mem.away = false })
			case 3:
				w.tell("Redis loses its memory")
				w.mem.flush()
			case 4:
				w.tell("Redis is slow for %v", d)
				redis(func() { w.mem.slow = true })
				run(d)
				redis(func() { w.mem.slow = false })
			case 5:
				w.tell("%s is stopped and started", n.name)
				n.cancel()
				n.wg.Wait()
				n.begin(rng.Uint64(), client)
			}
			run(time.Duration(rng.IntN(3000)) * time.Millisecond)
		}
		w.tell("faults have ended")
		run(settled)
		leaders := 0
		for _, n := range nodes {
			n.mu.Lock()
			if n.leads {
				leaders++
			}
			n.mu.Unlock()
		}
		if leaders != 1 {
			w.wrong("%d lead %v after the last fault", leaders, settled)
		}
		for _, n := range nodes {
			n.cancel()
		}
		for _, n := range nodes {
			n.wg.Wait()
		}
		time.Sleep(10 * time.Second) // what is still on its way
	})
	return w
}

func TestModelOfOneLeader(t *testing.T) {
	for seed := range uint64(schedules) {
		if w := schedule(t, seed, mutation{}); len(w.faults) > 0 {
			t.Fatalf("seed %d: %s\n%s", seed, strings.Join(w.faults, "; "), strings.Join(w.story, "\n"))
		}
	}
}

const schedules = 1000

func TestModelFindsABrokenProtocol(t *testing.T) {
	for name, c := range map[string]struct {
		mutation
		says string
	}{
		"no fence":   {mutation{noFence: true}, "a record of epoch"},
		"trust long": {mutation{trustLong: true}, "are trusted at once"},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(schedules) {
				if w := schedule(t, seed, c.mutation); strings.Contains(strings.Join(w.faults, "\n"), c.says) {
					return
				}
			}
			t.Fatalf("%d schedules did not show it", schedules)
		})
	}
}
