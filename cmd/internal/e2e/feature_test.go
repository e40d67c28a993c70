package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// spoken: what was heard is loud enough and no tone: no single frequency makes
// up most of it.
func spoken(t *testing.T, code string, c *robot.Call) {
	t.Helper()
	heard := c.Heard(1500 * time.Millisecond)
	if e := energy(heard); e < audible {
		t.Errorf("%s: nothing was said (%.0f)", code, e)
		return
	}
	power := 0.0
	for _, s := range heard {
		power += float64(s) * float64(s)
	}
	power /= float64(len(heard))
	for hz := 200.0; hz < 2000; hz++ {
		if a := robot.MeasureTone(heard, 8000, hz); a*a/2 > power*0.7 {
			t.Errorf("%s: a tone of %.0f Hz was heard", code, hz)
			return
		}
	}
}

// impatient is how long people listen who know the sentence.
const impatient = 2 * time.Second

// dials has a phone dial a feature code and listens to the confirmation: to
// its end, when Asterisk hangs up, or for so long.
func (f *floor) dials(t *testing.T, p *robot.Phone, code string, listen time.Duration) {
	t.Helper()
	c, err := p.Dial(inTime(t), "sip:"+code+"@"+f.box.SIP, listen)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	if listen == limit && c.Ending() != robot.Remote {
		t.Errorf("%s: after the confirmation the call ended %s", code, c.Ending())
	}
	spoken(t, code, c)
}

// signsOn makes a softphone and registers it by digest.
func (f *floor) signsOn(t *testing.T, account string, tone int, b robot.Behaviour) *agent {
	t.Helper()
	a := &agent{id: queue.AgentID(account), tone: float64(tone), in: make(chan *robot.Call, 16)}
	a.phone = newPhone(t, robot.PhoneOptions{User: account, Password: password, Sound: robot.Tone(tone), Behaviour: b})
	a.phone.OnCall(func(c *robot.Call) { a.in <- c })
	must(t, a.phone.Register(inTime(t), "sip:"+f.box.SIP, 0))
	f.agentIs(t, a.id, "reachable", func(g queue.Agent) bool { return g.Phone == queue.PhoneIdle })
	return a
}

// codes walks an agent through all states by the keys of the phone.
func (d *desk) codes(t *testing.T, a *agent) {
	t.Helper()
	for _, c := range []struct {
		code string
		want string
		is   func(queue.Agent) bool
	}{
		{"*11", "ready", isFree},
		{"*121", "not ready: break", notReadyFor("break")},
		{"*122", "not ready: meal", notReadyFor("meal")},
		{"*12", "not ready without a reason", notReadyFor("")},
		{"*129", "not ready still: there is no reason 9", notReadyFor("")},
		{"*13", "signed out", inState(queue.LoggedOut)},
		{"*11", "ready again", isFree},
	} {
		listen := impatient
		if c.code == "*13" {
			listen = limit
		}
		d.dials(t, a.phone, c.code, listen)
		d.agentIs(t, a.id, c.want, c.is)
	}
	// What is dialled in a call holds after it.
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	d.dials(t, a.phone, "*121", impatient)
	d.agentIs(t, a.id, "on the call, a break to follow", func(g queue.Agent) bool {
		return g.State == queue.OnCall && g.Pending != nil && g.Pending.Reason == "break"
	})
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "on the break", notReadyFor("break"))
	d.dials(t, a.phone, "*143", impatient) // what it was about (R3.1)
	d.agentIs(t, a.id, "on the break, the call registered", func(g queue.Agent) bool { return g.Today.Registered == 1 })
	v.clean(t)
}

// TestFeatureCodes from a registered account, from a phone at a fixed address,
// and from a phone that is no agent's.
func TestFeatureCodes(t *testing.T) {
	t.Parallel()
	t.Run("account", func(t *testing.T) {
		t.Parallel()
		d := theFloor(t).prepare(t, "wrap_up: 0")
		d.account(t, "1001")
		d.codes(t, d.signsOn(t, "1001", 700, robot.Behaviour{}))
	})
	t.Run("fixed address", func(t *testing.T) {
		t.Parallel()
		d := theFloor(t).prepare(t, "wrap_up: 0", robot.Behaviour{})
		d.codes(t, d.agents[0])
	})
	t.Run("unknown phone", func(t *testing.T) {
		t.Parallel()
		f := theFloor(t)
		before := f.box.Node.Snapshot().Agents
		stranger := newPhone(t, robot.PhoneOptions{User: "2001"}) // an agent's number, from another phone
		f.dials(t, stranger, "*13", limit)
		for i, g := range f.box.Node.Snapshot().Agents {
			if i < len(before) && g.ID == "2001" && before[i].State != queue.LoggedOut && g.State == queue.LoggedOut {
				t.Error("a strange phone signed agent 2001 out")
			}
		}
	})
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		f := theFloor(t)
		d := f.prepare(t, "wrap_up: 0")
		d.account(t, "1008")
		thief := newPhone(t, robot.PhoneOptions{User: "1008", Password: "guessed-it"})
		if err := thief.Register(inTime(t), "sip:"+f.box.SIP, 0); err == nil {
			t.Error("a wrong password was taken")
		}
		if _, err := thief.Dial(inTime(t), "sip:*11@"+f.box.SIP, time.Second); err == nil {
			t.Error("an account was used without its password")
		}
		f.agentIs(t, "1008", "signed out", inState(queue.LoggedOut))
	})
}

// TestPhoneInUseElsewhere: agents who talk with each other are not offered
// calls; those wait, and come when the phones are down again.
func TestPhoneInUseElsewhere(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0")
	d.account(t, "1002")
	d.account(t, "1003")
	one := d.signsOn(t, "1002", 700, robot.Behaviour{})
	two := d.signsOn(t, "1003", 900, robot.Behaviour{})
	chat, err := one.phone.Call(inTime(t), robot.CallOptions{To: "sip:1003@" + d.box.SIP})
	must(t, err)
	must(t, chat.WaitAnswered(inTime(t)))
	if _, err := chat.WaitTone(inTime(t), two.tone); err != nil {
		t.Fatal(err)
	}
	colleague := two.next(t)
	for _, a := range []*agent{one, two} {
		d.set(t, a.id, queue.Ready)
		d.agentIs(t, a.id, "ready, the phone in use", func(g queue.Agent) bool { return g.State == queue.Ready && g.Phone == queue.PhoneInUse })
	}
	v := d.call(t)
	must(t, v.WaitRinging(inTime(t)))
	if c := v.is(t, queue.CallWaiting); c.Offers != 0 {
		t.Errorf("offered %d times", c.Offers)
	}
	packets := v.Times().Ringing
	until(t, "a second to pass in which nobody is called", func() bool { return time.Since(packets) > time.Second })
	if c, there := v.live(); !there || c.State != queue.CallWaiting || c.Offers != 0 {
		t.Errorf("while both phones are in use: %+v", c)
	}
	chat.Hangup()
	over(t, chat, colleague)
	var in *robot.Call
	var tone float64
	select {
	case in = <-one.in:
		tone = one.tone
	case in = <-two.in:
		tone = two.tone
	case <-inTime(t).Done():
		t.Fatal("the waiting call did not come")
	}
	talk(t, v, in, tone)
	v.Hangup()
	over(t, v.Call, in)
	if r := v.record(t); len(r.Offers) != 1 {
		t.Errorf("offers: %+v", r.Offers)
	}
	v.clean(t)
}

// TestSignedOff: a phone that has signed off from Asterisk is not called; one
// that signs on again is.
func TestSignedOff(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0")
	d.account(t, "1004")
	a := d.signsOn(t, "1004", 700, robot.Behaviour{})
	d.ready(t, a)
	must(t, a.phone.Unregister(inTime(t)))
	d.agentIs(t, a.id, "ready without a phone", func(g queue.Agent) bool { return g.State == queue.Ready && g.Phone == queue.PhoneOffline })
	v := d.call(t)
	if c := v.is(t, queue.CallWaiting); c.Offers != 0 {
		t.Errorf("offered %d times", c.Offers)
	}
	must(t, a.phone.Register(inTime(t), "sip:"+d.box.SIP, 0))
	r := d.takes(t, v, a)
	offered(t, r, offer{a.id, queue.OfferTaken, ""})
	v.clean(t)
}
