package private

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/threerings/threerings/internal/disk"
)

// binaries finds the newest installed server: Debian keeps each version in a
// folder outside PATH.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // no number sorts first
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	for _, initdb := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(initdb), "postgres")); err == nil {
			return filepath.Dir(initdb), nil
		}
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(real), nil
		}
	}
	return "", errors.New("no Postgres server is installed: install the package postgresql (apt-get install postgresql), or set DATABASE_URL to a server of yours")
}

// command prepares one of the server's programs. It sees nothing of our
// environment: PGDATA, PGPORT and the like would lead it astray.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	attr := *s.attr
	cmd.SysProcAttr = &attr
	cmd.Dir = "/" // the way to our folder opens only after exec, see privileges
	cmd.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + s.folder}
	return cmd
}

// takeLock makes sure that one program at a time owns the folder. The lock
// ends with us, whichever way we end.
func (s *Server) takeLock() error {
	f, err := os.OpenFile(filepath.Join(s.folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner, _ := os.ReadFile(f.Name())
		f.Close()
		return fmt.Errorf("the folder is in use by another threerings (pid %s): stop that one, or choose another data folder", strings.TrimSpace(string(owner)))
	}
	s.lock = f
	return s.signLock()
}

// signLock writes who we are into the lock, for messages.
func (s *Server) signLock() error {
	if err := s.lock.Truncate(0); err != nil {
		return err
	}
	_, err := s.lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// initialise makes the cluster, in a folder that gets its name when it is
// whole: a crash half-way leaves nothing that looks finished.
func (s *Server) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); err == nil {
		return s.checkVersion()
	}
	half := s.data() + ".tmp"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	// Whoever reaches the socket is trusted; the closed folder decides who does.
	args := []string{"-D", half, "-U", role, "-E", "UTF8", "--locale=C", "--auth=trust"}
	if slices.Contains(s.settings, "fsync=off") {
		args = append(args, "--no-sync")
	}
	cmd := s.command("initdb", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if err := cmd.Wait(); err != nil {
		return disk.Blame(fmt.Errorf("make the database: initdb: %w: %s", err, strings.TrimSpace(out.String())), s.folder)
	}
	return os.Rename(half, s.data())
}

func (s *Server) checkVersion() error {
	text, err := os.ReadFile(filepath.Join(s.data(), "PG_VERSION"))
	if err != nil {
		return err
	}
	out, err := s.command("postgres", "--version").Output()
	if err != nil {
		return fmt.Errorf("ask the server's version: %w", err)
	}
	made := strings.TrimSpace(string(text))
	if fields := strings.Fields(string(out)); len(fields) > 2 && fields[2] != made && !strings.HasPrefix(fields[2], made+".") {
		return fmt.Errorf("the data was made by Postgres %s, installed is %s: install postgresql-%s, or move the data with pg_upgrade", made, fields[2], made)
	}
	return nil
}

// pidFile is what a server writes about itself, see Postgres's miscadmin.h.
type pidFile struct {
	lines  []string
	pid    int
	socket string
}

func (s *Server) readPidFile() (pidFile, bool) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return pidFile{}, false
	}
	p := pidFile{lines: strings.Split(string(text), "\n")}
	p.pid, err = strconv.Atoi(strings.TrimSpace(p.lines[0]))
	if err != nil || p.pid <= 0 {
		return pidFile{}, false
	}
	if len(p.lines) > 4 {
		p.socket = strings.TrimSpace(p.lines[4])
	}
	return p, true
}

// endOrphan stops, in order, a server that our own sudden end left running: we
// hold the lock, so nobody else uses it.
func (s *Server) endOrphan(ctx context.Context) error {
	p, ok := s.readPidFile()
	if !ok {
		return nil
	}
	if s.serves(p.pid) {
		if err := syscall.Kill(p.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the server that still runs here (pid %d): %w", p.pid, err)
		}
	}
	for s.serves(p.pid) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("a server of an earlier run (pid %d) does not stop: %w", p.pid, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	if parent := filepath.Dir(p.socket); strings.HasPrefix(filepath.Base(p.socket), socketPrefix) && (parent == os.TempDir() || parent == "/tmp") {
		return os.RemoveAll(p.socket)
	}
	return nil
}

// disarm keeps the lock files of a dead server from stopping a new one when
// their process number belongs to some other program by now (in a container it
// often does). The socket's go, since the folder is ours alone. The data's
// stays, under our number, which Postgres takes as stale because we are its
// parent: by a line in it Postgres finds children of the dead server that are
// still writing.
func (s *Server) disarm() error {
	for _, name := range []string{".s.PGSQL.5432", ".s.PGSQL.5432.lock"} {
		if err := os.Remove(filepath.Join(s.socket, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	p, ok := s.readPidFile()
	if !ok || s.serves(p.pid) || errors.Is(syscall.Kill(p.pid, 0), syscall.ESRCH) {
		return nil
	}
	p.lines[0] = strconv.Itoa(os.Getpid())
	return os.WriteFile(filepath.Join(s.data(), "postmaster.pid"), []byte(strings.Join(p.lines, "\n")), 0o600)
}

// serves reports whether a process is a server of this folder: Postgres works
// in its data folder.
func (s *Server) serves(pid int) bool {
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if errors.Is(err, fs.ErrPermission) {
		return false // another account's: not ours, the account is the folder's owner
	}
	data, dataErr := os.Stat(s.data())
	return err == nil && dataErr == nil && os.SameFile(cwd, data)
}

const (
	socketPrefix = "threerings-pg-"
	socketLimit  = 107 // bytes of a socket's path, sockaddr_un
)

// makeSocketFolder makes the closed folder that the socket lies in: in the
// data folder, or, when that path is too long for a socket, a short one.
func (s *Server) makeSocketFolder() error {
	s.socket = filepath.Join(s.folder, "socket")
	if fits(s.socket) {
		if err := os.Mkdir(s.socket, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return s.own(s.socket)
	}
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(parent, socketPrefix)
		if err != nil {
			return fmt.Errorf("make a folder for the socket: %w", err)
		}
		if fits(dir) {
			s.socket, s.ownTemp = dir, true
			return s.own(dir)
		}
		_ = os.Remove(dir)
	}
	return fmt.Errorf("neither %s nor %s is short enough for a socket (limit %d bytes): choose a shorter data folder or TMPDIR", s.folder, os.TempDir(), socketLimit)
}

// fits also refuses commas: both ends take them as a list of folders.
func fits(dir string) bool {
	return len(dir)+len("/.s.PGSQL.5432") <= socketLimit && !strings.Contains(dir, ",")
}
