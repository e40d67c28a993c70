package chaos

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

func (w *world) redisSocket() string { return filepath.Join(w.dir, "redis.sock") }

// startRedis runs a Redis that keeps nothing on disk.
func (w *world) startRedis() error {
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", w.redisSocket(), "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
	cmd.Dir = w.dir
	cmd.Stdout, cmd.Stderr = w.log, w.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("redis-server (scripts/install-deps.sh test installs it): %w", err)
	}
	w.redis = cmd
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("unix", w.redisSocket())
		if err == nil {
			return c.Close()
		}
		if time.Since(began) > 20*time.Second {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

// flushRedis has it forget everything, as a restart would.
func (w *world) flushRedis() error {
	c, err := net.Dial("unix", w.redisSocket())
	if err != nil {
		return fmt.Errorf("flush Redis: %w", err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Write([]byte("FLUSHALL\r\n")); err != nil {
		return fmt.Errorf("flush Redis: %w", err)
	}
	answer := make([]byte, 64)
	n, err := c.Read(answer)
	if err != nil || string(answer[:n]) != "+OK\r\n" {
		return fmt.Errorf("flush Redis: %q %w", answer[:n], err)
	}
	return nil
}

// crashPostgres kills the server; whoever runs it starts it again.
func (w *world) crashPostgres() error {
	if err := syscall.Kill(w.postgres.PID(), syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill Postgres: %w", err)
	}
	return nil
}
