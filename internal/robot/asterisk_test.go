package robot

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	asteriskconf "github.com/threerings/threerings/asterisk-conf"
)

const ariPassword = "s3cret-of-the-test"

// bootAsterisk starts a real Asterisk as the product configures it.
func bootAsterisk(t *testing.T) *asteriskconf.Instance {
	t.Helper()
	prefix, err := asteriskconf.Find("")
	if err != nil {
		t.Fatalf("this test needs a real Asterisk: %v", err)
	}
	ports, err := asteriskconf.FreePorts()
	must(t, err)
	t.Cleanup(ports.Close)
	dir, err := os.MkdirTemp("", "tr-rob-") // short: the socket's path is limited
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	params := asteriskconf.Params{Dir: dir, Prefix: prefix, ARIPassword: ariPassword}
	ports.Apply(&params)
	in, err := asteriskconf.Start(t.Context(), params)
	must(t, err)
	t.Cleanup(func() {
		if err := in.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return in
}

// allowTransfers replaces the dialplan and lets phones transfer, which the product's configuration forbids.
func allowTransfers(t *testing.T, in *asteriskconf.Instance, dialplan string) {
	t.Helper()
	rewrite := func(name string, change func(string) string) {
		file := filepath.Join(in.Params().Dir, "etc/asterisk", name)
		text, err := os.ReadFile(file)
		must(t, err)
		must(t, os.WriteFile(file, []byte(change(string(text))), 0o640))
	}
	rewrite("pjsip.conf", func(s string) string { return strings.Replace(s, "allow_transfer = no", "allow_transfer = yes", 1) })
	rewrite("extensions.conf", func(string) string { return dialplan })
	console(t, in, "dialplan reload")
	console(t, in, "module reload res_pjsip.so")
	until(t, "the new configuration", func() bool {
		for line := range strings.Lines(console(t, in, "pjsip show endpoint trunk")) {
			if strings.Contains(line, "allow_transfer") {
				return strings.Contains(line, "true")
			}
		}
		return false
	})
}

func console(t *testing.T, in *asteriskconf.Instance, command string) string {
	t.Helper()
	out, err := in.Command(t.Context(), command)
	must(t, err)
	return out
}

func dial(t *testing.T, p *Phone, in *asteriskconf.Instance, number string) *Call {
	t.Helper()
	c, err := p.Call(t.Context(), CallOptions{To: fmt.Sprintf("sip:%s@127.0.0.1:%d", number, in.Params().SIPPort)})
	must(t, err)
	return c
}

// The product's configuration declines transfers (facts 5.11); hold works with it, and keys by INFO are taken.
func TestDeskPhoneOnTheProductsAsterisk(t *testing.T) {
	in := bootAsterisk(t)
	phone := newPhone(t, PhoneOptions{Sound: Tone(callerTone)})
	c := dial(t, phone, in, "4000") // no application is connected: the fallback answers with a tone of 450 Hz
	must(t, c.WaitAnswered(limit(t)))
	code, err := c.Refer(limit(t), fmt.Sprintf("sip:4001@127.0.0.1:%d", in.Params().SIPPort))
	must(t, err)
	if code != 603 {
		t.Errorf("REFER was answered with %d, want 603: the application decides who talks to whom", code)
	}
	must(t, c.SendDTMFInfo(limit(t), "1"))
	must(t, c.Hold(limit(t)))
	until(t, "quiet while holding", c.Silent)
	must(t, c.Resume(limit(t)))
	_, err = c.WaitTone(limit(t), 450)
	must(t, err)
}

const plainDialplan = `[globals]
[from-trunk]
exten => _60XX,1,Dial(PJSIP/trunk/sip:${EXTEN}@%s,30)
exten => keys,1,Answer()
 same => n,Read(KEYS,,20,,1,20)
 same => n,Set(GLOBAL(KEYS)=${KEYS})
 same => n,Wait(10)
exten => ari,1,Set(PJSIP_TRANSFER_HANDLING()=ari-only)
 same => n,Stasis(threerings)
`

// outsidePhone plays the numbers 6001, 6002 …, each answering with a tone of its own.
func outsidePhone(t *testing.T, tones map[string]int) *Phone {
	p := newPhone(t, PhoneOptions{})
	p.OnCall(func(c *Call) { c.Play(Tone(tones[c.To()])) })
	p.SetBehaviourFunc(ByNumber(map[string]Behaviour{"6009": {Reject: 486}}, Behaviour{}))
	return p
}

func TestDeskPhoneOnAsterisk(t *testing.T) {
	in := bootAsterisk(t)
	outside := outsidePhone(t, map[string]int{"6001": 1000, "6002": 700})
	allowTransfers(t, in, fmt.Sprintf(plainDialplan, outside.Addr()))
	phone := newPhone(t, PhoneOptions{User: "1001", Sound: Tone(callerTone)})

	t.Run("every key arrives once", func(t *testing.T) {
		for _, press := range []func(*Call) error{
			func(c *Call) error {
				for _, keys := range []string{"11", "2", "2", "30*45", "99#"} {
					if err := c.SendDTMF(keys); err != nil {
						return err
					}
				}
				return nil
			},
			func(c *Call) error { return c.SendDTMFInfo(limit(t), "112230*4599#") },
		} {
			console(t, in, "dialplan set global KEYS none")
			c := dial(t, phone, in, "keys")
			must(t, c.WaitAnswered(limit(t)))
			must(t, press(c))
			until(t, "the keys", func() bool { return strings.Contains(console(t, in, "dialplan show globals"), "KEYS=112230*4599\n") })
			c.Hangup()
		}
	})
	t.Run("hold and resume", func(t *testing.T) {
		c := dial(t, phone, in, "6001")
		must(t, c.WaitHears(limit(t), []float64{1000}))
		far := newest(outside)
		must(t, far.WaitHears(limit(t), []float64{callerTone}))
		must(t, c.Hold(limit(t)))
		until(t, "the voice to stop both ways", func() bool { return c.Silent() && len(far.Hears(callerTone)) == 0 })
		must(t, c.Resume(limit(t)))
		must(t, c.WaitHears(limit(t), []float64{1000}))
		must(t, far.WaitHears(limit(t), []float64{callerTone}))
		c.Hangup()
		must(t, far.WaitEnded(limit(t)))
	})
	t.Run("blind transfer", func(t *testing.T) {
		c := dial(t, phone, in, "6001")
		must(t, c.WaitHears(limit(t), []float64{1000}))
		far := newest(outside)
		code, err := c.Refer(limit(t), fmt.Sprintf("sip:6002@127.0.0.1:%d", in.Params().SIPPort))
		must(t, err)
		final, err := c.WaitReferred(limit(t))
		must(t, err)
		if code != 202 || final != 200 {
			t.Errorf("REFER %d, outcome %d", code, final)
		}
		c.Hangup()
		must(t, far.WaitHears(limit(t), []float64{700}, callerTone))
		far.Hangup()
		must(t, far.WaitEnded(limit(t)))
	})
	t.Run("transfer with consultation", func(t *testing.T) {
		first := dial(t, phone, in, "6001")
		must(t, first.WaitHears(limit(t), []float64{1000}))
		one := newest(outside)
		must(t, first.Hold(limit(t)))
		second := dial(t, phone, in, "6002")
		must(t, second.WaitHears(limit(t), []float64{700}))
		two := newest(outside)
		code, err := first.ReferTo(limit(t), second)
		must(t, err)
		final, err := first.WaitReferred(limit(t))
		must(t, err)
		if code != 202 || final != 200 {
			t.Errorf("REFER %d, outcome %d", code, final)
		}
		first.Hangup()
		must(t, one.WaitHears(limit(t), []float64{700}, callerTone))
		must(t, two.WaitHears(limit(t), []float64{1000}, callerTone))
		wantEnding(t, second, Remote, 200)
		one.Hangup()
	})
	t.Run("three in a bridge, and a transfer left to the application", func(t *testing.T) { threeInABridge(t, in) })
}

// newest is the phone's last call.
func newest(p *Phone) *Call {
	calls := p.Calls()
	return calls[len(calls)-1]
}

// threeInABridge puts three phones into a conference by ARI, and shows that a phone whose channel is ari-only tells
// the application of its REFER and does nothing else.
func threeInABridge(t *testing.T, in *asteriskconf.Instance) {
	events := "ws" + strings.TrimPrefix(in.ARIURL(), "http") + "/events?app=threerings&api_key=" + url.QueryEscape(in.Params().ARIUser+":"+ariPassword)
	socket, _, err := websocket.DefaultDialer.DialContext(t.Context(), events, nil)
	must(t, err)
	defer socket.Close()
	post(t, in, "/bridges/conference?type=mixing")
	tones := []int{440, 700, 1000}
	var calls []*Call
	for i, tone := range tones {
		c := dial(t, newPhone(t, PhoneOptions{User: fmt.Sprint(1001 + i), Sound: Tone(tone)}), in, "ari")
		channel := nextEvent(t, socket, "StasisStart").Channel.ID
		post(t, in, "/channels/"+channel+"/answer")
		post(t, in, "/bridges/conference/addChannel?channel="+channel)
		calls = append(calls, c)
	}
	hears := func() {
		t.Helper()
		must(t, calls[0].WaitHears(limit(t), []float64{700, 1000}, 440))
		must(t, calls[1].WaitHears(limit(t), []float64{440, 1000}, 700))
		must(t, calls[2].WaitHears(limit(t), []float64{440, 700}, 1000))
	}
	hears()
	code, err := calls[1].Refer(limit(t), fmt.Sprintf("sip:4001@127.0.0.1:%d", in.Params().SIPPort))
	must(t, err)
	asked := nextEvent(t, socket, "ChannelTransfer")
	if code != 202 || asked.ReferTo.Destination.Destination != "4001" || asked.ReferredBy.Source.ID == "" || asked.State != "" {
		t.Errorf("%d %+v", code, asked)
	}
	if p := calls[1].ReferProgress(); len(p.Codes) != 0 {
		t.Errorf("told %+v before the application said anything", p)
	}
	post(t, in, "/channels/"+asked.ReferredBy.Source.ID+"/transfer_progress?states=channel_declined")
	if final, err := calls[1].WaitReferred(limit(t)); err != nil || final != 603 {
		t.Errorf("outcome %d %v", final, err)
	}
	if echo := nextEvent(t, socket, "ChannelTransfer"); echo.State != "channel_declined" {
		t.Errorf("the echo of the progress: %+v", echo)
	}
	hears()
}

type ariEvent struct {
	Type    string
	State   string
	Channel struct{ ID string }
	ReferTo struct {
		Destination struct{ Destination string } `json:"requested_destination"`
	} `json:"refer_to"`
	ReferredBy struct {
		Source struct{ ID string } `json:"source_channel"`
	} `json:"referred_by"`
}

func nextEvent(t *testing.T, socket *websocket.Conn, kind string) ariEvent {
	t.Helper()
	must(t, socket.SetReadDeadline(time.Now().Add(20*time.Second)))
	for {
		_, text, err := socket.ReadMessage()
		if err != nil {
			t.Fatalf("wait for %s: %v", kind, err)
		}
		var event ariEvent
		must(t, json.Unmarshal(text, &event))
		if event.Type == kind {
			return event
		}
	}
}

func post(t *testing.T, in *asteriskconf.Instance, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.ARIURL()+path, nil)
	must(t, err)
	req.SetBasicAuth(in.Params().ARIUser, ariPassword)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		t.Fatalf("POST %s: %s %s", path, resp.Status, text)
	}
}
