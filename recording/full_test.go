package recording

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/queue"
)

// TestWriteCutShort: a store that takes only a part of a file leaves the raw
// file where it is and no piece of its own; the sweep keeps it when there is
// room. The limit of a file's size stands for the end of the disk.
func TestWriteCutShort(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	b := newBench(t)
	c := answered("a1-1.1", 0, 4*time.Second)
	b.index.put(c)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 3 * secondSize
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	_, err := b.Keep(t.Context(), c)
	if back := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); back != nil {
		t.Fatal(back)
	}
	if err == nil || !strings.Contains(err.Error(), "write the file") || !strings.Contains(err.Error(), b.Store) {
		t.Errorf("cut short: %v, want an error that names the store", err)
	}
	left, globErr := filepath.Glob(filepath.Join(b.Store, "2026/11/22", ".*"))
	if globErr != nil || len(left) != 0 || len(b.files()) != 0 || !b.hasRaw(c.ID) || b.Trouble() == nil || b.index.saves != 0 {
		t.Errorf("pieces %q, files %q, raw file there: %t, trouble %v, %d rows; want the raw file and trouble alone",
			left, b.files(), b.hasRaw(c.ID), b.Trouble(), b.index.saves)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(c.ID); r.State != Kept || b.hasRaw(c.ID) || b.Trouble() != nil {
		t.Errorf("after the sweep: %s, raw file there: %t, trouble %v; want it kept", r.State, b.hasRaw(c.ID), b.Trouble())
	}
}

// TestDiskFullIsSaidOnce: many calls and many sweeps on a full disk are one
// sentence in the log, and one when there is room; all is kept then.
func TestDiskFullIsSaidOnce(t *testing.T) {
	full := os.WriteFile("/dev/full", []byte("x"), 0)
	if !disk.Full(full) {
		t.Fatalf("/dev/full says %v", full)
	}
	b := newBench(t)
	var log bytes.Buffer
	b.Log = slog.New(slog.NewTextHandler(&log, nil))
	b.index.failWith(full)
	const calls = 30
	for i := range calls {
		c := answered(queue.CallID(fmt.Sprintf("a1-1.%d", i)), 0, time.Second)
		b.index.put(c)
		b.write(c.ID, tones(time.Second, 440, 700))
		b.keepLogged(t.Context(), c)
	}
	for range 5 {
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "disk full") || !strings.Contains(text, b.Store) {
		t.Errorf("the log has\n%swant one sentence about the disk", text)
	}
	if trouble := b.Trouble(); trouble == nil || !strings.Contains(trouble.Error(), fmt.Sprintf("%d recordings are not kept yet", calls)) {
		t.Errorf("trouble %v, want all %d calls in it", trouble, calls)
	}
	log.Reset()
	b.index.failWith(nil)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "recordings are kept again") {
		t.Errorf("with room again the log has\n%s", text)
	}
	if b.index.saves != calls || b.Trouble() != nil || len(b.files()) != calls {
		t.Errorf("%d rows, %d files, trouble %v; want all %d kept", b.index.saves, len(b.files()), b.Trouble(), calls)
	}
}
