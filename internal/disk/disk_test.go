package disk

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// full is the error of a write that found no room, from the kernel's own full
// device.
func full(t *testing.T) error {
	t.Helper()
	err := os.WriteFile("/dev/full", []byte("x"), 0)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("/dev/full says %v, want no space", err)
	}
	return err
}

func TestNeedIsOneSentence(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "not", "made", "yet")
	if err := Need(folder, 1); err != nil {
		t.Errorf("one byte: %v", err)
	}
	err := Need(folder, math.MaxInt64)
	if err == nil {
		t.Fatal("there is room for everything")
	}
	for _, want := range []string{"disk full: " + folder + " has ", " free and ", " are needed: make room there, or choose a folder on a larger disk"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if _, err := os.Stat(filepath.Dir(folder)); err == nil {
		t.Error("asking made a folder")
	}
}

func TestBlame(t *testing.T) {
	folder := t.TempDir()
	initdb := errors.New("make the database: initdb: exit status 1: creating subdirectories ... ok\nrunning bootstrap script ... 2026-11-22 19:11:19 UTC [26672] FATAL:  could not extend file \"base/1/3164\": No space left on device\nHINT:  Check free disk space.\nchild process exited with exit code 1")
	for _, c := range []struct {
		name string
		err  error
		at   string // what the sentence tells of the cause
	}{
		{"our own write", fmt.Errorf("secrets: %w", full(t)), "(it ended at: secrets: write /dev/full: no space left on device)"},
		{"quota", fmt.Errorf("secrets: %w", syscall.EDQUOT), "(it ended at: secrets: disk quota exceeded)"},
		{"another program's", initdb, `FATAL:  could not extend file "base/1/3164": No space left on device)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Blame(c.err, folder)
			if !strings.HasPrefix(err.Error(), "disk full: "+folder+" has ") || !strings.HasSuffix(err.Error(), c.at) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q, want one line that names the folder and ends with %q", err, c.at)
			}
			if !errors.Is(err, c.err) {
				t.Error("the cause is lost")
			}
			if again := Blame(fmt.Errorf("start: %w", err), folder); strings.Count(again.Error(), "disk full") != 1 {
				t.Errorf("told twice: %v", again)
			}
		})
	}
	other := errors.New("the port is taken")
	if err := Blame(other, folder); err != other {
		t.Errorf("%v, want an error that has nothing to do with the disk as it was", err)
	}
	if err := Suspect(other, folder); err != other {
		t.Errorf("%v, want it as it was while there is room", err)
	}
	if Blame(nil, folder) != nil || Suspect(nil, folder) != nil {
		t.Error("no error became one")
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[uint64]string{0: "0 kB", 4096: "4 kB", 3 << 20: "3 MB", 100 << 20: "100 MB", 3 << 30: "3.0 GB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%d bytes are %q, want %q", bytes, got, want)
		}
	}
}
