package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// memorySearch has two recordings, c1 of agent 1001 and c2 of 1002, and notes
// what was asked last.
type memorySearch struct {
	asked    recording.Search
	comments []recording.Comment
	many     int // what is counted
}

func (m *memorySearch) SearchRecordings(_ context.Context, f recording.Search) ([]recording.Found, error) {
	m.asked = f
	dead, share := 12*time.Second, 75
	all := []recording.Found{
		{Call: "c2", At: noon.Add(time.Minute), Agents: []queue.AgentID{"1002"}, Number: "13900000002", State: recording.Missing, Reason: "no file"},
		{Call: "c1", At: noon, Agents: []queue.AgentID{"1001"}, Number: "13800000001", State: recording.Kept, Talk: time.Minute, DeadAir: &dead, AgentShare: &share},
	}
	all = slices.DeleteFunc(all, func(x recording.Found) bool {
		return f.Agents != nil && !slices.Contains(f.Agents, x.Agents[0]) || f.AfterCall != "" && !x.At.Before(f.AfterAt)
	})
	return all[:min(len(all), f.Limit)], nil
}

func (m *memorySearch) CountRecordings(_ context.Context, _ recording.Search, most int) (int, error) {
	return min(m.many, most), nil
}

func (m *memorySearch) Comments(_ context.Context, call queue.CallID) ([]recording.Comment, error) {
	return slices.DeleteFunc(slices.Clone(m.comments), func(c recording.Comment) bool { return c.Call != call }), nil
}

func (m *memorySearch) AddComment(_ context.Context, c recording.Comment) (recording.Comment, error) {
	if c.Call != "c1" {
		return c, fmt.Errorf("add: %w", ErrNotFound)
	}
	c.ID, c.Written = int64(len(m.comments)+1), noon
	m.comments = append(m.comments, c)
	return c, nil
}

func (m *memorySearch) RemoveComment(_ context.Context, _ queue.CallID, id int64, _ string) (bool, error) {
	n := len(m.comments)
	m.comments = slices.DeleteFunc(m.comments, func(c recording.Comment) bool { return c.ID == id })
	return len(m.comments) < n, nil
}

func TestRecordingsAreFound(t *testing.T) {
	m := &memorySearch{many: 12_000}
	c := newCentre(t, func(o *Options) { o.Search = m })
	list := c.get(t, "GET /api/v1/recordings?limit=1", "supervisor", "", 200)
	first := list["recordings"].([]any)[0].(map[string]any)
	if first["call"] != "c2" || first["number"] != "13900000002" || first["reason"] != "no file" || list["count"] != 1000.0 || list["more"] != true {
		t.Fatalf("%v", list)
	}
	list = c.get(t, "GET /api/v1/recordings?cursor="+list["next_cursor"].(string), "qa", "", 200)
	rest := list["recordings"].([]any)
	if x := rest[0].(map[string]any); len(rest) != 1 || x["number"] != mask("13800000001") || x["dead_air_ms"] != 12000.0 || x["agent_share"] != 75.0 || x["score"] != nil || list["count"] != nil || list["next_cursor"] != nil {
		t.Errorf("%v", list)
	}
	c.get(t, "GET /api/v1/recordings?queue=support&number=138*&since=2026-11-01&until=2026-12-01&talk_from=60&talk_to=600&over_rings=true&release=agent&mark_to=2&category=none"+
		"&score_from=10.5&state=gaps&held=false&dead_air_from=5&crosstalk_from=6&monologue_from=7&first_word_from=8&quiet_to=30&share_to=80&text=%E9%80%80%E6%AC%BE", "supervisor", "", 200)
	a := m.asked
	if a.Queue != "support" || a.NumberStarts != "138" || a.TalkFrom != time.Minute || a.TalkTo != 10*time.Minute || !*a.OverRings || a.Release != queue.ReleaseAgent || a.MarkTo != 2 ||
		!a.Unregistered || a.Category != "" || *a.ScoreFrom != 10.5 || !a.Gaps || *a.Held || a.DeadAirFrom != 5*time.Second || a.CrossFrom != 6*time.Second || a.Monologue != 7*time.Second || a.FirstWord != 8*time.Second || a.QuietTo != -30 || a.ShareTo != 80 || a.Text != "退款" {
		t.Errorf("asked for %+v", a)
	}
	for _, bad := range []string{"state=lost", "release=nobody", "mark_to=6", "over_rings=maybe", "score_from=101", "score_to=NaN", "talk_from=-1", "since=2026-11-02&until=2026-11-01", "team=none", "cursor=x", "colour=red"} {
		if p := c.get(t, "GET /api/v1/recordings?"+bad, "supervisor", "", 400); p["code"] != "bad_parameter" {
			t.Errorf("%s: %v", bad, p)
		}
	}
	c.get(t, "GET /api/v1/recordings?number=13800000001", "qa", "", 403) // else a masked number could be guessed
}

func TestRecordingsOfOnesTeam(t *testing.T) {
	c := teamed(t)
	m := &memorySearch{}
	c.opts.Search = m
	b := c.signedIn(t, "supervisor")
	if list := fmt.Sprint(b.body("GET /api/v1/recordings", "")); !strings.Contains(list, "c1") || strings.Contains(list, "c2") {
		t.Errorf("of one's team alone: %s", list)
	}
	if list := fmt.Sprint(b.body("GET /api/v1/recordings?agent=1002", "")); strings.Contains(list, "c2") {
		t.Errorf("of another's agent: %s", list)
	}
}

func TestRemarks(t *testing.T) {
	m := &memorySearch{}
	c := newCentre(t, func(o *Options) { o.Search = m })
	c.conversation("c1", "1001")
	one := c.get(t, "POST /api/v1/calls/c1/comments", "qa", `{"at_ms":3500,"text":" 语速太快 "}`, 201)
	if one["text"] != "语速太快" || one["at_ms"] != 3500.0 || one["by"] != "qa" {
		t.Fatalf("%v", one)
	}
	for _, bad := range []string{`{"at_ms":1,"text":" "}`, `{"at_ms":-1,"text":"x"}`, `{"at_ms":1,"text":"` + strings.Repeat("x", 1001) + `"}`, `{"at_ms":1}`} {
		c.get(t, "POST /api/v1/calls/c1/comments", "qa", bad, 400)
	}
	if list := c.get(t, "GET /api/v1/calls/c1/comments", "supervisor", "", 200)["comments"].([]any); len(list) != 1 {
		t.Errorf("remarks: %v", list)
	}
	c.get(t, "DELETE /api/v1/calls/c1/comments/1", "supervisor", "", 403) // another's
	c.get(t, "DELETE /api/v1/calls/c1/comments/x", "qa", "", 404)
	if w := c.do("DELETE /api/v1/calls/c1/comments/1", "qa", ""); w.Code != 204 || len(m.comments) != 0 {
		t.Errorf("removed: %d, left are %v", w.Code, m.comments)
	}
}

// Nobody listens without a reason, and copies leave with supervisors only; both
// are on record (R9.3).
func TestListeningHasAReason(t *testing.T) {
	c, log := audited(t)
	c.conversation("c1", "1001")
	c.sounds["c1"] = testSound
	if p := c.get(t, "GET /api/v1/calls/c1/recording", "qa", "", 400); p["code"] != "reason_missing" {
		t.Errorf("without a reason: %v", p)
	}
	if w := c.do("GET /api/v1/calls/c1/recording?why=complaint", "qa", ""); w.Code != 200 {
		t.Errorf("with one: %d", w.Code)
	}
	c.get(t, "GET /api/v1/calls/c1/recording?why=complaint&download=1", "qa", "", 403)
	w := c.do("GET /api/v1/calls/c1/recording?why=court&download=1", "supervisor", "")
	if w.Code != 200 || w.Header().Get("Content-Disposition") != "attachment; filename=c1.ogg" {
		t.Errorf("download: %d %s", w.Code, w.Header())
	}
	lines := strings.Join(log.said(), "\n")
	for _, want := range []string{"recording.play", "recording.download", "complaint", "court"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the audit log has no %s: %s", want, lines)
		}
	}
}
