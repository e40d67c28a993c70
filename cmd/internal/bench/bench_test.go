package bench

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func TestFigure(t *testing.T) {
	var samples []time.Duration
	for i := 200; i > 0; i-- { // 1 … 200 ms, the wrong way round
		samples = append(samples, time.Duration(i)*time.Millisecond)
	}
	for _, c := range []struct {
		name     string
		samples  []time.Duration
		required time.Duration
		want     Figure
	}{
		{"met to the millisecond", samples, 198 * time.Millisecond, Figure{200, 100, 190, 198, 200, 198, true}},
		{"missed by one", samples, 197 * time.Millisecond, Figure{200, 100, 190, 198, 200, 197, false}},
		{"one sample", samples[:1], time.Second, Figure{1, 200, 200, 200, 200, 1000, true}},
		{"nothing measured is nothing met", nil, time.Second, Figure{Required: 1000}},
	} {
		if got := figure(c.samples, c.required); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestLedgerOf(t *testing.T) {
	if n, err := ledgerOf([]byte(`{"type":"wallboard","seq":7,"ledger_seq":4711,"at":"…"}`)); err != nil || n != 4711 {
		t.Errorf("ledger_seq of a frame: %d %v, want 4711", n, err)
	}
	for _, bad := range []string{`{}`, `{"ledger_seq":"x"}`, `{"ledger_seq":`} {
		if n, err := ledgerOf([]byte(bad)); err == nil {
			t.Errorf("ledger_seq of %s: %d, want an error", bad, n)
		}
	}
}

func TestReport(t *testing.T) {
	r := &Report{Machine: Machine{CPU: "Abacus", Cores: 2, Kernel: "Linux 6", Asterisk: "22.1", Go: "go1"},
		RouteIdle: &Figure{N: 300, P50: 3.14, P95: 5, P99: 49.9, Max: 50.2, Required: 50, Met: true},
		Dispatch:  &Figure{N: 300, P50: 3, P95: 5, P99: 51, Max: 52, Required: 50}}
	var table strings.Builder
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	const want = `Abacus, 2 cores, Linux 6, Asterisk 22.1, go1; program and robots on it together; ms

                     n      p50      p95      p99      max  required p99
route_idle         300      3.1      5.0     49.9     50.2  <= 50 met
dispatch           300      3.0      5.0     51.0     52.0  <= 50 missed
`
	if table.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", table.String(), want)
	}
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]map[string]any
	_ = json.Unmarshal([]byte(strings.Replace(string(data), `"at": "0001-01-01T00:00:00Z",`, "", 1)), &back)
	if f := back["route_idle"]; f["n"] != 300.0 || f["p99"] != 49.9 || f["required_p99"] != 50.0 || f["met"] != true {
		t.Errorf("route_idle in JSON: %v", f)
	}
	if _, there := back["cancel"]; there {
		t.Error("a measurement that was not made is in the JSON")
	}
}

// TestRun takes every measurement on the real Asterisk, with few calls: what
// is asked here is that they are taken, not what comes out.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "tr-bench") // short: sockets lie in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const calls = 9
	r, err := Run(ctx, Options{Dir: dir, Calls: calls, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f *Figure
		n int
	}{RouteIdle: {r.RouteIdle, calls}, Dispatch: {r.Dispatch, calls}, Cancel: {r.Cancel, 6}, ConnectAudio: {r.ConnectAudio, calls}, Wallboard: {r.Wallboard, screenCount}} {
		switch {
		case c.f == nil || c.f.N < c.n:
			t.Errorf("%s: %+v, want at least %d samples", name, c.f, c.n)
		case c.f.P50 <= 0 || c.f.P50 > c.f.P95 || c.f.P95 > c.f.P99 || c.f.P99 > c.f.Max:
			t.Errorf("%s: %+v, percentiles do not rise from above zero", name, *c.f)
		}
	}
	if r.Machine.Asterisk == "" || r.Machine.CPU == "" {
		t.Errorf("machine: %+v, want it named", r.Machine)
	}
}
