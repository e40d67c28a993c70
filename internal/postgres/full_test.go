package postgres

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	ossignal "os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/queue"
)

// heard is a log that can be read while it is written.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heard) times(words string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.b.String(), words)
}

func hearLog(t *testing.T) *heard {
	h, before := &heard{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(h, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return h
}

// fillDisk puts the kernel's full device where the journal's spool was, until
// free is called: each write finds no room.
func fillDisk(t *testing.T, j *Journal) (free func()) {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(f *os.File) *os.File {
		j.spool.mu.Lock()
		defer j.spool.mu.Unlock()
		was := j.spool.file
		j.spool.file = f
		return was
	}
	disk := swap(full)
	return func() { swap(disk); full.Close() }
}

// TestDiskFullWhilePostgresIsThere: records go on to Postgres, and the log
// says once that the spool is of no use, not at each record.
func TestDiskFullWhilePostgresIsThere(t *testing.T) {
	log := hearLog(t)
	db := openDB(t)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(21)
	d.acd = acd
	free := fillDisk(t, j)
	for range 20 {
		play(t, d, j, 50)
		flush(t, j)
	}
	until(t, "nothing is in memory alone", func() bool { return j.Stats().Unsaved == 0 })
	if n := log.times("the spool cannot be written"); n != 1 {
		t.Errorf("the log complains %d times, want once", n)
	}
	free()
	until(t, "the spool is written again", func() bool {
		play(t, d, j, 50)
		flush(t, j)
		return log.times("the spool can be written again") == 1
	})
	closeJournal(t, j)
	sameState(t, db, acd)
	if size := fileSize(t, j.spool.path); size != 0 {
		t.Errorf("the spool still has %d bytes", size)
	}
}

// TestDiskFullWhilePostgresIsAway: nothing can be stored anywhere; what is in
// memory alone is told, and is stored when there is room again, then when
// Postgres is back.
func TestDiskFullWhilePostgresIsAway(t *testing.T) {
	log := hearLog(t)
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := private.Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	db := openURL(t, server.URL())
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(22)
	d.acd = acd
	play(t, d, j, 200)
	flush(t, j)
	if err := server.Stop(limited(t)); err != nil {
		t.Fatal(err)
	}
	stored := acd.Seq()
	free := fillDisk(t, j)
	play(t, d, j, 3000)
	until(t, "all that is new is known to be in memory alone", func() bool { return j.Stats().Unsaved == int(acd.Seq()-stored) })
	short, cancel := context.WithCancel(context.Background())
	cancel()
	if err := j.Flush(short); err == nil {
		t.Error("a flush is content although nothing is stored")
	}
	free()
	until(t, "all is in the spool", func() bool { s := j.Stats(); return s.Unsaved == 0 && s.Spooled == acd.Seq() })
	for _, words := range []string{"the spool cannot be written", "the spool can be written again", "Postgres does not take records"} {
		if n := log.times(words); n != 1 {
			t.Errorf("the log says %d times %q, want once", n, words)
		}
	}
	again, err := private.Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Stop(context.Background()) })
	flush(t, j)
	closeJournal(t, j)
	sameState(t, db, acd)
}

// TestEndedWhileTheDiskIsFull: what is lost is counted, not called safe.
func TestEndedWhileTheDiskIsFull(t *testing.T) {
	db := openDB(t)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(23)
	d.acd = acd
	db.Close() // from here it cannot reach the server
	free := fillDisk(t, j)
	defer free()
	play(t, d, j, 100)
	now, cancel := context.WithCancel(context.Background())
	cancel()
	if err := j.Close(now); err == nil || !strings.Contains(err.Error(), "of them are lost") || strings.Contains(err.Error(), "delivered at the next start") {
		t.Errorf("close says %v, want that records are lost", err)
	}
}

// TestWriteCutShort: a write that finds room for a part of it leaves no part.
// The limit of a file's size is a disk that is full in the middle of a line.
func TestWriteCutShort(t *testing.T) {
	ossignal.Ignore(syscall.SIGXFSZ)
	defer ossignal.Reset(syscall.SIGXFSZ)
	dir := t.TempDir()
	s, _, _, err := openSpool(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	d := newDay(24)
	d.acd = queue.New()
	var entries []entry
	for _, r := range d.more(40) {
		e, err := newEntry(r)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	half := len(entries) / 2
	if err := s.write(entries[:half]); err != nil {
		t.Fatal(err)
	}
	size := fileSize(t, s.path)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = uint64(size) + 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	err = s.write(entries[half:])
	if back := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); back != nil {
		t.Fatal(back)
	}
	if err == nil || fileSize(t, s.path) != size {
		t.Errorf("cut short: %v, %d bytes; want an error and %d bytes", err, fileSize(t, s.path), size)
	}
	if err := s.write(entries[half:]); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	_, left, damage, err := openSpool(dir, "main")
	if err != nil || damage != nil || len(left) != len(entries) {
		t.Errorf("%d records, damage %v, %v; want all %d", len(left), damage, err, len(entries))
	}
}
