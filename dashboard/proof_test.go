package dashboard

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// memoryProofs is what was found in one recording, of call c1.
type memoryProofs struct{}

func (memoryProofs) Marks(_ context.Context, call queue.CallID) (recording.Timeline, error) {
	if call != "c1" {
		return recording.Timeline{}, ErrNotFound
	}
	return recording.Timeline{Length: 30 * time.Second, Parts: []recording.AgentPart{{Agent: "1001", N: 1, From: 6 * time.Second, To: 30 * time.Second, End: "completed"}},
		Stretches: []recording.Stretch{{To: 6 * time.Second, Kind: recording.Waiting}, {From: 6 * time.Second, To: 30 * time.Second, Kind: recording.Talking, Agent: "1001"}},
		Marks:     []recording.Moment{{At: 6 * time.Second, Kind: "CallConnected", Agent: "1001"}, {At: 20 * time.Second, Kind: "ConsultBegan", Agent: "1001", Number: "13800000001"}}}, nil
}

func (memoryProofs) Speech(_ context.Context, call queue.CallID) ([]recording.Speech, error) {
	if call != "c1" {
		return nil, nil
	}
	return []recording.Speech{{Length: 24 * time.Second, AgentTalk: 10 * time.Second, AgentDBFS: -20, CallerDBFS: recording.NotHeard},
		{Agent: "1001", Length: 24 * time.Second, FirstWord: -1, AgentDBFS: recording.NotHeard, CallerDBFS: recording.NotHeard}}, nil
}

func (memoryProofs) Peaks(_ context.Context, call queue.CallID) (recording.Peaks, error) {
	if call != "c1" {
		return recording.Peaks{}, ErrNotFound
	}
	return recording.Peaks{Rate: 50, Left: []byte{0, 7, 255}, Right: []byte{1, 2, 3}}, nil
}

func (memoryProofs) Gaps(_ context.Context, f GapFilter) ([]FoundGap, error) {
	found := []FoundGap{
		{Call: "c1", N: 1, FoundAt: noon, Gap: recording.Gap{Side: recording.Left, At: 7 * time.Second, Length: time.Second, Reason: recording.GapSilence, Detail: "dead"}},
		{Call: "c1", N: 2, FoundAt: noon, Gap: recording.Gap{Side: recording.Both, At: 29 * time.Second, Length: time.Second, Reason: recording.GapCut, Detail: "cut"}}}
	found = slices.DeleteFunc(found, func(g FoundGap) bool {
		return f.Agents != nil && !slices.Contains(f.Agents, "1001") || f.Call != "" && g.Call != f.Call || f.Reason != "" && g.Gap.Reason != f.Reason || f.After != nil && g.N <= f.After.N
	})
	return found[:min(len(found), f.Limit)], nil
}

func TestProofOfARecording(t *testing.T) {
	c := newCentre(t, func(o *Options) { o.Proofs = memoryProofs{} })
	c.conversation("c1", "1001")
	marks := c.get(t, "GET /api/v1/calls/c1/recording/marks", "qa", "", 200)
	if m := marks["marks"].([]any); len(m) != 2 || m[1].(map[string]any)["number"] != mask("13800000001") || m[1].(map[string]any)["at_ms"] != 20000.0 {
		t.Errorf("marks: %v", m)
	}
	speech := c.get(t, "GET /api/v1/calls/c1/speech", "supervisor", "", 200)["speech"].([]any)
	if all := speech[0].(map[string]any); len(speech) != 2 || all["first_word_ms"] != 0.0 || all["agent_dbfs"] != -20.0 || all["caller_dbfs"] != nil || speech[1].(map[string]any)["first_word_ms"] != nil {
		t.Errorf("speech: %v", speech)
	}
	peaks := c.get(t, "GET /api/v1/calls/c1/recording/peaks", "qa", "", 200)
	if !slices.Equal(peaks["left"].([]any), []any{0.0, 7.0, 255.0}) || !slices.Equal(peaks["right"].([]any), []any{1.0, 2.0, 3.0}) || peaks["rate"] != 50.0 {
		t.Errorf("peaks: %v", peaks)
	}
	first := c.get(t, "GET /api/v1/recordings/gaps?limit=1", "qa", "", 200)
	next, _ := first["next_cursor"].(string)
	second := c.get(t, "GET /api/v1/recordings/gaps?limit=1&cursor="+next, "qa", "", 200)
	if g := second["gaps"].([]any); next == "" || len(g) != 1 || g[0].(map[string]any)["reason"] != "cut" || second["next_cursor"] != nil {
		t.Errorf("second page of gaps: %v", second)
	}
	if g := c.get(t, "GET /api/v1/recordings/gaps?reason=silence&call=c1", "supervisor", "", 200)["gaps"].([]any); len(g) != 1 {
		t.Errorf("gaps of silence: %v", g)
	}
	for target, status := range map[string]int{"GET /api/v1/calls/c2/recording/marks": 404, "GET /api/v1/calls/c2/recording/peaks": 404,
		"GET /api/v1/recordings/gaps?reason=bad": 400, "GET /api/v1/recordings/gaps?cursor=x": 400, "GET /api/v1/calls/c1/speech?x=1": 400} {
		if w := c.do(target, "qa", ""); w.Code != status {
			t.Errorf("%s: %d, want %d", target, w.Code, status)
		}
	}
}
