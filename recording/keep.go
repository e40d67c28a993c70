package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/threerings/threerings/queue"
)

// rereads is how often a raw file that grew meanwhile is read again at once;
// after that the sweep does it.
const rereads = 3

func (k *Keeper) keep(ctx context.Context, c queue.Call) (Recording, error) {
	spool, err := os.OpenRoot(k.Spool)
	if err != nil {
		return Recording{}, fmt.Errorf("the spool folder cannot be opened, check its path and rights: %w", err)
	}
	defer spool.Close()
	for range rereads {
		size, err := k.settled(ctx, spool, c)
		if err != nil {
			return Recording{}, err
		}
		r, done, err := k.keepSize(ctx, spool, c, size)
		if err != nil || done {
			return r, err
		}
	}
	return Recording{}, errors.New("the switch keeps writing the raw file although the call has ended; it is looked at again later")
}

// keepSize does one pass over size bytes of the raw file (-1: there is none).
// It is not done when the file has grown meanwhile.
func (k *Keeper) keepSize(ctx context.Context, spool *os.Root, c queue.Call, size int64) (r Recording, done bool, err error) {
	fetched := k.now()
	release, err := k.slot(ctx)
	if err != nil {
		return Recording{}, false, err
	}
	defer release()
	old, had, err := k.Index.Recording(ctx, c.ID)
	if err != nil {
		return Recording{}, false, fmt.Errorf("look up the row: %w", err)
	}
	same := had && (size < 0 || !old.Erased.At.IsZero() || k.outdone(ctx, old, size)) // all but the last step was done before
	was := old.Path                                                                   // in the store, and needless once the row is written
	switch {
	case same:
		r = old
	case size >= frameBytes:
		r, err = k.fromRaw(ctx, spool, c, size, fetched)
	default:
		r, was, err = k.withoutRaw(ctx, c, size)
	}
	if err != nil {
		return Recording{}, false, err
	}
	if !same {
		r.Day, r.CreatedAt = c.Day, k.now()
		if had && !old.CreatedAt.IsZero() {
			r.CreatedAt = old.CreatedAt
		}
		if err := k.Index.SaveRecording(ctx, r); err != nil {
			return Recording{}, false, fmt.Errorf("save the row: %w", err)
		}
		if r.State != Kept {
			k.log().Warn("recording has a gap", "call", c.ID, "state", r.State, "reason", r.Reason)
		}
		if was != "" && was != r.Path {
			if err := k.Store.Remove(ctx, was); err != nil {
				return Recording{}, false, fmt.Errorf("remove %s, which %s replaces: %w", was, r.Path, err)
			}
		}
	}
	if size < 0 {
		return r, true, nil
	}
	if done, err = removeRaw(spool, rawOf(c), size); err != nil || !done {
		return r, done, err
	}
	r.Steps.Removed = k.now().UTC()
	if err := k.Index.RecordingRemoved(ctx, c.ID, r.Steps.Removed); err != nil {
		return r, false, fmt.Errorf("note that the raw file is gone: %w", err)
	}
	return r, true, nil
}

// outdone tells that the store has all of the call that this raw file has.
func (k *Keeper) outdone(ctx context.Context, old Recording, size int64) bool {
	if old.Path == "" || old.Length < lengthOf(size) {
		return false
	}
	o, err := k.Store.Open(ctx, old.Path)
	if err != nil {
		return false
	}
	defer o.Close()
	return o.Info().Size == old.objectBytes()
}

// objectBytes is how large the object in the store is.
func (r Recording) objectBytes() int64 {
	if r.Sealed.Form == Plain {
		return r.Bytes
	}
	return r.Sealed.Bytes
}

func (k *Keeper) fromRaw(ctx context.Context, spool *os.Root, c queue.Call, size int64, fetched time.Time) (Recording, error) {
	r, err := k.enclose(ctx, c, audio{size: wholeFrames(size), open: func() (io.ReadCloser, error) {
		raw, err := spool.Open(rawName(rawOf(c)))
		if err != nil {
			return nil, fmt.Errorf("open the raw file: %w", err)
		}
		return raw, nil
	}})
	r.Steps.Fetched = fetched.UTC()
	return r, err
}

// withoutRaw finds what was put under unclaimed before the call was known, or a
// plain file of an earlier version whose row was lost, and names it; or it says
// that there is none.
func (k *Keeper) withoutRaw(ctx context.Context, c queue.Call, size int64) (r Recording, was string, err error) {
	r, was, err = k.claim(ctx, c)
	if errors.Is(err, fs.ErrNotExist) {
		was = place(c) + wavSuffix
		var a audio
		if a, err = k.plainAudio(ctx, was); err == nil {
			r, err = k.enclose(ctx, c, a)
		}
	}
	switch {
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return r, was, err
	case size < 0 && c.Unrecorded:
		return Recording{}, "", ErrNotRecorded
	}
	r = Recording{Call: c.ID, StartedAt: answeredAt(c).UTC(), Talk: talk(c), State: Missing,
		Reason: "the switch wrote no file: is MixMonitor loaded, and may Asterisk write to the spool folder?"}
	r.Steps.Captured = c.EndedAt.UTC()
	r.Coverage.Span = span(c)
	r.Coverage.Drift = -r.Coverage.Span
	if size >= 0 {
		r.Reason = "the switch's file is empty: no audio reached it, or its disk was full"
	}
	if err := k.Index.SaveProof(ctx, c.ID, Proof{Coverage: r.Coverage, Gaps: []Gap{{Both, 0, r.Talk, GapMissing, r.Reason}}}); err != nil {
		return Recording{}, "", err
	}
	return r, "", nil
}

// plainAudio is the audio of a WAV file in the store.
func (k *Keeper) plainAudio(ctx context.Context, name string) (audio, error) {
	f, err := k.Store.Open(ctx, name)
	if err != nil {
		return audio{}, fmt.Errorf("open %s: %w", name, err)
	}
	defer f.Close()
	size := f.Info().Size - headerSize
	header, err := wavHeader(size)
	found := make([]byte, headerSize)
	if err == nil {
		_, err = io.ReadFull(f, found)
	}
	if err != nil || size%frameBytes != 0 || string(found) != string(header) {
		return audio{}, fmt.Errorf("%s is not a recording of ours: move it away", name)
	}
	return audio{size: size, open: func() (io.ReadCloser, error) { return behindHeader(k.Store.Open(ctx, name)) }}, nil
}

// behindHeader is the audio of a WAV file of ours.
func behindHeader[F io.ReadSeekCloser](f F, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(headerSize, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// wholeReader fills the buffer each time, so that who measures behind it sees whole
// frames, and stops with its context.
type wholeReader struct {
	ctx context.Context
	r   io.Reader
}

func (w wholeReader) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(w.r, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
