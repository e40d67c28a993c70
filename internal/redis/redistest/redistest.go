// Package redistest gives a test a real redis-server of its own, on a unix
// socket in a temporary folder, without persistence. It ends with the test.
package redistest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/threerings/threerings/internal/redis"
)

// Server is one redis-server. Its methods fail the test if they cannot do
// what they say.
type Server struct {
	URL string // for redis.Open

	t      testing.TB
	socket string
	mu     sync.Mutex
	cmd    *exec.Cmd
}

// startLimit is generous: the machine may be busy.
const startLimit = 20 * time.Second

// New starts a server and waits until it answers.
func New(t testing.TB) *Server {
	t.Helper()
	// Not t.TempDir: a socket's path may not be longer than 107 bytes.
	dir, err := os.MkdirTemp("", "redistest")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, socket: filepath.Join(dir, "redis.sock")}
	s.URL = "unix://" + s.socket
	t.Cleanup(func() {
		s.Kill()
		os.RemoveAll(dir)
	})
	s.Start()
	return s
}

// Start starts the server again on the same socket, with nothing in it.
func (s *Server) Start() {
	s.t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatalf("redis-server is needed for this test: install Redis (%v)", err)
	}
	cmd := exec.Command(path, "--port", "0", "--unixsocket", s.socket,
		"--save", "", "--appendonly", "no", "--dir", filepath.Dir(s.socket), "--loglevel", "warning")
	cmd.SysProcAttr = dieWithTest()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	s.mu.Lock()
	s.cmd = cmd
	s.mu.Unlock()
	client := s.open()
	defer client.Close()
	for end := time.Now().Add(startLimit); ; time.Sleep(5 * time.Millisecond) {
		_, err := os.Stat(s.socket)
		if err == nil {
			err = client.Ping(context.Background()).Err()
		}
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("redis-server does not answer after %v: %v", startLimit, err)
		}
	}
}

// Kill ends the server as a power cut would. It may be called twice.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		os.Remove(s.socket)
		s.cmd = nil
	}
}

// Pause stops the server where it stands; Resume lets it go on. What was sent
// meanwhile is carried out then.
func (s *Server) Pause()  { s.signal(syscall.SIGSTOP) }
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Errorf("send %v to redis-server: %v", sig, err)
	}
}

func (s *Server) open() *goredis.Client {
	s.t.Helper()
	c, err := redis.Open(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// Client opens a client that is closed with the test.
func (s *Server) Client() *goredis.Client {
	s.t.Helper()
	c := s.open()
	s.t.Cleanup(func() { c.Close() })
	return c
}
