package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// deskSeen is what an agent's page shows of a call.
type deskSeen struct {
	Agent struct {
		State        queue.AgentState `json:"state"`
		LastCall     queue.CallID     `json:"last_call"`
		Unregistered bool             `json:"unregistered"`
	} `json:"agent"`
	Call *struct {
		ID     queue.CallID    `json:"id"`
		Caller string          `json:"caller"`
		State  queue.CallState `json:"state"`
	} `json:"call"`
	Talk *struct {
		HeldSince *time.Time `json:"held_since"`
		Ring      *struct {
			Limit int `json:"limit"`
		} `json:"ring"`
	} `json:"talk"`
}

// TestDeskOfAnAgent is a call as its agent works in it over their own page:
// ready, it rings, it is held and taken back, hung up, registered; all as the
// agent and nobody else.
func TestDeskOfAnAgent(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	d := f.prepare(t, "wrap_up: {kind: required, max: 10m}", robot.Behaviour{Answer: 3 * time.Second}, quick)
	a := d.agents[0]
	me := f.user(t, a)
	api := f.box.URL + "/api/v1"
	mine := api + "/agents/" + string(a.id)
	look := func() (s deskSeen) {
		t.Helper()
		web(t, "GET", mine+"/desk", me, "", http.StatusOK, &s)
		return s
	}

	web(t, "POST", mine+"/state", me, `{"state":"ready"}`, http.StatusOK, nil)
	web(t, "POST", api+"/agents/"+string(d.agents[1].id)+"/state", me, `{"state":"ready"}`, http.StatusForbidden, nil)
	f.agentIs(t, a.id, "ready", isFree)
	v := d.call(t)
	var seen deskSeen
	until(t, "the call to ring on the desk", func() bool {
		seen = look()
		return seen.Talk != nil && seen.Talk.Ring != nil
	})
	if seen.Call.Caller != v.caller || seen.Agent.State != queue.Reserved || seen.Talk.Ring.Limit != 3 {
		t.Errorf("ringing: %+v, call %+v", seen.Agent, seen.Call)
	}
	in := a.next(t)
	talk(t, v, in, a.tone)

	web(t, "POST", mine+"/conversation", me, `{"do":"hold"}`, http.StatusOK, nil)
	hears(t, "the caller on hold", v.Call, nil, tones{a.tone})
	if seen = look(); seen.Talk == nil || seen.Talk.HeldSince == nil {
		t.Errorf("on hold: %+v", seen.Talk)
	}
	web(t, "POST", mine+"/conversation", me, `{"do":"hold"}`, http.StatusConflict, nil)
	web(t, "POST", mine+"/conversation", me, `{"do":"retrieve"}`, http.StatusOK, nil)
	talk(t, v, in, a.tone)

	web(t, "POST", mine+"/conversation", me, `{"do":"hang_up"}`, http.StatusOK, nil)
	over(t, v.Call, in)
	until(t, "the wrap-up on the desk", func() bool { seen = look(); return seen.Agent.State == queue.WrapUp && seen.Call == nil })
	if !seen.Agent.Unregistered || seen.Agent.LastCall == "" {
		t.Errorf("after the call: %+v", seen.Agent)
	}
	web(t, "POST", mine+"/state", me, `{"state":"ready"}`, http.StatusConflict, nil) // registration first (R3.1)
	web(t, "POST", api+"/calls/"+string(seen.Agent.LastCall)+"/registration", me, `{"category":"repair","note":"滴水"}`, http.StatusOK, nil)
	f.agentIs(t, a.id, "free", isFree)
	if c := d.onRecord(t, seen.Agent.LastCall); c.Category != "repair" || c.RegisteredBy != a.id || c.Release != queue.ReleaseAgent {
		t.Errorf("on record: %q by %s, %s hung up", c.Category, c.RegisteredBy, c.Release)
	}
	v.clean(t)
}
