package ari

import (
	"net/http"
	"slices"
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
			case strings.HasPrefix(r.Path, "/playbacks/c1~play") && over.Load():
				return aritest.Answer{Status: 404, Body: `{"message":"Playback not found"}`}, true
			}
			return aritest.Answer{}, false
		})
		play := func() {
			over.Store(false)
			k.sw.Execute([]queue.Command{queue.Play{Leg: "c1", Sounds: []string{"x"}}})
			time.Sleep(time.Minute)
		}
		finished, late := queue.PlaybackFinished{Leg: "c1"}, finishedEvent("c1", 1)
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

		late = finishedEvent("c1", 2)
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

func finishedEvent(leg queue.LegID, slot int) string {
	return `{"type":"PlaybackFinished","playback":{"id":"` + playbackOf(leg, slot) + `","target_uri":"channel:` + string(leg) + `"}}`
}

// TestEndsOfOurOwnMaking: what we stopped has no end that is news, and is not
// taken for the end of what plays now.
func TestEndsOfOurOwnMaking(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.emit(t, start)
		finished := queue.PlaybackFinished{Leg: "c1"}
		play := queue.Play{Leg: "c1", Sounds: []string{"x"}}
		requests := func(commands ...queue.Command) []string {
			from := len(k.server.Requests())
			k.sw.Execute(commands)
			k.hear()
			return k.requests(from)
		}
		want(t, k.hear(), arrived)
		k.emit(t, finishedEvent("c1", 0), finishedEvent("c1", 1))
		want(t, k.hear()) // nothing of ours plays
		wantStrings(t, requests(play), "POST /channels/c1/play/c1~play1")
		wantStrings(t, requests(play), "DELETE /playbacks/c1~play1", "POST /channels/c1/play/c1~play2")
		k.emit(t, finishedEvent("c1", 1), finishedEvent("c1", 1))
		want(t, k.hear())
		k.emit(t, finishedEvent("c1", 2), finishedEvent("c1", 2))
		want(t, k.hear(), finished)
		wantStrings(t, requests(play), "POST /channels/c1/play/c1~play3") // nothing to stop
		wantStrings(t, requests(queue.StartMusic{Leg: "c1"}), "DELETE /playbacks/c1~play3", "POST /channels/c1/moh")
		wantStrings(t, requests(play), "POST /channels/c1/play/c1~play0")
		got := requests(queue.StopMedia{Leg: "c1"})
		slices.Sort(got)
		wantStrings(t, got, "DELETE /channels/c1/moh", "DELETE /playbacks/c1~play0")
		k.emit(t, finishedEvent("c1", 3), finishedEvent("c1", 0))
		want(t, k.hear())
	})
}

// TestSoundOfAnEarlierProcess: which of its playbacks plays is found out, and
// the next is another.
func TestSoundOfAnEarlierProcess(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch {
			case r.Path == "/channels":
				return aritest.Answer{Status: 200, Body: present}, true
			case r.Method == "DELETE" && r.Path != "/playbacks/c1~play1":
				return aritest.Answer{Status: 404}, true
			}
			return aritest.Answer{}, false
		})
		k.server.Drop()
		time.Sleep(time.Second)
		k.hear()
		from := len(k.server.Requests())
		k.sw.Execute([]queue.Command{queue.Play{Leg: "c1", Sounds: []string{"x"}}})
		k.hear()
		wantStrings(t, k.requests(from), "DELETE /playbacks/c1~play0", "DELETE /playbacks/c1~play1", "DELETE /playbacks/c1~play2", "DELETE /playbacks/c1~play3",
			"POST /channels/c1/play/c1~play2")
		k.emit(t, finishedEvent("c1", 1))
		want(t, k.hear())
		k.emit(t, finishedEvent("c1", 2))
		want(t, k.hear(), queue.PlaybackFinished{Leg: "c1"})
	})
}

// TestHoldOfAnEarlierProcess: the core remembers that a phone holds; we do not,
// and tell it of the end all the same.
func TestHoldOfAnEarlierProcess(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			return aritest.Answer{Status: 200, Body: `[{"id":"c2~1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"threerings,agent,c2~1"}}]`}, r.Path == "/channels"
		})
		for range 2 { // a second loss of the connection does not change that
			k.server.Drop()
			time.Sleep(time.Second)
		}
		k.hear()
		k.emit(t, ev("ChannelUnhold", "c2~1", ""), ev("ChannelUnhold", "c2~1", ""), ev("ChannelHold", "c2~1", ""))
		want(t, k.hear(), queue.HoldChanged{Leg: "c2~1"}, queue.HoldChanged{Leg: "c2~1", On: true})
	})
}

// TestConfirmationOfAnEarlierProcess: it ended while nobody listened, so
// nobody else will end that call.
func TestConfirmationOfAnEarlierProcess(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		k.hear()
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			switch {
			case r.Path == "/channels":
				return aritest.Answer{Status: 200, Body: `[{"id":"f1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"threerings,feature,*11,1001,127.0.0.1:7"}}]`}, true
			case strings.HasPrefix(r.Path, "/playbacks/f1~play"):
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
	from := c.told.mark()
	c.do(queue.Play{Leg: arrived.Leg, Sounds: []string{queue.SoundReady}}) // to its own end
	waitFrom(t, c.told, from, "the playback's end", ends)
	if st := c.sw.Stats(); st.Events["PlaybackFinished"] != 0 || st.Healed["PlaybackFinished"] != 1 {
		t.Errorf("%d ends told, %d made up for, want 0 and 1", st.Events["PlaybackFinished"], st.Healed["PlaybackFinished"])
	}
	c.do(queue.HangUp{Leg: arrived.Leg, Reason: queue.HangUpNormal})
	must(t, call.WaitEnded(limit(t)))
}
