package dashboard

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// TestCases: a message is a case until somebody has seen to it.
func TestCases(t *testing.T) {
	c := newCentre(t)
	at := c.core.Snapshot().At
	cfg := testCentre()
	cfg.Queues[0].Overflows = []queue.Overflow{{Cause: queue.OverflowNoAgents, Out: queue.Target{Voicemail: "speak"}}}
	for _, in := range []queue.Input{queue.Configure{Config: cfg}, queue.CallArrived{Leg: "v1", Number: "4000", Caller: "13800000001", Endpoint: "trunk"},
		queue.PlaybackFinished{Leg: "v1"}} {
		c.core.step(at, in)
	}
	c.core.step(at.Add(5*time.Second), queue.LegEnded{Leg: "v1", Cause: queue.CauseNormal})
	got := c.get(t, "GET /api/v1/cases", "supervisor", "", 200)
	if list, ok := got["cases"].([]any); !ok || len(list) != 1 {
		t.Fatalf("open cases: %v", got)
	}
	if w := c.do("POST /api/v1/cases/v1/close", "supervisor", `{"note":"called back"}`); w.Code != http.StatusNoContent {
		t.Fatalf("closing answered %d %s", w.Code, w.Body)
	}
	problems(t, c, "POST /api/v1/cases/v1/close", "supervisor", map[string]answer{`{}`: {404, codeUnknownCase}})
	if got = c.get(t, "GET /api/v1/cases", "supervisor", "", 200); len(got["cases"].([]any)) != 0 {
		t.Errorf("still open: %v", got)
	}
}

// TestCasesOfAnAgent: an agent sees what waits in their queues, calls who left a
// message without being shown the number (R14.1), and closes it; what waits
// elsewhere is not there.
func TestCasesOfAnAgent(t *testing.T) {
	c := newCentre(t)
	at := c.core.Snapshot().At
	cfg := testCentre()
	for i := range cfg.Queues {
		cfg.Queues[i].Overflows = []queue.Overflow{{Cause: queue.OverflowNoAgents, Out: queue.Target{Voicemail: "speak"}}}
	}
	c.core.step(at, queue.Configure{Config: cfg})
	for _, x := range []struct {
		leg    queue.LegID
		number string
	}{{"v1", "4000"}, {"v2", "4001"}} { // 1001 is in support alone
		c.core.step(at, queue.CallArrived{Leg: x.leg, Number: x.number, Caller: "13800000001", Endpoint: "trunk"})
		c.core.step(at, queue.PlaybackFinished{Leg: x.leg})
		at = at.Add(5 * time.Second)
		c.core.step(at, queue.LegEnded{Leg: x.leg, Cause: queue.CauseNormal})
	}
	list := c.get(t, "GET /api/v1/agents/1001/desk", "agent", "", 200)["cases"].([]any)
	if len(list) != 1 {
		t.Fatalf("on the desk: %v", list)
	}
	expect(t, list[0], map[string]any{"id": "v1", "caller": "138****0001", "queue": "support"})
	problems(t, c, "POST /api/v1/agents/1001/calls", "agent", map[string]answer{
		`{"case":"v2"}`: {404, codeUnknownCase}, `{"case":"v1","number":"10086"}`: {400, codeBadBody}})
	problems(t, c, "POST /api/v1/cases/v2/close", "agent", map[string]answer{`{}`: {404, codeUnknownCase}})

	c.core.step(at, queue.SetAgent{Agent: "1001", State: queue.NotReady})
	placed := c.get(t, "POST /api/v1/agents/1001/calls", "agent", `{"case":"v1"}`, 200)
	i := slices.IndexFunc(c.core.Snapshot().Calls, func(x queue.Call) bool { return string(x.ID) == placed["call"] })
	if i < 0 || c.core.Snapshot().Calls[i].Number != "13800000001" {
		t.Fatalf("placed %v", placed)
	}
	if w := c.do("POST /api/v1/cases/v1/close", "agent", `{}`); w.Code != http.StatusNoContent {
		t.Fatalf("closing answered %d %s", w.Code, w.Body)
	}
}

// TestCallbacksOnTheDesk: who asked to be called back waits on the desks of the
// queue, numbers hidden from agents.
func TestCallbacksOnTheDesk(t *testing.T) {
	c := newCentre(t)
	at := c.core.Snapshot().At
	for _, in := range []queue.Input{queue.SetAgent{Agent: "1002", State: queue.NotReady}, queue.CallArrived{Leg: "b1", Number: "4000", Caller: "13800000001", Endpoint: "trunk"},
		queue.CallBack{Call: "b1"}, queue.LegEnded{Leg: "b1", Cause: queue.CauseNormal}} {
		c.core.step(at, in)
	}
	for role, caller := range map[string]string{"agent": "138****0001", "supervisor": "13800000001"} {
		list := c.get(t, "GET /api/v1/agents/1001/desk", role, "", 200)["callbacks"].([]any)
		if len(list) != 1 {
			t.Fatalf("%s sees %v", role, list)
		}
		expect(t, list[0], map[string]any{"id": "b1", "queue": "support", "caller": caller, "attempts": 0.0})
	}
}
