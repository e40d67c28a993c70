package private

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helperFolder makes this test binary start a server and wait to be killed.
const helperFolder = "THREERINGS_PRIVATE_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperFolder); dir != "" {
		s, err := Start(context.Background(), dir, "fsync=off")
		if err != nil {
			os.Stdout.WriteString("error " + err.Error() + "\n")
			os.Exit(1)
		}
		process, _ := s.current()
		os.Stdout.WriteString(strconv.Itoa(process.Pid) + "\n")
		select {}
	}
	os.Exit(m.Run())
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func exec1(t *testing.T, s *Server, sql string) string {
	t.Helper()
	ctx := limited(t)
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(values, ",")
}

func TestServerIsClosedToOthersAndNeverRoot(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	s := start(t, filepath.Join(closed, "pg"))
	info, err := os.Stat(s.socket)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has mode %o, want 700", info.Mode().Perm())
	}
	process, _ := s.current()
	var st syscall.Stat_t
	if err := syscall.Stat("/proc/"+strconv.Itoa(process.Pid), &st); err != nil || st.Uid == 0 {
		t.Errorf("the server runs as uid %d (%v), want any but root", st.Uid, err)
	}
	if group, err := syscall.Getpgid(process.Pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("the server is in our process group %d (%v): Ctrl-C would end it before us", group, err)
	}
	got := exec1(t, s, "SELECT setting FROM pg_settings WHERE name IN ('listen_addresses', 'synchronous_commit', 'server_encoding') ORDER BY name")
	if got != ",UTF8,on" {
		t.Errorf("listen_addresses, server_encoding, synchronous_commit are %q, want no address, UTF8, on", got)
	}
	if got := exec1(t, s, "SELECT datcollate FROM pg_database WHERE datname = 'threerings'"); got != "C" {
		t.Errorf("collation %q, want C: indexes must not depend on the system's locales", got)
	}
}

func TestDataStaysAndFolderIsLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	s := start(t, dir)
	exec1(t, s, "CREATE TABLE kept (x int)")
	if _, err := Start(limited(t), dir); err == nil || !strings.Contains(err.Error(), "in use by another") {
		t.Errorf("a second server in the same folder: got %v, want a refusal", err)
	}
	if err := s.Stop(limited(t)); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if got := exec1(t, s, "SELECT count(*)::text FROM kept"); got != "0" {
		t.Errorf("the table is gone: %q", got)
	}
}

func TestLongFolderGetsShortSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 25), "pg")
	s, err := Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, s, "SELECT ''")
	socket := s.socket
	if strings.HasPrefix(socket, dir) {
		t.Errorf("socket %s is in the long folder", socket)
	}
	if err := s.Stop(limited(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Errorf("the temporary folder %s was left behind: %v", socket, err)
	}
}

// TestServerOfKilledOwnerIsTakenOver kills the owner, then (second case) the
// server too.
func TestServerOfKilledOwnerIsTakenOver(t *testing.T) {
	for _, alsoServer := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "pg")
		owner := exec.Command(os.Args[0])
		owner.Env = append(os.Environ(), helperFolder+"="+dir)
		out, err := owner.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		orphan, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("the owner says %q", line)
		}
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.Wait() // killed, as we wanted
		if alsoServer {
			if err := syscall.Kill(orphan, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		s := start(t, dir)
		exec1(t, s, "SELECT ''")
		if s.serves(orphan) {
			t.Errorf("the server of the killed owner (pid %d) still runs: two servers", orphan)
		}
		if err := s.Stop(limited(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStalePidFileOfAnotherProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pg")
	s := start(t, dir)
	process, exited := s.current()
	pid := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(limited(t)); err != nil {
		t.Fatal(err)
	}
	<-exited
	// The number in the file now belongs to a program of the same account.
	other := s.command("sleep")
	other.Path, other.Args = "/bin/sleep", []string{"sleep", "600"}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait() // killed
	}()
	stale := strings.Replace(string(text), strconv.Itoa(process.Pid), strconv.Itoa(other.Process.Pid), 1)
	if err := os.WriteFile(pid, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.own(pid); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	exec1(t, s, "SELECT ''")
	if err := syscall.Kill(other.Process.Pid, 0); err != nil {
		t.Errorf("the other program was hit: %v", err)
	}
}

func TestServerThatEndsByItselfIsStartedAgain(t *testing.T) {
	s := start(t, filepath.Join(t.TempDir(), "pg"))
	first, exited := s.current()
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	<-exited
	ctx := limited(t)
	for {
		conn, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			conn.Close(ctx)
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("it did not come back: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if now, _ := s.current(); now == first {
		t.Error("the same process answers")
	}
}
