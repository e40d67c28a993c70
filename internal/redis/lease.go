package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// LeaseOptions; the zero value is the default.
type LeaseOptions struct {
	// TTL is how long a dead leader blocks the pool; 3 s. Below 2 s a leader may
	// come back from a long outage later than a standby's patience lasts, since
	// the client then looks for Redis once a second only.
	TTL    time.Duration
	Margin time.Duration // TTL/6; what the term is believed shorter than it is
	// StopWhenAway ends the term at its limit although Redis is away for
	// everybody. By default the leader goes on; doc.go says why.
	StopWhenAway bool
	Log          *slog.Logger
}

// Lease makes one node at a time the leader of a pool.
type Lease struct {
	client     *goredis.Client
	pool, node string
	opts       LeaseOptions
	wire       wire

	mu     sync.Mutex
	trust  trust // of the present term; zero between terms
	token  uint64
	holder string
	count  struct{ terms, taken, untrusted, renewed, again, away, released atomic.Uint64 }
}

// wire is how a lease asks Redis; the model of the protocol has another.
type wire interface {
	attempt(ctx context.Context, value string, p *patience, now time.Time) (attempted, error)
	extend(value string, token uint64) extended
	release(value string)
	hints(ctx context.Context, wake func()) // until ctx ends
}

// LeaseStats counts since the start.
type LeaseStats struct {
	Terms     uint64 // begun by this node
	Taken     uint64 // ended because another led
	Untrusted uint64 // ended at the limit
	Renewed   uint64 // extensions
	Again     uint64 // of these, after Redis had forgotten the lease
	Away      uint64 // attempts without a usable answer
	Released  uint64 // given back at a clean stop
}

// NewLease prepares a lease for pool. node names this node to the others and
// must be without blanks.
func NewLease(client *goredis.Client, pool, node string, opts LeaseOptions) *Lease {
	if opts.TTL <= 0 {
		opts.TTL = 3 * time.Second
	}
	if opts.Margin <= 0 || opts.Margin >= opts.TTL {
		opts.Margin = opts.TTL / 6
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	l := &Lease{client: client, pool: pool, node: node, opts: opts}
	// The clone shares the pool of connections and bounds each read and write,
	// also for a client that was made without ContextTimeoutEnabled.
	l.client = client.WithTimeout(l.timeout())
	l.wire = l
	return l
}

func random() string            { return rand.Text() }
func (l *Lease) keys() []string { return []string{key(l.pool, "lease"), key(l.pool, "lease:memory")} }
func (l *Lease) hint() string   { return key(l.pool, "lease:free") }
func (l *Lease) terms() terms   { return terms{l.opts.TTL, l.opts.Margin, !l.opts.StopWhenAway} }

// timeout bounds one attempt: within a term two may fail and the third save it.
func (l *Lease) timeout() time.Duration { return l.opts.TTL / 4 }

// Trusted reports whether this node leads and nobody else can, and the token
// of its term. A leader that goes on while Redis is away is not trusted.
func (l *Lease) Trusted() (token uint64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token, l.token != 0 && l.trust.sure(time.Now())
}

// Holder is the node last seen to lead, or "".
func (l *Lease) Holder() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder
}

// Stats returns the counters.
func (l *Lease) Stats() LeaseStats {
	c := &l.count
	return LeaseStats{c.terms.Load(), c.taken.Load(), c.untrusted.Load(), c.renewed.Load(),
		c.again.Load(), c.away.Load(), c.released.Load()}
}

// Run stands by, and calls lead for each term of this node, until ctx ends; it
// returns nil when lead has returned and the lease is given back. The lead
// context ends with ctx, or with cause ErrTaken or ErrUntrusted; lead must
// return soon after. While lead winds up after a clean stop the lease is still
// extended, so nobody begins before it is done. A lead that returns by itself
// gives the lease back, and this node stands aside for a ttl so that another
// may try.
func (l *Lease) Run(ctx context.Context, lead func(ctx context.Context, token uint64) error) error {
	hint := make(chan struct{}, 1)
	wake := func() {
		select {
		case hint <- struct{}{}:
		default:
		}
	}
	listening, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { l.wire.hints(listening, wake) })
	defer wg.Wait()
	defer stop()
	for ctx.Err() == nil {
		value := l.node + " " + random() // new for each term: a late release must not hit the next
		token, tr, ok := l.campaign(ctx, value, hint)
		if !ok {
			return nil
		}
		err := l.term(ctx, value, token, tr, lead)
		if ctx.Err() == nil && !errors.Is(err, ErrTaken) && !errors.Is(err, ErrUntrusted) {
			l.opts.Log.Error("the leader gave up, standing aside", "pool", l.pool, "err", err)
			pause(ctx, l.opts.TTL)
		}
	}
	return nil
}

// campaign waits until the lease is ours and may be acted on.
func (l *Lease) campaign(ctx context.Context, value string, hint <-chan struct{}) (uint64, trust, bool) {
	p := &patience{terms: l.terms()}
	retry := backoff{first: l.opts.TTL / 30, limit: l.opts.TTL / 4}
	for ctx.Err() == nil {
		wait := l.opts.TTL / 6
		sent := time.Now()
		a, err := l.wire.attempt(ctx, value, p, sent)
		now := time.Now()
		if err != nil {
			if ctx.Err() == nil {
				p.missed()
				l.count.away.Add(1)
				l.opts.Log.Debug("no answer about the lease", "pool", l.pool, "err", err)
			}
			wait = retry.next()
		} else {
			p.answered(now)
			retry.reset()
		}
		switch a.kind {
		case "ours":
			tr := trust{terms: l.terms()}
			tr.heard(sent, ours)
			if p.may(now) && tr.sure(now) {
				return a.token, tr, true
			}
		case "busy":
			l.setHolder(a.holder)
			wait = min(wait, a.left+time.Millisecond)
		case "free":
			if p.may(now) { // it was a first look, or the attempt came late
				wait = time.Millisecond
			}
		case "mark":
			p.marked(a.mark, now)
		}
		select {
		case <-ctx.Done():
		case <-hint:
		case <-time.After(wait):
		}
	}
	l.wire.release(value) // the last attempt may have succeeded unheard
	return 0, trust{}, false
}

func (l *Lease) setHolder(value string) {
	node, _, _ := strings.Cut(value, " ")
	l.mu.Lock()
	l.holder = node
	l.mu.Unlock()
}

// term runs lead and holds the lease for it.
func (l *Lease) term(ctx context.Context, value string, token uint64, tr trust, lead func(context.Context, uint64) error) error {
	log := l.opts.Log.With("pool", l.pool, "node", l.node, "token", token)
	l.begin(token, tr, value)
	log.Info("leading")
	leading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error, 1)
	go func() { done <- lead(leading, token) }()

	answers := make(chan extended, 1)
	asking, lost := false, error(nil)
	renew := time.NewTimer(time.Until(tr.until.Add(tr.margin - tr.ttl + tr.ttl/3)))
	defer renew.Stop()
	limit := time.NewTimer(time.Until(tr.until))
	defer limit.Stop()
	retry := backoff{first: tr.ttl / 30, limit: tr.ttl / 6}
	end := func(err error) {
		if lost = err; err != nil {
			cancel(err)
			l.finish()
			renew.Stop()
			log.Warn("no longer leading", "err", err, "holder", l.Holder())
		}
	}
	for {
		select {
		case err := <-done:
			if asking {
				<-answers // else a late extension could follow the release
			}
			l.finish()
			if lost != nil {
				l.ended(lost)
			}
			if !errors.Is(lost, ErrTaken) {
				l.wire.release(value)
			}
			if lost != nil {
				return lost
			}
			return fmt.Errorf("lead pool %s: %w", l.pool, orReturned(err))
		case <-renew.C:
			asking = true
			go func() { answers <- l.wire.extend(value, token) }()
		case e := <-answers:
			asking = false
			if lost != nil {
				continue
			}
			err := l.fold(&tr, e)
			if err == nil {
				err = tr.check(time.Now())
			}
			if err != nil {
				end(err)
				continue
			}
			if e.answer == ours {
				retry.reset()
				limit.Reset(time.Until(tr.until))
				renew.Reset(time.Until(e.sent.Add(tr.ttl / 3)))
			} else {
				renew.Reset(retry.next())
			}
		case <-limit.C:
			if err := tr.check(time.Now()); lost == nil && err != nil {
				end(err)
			} else if lost == nil {
				log.Warn("Redis is away; leading on, since nobody else can be made leader")
			}
		}
	}
}

var errReturned = errors.New("it returned by itself")

func orReturned(err error) error {
	if err == nil {
		return errReturned
	}
	return err
}

func (l *Lease) begin(token uint64, tr trust, value string) {
	l.count.terms.Add(1)
	l.setHolder(value)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.trust = token, tr
}

func (l *Lease) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.trust = 0, trust{}
}

func (l *Lease) ended(why error) {
	if errors.Is(why, ErrTaken) {
		l.count.taken.Add(1)
	} else {
		l.count.untrusted.Add(1)
	}
}

// fold takes an answer into the books and into tr.
func (l *Lease) fold(tr *trust, e extended) error {
	switch {
	case e.answer == ours && e.again:
		l.count.again.Add(1)
		l.count.renewed.Add(1)
		l.opts.Log.Warn("Redis had forgotten the lease; taken up again", "pool", l.pool)
	case e.answer == ours:
		l.count.renewed.Add(1)
	case e.answer == taken:
		l.setHolder(e.holder)
	default:
		l.count.away.Add(1)
		l.opts.Log.Warn("lease not extended", "pool", l.pool, "err", e.err)
	}
	err := tr.heard(e.sent, e.answer)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trust = *tr
	return err
}
