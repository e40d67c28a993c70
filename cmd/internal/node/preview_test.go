package node

import (
	"strings"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestDryRunTellsOfTheCalls: a dry run says what would become of a caller who
// waits, and whether it would be refused; nothing changes.
func TestDryRunTellsOfTheCalls(t *testing.T) {
	h := newHome(t)
	if done, err := h.Apply(h.ctx(), "centre.yaml", []byte(centreWith("A")), "test", true); err != nil || done.Preview != nil || !strings.Contains(done.Warning, "does not lead") {
		t.Errorf("a node that does not lead: %+v, %v", done, err)
	}
	h.lead(queue.New(), deaf())
	h.apply(centreWith("A"))
	h.loop.Send(queue.Reconciled{})
	req := "arrived"
	h.loop.Send(queue.CallArrived{Leg: "c1", Number: "1"})
	if _, err := h.loop.Ask(h.ctx(), queue.SetAgent{Agent: "nobody", State: queue.Ready, Req: req}, req); err != nil { // answered after the call came
		t.Fatal(err)
	}
	dry := func(text string) *queue.Preview {
		t.Helper()
		done, err := h.Apply(h.ctx(), "centre.yaml", []byte(text), "test", true)
		if err != nil || done.Preview == nil || len(done.Changes) == 0 {
			t.Fatalf("%+v, %v", done, err)
		}
		return done.Preview
	}
	p := dry("queues: {a: {numbers: [\"1\"], overflow: {no_agents: {to: busy}}}}\n")
	if len(p.Facts) != 1 || p.Facts[0].Call != "c1" || p.Facts[0].Text != "would go out, with a busy answer, at once: no_agents" {
		t.Errorf("got %+v", p)
	}
	p = dry("queues: {b: {numbers: [\"1\"]}}\n")
	if !strings.Contains(p.Refused, "queue a has calls") || len(p.Facts) != 2 {
		t.Errorf("got %+v", p)
	}
	if s := h.loop.Snapshot(); len(s.Calls) != 1 || s.Config.Queues[0].ID != "a" {
		t.Errorf("a dry run changed the present: %+v", s)
	}
}
