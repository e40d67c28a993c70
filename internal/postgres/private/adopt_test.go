package private

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAdopt: a server that was left belongs to who adopts it, as if that one
// had started it: it runs on, is locked at every instant, is started again when
// it ends by itself, and is stopped in order.
func TestAdopt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	first, err := Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, first, "CREATE TABLE kept (x int)")
	pid := first.PID()
	lock, err := first.Leave()
	if err != nil {
		t.Fatal(err)
	}
	copied, err := unix.Dup(int(lock)) // as SCM_RIGHTS does
	if err != nil {
		t.Fatal(err)
	}
	second, err := Adopt(limited(t), dir, os.NewFile(uintptr(copied), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(limited(t)); err != nil {
		t.Error("the one that left it stops: ", err)
	}
	if second.PID() != pid || second.URL() != first.URL() {
		t.Errorf("adopted: pid %d, %s; it was %d, %s", second.PID(), second.URL(), pid, first.URL())
	}
	if got := exec1(t, second, "SELECT count(*)::text FROM kept"); got != "0" {
		t.Errorf("after the one that left it stopped: %q", got)
	}
	if _, err := Start(limited(t), dir); err == nil || !strings.Contains(err.Error(), "in use by another") {
		t.Errorf("a third server in the same folder: %v, want a refusal", err)
	}

	_, exited := second.current()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-exited:
	case <-limited(t).Done():
		t.Fatal("nobody notices its end")
	}
	for ctx := limited(t); second.ensureDatabase(ctx) != nil; {
		select {
		case <-ctx.Done():
			t.Fatal("it is not started again")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := second.Stop(limited(t)); err != nil {
		t.Error(err)
	}
	start(t, dir) // the folder is free
}

// TestLeftAndNotAdopted: who resumes watches again, and stops it.
func TestLeftAndNotAdopted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	s := start(t, dir)
	if _, err := s.Leave(); err != nil {
		t.Fatal(err)
	}
	s.Resume()
	process, exited := s.current()
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-exited
	for ctx := limited(t); s.ensureDatabase(ctx) != nil; {
		select {
		case <-ctx.Done():
			t.Fatal("it is not started again")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestAdoptWithoutServer: there must be one.
func TestAdoptWithoutServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	if _, err := Adopt(limited(t), dir, nil); err == nil || !strings.Contains(err.Error(), "pid file") {
		t.Errorf("adopt nothing: %v", err)
	}
}
