package private

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/internal/privileges"
)

// lines is a log that counts.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// refusing makes a folder for a program that ends as Postgres's do on a full
// disk, with the words that a trial on one gave.
func refusing(t *testing.T, name, words string) string {
	t.Helper()
	bin, err := os.MkdirTemp("", "bin") // open: the server's account looks into it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(bin) })
	if err := os.Chmod(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho '%s' >&2\nexit 1\n", words)
	if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return bin
}

// TestNoRoomForTheDatabase: what initdb says on a full disk becomes one
// sentence that names the folder.
func TestNoRoomForTheDatabase(t *testing.T) {
	attr, uid, gid, err := privileges.Unprivileged("postgres")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{folder: t.TempDir(), attr: attr, uid: uid, gid: gid,
		bin: refusing(t, "initdb", "creating subdirectories ... ok\nrunning bootstrap script ... FATAL:  could not write to file \"pg_wal/xlogtemp.26280\": No space left on device")}
	err = s.initialise(limited(t))
	if err == nil || !strings.HasPrefix(err.Error(), "disk full: "+s.folder+" has ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want a sentence about the full disk of %s", err, s.folder)
	}
	if _, err := os.Stat(s.data()); err == nil {
		t.Error("half a database has its name")
	}
}

// TestServerThatFindsNoRoomIsTriedAgain: it is started when there is room
// again, and the log has a sentence until then, not one for each try.
func TestServerThatFindsNoRoomIsTriedAgain(t *testing.T) {
	log := &lines{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })

	bin := refusing(t, "full", "FATAL:  could not write lock file \"postmaster.pid\": No space left on device")
	real, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	use := func(program string) { // replaced at once
		t.Helper()
		if err := os.Symlink(program, filepath.Join(bin, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(bin, "next"), filepath.Join(bin, "postgres")); err != nil {
			t.Fatal(err)
		}
	}
	use(filepath.Join(real, "postgres"))
	dir := filepath.Join(t.TempDir(), "pg")
	made, err := Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Stop(limited(t)); err != nil {
		t.Fatal(err)
	}
	s, err := startWith(limited(t), bin, dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })

	use(filepath.Join(bin, "full"))
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait := limited(t)
	tries := func() int {
		text, err := os.ReadFile(s.log())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "No space left on device")
	}
	for tries() < 3 {
		if wait.Err() != nil {
			t.Fatalf("it was tried %d times only", tries())
		}
		time.Sleep(10 * time.Millisecond)
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "disk full: "+s.folder) {
		t.Errorf("the log has\n%swant that it ended, and one sentence about the disk", text)
	}
	use(filepath.Join(real, "postgres"))
	for {
		conn, err := pgx.Connect(wait, s.URL())
		if err == nil {
			conn.Close(wait)
			break
		}
		if wait.Err() != nil {
			t.Fatalf("it did not come back: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	for !strings.Contains(log.String(), "private postgres runs again") {
		if wait.Err() != nil {
			t.Fatalf("nobody says that it runs again:\n%s", log)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
