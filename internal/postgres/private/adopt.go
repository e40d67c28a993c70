package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/threerings/threerings/internal/privileges"
)

// Leave lets the server run on when this program ends, for another program of
// the same account to Adopt. Until then nobody starts it again should it end.
// The descriptor is that of the folder's lock, which must go to the other
// program (SCM_RIGHTS): so the folder is locked at every instant. Resume takes
// all of it back.
func (s *Server) Leave() (lock uintptr, err error) {
	s.endWatch(errLeft)
	<-s.stopped
	if _, exited := s.current(); isClosed(exited) {
		s.keep()
		return 0, errors.New("leave private postgres: it has ended by itself and is being started again; try again in a moment")
	}
	s.mu.Lock()
	s.left = true
	s.mu.Unlock()
	return s.lock.Fd(), nil
}

// Resume is for a server that was left and not adopted.
func (s *Server) Resume() {
	s.mu.Lock()
	s.left = false
	s.mu.Unlock()
	s.keep()
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// CanAdopt says in a sentence why this machine cannot watch a server that is
// not its child, or nil.
func CanAdopt() error {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return fmt.Errorf("adopt private postgres: it takes a Linux of 5.3 or later: %w", err)
	}
	return unix.Close(fd)
}

// Adopt makes a server ours that the program that started it has left: with
// the lock of its folder, which Adopt keeps unless it fails. From now on it is
// as one that Start returned.
func Adopt(ctx context.Context, dir string, lock *os.File) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("adopt private postgres in %s: %w", dir, err)
		}
	}()
	s := &Server{lock: lock}
	if s.folder, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.attr, s.uid, s.gid, err = privileges.Unprivileged("postgres"); err != nil {
		return nil, err
	}
	p, ok := s.readPidFile()
	if !ok || p.socket == "" {
		return nil, errors.New("its pid file cannot be read")
	}
	s.socket = p.socket
	s.ownTemp = strings.HasPrefix(filepath.Base(p.socket), socketPrefix)
	if err := s.follow(p.pid); err != nil {
		return nil, err
	}
	if err := s.ensureDatabase(ctx); err != nil { // it is the one that answers
		return nil, err
	}
	if err := s.signLock(); err != nil {
		return nil, err
	}
	s.keep()
	return s, nil
}

// follow notices the end of a process that is not our child.
func (s *Server) follow(pid int) (err error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("watch process %d: %w", pid, err)
	}
	if s.process, err = os.FindProcess(pid); err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("watch process %d: %w", pid, err)
	}
	exited := make(chan struct{})
	s.exited = exited
	go func() {
		defer close(exited)
		defer unix.Close(fd)
		for {
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}()
	return nil
}
