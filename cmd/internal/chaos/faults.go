package chaos

import (
	"context"
	"math/rand/v2"
	"syscall"
	"time"
)

// kind is one way to break something.
type kind struct {
	name  string
	doc   string
	nodes int  // of threerings; 0: one
	redis bool // needs one
	small bool // what threerings writes lies on a small disk of its own
	named bool // played only when it is named: it takes long
	// strike does it and returns from when control is counted, with the part
	// whole again (or taken over by another).
	strike func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error)
}

// span draws a time between two.
func span(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)+1))
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kinds is every kind, in the order in which they are played.
var kinds = []kind{
	{name: "kill", doc: "threerings killed, and started at once", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		p := w.nodes()[0]
		if err := p.kill(ctx); err != nil {
			return time.Time{}, err
		}
		return time.Now(), p.start()
	}},
	{name: "term", doc: "threerings asked to end, and started again", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		p := w.nodes()[0]
		if err := p.signal(syscall.SIGTERM); err != nil {
			return time.Time{}, err
		}
		if err := p.gone(ctx); err != nil {
			return time.Time{}, err
		}
		return time.Now(), p.start()
	}},
	{name: "stop", doc: "threerings frozen for 2 to 8 s", strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		p := w.nodes()[0]
		if err := p.signal(syscall.SIGSTOP); err != nil {
			return time.Time{}, err
		}
		frozen := span(r, 2*time.Second, 8*time.Second)
		if w.brief {
			frozen = min(frozen, shorter)
		}
		err := pause(ctx, frozen)
		if cont := p.signal(syscall.SIGCONT); cont != nil {
			err = cont
		}
		return time.Now(), err
	}},
	{name: "away", doc: "threerings killed, and started again after 30 to 40 s: who waits is rescued", strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		p := w.nodes()[0]
		if err := p.kill(ctx); err != nil {
			return time.Time{}, err
		}
		gone := span(r, 30*time.Second, 40*time.Second)
		if w.brief {
			gone = 24 * time.Second // the sentinel comes after 20 s
		}
		if err := pause(ctx, gone); err != nil {
			return time.Time{}, err
		}
		return time.Now(), p.start()
	}},
	{name: "ari-cut", doc: "all connections to Asterisk cut", strike: func(_ context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		for _, p := range w.every(toAsterisk) {
			p.cut()
		}
		return time.Now(), nil
	}},
	{name: "ari-halfopen", doc: "Asterisk takes connections and says nothing for 8 s", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toAsterisk), swallow, 8*time.Second)
	}},
	{name: "ari-slow", doc: "each piece to and from Asterisk 0.4 s late, for 6 s", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toAsterisk), slow, 6*time.Second)
	}},
	{name: "ari-stall", doc: "events stop in the middle of a frame for 8 s", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toAsterisk), stall, 8*time.Second)
	}},
	{name: "postgres-away", doc: "Postgres away for 10 to 20 s", strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toPostgres), refuse, span(r, 10*time.Second, 20*time.Second))
	}},
	{name: "postgres-slow", doc: "each commit takes 2 s, for 10 to 20 s", strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toPostgres), commits, span(r, 10*time.Second, 20*time.Second))
	}},
	{name: "postgres-kill", doc: "Postgres and threerings killed together, and started again", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		p := w.nodes()[0]
		if err := w.crashPostgres(); err != nil {
			return time.Time{}, err
		}
		if err := p.kill(ctx); err != nil {
			return time.Time{}, err
		}
		return time.Now(), p.start()
	}},
	postgresAwayKill, postgresHour,
	{name: "redis-away", doc: "Redis away for 5 to 12 s", nodes: 2, redis: true, strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toRedis), refuse, span(r, 5*time.Second, 12*time.Second))
	}},
	{name: "redis-flush", doc: "Redis loses its memory", nodes: 2, redis: true, strike: func(_ context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return time.Now(), w.flushRedis()
	}},
	{name: "standby", doc: "the leader of two nodes killed; the other takes over", nodes: 2, redis: true, strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		p := w.leader(ctx)
		if p == nil {
			p = w.nodes()[0]
		}
		at := time.Now()
		if err := p.kill(ctx); err != nil {
			return at, err
		}
		if err := w.waitControl(ctx); err != nil { // the other's; only then is this one started again
			return at, err
		}
		return at, p.start()
	}},
	{name: "handover", doc: "the leader of two nodes asked to end; the other takes over", nodes: 2, redis: true, strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		p := w.leader(ctx)
		if p == nil {
			p = w.nodes()[0]
		}
		at := time.Now()
		if err := p.signal(syscall.SIGTERM); err != nil {
			return at, err
		}
		if err := p.gone(ctx); err != nil {
			return at, err
		}
		if err := w.waitControl(ctx); err != nil {
			return at, err
		}
		return at, p.start()
	}},
	{name: "takeover", doc: "a newer threerings takes over on the same machine", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return w.nodes()[0].takeOver(ctx)
	}},
	redisSlow, redisRestart,
	cutOff("cut-redis", toRedis), cutOff("cut-postgres", toPostgres), cutOff("cut-asterisk", toAsterisk),
	cutOff("cut-redis-postgres", toRedis, toPostgres), cutOff("cut-redis-asterisk", toRedis, toAsterisk),
	cutOff("cut-postgres-asterisk", toPostgres, toAsterisk),
	{name: "asterisk-kill", doc: "Asterisk killed, and started again", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		w.asterisk.Kill()
		w.people.giveUp()
		if err := w.startAsterisk(ctx); err != nil {
			return time.Time{}, err
		}
		return time.Now(), nil
	}},
	{name: "disk-full", doc: "data and recordings on a disk that is full for 10 to 20 s", small: true, strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		empty, err := w.fill()
		if err == nil {
			full := span(r, 10*time.Second, 20*time.Second)
			if w.brief {
				full = min(full, shorter)
			}
			err = pause(ctx, full)
		}
		if gone := empty(); err == nil {
			err = gone
		}
		return time.Now(), err
	}},
}

// shorter is how long the faults of the short form last at most: a while is
// too long in a test, and enough to be noticed.
const shorter = 5500 * time.Millisecond

// through has proxies misbehave for a while.
func (w *world) through(ctx context.Context, all []*proxy, m mode, d time.Duration) (time.Time, error) {
	if w.brief {
		d = min(d, shorter)
	}
	for _, p := range all {
		p.set(m)
	}
	err := pause(ctx, d)
	for _, p := range all {
		p.set(pass)
	}
	return time.Now(), err
}

// Kinds are the names of all kinds, in the order in which they are played.
func Kinds() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}
