package robot

import (
	"context"
	"testing"
	"time"
)

func TestAnsweredCallCarriesBothVoices(t *testing.T) {
	caller, agent := pair(t, Behaviour{Answer: 60 * time.Millisecond})
	c := place(t, caller, agent)
	must(t, c.WaitRinging(limit(t)))
	must(t, c.WaitAnswered(limit(t)))
	a := arrived(t, agent, 0)

	answered := a.Times().Answered
	for _, leg := range []struct {
		name string
		call *Call
		tone float64
	}{{"caller", c, agentTone}, {"agent", a, callerTone}} {
		heard, err := leg.call.WaitTone(limit(t), leg.tone)
		must(t, err)
		if d := heard.Sub(answered); d < 0 || d > 500*time.Millisecond {
			t.Errorf("%s heard the other %v after the 200", leg.name, d)
		}
	}
	until(t, "both voices at full level", func() bool {
		return c.ToneLevel(agentTone, 200*time.Millisecond) > 6500 && a.ToneLevel(callerTone, 200*time.Millisecond) > 6500
	})
	if own := c.ToneLevel(callerTone, 200*time.Millisecond); own > 200 {
		t.Errorf("caller hears itself: %.0f", own)
	}
	if c.Silent() || a.Silent() {
		t.Error("a call with two voices is called silent")
	}
	if a.From() != "13800000001" || a.To() != "1001" {
		t.Errorf("agent sees a call from %q to %q", a.From(), a.To())
	}

	times := c.Times()
	// By the agent's own clock: the 180 may have been on its way to the caller for longer than the 200.
	if rung := a.Times().Answered.Sub(a.Times().Ringing); rung < 60*time.Millisecond {
		t.Errorf("rang %v, the agent waits 60 ms", rung)
	}
	for _, step := range []struct {
		name          string
		first, second time.Time
	}{
		{"INVITE sent, received", times.Invited, a.Times().Invited},
		{"180 sent, received", a.Times().Ringing, times.Ringing},
		{"200 sent, received", a.Times().Answered, times.Answered},
		{"ACK sent, received", times.Acked, a.Times().Acked},
	} {
		if step.first.IsZero() || step.second.Before(step.first) {
			t.Errorf("%s: %v then %v", step.name, step.first, step.second)
		}
	}

	c.Hangup()
	wantEnding(t, c, Local, 200)
	wantEnding(t, a, Remote, 200)
	if d := a.Times().Ended.Sub(c.Times().Ended); d < 0 || d > 5*time.Second {
		t.Errorf("the BYE took %v", d)
	}
	if audio := c.Audio(); audio.Lost != 0 || audio.Packets < 5 || audio.First.IsZero() {
		t.Errorf("caller's audio: %+v", audio)
	}
}

func TestAgentHangsUpFirst(t *testing.T) {
	caller, agent := pair(t, Behaviour{Talk: 50 * time.Millisecond})
	c := place(t, caller, agent)
	wantEnding(t, c, Remote, 200)
	a := arrived(t, agent, 0)
	wantEnding(t, a, Local, 200)
	if talk := a.Times().Bye.Sub(a.Times().Answered); talk < 50*time.Millisecond {
		t.Errorf("agent hung up after %v, not 50 ms", talk)
	}
}

func TestCallerCancelsWhileRinging(t *testing.T) {
	caller, agent := pair(t, Behaviour{NeverAnswer: true})
	c := place(t, caller, agent)
	must(t, c.WaitRinging(limit(t)))
	c.Hangup()
	wantEnding(t, c, Cancelled, 487)
	a := arrived(t, agent, 0)
	wantEnding(t, a, Cancelled, 487)
	if a.Times().Cancelled.Before(c.Times().Cancelled) || c.Times().Cancelled.IsZero() {
		t.Errorf("CANCEL sent %v, received %v", c.Times().Cancelled, a.Times().Cancelled)
	}
	if err := c.WaitAnswered(limit(t)); err == nil {
		t.Error("a cancelled call counts as answered")
	}
	if n := agent.Counters(); n.Missed != 1 || n.Live != 0 {
		t.Errorf("agent's counters: %+v", n)
	}
}

func TestRefusals(t *testing.T) {
	for _, code := range []int{480, 486, 603} {
		caller, agent := pair(t, Behaviour{Reject: code, Answer: 10 * time.Millisecond})
		c := place(t, caller, agent)
		wantEnding(t, c, Refused, code)
		wantEnding(t, arrived(t, agent, 0), Refused, code)
		if c.Times().Ringing.IsZero() {
			t.Errorf("%d: it did not ring before the refusal", code)
		}
	}
}

func TestNoRingAnswersWithoutRinging(t *testing.T) {
	caller, agent := pair(t, Behaviour{NoRing: true})
	c := place(t, caller, agent)
	must(t, c.WaitAnswered(limit(t)))
	if err := c.WaitRinging(limit(t)); err == nil {
		t.Error("it rang")
	}
	if n := c.RingsHeard(time.Second, 4*time.Second); n != 0 {
		t.Errorf("%d rings heard without a 180", n)
	}
}

func TestSilentPhoneNeverAnswersSIP(t *testing.T) {
	caller, agent := pair(t, Behaviour{Silent: true})
	c := place(t, caller, agent)
	a := arrived(t, agent, 0)
	until(t, "the INVITE to be repeated", func() bool { return len(a.Trace()) >= 2 })
	if len(c.Trace()) < 2 || !c.Times().Trying.IsZero() || agent.Counters().Invites != 1 {
		t.Errorf("a silent phone: caller's trace %v, agent's counters %+v", c.Trace(), agent.Counters())
	}
	// Back in the network, the next repetition is answered as a first one.
	agent.SetBehaviour(Behaviour{})
	must(t, c.WaitAnswered(limit(t)))
}

func TestExplicitControl(t *testing.T) {
	caller, agent := pair(t, Behaviour{NoRing: true, NeverAnswer: true})
	calls := make(chan *Call, 1)
	agent.OnCall(func(c *Call) { calls <- c })
	c := place(t, caller, agent)
	a := <-calls
	must(t, a.Ring())
	must(t, c.WaitRinging(limit(t)))
	must(t, a.Answer())
	must(t, c.WaitAnswered(limit(t)))
	if err := a.Reject(486); err == nil {
		t.Error("an answered call can be rejected")
	}
	if err := c.Answer(); err == nil {
		t.Error("an outgoing call can be answered")
	}
	a.Hangup()
	wantEnding(t, c, Remote, 200)

	place(t, caller, agent)
	a = <-calls
	must(t, a.Reject(480))
	wantEnding(t, a, Refused, 480)
}

func TestSecondCallIsCountedAndRefused(t *testing.T) {
	caller, agent := pair(t, Behaviour{Lines: 1})
	first := place(t, caller, agent)
	must(t, first.WaitAnswered(limit(t)))
	second := place(t, caller, agent)
	wantEnding(t, second, Refused, 486)
	if n := agent.Counters(); n.Invites != 2 || n.InvitesWhileBusy != 1 || n.PeakLive != 2 {
		t.Errorf("agent's counters: %+v", n)
	}
	first.Hangup()
	wantEnding(t, first, Local, 200)
	third := place(t, caller, agent)
	must(t, third.WaitAnswered(limit(t)))
	if n := agent.Counters(); n.InvitesWhileBusy != 1 {
		t.Errorf("a call after the end of the first counts as double: %+v", n)
	}
}

// A CANCEL and a 200 that cross must end in one of two ways, both sides of one mind, and never in a call that one
// of them thinks is up.
func TestCancelRacesAnswer(t *testing.T) {
	caller, agent := pair(t, Behaviour{})
	crossed := 0
	for round := range 120 {
		delay := time.Duration(round%12) * 100 * time.Microsecond
		agent.SetBehaviour(Behaviour{Answer: time.Millisecond})
		c := place(t, caller, agent)
		must(t, c.WaitRinging(limit(t)))
		timer := time.NewTimer(delay + 200*time.Microsecond)
		<-timer.C
		c.Hangup()
		must(t, c.WaitEnded(limit(t)))
		a := arrived(t, agent, round)
		must(t, a.WaitEnded(limit(t)))
		code, _ := c.Status()
		switch {
		case c.Ending() == Cancelled && code == 487 && a.Ending() == Cancelled:
		case c.Ending() == Cancelled && code == 200 && a.Ending() == Remote:
			crossed++
		case c.Ending() == Local && a.Ending() == Remote:
		default:
			t.Fatalf("round %d: caller %s %d, agent %s; %v; %v", round, c.Ending(), code, a.Ending(), c.Trace(), a.Trace())
		}
	}
	t.Logf("%d of 120 crossed", crossed)
	if n := agent.Counters(); n.Live != 0 || caller.Counters().Live != 0 {
		t.Errorf("calls left over: %+v", n)
	}
}

func TestDTMF(t *testing.T) {
	caller, agent := pair(t, Behaviour{})
	c := place(t, caller, agent)
	if err := c.SendDTMF("12x"); err == nil {
		t.Error("x is no key")
	}
	must(t, c.WaitAnswered(limit(t)))
	must(t, c.SendDTMF("*110#"))
	a := arrived(t, agent, 0)
	got, err := a.WaitDigits(limit(t), 5)
	must(t, err)
	if got != "*110#" {
		t.Errorf("agent got %q", got)
	}
}

func TestThirtyCallsAtOnce(t *testing.T) {
	const calls = 30
	pacer := new(Pacer)
	caller := newPhone(t, PhoneOptions{Pacer: pacer})
	agent := newPhone(t, PhoneOptions{Pacer: pacer, Codecs: []Codec{PCMA, PCMU}})
	agent.OnCall(func(c *Call) { c.Play(Tone(2000)) })
	// Each call has a frequency of its own, 50 Hz apart: exactly one bin of a 20 ms packet.
	legs := make([]*Call, calls)
	for i := range legs {
		c, err := caller.Call(t.Context(), CallOptions{To: agent.URI(), Sound: Tone(300 + 50*i)})
		must(t, err)
		legs[i] = c
	}
	for i, c := range legs {
		must(t, c.WaitAnswered(limit(t)))
		a := agent.find(c.ID())
		_, err := a.WaitTone(limit(t), float64(300+50*i))
		must(t, err)
		until(t, "each call to carry its own tone and no other", func() bool {
			return a.ToneLevel(float64(300+50*i), 200*time.Millisecond) > 6300 &&
				a.ToneLevel(float64(350+50*i), 200*time.Millisecond) < 500 &&
				c.ToneLevel(2000, 200*time.Millisecond) > 6300
		})
	}
	for _, c := range legs {
		c.Hangup()
	}
	for _, c := range legs {
		wantEnding(t, c, Local, 200)
	}
}

func TestHoldByReinvite(t *testing.T) {
	caller, agent := pair(t, Behaviour{})
	c := place(t, caller, agent)
	must(t, c.WaitAnswered(limit(t)))
	a := arrived(t, agent, 0)
	_, err := c.WaitTone(limit(t), agentTone)
	must(t, err)
	must(t, a.WaitAnswered(limit(t))) // its ACK may come after the first voice

	must(t, c.Hold(limit(t)))
	until(t, "silence on hold, both ways", func() bool { return c.Silent() && a.Silent() && a.OnHold() && c.Holding() && !c.OnHold() })
	must(t, c.Resume(limit(t)))
	until(t, "the voice after hold", func() bool { return c.ToneLevel(agentTone, 100*time.Millisecond) > 6000 && !a.OnHold() })
	c.Hangup()
	wantEnding(t, a, Remote, 200)
}

func TestDialListensUntilTheOtherSideHangsUp(t *testing.T) {
	caller, agent := pair(t, Behaviour{Talk: 80 * time.Millisecond})
	c, err := caller.Dial(limit(t), agent.URI(), 10*time.Second)
	must(t, err)
	if c.Ending() != Remote {
		t.Errorf("ended %s", c.Ending())
	}
	agent.SetBehaviour(Behaviour{})
	c, err = caller.Dial(limit(t), agent.URI(), 30*time.Millisecond)
	must(t, err)
	if c.Ending() != Local {
		t.Errorf("ended %s", c.Ending())
	}
	agent.SetBehaviour(Behaviour{Reject: 486})
	if _, err = caller.Dial(limit(t), agent.URI(), time.Second); err == nil {
		t.Error("a refused Dial succeeded")
	}
}

func TestOptionsAndBadCalls(t *testing.T) {
	caller, agent := pair(t, Behaviour{})
	d := dialog{callID: "options@here", local: party{uri: sipURI("a", caller.addr), tag: "1"}, remote: party{uri: sipURI("b", agent.addr)}, target: sipURI("b", agent.addr)}
	for method, want := range map[string]int{"OPTIONS": 200, "BYE": 481, "MESSAGE": 405} {
		res, err := caller.client.Do(limit(t), d.request("OPTIONS", caller.contact()))
		if method != "OPTIONS" {
			req := d.request("BYE", caller.contact())
			if method == "MESSAGE" {
				req = d.request("MESSAGE", caller.contact())
			}
			res, err = caller.client.Do(limit(t), req)
		}
		must(t, err)
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", method, res.StatusCode, want)
		}
	}
	if _, err := caller.Call(t.Context(), CallOptions{To: "not an address"}); err == nil {
		t.Error("a call to no address")
	}
	if _, err := NewPhone(PhoneOptions{Addr: "0.0.0.0:0"}); err == nil {
		t.Error("a phone on all addresses would put 0.0.0.0 into its messages")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := caller.Call(ctx, CallOptions{To: agent.URI()}); err == nil {
		t.Error("a call with a dead context")
	}
}
