package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// View is one frame of the present, opaque here.
type View struct {
	Term uint64    // token of the leader's term
	Seq  uint64    // of the last record in it
	At   time.Time // when it was true, by the leader's clock
	Body []byte
}

// newer orders frames: a later term wins whatever its numbers, since the log
// of a leader that lost its term may have run ahead of the stored one.
func (v View) newer(than View) bool { return v.head() > than.head() }

// head is fixed-width hex, which Redis compares as text in the same order.
func (v View) head() string {
	return fmt.Sprintf("%016x %016x %016x", v.Term, v.Seq, uint64(max(v.At.UnixNano(), 0)))
}

const headLen = 3*16 + 2

func (v View) encode() string { return v.head() + " " + string(v.Body) }

var errFrame = errors.New("not a frame of this program: do nodes of different versions share the pool?")

func decode(s string) (View, error) {
	if len(s) <= headLen || s[16] != ' ' || s[33] != ' ' || s[headLen] != ' ' {
		return View{}, errFrame
	}
	term, e1 := strconv.ParseUint(s[:16], 16, 64)
	seq, e2 := strconv.ParseUint(s[17:33], 16, 64)
	at, e3 := strconv.ParseUint(s[34:headLen], 16, 63)
	if e1 != nil || e2 != nil || e3 != nil {
		return View{}, errFrame
	}
	return View{Term: term, Seq: seq, At: time.Unix(0, int64(at)), Body: []byte(s[headLen+1:])}, nil
}

// ViewsOptions; the zero value is the default.
type ViewsOptions struct {
	TTL     time.Duration // 10 s; how long the last frame outlives its leader
	Timeout time.Duration // 1 s; of one write or read
	Log     *slog.Logger
}

// Views carries a pool's frames from the leader to the other nodes.
type Views struct {
	client *goredis.Client
	pool   string
	opts   ViewsOptions

	mu     sync.Mutex
	newest *View // the slot
	wake   chan struct{}
	count  struct{ published, conflated, refused, failed, followed, dropped atomic.Uint64 }
}

// ViewsStats counts since the start.
type ViewsStats struct {
	Published uint64 // frames written
	Conflated uint64 // given to Publish, replaced before they were written
	Refused   uint64 // older than what Redis had
	Failed    uint64 // writes and reads without an answer
	Followed  uint64 // frames received that were news
	Dropped   uint64 // frames received that were old, or not frames
}

// NewViews prepares the views of pool.
func NewViews(client *goredis.Client, pool string, opts ViewsOptions) *Views {
	if opts.TTL <= 0 {
		opts.TTL = 10 * time.Second
	}
	if opts.Timeout <= 0 {
		opts.Timeout = time.Second
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &Views{client: client.WithTimeout(opts.Timeout), pool: pool, opts: opts, wake: make(chan struct{}, 1)}
}

// Stats returns the counters.
func (v *Views) Stats() ViewsStats {
	c := &v.count
	return ViewsStats{c.published.Load(), c.conflated.Load(), c.refused.Load(), c.failed.Load(), c.followed.Load(), c.dropped.Load()}
}

// Publish hands over a frame and never blocks: there is one slot, the newest
// wins. Body must not be changed afterwards. A leader publishes at least once
// a second, also when nothing happens, since At is what tells a follower that
// the leader lives.
func (v *Views) Publish(w View) {
	v.mu.Lock()
	if v.newest != nil {
		v.count.conflated.Add(1)
	}
	v.newest = &w
	v.mu.Unlock()
	v.kick()
}

func (v *Views) kick() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

func (v *Views) take() *View {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := v.newest
	v.newest = nil
	return w
}

// publishScript: ARGV frame, ttl in ms, channel, length of the head. What is
// as new as the stored frame is written too: it may have been forgotten.
var publishScript = goredis.NewScript(`
local had = redis.call('GETRANGE', KEYS[1], 0, ARGV[4] - 1)
if had > string.sub(ARGV[1], 1, ARGV[4]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1
`)

// Run writes what Publish is given until ctx ends. The leader runs it in its
// term. The last frame is written again from time to time, so that a Redis
// that lost it has it back. A frame of an earlier term that is still in the slot
// is refused by what a later one has written.
func (v *Views) Run(ctx context.Context) error {
	var last *View
	var due time.Time // to be written again
	retry := backoff{first: 20 * time.Millisecond, limit: time.Second}
	for {
		w := v.take()
		if w != nil {
			last = w
		}
		if last != nil && (w != nil || !time.Now().Before(due)) {
			if err := v.write(ctx, *last); err != nil && ctx.Err() == nil {
				v.count.failed.Add(1)
				v.opts.Log.Debug("view not published", "pool", v.pool, "err", err)
				pause(ctx, retry.next()) // a busy leader must not defeat it
				due = time.Time{}
				v.kick()
			} else {
				retry.reset()
				due = time.Now().Add(v.opts.TTL / 3)
			}
		}
		again := time.NewTimer(v.opts.TTL / 3)
		select {
		case <-ctx.Done():
		case <-v.wake:
		case <-again.C:
		}
		again.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

func (v *Views) write(ctx context.Context, w View) error {
	ctx, cancel := context.WithTimeout(ctx, v.opts.Timeout)
	defer cancel()
	n, err := publishScript.Run(ctx, v.client, []string{v.key()}, w.encode(), v.opts.TTL.Milliseconds(), v.channel(), headLen).Int()
	switch {
	case err != nil:
		return fmt.Errorf("publish view %d of pool %s: %w", w.Seq, v.pool, err)
	case n == 0:
		v.count.refused.Add(1)
	default:
		v.count.published.Add(1)
	}
	return nil
}

func (v *Views) key() string     { return key(v.pool, "view") }
func (v *Views) channel() string { return key(v.pool, "view:new") }

// Follow returns the newest frame, if there is one, and then each newer one,
// conflated: a slow reader misses frames but never sees an older one after a
// newer one. The channel is closed when ctx ends. While nothing comes the last
// frame's At grows old; whoever shows it says so.
func (v *Views) Follow(ctx context.Context) <-chan View {
	out := make(chan View, 1)
	f := &follower{Views: v, out: out}
	go func() {
		defer close(out)
		listen(ctx, v.client, v.channel(), func() { f.load(ctx) }, f.frame)
	}()
	return out
}

// follower belongs to the goroutine of listen.
type follower struct {
	*Views
	out   chan View
	last  View
	heard time.Time
}

// load reads the stored frame. It is called when the subscription stands, so
// what is written later is heard.
func (f *follower) load(ctx context.Context) {
	retry := backoff{first: 20 * time.Millisecond, limit: 200 * time.Millisecond}
	for range 5 {
		ask, cancel := context.WithTimeout(ctx, f.opts.Timeout)
		s, err := f.client.Get(ask, f.key()).Result()
		cancel()
		switch {
		case err == nil:
			f.frame(s)
			return
		case errors.Is(err, goredis.Nil):
			return // nobody leads yet, or Redis has forgotten: the leader writes again
		case ctx.Err() != nil:
			return
		}
		f.count.failed.Add(1)
		pause(ctx, retry.next())
	}
}

func (f *follower) frame(s string) {
	w, err := decode(s)
	if err != nil {
		f.count.dropped.Add(1)
		f.opts.Log.Warn("view dropped", "pool", f.pool, "err", err)
		return
	}
	// After a ttl of silence anything is newer than nothing: otherwise a term
	// that was numbered by a clock set back could never be shown.
	if !w.newer(f.last) && time.Since(f.heard) < f.opts.TTL {
		f.count.dropped.Add(1)
		return
	}
	f.last, f.heard = w, time.Now()
	f.count.followed.Add(1)
	select {
	case <-f.out: // not read yet, and no longer the newest
	default:
	}
	f.out <- w // never blocks: this goroutine alone sends
}
