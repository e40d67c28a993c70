package dashboard

import (
	"strings"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestBansFromThePage bans a number by hand and lifts it; the wall shows that
// there are bans, and no number (R14.1).
func TestBansFromThePage(t *testing.T) {
	c := newCentre(t)
	got := c.get(t, "POST /api/v1/bans", "supervisor", `{"number":"13800000001","for_ms":600000,"note":"骂人 "}`, 200)
	bans := got["bans"].([]any)
	if b := bans[0].(map[string]any); len(bans) != 1 || b["number"] != "13800000001" || b["until"] == nil || b["by"] == "" || b["note"] != "骂人" || b["turned"] != 0.0 {
		t.Fatalf("bans: %v", bans)
	}
	c.core.step(c.core.Snapshot().At, queue.CallArrived{Leg: "c1", Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
	got = c.get(t, "GET /api/v1/bans", "supervisor", "", 200)
	if got["turned_away"].(map[string]any)[queue.TurnedBanned] != 1.0 {
		t.Errorf("turned away: %v", got["turned_away"])
	}
	if b := got["bans"].([]any)[0].(map[string]any); b["turned"] != 1.0 {
		t.Errorf("its call is not counted: %v", b)
	}
	now := c.get(t, "GET /api/v1/limits", "supervisor", "", 200)
	last := now["turned_last"].([]any)
	if len(last) != 1 || last[0].(map[string]any)["caller"] != "13800000001" || last[0].(map[string]any)["reason"] != queue.TurnedBanned {
		t.Errorf("turned away last: %v", last)
	}
	if now["turned_away"].(map[string]any)[queue.TurnedBanned] != 1.0 || now["limits"].(map[string]any)["waiting"] == nil || now["now"].(map[string]any)["trunks"] == nil {
		t.Errorf("limits: %v", now)
	}
	f := c.get(t, "GET /api/v1/wallboard", "supervisor", "", 200)
	alerts := f["alerts"].([]any)
	if len(alerts) != 1 || alerts[0].(map[string]any)["kind"] != "banned" || alerts[0].(map[string]any)["count"] != 1.0 || alerts[0].(map[string]any)["reason"] != "" {
		t.Errorf("alerts: %v", alerts)
	}
	problems(t, c, "POST /api/v1/bans", "supervisor", map[string]answer{
		`{"number":"anonymous"}`:                                                             {400, codeBadNumber},
		`{"number":"13800000001","for_ms":-1}`:                                               {400, codeBadTime},
		`{"number":"13800000001","for_ms":2592000000001}`:                                    {400, codeBadTime},
		`{"number":"13800000001","note":"` + strings.Repeat("长", queue.MostBanNote+1) + `"}`: {400, codeLongNote},
		`{"number":"13800000001","colour":"red"}`:                                            {400, codeBadBody},
	})
	c.do("DELETE /api/v1/bans/13800000001", "supervisor", "")
	problems(t, c, "DELETE /api/v1/bans/13800000001", "supervisor", map[string]answer{"": {404, codeUnknownBan}})
	if snap := c.core.Snapshot(); len(snap.Bans) != 0 || len(snap.Alerts) != 0 {
		t.Errorf("lifted, and there are %v, %v", snap.Bans, snap.Alerts)
	}
}
