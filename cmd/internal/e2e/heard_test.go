package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// callTo has a new caller dial a number of the house.
func (d *desk) callTo(t *testing.T, number string) *visit {
	t.Helper()
	phone, from := d.customer(t)
	c, err := phone.Call(inTime(t), robot.CallOptions{To: "sip:" + number + "@" + d.box.SIP, From: from})
	must(t, err)
	return &visit{c, d, from}
}

// presses sends keys as a phone does (RFC 4733).
func (v *visit) presses(t *testing.T, keys string) {
	t.Helper()
	must(t, v.SendDTMF(keys))
}

// TestMenu: the caller hears the question, a key cuts it, a wrong one is told,
// another menu is behind a key, and an agent answers in the end.
func TestMenu(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s", quick)
	inner := d.menu(t, `prompt: {sound: house/second}, keys: {"12": `+string(d.queue)+`, "*": busy}, otherwise: busy`)
	outer := d.menu(t, `prompt: {sound: house/ask}, invalid: {sound: house/tell}, keys: {"1": {menu: m`+inner+`}}, otherwise: busy`)
	v := d.callTo(t, outer)
	hears(t, "the caller", v.Call, tones{askTone}, nil)
	v.presses(t, "7")
	hears(t, "the caller who pressed a wrong key", v.Call, tones{tellTone}, tones{askTone})
	hears(t, "the question again", v.Call, tones{askTone}, tones{tellTone})
	v.presses(t, "1")
	hears(t, "the second menu", v.Call, tones{secondTone}, tones{askTone})
	v.presses(t, "12")
	in := d.agents[0].next(t)
	talk(t, v, in, d.agents[0].tone)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseCaller)
	if c := r.Call; len(c.Path) != 2 || c.Path[0].Keys != "1" || c.Path[1].Keys != "12" || c.LineAnsweredBy != queue.AnsweredByMenu || c.QueuedAt.Sub(c.ArrivedAt) <= 0 {
		t.Errorf("on record: %+v, queued %s after it came", c.Path, c.QueuedAt.Sub(c.ArrivedAt))
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestMenuWithoutChoice: who presses nothing goes the other way; who hangs up
// in a menu has left no queue.
func TestMenuWithoutChoice(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s", quick)
	number := d.menu(t, `prompt: {sound: house/tell}, wait: 1s, tries: 1, keys: {"1": busy}, otherwise: `+string(d.queue))
	v := d.callTo(t, number)
	in := d.agents[0].next(t)
	talk(t, v, in, d.agents[0].tone)
	v.Hangup()
	over(t, v.Call, in)
	left := d.callTo(t, number)
	hears(t, "the caller", left.Call, tones{tellTone}, nil)
	left.Hangup()
	over(t, left.Call)
	ended(t, left.record(t), queue.OutcomeLeftMenu, queue.ReleaseCaller)
}

// TestAnnouncementInsteadOfWaiting: a queue that is closed says so and hangs up.
func TestAnnouncementInsteadOfWaiting(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "hours: never, overflow: {closed: {to: {announcement: {sound: house/tell}}}}", quick)
	v := d.call(t)
	hears(t, "the caller", v.Call, tones{tellTone}, nil)
	over(t, v.Call)
	ended(t, v.record(t), queue.OutcomeAnnounced, queue.ReleaseSystem)
	v.clean(t)
}

// TestOverflowOutside: a call that may wait no longer goes to a number outside,
// and its conversation is recorded; a busy one is told so.
func TestOverflowOutside(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	number, busy := f.outside.number(""), f.outside.number("486")
	d := f.prepare(t, "overflow: {no_agents: {to: {number: '"+number+"'}}}", quick)
	v := d.call(t)
	far := f.outside.rung(t, number)
	talk(t, v, far, outsideTone)
	until(t, "a second of talk", func() bool { return far.Audio().Packets > 60 })
	v.Hangup()
	over(t, v.Call, far)
	r := v.record(t)
	ended(t, r, queue.OutcomeForwarded, queue.ReleaseCaller)
	d.kept(t, r.Call.ID)
	v.clean(t)
	e := f.prepare(t, "overflow: {no_agents: {to: {number: '"+busy+"'}}}", quick)
	w := e.call(t)
	over(t, w.Call)
	ended(t, w.record(t), queue.OutcomeForwarded, queue.ReleaseSystem)
}

// TestVoicemail: the invitation, the tone, a message, and the key that ends it:
// it is kept, and a case is open until somebody closes it.
func TestVoicemail(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "overflow: {no_agents: {to: {voicemail: {sound: house/tell}}}}", quick)
	v := d.call(t)
	hears(t, "the invitation", v.Call, tones{tellTone}, nil)
	c := v.is(t, queue.CallVoicemail)
	until(t, "the message to begin", func() bool { now, ok := v.live(); return ok && !now.MessageAt.IsZero() })
	until(t, "three seconds of message", func() bool {
		now, ok := v.live()
		return ok && time.Since(now.MessageAt) > 3*time.Second
	})
	v.presses(t, "#")
	over(t, v.Call)
	r := v.record(t)
	ended(t, r, queue.OutcomeVoicemail, queue.ReleaseSystem)
	if r.Call.Message < 2*time.Second {
		t.Errorf("the message is %s long", r.Call.Message)
	}
	d.kept(t, c.ID)
	open := func(s *queue.Snapshot) bool {
		for _, x := range s.Cases {
			if x.ID == c.ID {
				return true
			}
		}
		return false
	}
	d.seen(t, "the case to be open", open)
	req := t.Name()
	_, err := d.box.Node.Ask(inTime(t), queue.CloseCase{Case: c.ID, Note: "called back", Asked: queue.Asked{By: "test", Req: req}}, req)
	must(t, err)
	d.seen(t, "the case to be closed", func(s *queue.Snapshot) bool { return !open(s) })
	v.clean(t)
}

// TestAnnouncedWait: who waits is told their place between the music; an agent
// who comes in the middle of it is connected at once, and nothing of it is heard
// any more. "Press 1" lets the caller go and keeps the place.
func TestAnnouncedWait(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0s, ring: {country: jp, budget: 1}, greeting: none, announce: {first: 100ms, every: 5s, offer: {key: '1', prompt: {sound: house/ask}}}, callback: {goodbye: {sound: house/tell}}", quick)
	a := d.agents[0]
	v := d.call(t)
	hears(t, "the announcement", v.Call, tones{askTone}, nil)
	d.set(t, a.id, queue.Ready)
	in := a.next(t)
	talk(t, v, in, a.tone)
	hears(t, "the caller with the agent", v.Call, tones{a.tone}, tones{askTone})
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "free", isFree)
	d.set(t, a.id, queue.NotReady)

	w := d.call(t)
	hears(t, "the offer", w.Call, tones{askTone}, nil)
	w.presses(t, "1")
	hears(t, "the goodbye", w.Call, tones{tellTone}, tones{askTone})
	over(t, w.Call)
	d.set(t, a.id, queue.Ready)
	in = a.next(t)
	far := d.outside.rung(t, w.caller)
	hears(t, "the customer", far, tones{a.tone}, nil)
	far.Hangup()
	over(t, far, in)
	if c := w.record(t).Call; c.Outcome != queue.OutcomeCalledBack || c.Callback == nil || c.Callback.By != "caller" {
		t.Errorf("on record: %s, %+v", c.Outcome, c.Callback)
	}
}

// TestSurvey: the agent hangs up, the caller is asked and presses a key; a low
// mark calls the supervisor (R8.2). Who hung up first is not asked.
func TestSurvey(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s, survey: {question: {sound: house/ask}, thanks: {sound: house/tell}, again: {sound: house/second}}", quick)
	a := d.agents[0]
	for _, c := range []struct {
		keys  []string
		state queue.SurveyState
		score int
	}{{[]string{"5"}, queue.SurveyScored, 5}, {[]string{"9", "2"}, queue.SurveyScored, 2}, {[]string{"*"}, queue.SurveyRefused, 0}} {
		v := d.call(t)
		in := a.next(t)
		talk(t, v, in, a.tone)
		in.Hangup()
		hears(t, "the question", v.Call, tones{askTone}, nil)
		d.agentIs(t, a.id, "free during the survey", isFree)
		for i, key := range c.keys {
			if i > 0 {
				hears(t, "the question again", v.Call, tones{askTone}, tones{secondTone})
			}
			v.presses(t, key)
			if i < len(c.keys)-1 {
				hears(t, "that it was no mark", v.Call, tones{secondTone}, nil)
			}
		}
		over(t, v.Call)
		r := v.record(t)
		ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
		if r.Call.Survey != c.state || r.Call.Score != c.score || r.Call.Agent != a.id {
			t.Errorf("keys %v: %s, mark %d, agent %s", c.keys, r.Call.Survey, r.Call.Score, r.Call.Agent)
		}
		if low := count(r, "AlertRaised") > 0; low != (c.score == 2) {
			t.Errorf("mark %d: alert %t", c.score, low)
		}
		d.kept(t, r.Call.ID)
	}
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	v.Hangup()
	over(t, v.Call, in)
	if c := v.record(t).Call; c.Survey != queue.SurveyNone {
		t.Errorf("the caller hung up first and was asked: %s", c.Survey)
	}
}

// TestQueueByHand: a queue that a supervisor closes goes the way for closed
// queues, and is as before when it is opened again.
func TestQueueByHand(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s", quick)
	d.byHand(t, "closed")
	v := d.call(t)
	over(t, v.Call)
	ended(t, v.record(t), queue.OutcomeOverflowed, queue.ReleaseSystem)
	d.byHand(t, "hours")
	w := d.call(t)
	in := d.agents[0].next(t)
	talk(t, w, in, d.agents[0].tone)
	w.Hangup()
	over(t, w.Call, in)
}
