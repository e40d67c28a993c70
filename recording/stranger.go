package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/queue"
)

// Unclaimed is the folder of the store for audio of calls that the ledger does
// not know: conversations while no node was connected, which the switch made by
// itself, or calls whose records never came to the ledger. They are
// conversations all the same (R9.1), so they are kept like any other.
const Unclaimed = "unclaimed"

// strangerAge is how long a raw file of no known call is left where it is.
const strangerAge = time.Hour

// Unclaimed is how many recordings of no known call lie in the store.
func (k *Keeper) Unclaimed() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unclaimed
}

// stranger deals with a raw file of no known call, once it is old and has been
// of no known call for as long as we have watched. The file's age alone is not
// enough: after an outage of the database old calls may not be on record yet.
// Full tells that the disk is, before and after.
func (k *Keeper) stranger(ctx context.Context, spool *os.Root, id queue.CallID, full bool) bool {
	size, modified, err := statRaw(spool, id)
	now := k.now()
	k.mu.Lock()
	since, seen := k.unknown[id]
	if !seen {
		since = now
		k.unknown[id] = now
	}
	_, again := k.failing[id]
	k.mu.Unlock()
	switch {
	case err != nil:
	case size < 0, now.Sub(since) < strangerAge, now.Sub(modified) < strangerAge:
		return full
	case size < frameBytes:
		k.log().Info("empty raw file of no known call removed", "call", id, "modified", modified)
		err = ignoreGone(spool.Remove(rawName(id)))
	case full:
		return true
	default:
		err = k.shelve(ctx, spool, id, size, modified)
	}
	k.note(id, err)
	if err != nil && ctx.Err() == nil {
		k.complain(id, err, again)
	}
	return full || disk.Full(err)
}

// shelve makes a recording of no known call: whole and on disk before the raw
// file goes, so that it is never in no place.
func (k *Keeper) shelve(ctx context.Context, spool *os.Root, id queue.CallID, size int64, modified time.Time) error {
	release, err := k.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	store, err := k.openStore()
	if err != nil {
		return err
	}
	defer store.Close()
	name := unclaimedPlace(id, modified)
	// A file that has more of it than this one stays.
	if info, err := store.Stat(name); err != nil || info.Size()-headerSize < wholeFrames(size) {
		raw, err := spool.Open(rawName(id))
		if err != nil {
			return fmt.Errorf("open the raw file: %w", err)
		}
		defer raw.Close()
		if _, err := writeWAV(ctx, store, name, raw, wholeFrames(size), &meter{}); err != nil {
			return fmt.Errorf("write %s in %s: %w", name, k.Store, err)
		}
	}
	removed, err := removeRaw(spool, id, size)
	if err != nil || !removed {
		return err
	}
	k.log().Warn("recording of a call that the ledger does not know is kept apart", "call", id,
		"file", path.Join(k.Store, name), "seconds", int(lengthOf(size)/time.Second), "modified", modified)
	return nil
}

// unclaimedPlace is by the day of the last sample, in UTC: no house says more.
func unclaimedPlace(id queue.CallID, ended time.Time) string {
	return path.Join(Unclaimed, ended.UTC().Format(time.DateOnly), string(id)+wavSuffix)
}

// claim takes back what was put under unclaimed before the ledger knew the
// call; false when there is nothing.
func claim(store *os.Root, c queue.Call) (bool, error) {
	for _, days := range []int{0, 1, -1} { // the file's clock is the disk's
		from := unclaimedPlace(c.ID, c.EndedAt.AddDate(0, 0, days))
		if _, err := store.Lstat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		to := place(c)
		if err := store.MkdirAll(path.Dir(to), 0o750); err != nil {
			return false, fmt.Errorf("make the day's folder: %w", err)
		}
		if err := store.Rename(from, to); err != nil {
			return false, fmt.Errorf("take %s back: %w", from, err)
		}
		return true, errors.Join(syncFolders(store, path.Dir(to)), syncFolders(store, path.Dir(from)))
	}
	return false, nil
}

// forget drops what was noted of raw files that are gone or known by now.
func (k *Keeper) forget(strangers map[queue.CallID]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id := range k.unknown {
		unknown, there := strangers[id]
		if !unknown {
			delete(k.unknown, id)
		}
		if !there {
			delete(k.failing, id) // moved away by a person
		}
	}
}

func (k *Keeper) countUnclaimed() error {
	n := 0
	err := fs.WalkDir(os.DirFS(k.Store), Unclaimed, func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		if err == nil && entry.Type().IsRegular() && strings.HasSuffix(base, wavSuffix) && !strings.HasPrefix(base, ".") {
			n++
		}
		return ignoreGone(err)
	})
	if err != nil {
		return fmt.Errorf("count the recordings of no known call: %w", err)
	}
	k.mu.Lock()
	k.unclaimed = n
	k.mu.Unlock()
	return nil
}
