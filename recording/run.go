package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/queue"
)

const (
	// lookBack is how far a sweep looks for calls without a recording. Beyond
	// it the raw file is all there is, and the sweep of the spool finds it.
	lookBack = 30 * 24 * time.Hour
	// doubtFor is how long a conversation may take to come on record that a
	// replaced leader alone knows of: until its node is up again.
	doubtFor = 24 * time.Hour
	// page is how many calls are asked for at a time.
	page = 200
)

// Run keeps the recordings of calls as they end, and sweeps at the start and
// then each minute, until ctx is done. It takes a call from ended at once
// whatever the disk and the index do, so sending never waits for long. A closed
// channel leaves the sweeps. It returns when the work in hand has stopped;
// whatever was not finished is found by the next Run.
func (k *Keeper) Run(ctx context.Context, ended <-chan queue.Call) {
	k.init()
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		tick := time.NewTicker(orDefault(k.SweepEvery, DefaultSweepEvery))
		defer tick.Stop()
		var told time.Time
		for {
			switch err := k.Sweep(ctx); {
			case err == nil:
				told = time.Time{}
			case ctx.Err() == nil && time.Since(told) >= complainEvery:
				told = time.Now()
				k.log().Error("sweep of recordings failed; it is tried again each minute", "err", err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	for {
		select {
		case c, ok := <-ended:
			if !ok {
				<-ctx.Done()
				return
			}
			if c = spoken(c); !c.SpokeAt.IsZero() {
				work.Go(func() { k.keepLogged(ctx, c) })
			}
		case <-ctx.Done():
			return
		}
	}
}

// keepLogged is Keep for nobody who waits; full tells that the disk is.
func (k *Keeper) keepLogged(ctx context.Context, c queue.Call) (full bool) {
	k.mu.Lock()
	_, again := k.failing[c.ID]
	k.mu.Unlock()
	r, err := k.Keep(ctx, c)
	switch {
	case err == nil && r.Path != "":
		k.roomAgain()
	case err != nil && ctx.Err() == nil && !errors.Is(err, ErrNotRecorded):
		k.complain(c.ID, err, again)
	}
	return disk.Full(err)
}

// Sweep keeps what should be kept and is not, and clears the spool of audio
// that belongs to no conversation; that of no known call goes to [Unclaimed]. One call's error does not stop it, but a
// full disk ends the keeping: each try writes a file before it fails. The
// error returned means that it could not look.
func (k *Keeper) Sweep(ctx context.Context) error {
	k.init()
	full, err := k.sweepCalls(ctx)
	if err == nil {
		err = k.sweepSpool(ctx, full)
	}
	if err == nil && !full {
		err = k.convert(ctx)
	}
	k.tend(ctx)
	k.mu.Lock()
	if ctx.Err() == nil {
		k.sweep = err
	}
	k.mu.Unlock()
	return err
}

// inHand is the time since which calls are so new that Run is still at them.
func (k *Keeper) inHand() time.Time { return k.now().Add(-2 * orDefault(k.Limit, DefaultLimit)) }

func (k *Keeper) sweepCalls(ctx context.Context) (full bool, err error) {
	since, until := k.now().Add(-lookBack), k.inHand()
	for {
		calls, err := k.Index.RecordingsMissing(ctx, since, until, page)
		if err != nil {
			return false, fmt.Errorf("list calls without a recording: %w", err)
		}
		for _, c := range calls {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			if k.keepLogged(ctx, c) {
				return true, nil
			}
		}
		// Calls that cannot be kept now stay in the list: go on behind them.
		if len(calls) < page || !calls[page-1].EndedAt.After(since) {
			return false, nil
		}
		since = calls[page-1].EndedAt
	}
}

func (k *Keeper) sweepSpool(ctx context.Context, full bool) error {
	spool, err := os.OpenRoot(k.Spool)
	if err != nil {
		return fmt.Errorf("the spool folder cannot be opened, check its path and rights: %w", err)
	}
	defer spool.Close()
	entries, err := fs.ReadDir(spool.FS(), ".")
	if err != nil {
		return fmt.Errorf("list the spool folder: %w", err)
	}
	strangers := map[queue.CallID]bool{}
	for _, entry := range entries {
		id, ok := rawID(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		c, known, err := k.Index.Call(ctx, queue.CallOf(queue.LegID(id)))
		c = spoken(c)
		strangers[id] = !known
		switch {
		case err != nil:
			return fmt.Errorf("look up call %s: %w", id, err)
		case !known:
			full = k.stranger(ctx, spool, id, full)
		case c.EndedAt.IsZero() || c.EndedAt.After(k.inHand()):
			continue
		case c.SpokeAt.IsZero() && k.now().Sub(c.EndedAt) < doubtFor && k.Doubtful != nil && k.Doubtful(ctx, c):
		case c.SpokeAt.IsZero() || rawOf(c) != id: // or the wait before they were called back
			k.log().Debug("audio of a caller who spoke with nobody removed", "call", id, "outcome", c.Outcome)
			err = ignoreGone(spool.Remove(entry.Name()))
		case !full:
			full = k.keepLogged(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("clear the spool of call %s: %w", id, err)
		}
	}
	k.forget(strangers)
	return k.countUnclaimed(ctx)
}

// tendEvery is the time between two looks at what is not of one recording.
const tendEvery = time.Hour

// tend closes days, erases what the house keeps no longer, and weighs the rest.
func (k *Keeper) tend(ctx context.Context) {
	k.mu.Lock()
	due := k.now().Sub(k.tended).Abs() >= tendEvery || k.untended != nil // a clock that was set back too
	k.mu.Unlock()
	if !due {
		return
	}
	err := k.closeDays(ctx)
	if k.Custody != nil {
		err = errors.Join(err, k.finishErasures(ctx), k.expire(ctx), k.weigh(ctx))
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		k.log().Error("recordings are not all looked after; it is tried again each minute", "err", err)
	}
	k.mu.Lock()
	k.tended, k.untended = k.now(), err
	k.mu.Unlock()
}
