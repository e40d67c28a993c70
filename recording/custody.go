package recording

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/queue"
)

// Custody is where holds and erasures are on record, and what is due.
type Custody interface {
	// HoldRecording forbids that a recording is erased; false when there is no
	// row, or it is erased.
	HoldRecording(ctx context.Context, call queue.CallID, m Mark) (bool, error)
	// ReleaseRecording ends a hold; false when there is none.
	ReleaseRecording(ctx context.Context, call queue.CallID) (bool, error)
	// EraseRecording destroys the key of a recording, and what shows its sound; its
	// Path stays. It returns the row; the error is [ErrHeld] when it is held,
	// [ErrErased] when that was done before, [ErrNoRecording] without a row.
	EraseRecording(ctx context.Context, call queue.CallID, m Mark) (Recording, error)
	// RecordingGone notes that the object of an erased recording is gone.
	RecordingGone(ctx context.Context, call queue.CallID) error
	// ErasedWithObject returns erased recordings whose object is not gone.
	ErasedWithObject(ctx context.Context, limit int) ([]Recording, error)
	// Expired returns recordings that are kept for longer than the house wants
	// at a time, the oldest first; none that is held.
	Expired(ctx context.Context, r Retention, at time.Time, limit int) ([]queue.CallID, error)
	// RecordingsBytes is how much all objects take.
	RecordingsBytes(ctx context.Context) (int64, error)
	// Clock is the time by the database's clock.
	Clock(ctx context.Context) (time.Time, error)
	// FiledOn returns the day of the newest tree that has a recording; empty: none.
	FiledOn(ctx context.Context, call queue.CallID) (string, error)
}

// Retention is how long a house keeps recordings, in days; 0: for ever. What
// is said of a class counts before what is said of a queue, and that before
// Days.
type Retention struct {
	Days    int
	Queues  map[queue.QueueID]int
	Classes map[string]int // ClassVoicemail, or the id of a category under which a call was registered
}

// ClassVoicemail is the class of messages.
const ClassVoicemail = "voicemail"

// Errors to tell apart with errors.Is.
var (
	ErrHeld   = errors.New("the recording is held: it must not be erased before the hold has ended")
	ErrErased = errors.New("the recording was erased")
)

const (
	// expireAtOnce bounds what one look erases; the next goes on.
	expireAtOnce = 1000
	// clocksApart is how far our clock may be from the database's, and jump how
	// much it may be set forward while we run, for recordings to be expired: an
	// erasure cannot be taken back.
	clocksApart = 5 * time.Minute
	jump        = time.Hour
	// nearlyFull is the share of the quota from which there is an alarm.
	nearlyFull = 0.9
)

// By of what the program does by itself.
const byRetention = "retention"

// Erase destroys a recording: first its key, so that no copy of the object can
// be heard, then the object. What is left after a crash is done by the sweep.
func (k *Keeper) Erase(ctx context.Context, id queue.CallID, m Mark) error {
	k.init()
	if err := checkID(id); err != nil {
		return err
	}
	release, err := k.hold(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	r, err := k.Custody.EraseRecording(ctx, id, m)
	if err != nil {
		return fmt.Errorf("erase the recording of call %s: %w", id, err)
	}
	k.log().Info("recording erased", "call", id, "by", m.By, "why", m.Why)
	return k.finishErasing(ctx, r)
}

func (k *Keeper) finishErasing(ctx context.Context, r Recording) error {
	if r.Path != "" {
		if err := k.Store.Remove(ctx, r.Path); err != nil {
			return fmt.Errorf("the key of the recording of call %s is destroyed, but %s cannot be removed yet: %w", r.Call, r.Path, err)
		}
	}
	return k.Custody.RecordingGone(ctx, r.Call)
}

// finishErasures removes what a crash or a store that was away has left.
func (k *Keeper) finishErasures(ctx context.Context) error {
	left, err := k.Custody.ErasedWithObject(ctx, expireAtOnce)
	if err != nil {
		return fmt.Errorf("list erased recordings: %w", err)
	}
	for _, r := range left {
		if err := k.finishErasing(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// expire erases what is older than the house keeps it.
func (k *Keeper) expire(ctx context.Context) error {
	if k.Retention == nil {
		return nil
	}
	now := k.now()
	if err := k.trustClock(ctx, now); err != nil {
		return err
	}
	due, err := k.Custody.Expired(ctx, k.Retention(), now, expireAtOnce)
	if err != nil {
		return fmt.Errorf("list recordings that expire: %w", err)
	}
	for _, id := range due {
		err := k.Erase(ctx, id, Mark{At: now, By: byRetention, Why: "kept as long as the house keeps it"})
		if err != nil && !errors.Is(err, ErrHeld) && !errors.Is(err, ErrErased) { // since we looked
			return err
		}
	}
	return nil
}

// trustClock refuses a clock by which nothing must be erased.
func (k *Keeper) trustClock(ctx context.Context, now time.Time) error {
	theirs, err := k.Custody.Clock(ctx)
	if err != nil {
		return fmt.Errorf("ask the database's clock: %w", err)
	}
	if apart := now.Sub(theirs); apart.Abs() > clocksApart {
		return fmt.Errorf("recordings are not expired: this machine's clock is %s from the database's: correct the one that is wrong", apart.Round(time.Second))
	}
	if ahead := now.Sub(k.began) - k.elapsed(); ahead > jump {
		return fmt.Errorf("recordings are not expired: the clock was set forward by %s since the start: set it right, or restart threerings if it is right now", ahead.Round(time.Second))
	}
	return nil
}

// elapsed is how long the keeper lives, whatever the clock says.
func (k *Keeper) elapsed() time.Duration {
	if k.Elapsed != nil {
		return k.Elapsed()
	}
	return time.Since(k.alive) // by the monotonic clock
}

// weigh compares what is kept with the quota. It is an alarm and no limit: to
// lose new recordings is worse than to take more room (R9.1).
func (k *Keeper) weigh(ctx context.Context) error {
	used, err := k.Custody.RecordingsBytes(ctx)
	if err != nil {
		return fmt.Errorf("sum up recordings: %w", err)
	}
	k.mu.Lock()
	k.used = used
	k.mu.Unlock()
	if k.Quota > 0 && float64(used) >= nearlyFull*float64(k.Quota) {
		return fmt.Errorf("recordings take %s of the %s of their quota: keep them for a shorter time (retention), or raise recordings_quota; they are kept all the same", disk.Size(uint64(used)), disk.Size(uint64(k.Quota)))
	}
	return nil
}

// Used is how many bytes the recordings took at the last look.
func (k *Keeper) Used() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.used
}

// Whereabouts is where a recording is, and how it came there.
type Whereabouts struct {
	Recording
	Store  string // of the object
	Raw    bool   // the switch's own file is there
	Object string // "there", "gone", "cut", or why it cannot be looked at
	Filed  string // day of the tree that has it; empty: none yet
}

// Where tells what has become of a call's recording; the error is
// ErrNoRecording without a row.
func (k *Keeper) Where(ctx context.Context, id queue.CallID) (Whereabouts, error) {
	k.init()
	w := Whereabouts{Store: k.Store.String(), Object: "gone"}
	if err := checkID(id); err != nil {
		return w, err
	}
	r, ok, err := k.Index.Recording(ctx, id)
	if err != nil {
		return w, fmt.Errorf("look up the recording of call %s: %w", id, err)
	}
	c, known, err := k.Index.Call(ctx, id)
	if err != nil {
		return w, fmt.Errorf("look up call %s: %w", id, err)
	}
	if k.Spool != "" && known && checkID(rawOf(c)) == nil {
		_, err := os.Lstat(filepath.Join(k.Spool, rawName(rawOf(c))))
		w.Raw = err == nil
	}
	if !ok && !w.Raw {
		return w, fmt.Errorf("call %s: %w", id, ErrNoRecording)
	}
	w.Recording, w.Recording.Call = r, id
	if r.Path != "" {
		o, err := k.Store.Open(ctx, r.Path)
		switch {
		case err == nil:
			if w.Object = "there"; o.Info().Size != r.objectBytes() {
				w.Object = "cut"
			}
			o.Close()
		case !errors.Is(err, fs.ErrNotExist):
			w.Object = err.Error()
		}
	}
	if w.Filed, err = k.Custody.FiledOn(ctx, id); err != nil {
		return w, fmt.Errorf("look up the tree of call %s: %w", id, err)
	}
	return w, nil
}
