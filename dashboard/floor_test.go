package dashboard

import (
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// withPlans gives the house emergency plans and a queue whose calls must be
// registered.
func withPlans(c *centre) {
	cfg := *c.core.Snapshot().Config
	cfg.Queues = append([]queue.QueueConfig(nil), cfg.Queues...)
	cfg.Queues[0].WrapUpKind = queue.WrapUpRequired
	cfg.Plans = []queue.Plan{
		{ID: "flood", Name: "停水", NameEN: "No water", Level: 2, Alert: []string{"1001"}, Queues: map[queue.QueueID]queue.PlanChange{cfg.Queues[0].ID: {Closed: true}}},
		{ID: "fire", Name: "火灾", Level: 3},
	}
	c.core.step(c.core.Snapshot().At, queue.Configure{Config: cfg})
}

// TestRegistration registers calls as a page does; where it is required the
// agent is ready only then (R3.1).
func TestRegistration(t *testing.T) {
	c := newCentre(t)
	withPlans(c)
	c.conversation("c1", "1001")
	c.core.step(c.core.Snapshot().At, queue.LegEnded{Leg: "c1~1", Cause: queue.CauseNormal})
	if got := c.get(t, "GET /api/v1/agents/1001", "agent", "", 200); got["state"] != "wrap_up" || got["unregistered"] != true || got["last_call"] != "c1" {
		t.Fatalf("after the call: %v", got)
	}
	problems(t, c, "POST /api/v1/agents/1001/state", "agent", map[string]answer{
		`{"state":"ready"}`:   {409, codeNotRegistered},
		`{"state":"wrap_up"}`: {409, codeNoCall},
	})
	problems(t, c, "POST /api/v1/agents/1001/wrap-up", "agent", map[string]answer{
		`{"for_ms":30000}`:   {409, codeWrapUpMax},
		`{"for_ms":-1}`:      {400, codeBadBody},
		`{"for_ms":9999999}`: {400, codeBadBody},
	})
	problems(t, c, "POST /api/v1/agents/1002/wrap-up", "agent", map[string]answer{`{}`: {403, codeForbidden}})
	problems(t, c, "POST /api/v1/agents/1002/wrap-up", "supervisor", map[string]answer{`{}`: {409, codeNotWrapUp}})
	const target = "POST /api/v1/calls/c1/registration"
	problems(t, c, target, "agent", map[string]answer{
		`{"category":"tea"}`:                     {409, codeUnknownCat},
		`{}`:                                     {409, codeUnknownCat},
		`{"category":"repair","agent":"1002"}`:   {403, codeForbidden},
		`{"category":"repair","colour":"green"}`: {400, codeBadBody},
	})
	problems(t, c, target, "supervisor", map[string]answer{`{"category":"repair","agent":"77"}`: {404, codeUnknownAgent}})
	problems(t, c, "POST /api/v1/calls/c77/registration", "agent", map[string]answer{`{"category":"repair"}`: {404, codeUnknownCall}})
	got := c.get(t, target, "agent", `{"category":"repair","note":"水泵"}`, 200)
	if got["registered_by"] != "1001" || got["category"] != "repair" || got["note"] != "水泵" {
		t.Errorf("on record: %v", got)
	}
	got = c.get(t, "GET /api/v1/agents/1001", "agent", "", 200)
	if today := got["today"].(map[string]any); got["state"] != "ready" || today["registered"] != 1.0 {
		t.Errorf("registered, and the agent is %v", got)
	}
	list := c.get(t, "GET /api/v1/categories", "agent", "", 200)["categories"].([]any)
	if len(list) != 7 || list[2].(map[string]any)["name"] != "报修" {
		t.Errorf("categories: %v", list)
	}
}

// TestEmergencyFromThePage declares and ends a plan, and sees it on the wall
// (R12).
func TestEmergencyFromThePage(t *testing.T) {
	c := newCentre(t)
	withPlans(c)
	const target = "POST /api/v1/emergency"
	problems(t, c, target, "supervisor", map[string]answer{
		`{"plan":"war"}`: {409, codeUnknownPlan},
		`{"plan":"flood","until":"2020-01-01T00:00:00Z"}`: {400, codeBadTime},
	})
	problems(t, c, "DELETE /api/v1/emergency", "supervisor", map[string]answer{"": {409, codeNoEmergency}})
	until := c.core.Snapshot().At.Add(48 * time.Hour).UTC().Format(time.RFC3339)
	now := c.get(t, target, "supervisor", `{"plan":"flood","drill":true,"until":"`+until+`"}`, 200)["now"].(map[string]any)
	if now["name"] != "停水" || now["drill"] != true || now["level"] != 2.0 || now["until"] == nil {
		t.Errorf("in force: %v", now)
	}
	problems(t, c, target, "supervisor", map[string]answer{`{"plan":"flood","drill":true}`: {409, codeEmergency}})
	file := c.get(t, "GET /api/v1/emergency", "agent", "", 200)
	if plans := file["plans"].([]any); len(plans) != 2 || plans[1].(map[string]any)["name_en"] != "火灾" {
		t.Errorf("plans: %v", plans)
	}
	snap := c.core.Snapshot()
	f := wallboard(snap, Centre{}, time.Time{}, time.Time{}, 1)
	if f.Emergency == nil || len(f.Alerts) != 1 || f.Alerts[0].ReasonName != "停水" || !f.Queues[0].Closed {
		t.Errorf("the wall shows %+v, %+v", f.Emergency, f.Alerts)
	}
	c.do("POST /api/v1/alerts/"+string(f.Alerts[0].ID)+"/ack", "supervisor", "")
	problems(t, c, "POST /api/v1/alerts/"+string(f.Alerts[0].ID)+"/ack", "supervisor", map[string]answer{"": {404, codeUnknownAlert}})
	if n := len(c.core.Snapshot().Alerts); n != 0 {
		t.Errorf("%d alerts after it was seen to", n)
	}
	over := c.get(t, "DELETE /api/v1/emergency", "supervisor", "", 200)
	if over["plan"] != "flood" || over["drill"] != true || over["toll"].(map[string]any)["offered"] != 0.0 {
		t.Errorf("report: %v", over)
	}
}

// TestQueueByHand closes a queue and opens it again.
func TestQueueByHand(t *testing.T) {
	c := newCentre(t)
	const target = "POST /api/v1/queues/support/state"
	if got := c.get(t, target, "supervisor", `{"state":"closed"}`, 200); got["closed"] != true || got["by_hand"] != "closed" {
		t.Errorf("closed: %v", got)
	}
	if got := c.get(t, target, "supervisor", `{"state":"hours"}`, 200); got["closed"] != false || got["by_hand"] != "" {
		t.Errorf("by its hours: %v", got)
	}
	problems(t, c, target, "supervisor", map[string]answer{`{"state":"ajar"}`: {409, codeUnknownState}})
	problems(t, c, "POST /api/v1/queues/nowhere/state", "supervisor", map[string]answer{`{"state":"open"}`: {409, codeUnknownQueue}})
	problems(t, c, target, "agent", map[string]answer{`{"state":"open"}`: {403, codeForbidden}})
}

// TestEmbeddedFieldsAreTheEventsOwn: an event's asker is shown as its JSON has
// it, not under an empty name.
func TestEmbeddedFieldsAreTheEventsOwn(t *testing.T) {
	got := wireEvent(queue.CallRegistered{Call: "c1", Note: "secret", Asked: queue.Asked{By: "user li"}}, true)
	if got["by"] != "user li" || got["note"] != "" {
		t.Errorf("shown as %v", got)
	}
	if dialled := wireEvent(queue.CustomerDialled{Number: "13800000001"}, true); dialled["number"] != "138****0001" {
		t.Errorf("a customer's number is shown: %v", dialled)
	}
	if _, ok := got[""]; ok {
		t.Errorf("a field without a name: %v", got)
	}
}
