package node

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/disk"
)

const (
	// freshLedger is what a new private Postgres takes: 40 MB for its files,
	// and a second piece of 16 MB of its log as soon as calls come.
	freshLedger = 128 << 20
	// littleRoom is two hours of one conversation and a day of the ledger of a
	// small house: time enough to do something.
	littleRoom = 500 << 20
	// noRoom is less than Postgres's next piece of log.
	noRoom = 16 << 20
	// lookAtDisks is the pause between looks.
	lookAtDisks = 10 * time.Second
)

// RoomForLedger is an error when a private Postgres cannot be made in a data
// folder for want of room. One that is there is let try: it may start with
// very little, and who restarts with a full disk wants calls to be taken.
func RoomForLedger(data string) error { return roomForLedger(data, freshLedger) }

func roomForLedger(data string, bytes uint64) error {
	if _, err := os.Stat(filepath.Join(data, "postgres", "data", "PG_VERSION")); err == nil {
		return nil
	}
	return disk.Need(data, bytes)
}

// place is a folder that calls fill.
type place struct{ name, path string }

func (n *Node) folders() []place {
	return []place{{"data", n.set.Data}, {"recordings", n.set.Recordings}, {"raw_recordings", n.set.Asterisk.Recordings}}
}

// watchDisks tells in one sentence that a disk runs out of room, that it has
// none, and that it has again. Calls go on whatever it finds.
func (n *Node) watchDisks(run context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w := diskWatch{log: n.log, ask: disk.Ask, state: map[uint64]int{}}
		tick := time.NewTicker(lookAtDisks)
		defer tick.Stop()
		for {
			w.look(n.folders())
			select {
			case <-tick.C:
			case <-run.Done():
				return
			}
		}
	}()
	n.onClose(func() { <-done })
}

// States of a disk, by how much is wrong.
const (
	roomy = iota
	little
	full
)

type diskWatch struct {
	log   *slog.Logger
	ask   func(folder string) (device, free uint64, err error)
	state map[uint64]int // by device: most houses have one for all folders
}

func (w *diskWatch) look(places []place) {
	folders, left := map[uint64][]string{}, map[uint64]uint64{}
	for _, p := range places {
		if p.path == "" {
			continue
		}
		device, free, err := w.ask(p.path)
		if err != nil {
			continue // the doctor says so, and whoever writes there
		}
		folders[device], left[device] = append(folders[device], p.path), free
	}
	for device, free := range left {
		before, now := w.state[device], judge(free, w.state[device])
		w.state[device] = now
		about := []any{"folders", strings.Join(folders[device], " "), "free", disk.Size(free)}
		switch {
		case now == before:
		case now == full:
			w.log.Error("disk full: calls go on, but ledger and recordings cannot be kept in these folders; make room", about...)
		case now == little && before == roomy:
			w.log.Warn("the disk fills up (an hour of conversation takes 115 MB): make room soon", about...)
		default:
			w.log.Info("the disk has room again", about...)
		}
	}
}

// judge has some slack on the way back, so that a file that comes and goes
// does not fill the log.
func judge(free uint64, before int) int {
	slack := func(limit uint64, state int) uint64 {
		if before >= state {
			return limit + limit/4
		}
		return limit
	}
	switch {
	case free < slack(noRoom, full):
		return full
	case free < slack(littleRoom, little):
		return little
	}
	return roomy
}
