package ari

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/queue"
)

// managed answers as Asterisk's manager does; it notes what it is asked.
type managed struct {
	asked []string
	fails int    // so many mutes more get no answer
	says  string // to a mute, if not that it is done
}

func (m *managed) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	answer := "Response: Success\r\nMessage: x\r\n\r\n"
	header := http.Header{"Set-Cookie": {`mansession_id="0a"; Version=1; Max-Age=10`}}
	if form.Get("Action") != "Login" {
		if c, err := r.Cookie("mansession_id"); err != nil || c.Value != "0a" {
			answer = "Response: Error\r\nMessage: Permission denied\r\n\r\n"
		}
	}
	if form.Get("Action") == "MixMonitorMute" {
		m.asked = append(m.asked, r.URL.String()+" "+form.Get("Channel")+" "+form.Get("Direction")+" "+form.Get("State"))
		if m.fails > 0 {
			m.fails--
			return nil, errors.New("nobody there")
		}
		if m.says != "" {
			answer = m.says
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Header: header, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// withManager is a connected adapter with a call c1 and a manager.
func withManager(t *testing.T, f func(t *testing.T, k *fake, m *managed)) {
	t.Helper()
	inFake(t, func(t *testing.T, k *fake) {
		m := &managed{}
		k.sw.manager.HTTP = &http.Client{Transport: m}
		k.hear()
		f(t, k, m)
	})
}

func (k *fake) does(c queue.Command) []queue.Input {
	k.sw.Execute([]queue.Command{c})
	return k.hear()
}

// plain leaves the words of failures out.
func plain(told []queue.Input) []queue.Input {
	for i := range told {
		if f, ok := told[i].(queue.CommandFailed); ok {
			f.Message = ""
			told[i] = f
		}
	}
	return told
}

// tapeVars are the values that the channel's variable was given, one after the other.
func (k *fake) tapeVars() (out []string) {
	for _, r := range k.server.Requests() {
		if r.String() == "POST /channels/c1/variable" {
			out = append(out, r.Query.Get("value"))
		}
	}
	return out
}

// TestMuteRecording: the manager is asked for both directions, and whoever takes
// over finds on the channel how far it came.
func TestMuteRecording(t *testing.T) {
	withManager(t, func(t *testing.T, k *fake, m *managed) {
		want(t, k.does(queue.MuteRecording{Leg: "c1"}), queue.RecordingSwitched{Leg: "c1", On: true})
		want(t, k.does(queue.UnmuteRecording{Leg: "c1"}), queue.RecordingSwitched{Leg: "c1"})
		if got := strings.Join(m.asked, ", "); got != "http://asterisk/rawman c1 both 1, http://asterisk/rawman c1 both 0" {
			t.Errorf("the manager was asked %s", got)
		}
		if got := strings.Join(k.tapeVars(), ","); got != "unsure,muted,unsure," {
			t.Errorf("the channel's variable was %q", got)
		}
	})
}

// TestMuteRecordingFails: the core is told at once; it is tried on until it is
// done, or until the opposite is wanted.
func TestMuteRecordingFails(t *testing.T) {
	withManager(t, func(t *testing.T, k *fake, m *managed) {
		m.fails = 3
		failed := queue.CommandFailed{Command: "MuteRecording", Call: "c1", Leg: "c1", Cause: queue.CauseFailed}
		told := k.does(queue.MuteRecording{Leg: "c1"})
		for range 2 {
			time.Sleep(tapeRetry)
			told = append(told, k.hear()...)
		}
		want(t, plain(told), failed, failed, failed)
		time.Sleep(tapeRetry)
		want(t, k.hear(), queue.RecordingSwitched{Leg: "c1", On: true})

		m.fails = 1
		failed.Command = "UnmuteRecording"
		want(t, plain(k.does(queue.UnmuteRecording{Leg: "c1"})), failed)
		want(t, k.does(queue.MuteRecording{Leg: "c1"}), queue.RecordingSwitched{Leg: "c1", On: true})
		n := len(m.asked)
		time.Sleep(10 * tapeRetry)
		synctest.Wait()
		if len(m.asked) != n {
			t.Errorf("what nobody wants any more was tried %d times", len(m.asked)-n)
		}
	})
}

// TestMuteRecordingRefused: a right that is missing is said in words; a channel
// that has ended is no failure.
func TestMuteRecordingRefused(t *testing.T) {
	withManager(t, func(t *testing.T, k *fake, m *managed) {
		m.says = "Response: Error\r\nMessage: Permission denied\r\n\r\n"
		told := k.does(queue.MuteRecording{Leg: "c1"})
		if len(told) != 1 || !strings.Contains(told[0].(queue.CommandFailed).Message, "Permission denied") {
			t.Errorf("told %+v", told)
		}
	})
	withManager(t, func(t *testing.T, k *fake, m *managed) {
		m.says = "Response: Error\r\nMessage: No such channel\r\n\r\n"
		want(t, k.does(queue.MuteRecording{Leg: "c1"}))
		time.Sleep(10 * tapeRetry)
		synctest.Wait()
		if len(m.asked) != 1 {
			t.Errorf("asked %d times for a channel that is gone", len(m.asked))
		}
	})
}

// TestTapeFacts: what a channel says of its recording is told to the core.
func TestTapeFacts(t *testing.T) {
	now := snapshot{channels: []channelNow{{ID: "c1", State: "Up", Vars: map[string]string{"TR_TAPE": "muted"}}}}
	now.channels[0].Dialplan.AppName, now.channels[0].Dialplan.AppData = "Stasis", testApp+",call,4000,trunk,127.0.0.1:1"
	if got := now.facts(testApp); len(got) != 1 || got[0].Tape != queue.TapeMuted {
		t.Errorf("facts %+v", got)
	}
}
