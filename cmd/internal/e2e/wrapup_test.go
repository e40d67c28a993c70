package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func isWrappingUp(g queue.Agent) bool { return g.State == queue.WrapUp && g.Phone == queue.PhoneIdle }

// TestWrapUpRequired: after the call nobody is ready before it is registered: by
// the keys of the phone, over the interface, or with a gap on record.
func TestWrapUpRequired(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: {kind: required, max: 10m}", quick)
	a := d.agents[0]
	next := d.call(t)
	must(t, next.WaitRinging(inTime(t)))
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "asked what it was about", func(g queue.Agent) bool { return isWrappingUp(g) && g.Unregistered })
	if c, there := next.live(); !there || c.State != queue.CallWaiting || c.Offers != 0 {
		t.Errorf("who waits while the agent has to register: %+v", c)
	}
	d.dials(t, a.phone, "*142", impatient)
	in = a.next(t)
	talk(t, next, in, a.tone)
	if c := v.record(t).Call; c.Category != "order" || c.RegisteredBy != a.id {
		t.Errorf("on record: %q by %s", c.Category, c.RegisteredBy)
	}
	next.Hangup()
	over(t, next.Call, in)
	d.agentIs(t, a.id, "asked again", func(g queue.Agent) bool { return isWrappingUp(g) && g.Unregistered })
	second := next.record(t).Call
	web(t, "POST", d.box.URL+"/api/v1/calls/"+string(second.ID)+"/registration", supervisor,
		`{"category":"repair","note":"滴水","agent":"`+string(a.id)+`"}`, http.StatusOK, nil)
	d.agentIs(t, a.id, "free", isFree)
	if c := d.onRecord(t, second.ID); c.Category != "repair" || c.Note != "滴水" {
		t.Errorf("on record: %q, %q", c.Category, c.Note)
	}
	next.clean(t)
}

// TestWrapUpRequiredMissed: the time is over and nothing is registered: the
// agent is free, and it is on record.
func TestWrapUpRequiredMissed(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: {kind: required, max: 1s}", quick)
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, d.agents[0].id, "free, with a gap on record", func(g queue.Agent) bool { return isFree(g) && g.Today.RegistrationMissed == 1 })
	v.clean(t)
}

// TestWrapUpExtended: the keys of the phone give half a minute more, again up to
// the limit; then there is no more.
func TestWrapUpExtended(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: {time: 1m, max: 100s}", quick)
	a := d.agents[0]
	v.Hangup()
	over(t, v.Call, in)
	var end time.Time
	d.agentIs(t, a.id, "wrapping up", func(g queue.Agent) bool { end = g.WrapUpAt; return isWrappingUp(g) })
	for _, more := range []time.Duration{30 * time.Second, 40 * time.Second, 40 * time.Second} { // the third is refused
		d.dials(t, a.phone, "*15", impatient)
		d.agentIs(t, a.id, "wrapping up for "+more.String()+" more", func(g queue.Agent) bool {
			return isWrappingUp(g) && g.WrapUpAt.Equal(end.Add(more))
		})
	}
	d.ready(t, a) // done sooner
	v.clean(t)
}

// TestWrapUpOptional: no time after a call, unless the agent asks for it while
// the call is on.
func TestWrapUpOptional(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: {kind: optional, time: 5m}", quick)
	a := d.agents[0]
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "free at once", isFree)
	w := d.call(t)
	in = a.next(t)
	talk(t, w, in, a.tone)
	web(t, "POST", d.box.URL+"/api/v1/agents/"+string(a.id)+"/state", supervisor, `{"state":"wrap_up"}`, http.StatusOK, nil)
	talk(t, w, in, a.tone)
	w.Hangup()
	over(t, w.Call, in)
	d.agentIs(t, a.id, "wrapping up", isWrappingUp)
	d.ready(t, a)
	w.clean(t)
}

// TestNotReadyAfterThisCall: asked for in a conversation, it does not touch it
// and is taken up after the wrap-up; no other call comes in between.
func TestNotReadyAfterThisCall(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 1s", quick)
	a := d.agents[0]
	web(t, "POST", d.box.URL+"/api/v1/agents/"+string(a.id)+"/state", supervisor, `{"state":"not_ready","reason":"meal"}`, http.StatusOK, nil)
	d.agentIs(t, a.id, "in the call", func(g queue.Agent) bool {
		return g.State == queue.OnCall && g.Pending != nil && g.Pending.State == queue.NotReady
	})
	talk(t, v, in, a.tone)
	next := d.call(t)
	must(t, next.WaitRinging(inTime(t)))
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "not ready", notReadyFor("meal"))
	if c, there := next.live(); !there || c.State != queue.CallWaiting || c.Offers != 0 {
		t.Errorf("who waits meanwhile: %+v", c)
	}
	d.set(t, a.id, queue.Ready)
	d.takes(t, next, a)
	v.clean(t)
}

// TestWrapUpEndedSooner: an agent who is done gets the next call at once.
func TestWrapUpEndedSooner(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 10m", quick)
	a := d.agents[0]
	next := d.call(t)
	must(t, next.WaitRinging(inTime(t)))
	v.Hangup()
	over(t, v.Call, in)
	d.agentIs(t, a.id, "wrapping up", isWrappingUp)
	if c, there := next.live(); !there || c.State != queue.CallWaiting || c.Offers != 0 {
		t.Errorf("who waits while the agent wraps up: %+v", c)
	}
	web(t, "POST", d.box.URL+"/api/v1/agents/"+string(a.id)+"/state", supervisor, `{"state":"ready"}`, http.StatusOK, nil)
	d.takes(t, next, a)
	v.clean(t)
}
