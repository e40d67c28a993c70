package redis_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/internal/redis/redistest"
)

// publisher runs views until the test ends, or until the returned stop.
func publisher(t *testing.T, s *redistest.Server, o redis.ViewsOptions) (*redis.Views, func()) {
	t.Helper()
	o.Log = quiet
	v := redis.NewViews(s.Client(), "test", o)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { v.Run(ctx) })
	stop := func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return v, stop
}

func frame(term, seq uint64) redis.View {
	return redis.View{Term: term, Seq: seq, At: time.Now(), Body: fmt.Appendf(nil, "frame %d.%d", term, seq)}
}

// next reads views until one has this body.
func next(t *testing.T, views <-chan redis.View, body string) redis.View {
	t.Helper()
	after := time.After(limit)
	for {
		select {
		case v, ok := <-views:
			if !ok {
				t.Fatalf("the views ended before %q", body)
			}
			if string(v.Body) == body {
				return v
			}
		case <-after:
			t.Fatalf("%q did not come in %v", body, limit)
		}
	}
}

func TestFollowerGetsThePresentAndThenEachChange(t *testing.T) {
	s := redistest.New(t)
	v, _ := publisher(t, s, redis.ViewsOptions{})
	sent := frame(1, 7)
	v.Publish(sent)
	until(t, "the frame is stored", func() bool { return v.Stats().Published > 0 })

	views := redis.NewViews(s.Client(), "test", redis.ViewsOptions{Log: quiet}).Follow(t.Context())
	got := next(t, views, "frame 1.7")
	if got.Term != 1 || got.Seq != 7 || !got.At.Equal(sent.At) {
		t.Errorf("got %v, sent %v", got, sent)
	}
	for seq := uint64(8); seq < 20; seq++ {
		v.Publish(frame(1, seq))
		next(t, views, fmt.Sprintf("frame 1.%d", seq))
	}
}

func TestTheNewestViewWins(t *testing.T) {
	s := redistest.New(t)
	v, _ := publisher(t, s, redis.ViewsOptions{})
	old, _ := publisher(t, s, redis.ViewsOptions{})
	views := redis.NewViews(s.Client(), "test", redis.ViewsOptions{Log: quiet}).Follow(t.Context())

	v.Publish(frame(2, 5))
	next(t, views, "frame 2.5")
	for i, late := range []redis.View{frame(2, 4), frame(1, 900)} { // an older frame; a leader of an older term
		old.Publish(late)
		until(t, "the late frame is refused", func() bool { return old.Stats().Refused == uint64(i+1) })
	}
	v.Publish(frame(2, 6))
	if got := <-views; string(got.Body) != "frame 2.6" {
		t.Errorf("after 2.5 came %q", got.Body)
	}
	v.Publish(frame(3, 1)) // a new term may begin behind what an old one claimed
	next(t, views, "frame 3.1")
	still := frame(3, 1) // nothing happened, and it is still so
	v.Publish(still)
	if got := next(t, views, "frame 3.1"); !got.At.Equal(still.At) {
		t.Errorf("At is %v, want the newer %v", got.At, still.At)
	}
}

func TestPublishNeverBlocksAndASlowReaderSeesTheNewest(t *testing.T) {
	s := redistest.New(t)
	v, _ := publisher(t, s, redis.ViewsOptions{Timeout: 100 * time.Millisecond})
	views := redis.NewViews(s.Client(), "test", redis.ViewsOptions{Log: quiet}).Follow(t.Context())
	v.Publish(frame(1, 1))
	next(t, views, "frame 1.1")
	s.Pause()
	began := time.Now()
	for seq := uint64(2); seq <= 10_000; seq++ {
		v.Publish(frame(1, seq))
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("10 000 calls of Publish took %v while Redis stood still", took)
	}
	until(t, "a write has failed", func() bool { return v.Stats().Failed > 0 })
	s.Resume()
	last := uint64(1)
	for last < 10_000 {
		select {
		case got := <-views:
			if got.Seq < last {
				t.Fatalf("%d came after %d", got.Seq, last)
			}
			last = got.Seq
		case <-time.After(limit):
			t.Fatalf("the newest frame did not come; last was %d", last)
		}
	}
}

func TestViewsSurviveARestartAndAFlush(t *testing.T) {
	s := redistest.New(t)
	v, _ := publisher(t, s, redis.ViewsOptions{TTL: 600 * time.Millisecond})
	following, cancel := context.WithCancel(context.Background())
	defer cancel()
	views := redis.NewViews(s.Client(), "test", redis.ViewsOptions{Log: quiet}).Follow(following)
	v.Publish(frame(1, 1))
	next(t, views, "frame 1.1")

	s.Kill()
	s.Start()
	v.Publish(frame(1, 2))
	next(t, views, "frame 1.2")

	admin := s.Client()
	admin.FlushAll(t.Context())
	until(t, "the frame is written again", func() bool {
		return admin.Exists(t.Context(), "threerings:{test}:view").Val() == 1
	})
	late := redis.NewViews(s.Client(), "test", redis.ViewsOptions{Log: quiet}).Follow(following)
	next(t, late, "frame 1.2")

	cancel()
	until(t, "the channel is closed", func() bool {
		select {
		case _, ok := <-views:
			return !ok
		default:
			return false
		}
	})
}

func TestTheLastViewOutlivesItsLeaderByATTLOnly(t *testing.T) {
	s := redistest.New(t)
	v, stop := publisher(t, s, redis.ViewsOptions{TTL: 300 * time.Millisecond})
	v.Publish(frame(1, 1))
	until(t, "the frame is stored", func() bool { return v.Stats().Published > 0 })
	stop()
	admin := s.Client()
	until(t, "the frame has expired", func() bool {
		return admin.Exists(t.Context(), "threerings:{test}:view").Val() == 0
	})
}
