package chaos

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// smallSize holds the recordings of some hundred conversations.
const smallSize = "192m"

// smallDisk is the folder that is a small disk of its own, in the eyes of one
// process only.
func (w *world) smallDisk() string { return filepath.Join(w.dir, "small") }

// keyFile has the master key of the recordings, which all nodes share.
func (w *world) keyFile() string { return filepath.Join(w.dir, "recordings.key") }

// recordings is where threerings keeps them, as it sees it.
func (w *world) recordings(small bool) string {
	if small {
		return filepath.Join(w.smallDisk(), "recordings")
	}
	return filepath.Join(w.dir, "recordings")
}

// seen is a path of threerings as we see it: its small disk is mounted where
// nobody else looks.
func (w *world) seen(path string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.small || len(w.procs) == 0 {
		return path
	}
	return filepath.Join("/proc", strconv.Itoa(w.procs[0].pid()), "root", path)
}

// onSmallDisk is the command that runs another with a small disk in a folder.
// The folder is mounted for that process alone and gone with it; root needs no
// user namespace for that, others do.
func onSmallDisk(dir string) []string {
	how := "-Urm"
	if os.Geteuid() == 0 {
		how = "-m"
	}
	return []string{"unshare", how, "sh", "-c", `mount -t tmpfs -o size=` + smallSize + ` tmpfs "$0" && exec "$@"`, dir}
}

// fill leaves no byte free on the small disk, and returns how to undo it.
func (w *world) fill() (empty func() error, err error) {
	name := w.seen(filepath.Join(w.smallDisk(), "filler"))
	empty = func() error { return os.Remove(name) }
	f, err := os.Create(name)
	if err != nil {
		return func() error { return nil }, fmt.Errorf("fill the disk: %w", err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2] // down to the last byte
		} else if err != nil {
			return empty, fmt.Errorf("fill the disk: %w", err)
		}
	}
	return empty, nil
}
