package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/queue"
)

func TestDryRunWithoutANode(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "centre.yaml")
	dryRun := func(text string, flags ...string) (code int, out, said string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), append(append([]string{"apply", "--data", dir}, flags...), file), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	if code, out, said := dryRun("queues: {a: {}}\n", "--dry-run"); code != 0 || said != "" || !strings.Contains(out, "only the file was checked: it is in order") {
		t.Errorf("%d %q %q", code, out, said)
	}
	if code, out, said := dryRun("queues: {a: {}}\n", "--dry-run", "--json"); code != 0 || said != "" || !strings.Contains(out, `"warning": "no threerings runs`) {
		t.Errorf("%d %q %q", code, out, said)
	}
	if code, _, said := dryRun("queues: {}\n", "--dry-run"); code != 1 || !strings.Contains(said, "name at least one") {
		t.Errorf("%d %q", code, said)
	}
	if code, _, said := dryRun("queues: {a: {}}\n", "--json"); code != 1 || !strings.Contains(said, "only with --dry-run") {
		t.Errorf("%d %q", code, said)
	}
}

func TestWriteDryRun(t *testing.T) {
	would := node.Applied{Changes: []centre.Change{{Op: centre.Removed, Subject: "queue sales", From: "Sales"}},
		Preview: &queue.Preview{Facts: []queue.Fact{{Kind: queue.FactQueue, Queue: "sales", Text: "would vanish with its calls c4"},
			{Kind: queue.FactPlace, Call: "c1", Queue: "support", Place: 3, Waited: 41_000, Text: "place 3 -> 1"}}}}
	var out bytes.Buffer
	if err := writeDryRun(&out, would, false); err != nil {
		t.Error(err)
	}
	if want := "- queue sales Sales\nfor who is there now:\n  queue sales: would vanish with its calls c4\n  call c1 (support, place 3, waiting 0:41): place 3 -> 1\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	would.Preview.Refused = "queue sales has calls"
	if err := writeDryRun(&out, would, false); err == nil || !strings.Contains(err.Error(), "would be refused: queue sales has calls") {
		t.Errorf("got %v", err)
	}
	out.Reset()
	if err := writeDryRun(&out, would, true); !errors.Is(err, errSaid) {
		t.Errorf("got %v", err)
	}
	var back node.Applied
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Preview.Refused == "" || back.Preview.Facts[1].Place != 3 || back.Preview.Facts[1].Waited != 41_000 {
		t.Errorf("got %s, %v", out.String(), err)
	}
}

func TestSchemaCommand(t *testing.T) {
	var out, said bytes.Buffer
	if code := run(t.Context(), []string{"schema"}, &out, &said); code != 0 || !json.Valid(out.Bytes()) {
		t.Errorf("%d %q", code, said.String())
	}
	if code := run(t.Context(), []string{"schema", "x"}, &out, &said); code != 1 {
		t.Errorf("an argument is taken")
	}
}
