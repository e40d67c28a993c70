package dashboard

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// talking brings an agent and a caller together.
func (c *centre) talking(at time.Time, agent queue.AgentID, leg queue.LegID) {
	offer := leg + "~1"
	for _, in := range []queue.Input{
		queue.SetAgent{Agent: agent, State: queue.Ready},
		queue.CallArrived{Leg: leg, Number: "4000", Caller: "13800000001", Name: "张三", Endpoint: "trunk"},
		queue.LegRinging{Leg: offer}, queue.LegAnswered{Leg: offer}, queue.LegBridged{Leg: leg}, queue.LegBridged{Leg: offer},
	} {
		c.core.step(at, in)
	}
}

// dig reads a field of a JSON answer by its path.
func dig(v any, path string) any {
	for _, name := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func expect(t *testing.T, got any, want map[string]any) {
	t.Helper()
	for path, w := range want {
		if g := dig(got, path); !reflect.DeepEqual(g, w) {
			t.Errorf("%s is %v, want %v", path, g, w)
		}
	}
}

// TestDesk follows a call from the ring over a consultation to the wrap-up, on
// the desks of both agents, in the words of the wallboard's frame too.
func TestDesk(t *testing.T) {
	c := newCentre(t)
	start := c.core.Snapshot().At
	const mine, other = "GET /api/v1/agents/1001/desk", "GET /api/v1/agents/1002/desk"
	expect(t, c.get(t, mine, "agent", "", 200), map[string]any{"call": nil, "talk": nil, "agent.state": "logged_out"})

	c.core.step(start, queue.SetAgent{Agent: "1001", State: queue.Ready})
	c.core.step(start, queue.CallArrived{Leg: "d1", Number: "4000", Caller: "13800000001"})
	c.core.step(start, queue.LegRinging{Leg: "d1~1"})
	expect(t, c.get(t, mine, "agent", "", 200), map[string]any{"call.caller": "13800000001", "call.state": "offered", "talk.ring.limit": 3.0, "talk.since": nil})

	for _, in := range []queue.Input{queue.LegAnswered{Leg: "d1~1"}, queue.LegBridged{Leg: "d1"}, queue.LegBridged{Leg: "d1~1"},
		queue.SetAgent{Agent: "1002", State: queue.Ready},
		queue.Act{Agent: "1001", Deed: queue.DeedConsult, Target: queue.Target{Agent: "1002"}}, queue.LegRinging{Leg: "d1~2"}} {
		c.core.step(start, in)
	}
	held := start.UTC().Format(stampLayout)
	expect(t, c.get(t, mine, "supervisor", "", 200), map[string]any{"call.state": "talking", "call.consult": "dialing", "talk.held_since": held,
		"talk.consult.agent": "1002", "talk.consult.state": "dialing", "talk.ring": nil, "talk.kind": "", "talk.survey": false})
	expect(t, c.get(t, other, "supervisor", "", 200), map[string]any{"call.id": "d1", "talk.kind": "consult", "talk.ring.limit": 3.0, "agent.state": "reserved"})
	board := c.get(t, "GET /api/v1/wallboard", "agent", "", 200)
	expect(t, board["agents"].([]any)[0], map[string]any{"caller": "138****0001", "talk.state": "talking", "talk.consult": "dialing", "talk.held_since": held, "talk.muted": false})

	if got := c.get(t, other, "agent", "", 403); got["code"] != "forbidden" {
		t.Errorf("an agent sees another's desk: %v", got)
	}
	c.get(t, "GET /api/v1/agents/77/desk", "supervisor", "", 404)

	c.core.step(start, queue.LegEnded{Leg: "d1", Cause: queue.CauseNormal})
	expect(t, c.get(t, mine, "agent", "", 200), map[string]any{"agent.state": "wrap_up", "call": nil, "talk": nil, "agent.last_call": "d1"})
}

// TestPartsOfACall: who handed a call on had a part of it, and who may not see
// the caller does not see where the caller went either (R14.1).
func TestPartsOfACall(t *testing.T) {
	c := newCentre(t)
	start := c.core.Snapshot().At
	c.talking(start, "1002", "p1")
	in := func(after time.Duration, in queue.Input) { c.core.step(start.Add(after), in) }
	in(10*time.Second, queue.Act{Agent: "1002", Deed: queue.DeedHold})
	in(14*time.Second, queue.Act{Agent: "1002", Deed: queue.DeedRetrieve})
	in(20*time.Second, queue.Act{Agent: "1002", Deed: queue.DeedTransfer, Target: queue.Target{Number: "13955550002"}})
	got := c.get(t, "GET /api/v1/calls/p1", "supervisor", "", 200)
	parts := got["parts"].([]any)
	if len(parts) != 1 {
		t.Fatalf("parts: %v", parts)
	}
	expect(t, parts[0], map[string]any{"n": 1.0, "agent": "1002", "talk_ms": 16000.0, "hold_ms": 4000.0, "end": "transferred", "kind": ""})
	expect(t, got, map[string]any{"call.transfers": 1.0, "call.outside": "13955550002", "call.state": "outside"})
	if text := fmt.Sprint(got); !strings.Contains(text, "13955550002") || !strings.Contains(text, "13800000001") {
		t.Errorf("hidden from who may see it: %s", text)
	}
	if text := fmt.Sprint(c.get(t, "GET /api/v1/calls/p1", "agent", "", 200)); strings.Contains(text, "13955550002") || strings.Contains(text, "13800000001") {
		t.Errorf("shown to an agent who never had the call: %s", text)
	}
	today := dig(c.get(t, "GET /api/v1/queues", "agent", "", 200)["queues"].([]any)[0], "today")
	expect(t, today, map[string]any{"transferred": 1.0})
}

// TestEveryNumberIsMasked: whatever event has a number hides it from agents, but
// the house's own that were dialled (R14.1).
func TestEveryNumberIsMasked(t *testing.T) {
	const number = "13800000001"
	for _, typ := range queue.EventTypes() {
		v := reflect.New(typ).Elem()
		if fill(v, number) == 0 || slices.Contains([]string{"Configured"}, typ.Name()) {
			continue
		}
		e, ok := v.Interface().(queue.Event)
		if !ok {
			t.Fatalf("%s is no event", typ.Name())
		}
		if shown := strings.Contains(fmt.Sprint(wireEvent(e, true)), number); shown != dialled(e) {
			t.Errorf("%s: an agent sees %v", typ.Name(), wireEvent(e, true))
		}
	}
}

// fill puts a number in every field that is one, and tells how many there are.
func fill(v reflect.Value, number string) (n int) {
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		switch f := v.Field(i); {
		case name == "number" && f.Kind() == reflect.String:
			f.SetString(number)
			n++
		case f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[time.Time]():
			n += fill(f, number)
		}
	}
	return n
}
