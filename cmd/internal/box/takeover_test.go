package box

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/internal/redis/redistest"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/queue"
)

const takeoverPassword = "takeover-secret"

func takeoverBox(t *testing.T, ctx context.Context, o Options) (*Box, *atomic.Int64) {
	t.Helper()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	begun := new(atomic.Int64)
	o.Dir, o.Log = dir, slog.New(terms{slog.NewTextHandler(t.Output(), nil), begun})
	o.Centre = centre.Demo(centre.DemoOptions{Robots: []string{"127.0.0.1:9"},
		Passwords: [2]string{takeoverPassword, takeoverPassword}, Supervisor: takeoverPassword})
	b, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, begun
}

// leads waits until the box's node leads and its pages say so.
func (b *Box) leads(t *testing.T, ctx context.Context) {
	t.Helper()
	for {
		status, body := call(t, ctx, http.MethodGet, b.URL+"/readyz", takeoverPassword, "")
		if status == http.StatusOK {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until the node leads: %s", body)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// terms counts how often a node says that it begins to lead.
type terms struct {
	slog.Handler
	begun *atomic.Int64
}

func (c terms) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "leading" {
		c.begun.Add(1)
	}
	return c.Handler.Handle(ctx, r)
}

func (c terms) WithAttrs(attrs []slog.Attr) slog.Handler {
	return terms{c.Handler.WithAttrs(attrs), c.begun}
}

// ask asks a node to hand over, as a newer process would.
func (b *Box) ask(t *testing.T) *net.UnixConn {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: node.ControlPath(b.Settings.Data), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, "POST /takeover HTTP/1.1\r\nHost: control\r\nContent-Length: 0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestTakeoverFails: a newer process that cannot take over changes nothing, and
// after one that dies in the middle the older one leads again; the next one
// takes over all the same.
func TestTakeoverFails(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	b, begun := takeoverBox(t, ctx, Options{})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	if _, err := b.Node.Ask(ctx, queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "ready"}, "ready"); err != nil {
		t.Fatal(err)
	}
	first := b.Node
	for what, c := range map[string]struct {
		change func(*settings.Settings)
		says   string
	}{
		"another pool":     {func(s *settings.Settings) { s.Pool = "other" }, `it serves the pool "main"`},
		"another database": {func(s *settings.Settings) { s.DatabaseURL = "postgres://127.0.0.1:1/x" }, "a Postgres of its own"},
		"a wrong password": {func(s *settings.Settings) { s.Asterisk.Password = "wrong" }, "see asterisk.user and asterisk.password"},
		"no Asterisk":      {func(s *settings.Settings) { s.Asterisk.URL = "http://127.0.0.1:1" }, "must answer"},
		"no certificate":   {func(s *settings.Settings) { s.HTTP.TLSCert, s.HTTP.TLSKey = "/nowhere/cert.pem", "/nowhere/key.pem" }, "certificate"},
		"a port in use": {func(s *settings.Settings) {
			s.HTTP.Addr = []string{s.HTTP.Addr[0], strings.TrimPrefix(s.Asterisk.URL, "http://")}
		}, "another program on that port"},
	} {
		set := b.Settings
		c.change(&set)
		_, err := node.TakeOver(ctx, set, log)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "which goes on") {
			t.Errorf("with %s: %v, want %q", what, err, c.says)
		}
	}
	if begun.Load() != 1 || !first.Snapshot().Switch {
		t.Error("the first node has stopped leading meanwhile")
	}

	// One that asks and dies, at once or when it has got all; a second at the
	// same time is refused.
	for _, read := range []bool{false, true} {
		before := begun.Load()
		conn := b.ask(t)
		if read {
			buf := make([]byte, 4096)
			if n, err := conn.Read(buf); err != nil || !strings.Contains(string(buf[:n]), `"private":true`) {
				t.Errorf("asked to hand over it says %q, %v", buf[:n], err)
			}
			if _, err := node.TakeOver(ctx, b.Settings, log); err == nil || !strings.Contains(err.Error(), "handing over to another process already") {
				t.Errorf("a second one at the same time: %v", err)
			}
		}
		conn.Close()
		waitFor(t, ctx, first, "the first node leads again", func(s *queue.Snapshot) bool { return s.Switch && begun.Load() > before })
		b.leads(t, ctx)
		if got := stateOf(first.Snapshot(), "1001"); got != queue.Ready {
			t.Errorf("agent 1001 is %s, want ready as before", got)
		}
	}

	n, err := node.TakeOver(ctx, b.Settings, log)
	if err != nil {
		t.Fatal(err)
	}
	<-first.Ended()
	if err := first.Close(); err != nil {
		t.Error("the one that handed over: ", err)
	}
	b.Node = n
	b.leads(t, ctx)
	if got := stateOf(n.Snapshot(), "1001"); got != queue.Ready {
		t.Errorf("agent 1001 is %s, want ready as before", got)
	}
}

// TestTakeoverOfNobody: it is a start as any.
func TestTakeoverOfNobody(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	b, _ := takeoverBox(t, ctx, Options{})
	if err := b.StopNode(); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.Node, err = node.TakeOver(ctx, b.Settings, slog.New(slog.NewTextHandler(t.Output(), nil))); err != nil {
		t.Fatal(err)
	}
	b.leads(t, ctx)
}

// TestTakeoverAmongNodes: with Redis, a newer process takes the place of one
// node, whether it leads or stands by, and tells systemd who the main process is.
func TestTakeoverAmongNodes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	b, _ := takeoverBox(t, ctx, Options{RedisURL: redistest.New(t).URL, DatabaseURL: postgrestest.New(t)})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(filepath.Dir(b.Settings.Data), "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	t.Setenv("NOTIFY_SOCKET", systemd.LocalAddr().String())
	set := b.Settings
	set.Data, set.HTTP.Addr, set.Node = filepath.Join(filepath.Dir(set.Data), "second"), []string{"127.0.0.1:0"}, "second"
	second, err := node.Start(ctx, set, log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { second.Close() }()
	if err := second.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	told := func() {
		t.Helper()
		buf := make([]byte, 100)
		_ = systemd.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := systemd.Read(buf)
		if err != nil || !strings.HasPrefix(string(buf[:n]), "MAINPID=") {
			t.Errorf("systemd was told %q, %v", buf[:n], err)
		}
	}
	replace := func(old *node.Node, set settings.Settings) *node.Node {
		t.Helper()
		n, err := node.TakeOver(ctx, set, log)
		if err != nil {
			t.Fatal(err)
		}
		<-old.Ended()
		if err := old.Close(); err != nil {
			t.Error("the one that handed over: ", err)
		}
		told()
		return n
	}
	second = replace(second, set) // it stands by
	b.leads(t, ctx)
	b.Node = replace(b.Node, b.Settings) // it leads
	leader := func(s *queue.Snapshot) bool {
		return s.Switch && (b.Node.Flush(ctx) == nil || second.Flush(ctx) == nil)
	}
	waitFor(t, ctx, b.Node, "one of the two leads", leader)
	if _, err := b.Node.Ask(ctx, queue.SetAgent{Agent: "1001", State: queue.Ready, Req: "ready"}, "ready"); err != nil {
		t.Error(err)
	}
	for _, n := range []*node.Node{b.Node, second} {
		waitFor(t, ctx, n, "1001 is ready", func(s *queue.Snapshot) bool { return stateOf(s, "1001") == queue.Ready })
	}
}
