package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// soon is longer than anything here takes.
const soon = 30 * time.Second

func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), soon)
	t.Cleanup(cancel)
	return ctx
}

// says runs a command that must succeed.
func says(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut strings.Builder
	if code := run(inTime(t), args, &out, &errOut); code != 0 {
		t.Fatalf("threerings %s: exit code %d: %s%s", strings.Join(args, " "), code, out.String(), errOut.String())
	}
	return out.String()
}

// houseWith makes a ledger with a user.
func houseWith(t *testing.T, user string) (url string, db *postgres.DB) {
	t.Helper()
	url = postgrestest.New(t)
	db, err := postgres.Open(inTime(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.SaveUser(inTime(t), postgres.User{Name: user, Role: "supervisor", PasswordHash: "x"}); err != nil {
		t.Fatal(err)
	}
	return url, db
}

// folder is short, as the name of a socket must be.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// runningWith stands in for the node that serves a data folder.
func runningWith(t *testing.T, data, url string) {
	t.Helper()
	ln, err := net.Listen("unix", node.ControlPath(data))
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/folders" {
			_ = json.NewEncoder(w).Encode(node.Folders{Recordings: filepath.Join(data, "recordings"), Sounds: filepath.Join(data, "sounds")})
			return
		}
		_, _ = w.Write([]byte(url))
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close(); <-done })
}

// TestStrayDatabaseURL: commands mean the ledger of the node that runs, and
// another program's DATABASE_URL is not touched.
func TestStrayDatabaseURL(t *testing.T) {
	stray := postgrestest.New(t)
	url, _ := houseWith(t, "anna")
	data := folder(t)
	runningWith(t, data, url)
	t.Setenv("DATABASE_URL", stray)
	config := filepath.Join(data, "threerings.yaml")
	if err := os.WriteFile(config, []byte("data: "+data+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--data=" + data, "--config=" + config} {
		if out := says(t, "user", "list", flag); !strings.Contains(out, "anna") {
			t.Errorf("user list %s: %q, want the users of the running node", flag, out)
		}
	}
	t.Setenv("THREERINGS_DATA", data)
	if out := says(t, "user", "list"); !strings.Contains(out, "anna") {
		t.Errorf("user list with THREERINGS_DATA: %q", out)
	}
	conn, err := pgx.Connect(inTime(t), stray)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(inTime(t))
	var tables int
	if err := conn.QueryRow(inTime(t), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables were made in another program's database, %v", tables, err)
	}
}

// TestLedgerOfTheSettings: with no node, the ledger is the one it would have.
func TestLedgerOfTheSettings(t *testing.T) {
	url, _ := houseWith(t, "bert")
	data := folder(t)
	config := filepath.Join(data, "threerings.yaml")
	if err := os.WriteFile(config, []byte("data: "+data+"\ndatabase_url: \""+url+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_URL", "")
	if out := says(t, "user", "list", "--config", config); !strings.Contains(out, "bert") {
		t.Errorf("user list: %q, want the users of the configured ledger", out)
	}
	var out, errOut strings.Builder
	if code := run(inTime(t), []string{"user", "list", "--data", data}, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), "there is no ledger in "+data) {
		t.Errorf("a folder without a ledger: %d, %s%s", code, out.String(), errOut.String())
	}
}

// TestRebuild: tables that do not show what happened do so again.
func TestRebuild(t *testing.T) {
	url, db := houseWith(t, "carl")
	epoch, err := db.TakeEpoch(inTime(t), "main", "test")
	if err != nil {
		t.Fatal(err)
	}
	journal, acd, err := db.OpenJournal(inTime(t), postgres.JournalConfig{Pool: "main", Epoch: epoch, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for _, in := range []queue.Input{queue.CallArrived{Leg: "in-1", Number: "4001", Caller: "13700000001", Endpoint: "trunk"}, queue.LegEnded{Leg: "in-1"}} {
		journal.Append(acd.Step(at, in).Records)
		at = at.Add(time.Second)
	}
	if err := journal.Close(inTime(t)); err != nil {
		t.Fatal(err)
	}
	data := folder(t)
	runningWith(t, data, url)
	exported := func() string { return says(t, "export", "calls", "--data", data) }
	before := exported()
	if !strings.Contains(before, "13700000001") {
		t.Fatalf("the call is not on record: %s", before)
	}
	conn, err := pgx.Connect(inTime(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(inTime(t))
	if _, err := conn.Exec(inTime(t), "DELETE FROM calls"); err != nil {
		t.Fatal(err)
	}
	if got := exported(); strings.Contains(got, "13700000001") {
		t.Fatal("the call is still there")
	}
	if out := says(t, "rebuild", "--data", data); !strings.HasPrefix(out, "pool main: rebuilt from ") {
		t.Errorf("rebuild says %q", out)
	}
	if got := exported(); got != before {
		t.Errorf("after rebuild:\n%s\nbefore:\n%s", got, before)
	}
	var out, errOut strings.Builder
	if code := run(inTime(t), []string{"rebuild", "--data", data, "--pool", "mian"}, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), `no events of pool "mian"`) {
		t.Errorf("rebuild of a pool that is not: %d, %s%s", code, out.String(), errOut.String())
	}
}

// TestExportDaysAreTheCentres: a day that is asked for is the centre's, of 25
// hours when clocks go back and of 23 when they go forward; a time with a zone is
// that of its zone.
func TestExportDaysAreTheCentres(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-11-01": "2026-11-01T04:00:00Z", "2026-11-02": "2026-11-02T05:00:00Z", "2026-03-08": "2026-03-08T05:00:00Z", "2026-03-09": "2026-03-09T04:00:00Z",
		"2026-11-01T08:00": "2026-11-01T13:00:00Z", "2026-11-01T08:00:00Z": "2026-11-01T08:00:00Z", "2026-11-01T01:30:00-05:00": "2026-11-01T06:30:00Z",
	} {
		if got, err := moment(text, newYork); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s is %s (%v), want %s", text, got.Format(time.RFC3339), err, want)
		}
	}
	if _, err := moment("yesterday", newYork); err == nil {
		t.Error("yesterday is understood")
	}
}
