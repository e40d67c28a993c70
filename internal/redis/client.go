package redis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Open prepares a client for a URL such as redis://:password@host:6379/0,
// rediss://… (TLS) or unix:///run/redis.sock. It does not connect: a Redis
// that is away at the start is one that will come.
func Open(url string) (*goredis.Client, error) {
	o, err := goredis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read REDIS_URL: %w; write redis://host:6379/0 or unix:///path", err)
	}
	// Everything here retries by itself, knowing what may be sent twice.
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = 2 * time.Second
	o.ReadTimeout, o.WriteTimeout = 2*time.Second, 2*time.Second
	o.ContextTimeoutEnabled = true
	// The client stops dialing, and probes once a second only, after as many
	// failed dials as the pool is large. A leader that comes back that much
	// later than a standby would lose a short lease.
	o.PoolSize = 512
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return goredis.NewClient(o), nil
}

func key(pool, name string) string { return "threerings:{" + pool + "}:" + name }

// barred reports whether an error is Redis's answer to this node alone: others
// may be let in, so it must not be taken for an outage.
func barred(err error) bool {
	var e goredis.Error
	if !errors.As(err, &e) {
		return false // no answer at all
	}
	for _, everybody := range []string{"LOADING", "READONLY", "MISCONF", "OOM", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN"} {
		if strings.HasPrefix(e.Error(), everybody) {
			return false
		}
	}
	return true
}

// neverSent reports whether an error came before anything was written, so that
// a second attempt cannot be a doubled one.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.Is(err, goredis.ErrPoolTimeout) || errors.As(err, &op) && op.Op == "dial" || loading(err)
}

func loading(err error) bool {
	var e goredis.Error
	return errors.As(err, &e) && strings.HasPrefix(e.Error(), "LOADING")
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// backoff doubles from first to limit, with a quarter of chance so that many
// nodes do not come back in step.
type backoff struct{ first, limit, last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, b.first), b.limit)
	return b.last - time.Duration(rand.Int64N(int64(b.last/4)+1))
}

func (b *backoff) reset() { b.last = 0 }

// silence is how long a subscription may say nothing before it is asked
// whether it lives.
const silence = 2 * time.Second

// listen subscribes to a channel until ctx ends and subscribes again whenever
// the connection is lost. heard gets every message; subscribed is called each
// time a subscription begins, which is the moment to look at what was missed.
// Both are called from one goroutine: the caller's.
func listen(ctx context.Context, client *goredis.Client, channel string, subscribed func(), heard func(string)) {
	retry := backoff{first: 20 * time.Millisecond, limit: time.Second}
	for ctx.Err() == nil {
		hearken(ctx, client, channel, func() { retry.reset(); subscribed() }, heard)
		pause(ctx, retry.next())
	}
}

// hearken is one connection's life.
func hearken(ctx context.Context, client *goredis.Client, channel string, subscribed func(), heard func(string)) {
	sub := client.Subscribe(ctx)
	defer sub.Close()
	// A read does not look at ctx: closing is what wakes it.
	defer context.AfterFunc(ctx, func() { sub.Close() })()
	if sub.Subscribe(ctx, channel) != nil {
		return
	}
	asked := false
	for ctx.Err() == nil {
		msg, err := sub.ReceiveTimeout(ctx, silence)
		var timeout net.Error
		switch {
		case err == nil:
			asked = false
		case errors.As(err, &timeout) && timeout.Timeout() && !asked:
			asked = true
			if sub.Ping(ctx) != nil {
				return
			}
			continue
		default:
			return
		}
		switch m := msg.(type) {
		case *goredis.Subscription:
			if m.Kind == "subscribe" {
				subscribed()
			}
		case *goredis.Message:
			heard(m.Payload)
		}
	}
}
