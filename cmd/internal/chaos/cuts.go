package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// Cuts of one node, and other faults of the parts that nodes share.

// leading is the node that leads, or the first when none is in control.
func (w *world) leading(ctx context.Context) *process {
	if p := w.leader(ctx); p != nil {
		return p
	}
	return w.nodes()[0]
}

// apart is the most that lies between the ends of two cuts: which way comes
// back first decides what a leader learns first.
const apart = time.Second

// cutOff is the leader of two nodes alone without some of the parts, for 6 to
// 12 s; the other node reaches them all. Each way is refused or goes nowhere,
// as the seed has it, and the ways come back one after the other.
func cutOff(name string, which ...func(*ways) *proxy) kind {
	return kind{name: name, doc: "the leader of two nodes alone without them, for 6 to 12 s", nodes: 2, redis: true,
		strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
			v := w.leading(ctx).ways
			for _, way := range which {
				m := refuse
				if r.IntN(2) == 0 {
					m = swallow
				}
				way(v).set(m)
			}
			d := span(r, 6*time.Second, 12*time.Second)
			if w.brief {
				d = min(d, shorter)
			}
			err := pause(ctx, d)
			for n, i := range r.Perm(len(which)) {
				if between := span(r, 0, apart); n > 0 && err == nil {
					err = pause(ctx, between)
				}
				way := which[i]
				way(v).set(pass)
			}
			return time.Now(), err
		}}
}

var redisSlow = kind{name: "redis-slow", doc: "each piece to and from Redis 0.4 s late, for 6 to 12 s", nodes: 2, redis: true,
	strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toRedis), slow, span(r, 6*time.Second, 12*time.Second))
	}}

var redisRestart = kind{name: "redis-restart", doc: "Redis killed, and started again", nodes: 2, redis: true,
	strike: func(_ context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		_ = w.redis.Process.Kill() // it keeps nothing
		_ = w.redis.Wait()
		err := w.startRedis()
		return time.Now(), err
	}}

var postgresAwayKill = kind{name: "postgres-away-kill", doc: "Postgres away for 10 to 20 s, threerings killed and started in the middle of it",
	strike: func(ctx context.Context, w *world, r *rand.Rand) (time.Time, error) {
		d := span(r, 10*time.Second, 20*time.Second)
		if w.brief {
			d = min(d, shorter)
		}
		all := w.every(toPostgres)
		for _, p := range all {
			p.set(refuse)
		}
		err := pause(ctx, d/2)
		node := w.nodes()[0]
		if err == nil {
			err = node.kill(ctx)
		}
		if err == nil {
			err = node.start()
		}
		if err == nil {
			err = pause(ctx, d/2)
		}
		for _, p := range all {
			p.set(pass)
		}
		return time.Now(), err
	}}

var postgresHour = kind{name: "postgres-hour", doc: "Postgres away for one hour", named: true,
	strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		return w.through(ctx, w.every(toPostgres), refuse, time.Hour)
	}}
