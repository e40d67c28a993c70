package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/internal/redis/redistest"
)

// serve runs handle until the test ends, or until the returned stop.
func serve(t *testing.T, s *redistest.Server, handle redis.Handler) (*redis.Requests, func()) {
	t.Helper()
	r := redis.NewRequests(s.Client(), "test", redis.RequestsOptions{Log: quiet})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { r.Serve(ctx, handle) })
	stop := func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return r, stop
}

func asker(t *testing.T, s *redistest.Server) *redis.Requests {
	return redis.NewRequests(s.Client(), "test", redis.RequestsOptions{Log: quiet})
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func echo(_ context.Context, kind string, body []byte) ([]byte, error) {
	if kind == "refuse" {
		return nil, errors.New("agent 1001 is on a call: end it first")
	}
	return []byte(kind + " " + string(body)), nil
}

func TestRequestsAreAnswered(t *testing.T) {
	s := redistest.New(t)
	leader, _ := serve(t, s, echo)
	r := asker(t, s)
	got, err := r.Ask(t.Context(), "ready", []byte("\x00\xff 坐席"))
	if err != nil || string(got) != "ready \x00\xff 坐席" {
		t.Fatalf("got %q, %v", got, err)
	}
	var said *redis.AnswerError
	if _, err := r.Ask(t.Context(), "refuse", nil); !errors.As(err, &said) || said.Text != "agent 1001 is on a call: end it first" {
		t.Errorf("got %v, want the leader's own words", err)
	}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			want := fmt.Sprint("n ", i)
			if got, err := r.Ask(within(t, limit), "n", fmt.Append(nil, i)); err != nil || string(got) != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
	wg.Wait()
	if l, a := leader.Stats(), r.Stats(); l.Served != 102 || a.Asked != 102 || a.Answered != 102 {
		t.Errorf("leader %+v, asker %+v", l, a)
	}
}

func TestAnExpiredRequestIsNotCarriedOut(t *testing.T) {
	s := redistest.New(t)
	r := asker(t, s)
	// Nobody serves: the request is taken back, so the answer is certain.
	if _, err := r.Ask(within(t, 150*time.Millisecond), "lost", nil); !errors.Is(err, redis.ErrExpired) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want ErrExpired and the context's error", err)
	}
	// Redis stands still: what was sent reaches the list never.
	s.Pause()
	_, err := r.Ask(within(t, 150*time.Millisecond), "lost", nil)
	s.Resume()
	if !errors.Is(err, redis.ErrExpired) && !errors.Is(err, redis.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	// One that nobody could take back.
	admin := s.Client()
	if err := admin.RPush(t.Context(), "threerings:{test}:ask", `{"id":"late","deadline":1000,"kind":"lost"}`).Err(); err != nil {
		t.Fatal(err)
	}
	var lost atomic.Int64
	leader, _ := serve(t, s, func(ctx context.Context, kind string, body []byte) ([]byte, error) {
		if kind == "lost" {
			lost.Add(1)
		}
		return echo(ctx, kind, body)
	})
	// A later one is answered, so the earlier ones were looked at.
	if got, err := r.Ask(within(t, limit), "on", nil); err != nil || string(got) != "on " {
		t.Errorf("got %q, %v", got, err)
	}
	if lost.Load() != 0 || leader.Stats().Late != 1 {
		t.Errorf("%d expired requests were carried out; leader %+v", lost.Load(), leader.Stats())
	}
}

func TestADoubledRequestIsCarriedOutOnce(t *testing.T) {
	s := redistest.New(t)
	var n atomic.Int64
	leader, _ := serve(t, s, func(context.Context, string, []byte) ([]byte, error) {
		n.Add(1)
		return nil, nil
	})
	msg := fmt.Sprintf(`{"id":"x","deadline":%d,"kind":"once"}`, time.Now().Add(time.Hour).UnixMilli())
	if err := s.Client().RPush(t.Context(), "threerings:{test}:ask", msg, msg, "no request", msg).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, "the doubles are dropped", func() bool { return leader.Stats().Doubled == 2 })
	if n.Load() != 1 {
		t.Errorf("carried out %d times", n.Load())
	}
}

func TestEachRequestHasOneServer(t *testing.T) {
	s := redistest.New(t)
	var mu sync.Mutex
	times := map[string]int{}
	for range 3 { // an old leader and a new one may overlap
		serve(t, s, func(_ context.Context, _ string, body []byte) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			times[string(body)]++
			return nil, nil
		})
	}
	r := asker(t, s)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			if _, err := r.Ask(within(t, limit), "once", fmt.Append(nil, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for id, n := range times {
		if n != 1 {
			t.Errorf("request %s was carried out %d times", id, n)
		}
	}
	if len(times) != 60 {
		t.Errorf("%d requests were carried out, want 60", len(times))
	}
}

func TestRequestsSurviveARestart(t *testing.T) {
	s := redistest.New(t)
	serve(t, s, echo)
	r := asker(t, s)
	if _, err := r.Ask(within(t, limit), "before", nil); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	type result struct {
		got []byte
		err error
	}
	done := make(chan result, 1)
	go func() { // asked while Redis is away
		got, err := r.Ask(within(t, limit), "during", nil)
		done <- result{got, err}
	}()
	until(t, "it is asked", func() bool { return r.Stats().Asked == 2 })
	s.Start()
	if d := <-done; d.err != nil || string(d.got) != "during " {
		t.Errorf("got %q, %v", d.got, d.err)
	}
}

// The answer is stored, so it is found also by who could not hear it.
func TestAnAnswerIsNotLostWithTheConnection(t *testing.T) {
	s := redistest.New(t)
	begun, finish := make(chan struct{}), make(chan struct{})
	serve(t, s, func(context.Context, string, []byte) ([]byte, error) {
		close(begun)
		<-finish
		return []byte("done"), nil
	})
	r := asker(t, s)
	done := make(chan error, 1)
	go func() {
		got, err := r.Ask(within(t, limit), "slow", nil)
		if err == nil && string(got) != "done" {
			err = fmt.Errorf("got %q", got)
		}
		done <- err
	}()
	<-begun
	if err := s.Client().Do(t.Context(), "client", "kill", "type", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	close(finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestUnknownIsSaidWhereItIsUnknown(t *testing.T) {
	s := redistest.New(t)
	var n atomic.Int64
	serve(t, s, func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		n.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	r := asker(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for n.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel() // who asked goes away while it is being carried out
	}()
	_, err := r.Ask(ctx, "slow", nil)
	if !errors.Is(err, redis.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want ErrUnknown and the context's error", err)
	}
}

func TestAWrongURLIsExplained(t *testing.T) {
	if _, err := redis.Open("localhost:6379"); err == nil || !strings.Contains(err.Error(), "REDIS_URL") {
		t.Errorf("got %v", err)
	}
}
