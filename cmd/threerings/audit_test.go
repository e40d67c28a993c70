package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/recording"
)

// TestAuditCommand: what is not as it was filed is named and the exit code is
// 1; a recording, and a file of one, is proved to be in its day's tree.
func TestAuditCommand(t *testing.T) {
	data := houseToBackUp(t)
	var out, errOut strings.Builder
	if code := run(inTime(t), []string{"audit", "--data", data}, &out, &errOut); code != 1 {
		t.Errorf("exit code %d, %s", code, errOut.String())
	}
	for _, want := range []string{"changed  (open) b 2026/11/22/b.wav: the object is not what was stored", "missing  (open) gone 2026/11/22/gone.wav", "2 are not as they were filed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("audit says\n%swant %q", out.String(), want)
		}
	}
	fails(t, "is in no day's tree", "audit", "--data", data, "--call", "a")
	fails(t, "is not closed", "audit", "--data", data, "--day", "2026-11-22")
	fails(t, "give a day", "audit", "--data", data, "--day", "yesterday")

	config := newLedgerFlags(flag.NewFlagSet("", flag.ContinueOnError))
	*config.data = data
	if err := withLedger(inTime(t), config, func(db *postgres.DB) error {
		leaves, err := db.LeavesToClose(inTime(t), "2026-11-22")
		if err != nil {
			return err
		}
		return db.SaveRoot(inTime(t), recording.NewRoot("2026-11-22", leaves, "", time.Now()), leaves)
	}); err != nil {
		t.Fatal(err)
	}
	if out := says(t, "audit", "--data", data, "--call", "a"); !strings.Contains(out, `"path": [`) || !strings.Contains(out, "of 3 of 2026-11-22: its path leads to the root") {
		t.Errorf("the proof says %s", out)
	}
	if out := says(t, "audit", "--data", data, "--file", filepath.Join(data, "recordings/2026/11/22/a.wav")); !strings.Contains(out, "its path leads to the root") {
		t.Errorf("the file's proof says %s", out)
	}
	other := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(other, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, "is in no day's tree", "audit", "--data", data, "--file", other)
}
