package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// until waits for a condition.
func (h *home) until(what string, holds func() bool) {
	h.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for ctx := h.ctx(); !holds(); {
		select {
		case <-look.C:
		case <-ctx.Done():
			h.t.Fatal("waited in vain until ", what)
		}
	}
}

// waiter is a log that hears somebody wait for Postgres.
type waiter struct {
	slog.Handler
	heard chan struct{}
}

func (w waiter) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "waiting for Postgres" {
		select {
		case w.heard <- struct{}{}:
		default:
		}
	}
	return w.Handler.Handle(ctx, r)
}

// TestLeadWaitsForPostgres: a node that begins to lead while Postgres takes no
// connections leads when it takes them again.
func TestLeadWaitsForPostgres(t *testing.T) {
	h := newHome(t)
	w := waiter{slog.NewTextHandler(t.Output(), nil), make(chan struct{}, 1)}
	n := &Node{set: settings.Settings{Pool: "main", Node: "test", Data: t.TempDir(), Asterisk: settings.Asterisk{URL: "http://127.0.0.1:1"}},
		db: h.db, log: slog.New(w), core: newCore(), house: h.house, metrics: dashboard.NewMetrics()}
	n.keeper = &recording.Keeper{Spool: t.TempDir(), Store: store.Folder(t.TempDir()), Keys: &vault.Ring{Path: filepath.Join(t.TempDir(), "recordings.key")}, Index: index{h.db}, Log: n.log}
	u, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	h.sql("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	h.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.lead(ctx) }()
	select {
	case <-w.heard:
	case err := <-ended:
		t.Error("the node ended: ", err)
		ended <- err
	case <-h.ctx().Done():
		t.Error("the node does not say that it waits")
	}
	h.sql("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	if !t.Failed() {
		h.until("the node leads", n.leadNow.is)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error("lead: ", err)
	}
}

// TestApplyWarnsOfAccounts: phones that Asterisk does not take are no reason to
// refuse a centre, and no secret either.
func TestApplyWarnsOfAccounts(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asterisk := aritest.NewServer(ln)
	defer asterisk.Close()
	asterisk.Handle(func(r aritest.Request) (aritest.Answer, bool) {
		return aritest.Answer{Status: http.StatusBadRequest, Body: `{"message":"no such sorcery"}`}, r.Method == http.MethodPut && strings.Contains(r.Path, "/config/")
	})
	h := newHome(t)
	sw := ari.New(ari.Options{URL: "http://" + ln.Addr().String() + "/ari", App: "threerings", Log: h.log}, func(queue.Input) {})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = sw.Run(ctx) }()
	defer func() { stop(); <-ended }()
	h.until("the switch is connected", sw.Connected)
	h.lead(queue.New(), sw)
	text := centreWith("A") + "agents: {\"1001\": {phone: {account: \"1001\", password: phone-secret}, queues: [a]}}\n"
	if done := h.apply(text); !strings.Contains(done.Warning, "no such sorcery") {
		t.Errorf("the warning is %q, want what Asterisk says", done.Warning)
	}
	if stored, err := h.db.Centre(h.ctx()); err != nil || stored.Source != text {
		t.Errorf("the ledger has %q, %v", stored.Source, err)
	}
	stopped := ari.New(ari.Options{Log: h.log}, func(queue.Input) {})
	h.term.Store(&term{h.loop, stopped})
	if done := h.apply(strings.Replace(text, "name: A", "name: B", 1)); !strings.Contains(done.Warning, "not connected") {
		t.Errorf("without an Asterisk the warning is %q", done.Warning)
	}
	h.term.Store(&term{h.loop, sw})
	h.apply(text)
	asterisk.Handle(func(aritest.Request) (aritest.Answer, bool) { return aritest.Answer{}, false })
	if done := h.apply(text); done.Warning != "" || len(done.Changes) != 0 {
		t.Errorf("applied again, with an Asterisk that takes it: %+v", done)
	}
}

// gate is a listener that hangs up on who comes while it is shut.
type gate struct {
	net.Listener
	shut atomic.Bool
}

func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil || !g.shut.Load() {
			return c, err
		}
		c.Close()
	}
}

// TestReplacedLeaderStaysAway: a leader that was cut off from Asterisk while
// another took over hears of it from nobody, as long as nothing happens. It
// must not connect again: that would take the calls from the one who leads.
func TestReplacedLeaderStaysAway(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	way := &gate{Listener: ln}
	asterisk := aritest.NewServer(way)
	defer asterisk.Close()
	h := newHome(t)
	n := &Node{set: settings.Settings{Pool: "main", Node: "test", Data: t.TempDir(), Asterisk: settings.Asterisk{URL: "http://" + ln.Addr().String()}},
		db: h.db, log: slog.New(slog.NewTextHandler(t.Output(), nil)), core: newCore(), house: h.house, metrics: dashboard.NewMetrics()}
	n.keeper = &recording.Keeper{Spool: t.TempDir(), Store: store.Folder(t.TempDir()), Keys: &vault.Ring{Path: filepath.Join(t.TempDir(), "recordings.key")}, Index: index{h.db}, Log: n.log}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.lead(ctx) }()
	defer func() { stop(); <-ended }()
	connected := func() bool { sw := n.leadNow.sw.Load(); return sw != nil && sw.Connected() }
	h.until("the node is connected", connected)

	way.shut.Store(true)
	asterisk.Drop()
	h.until("the node notices", func() bool { return !n.core.Snapshot().Switch })
	if err := n.leadNow.journal.Load().Flush(h.ctx()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.TakeEpoch(h.ctx(), "main", "other"); err != nil {
		t.Fatal(err)
	}
	way.shut.Store(false)
	select {
	case err := <-ended:
		if !errors.Is(err, postgres.ErrFenced) {
			t.Errorf("the node ended with %v, want that another leads", err)
		}
		ended <- nil
	case <-h.ctx().Done():
		t.Error("the node leads on")
	}
	if n := asterisk.Sockets(); n != 1 {
		t.Errorf("the node connected %d times; once, before the other took over, would be right", n)
	}
}
