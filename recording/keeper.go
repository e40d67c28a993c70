package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
)

// Defaults of a Keeper's times.
const (
	// DefaultSettle: MixMonitor writes its last block up to 17 ms after the
	// hang-up on an idle machine (facts 3.7).
	DefaultSettle = 200 * time.Millisecond
	// DefaultLimit: longer than this a file is not waited for.
	DefaultLimit = 5 * time.Second
	// DefaultSweepEvery is the time between sweeps.
	DefaultSweepEvery = time.Minute
	// atOnce is how many calls are read and written at a time.
	atOnce = 2
)

// Encoder makes Opus in Ogg of audio and back; internal/opus has one.
type Encoder interface {
	// Encode encodes size bytes of raw audio, which pcm gives from its start
	// each time, and proves that it decodes to the same. An error that is
	// opus.ErrDiffers says that it does not.
	Encode(ctx context.Context, size int64, pcm func() (io.ReadCloser, error)) ([]byte, error)
	// Decode writes the raw audio of an Ogg file.
	Decode(ctx context.Context, ogg io.Reader, pcm io.Writer) error
}

// Keeper makes kept recordings of raw files. Spool, Store, Keys and Index must
// be set before use and not changed after; the rest may be zero. It is safe for
// use by many goroutines, but two processes must not share a spool.
type Keeper struct {
	Spool string      // folder of the switch's raw files
	Store store.Store // of the kept ones
	Keys  *vault.Ring // what they are encrypted with
	Index Index
	Opus  Encoder // nil: WAV is kept
	Books Books   // nil: no days are closed
	// Custody keeps holds and erasures; nil: there are none.
	Custody   Custody
	Retention func() Retention // nil: for ever
	Quota     int64            // bytes from which the recordings are too many; 0: none
	Log       *slog.Logger

	Settle     time.Duration         // a file unchanged for so long is whole
	Limit      time.Duration         // and is taken as it is so long after the call's end
	SweepEvery time.Duration         // between two sweeps
	Now        func() time.Time      // for tests
	Elapsed    func() time.Duration  // for tests: how long it lives, whatever the clock says
	Location   func() *time.Location // of the house's days; nil: UTC
	// Late is how much later than it happened the end of a call was seen; nil:
	// not known. The file ends when the call did.
	Late func(queue.CallID) time.Duration
	// Stamped tells when the switch answered a leg and saw it end, by its own
	// clock; nil, and zero times: not known.
	Stamped func(leg queue.LegID) (up, ended time.Time)
	// Story tells what is on record of a call; nil: nobody does.
	Story func(ctx context.Context, call queue.CallID) (Story, error)
	// Ended is told of a call whose end is on record later than it was, and when
	// that was; nil: nobody is.
	Ended func(ctx context.Context, id queue.CallID, end time.Time)
	// Doubtful tells of a call on record as one in which nobody spoke whether a
	// conversation may still come on record; nil: never. Its audio waits for that.
	Doubtful func(context.Context, queue.Call) bool

	once    sync.Once
	slots   chan struct{} // one per call being read and written
	mu      sync.Mutex
	busy    map[queue.CallID]chan struct{} // closed when the call is let go
	failing map[queue.CallID]error
	full    time.Time // when the log last said that the disk is full; zero when it is not
	sweep   error
	unknown map[queue.CallID]time.Time // raw files of no call, since when

	tended    time.Time    // when what is done hourly was done last
	used      int64        // bytes, when that was looked at last
	began     time.Time    // by Now
	alive     time.Time    // the same with the monotonic clock
	untended  error        // what went wrong then
	unclaimed int          // recordings of no call in the store, at the last sweep
	converted queue.CallID // the last one that was converted or could not be
}

func (k *Keeper) init() {
	k.once.Do(func() {
		k.slots = make(chan struct{}, atOnce)
		k.busy = map[queue.CallID]chan struct{}{}
		k.failing = map[queue.CallID]error{}
		k.unknown = map[queue.CallID]time.Time{}
		k.began, k.alive = k.now(), time.Now()
	})
}

func (k *Keeper) log() *slog.Logger {
	if k.Log == nil {
		return slog.Default()
	}
	return k.Log
}

func (k *Keeper) now() time.Time {
	if k.Now == nil {
		return time.Now()
	}
	return k.Now()
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Keep makes the recording of an ended call and its row, and removes the raw
// file. Doing it again returns the same row. An error leaves the raw file where
// it is, to be tried again; ErrNoConversation and ErrNotRecorded mean that
// there is nothing to do.
func (k *Keeper) Keep(ctx context.Context, c queue.Call) (Recording, error) {
	k.init()
	onRecord := c
	c = k.inTime(spoken(c))
	if err := errors.Join(checkID(c.ID), checkID(rawOf(c))); err != nil {
		return Recording{}, err
	}
	switch {
	case c.EndedAt.IsZero():
		return Recording{}, fmt.Errorf("keep the recording of call %s: the call has not ended", c.ID)
	case c.SpokeAt.IsZero():
		return Recording{}, fmt.Errorf("call %s: %w", c.ID, ErrNoConversation)
	}
	release, err := k.hold(ctx, c.ID)
	if err != nil {
		return Recording{}, err
	}
	defer release()
	r, err := k.keep(ctx, c)
	if err != nil {
		err = fmt.Errorf("keep the recording of call %s: %w", c.ID, err)
	}
	k.note(c.ID, err)
	if end := k.endOf(onRecord, r); err == nil && !end.IsZero() {
		k.Ended(ctx, c.ID, end)
	}
	return r, err
}

// endOf is when a call ended that is on record as having ended later; zero: it
// is right, or nobody knows better.
func (k *Keeper) endOf(c queue.Call, r Recording) (end time.Time) {
	switch {
	case k.Ended == nil || c.SpokeAt.IsZero() || !c.CutAt.IsZero():
		return time.Time{}
	case seenLate(c) && r.Path != "":
		end = answeredAt(c).Add(r.Length)
	case k.Late != nil:
		end = c.EndedAt.Add(-k.Late(c.ID))
	}
	if end.IsZero() || c.EndedAt.Sub(end) <= tolerance || !end.After(c.SpokeAt) {
		return time.Time{}
	}
	return end
}

// inTime is the call with the end that it had, where that was seen late.
func (k *Keeper) inTime(c queue.Call) queue.Call {
	if k.Late == nil || c.EndedAt.IsZero() {
		return c
	}
	if at := c.EndedAt.Add(-k.Late(c.ID)); at.After(c.SpokeAt) {
		c.EndedAt = at
	}
	return c
}

// hold lets one goroutine at a time work on a call.
func (k *Keeper) hold(ctx context.Context, id queue.CallID) (release func(), err error) {
	mine := make(chan struct{})
	for {
		k.mu.Lock()
		other, taken := k.busy[id]
		if !taken {
			k.busy[id] = mine
		}
		k.mu.Unlock()
		if !taken {
			break
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return func() {
		k.mu.Lock()
		delete(k.busy, id)
		k.mu.Unlock()
		close(mine)
	}, nil
}

// note remembers what went wrong, until it goes right.
func (k *Keeper) note(id queue.CallID, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil || errors.Is(err, ErrNotRecorded) {
		delete(k.failing, id)
		return
	}
	if !errors.Is(err, context.Canceled) {
		k.failing[id] = err
	}
}

// Trouble says which recordings are not kept although they should be, for
// readiness checks and the person on duty; nil when all is well. Nothing is
// lost yet: raw files stay until they are kept.
func (k *Keeper) Trouble() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sweep != nil {
		return fmt.Errorf("looking for recordings to keep: %w", k.sweep)
	}
	if k.untended != nil {
		return k.untended
	}
	for _, err := range k.failing {
		return fmt.Errorf("%d recordings are not kept yet and stay in %s: %w", len(k.failing), k.Spool, err)
	}
	return nil
}

// complainEvery is the pause between two complaints about the same.
const complainEvery = 5 * time.Minute

// complain tells of a recording that is not kept: once, since the sweep tries
// again each minute. A full disk hits all alike, so it is told now and then,
// and not for each call.
func (k *Keeper) complain(id queue.CallID, err error, again bool) {
	k.mu.Lock()
	waiting, since := len(k.failing), k.now().Sub(k.full)
	tell := !again
	if disk.Full(err) {
		if tell = since >= complainEvery; tell {
			k.full = k.now()
		}
	}
	k.mu.Unlock()
	switch {
	case !tell:
	case disk.Full(err):
		k.log().Error("disk full: recordings are not kept; raw files stay in the switch's folder and are tried again each minute; make room",
			"recordings", waiting, "store", k.Store.String(), "call", id, "err", err)
	default:
		k.log().Error("recording not kept; its raw file stays and the next sweep tries again", "call", id, "err", err)
	}
}

// roomAgain ends the complaint about a full disk.
func (k *Keeper) roomAgain() {
	k.mu.Lock()
	was := !k.full.IsZero()
	k.full = time.Time{}
	k.mu.Unlock()
	if was {
		k.log().Info("recordings are kept again", "store", k.Store.String())
	}
}

// slot waits for the right to use the disk.
func (k *Keeper) slot(ctx context.Context) (release func(), err error) {
	select {
	case k.slots <- struct{}{}:
		return func() { <-k.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
