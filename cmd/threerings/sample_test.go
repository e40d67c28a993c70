package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// TestSamplingWithoutThisProgram: the program of docs/sampling.md, as it stands
// there, verifies a draw, and finds another one.
func TestSamplingWithoutThisProgram(t *testing.T) {
	doc, err := os.ReadFile("../../docs/sampling.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(doc), "```js\n")
	code, _, found := strings.Cut(code, "```")
	if !found {
		t.Fatal("docs/sampling.md has no program")
	}
	dir := t.TempDir()
	check := filepath.Join(dir, "check.mjs")
	if err := os.WriteFile(check, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	seed := bytes.Repeat([]byte{7}, qa.SeedSize)
	var population []qa.Candidate
	for i := range 90 {
		population = append(population, qa.Candidate{Call: queue.CallID(fmt.Sprint("c", i)), Agent: queue.AgentID(fmt.Sprint(1001 + i%4)), TalkMS: int64(i) * 1000})
	}
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	d := qa.Draw{ID: "d", Since: at, Until: at.AddDate(0, 1, 0), Commitment: qa.Commitment(seed)}
	d, err = d.Drawn(d.Until, "", qa.Plan{Name: "月度", Count: 5, Targets: []qa.Target{{Reason: qa.Long, Limit: 60, Most: 2}}}, seed, population, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, swap := range map[string]bool{"as it was drawn": false, "a pick swapped": true} {
		picks := slices.Clone(d.Picks)
		if swap {
			picks[0].Call = picks[7].Call
		}
		x := d
		x.Picks = picks
		data, err := x.File(qa.Lines(population))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "draw.jsonl")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(inTime(t), "node", check, file).CombinedOutput()
		if (err != nil) != swap {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
