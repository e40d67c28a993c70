package box

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/internal/redis/redistest"
	"github.com/threerings/threerings/queue"
)

// TestTwoNodesShareAPool: one node leads, the other shows the same present and
// hands on what is asked of it; when the leader ends, the other leads.
func TestTwoNodesShareAPool(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	const password = "share-secret"
	b, err := Start(ctx, Options{Dir: dir, Log: log, RedisURL: redistest.New(t).URL, DatabaseURL: postgrestest.New(t), Centre: centre.Demo(centre.DemoOptions{
		Robots: []string{"127.0.0.1:9"}, Passwords: [2]string{password, password}, Supervisor: password})})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	set := b.Settings
	set.Data, set.HTTP.Addr, set.Node = filepath.Join(dir, "second"), []string{"127.0.0.1:0"}, "second"
	second, err := node.Start(ctx, set, log)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Ready(ctx); err != nil { // the leader's view has come over
		t.Fatal(err)
	}
	web := "http://" + second.Addrs()[0].String()
	if status, body := call(t, ctx, http.MethodGet, web+"/readyz", password, ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "leader") {
		t.Errorf("readyz of the node that stands by: %d %s, want 503 naming the leader", status, body)
	}

	status, body := call(t, ctx, http.MethodPost, web+"/api/v1/agents/2001/state", password, `{"state":"ready"}`)
	if status != http.StatusOK {
		t.Fatalf("state through the node that stands by: %d %s", status, body)
	}
	for _, n := range []*node.Node{b.Node, second} {
		waitFor(t, ctx, n, "2001 is ready", func(s *queue.Snapshot) bool { return stateOf(s, "2001") == queue.Ready })
	}
	if _, err := second.Apply(ctx, "centre.yaml", small, "test", false); err == nil || !strings.Contains(err.Error(), "does not lead") {
		t.Errorf("apply on the node that stands by: %v, want to be sent to the leader", err)
	}

	if err := b.StopNode(); err != nil {
		t.Fatalf("stop the leader: %v", err)
	}
	waitFor(t, ctx, second, "the second node leads and hears the switch", func(s *queue.Snapshot) bool {
		status, _ := call(t, ctx, http.MethodGet, web+"/readyz", password, "")
		return s.Switch && status == http.StatusOK
	})
	if got := stateOf(second.Snapshot(), "2001"); got != queue.Ready {
		t.Errorf("after the takeover agent 2001 is %s, want ready", got)
	}
}

func stateOf(s *queue.Snapshot, id queue.AgentID) queue.AgentState {
	for _, g := range s.Agents {
		if g.ID == id {
			return g.State
		}
	}
	return ""
}

func waitFor(t *testing.T, ctx context.Context, n *node.Node, what string, is func(*queue.Snapshot) bool) {
	t.Helper()
	changed, cancel := n.Subscribe()
	defer cancel()
	for !is(n.Snapshot()) {
		select {
		case <-changed:
		case <-ctx.Done():
			state, _ := json.Marshal(n.Snapshot())
			t.Fatalf("waited in vain until %s; now %s", what, state)
		}
	}
}

func call(t *testing.T, ctx context.Context, method, url, password, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("supervisor", password)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Sprint(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// small is another centre than the demonstration's.
var small = []byte("queues: {a: {name: A, numbers: [\"1\"]}}\n")
