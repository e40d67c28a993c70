package dashboard

import (
	"testing"

	"github.com/threerings/threerings/queue"
)

// answer is a status and the code of its problem.
type answer struct {
	status int
	code   code
}

func problems(t *testing.T, c *centre, target, role string, cases map[string]answer) {
	t.Helper()
	for body, want := range cases {
		if got := c.get(t, target, role, body, want.status); got["code"] != string(want.code) {
			t.Errorf("%s %s: %v, want %s", target, body, got, want.code)
		}
	}
}

// TestConversation does what an agent's page does in a call, and what must be
// refused with a sentence.
func TestConversation(t *testing.T) {
	c := newCentre(t)
	at := c.core.Snapshot().At
	for _, in := range []queue.Input{
		queue.SetAgent{Agent: "1001", State: queue.Ready},
		queue.CallArrived{Leg: "t1", Number: "4000", Caller: "13800000001", Endpoint: "trunk"},
		queue.LegRinging{Leg: "t1~1"}, queue.LegAnswered{Leg: "t1~1"}, queue.LegBridged{Leg: "t1"}, queue.LegBridged{Leg: "t1~1"},
	} {
		c.core.step(at, in)
	}
	const target = "POST /api/v1/agents/1001/conversation"
	if got := c.get(t, target, "agent", `{"do":"hold"}`, 200); got["id"] != "1001" {
		t.Errorf("hold answered %v", got)
	}
	if now := c.core.Snapshot().Calls; len(now) != 1 || now[0].HeldAt.IsZero() {
		t.Errorf("the call is not on hold: %+v", now)
	}
	c.get(t, target, "supervisor", `{"do":"retrieve"}`, 200)
	c.get(t, target, "agent", `{"do":"mute_recording","reason":"card"}`, 200)
	if now := c.core.Snapshot().Calls; len(now) != 1 || now[0].RecordingMute == nil || now[0].RecordingMute.Reason != "card" {
		t.Errorf("the recording is not muted: %+v", now)
	}
	c.get(t, target, "supervisor", `{"do":"unmute_recording"}`, 200)
	problems(t, c, target, "agent", map[string]answer{
		`{"do":"unmute_recording"}`:                            {409, codeNotNow},
		`{"do":"hold","reason":"card data"}`:                   {400, codeBadBody},
		`{"do":"retrieve"}`:                                    {409, codeNotNow},
		`{"do":"sing"}`:                                        {400, codeBadBody},
		`{"do":"transfer"}`:                                    {400, codeBadBody},
		`{"do":"transfer","to":{"agent":"1002","number":"1"}}`: {400, codeBadBody},
		`{"do":"hold","to":{"agent":"1002"}}`:                  {400, codeBadBody},
		`{"do":"transfer","to":{"agent":"77"}}`:                {409, codeUnknownTarget},
		`{"do":"transfer","to":{"agent":"1002"}}`:              {409, codeNotAvailable},
		`{"do":"transfer","to":{"number":"x"}}`:                {409, codeUnknownTarget},
	})
	problems(t, c, "POST /api/v1/agents/1002/conversation", "agent", map[string]answer{`{"do":"hold"}`: {403, codeForbidden}})
	problems(t, c, "POST /api/v1/agents/1002/conversation", "supervisor", map[string]answer{`{"do":"hold"}`: {409, codeNoCall}})
	problems(t, c, "POST /api/v1/agents/77/conversation", "supervisor", map[string]answer{`{"do":"hold"}`: {404, codeUnknownAgent}})
	problems(t, c, "POST /api/v1/calls/t1/callback", "agent", map[string]answer{`{}`: {409, codeNotNow}})
	problems(t, c, "POST /api/v1/agents/1001/calls", "agent", map[string]answer{
		`{"number":"13900000001"}`:                   {409, codeNotNow},
		`{"number":"13900000001","queue":"nowhere"}`: {409, codeUnknownQueue},
		`{"number":"139x"}`:                          {400, codeBadNumber},
	})
	c.core.step(at, queue.LegEnded{Leg: "t1", Cause: queue.CauseNormal})
	c.core.step(at, queue.LegEnded{Leg: "t1~1", Cause: queue.CauseNormal})
	c.get(t, "POST /api/v1/agents/1001/state", "agent", `{"state":"ready"}`, 200)
	if got := c.get(t, "POST /api/v1/agents/1001/calls", "agent", `{"number":"13900000001"}`, 200); got["call"] == "" {
		t.Errorf("a placed call has no id: %v", got)
	}
}
