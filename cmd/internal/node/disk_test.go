package node

import (
	"bytes"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiskWatchSaysItOnce: a sentence at each change, none in between.
func TestDiskWatchSaysItOnce(t *testing.T) {
	var log bytes.Buffer
	var free uint64
	w := diskWatch{log: slog.New(slog.NewTextHandler(&log, nil)), state: map[uint64]int{},
		ask: func(folder string) (uint64, uint64, error) {
			if folder == "/raw" {
				return 2, 100 << 30, nil
			}
			return 1, free, nil
		}}
	places := []place{{"data", "/srv/data"}, {"recordings", "/srv/recordings"}, {"raw_recordings", "/raw"}, {"other", ""}}
	for _, step := range []struct {
		free uint64 // MB
		says string
	}{
		{2000, ""}, {400, "the disk fills up"}, {300, ""}, {510, ""}, {490, ""}, {8, "disk full"}, {0, ""}, {18, ""}, {8, ""},
		{100, "the disk has room again"}, {4000, "the disk has room again"}, {4000, ""}, {1, "disk full"}, {4000, "the disk has room again"},
	} {
		free = step.free << 20
		log.Reset()
		w.look(places)
		w.look(places)
		switch said := log.String(); {
		case step.says == "" && said != "":
			t.Errorf("with %d MB it says %s", step.free, said)
		case step.says != "" && (strings.Count(said, "\n") != 1 || !strings.Contains(said, step.says) || !strings.Contains(said, `folders="/srv/data /srv/recordings"`)):
			t.Errorf("with %d MB it says %q, want once %q and the folders", step.free, said, step.says)
		}
	}
}

// TestRoomForLedger: a Postgres that is there is let try, whatever the room.
func TestRoomForLedger(t *testing.T) {
	data := t.TempDir()
	if err := roomForLedger(data, math.MaxInt64); err == nil || !strings.HasPrefix(err.Error(), "disk full: "+data) {
		t.Errorf("no room: %v, want a sentence about the folder", err)
	}
	made := filepath.Join(data, "postgres", "data")
	if err := os.MkdirAll(made, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(made, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := roomForLedger(data, math.MaxInt64); err != nil {
		t.Errorf("with a database in place: %v", err)
	}
}
