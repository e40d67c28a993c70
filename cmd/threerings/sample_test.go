package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// TestSampleCommand: a draw is drawn again from the ledger and from its file;
// a file in which anything was changed is not taken for a draw.
func TestSampleCommand(t *testing.T) {
	data := houseToBackUp(t)
	config := newLedgerFlags(flag.NewFlagSet("", flag.ContinueOnError))
	*config.data = data
	at := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	var id, promised string
	if err := withLedger(inTime(t), config, func(db *postgres.DB) error {
		p := qa.Plan{ID: "p1", Name: "daily", Per: qa.Day, Form: "standard", Count: 2, DueDays: 3, At: at.AddDate(0, 0, -1), Agents: []queue.AgentID{}}
		if err := db.AddPlan(inTime(t), p, time.UTC); err != nil {
			return err
		}
		draws, err := db.Draws(inTime(t), "p1", 9)
		if err != nil {
			return err
		}
		promised = draws[1].ID
		d, err := db.MakeDraw(inTime(t), draws[0].ID, draws[0].Until, "", time.UTC)
		id = d.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if out := says(t, "sample", "--data", data); !strings.Contains(out, promised+" daily") || !strings.Contains(out, "promised ") || !strings.Contains(out, "drawn from") {
		t.Errorf("the list: %s", out)
	}
	for _, what := range []string{"all", id} {
		if out := says(t, "sample", "--data", data, "--verify", what); !strings.Contains(out, "draw "+id+" of daily") {
			t.Errorf("verified %s: %s", what, out)
		}
	}
	fails(t, "not drawn yet", "sample", "--data", data, "--export", promised)
	file := filepath.Join(t.TempDir(), "draw.jsonl")
	text := says(t, "sample", "--data", data, "--export", id)
	for name, c := range map[string]struct{ text, want string }{
		"as it is":     {text, "hashes to the promise"},
		"a call more":  {text + text[strings.Index(text, "\n")+1:] + "{}\n", "WRONG"},
		"another seed": {strings.Replace(text, `"seed":"`, `"seed":"00`, 1), "WRONG"},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut strings.Builder
		code := run(inTime(t), []string{"sample", "--verify", file}, &out, &errOut)
		if !strings.Contains(out.String(), c.want) || (code == 0) != (c.want != "WRONG") {
			t.Errorf("%s: %d %s%s", name, code, out.String(), errOut.String())
		}
	}
	if err := os.WriteFile(file, []byte("no draw"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, "not the file of a draw", "sample", "--verify", file)
}
