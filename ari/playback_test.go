package ari

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestLostEndOfASound: behind a greeting whose end is not told there would be
// silence until somebody answers; behind a confirmation, a call for ever.
func TestLostEndOfASound(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		var over atomic.Bool
		asked := func() (n int) {
			for _, r := range k.server.Requests() {
				if strings.HasPrefix(r.Path, "/playbacks/") {
					n++
				}
			}
			return n
		}
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch {
			case r.Path == "/channels":
				return aritest.Answer{Status: 200, Body: present}, true
			case r.Path == "/playbacks/c1~play" && over.Load():
				return aritest.Answer{Status: 404, Body: `{"message":"Playback not found"}`}, true
			}
			return aritest.Answer{}, false
		})
		play := func() {
			over.Store(false)
			k.sw.Execute([]queue.Command{queue.Play{Leg: "c1", Sounds: []string{"x"}}})
			time.Sleep(time.Minute)
		}
		finished, late := queue.PlaybackFinished{Leg: "c1"}, `{"type":"PlaybackFinished","playback":{"id":"c1~play","target_uri":"channel:c1"}}`
		k.emit(t, start)
		time.Sleep(time.Minute)
		if n := asked(); n != 0 {
			t.Errorf("asked %d times although nothing plays", n)
		}
		play()
		want(t, k.hear(), arrived) // it plays on
		over.Store(true)
		time.Sleep(18 * time.Second)
		want(t, k.hear(), finished)
		k.emit(t, late) // after all
		time.Sleep(time.Minute)
		want(t, k.hear())

		// Found ended by a check, but told within the time it has for that.
		play()
		over.Store(true)
		before := asked()
		for asked() == before {
			time.Sleep(100 * time.Millisecond)
		}
		k.emit(t, late)
		time.Sleep(time.Minute)
		want(t, k.hear(), finished)
		if n := k.sw.Stats().Healed["PlaybackFinished"]; n != 1 {
			t.Errorf("%d ends made up for, want 1", n)
		}
	})
}

// TestConfirmationOfAnEarlierProcess: it ended while nobody listened, so
// nobody else will end that call.
func TestConfirmationOfAnEarlierProcess(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch r.Path {
			case "/channels":
				return aritest.Answer{Status: 200, Body: `[{"id":"f1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"threerings,feature,*11,1001,127.0.0.1:7"}}]`}, true
			case "/playbacks/f1~play":
				return aritest.Answer{Status: 404}, true
			}
			return aritest.Answer{}, false
		})
		k.server.Drop()
		time.Sleep(20 * time.Second)
		want(t, k.hear(), queue.SwitchLost{},
			queue.Reconciled{Legs: []queue.LegFact{{Leg: "f1", Kind: queue.LegFeature, Up: true, Arrival: queue.CallArrived{Leg: "f1", Number: "*11", Endpoint: "1001", Addr: "127.0.0.1:7"}}}},
			queue.PlaybackFinished{Leg: "f1"})
	})
}

// TestAsteriskTellsWhatPlays: a real one knows a playback for as long as it is
// heard, and no longer.
func TestAsteriskTellsWhatPlays(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), Plan{})
	var filter struct {
		Disallowed []map[string]string `json:"disallowed"`
	}
	for _, kind := range append(unwanted[:], "PlaybackFinished") {
		filter.Disallowed = append(filter.Disallowed, map[string]string{"type": kind})
	}
	must(t, c.sw.rest.do(limit(t), http.MethodPut, "/applications/"+testApp+"/eventFilter", nil, filter, nil))
	caller := newRobot(t, robot.PhoneOptions{User: "13800000001", Sound: robot.Tone(callerTone)})
	call, arrived := c.arrive(t, caller, "4000")
	c.do(queue.Answer{Leg: arrived.Leg}, queue.Play{Leg: arrived.Leg, Sounds: []string{"tone:ring"}})
	must(t, call.WaitAnswered(limit(t)))
	ends := func(p queue.PlaybackFinished) bool { return p.Leg == arrived.Leg }
	before := c.sw.Stats().Requests.Count
	until(t, "twenty checks", func() bool { return c.sw.Stats().Requests.Count > before+20*5 })
	if count(c.told, ends) != 0 {
		t.Error("an end is told of what is heard")
	}
	c.do(queue.StopMedia{Leg: arrived.Leg})
	wait(t, c.told, "the playback's end", ends)
	from := c.told.mark()
	c.do(queue.Play{Leg: arrived.Leg, Sounds: []string{queue.SoundReady}}) // to its own end
	waitFrom(t, c.told, from, "the playback's end", ends)
	if st := c.sw.Stats(); st.Events["PlaybackFinished"] != 0 || st.Healed["PlaybackFinished"] != 2 {
		t.Errorf("%d ends told, %d made up for, want 0 and 2", st.Events["PlaybackFinished"], st.Healed["PlaybackFinished"])
	}
	c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
	must(t, call.WaitEnded(limit(t)))
}
