package privileges

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestUnprivilegedIsNeverRoot(t *testing.T) {
	attr, uid, gid, err := Unprivileged("no-such-account-here", "root")
	if err != nil {
		t.Fatal(err)
	}
	if !attr.Setpgid {
		t.Error("the program shares our process group: Ctrl-C would reach it before we stop it")
	}
	cmd := exec.Command("id", "-u")
	cmd.SysProcAttr = attr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("starting a program with the account: %v", err)
	}
	if got := strings.TrimSpace(string(out)); got != strconv.Itoa(uid) || got == "0" {
		t.Errorf("the program runs as uid %s, want %d and never 0", got, uid)
	}
	if os.Geteuid() != 0 && (uid != os.Getuid() || gid != os.Getgid() || attr.Credential != nil) {
		t.Errorf("as an ordinary user nothing may change, got uid %d gid %d", uid, gid)
	}
}

func TestClosedFoldersAreReadableAndNotWritable(t *testing.T) {
	dir := t.TempDir()
	closed := filepath.Join(dir, "closed")
	mine := filepath.Join(closed, "mine")
	if err := os.MkdirAll(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	attr, uid, gid, err := Unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	if err := Give(mine, uid, gid); err != nil {
		t.Fatal(err)
	}
	shell := filepath.Join(closed, "shell") // the program itself is behind the closed folder, too
	text, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(shell, text, 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(script string) error {
		return Command(t.Context(), attr, mine, shell, "-c", script).Run()
	}
	if err := Reachable(attr, mine); err != nil {
		if run("echo x > f") == nil {
			t.Errorf("Reachable says %q, yet the program got there", err)
		}
		return
	}
	if err := run("echo x > f"); err != nil {
		t.Errorf("the program cannot write its own folder behind a closed one: %v", err)
	}
	if attr.Credential != nil && run("echo x > ../f") == nil {
		t.Error("the program wrote a folder that was not given to it")
	}
}

func TestReachableNamesTheClosedFolder(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := Reachable(attr, filepath.Join(closed, "x")); err == nil || !strings.Contains(err.Error(), closed) {
		t.Errorf("got %v, want a sentence naming %s", err, closed)
	}
	attr.AmbientCaps = []uintptr{unix.CAP_DAC_READ_SEARCH}
	if err := Reachable(attr, filepath.Join(closed, "x")); err != nil {
		t.Errorf("with the capability nothing is closed, got %v", err)
	}
}
