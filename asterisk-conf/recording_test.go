package asteriskconf

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
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
	a.do("POST", "/channels/"+caller+"/answer", "")
	a.do("POST", "/bridges/b1/addChannel?channel="+caller+",agent1", "")
}

// Facts for whoever reads the recordings: where its time begins, what is left and what is right, when it
// is complete.
func TestRecordingIsTheTalk(t *testing.T) {
	in := boot(t, nil)
	a := connectApp(t, in)
	caller, agent := newPhone(t, in.Params().SIPPort), newPhone(t, in.Params().SIPPort)
	caller.play(440)
	agent.play(700)
	caller.invite("4000")
	call := a.next()
	want := []string{"call", "4000", "trunk", caller.sip.LocalAddr().String()}
	if fmt.Sprint(call.Args) != fmt.Sprint(want) {
		t.Errorf("Stasis arguments %q, want %q", call.Args, want)
	}
	a.do("POST", "/channels/"+call.Channel.ID+"/ring", "")
	caller.want(180)
	ring, _ := time.ParseDuration(os.Getenv("TR_RING"))
	<-time.After(ring)
	file := filepath.Join(in.Params().RecordingDir, call.Channel.ID+".raw")
	before, _ := os.Stat(file)
	t.Logf("before the answer: %v", before)
	if before != nil {
		t.Logf("size %d = %.3f s", before.Size(), float64(before.Size())/32000)
	}
	a.connectAgent(call.Channel.ID, agent)
	caller.want(200)
	answered := time.Now()
	caller.hears(700)
	agent.hears(440)
	<-time.After(2 * time.Second)
	// both fall silent at one moment, then speak again at one moment
	caller.play(0)
	agent.play(0)
	<-time.After(500 * time.Millisecond)
	caller.play(440)
	agent.play(700)
	<-time.After(500 * time.Millisecond)
	caller.bye()
	ended := time.Now()
	caller.want(200)
	talk := ended.Sub(answered)
	var size int64 = -1
	var grew time.Time
	for time.Since(ended) < 500*time.Millisecond {
		if s, err := os.Stat(file); err == nil && s.Size() != size {
			size, grew = s.Size(), time.Now()
		}
		<-time.After(time.Millisecond)
	}
	t.Logf("answered %.3f s; file %.3f s; last grew %v after BYE; first RTP to caller %v after 200", talk.Seconds(), float64(size)/32000, grew.Sub(ended), caller.firstAt.Sub(answered))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	left, right := channels(raw)
	for from := 0; from+800 <= len(left); from += 800 {
		l, r := left[from:from+800], right[from:from+800]
		t.Logf("%5.1f s  L 440: %5.0f 700: %5.0f   R 440: %5.0f 700: %5.0f", float64(from)/8000, amplitude(l, 440), amplitude(l, 700), amplitude(r, 440), amplitude(r, 700))
	}
	for name, s := range map[string][]int16{"L": left, "R": right} {
		last := 0
		for i, v := range s {
			if v > 1000 || v < -1000 {
				if i-last > 2000 {
					t.Logf("%s: silent from %.4f to %.4f", name, float64(last)/8000, float64(i)/8000)
				}
				last = i
			}
		}
	}
	_ = context.Background
}

func channels(raw []byte) (left, right []int16) {
	for i := 0; i+4 <= len(raw); i += 4 {
		left = append(left, int16(binary.LittleEndian.Uint16(raw[i:])))
		right = append(right, int16(binary.LittleEndian.Uint16(raw[i+2:])))
	}
	return left, right
}
