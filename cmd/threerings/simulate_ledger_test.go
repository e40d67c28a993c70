package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// ledgerOf plays settings into a ledger, as a node would have written it.
func ledgerOf(t *testing.T, s sim.Settings) (url string, played sim.Result) {
	t.Helper()
	url = postgrestest.New(t)
	db, err := postgres.Open(inTime(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	epoch, err := db.TakeEpoch(inTime(t), "main", "test")
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := db.OpenJournal(inTime(t), postgres.JournalConfig{Pool: "main", Epoch: epoch, Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Tap = func(r queue.Record) { j.Append([]queue.Record{r}) }
	if played, err = sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := j.Flush(inTime(t)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(inTime(t)); err != nil {
		t.Fatal(err)
	}
	return url, played
}

// TestReplayFromTheLedger: a day of a live ledger, with the agents' real
// intervals, comes out as it was; one agent fewer makes it worse.
func TestReplayFromTheLedger(t *testing.T) {
	text, err := os.ReadFile(centreSample)
	if err != nil {
		t.Fatal(err)
	}
	// Round the clock and without overflow, so that all calls wait for people.
	var kept []string
	overflow := false
	for _, line := range strings.Split(string(text), "\n") {
		overflow = strings.HasPrefix(line, "    overflow:") || (overflow && strings.HasPrefix(line, "      "))
		if !overflow && !strings.HasPrefix(line, "    hours:") {
			kept = append(kept, line)
		}
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	all := strings.Join(kept, "\n")
	own := write("own.yaml", all)
	house, err := centre.Parse(own, []byte(all))
	if err != nil {
		t.Fatal(err)
	}
	rates := make([]float64, 24)
	for h := 8; h < 18; h++ {
		rates[h] = 70
	}
	const h = time.Hour
	s := sim.Settings{Seed: 4, House: &house.Config, Start: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), PickUp: sim.Exponential(3 * time.Second),
		Arrivals: &sim.Plan{People: sim.People{Talk: sim.Exponential(150 * time.Second), Patience: sim.Exponential(2 * time.Minute)}, Slot: h,
			Days: [][]float64{{}, rates}}} // the first of the two days is empty
	for i := range 6 {
		s.Shifts = append(s.Shifts, sim.Shift{Agent: i, From: 32*h + time.Duration(i)*10*time.Minute, To: 37 * h}, sim.Shift{Agent: i, From: 38 * h, To: 42 * h})
	}
	url, was := ledgerOf(t, s)
	v := played(t, "--replay", "2026-11-23", "--database", url, "--zone", "UTC", "--seed", "9", "--centre", own)
	near := func(key string, want, within float64) {
		t.Helper()
		if got, ok := v[key].(float64); !ok || math.Abs(got-want) > within*want {
			t.Errorf("%s: %v, really %v", key, v[key], want)
		}
	}
	near("calls", float64(was.Calls), 0)
	near("served", float64(was.Served), 0.08)
	near("agent_hours", was.AgentHours, 0.03)
	near("occupancy", was.Occupancy, 0.12)
	trace := v["trace"].(map[string]any)
	if trace["served"] != float64(was.Served) || trace["abandoned"] != float64(was.Abandoned) {
		t.Errorf("the ledger says %v served, %v abandoned; really %d and %d", trace["served"], trace["abandoned"], was.Served, was.Abandoned)
	}

	// The same day in the house's own configuration, against one without 2002.
	less := write("less.yaml", strings.Replace(all, "\n  \"2002\":", "\n  \"2003\":", 1))
	v = played(t, "--replay", "2026-11-23", "--database", url, "--zone", "UTC", "--seeds", "3", "--centre", own, "--compare", "--centre "+less)
	hours := v["agent_hours"].(float64) - v["other"].(map[string]any)["agent_hours"].(float64)
	if hours < 5 || hours > 10 || v["comparison"] == nil {
		t.Errorf("%.1f agents' hours less without one of six; %v", hours, v["comparison"])
	}

	var out strings.Builder
	err = simulate(t.Context(), []string{"--replay", "2026-11-25", "--database", url}, &out)
	if err == nil || !strings.Contains(err.Error(), "there are no finished calls") {
		t.Errorf("a day without calls: %v", err)
	}
	err = simulate(t.Context(), []string{"--rate", "10/h", "--database", url}, &out)
	if err == nil || !strings.Contains(err.Error(), "--replay with a day") {
		t.Errorf("a database for nothing: %v", err)
	}
}
