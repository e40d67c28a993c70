package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
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
	name := unclaimedPlace(id, modified)
	whole := wholeFrames(size)
	label, key, err := k.label(id)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	sealed := vault.SealedSize(headerSize+whole, label)
	// A file that has more of it than this one stays.
	if o, err := k.Store.Open(ctx, name); err != nil || o.Info().Size < sealed {
		header, err := wavHeader(whole)
		if err != nil {
			return err
		}
		raw, err := spool.Open(rawName(id))
		if err != nil {
			return fmt.Errorf("open the raw file: %w", err)
		}
		defer raw.Close()
		in, err := vault.Seal(io.MultiReader(bytes.NewReader(header), io.LimitReader(raw, whole)), key, string(id), label)
		if err != nil {
			return err
		}
		if err := k.Store.Put(ctx, name, sealed, in); err != nil {
			return fmt.Errorf("store %s in %s: %w", name, k.Store, err)
		}
	} else if err := o.Close(); err != nil {
		return err
	}
	removed, err := removeRaw(spool, id, size)
	if err != nil || !removed {
		return err
	}
	k.log().Warn("recording of a call that the ledger does not know is kept apart", "call", id,
		"store", k.Store.String(), "file", name, "seconds", int(lengthOf(size)/time.Second), "modified", modified)
	return nil
}

// unclaimedPlace is by the day of the last sample, in UTC: no house says more.
func unclaimedPlace(id queue.CallID, ended time.Time) string {
	return path.Join(Unclaimed, ended.UTC().Format(time.DateOnly), string(id)+sealedWAV)
}

// label is a key for the audio of no known call, and the same wrapped, for the
// file itself to carry: there is no row that could have it.
func (k *Keeper) label(id queue.CallID) ([]byte, vault.Key, error) {
	key := vault.NewKey()
	w, err := k.Keys.Wrap(key, string(id))
	return w.Pack(), key, err
}

// claim makes the recording of a call of what was put under unclaimed before
// the ledger knew it, and names that; fs.ErrNotExist when there is nothing.
func (k *Keeper) claim(ctx context.Context, c queue.Call) (r Recording, name string, err error) {
	for _, days := range []int{0, 1, -1} { // the file's clock is the disk's
		name = unclaimedPlace(rawOf(c), c.EndedAt.AddDate(0, 0, days))
		a, err := k.unclaimedAudio(ctx, rawOf(c), name)
		if errors.Is(err, fs.ErrNotExist) { // or of a version before encryption
			name = strings.TrimSuffix(name, sealedWAV) + wavSuffix
			a, err = k.plainAudio(ctx, name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Recording{}, "", fmt.Errorf("take %s back: %w", name, err)
		}
		r, err := k.enclose(ctx, c, a)
		if err != nil {
			return Recording{}, "", fmt.Errorf("take %s back: %w", name, err)
		}
		return r, name, nil
	}
	return Recording{}, "", fs.ErrNotExist
}

// unclaimedAudio is the audio of a sealed file of no known call.
func (k *Keeper) unclaimedAudio(ctx context.Context, id queue.CallID, name string) (audio, error) {
	open := func() (opening, error) {
		o, err := k.Store.Open(ctx, name)
		if err != nil {
			return opening{}, err
		}
		label, err := vault.Label(o)
		if err == nil {
			var key vault.Key
			if key, err = k.Keys.Unwrap(vault.Unpack(label), string(id)); err == nil {
				var in *vault.Opened
				if in, err = vault.Open(o, o.Info().Size, key, string(id)); err == nil {
					return opening{in, o}, nil
				}
			}
		}
		return opening{}, errors.Join(err, o.Close())
	}
	f, err := open()
	if err != nil {
		return audio{}, err
	}
	return audio{size: f.Size() - headerSize, open: func() (io.ReadCloser, error) { return behindHeader(open()) }}, f.Close()
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

func (k *Keeper) countUnclaimed(ctx context.Context) error {
	n := 0
	err := k.Store.List(ctx, Unclaimed+"/", func(o store.Info) error {
		if strings.HasSuffix(o.Name, sealedWAV) || strings.HasSuffix(o.Name, wavSuffix) {
			n++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the recordings of no known call: %w", err)
	}
	k.mu.Lock()
	k.unclaimed = n
	k.mu.Unlock()
	return nil
}
