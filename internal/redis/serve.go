package redis

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// popScript takes out one request, with Redis's time in ms.
var popScript = goredis.NewScript(`
local msg = redis.call('LPOP', KEYS[1])
if not msg then return false end
local t = redis.call('TIME')
return {msg, string.format('%.0f', math.floor(t[1] * 1000 + t[2] / 1000))}
`)

// answerScript: ARGV reply, ttl in ms. The stored answer is for those whose
// subscription was broken when it was told.
var answerScript = goredis.NewScript(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
`)

// Handler carries out a request. Its context ends at the request's deadline
// and with Serve.
type Handler func(ctx context.Context, kind string, body []byte) ([]byte, error)

// Serve takes requests out of the list and carries them out until ctx ends,
// then waits for those under way. The leader calls it in its term. Requests
// run side by side: who cares for the order of two waits for the first answer.
func (r *Requests) Serve(ctx context.Context, handle Handler) error {
	hint := make(chan struct{}, 1)
	wake := func() {
		select {
		case hint <- struct{}{}:
		default:
		}
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	listening, stop := context.WithCancel(ctx)
	defer stop()
	wg.Go(func() { listen(listening, r.client, r.hint(), wake, func(string) { wake() }) })

	s := &serving{Requests: r, handle: handle, seen: map[string]time.Time{}}
	workers := make(chan struct{}, r.opts.Workers)
	retry := backoff{first: 20 * time.Millisecond, limit: time.Second}
	for {
		select {
		case <-ctx.Done():
			return nil
		case workers <- struct{}{}: // first a free hand, then a request
		}
		req, left, err := s.pop(ctx)
		if err == nil {
			retry.reset()
			wg.Go(func() {
				defer func() { <-workers }()
				s.carryOut(ctx, req, left)
			})
			continue
		}
		<-workers
		switch {
		case errors.Is(err, errDropped):
		case errors.Is(err, goredis.Nil):
			retry.reset()
			select {
			case <-ctx.Done():
			case <-hint:
			case <-time.After(glance):
			}
		case ctx.Err() == nil:
			r.count.failed.Add(1)
			r.opts.Log.Debug("requests not read", "pool", r.pool, "err", err)
			pause(ctx, retry.next())
		}
	}
}

var errDropped = errors.New("dropped")

// serving is one Serve; seen belongs to its loop.
type serving struct {
	*Requests
	handle Handler
	seen   map[string]time.Time // ids, until nobody can send them again
}

// pop takes out a request and how long it has left; goredis.Nil if none waits.
func (s *serving) pop(ctx context.Context) (request, time.Duration, error) {
	ask, cancel := context.WithTimeout(ctx, breath)
	defer cancel()
	got, err := popScript.Run(ask, s.client, []string{s.list()}).Slice()
	if err != nil {
		return request{}, 0, err
	}
	var req request
	var now int64
	if json.Unmarshal([]byte(got[0].(string)), &req) != nil || req.ID == "" || json.Unmarshal([]byte(got[1].(string)), &now) != nil {
		s.opts.Log.Warn("request dropped: it cannot be read; do nodes of different versions share the pool?", "pool", s.pool)
		return request{}, 0, errDropped
	}
	left := time.Duration(req.Deadline-now) * time.Millisecond
	if left <= 0 {
		s.count.late.Add(1)
		return request{}, 0, errDropped
	}
	at := time.Now()
	for id, until := range s.seen {
		if at.After(until) {
			delete(s.seen, id)
		}
	}
	// A Redis that comes back with an older memory may hold it once more.
	if _, twice := s.seen[req.ID]; twice {
		s.count.doubled.Add(1)
		return request{}, 0, errDropped
	}
	s.seen[req.ID] = at.Add(longest)
	return req, left, nil
}

func (s *serving) carryOut(ctx context.Context, req request, left time.Duration) {
	do, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	var out reply
	if ctx.Err() != nil { // the term ended between taking and doing
		out.Refused = true
	} else {
		s.count.served.Add(1)
		body, err := s.handle(do, req.Kind, req.Body)
		if out.Body = body; err != nil {
			out = reply{Error: err.Error()}
			if out.Error == "" {
				out.Error = "refused without a reason"
			}
		}
	}
	msg, err := json.Marshal(out)
	if err != nil {
		msg = []byte(`{"error":"the answer cannot be written"}`)
	}
	s.tell(req, msg, left)
}

// tell stores and publishes an answer. It may be repeated: it is the same one.
func (s *serving) tell(req request, msg []byte, left time.Duration) {
	// Not Serve's context: what was carried out is answered although it ends.
	ctx, cancel := context.WithTimeout(context.Background(), min(left, 2*breath))
	defer cancel()
	retry := backoff{first: 20 * time.Millisecond, limit: 500 * time.Millisecond}
	for ctx.Err() == nil {
		err := answerScript.Run(ctx, s.client, []string{s.answer(req.ID)}, msg, longest.Milliseconds()).Err()
		if err == nil {
			return
		}
		s.count.failed.Add(1)
		s.opts.Log.Debug("answer not sent", "pool", s.pool, "kind", req.Kind, "err", err)
		pause(ctx, retry.next())
	}
}
