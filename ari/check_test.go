package ari

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// listing makes the stand-in list these channels.
func (k *fake) listing() *atomic.Value {
	var channels atomic.Value
	channels.Store("[]")
	k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
		return aritest.Answer{Status: 200, Body: channels.Load().(string)}, r.Path == "/channels"
	})
	return &channels
}

func TestLostEventsAreMadeUpFor(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		channels := k.listing()
		k.hear()
		channels.Store(`[
			{"id":"c1","state":"Ring","caller":{"name":"N","number":"138"},"dialplan":{"app_name":"Stasis","app_data":"threerings,call,4000,trunk,127.0.0.1:5080"}},
			{"id":"c1~1","state":"Ringing","dialplan":{"app_name":"AppDial2"}},
			{"id":"c2~1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"threerings,agent,c2~1"}},
			{"id":"f1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"threerings,feature,*11,1001,127.0.0.1:7,1001"}},
			{"id":"x1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"other,call,1"}},
			{"id":"x2","state":"Up","dialplan":{"app_name":"Dial","app_data":"PJSIP/1001"}}]`)
		time.Sleep(16 * time.Second)
		want(t, k.hear()) // their events may be on their way
		time.Sleep(2 * time.Second)
		want(t, k.hear(), arrived, queue.LegRinging{Leg: "c1~1"}, queue.LegAnswered{Leg: "c2~1"},
			queue.FeatureDialled{Leg: "f1", Code: "*11", Endpoint: "1001", Addr: "127.0.0.1:7"})
		// The true event, late, is not told twice.
		k.emit(t, start)
		want(t, k.hear())
		// Ends are made up for when they have had their time to come.
		channels.Store(present)
		k.emit(t, `{"type":"ChannelHangupRequest","cause":16,"channel":{"id":"f1"}}`)
		time.Sleep(13 * time.Second) // the check that misses them
		want(t, k.hear())
		k.emit(t, `{"type":"ChannelDestroyed","cause":17,"channel":{"id":"c1~1"}}`) // on its way after all
		time.Sleep(3 * time.Second)
		told := k.hear()
		if len(told) == 3 && told[1] == (queue.LegEnded{Leg: "f1", Cause: queue.CauseNormal}) {
			told[1], told[2] = told[2], told[1] // in any order
		}
		want(t, told, queue.LegEnded{Leg: "c1~1", Cause: queue.CauseBusy},
			queue.LegEnded{Leg: "c2~1", Cause: queue.CauseGone}, queue.LegEnded{Leg: "f1", Cause: queue.CauseNormal})
		if n := k.sw.Stats().Healed["LegEnded"]; n != 2 {
			t.Errorf("healed %d ends, want 2", n)
		}
	})
}

// TestNoFalseEnd: legs that came after the look began are not in it.
func TestNoFalseEnd(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Path == "/channels" {
				k.server.Emit(start)
				return aritest.Answer{Status: 200, Body: "[]"}, true
			}
			return aritest.Answer{}, false
		})
		time.Sleep(16 * time.Second)
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 200, Body: present}, r.Path == "/channels"
		})
		time.Sleep(time.Minute)
		want(t, k.hear(), arrived)
	})
}

// TestNoFalseArrival: a leg that ended while the look was under way is in it.
func TestNoFalseArrival(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.emit(t, start)
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Path == "/channels" {
				k.server.Emit(stop)
				time.Sleep(time.Second)
				return aritest.Answer{Status: 200, Body: present}, true
			}
			return aritest.Answer{}, false
		})
		time.Sleep(20 * time.Second)
		want(t, k.hear(), arrived, queue.LegEnded{Leg: "c1", Cause: queue.CauseNormal})
	})
}

// TestStubbornLeg: a leg we could not hang up is tried again for as long as it is there.
func TestStubbornLeg(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.emit(t, start)
		var deletes atomic.Int32
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Method == "DELETE" && deletes.Add(1) <= 5 {
				return aritest.Answer{Status: 500}, true
			}
			return aritest.Answer{Status: 200, Body: present}, r.Path == "/channels"
		})
		k.sw.Execute([]queue.Command{queue.HangUp{Leg: "c1", Reason: queue.HangUpBusy}})
		time.Sleep(20 * time.Second)
		requests := k.server.Requests()
		var last aritest.Request
		for _, r := range requests {
			if r.Method == "DELETE" {
				last = r
			}
		}
		if deletes.Load() != 6 || last.Query.Get("reason_code") != "17" {
			t.Errorf("%d attempts, the last %v", deletes.Load(), last)
		}
	})
}

// TestEmptyBridgesAreSwept, those of calls that are there are not.
func TestEmptyBridgesAreSwept(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch r.Path {
			case "/bridges":
				return aritest.Answer{Status: 200, Body: `[{"id":"c1~b","channels":[]},{"id":"c9~b","channels":[]},{"id":"c9~s","channels":[]},{"id":"o3~s","channels":[]},{"id":"o2~b","channels":[]},{"id":"o2~s","channels":[]},{"id":"c8~b","channels":["z"]},{"id":"other","channels":[]}]`}, true
			case "/channels":
				// A call placed by an agent: no channel has its name.
				return aritest.Answer{Status: 200, Body: strings.TrimSuffix(present, "]") + `,{"id":"o2~1","state":"Ringing"}]`}, true
			}
			return aritest.Answer{}, false
		})
		k.server.Drop() // a later connection knows what is there
		time.Sleep(15100 * time.Millisecond)
		k.hear()
		var got []string
		for _, r := range k.server.Requests() {
			if r.Method == "DELETE" {
				got = append(got, r.Path)
			}
		}
		slices.Sort(got)
		want := []string{"/bridges/c9~b", "/bridges/c9~s", "/bridges/o3~b", "/bridges/o3~s"}
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("deleted %v, want only the bridges of calls that are over: %v", got, want)
		}
	})
}

// TestWantedOutOfTheRoom: a leg on hold, or aside, is no fault, and a look from
// before it was taken out does not put it back. Put back it is told once, though
// the event of its leaving was lost.
func TestWantedOutOfTheRoom(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		var bridges atomic.Value
		bridges.Store(`[{"id":"c1~b","channels":["c1"]}]`)
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch r.Path {
			case "/bridges":
				if r.Method == "GET" {
					return aritest.Answer{Status: 200, Body: bridges.Load().(string)}, true
				}
			case "/channels":
				return aritest.Answer{Status: 200, Body: present}, true
			}
			return aritest.Answer{}, false
		})
		entered := `{"type":"ChannelEnteredBridge","bridge":{"id":"c1~b"},"channel":{"id":"c1"}}`
		bridged := queue.LegBridged{Leg: "c1"}
		k.emit(t, start, entered)
		time.Sleep(time.Minute)
		want(t, k.hear(), arrived, bridged)
		for _, where := range []string{`[{"id":"c1~b","channels":[]}]`, `[{"id":"c1~b","channels":[]},{"id":"c1~s","channels":["c1"]}]`} {
			k.sw.Execute([]queue.Command{queue.Unhook{Call: "c1", Leg: "c1"}}) // and no event says so
			k.hear()
			bridges.Store(where)
			time.Sleep(time.Minute)
			want(t, k.hear())
			k.sw.Execute([]queue.Command{queue.Bridge{Call: "c1", Legs: []queue.LegID{"c1"}}})
			bridges.Store(`[{"id":"c1~b","channels":["c1"]}]`)
			want(t, k.hear())
			k.emit(t, entered, entered)
			want(t, k.hear(), bridged)
			time.Sleep(time.Minute)
			want(t, k.hear())
		}
	})
}
