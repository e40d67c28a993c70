package asteriskconf

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// app is the least Stasis application: it reports the channels that come in.
type app struct {
	t     *testing.T
	in    *Instance
	start chan stasisStart
}

type stasisStart struct {
	Type    string
	Args    []string
	Channel struct{ ID string }
}

func connectApp(t *testing.T, in *Instance) *app {
	t.Helper()
	a := &app{t: t, in: in, start: make(chan stasisStart, 10)}
	p := in.Params()
	address := fmt.Sprintf("ws://127.0.0.1:%d/ari/events?app=%s&api_key=%s", p.HTTPPort, p.App, url.QueryEscape(p.ARIUser+":"+p.ARIPassword))
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				return
			}
			var e stasisStart
			if json.Unmarshal(text, &e) == nil && e.Type == "StasisStart" {
				a.start <- e
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return a
}

func (a *app) next() stasisStart {
	a.t.Helper()
	select {
	case e := <-a.start:
		return e
	case <-time.After(20 * time.Second):
		a.t.Fatal("no StasisStart came")
		return stasisStart{}
	}
}

func (a *app) do(method, path, body string) {
	a.t.Helper()
	if code, text := ari(a.t, a.in, method, path, testPassword, body); code >= 300 {
		a.t.Fatalf("%s %s: %d %s", method, path, code, text)
	}
}

// connectAgent rings the agent, who answers at once, and bridges both.
func (a *app) connectAgent(caller string, agent *phone) {
	a.t.Helper()
	a.do("POST", "/bridges/b1?type=mixing", "")
	a.do("POST", "/channels/agent1?endpoint="+url.QueryEscape("PJSIP/trunk/sip:"+agent.sip.LocalAddr().String())+"&app="+a.in.Params().App+"&originator="+caller, "")
	select {
	case <-agent.invited:
	case <-time.After(20 * time.Second):
		a.t.Fatal("the agent's phone does not ring")
	}
	agent.reply("200 OK", true)
	if e := a.next(); e.Channel.ID != "agent1" {
		a.t.Fatalf("channel %s came, want agent1", e.Channel.ID)
	}
	a.do("POST", "/bridges/b1/addChannel?channel="+caller+",agent1", "")
}

// What whoever reads the recordings builds on. Time zero is the answer: ringing leaves nothing in the
// file. Left is the customer, right is what he hears; one moment is at the same place on both sides
// to within two packets. The file is complete when the customer has gone.
//
// Its clock runs while audio flows to or from the customer, in either direction. An application that
// answers must therefore play something at once (music, or ARI's silence) when nobody is connected
// yet: a customer whose phone sends nothing would otherwise leave a gap that is not in the file.
func TestRecordingKeepsTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait   bool   // answered, then two seconds without an agent
		play   string // ARI resource that is played meanwhile
		silent bool   // the customer's phone sends no audio until the agent comes
	}{
		"agent at once":                     {},
		"waiting, customer sends":           {wait: true},
		"waiting in silence, sends nothing": {wait: true, play: "silence", silent: true},
		"waiting with music, sends nothing": {wait: true, play: "moh", silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := boot(t, nil)
			a := connectApp(t, in)
			caller, agent := newPhone(t, in.Params().SIPPort), newPhone(t, in.Params().SIPPort)
			caller.play(440)
			agent.play(700)
			stood := standstill(t)
			caller.invite("4000")
			call := a.next()
			id := call.Channel.ID
			want := []string{"call", "4000", "trunk", caller.sip.LocalAddr().String()}
			if fmt.Sprint(call.Args) != fmt.Sprint(want) {
				t.Errorf("Stasis arguments %q, want %q", call.Args, want)
			}
			a.do("POST", "/channels/"+id+"/ring", "")
			caller.want(180)
			pass(time.Second) // of ringing: must not be in the file

			caller.silence(c.silent)
			a.do("POST", "/channels/"+id+"/answer", "")
			caller.want(200)
			answered := time.Now()
			if c.wait {
				if c.play != "" {
					a.do("POST", "/channels/"+id+"/"+c.play, "")
				}
				pass(2 * time.Second)
			}
			caller.silence(false)
			connected := time.Since(answered).Seconds()
			if c.play != "" { // a bridge does not end it, the customer would not hear the agent
				a.do("DELETE", "/channels/"+id+"/"+c.play, "")
			}
			a.connectAgent(id, agent)
			caller.hears(700)
			agent.hears(440)
			pass(time.Second)
			caller.bye()
			talk := time.Since(answered).Seconds()
			caller.want(200)

			lost := stood().Seconds() // on a machine that stood still nobody made audio
			left, right := readStereo(t, filepath.Join(in.Params().RecordingDir, id+".raw"), int64((talk-0.1-lost)*32000))
			length := float64(len(left)) / 8000
			t.Logf("answered for %.3f s, recorded %.3f s, the machine stood still for %.3f s", talk, length, lost)
			if math.Abs(length-talk) > 0.15+lost {
				t.Errorf("%.3f s recorded of %.3f s answered", length, talk)
			}
			l, r := left[len(left)-4000:], right[len(right)-4000:]
			if amplitude(l, 440) < 5000 || amplitude(r, 700) < 5000 || amplitude(l, 700) > 100 || amplitude(r, 440) > 100 {
				t.Errorf("left has %.0f of the customer and %.0f of the agent, right %.0f and %.0f",
					amplitude(l, 440), amplitude(l, 700), amplitude(r, 440), amplitude(r, 700))
			}
			if at := onset(right, 700); math.Abs(at-connected) > 0.3+lost {
				t.Errorf("the agent is first heard at %.3f s of the file, was connected %.3f s after the answer", at, connected)
			}
		})
	}
}

// A number outside that the application called with a recording: the same, and named by the leg.
func TestRecordingOfACallOutside(t *testing.T) {
	t.Parallel()
	customer := newPhone(t, 0)
	in := boot(t, func(p *Params) { p.Trunk = customer.sip.LocalAddr().String() })
	customer.peer.Port = in.Params().SIPPort
	customer.play(440)
	a := connectApp(t, in)
	a.do("POST", "/channels/o1~2", `{"endpoint":"PJSIP/+86139@trunk","context":"outside","extension":"s","priority":1,"callerId":"<4001>"}`)
	select {
	case <-customer.invited:
	case <-time.After(20 * time.Second):
		t.Fatal("the customer's phone does not ring")
	}
	if !strings.HasPrefix(customer.asked(), "INVITE sip:+86139@"+customer.sip.LocalAddr().String()) {
		t.Errorf("called by %.60q", customer.asked())
	}
	pass(500 * time.Millisecond) // of ringing: must not be in the file
	customer.reply("200 OK", true)
	if call := a.next(); call.Channel.ID != "o1~2" || fmt.Sprint(call.Args) != "[agent o1~2]" {
		t.Errorf("%+v, want the leg o1~2", call)
	}
	answered := time.Now()
	agent := newPhone(t, in.Params().SIPPort)
	agent.play(700)
	a.connectAgent("o1~2", agent)
	customer.hears(700)
	pass(time.Second)
	a.do("DELETE", "/channels/o1~2", "")
	talk := time.Since(answered).Seconds()
	left, right := readStereo(t, filepath.Join(in.Params().RecordingDir, "o1~2.raw"), int64(0.8*talk*32000))
	l, r := left[len(left)-4000:], right[len(right)-4000:]
	if amplitude(l, 440) < 5000 || amplitude(r, 700) < 5000 || amplitude(l, 700) > 100 || amplitude(r, 440) > 100 {
		t.Errorf("left has %.0f of the customer and %.0f of the agent, right %.0f and %.0f",
			amplitude(l, 440), amplitude(l, 700), amplitude(r, 440), amplitude(r, 700))
	}
	if length := float64(len(left)) / 8000; length > talk+0.3 {
		t.Errorf("%.3f s recorded of %.3f s answered: the ringing is in it", length, talk)
	}
}

// standstill measures for how long in all the machine let nobody work, until the
// function it returns is called.
func standstill(t *testing.T) func() time.Duration {
	end, total := make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		var sum time.Duration
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for last := time.Now(); ; {
			select {
			case <-end:
				total <- sum
				return
			case <-ticker.C:
				now := time.Now()
				if late := now.Sub(last) - 5*time.Millisecond; late > 20*time.Millisecond {
					sum += late
				}
				last = now
			}
		}
	}()
	done := sync.OnceValue(func() time.Duration { close(end); return <-total })
	t.Cleanup(func() { done() })
	return done
}

// pass lets real time go by: what is measured here is a length of time.
func pass(d time.Duration) { <-time.After(d) }

// onset is the second at which a tone begins.
func onset(samples []int16, hz float64) float64 {
	for from := 0; from+160 <= len(samples); from += 160 {
		if amplitude(samples[from:from+160], hz) > 3000 {
			return float64(from) / 8000
		}
	}
	return -1
}

// readStereo waits until the file has at least size bytes: it is closed some milliseconds after the BYE.
func readStereo(t *testing.T, file string, size int64) (left, right []int16) {
	t.Helper()
	ended := time.Now()
	for {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() >= size {
			break
		}
		if time.Since(ended) > 5*time.Second {
			t.Fatalf("%s has %d bytes five seconds after the call, want at least %d", file, info.Size(), size)
		}
		pass(time.Millisecond)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the file is complete %v after the BYE was answered", time.Since(ended).Round(time.Millisecond))
	for i := 0; i+4 <= len(raw); i += 4 {
		left = append(left, int16(binary.LittleEndian.Uint16(raw[i:])))
		right = append(right, int16(binary.LittleEndian.Uint16(raw[i+2:])))
	}
	return left, right
}
