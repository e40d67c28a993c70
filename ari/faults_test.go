package ari

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// TestMuteAsterisk: events come, and no request is answered any more. That is
// noticed within 5 s, counted, and made good when answers come again.
func TestMuteAsterisk(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.sw.opts.silent.Store(false) // it is the signs of life that find out
		k.hear()
		time.Sleep(time.Minute)
		want(t, k.hear()) // all is well
		mute := make(chan struct{})
		k.server.Handle(func(aritest.Request) (aritest.Answer, bool) { <-mute; return aritest.Answer{}, false })
		began := time.Now()
		for !slices.Contains(k.hear(), queue.Input(queue.SwitchLost{})) {
			if time.Since(began) > time.Minute {
				t.Fatal("an Asterisk that answers nothing is not noticed")
			}
			if err := k.server.Emit(`{"type":"ChannelVarset"}`); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(began); took > 5100*time.Millisecond {
			t.Errorf("noticed after %s, want at most 5 s", took)
		}
		if k.sw.Connected() {
			t.Error("says it is connected")
		}
		time.Sleep(10 * time.Second)
		close(mute)
		k.server.Handle(nil)
		time.Sleep(5 * time.Second)
		want(t, k.hear(), queue.Reconciled{})
		if st := k.sw.Stats(); st.Lost["no_answers"] != 1 || st.Refused["none"] == 0 || !st.Connected {
			t.Errorf("%+v", st)
		}
	})
}

// TestSlowAnswers: each takes two seconds. Everything is carried out, in order,
// and nobody takes it for a loss.
func TestSlowAnswers(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.sw.opts.silent.Store(false)
		k.hear()
		var done atomic.Value
		done.Store("")
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			time.Sleep(2 * time.Second)
			if strings.HasPrefix(r.Path, "/channels/c1") {
				done.Store(done.Load().(string) + r.String() + "; ")
			}
			return aritest.Answer{}, false
		})
		k.sw.Execute([]queue.Command{queue.Answer{Leg: "c1"}, queue.StartMusic{Leg: "c1"}, queue.HangUp{Leg: "c1"}})
		time.Sleep(time.Minute)
		want(t, k.hear())
		if got := done.Load(); got != "POST /channels/c1/answer; POST /channels/c1/moh; DELETE /channels/c1; " {
			t.Errorf("carried out: %s", got)
		}
		if st := k.sw.Stats(); len(st.Lost) != 0 || len(st.Refused) != 0 {
			t.Errorf("lost %v, refused %v", st.Lost, st.Refused)
		}
		k.server.Handle(nil)
		time.Sleep(2 * time.Second) // for those under way
	})
}

// TestLateAnswer: a phone is rung and the answer that says so comes too late.
// The request is repeated, Asterisk says that it was done, and it rings once.
func TestLateAnswer(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		var tries atomic.Int32
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.String() != originateRequest {
				return aritest.Answer{}, false
			}
			if tries.Add(1) == 1 {
				time.Sleep(3500 * time.Millisecond) // beyond our patience
				return aritest.Answer{Status: 200, Body: "{}"}, true
			}
			return aritest.Answer{Status: 409, Body: `{"message":"Channel with given unique ID already exists"}`}, true
		})
		k.sw.Execute([]queue.Command{dialAgent})
		time.Sleep(500 * time.Millisecond)
		k.emit(t, `{"type":"ChannelStateChange","channel":{"id":"c1~1","state":"Ringing"}}`)
		time.Sleep(10 * time.Second)
		want(t, k.hear(), queue.LegRinging{Leg: "c1~1"})
		if st := k.sw.Stats(); tries.Load() != 2 || st.Commands[CommandResult{"DialAgent", "ok"}] != 1 || st.Refused["none"] != 1 || st.Refused["409"] != 1 {
			t.Errorf("%d tries, %v, refused %v", tries.Load(), st.Commands, st.Refused)
		}
	})
}

// TestStalledInMidFrame: half an event, and then nothing while the connection
// stays open. It is found within 5 s, like any silence.
func TestStalledInMidFrame(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		if err := k.server.Stall(start + strings.Repeat(" ", 200)); err != nil {
			t.Fatal(err)
		}
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 200, Body: present}, r.Path == "/channels" // what the lost half would have told
		})
		time.Sleep(5010 * time.Millisecond)
		if k.sw.Connected() {
			t.Error("not noticed within 5 s")
		}
		k.server.Silence(false)
		time.Sleep(time.Second)
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{Legs: []queue.LegFact{{Leg: "c1", Kind: queue.LegCaller, Arrival: arrived}}})
		if st := k.sw.Stats(); st.Lost["socket"] != 1 {
			t.Errorf("lost %v", st.Lost)
		}
	})
}

// TestFlood: tens of thousands of events in one instant, doubled and in the
// wrong order. All are read, calls are told once and in their order, commands
// are carried out meanwhile, and the connection lives.
func TestFlood(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		const calls, noise = 1000, 20
		from := len(k.server.Requests())
		var expected []queue.Input
		for i := range calls {
			id := queue.LegID("c" + itoa(i))
			begins := strings.ReplaceAll(start, `"c1"`, `"`+string(id)+`"`)
			ends := strings.ReplaceAll(stop, `"c1"`, `"`+string(id)+`"`)
			events := []string{begins, begins}
			for n := range noise {
				events = append(events, fmt.Sprintf(`{"type":"Noise%d","channel":{"id":"%s"}}`, n%3, id))
			}
			events = append(events, ends, begins, ends) // after its end it is not taken for a new one
			for _, e := range events {
				if err := k.server.Emit(e); err != nil {
					t.Fatalf("call %d: %v", i, err)
				}
			}
			if i%100 == 0 {
				k.sw.Execute([]queue.Command{queue.Answer{Leg: id}})
			}
			in := arrived
			in.Leg = id
			expected = append(expected, in, queue.LegEnded{Leg: id, Cause: queue.CauseNormal})
		}
		synctest.Wait()
		want(t, k.hear(), expected...)
		if got := k.requests(from); len(got) != calls/100 {
			t.Errorf("%d commands were carried out, want %d: %v", len(got), calls/100, got)
		}
		st := k.sw.Stats()
		if st.Events["StasisStart"] != 3*calls || st.Events["StasisEnd"] != 2*calls || st.Unknown["Noise0"]+st.Unknown["Noise1"]+st.Unknown["Noise2"] != noise*calls || !st.Connected {
			t.Errorf("events %v, unknown %v", st.Events, st.Unknown)
		}
	})
}

// TestBrokenAnswers: what Asterisk says it has cannot be read. A connection is
// not taken for made then, and one that is goes on.
func TestBrokenAnswers(t *testing.T) {
	for _, broken := range []string{"", "<html>", `{"a":`, `[{"id":7}]`, "null"} {
		inFake(t, func(t *testing.T, k *fake) {
			k.hear()
			k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
				return aritest.Answer{Status: 200, Body: broken}, r.Path == "/channels"
			})
			time.Sleep(time.Minute) // checks
			want(t, k.hear())
			k.server.Drop()
			time.Sleep(20 * time.Second)
			if broken == "null" { // nothing is there
				want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{})
				return
			}
			want(t, k.hear(), queue.SwitchLost{})
			k.server.Handle(nil)
			time.Sleep(5 * time.Second)
			want(t, k.hear(), queue.Reconciled{})
		})
	}
}

// TestAnotherRun: a connection tells which run of Asterisk it is to; whoever has
// legs of another one knows that they are gone.
func TestAnotherRun(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		run := func() (runs []string) {
			for _, in := range k.hear() {
				if r, ok := in.(queue.Reconciled); ok {
					runs = append(runs, r.Run)
				}
			}
			return runs
		}
		run()
		for _, started := range []string{"09:00", "09:00", "09:05"} {
			k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
				return aritest.Answer{Status: 200, Body: `{"status":{"startup_time":"` + started + `"},"system":{"entity_id":"e"}}`}, r.Path == "/asterisk/info"
			})
			k.server.Drop()
			time.Sleep(5 * time.Second)
			wantStrings(t, run(), "e "+started)
		}
	})
}
