package recording

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"time"
)

// Books is where days are closed and kept, append-only.
type Books interface {
	// DaysToClose lists the days before a day that have recordings in no tree,
	// the oldest first.
	DaysToClose(ctx context.Context, before string) ([]string, error)
	// Unfinished counts what of a day's calls is still to be done: conversations
	// without a row, recordings that are to be converted.
	Unfinished(ctx context.Context, day string) (int, error)
	// LeavesToClose returns what is in no tree as it is now, of the day and
	// before, in the order of days and calls.
	LeavesToClose(ctx context.Context, day string) ([]Leaf, error)
	// LastRoot returns the newest root; false when there is none.
	LastRoot(ctx context.Context) (Root, bool, error)
	// SaveRoot appends a day, unless another was appended behind root.Previous.
	SaveRoot(ctx context.Context, root Root, leaves []Leaf) error
}

const (
	// RootsFolder is where the store has the roots, beside what they speak of: who
	// changes the database does not change them.
	RootsFolder = "roots"
	// closeAfter is how long after its end a day is closed at the earliest.
	closeAfter = time.Hour
	// closeAnyway is after what time it is, whatever is not finished: that
	// comes late, into another day's tree.
	closeAnyway = 25 * time.Hour
)

// RootFile is the name of a day's root in the store.
func RootFile(day string) string { return path.Join(RootsFolder, day+".json") }

// closeDays closes the days that are over and whose calls are in.
func (k *Keeper) closeDays(ctx context.Context) error {
	if k.Books == nil {
		return nil
	}
	now := k.now().In(k.location())
	days, err := k.Books.DaysToClose(ctx, now.Add(-closeAfter).Format(time.DateOnly))
	if err != nil {
		return fmt.Errorf("list days to close: %w", err)
	}
	last, had, err := k.Books.LastRoot(ctx)
	if err != nil {
		return fmt.Errorf("look up the last day closed: %w", err)
	}
	for _, day := range days {
		if had && day <= last.Day { // what came late goes into the next day
			continue
		}
		if day >= now.Add(-closeAnyway).Format(time.DateOnly) {
			open, err := k.Books.Unfinished(ctx, day)
			if err != nil {
				return fmt.Errorf("look whether %s is finished: %w", day, err)
			}
			if open > 0 {
				return nil // the days behind it wait: the chain is in order
			}
		}
		leaves, err := k.Books.LeavesToClose(ctx, day)
		if err != nil {
			return fmt.Errorf("list the recordings of %s: %w", day, err)
		}
		root := NewRoot(day, leaves, last.Hash, k.now())
		if err := k.fileRoot(ctx, root); err != nil {
			return err
		}
		if err := k.Books.SaveRoot(ctx, root, leaves); err != nil {
			return fmt.Errorf("close %s: %w", day, err)
		}
		last, had = root, true
		k.log().Info("day of recordings closed", "day", day, "recordings", root.Leaves, "root", root.Root, "hash", root.Hash)
	}
	return nil
}

// fileRoot puts a root beside the recordings, before it is in the database:
// what is not there then is written again.
func (k *Keeper) fileRoot(ctx context.Context, root Root) error {
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if err := k.Store.Put(ctx, RootFile(root.Day), int64(len(data)), bytes.NewReader(data)); err != nil {
		return fmt.Errorf("store the root of %s in %s: %w", root.Day, k.Store, err)
	}
	return nil
}

// rootFiled reads the root of a day that is beside the recordings.
func (k *Keeper) rootFiled(ctx context.Context, day string) (root Root, err error) {
	o, err := k.Store.Open(ctx, RootFile(day))
	if err != nil {
		return root, err
	}
	defer o.Close()
	if o.Info().Size > 1<<16 {
		return root, errors.New("it is too long")
	}
	return root, json.NewDecoder(o).Decode(&root)
}

func (k *Keeper) location() *time.Location {
	if k.Location == nil {
		return time.UTC
	}
	return k.Location()
}
