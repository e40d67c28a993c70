package ari

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

var dialAgent = queue.DialAgent{Call: "c1", Leg: "c1~1", CallerLeg: "c1", Agent: "a1", Phone: account("1001"),
	Caller: "138", Name: `A "quoted" <x>`, Queue: "support", Limit: 20500 * time.Millisecond}

var (
	dialNumber = queue.DialNumber{Call: "o1", Leg: "o1~2", Number: "+86 (138)00;x=1", Shown: "4000", Name: "Support", Record: true, For: "o1~1", Limit: 30 * time.Second}
	noNumber   = queue.DialNumber{Call: "o1", Leg: "o1~2", Number: "+abc&d", Limit: 30 * time.Second}
)

const originateRequest = "POST /channels/c1~1"

// TestCommands: what each command asks of Asterisk.
func TestCommands(t *testing.T) {
	tests := []struct {
		command queue.Command
		want    []string
		query   string
	}{
		{queue.IndicateRinging{Leg: "c1"}, []string{"POST /channels/c1/ring"}, ""},
		{queue.Answer{Leg: "c1"}, []string{"POST /channels/c1/answer"}, ""},
		{queue.Play{Leg: "c1", Sounds: []string{"threerings/greeting"}}, []string{"POST /channels/c1/play/c1~play0"}, "media=sound%3Athreerings%2Fgreeting"},
		{queue.Play{Leg: "c1", Sounds: []string{"tone:ring"}}, []string{"POST /channels/c1/play/c1~play0"}, "media=tone%3Aring"},
		{queue.Play{Leg: "c1", Sounds: []string{"a", "digits/1", "tone:beep"}}, []string{"POST /channels/c1/play/c1~play0"}, "media=sound%3Aa%2Csound%3Adigits%2F1%2Ctone%3Abeep"},
		{queue.StartMusic{Leg: "c1", Class: "default"}, []string{"POST /channels/c1/moh"}, "mohClass=default"},
		{queue.StopMedia{Leg: "c1"}, []string{"DELETE /channels/c1/moh", "DELETE /playbacks/c1~play0", "DELETE /playbacks/c1~play1", "DELETE /playbacks/c1~play2", "DELETE /playbacks/c1~play3"}, ""},
		{queue.Bridge{Call: "c1", Legs: []queue.LegID{"c1", "c1~1"}}, []string{"POST /bridges/c1~b/addChannel"}, "channel=c1%2Cc1~1&inhibitConnectedLineUpdates=true"},
		{queue.Unbridge{Call: "c1"}, []string{"DELETE /bridges/c1~b"}, ""},
		{queue.HangUp{Leg: "c1", Reason: queue.HangUpNormal}, []string{"DELETE /channels/c1"}, "reason_code=16"},
		{queue.HangUp{Leg: "c1~1", Reason: queue.HangUpElsewhere}, []string{"DELETE /channels/c1~1"}, "reason_code=26"},
		{queue.HangUp{Leg: "c1", Reason: queue.HangUpBusy}, []string{"DELETE /channels/c1"}, "reason_code=17"},
		{queue.HangUp{Leg: "c1", Reason: queue.HangUpUnknown}, []string{"DELETE /channels/c1"}, "reason_code=1"},
		{queue.HangUp{Leg: "c1", Reason: queue.HangUpFailed}, []string{"DELETE /channels/c1"}, "reason_code=41"},
		{dialAgent, []string{"POST /bridges/c1~b", originateRequest}, ""},
		{queue.Bridge{Call: "o1", Room: queue.SideRoom, Legs: []queue.LegID{"o1~1", "o1~2"}}, []string{"POST /bridges/o1~s", "POST /bridges/o1~s/addChannel"}, ""},
		{queue.Bridge{Call: "o1", Room: queue.SideRoom, Legs: []queue.LegID{"o1~1", "o1~2"}}, []string{"POST /bridges/o1~s/addChannel"}, "channel=o1~1%2Co1~2&inhibitConnectedLineUpdates=true"},
		{queue.Unhook{Call: "o1", Leg: "o1~1"}, []string{"POST /bridges/o1~b/removeChannel", "POST /bridges/o1~s/removeChannel"}, "channel=o1~1"},
		{queue.Unhook{Call: "c1", Leg: "c1~1"}, []string{"POST /bridges/c1~b/removeChannel"}, "channel=c1~1"},
		{queue.Unbridge{Call: "o1"}, []string{"DELETE /bridges/o1~b", "DELETE /bridges/o1~s"}, ""},
		{queue.Unbridge{Call: "o1"}, []string{"DELETE /bridges/o1~b"}, ""},
		{queue.Mute{Leg: "c1~1", On: true}, []string{"POST /channels/c1~1/variable"}, "value=-32767&variable=VOLUME%28RX%29"},
		{queue.Mute{Leg: "c1~1"}, []string{"POST /channels/c1~1/variable"}, "value=0&variable=VOLUME%28RX%29"},
		{queue.AnswerTransfer{Leg: "c1~1", OK: true}, []string{"POST /channels/c1~1/transfer_progress"}, "states=channel_answered"},
		{queue.AnswerTransfer{Leg: "c1~1"}, []string{"POST /channels/c1~1/transfer_progress"}, "states=channel_declined"},
	}
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			// o1~1 is in no room but the side room.
			return aritest.Answer{Status: 422, Body: `{"message":"Channel not in this bridge"}`}, r.String() == "POST /bridges/o1~b/removeChannel"
		})
		for _, test := range tests {
			from := len(k.server.Requests())
			k.sw.Execute([]queue.Command{test.command})
			synctest.Wait()
			got := k.requests(from)
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("%+v: %v, want %v", test.command, got, test.want)
			}
			if q := k.server.Requests()[from].Query.Encode(); test.query != "" && q != test.query {
				t.Errorf("%+v: %s, want %s", test.command, q, test.query)
			}
		}
		for _, r := range k.server.Requests() {
			if r.String() == originateRequest {
				want := `{"endpoint":"PJSIP/1001","app":"threerings","appArgs":"agent,c1~1,a1","callerId":"\"A quoted x\" \u003c138\u003e","timeout":21,"originator":"c1","variables":{"PJSIP_TRANSFER_HANDLING()":"ari-only","TR_CALL":"c1","TR_LEG":"c1~1"}}`
				if r.Body != want {
					t.Errorf("originate %s\nwant      %s", r.Body, want)
				}
			}
		}
		want(t, k.hear())
	})
}

// TestNumbersOutside: how they are dialled. Nothing but digits and + gets through.
func TestNumbersOutside(t *testing.T) {
	plain := dialNumber
	plain.Record, plain.For = false, ""
	hostile := plain
	hostile.Number = "1&PJSIP/9@x,30\n;2"
	tests := []struct {
		trunk   string
		command queue.DialNumber
		want    string
	}{
		{"", dialNumber, `{"endpoint":"PJSIP/+86138001@trunk","context":"outside","extension":"s","priority":1,"callerId":"\"Support\" \u003c4000\u003e","timeout":30,"originator":"o1~1","variables":{"TR_CALL":"o1","TR_LEG":"o1~2"}}`},
		{"", plain, `{"endpoint":"PJSIP/+86138001@trunk","app":"threerings","appArgs":"agent,o1~2","callerId":"\"Support\" \u003c4000\u003e","timeout":30,"variables":{"TR_CALL":"o1","TR_LEG":"o1~2"}}`},
		{"192.0.2.9:5060", hostile, `{"endpoint":"PJSIP/trunk/sip:19302@192.0.2.9:5060","app":"threerings","appArgs":"agent,o1~2","callerId":"\"Support\" \u003c4000\u003e","timeout":30,"variables":{"TR_CALL":"o1","TR_LEG":"o1~2"}}`},
	}
	for _, test := range tests {
		inFake(t, func(t *testing.T, k *fake) {
			k.hear()
			k.sw.opts.Trunk = test.trunk
			k.sw.Execute([]queue.Command{test.command})
			synctest.Wait()
			for _, r := range k.server.Requests() {
				if r.String() == "POST /channels/o1~2" && r.Body != test.want {
					t.Errorf("originate %s\nwant      %s", r.Body, test.want)
				}
			}
			if got := k.requests(0); !slices.Contains(got, "POST /channels/o1~2") || !slices.Contains(got, "POST /bridges/o1~b") {
				t.Errorf("%v", got)
			}
			want(t, k.hear())
		})
	}
}

// TestAnswersOfAsterisk: which answers are failures, and how often is asked.
func TestAnswersOfAsterisk(t *testing.T) {
	bridge := queue.Bridge{Call: "c1", Legs: []queue.LegID{"c1", "c1~1"}}
	hangUp := queue.HangUp{Leg: "c1", Reason: queue.HangUpNormal}
	const notInStasis = `{"message":"Channel not in Stasis application"}`
	failed := func(c queue.Command, cause queue.Cause) queue.Input {
		return queue.CommandFailed{Command: queue.Name(c), Call: callOfCommand(c), Leg: legOfCommand(c), Cause: cause}
	}
	ok := aritest.Answer{Status: 204}
	tests := []struct {
		name    string
		command queue.Command
		answers []aritest.Answer // one after the other; the last is repeated
		tries   int              // 0: any
		want    queue.Input
	}{
		{"leg gone", queue.Answer{Leg: "c1"}, []aritest.Answer{{Status: 404}}, 1, nil},
		{"hung up twice", hangUp, []aritest.Answer{{Status: 404}}, 1, nil},
		{"hang up at the third try", hangUp, []aritest.Answer{{Status: 500}, {Status: 503}, ok}, 3, nil},
		{"hang up never works", hangUp, []aritest.Answer{{Status: 500}}, 5, failed(hangUp, queue.CauseFailed)},
		{"wrong state", queue.Answer{Leg: "c1"}, []aritest.Answer{{Status: 412}}, 1, failed(queue.Answer{Leg: "c1"}, queue.CauseFailed)},
		{"not quite in Stasis", queue.IndicateRinging{Leg: "c1"}, []aritest.Answer{{Status: 409, Body: notInStasis}, ok}, 2, nil},
		{"unregistered", dialAgent, []aritest.Answer{{Status: 500, Body: `{"error":"Allocation failed"}`}}, 1, failed(dialAgent, queue.CauseUnregistered)},
		{"dialled twice", dialAgent, []aritest.Answer{{Status: 502}, {Status: 409, Body: `{"message":"Channel with given unique ID already exists"}`}}, 2, nil},
		{"no trunk", dialNumber, []aritest.Answer{{Status: 500, Body: `{"error":"Allocation failed"}`}}, 1, failed(dialNumber, queue.CauseFailed)},
		{"agent gone", dialNumber, []aritest.Answer{{Status: 400, Body: `{"message":"Provided originator channel was not found"}`}}, 1, queue.LegEnded{Leg: "o1~2", Cause: queue.CauseGone}},
		{"no number", noNumber, []aritest.Answer{ok}, 0, failed(noNumber, queue.CauseFailed)},
		{"in no room", queue.Unhook{Call: "c1", Leg: "c1~1"}, []aritest.Answer{{Status: 422}}, 1, nil},
		{"unhooked when gone", queue.Unhook{Call: "c1", Leg: "c1~1"}, []aritest.Answer{{Status: 400}}, 1, nil},
		{"caller gone", dialAgent, []aritest.Answer{{Status: 400, Body: `{"message":"Provided originator channel was not found"}`}}, 1, queue.LegEnded{Leg: "c1~1", Cause: queue.CauseGone}},
		{"bad request", dialAgent, []aritest.Answer{{Status: 400, Body: `{"message":"Invalid endpoint"}`}}, 1, failed(dialAgent, queue.CauseFailed)},
		{"not in Stasis yet", bridge, []aritest.Answer{{Status: 422, Body: notInStasis}, {Status: 409, Body: notInStasis}, ok}, 3, nil},
		{"never in Stasis", bridge, []aritest.Answer{{Status: 422, Body: notInStasis}}, 0, failed(bridge, queue.CauseFailed)},
		{"one leg gone", bridge, []aritest.Answer{{Status: 400, Body: `{"message":"Channel not found"}`}}, 1, nil},
		{"bridge not there", bridge, []aritest.Answer{{Status: 404}, ok}, 2, nil},
		{"bridge going", queue.Unbridge{Call: "c1"}, []aritest.Answer{{Status: 409}}, 1, nil},
		{"nothing plays", queue.StopMedia{Leg: "c1"}, []aritest.Answer{{Status: 404}}, 5, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inFake(t, func(t *testing.T, k *fake) {
				k.hear()
				var mu sync.Mutex
				tries := 0
				k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
					if r.Method == "GET" || r.String() == "POST /bridges/c1~b" || r.String() == "POST /bridges/o1~b" {
						return aritest.Answer{}, false
					}
					mu.Lock()
					defer mu.Unlock()
					a := test.answers[min(tries, len(test.answers)-1)]
					tries++
					return a, true
				})
				k.sw.Execute([]queue.Command{test.command})
				time.Sleep(10 * time.Second)
				told := k.hear()
				for i, in := range told {
					if f, ok := in.(queue.CommandFailed); ok {
						if f.Message == "" {
							t.Error("a failure without a message")
						}
						f.Message = ""
						told[i] = f
					}
				}
				if test.want == nil {
					want(t, told)
				} else {
					want(t, told, test.want)
				}
				if test.tries != 0 && tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
			})
		})
	}
}

// TestOrder: the commands of one call wait for each other, other calls do not,
// and Execute waits for nothing.
func TestOrder(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		from := len(k.server.Requests())
		free := make(chan struct{})
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.String() == "POST /channels/c1/answer" {
				<-free
			}
			return aritest.Answer{}, false
		})
		began := time.Now()
		k.sw.Execute([]queue.Command{queue.Answer{Leg: "c1"}, queue.StartMusic{Leg: "c1"}, queue.HangUp{Leg: "c1~2"}, queue.Answer{Leg: "c2"}})
		if time.Since(began) != 0 {
			t.Error("Execute waited")
		}
		synctest.Wait()
		got := k.requests(from)
		slices.Sort(got)
		if !slices.Equal(got, []string{"POST /channels/c1/answer", "POST /channels/c2/answer"}) {
			t.Errorf("%v, want the other call served and this one waiting", got)
		}
		close(free)
		synctest.Wait()
		got = k.requests(from + 2)
		if !slices.Equal(got, []string{"POST /channels/c1/moh", "DELETE /channels/c1~2"}) {
			t.Errorf("then %v", got)
		}
		k.sw.lanes.mu.Lock()
		defer k.sw.lanes.mu.Unlock()
		if n := len(k.sw.lanes.work); n != 0 {
			t.Errorf("%d lanes left", n)
		}
	})
}

// TestStalledAsterisk: a request without an answer is given up and repeated.
func TestStalledAsterisk(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		free := make(chan struct{})
		var mu sync.Mutex
		calls := 0
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Method == "DELETE" {
				mu.Lock()
				calls++
				first := calls == 1
				mu.Unlock()
				if first {
					<-free
				}
			}
			return aritest.Answer{}, false
		})
		k.sw.Execute([]queue.Command{queue.HangUp{Leg: "c1"}})
		time.Sleep(4 * time.Second)
		close(free)
		synctest.Wait()
		if st := k.sw.Stats(); st.Commands[CommandResult{"HangUp", "ok"}] != 1 || calls != 2 {
			t.Errorf("%d requests, %v", calls, st.Commands)
		}
	})
}

// TestLegBeingDialledIsPresent: the socket is lost while an originate is under
// way; the leg must not be missed, or the core would take it for gone.
func TestLegBeingDialledIsPresent(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		free := make(chan struct{})
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.String() == originateRequest {
				<-free
			}
			return aritest.Answer{}, false
		})
		k.sw.Execute([]queue.Command{dialAgent})
		synctest.Wait()
		k.server.Drop()
		time.Sleep(time.Second)
		want(t, k.hear(), queue.SwitchLost{}, queue.Reconciled{Legs: []queue.LegFact{{Leg: "c1~1", Kind: queue.LegAgent}}})
		close(free)
		k.emit(t, `{"type":"ChannelStateChange","channel":{"id":"c1~1","state":"Ringing"}}`, `{"type":"ChannelDestroyed","cause":17,"channel":{"id":"c1~1"}}`)
		want(t, k.hear(), queue.LegRinging{Leg: "c1~1"}, queue.LegEnded{Leg: "c1~1", Cause: queue.CauseBusy})
	})
}

// TestNoSecondRing: the phone refused before the answer to the first request
// was lost; repeating it would ring again.
func TestNoSecondRing(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		from := len(k.server.Requests())
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.String() == originateRequest {
				k.server.Emit(`{"type":"ChannelDestroyed","cause":21,"channel":{"id":"c1~1"}}`)
				return aritest.Answer{Status: 502}, true
			}
			return aritest.Answer{}, false
		})
		k.sw.Execute([]queue.Command{dialAgent})
		time.Sleep(5 * time.Second)
		want(t, k.hear(), queue.LegEnded{Leg: "c1~1", Cause: queue.CauseRefused})
		n := 0
		for _, r := range k.requests(from) {
			if r == originateRequest {
				n++
			}
		}
		if n != 1 {
			t.Errorf("originated %d times", n)
		}
	})
}

func TestCallerID(t *testing.T) {
	tests := []struct{ name, number, want string }{
		{"", "", ""}, {"", "138", "<138>"}, {"张三", "+86138", `"张三" <+86138>`},
		{`x" <999>`, "1;2,3\r\nX: y", `"x 999" <123Xy>`}, {"a\x00b\x7f", "(138) 00", `"ab" <13800>`},
		{strings.Repeat("张", 40), "1", `"` + strings.Repeat("张", 26) + `" <1>`},
	}
	for _, test := range tests {
		if got := callerID(test.name, test.number); got != test.want {
			t.Errorf("callerID(%q, %q) = %s, want %s", test.name, test.number, got, test.want)
		}
	}
}
