package private

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/privileges"
)

const (
	role     = "threerings" // the server's only role
	database = "threerings"
)

// Server is a running private Postgres.
type Server struct {
	folder   string // lock, log, data
	bin      string
	settings []string
	attr     *syscall.SysProcAttr
	uid, gid int
	lock     *os.File
	socket   string
	ownTemp  bool // socket is a temporary folder that we remove

	mu       sync.Mutex
	process  *os.Process
	exited   chan struct{} // closed when the process has ended
	endWatch context.CancelCauseFunc
	stopped  chan struct{} // closed when the watch has ended
	left     bool          // see Leave
}

// Start runs the server of a folder and returns when it takes connections. The
// folder is made if need be; the first start takes a second or two. Settings
// ("name=value") go on top of our own. Whoever starts it must Stop it.
func Start(ctx context.Context, dir string, settings ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	return startWith(ctx, bin, dir, settings...)
}

// startWith is Start with the programs of a folder.
func startWith(ctx context.Context, bin, dir string, settings ...string) (*Server, error) {
	folder, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("private postgres: %w", err)
	}
	s := &Server{folder: folder, bin: bin, settings: settings}
	if s.attr, s.uid, s.gid, err = privileges.Unprivileged("postgres"); err != nil {
		return nil, fmt.Errorf("private postgres: %w", err)
	}
	if err := s.prepare(ctx); err != nil {
		s.release()
		return nil, fmt.Errorf("private postgres in %s: %w", folder, disk.Suspect(err, folder))
	}
	if err := s.launch(ctx); err != nil {
		s.release()
		return nil, fmt.Errorf("private postgres in %s: %w", folder, disk.Suspect(err, folder))
	}
	s.keep()
	return s, nil
}

// prepare locks the folder, ends what an earlier owner left running, and makes
// the cluster and the socket's folder.
func (s *Server) prepare(ctx context.Context) error {
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(s.folder, 0o700); err != nil {
		return err
	}
	if err := s.own(s.folder); err != nil {
		return err
	}
	if err := privileges.Reachable(s.attr, s.folder); err != nil {
		return err
	}
	if err := s.takeLock(); err != nil {
		return err
	}
	if err := s.endOrphan(ctx); err != nil {
		return err
	}
	if err := s.initialise(ctx); err != nil {
		return err
	}
	return s.makeSocketFolder()
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }
func (s *Server) log() string  { return filepath.Join(s.folder, "postgres.log") }

// own hands one path over to the server's account.
func (s *Server) own(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, s.uid, s.gid)
}

// URL is how to reach the server's database, for pgx and for psql.
func (s *Server) URL() string { return s.urlOf(database) }

func (s *Server) urlOf(db string) string {
	return "postgres:///" + db + "?" + url.Values{"host": {s.socket}, "user": {role}}.Encode()
}

// launch starts the server and waits until it takes connections. After a
// killed server its children may need a moment to notice; until then a new one
// refuses to start, and is tried again.
func (s *Server) launch(ctx context.Context) error {
	for began := time.Now(); ; {
		err := s.launchOnce(ctx)
		if err == nil || !strings.Contains(err.Error(), "pre-existing shared memory block") || time.Since(began) > 10*time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *Server) launchOnce(ctx context.Context) error {
	if err := s.disarm(); err != nil {
		return err
	}
	s.trimLog()
	out, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	args := []string{"-D", s.data(), "-k", s.socket}
	for _, setting := range append([]string{
		"listen_addresses=", "unix_socket_permissions=0700", "max_connections=60",
		"shared_buffers=64MB", "max_wal_size=512MB", "jit=off", "max_parallel_workers_per_gather=0",
		"timezone=UTC", "log_timezone=UTC", "log_checkpoints=off", "logging_collector=off",
		"log_destination=stderr", "log_min_messages=warning",
	}, s.settings...) {
		args = append(args, "-c", setting)
	}
	cmd := s.command("postgres", args...)
	cmd.Stderr, cmd.Stdout = out, out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(exited)
	}()
	s.mu.Lock()
	s.process, s.exited = cmd.Process, exited
	s.mu.Unlock()
	if err := s.awaitReady(ctx, exited); err != nil {
		s.end(cmd.Process, exited)
		return err
	}
	return nil
}

// awaitReady waits for the first connection; recovery after a crash may take a
// while, and only the caller's context limits it.
func (s *Server) awaitReady(ctx context.Context, exited <-chan struct{}) error {
	for {
		err := s.ensureDatabase(ctx)
		if err == nil {
			return nil
		}
		if disk.Full(err) { // waiting makes no room
			return err
		}
		select {
		case <-exited:
			return fmt.Errorf("the server ended at once; its log says: %s", s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w (last answer: %w)", ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+database)
	return err
}

func (s *Server) current() (*os.Process, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process, s.exited
}

// Stop ends the server in order: connections are closed, everything is on
// disk. When ctx ends first, it is ended the hard way, which costs the next
// start a recovery and no data. Stopping twice is harmless, and one that was
// left to another program runs on.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	left := s.left
	s.mu.Unlock()
	if left {
		s.lock.Close() // ours; the other's goes on
		return nil
	}
	s.endWatch(nil)
	process, _ := s.current()
	_ = process.Signal(syscall.SIGINT) // "fast"; it may have ended by itself
	var err error
	select {
	case <-s.stopped:
	case <-ctx.Done():
		err = fmt.Errorf("stop private postgres in %s: it took too long and was ended at once: %w", s.folder, ctx.Err())
		process, exited := s.current()
		s.end(process, exited)
		<-s.stopped
	}
	s.release()
	return err
}

// end ends the server at once, as if the power had failed.
func (s *Server) end(process *os.Process, exited <-chan struct{}) {
	_ = process.Signal(syscall.SIGQUIT)
	select {
	case <-exited:
	case <-time.After(10 * time.Second):
		_ = process.Kill()
		<-exited
	}
}

// release gives back what Start took besides the process.
func (s *Server) release() {
	if s.ownTemp {
		_ = os.RemoveAll(s.socket)
	}
	if s.lock != nil {
		s.lock.Close()
	}
}

func (s *Server) trimLog() {
	if info, err := os.Stat(s.log()); err == nil && info.Size() > 1<<20 {
		_ = os.Rename(s.log(), s.log()+".1")
	}
}

func (s *Server) logTail() string {
	text, err := os.ReadFile(s.log())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " / ")
}

// PID is the server's process, for those who must end it from outside.
func (s *Server) PID() int {
	process, _ := s.current()
	return process.Pid
}
