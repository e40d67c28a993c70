package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/threerings/threerings/queue"
)

// look is how often a file that is still being written is looked at.
const look = 25 * time.Millisecond

// settled waits until the raw file of a call is whole, and returns its size;
// -1 when there is none. Whole is: as long as the call, and unchanged for the
// settling time. While the switch is up it writes a block about once a second
// (facts 3.8), so standing still alone proves nothing; the length does. A file
// that never gets so long is taken as it is at the limit.
func (k *Keeper) settled(ctx context.Context, spool *os.Root, c queue.Call) (int64, error) {
	settle, limit := orDefault(k.Settle, DefaultSettle), orDefault(k.Limit, DefaultLimit)
	whole := span(c)
	need := sizeOf(whole - allowed(whole))
	deadline := c.EndedAt.Add(limit)
	last := int64(-1)
	changed := c.EndedAt
	for first := true; ; first = false {
		size, modified, err := statRaw(spool, rawOf(c))
		if err != nil {
			return 0, err
		}
		now := k.now()
		if !first && size != last {
			modified = now // the disk's clock is coarse
		}
		last = size
		if modified.After(changed) && !modified.After(now) {
			changed = modified
		}
		still := now.Sub(changed) >= settle
		switch {
		case size < 0 && c.Unrecorded:
			return size, nil
		case size >= 0 && size >= need && still:
			return size, nil
		case !now.Before(deadline) && (still || now.Sub(deadline) >= limit):
			return size, nil
		}
		timer := time.NewTimer(look)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		}
	}
}

// statRaw returns the size of a call's raw file, -1 when there is none.
func statRaw(spool *os.Root, id queue.CallID) (int64, time.Time, error) {
	info, err := spool.Lstat(rawName(id))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return -1, time.Time{}, nil
	case err != nil:
		return 0, time.Time{}, fmt.Errorf("look at the raw file: %w", err)
	case !info.Mode().IsRegular():
		return 0, time.Time{}, fmt.Errorf("%s in the spool is not a regular file: move it away", rawName(id))
	}
	return info.Size(), info.ModTime(), nil
}

// removeRaw removes a raw file of the size that was read, and says whether it
// was: one that has grown since must be read again.
func removeRaw(spool *os.Root, id queue.CallID, size int64) (bool, error) {
	now, _, err := statRaw(spool, id)
	if err != nil || now > size {
		return false, err
	}
	if err := ignoreGone(spool.Remove(rawName(id))); err != nil {
		return false, fmt.Errorf("remove the raw file: %w", err)
	}
	return true, nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
