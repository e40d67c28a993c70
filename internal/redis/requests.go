package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

var (
	// ErrExpired: the request was not carried out and will not be.
	ErrExpired = errors.New("the request was not carried out in time, and will not be")
	// ErrUnknown: the request went out, and no answer came back in time.
	ErrUnknown = errors.New("no answer in time: the request may have been carried out")
	// ErrNotLeading: the node that took the request has just stopped leading.
	// The request was not carried out.
	ErrNotLeading = errors.New("the leader has just stopped leading: ask again")
)

// AnswerError is the error that the leader's function returned.
type AnswerError struct{ Text string }

func (e *AnswerError) Error() string { return e.Text }

// RequestsOptions; the zero value is the default.
type RequestsOptions struct {
	Timeout time.Duration // 5 s; of an Ask whose context has no deadline
	Workers int           // 16; requests that Serve carries out at the same time
	Log     *slog.Logger
}

const (
	// longest bounds a request's life, and with it how long ids are remembered.
	longest = 30 * time.Second
	// crowd is how many requests may wait: more means that nobody serves.
	crowd = 1000
	// breath bounds one exchange with Redis.
	breath = time.Second
	// glance is how often Serve looks without having been told to.
	glance = 200 * time.Millisecond
)

// Requests carries requests of any node to the leader of the pool.
type Requests struct {
	client *goredis.Client
	pool   string
	opts   RequestsOptions
	count  struct{ asked, answered, expired, unknown, served, late, doubled, failed atomic.Uint64 }
}

// RequestsStats counts since the start.
type RequestsStats struct {
	Asked    uint64 // Ask called
	Answered uint64 // of these, with the leader's answer or error
	Expired  uint64 // of these, certainly not carried out
	Unknown  uint64 // of these, without an answer
	Served   uint64 // carried out here
	Late     uint64 // taken out after their deadline, and dropped
	Doubled  uint64 // taken out a second time, and dropped
	Failed   uint64 // exchanges with Redis that failed
}

// NewRequests prepares the requests of pool.
func NewRequests(client *goredis.Client, pool string, opts RequestsOptions) *Requests {
	if opts.Timeout <= 0 {
		opts.Timeout = 5 * time.Second
	}
	if opts.Workers <= 0 {
		opts.Workers = 16
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &Requests{client: client.WithTimeout(breath), pool: pool, opts: opts}
}

// Stats returns the counters.
func (r *Requests) Stats() RequestsStats {
	c := &r.count
	return RequestsStats{c.asked.Load(), c.answered.Load(), c.expired.Load(), c.unknown.Load(),
		c.served.Load(), c.late.Load(), c.doubled.Load(), c.failed.Load()}
}

func (r *Requests) list() string            { return key(r.pool, "ask") }
func (r *Requests) hint() string            { return key(r.pool, "ask:new") }
func (r *Requests) answer(id string) string { return key(r.pool, "answer:"+id) }

// request and reply as they travel.
type request struct {
	ID       string `json:"id"`
	Deadline int64  `json:"deadline"` // ms of Redis's clock
	Kind     string `json:"kind"`
	Body     []byte `json:"body"`
}

type reply struct {
	Body    []byte `json:"body,omitempty"`
	Error   string `json:"error,omitempty"`
	Refused bool   `json:"refused,omitempty"` // ErrNotLeading
}

// pushScript: ARGV deadline in ms, request, channel, longest in ms, crowd. A
// request that reaches Redis late (it was stopped, the way was long) is not put
// into the list: who asked is no longer there.
var pushScript = goredis.NewScript(`
local t = redis.call('TIME')
if t[1] * 1000 + t[2] / 1000 >= tonumber(ARGV[1]) then return 'late' end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[5]) then return 'full' end
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[3], '')
return 'ok'
`)

// Ask sends a request to the leader and waits for its answer until ctx ends,
// at most 30 s. The error is an *AnswerError if the leader's function returned
// one, else it wraps ErrExpired, ErrNotLeading or ErrUnknown, and only after
// the last may the request have been carried out.
func (r *Requests) Ask(ctx context.Context, kind string, body []byte) ([]byte, error) {
	r.count.asked.Add(1)
	limit := longest
	if _, has := ctx.Deadline(); !has {
		limit = r.opts.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	a := &asking{Requests: r, req: request{ID: random(), Kind: kind, Body: body}, done: make(chan reply, 1)}

	// The subscription stands before the request goes out; each time it stands
	// again, the stored answer is looked at: none is missed.
	listening, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		listen(listening, r.client, r.answer(a.req.ID), func() { a.subscribed(listening) }, a.heard)
	}()
	defer func() { stop(); <-ended }()

	select {
	case got := <-a.done:
		return a.result(got)
	case <-ctx.Done():
	}
	stop()
	<-ended // now a.sent is ours to read
	select {
	case got := <-a.done: // at the last moment
		return a.result(got)
	default:
	}
	err := ErrExpired
	if a.sent && !a.takeBack() {
		err = ErrUnknown
		r.count.unknown.Add(1)
	} else {
		r.count.expired.Add(1)
	}
	return nil, fmt.Errorf("ask %s of pool %s: %w (%w)", kind, r.pool, err, ctx.Err())
}

// asking is one Ask. All but done belongs to the goroutine of listen.
type asking struct {
	*Requests
	req  request
	msg  []byte
	sent bool // it may be in the list: never send it again
	done chan reply
}

func (a *asking) result(got reply) ([]byte, error) {
	a.count.answered.Add(1)
	switch {
	case got.Refused:
		return nil, fmt.Errorf("ask %s of pool %s: %w", a.req.Kind, a.pool, ErrNotLeading)
	case got.Error != "":
		return nil, &AnswerError{got.Error}
	}
	return got.Body, nil
}

func (a *asking) subscribed(ctx context.Context) {
	retry := backoff{first: 20 * time.Millisecond, limit: 500 * time.Millisecond}
	for ctx.Err() == nil {
		var err error
		if !a.sent {
			err = a.push(ctx)
		} else {
			err = a.look(ctx)
		}
		if err == nil || a.sent && errors.Is(err, goredis.Nil) {
			return
		}
		a.count.failed.Add(1)
		a.opts.Log.Debug("request not sent or answer not read", "pool", a.pool, "kind", a.req.Kind, "err", err)
		pause(ctx, retry.next())
	}
}

// push sends the request, once. Its deadline is told in Redis's time, read
// before what is left is: so it is never later than who asks believes.
func (a *asking) push(ctx context.Context) error {
	now, err := a.client.Time(ctx).Result()
	if err != nil {
		return err
	}
	end, _ := ctx.Deadline()
	a.req.Deadline = now.Add(time.Until(end)).UnixMilli()
	if a.msg, err = json.Marshal(a.req); err != nil {
		return err
	}
	got, err := pushScript.Run(ctx, a.client, []string{a.list()}, a.req.Deadline, a.msg, a.hint(), longest.Milliseconds(), crowd).Text()
	switch {
	case err != nil:
		// Without an answer it may be in the list, and would be carried out
		// twice if it were sent again. Now only the answer can tell.
		a.sent = !neverSent(err)
		return err
	case got == "full":
		return fmt.Errorf("%d requests wait already: does a node lead pool %s?", crowd, a.pool)
	}
	a.sent = got == "ok"
	return nil
}

// takeBack reports whether the request still lay in the list, so that nobody
// has carried it out. Its deadline is over: without an answer nothing is lost
// but this certainty.
func (a *asking) takeBack() bool {
	ctx, cancel := context.WithTimeout(context.Background(), breath/4)
	defer cancel()
	n, err := a.client.LRem(ctx, a.list(), 1, a.msg).Result()
	return err == nil && n == 1
}

func (a *asking) look(ctx context.Context) error {
	s, err := a.client.Get(ctx, a.answer(a.req.ID)).Result()
	if err == nil {
		a.heard(s)
	}
	return err
}

func (a *asking) heard(s string) {
	var got reply
	if err := json.Unmarshal([]byte(s), &got); err != nil {
		got = reply{Error: fmt.Sprintf("read the leader's answer: %v; do nodes of different versions share the pool?", err)}
	}
	select {
	case a.done <- got:
	default: // heard and looked at: the same
	}
}
