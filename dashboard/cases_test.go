package dashboard

import (
	"net/http"
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
