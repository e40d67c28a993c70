package private

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"time"

	"github.com/threerings/threerings/internal/disk"
)

// complainEvery is the pause between two complaints about the same.
const complainEvery = 5 * time.Minute

// errLeft is the cause when the watch ends and the server runs on.
var errLeft = errors.New("left to another program")

// keep begins to watch.
func (s *Server) keep() {
	life, end := context.WithCancelCause(context.Background())
	s.endWatch, s.stopped = end, make(chan struct{})
	go s.watch(life)
}

// watch starts the server again if it ends by itself, as when the system ran
// out of memory: its folder and address stay the same. It ends with life.
func (s *Server) watch(life context.Context) {
	defer close(s.stopped)
	var told time.Time
	for {
		process, exited := s.current()
		select {
		case <-exited:
		case <-life.Done():
			if errors.Is(context.Cause(life), errLeft) {
				return
			}
			_ = process.Signal(syscall.SIGINT) // Stop may have seen only the one before
			<-exited
		}
		if life.Err() != nil {
			return
		}
		if time.Since(told) > complainEvery {
			told = time.Now()
			slog.Error("private postgres ended by itself; starting it again", "folder", s.folder, "log", s.logTail())
		}
		if !s.launchAgain(life) {
			return
		}
	}
}

// launchAgain tries until the server runs, or life ends. A full disk may last
// for hours, so it complains now and then, not at each try.
func (s *Server) launchAgain(life context.Context) bool {
	var told time.Time
	for {
		ctx, cancel := context.WithTimeout(life, time.Minute)
		err := s.launch(ctx)
		cancel()
		if err == nil {
			if !told.IsZero() {
				slog.Info("private postgres runs again", "folder", s.folder)
			}
			return true
		}
		if life.Err() != nil {
			return false
		}
		if time.Since(told) > complainEvery {
			told = time.Now()
			slog.Error("private postgres does not start; it is tried again each second", "folder", s.folder, "err", disk.Suspect(err, s.folder))
		}
		select { // do not spin
		case <-life.Done():
			return false
		case <-time.After(time.Second):
		}
	}
}
