package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestWallboardInChromium: what a real browser shows is what the ledger says,
// in both languages and on a TV as on a phone, before and after the server was
// restarted, which the page survives without being loaded again.
func TestWallboardInChromium(t *testing.T) {
	t.Parallel()
	agent, err := robot.NewPhone(robot.PhoneOptions{User: "2001", Pacer: &all.pacer})
	must(t, err)
	t.Cleanup(func() { agent.Close() })
	b := newBox(t, box.Options{Centre: centre.Demo(centre.DemoOptions{Robots: []string{agent.Addr().String()},
		Passwords: [2]string{"guest-one", "guest-two"}, Supervisor: "supervise"})})
	ctx := inTime(t)
	_, err = b.Node.Ask(ctx, queue.SetAgent{Agent: "2001", State: queue.Ready, Req: "r"}, "r")
	must(t, err)
	until(t, "the agent's phone is idle", func() bool { return agentOf(b, "2001").Phone == queue.PhoneIdle })

	caller, err := robot.NewPhone(robot.PhoneOptions{User: "13800000001", Pacer: &all.pacer})
	must(t, err)
	t.Cleanup(func() { caller.Close() })
	// One conversation, and one caller who gives up while the agent is in wrap-up.
	answered, err := caller.Call(ctx, robot.CallOptions{To: "sip:4000@" + b.SIP})
	must(t, err)
	must(t, answered.WaitAnswered(ctx))
	answered.Hangup()
	must(t, answered.WaitEnded(ctx))
	until(t, "the agent is in wrap-up", func() bool { return agentOf(b, "2001").State == queue.WrapUp })
	left, err := caller.Call(ctx, robot.CallOptions{To: "sip:4000@" + b.SIP})
	must(t, err)
	must(t, left.WaitRinging(ctx))
	left.Hangup()
	must(t, left.WaitEnded(ctx))
	until(t, "the abandoned call is counted", func() bool { return b.Node.Snapshot().Queues[0].Today.Abandoned == 1 })

	eye := openEye(t)
	eye.do(map[string]any{"do": "open", "url": b.URL + "/wallboard?lang=zh-CN", "width": 1920, "height": 1080})
	eye.showsLedger(b, "at first")
	eye.do(map[string]any{"do": "mark"})
	if got := eye.read(); got.Lang != "zh-CN" || got.Overflow || got.Scroll {
		t.Errorf("on a TV: lang %q, wider than the screen %t, taller %t", got.Lang, got.Overflow, got.Scroll)
	}
	eye.shot("wallboard-1920x1080.png")

	must(t, b.StopNode())
	until(t, "the page says that it is stale", func() bool { return eye.read().Banner == "stale" })
	must(t, b.StartNode(t.Context()))
	until(t, "the page is live again", func() bool { return eye.read().Banner == "" })
	eye.showsLedger(b, "after the restart")
	if !eye.read().Marked {
		t.Error("the page was loaded again; it should survive a restart by itself")
	}

	eye.do(map[string]any{"do": "open", "url": b.URL + "/wallboard?lang=en", "width": 390, "height": 844})
	eye.showsLedger(b, "on a phone")
	got := eye.read()
	if got.Lang != "en" || got.Overflow {
		t.Errorf("on a phone: lang %q, wider than the screen %t", got.Lang, got.Overflow)
	}
	if len(got.Errors) > 0 {
		t.Errorf("errors in the page: %v", got.Errors)
	}
	eye.shot("wallboard-390x844.png")
}

func agentOf(b *box.Box, id queue.AgentID) queue.Agent {
	for _, g := range b.Node.Snapshot().Agents {
		if g.ID == id {
			return g
		}
	}
	return queue.Agent{}
}

// eye is a Chromium, driven by dashboard/web/dev/look.mjs.
type eye struct {
	t   *testing.T
	in  *json.Encoder
	out *bufio.Scanner
}

func openEye(t *testing.T) *eye {
	t.Helper()
	web, err := filepath.Abs("../../../dashboard/web")
	must(t, err)
	if _, err := os.Stat(filepath.Join(web, "node_modules")); err != nil {
		t.Fatal("the page's packages are not installed: run make web")
	}
	cmd := exec.Command("node", "dev/look.mjs")
	cmd.Dir, cmd.Stderr = web, os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the browser's driver: %v", err)
		}
	})
	e := &eye{t: t, in: json.NewEncoder(in), out: bufio.NewScanner(out)}
	e.out.Buffer(nil, 1<<20)
	return e
}

// sight is what the page shows.
type sight struct {
	OK       bool
	Error    string
	Queues   map[string]map[string]string
	Banner   string
	Lang     string
	Marked   bool
	Overflow bool
	Scroll   bool
	Errors   []string
}

func (e *eye) do(command map[string]any) sight {
	e.t.Helper()
	must(e.t, e.in.Encode(command))
	if !e.out.Scan() {
		e.t.Fatalf("the browser's driver ended: %v", e.out.Err())
	}
	var s sight
	must(e.t, json.Unmarshal(e.out.Bytes(), &s))
	if !s.OK {
		e.t.Fatalf("%v: %s", command, s.Error)
	}
	return s
}

func (e *eye) read() sight { return e.do(map[string]any{"do": "read"}) }

// shot keeps a picture, in THREERINGS_SHOTS if that is set, for people to look at.
func (e *eye) shot(name string) {
	e.t.Helper()
	dir := os.Getenv("THREERINGS_SHOTS")
	if dir == "" {
		dir = e.t.TempDir()
	}
	path := filepath.Join(dir, name)
	e.do(map[string]any{"do": "shot", "path": path})
	if info, err := os.Stat(path); err != nil || info.Size() < 10_000 {
		e.t.Errorf("the picture %s: %v, %v", path, info, err)
	}
}

// showsLedger waits until each queue's figures on the page are those of the
// ledger's rows.
func (e *eye) showsLedger(b *box.Box, when string) {
	e.t.Helper()
	ctx := inTime(e.t)
	must(e.t, b.Node.Flush(ctx))
	snap := b.Node.Snapshot()
	tallies, err := b.Node.Ledger().Tallies(ctx, b.Settings.Pool, snap.Day)
	must(e.t, err)
	want := map[string]map[string]string{}
	for _, q := range snap.Queues {
		t := tallies[q.Queue]
		want[string(q.Queue)] = map[string]string{"offered": strconv.Itoa(t.Offered), "answered": strconv.Itoa(t.Answered),
			"abandoned": strconv.Itoa(t.Abandoned), "rings-agents": percent(t.AgentsWithin()), "rings-callers": percent(t.CallersWithinRings()),
			"service": percent(t.ServiceLevel(queue.FormulaStrict))}
	}
	if want["support"]["offered"] != "2" || want["support"]["answered"] != "1" || want["support"]["abandoned"] != "1" {
		e.t.Fatalf("%s: the ledger itself says %v", when, want["support"])
	}
	var got sight
	until(e.t, "the page shows what the ledger says "+when, func() bool {
		got = e.read()
		for id, cells := range want {
			for cell, value := range cells {
				shown, there := got.Queues[id][cell]
				if !there || strings.TrimSuffix(shown, "%") != value && (value != "" || strings.ContainsAny(shown, "0123456789")) {
					return false
				}
			}
		}
		return true
	})
}

// percent is a share as the page writes it, without its unit: rounded down, so
// that 100 means all. Empty if there is none.
func percent(s queue.Share) string {
	v, ok := s.Value()
	if !ok {
		return ""
	}
	return strconv.Itoa(int(100*v + 1e-9))
}
