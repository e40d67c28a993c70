package asteriskconf

import (
	"bytes"
	"context"
	"fmt"

	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endStale ends the Asterisk that a run which could not clean up has left in this folder. A process id
// may have been given to another program since: only a process whose command line names this very
// configuration is touched.
func endStale(ctx context.Context, p Params) error {
	pidFile := p.dir("run/asterisk.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return nil // none was left
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !runs(pid, p) {
		return nil
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil && runs(pid, p) {
			return fmt.Errorf("an Asterisk of an earlier run (pid %d) is still in %s and cannot be ended: end it by hand: %w", pid, p.Dir, err)
		}
		if goneWithin(ctx, pid, stopLimit) {
			return nil
		}
	}
	return fmt.Errorf("an Asterisk of an earlier run (pid %d) is still in %s and does not end: end it by hand", pid, p.Dir)
}

// runs tells whether the process is an Asterisk of this instance.
func runs(pid int, p Params) bool {
	cmdline, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return false
	}
	args := bytes.Split(cmdline, []byte{0})
	for _, arg := range args {
		if string(arg) == p.mainConf() {
			return true
		}
	}
	return false
}

// lives tells whether a process still holds anything. A dying one loses its command line first and its
// ports last, when its last thread has gone; what then remains is a zombie.
func lives(pid int) bool {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return false
	}
	_, state, _ := bytes.Cut(stat, []byte(") "))
	if !bytes.HasPrefix(state, []byte("Z")) {
		return true
	}
	threads, err := os.ReadDir(filepath.Join(folder, "task"))
	return err == nil && len(threads) > 1
}

func goneWithin(ctx context.Context, pid int, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for lives(pid) {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// lastWords is the end of what Asterisk said, for an error message.
func (in *Instance) lastWords() string {
	var words strings.Builder
	for _, name := range []string{"log/output", "log/messages"} {
		text, err := os.ReadFile(in.params.dir(name))
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		for _, line := range lines[max(0, len(lines)-8):] {
			if line != "" {
				words.WriteString("\n  " + name + ": " + line)
			}
		}
	}
	return words.String()
}
