package robot

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"
)

// conversation is a caller and an agent who hear each other.
func conversation(t *testing.T) (caller, agent *Phone, c, a *Call) {
	t.Helper()
	caller, agent = pair(t, Behaviour{})
	c = place(t, caller, agent)
	must(t, c.WaitAnswered(limit(t)))
	a = arrived(t, agent, 0)
	must(t, a.WaitAnswered(limit(t)))
	_, err := c.WaitTone(limit(t), agentTone)
	must(t, err)
	_, err = a.WaitTone(limit(t), callerTone)
	must(t, err)
	return caller, agent, c, a
}

func has(c *Call, line string) bool {
	for _, m := range c.Trace() {
		if m.Line == line {
			return true
		}
	}
	return false
}

func TestBothSidesHoldEachOther(t *testing.T) {
	_, _, c, a := conversation(t)
	must(t, a.Hold(limit(t)))
	until(t, "the caller to be held", func() bool { return c.OnHold() && c.Silent() && a.Silent() && !a.OnHold() })
	must(t, c.Hold(limit(t)))
	until(t, "both to be held", func() bool { return a.OnHold() && a.Holding() && c.OnHold() && c.Holding() })
	must(t, a.Resume(limit(t)))
	until(t, "the caller's hold to stay", func() bool { return !c.OnHold() && a.OnHold() && a.Silent() && c.Silent() })
	must(t, c.Resume(limit(t)))
	until(t, "both to talk", func() bool {
		return !a.OnHold() && !c.OnHold() && c.ToneLevel(agentTone, 100*time.Millisecond) > 6000 && a.ToneLevel(callerTone, 100*time.Millisecond) > 6000
	})
	if a.Audio().Lost != 0 || c.Audio().Lost != 0 {
		t.Errorf("a pause is no loss: %+v %+v", a.Audio(), c.Audio())
	}
	c.Hangup()
	wantEnding(t, a, Remote, 200)
	if err := c.Hold(limit(t)); err == nil {
		t.Error("an ended call was put on hold")
	}
}

// A re-INVITE that meets another is refused with 491 by the side whose own is out, and tried again.
func TestHoldIsTriedAgainAfterGlare(t *testing.T) {
	_, _, c, a := conversation(t)
	setInviting := func(on bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inviting = on
		c.wake()
	}
	setInviting(true)
	done := make(chan error, 1)
	ctx := limit(t)
	go func() { done <- a.Hold(ctx) }()
	until(t, "the 491", func() bool { return has(a, "491 INVITE") })
	setInviting(false)
	must(t, <-done)
	until(t, "the caller to be held", c.OnHold)
	setInviting(true)
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := a.Resume(short); err == nil {
		t.Error("Resume succeeded against 491s")
	}
	setInviting(false)
	must(t, a.Resume(limit(t)))
	until(t, "the caller to talk", func() bool { return !c.OnHold() })
}

func TestBothHoldAtOnce(t *testing.T) {
	_, _, c, a := conversation(t)
	ctx := limit(t)
	done := make(chan error, 2)
	for _, call := range []*Call{c, a} {
		go func() { done <- call.Hold(ctx) }()
	}
	must(t, <-done)
	must(t, <-done)
	until(t, "both to be held", func() bool { return a.OnHold() && c.OnHold() })
}

func TestBlindTransferPhoneToPhone(t *testing.T) {
	_, agent, c, a := conversation(t)
	target := newPhone(t, PhoneOptions{User: "2001", Sound: Tone(1000)})
	code, err := c.Refer(limit(t), target.URI())
	must(t, err)
	if code != 603 {
		t.Errorf("a phone that was not told what to do answered %d", code)
	}
	if _, err := c.WaitReferred(limit(t)); err == nil {
		t.Error("a declined transfer has an outcome")
	}

	asked := make(chan string, 1)
	agent.OnRefer(func(_ *Call, to string) int {
		asked <- to
		return 202
	})
	code, err = c.Refer(limit(t), target.URI())
	must(t, err)
	if to := <-asked; code != 202 || to != "<"+target.URI()+">" {
		t.Errorf("REFER to %s: %d", to, code)
	}
	onward, err := agent.Call(t.Context(), CallOptions{To: target.URI()})
	must(t, err)
	must(t, a.NotifyRefer(limit(t), 100))
	must(t, onward.WaitAnswered(limit(t)))
	if p := c.ReferProgress(); p.Done || p.Final() != 0 || len(p.Codes) != 1 || p.Codes[0] != 100 {
		t.Errorf("before the outcome: %+v", p)
	}
	must(t, a.NotifyRefer(limit(t), 200))
	code, err = c.WaitReferred(limit(t))
	must(t, err)
	if p := c.ReferProgress(); code != 200 || !p.Done || p.Response != 202 {
		t.Errorf("after it: %d %+v", code, p)
	}
	if _, err := c.Refer(limit(t), "nowhere"); err == nil {
		t.Error("a transfer to no address")
	}
}

func TestAttendedTransferNamesTheOtherDialog(t *testing.T) {
	caller, agent, c, _ := conversation(t)
	other := newPhone(t, PhoneOptions{User: "2001"})
	other.SetBehaviour(Behaviour{NeverAnswer: true})
	second := place(t, caller, other)
	if _, err := c.ReferTo(limit(t), second); err == nil {
		t.Error("a call that is not answered cannot be handed over")
	}
	must(t, arrived(t, other, 0).Answer())
	must(t, second.WaitAnswered(limit(t)))
	asked := make(chan string, 1)
	agent.OnRefer(func(_ *Call, to string) int {
		asked <- to
		return 202
	})
	code, err := c.ReferTo(limit(t), second)
	must(t, err)
	to := <-asked
	_, escaped, found := strings.Cut(strings.TrimSuffix(to, ">"), "?Replaces=")
	replaces, err := url.PathUnescape(escaped)
	must(t, err)
	theirs := arrived(t, other, 0)
	theirs.mu.Lock()
	want := theirs.id + ";to-tag=" + theirs.dialog.local.tag + ";from-tag=" + theirs.dialog.remote.tag
	theirs.mu.Unlock()
	if code != 202 || !found || strings.ContainsAny(escaped, ";=@") || replaces != want {
		t.Errorf("%d, Refer-To %s, want Replaces %s", code, to, want)
	}
}

func TestNotifiesOfAnEarlierTransferDoNotCount(t *testing.T) {
	_, agent, c, a := conversation(t)
	agent.OnRefer(func(*Call, string) int { return 202 })
	_, err := c.Refer(limit(t), "sip:1@127.0.0.1")
	must(t, err)
	a.mu.Lock()
	first := a.transfer.asked
	a.mu.Unlock()
	_, err = c.Refer(limit(t), "sip:2@127.0.0.1")
	must(t, err)
	a.mu.Lock()
	second := a.transfer.asked
	a.transfer.asked = first
	a.mu.Unlock()
	must(t, a.NotifyRefer(limit(t), 486))
	a.mu.Lock()
	a.transfer.asked = second
	a.mu.Unlock()
	must(t, a.NotifyRefer(limit(t), 404))
	if code, err := c.WaitReferred(limit(t)); err != nil || code != 404 {
		t.Errorf("outcome %d %v", code, err)
	}
}

func TestKeysByInfo(t *testing.T) {
	_, _, c, a := conversation(t)
	must(t, c.SendDTMFInfo(limit(t), "10*#d"))
	if got, err := a.WaitDigits(limit(t), 5); err != nil || got != "10*#D" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := c.SendDTMFInfo(limit(t), "x"); err == nil {
		t.Error("x is no key")
	}
	for body, want := range map[string]byte{"Signal= 5\r\nDuration=160\r\n": '5', "signal=a": 'A', "Signal=10": 0, "": 0, "Duration=5": 0} {
		if key, ok := infoKey([]byte(body)); key != want || ok != (want != 0) {
			t.Errorf("%q: %q %v", body, key, ok)
		}
	}
}

// The voice goes on between the keys, and the same key twice is two keys.
func TestKeysFastAfterEachOther(t *testing.T) {
	_, _, c, a := conversation(t)
	before := a.Audio().Packets
	for range 3 {
		must(t, c.SendDTMF("11"))
	}
	if got, err := a.WaitDigits(limit(t), 6); err != nil || got != "111111" {
		t.Errorf("got %q, %v", got, err)
	}
	if voice := a.Audio().Packets - before; voice < 20 { // five pauses of five packets
		t.Errorf("%d packets of voice while the keys were pressed", voice)
	}
}

func TestNumbersOutside(t *testing.T) {
	outside := newPhone(t, PhoneOptions{})
	outside.SetBehaviourFunc(ByNumber(map[string]Behaviour{"100": {Reject: 486}, "101": {NeverAnswer: true}}, Behaviour{}))
	caller := newPhone(t, PhoneOptions{})
	call := func(number string) *Call {
		c, err := caller.Call(t.Context(), CallOptions{To: "sip:" + number + "@" + outside.Addr().String()})
		must(t, err)
		return c
	}
	busy, ringing, one, two := call("100"), call("101"), call("102"), call("103")
	wantEnding(t, busy, Refused, 486)
	must(t, ringing.WaitRinging(limit(t)))
	must(t, one.WaitAnswered(limit(t)))
	must(t, two.WaitAnswered(limit(t)))
	if n := outside.Counters(); n.Live != 3 {
		t.Errorf("calls at a time: %+v", n)
	}
}

func TestTonesInAMix(t *testing.T) {
	mix := make([]int16, sampleRate)
	for _, freq := range []float64{440, 700, 1000} {
		for i, x := range sine(freq, ToneAmplitude, sampleRate, sampleRate) {
			mix[i] += x
		}
	}
	caller := newPhone(t, PhoneOptions{Sound: PCM(mix)})
	agent := newPhone(t, PhoneOptions{Sound: Tone(700)})
	c := place(t, caller, agent)
	a := arrived(t, agent, 0)
	must(t, a.WaitAnswered(limit(t)))
	must(t, a.WaitHears(limit(t), []float64{440, 700, 1000}, 350, 550, 850, 1150))
	must(t, c.WaitAnswered(limit(t)))
	must(t, c.WaitHears(limit(t), []float64{700}, 440, 1000))
	if got := c.Hears(440, 700, 1000); len(got) != 1 || got[0] != 700 {
		t.Errorf("one voice is %v", got)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := c.WaitHears(short, []float64{440}, 700); err == nil || !strings.Contains(err.Error(), "700 Hz") {
		t.Errorf("error: %v", err)
	}
}

func TestLongestGapSinceAMoment(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	h := hearing{ring: make([]int16, packetSamples)}
	for i, ms := range []int{0, 20, 320, 340, 440, 460, 510, 530} { // gaps of 300, 100 and 50 ms
		h.add(rtpPacket{seq: uint16(i)}, nil, at(ms))
	}
	for _, c := range []struct{ from, now, want int }{
		{0, 550, 300}, {20, 550, 300}, {200, 550, 120}, {250, 550, 100}, {320, 550, 100}, {400, 550, 50}, {440, 550, 50}, {510, 550, 20}, {540, 550, 10}, {400, 900, 370},
	} {
		if got := h.longestGap(at(c.from), at(c.now)); got != time.Duration(c.want)*time.Millisecond {
			t.Errorf("from %d to %d: %s, want %d ms", c.from, c.now, got, c.want)
		}
	}
	if len(h.gaps) > 4 {
		t.Errorf("%d gaps kept", len(h.gaps))
	}
}
