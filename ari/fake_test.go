package ari

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// fake is an adapter on a stand-in for Asterisk, in a bubble of virtual time.
type fake struct {
	server *aritest.Server
	sw     *Switch
	told   []queue.Input
	stop   context.CancelFunc // ends Run in order
	ended  chan error
}

// inFake runs a test in a bubble. Before f, nothing is connected.
func inFake(t *testing.T, f func(t *testing.T, k *fake)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pipes := aritest.Pipe()
		k := &fake{server: aritest.NewServer(pipes), ended: make(chan error, 1)}
		k.sw = New(Options{URL: "http://asterisk/ari", App: testApp, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), dial: pipes.Dial},
			func(in queue.Input) { k.sw.mu.Lock(); k.told = append(k.told, in); k.sw.mu.Unlock() })
		k.sw.opts.silent.Store(true) // signs of life are not what these tests count
		ctx, cancel := context.WithCancel(t.Context())
		k.stop = cancel
		go func() { k.ended <- k.sw.Run(ctx) }()
		defer func() {
			k.server.Handle(nil)
			cancel()
			k.server.Close()
			pipes.Close()
			k.ended <- <-k.ended
			synctest.Wait()
		}()
		f(t, k)
	})
}

// hear returns what was told since the last call.
func (k *fake) hear() []queue.Input {
	synctest.Wait()
	k.sw.mu.Lock()
	defer k.sw.mu.Unlock()
	told := k.told
	k.told = nil
	return told
}

func (k *fake) emit(t *testing.T, events ...string) {
	t.Helper()
	for _, e := range events {
		if err := k.server.Emit(e); err != nil {
			t.Fatalf("emit %s: %v", e, err)
		}
	}
	synctest.Wait()
}

// requests are those that a command caused, by method and path.
func (k *fake) requests(from int) (out []string) {
	for _, r := range k.server.Requests()[from:] {
		out = append(out, r.String())
	}
	return out
}

func want(t *testing.T, got []queue.Input, want ...queue.Input) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b queue.Input) bool {
		ra, ok := a.(queue.Reconciled)
		rb, both := b.(queue.Reconciled)
		if ok && both {
			return slices.Equal(ra.Legs, rb.Legs)
		}
		return !ok && !both && a == b
	}) {
		t.Errorf("told %+v\nwant %+v", got, want)
	}
}

const (
	start = `{"type":"StasisStart","args":["call","4000","trunk","127.0.0.1:5080"],"channel":{"id":"c1","state":"Ring","caller":{"name":"N","number":"138"}}}`
	stop  = `{"type":"StasisEnd","channel":{"id":"c1"}}`
)

var arrived = queue.CallArrived{Leg: "c1", Number: "4000", Caller: "138", Name: "N", Endpoint: "trunk", Addr: "127.0.0.1:5080"}

const present = `[{"id":"c1","state":"Ring","caller":{"name":"N","number":"138"},"dialplan":{"app_name":"Stasis","app_data":"threerings,call,4000,trunk,127.0.0.1:5080"}}]`

func TestSnapshotFirstThenWhatCameMeanwhile(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Path == "/channels" {
				// While Asterisk lists its channels, one that is listed
				// announces itself, and one that is not.
				k.server.Emit(start)
				k.server.Emit(`{"type":"StasisStart","args":["feature","*11","1001","127.0.0.1:7"],"channel":{"id":"f1"}}`)
				return aritest.Answer{Status: 200, Body: present}, true
			}
			return aritest.Answer{}, false
		})
		k.server.Drop()
		synctest.Wait()
		time.Sleep(time.Second)
		k.server.Handle(nil)
		want(t, k.hear(), queue.SwitchLost{},
			queue.Reconciled{Legs: []queue.LegFact{{Leg: "c1", Kind: queue.LegCaller, Arrival: arrived}}},
			queue.FeatureDialled{Leg: "f1", Code: "*11", Endpoint: "1001", Addr: "127.0.0.1:7"})
		if !k.sw.Connected() {
			t.Error("not connected")
		}
	})
}

func TestStartTellsLossThenReconciled(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{})
		paths := k.requests(0)
		for _, p := range []string{"PUT /applications/threerings/eventFilter", "POST /applications/threerings/subscription", "GET /channels", "GET /bridges"} {
			if !slices.Contains(paths, p) {
				t.Errorf("no %s among %v", p, paths)
			}
		}
		if slices.Index(paths, "GET /channels") < slices.Index(paths, "POST /applications/threerings/subscription") {
			t.Error("looked before the events flowed")
		}
	})
}

func TestSilentPeerIsFoundWithinFiveSeconds(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		time.Sleep(time.Minute) // pongs keep it open
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{})
		k.server.Silence(true)
		time.Sleep(5100 * time.Millisecond)
		told := k.hear()
		if len(told) == 0 || told[0] != (queue.SwitchLost{}) {
			t.Fatalf("told %+v 5.1 s after the last sign of life, want the loss", told)
		}
		k.server.Silence(false)
		time.Sleep(6 * time.Second)
		told = append(told, k.hear()...)
		if _, ok := told[len(told)-1].(queue.Reconciled); !ok || !k.sw.Connected() {
			t.Errorf("told %+v, want a reconciliation in the end", told)
		}
	})
}

func TestReplacedStopsAtOnce(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		before := len(k.server.Requests())
		k.emit(t, `{"type":"ApplicationReplaced","application":"threerings"}`)
		k.sw.Execute([]queue.Command{queue.Answer{Leg: "c1"}})
		time.Sleep(time.Minute)
		want(t, k.hear(), queue.SwitchLost{})
		if err := <-k.ended; err != ErrReplaced {
			t.Errorf("Run returned %v", err)
		} else {
			k.ended <- err
		}
		if n := k.server.Sockets(); n != 1 {
			t.Errorf("%d sockets: it fights back", n)
		}
		if got := k.requests(before); len(got) != 0 {
			t.Errorf("still acts: %v", got)
		}
	})
}

func TestOddEventsAreCountedAndSkipped(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.emit(t, `{"type":"ChannelToneDetected"}`, `{"type":"CallBroadcast"}`, `nonsense`, `{}`, `[]`, `{"type":"StasisStart","channel":7}`, start)
		want(t, k.hear(), arrived)
		st := k.sw.Stats()
		if st.Unknown["ChannelToneDetected"] != 1 || st.Unknown["CallBroadcast"] != 1 || st.Unknown["StasisStart"] != 1 || st.Undecoded != 3 || st.Events["StasisStart"] != 1 {
			t.Errorf("%+v", st)
		}
	})
}

func TestForgottenApplicationConnectsAnew(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 404, Body: `{"message":"Application not found"}`}, r.Method == "GET" && r.Path == "/applications/threerings" && k.server.Sockets() == 1
		})
		time.Sleep(20 * time.Second)
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{})
	})
}

func TestBackOff(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		var refuse atomic.Bool
		refuse.Store(true)
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 500}, refuse.Load()
		})
		k.server.Drop()
		time.Sleep(20 * time.Second)
		if n := k.server.Sockets(); n < 10 || n > 30 {
			t.Errorf("%d attempts in 20 s, want a pause of 1 to 2 s between them", n)
		}
		if n := k.sw.Stats().Reconnects; n != 0 {
			t.Errorf("%d connections after the first, want none: attempts that failed are no connections", n)
		}
		refuse.Store(false)
		time.Sleep(3 * time.Second)
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{})
		if n := k.sw.Stats().Reconnects; n != 1 {
			t.Errorf("%d connections after the first, want 1", n)
		}
	})
}

// TestTakenOver: callers of whom the ledger knows nothing are told in the order
// in which they came, and a line that a process before us has answered is not
// answered again: behind its greeting the request would wait.
func TestTakenOver(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		channel := func(id, state, since string) string {
			return `{"id":"` + id + `","name":"PJSIP/trunk-1","state":"` + state + `","creationtime":"` + since + `","caller":{"number":"1"},"dialplan":{"app_name":"Stasis","app_data":"` + testApp + `,call,4000"}}`
		}
		channels := []string{channel("tr1-1795413556.236", "Ring", "2026-11-23T05:59:16.200+0000"), channel("tr1-1795413556.10", "Ring", "2026-11-23T05:59:16.200+0000"),
			channel("tr1-1795413556.9", "Up", "2026-11-23T05:59:16.200+0000"), channel("tr1-1795413555.234", "Up", "2026-11-23T05:59:15.900+0000")}
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 200, Body: "[" + strings.Join(channels, ",") + "]"}, r.String() == "GET /channels"
		})
		k.sw.Execute([]queue.Command{queue.Answer{Leg: "tr1-1795413555.234"}, queue.Answer{Leg: "tr1-1795413556.10"}}) // due before it was connected
		var order []queue.LegID
		for _, in := range k.hear() {
			if r, ok := in.(queue.Reconciled); ok {
				for _, f := range r.Legs {
					order = append(order, f.Leg)
				}
			}
		}
		if want := []queue.LegID{"tr1-1795413555.234", "tr1-1795413556.9", "tr1-1795413556.10", "tr1-1795413556.236"}; !slices.Equal(order, want) {
			t.Errorf("told in the order %v, want %v", order, want)
		}
		var answered []string
		for _, r := range k.requests(0) {
			if strings.HasSuffix(r, "/answer") {
				answered = append(answered, r)
			}
		}
		if !slices.Equal(answered, []string{"POST /channels/tr1-1795413556.10/answer"}) {
			t.Errorf("answered: %v", answered)
		}
		from := len(k.server.Requests())
		k.sw.Execute([]queue.Command{queue.Answer{Leg: "tr1-1795413556.10"}})
		synctest.Wait()
		if got := k.requests(from); len(got) != 0 {
			t.Errorf("answered again: %v", got)
		}
	})
}
