package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
	"github.com/threerings/threerings/recording/qa"
)

const circlePassword = "round and round"

// TestCircleInChromium is the whole circle of the quality checks of real calls,
// by hand in a real browser (dev/circle.mjs): plan, draw, listen, score, appeal,
// second score, decision, calibration, export. Then the recording is erased.
//
// It runs alone: a browser that paints whole pages, beside calls on a machine of
// two cores, takes the time that Asterisk needs for their sound.
func TestCircleInChromium(t *testing.T) {
	phone, err := robot.NewPhone(robot.PhoneOptions{User: "1001", Sound: robot.Tone(700), Pacer: &all.pacer})
	must(t, err)
	t.Cleanup(func() { phone.Close() })
	b := newBox(t, box.Options{Centre: fmt.Appendf(nil, `centre: {name: 三声}
queues:
  support: {name: 技术支持, numbers: ["4000"], wrap_up: 0s}
agents:
  - {id: "1001", name: 李娜, name_en: Li Na, queues: [support], phone: "sip:%s"}
users:
  - {name: boss, role: supervisor, password: %[2]q}
  - {name: qa1, role: qa, password: %[2]q}
  - {name: qa2, role: qa, password: %[2]q}
  - {name: root, role: administrator, password: %[2]q}
  - {name: li, role: agent, agent: "1001", password: %[2]q}
`, phone.Addr(), circlePassword)})
	ctx := inTime(t)
	_, err = b.Node.Ask(ctx, queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "r"}, "r")
	must(t, err)
	caller, err := robot.NewPhone(robot.PhoneOptions{User: "13800000001", Sound: robot.Tone(callerTone), Pacer: &all.pacer})
	must(t, err)
	t.Cleanup(func() { caller.Close() })
	for range 3 {
		c, err := caller.Call(ctx, robot.CallOptions{To: "sip:4000@" + b.SIP})
		must(t, err)
		must(t, c.WaitAnswered(ctx))
		from := c.Audio().Packets
		until(t, "two seconds of talk", func() bool { return c.Audio().Packets-from > 100 })
		c.Hangup()
		must(t, c.WaitEnded(ctx))
		until(t, "the agent is free again", func() bool { return isFree(agentOf(b, "1001")) })
	}
	period := qa.Period{Since: time.Now().Add(-time.Hour), Until: time.Now().Add(time.Hour)}
	until(t, "the recordings are kept", func() bool {
		found, _, err := b.Node.Ledger().Candidates(ctx, qa.Plan{}, period)
		return err == nil && len(found) == 3
	})

	web, err := filepath.Abs("../../../dashboard/web")
	must(t, err)
	shots := os.Getenv("THREERINGS_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	cmd := exec.CommandContext(t.Context(), "node", "dev/circle.mjs", b.URL, circlePassword, shots)
	cmd.Dir = web
	var said, wrong strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &wrong
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, wrong.String(), said.String())
	}
	var out struct {
		Evaluation    string
		Before, After float64
		CSV           string
		Sounds        []int
	}
	must(t, json.Unmarshal([]byte(said.String()), &out))
	t.Logf("first sound after %d ms", out.Sounds)

	// What was done on the pages is what is on record.
	ctx = inTime(t)
	e, err := b.Node.Ledger().Evaluation(ctx, out.Evaluation)
	must(t, err)
	if e.State != qa.Decided || e.Origin != qa.Random || len(e.Versions) != 2 || out.After <= out.Before {
		t.Errorf("the evaluation is %+v", e)
	}
	if want := fmt.Sprintf("1001,李娜,Li Na,1,3,%.1f", out.After); !strings.Contains(out.CSV, want) {
		t.Errorf("the table has no %q:\n%s", want, out.CSV)
	}
	draws, err := b.Node.Ledger().Draws(ctx, "", 10)
	must(t, err)
	d, lines, err := b.Node.Ledger().Draw(ctx, draws[0].ID)
	must(t, err)
	must(t, d.Verify(lines))

	// Erased (on the page), it is heard by nobody any more; who may not erase is refused, on record.
	call := b.URL + "/api/v1/calls/" + string(e.Call) + "/recording"
	as(t, "boss", "DELETE", call+"?why=x", http.StatusForbidden)
	as(t, "boss", "GET", call+"?why=x", http.StatusGone)
	var audit struct {
		Entries []struct{ User, Action, Subject, Why, Outcome string }
	}
	must(t, json.Unmarshal(as(t, "root", "GET", b.URL+"/api/v1/audit?user=boss&action=recording.erase", http.StatusOK), &audit))
	if e := audit.Entries; len(e) != 1 || e[0].Outcome != "forbidden" {
		t.Errorf("the refusal is on record as %+v", e)
	}
	r, err := b.Node.Ledger().Recording(ctx, e.Call)
	must(t, err)
	if r.Erased.By != "root" || len(r.Sealed.Key.Key) != 0 || r.State != string(recording.Kept) {
		t.Errorf("the erased recording is %+v", r)
	}
}

// as asks as a user of the circle, and gives the answer.
func as(t *testing.T, user, method, url string, want int) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(inTime(t), method, url, nil)
	must(t, err)
	req.SetBasicAuth(user, circlePassword)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != want {
		t.Errorf("%s %s as %s: %s, want %d", method, url, user, res.Status, want)
	}
	return body
}
