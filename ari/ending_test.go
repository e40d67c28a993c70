package ari

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// TestEnding: told to end, a switch still carries out what it was given, for
// the ledger says that it is done; abandoned, it gives no further command, and
// a stalled Asterisk does not keep it.
func TestEnding(t *testing.T) {
	all := []string{"POST /channels/c1/ring", "POST /channels/c1/answer", "POST /channels/c1/moh"}
	for _, c := range []struct {
		name    string
		abandon bool
		each    time.Duration // that Asterisk takes
		want    []string
	}{
		{"in order", false, 200 * time.Millisecond, all},
		{"another leads", true, 200 * time.Millisecond, all[:1]},
		{"Asterisk stands still", false, 700 * time.Millisecond, all[:2]},
	} {
		t.Run(c.name, func(t *testing.T) {
			inFake(t, func(t *testing.T, k *fake) {
				k.hear()
				k.server.Handle(func(aritest.Request) (aritest.Answer, bool) {
					time.Sleep(c.each)
					return aritest.Answer{}, false
				})
				from := len(k.server.Requests())
				k.sw.Execute([]queue.Command{queue.IndicateRinging{Leg: "c1"}, queue.Answer{Leg: "c1"}, queue.StartMusic{Leg: "c1", Class: "default"}})
				synctest.Wait()
				if c.abandon {
					k.sw.Abandon()
				}
				began := time.Now()
				k.stop()
				k.ended <- <-k.ended
				if took := time.Since(began); took > ending+c.each {
					t.Errorf("ended after %s", took)
				}
				time.Sleep(5 * time.Second)
				if got := k.requests(from); !slices.Equal(got, c.want) {
					t.Errorf("%v, want %v", got, c.want)
				}
			})
		})
	}
}

// TestLinger: told to hand over, a switch leaves its connection open, so that
// Asterisk still sends callers to the application, until it is released.
func TestLinger(t *testing.T) {
	for _, linger := range []bool{true, false} {
		inFake(t, func(t *testing.T, k *fake) {
			k.hear()
			if linger {
				k.sw.Linger()
			}
			k.stop()
			k.ended <- <-k.ended
			k.hear()
			if open := k.server.Emit(`{"type":"Nothing"}`) == nil; open != linger {
				t.Errorf("after its end the connection is open: %t, want %t", open, linger)
			}
			time.Sleep(time.Minute) // Asterisk must not take it for dead
			if told := k.hear(); len(told) > 0 {
				t.Errorf("after its end it tells %v", told)
			}
			if open := k.server.Emit(`{"type":"Nothing"}`) == nil; open != linger {
				t.Errorf("a minute after its end the connection is open: %t, want %t", open, linger)
			}
			k.sw.Release()
			synctest.Wait()
			if k.server.Emit(`{"type":"Nothing"}`) == nil {
				t.Error("after Release the connection is open")
			}
			k.sw.Release()
		})
	}
}

// TestNothingBeforeConnected: a leader whose clocks run before it is connected
// says nothing to Asterisk yet, since whoever led before has not been told.
func TestNothingBeforeConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipes := aritest.Pipe()
		server := aritest.NewServer(pipes)
		sw := New(Options{URL: "http://asterisk/ari", App: testApp, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), dial: pipes.Dial}, func(queue.Input) {})
		sw.opts.silent.Store(true)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		defer func() {
			stop()
			server.Close()
			pipes.Close()
			<-ended
		}()
		const answer, ring = "POST /channels/c1/answer", "POST /channels/c2/ring"
		said := func(what string) int {
			return slices.IndexFunc(server.Requests(), func(r aritest.Request) bool { return r.String() == what })
		}
		sw.Execute([]queue.Command{queue.Answer{Leg: "c1"}})
		time.Sleep(time.Second)
		synctest.Wait()
		if n := len(server.Requests()); n != 0 {
			t.Errorf("%d requests before it is connected", n)
		}
		go func() { ended <- sw.Run(ctx) }()
		synctest.Wait()
		if filter := said("PUT /applications/" + testApp + "/eventFilter"); said(answer) < filter || server.Sockets() != 1 {
			t.Errorf("the answer is request %d, after the connection's %d", said(answer), filter)
		}

		// Without a connection a command finds out by itself that Asterisk is not there.
		alone := New(Options{URL: "http://asterisk/ari", App: testApp, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), dial: pipes.Dial}, func(queue.Input) {})
		defer alone.end()
		alone.Execute([]queue.Command{queue.IndicateRinging{Leg: "c2"}, queue.IndicateRinging{Leg: "c2"}})
		time.Sleep(alone.opts.Timeout + time.Millisecond)
		synctest.Wait()
		if said(ring) < 0 {
			t.Error("the command was never tried")
		}
	})
}
