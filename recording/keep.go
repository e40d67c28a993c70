package recording

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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
	store, err := k.openStore()
	if err != nil {
		return Recording{}, err
	}
	defer store.Close()

	for range rereads {
		size, err := k.settled(ctx, spool, c)
		if err != nil {
			return Recording{}, err
		}
		r, done, err := k.keepSize(ctx, spool, store, c, size)
		if err != nil || done {
			return r, err
		}
	}
	return Recording{}, errors.New("the switch keeps writing the raw file although the call has ended; it is looked at again later")
}

// keepSize does one pass over size bytes of the raw file (-1: there is none).
// It is not done when the file has grown meanwhile.
func (k *Keeper) keepSize(ctx context.Context, spool, store *os.Root, c queue.Call, size int64) (r Recording, done bool, err error) {
	release, err := k.slot(ctx)
	if err != nil {
		return Recording{}, false, err
	}
	defer release()
	old, had, err := k.Index.Recording(ctx, c.ID)
	if err != nil {
		return Recording{}, false, fmt.Errorf("look up the row: %w", err)
	}
	switch {
	case had && (size < 0 || outdone(store, old, size)):
		r = old // all but the last step was done before
	case size >= frameBytes:
		r, err = k.fromRaw(ctx, spool, store, c, size)
	default:
		r, err = k.withoutRaw(ctx, store, c, size)
	}
	if err != nil {
		return Recording{}, false, err
	}
	if !had || old.SHA256 != r.SHA256 || old.State != r.State {
		r.CreatedAt = k.now()
		if err := k.Index.SaveRecording(ctx, r); err != nil {
			return Recording{}, false, fmt.Errorf("save the row: %w", err)
		}
		if r.State != Kept {
			k.log().Warn("recording has a gap", "call", c.ID, "state", r.State, "reason", r.Reason)
		}
	} else {
		r.CreatedAt = old.CreatedAt
	}
	if size < 0 {
		return r, true, nil
	}
	done, err = removeRaw(spool, rawOf(c), size)
	return r, done, err
}

// outdone tells that the store has more of the call than this raw file does.
func outdone(store *os.Root, old Recording, size int64) bool {
	if old.Path == "" || old.Bytes-headerSize <= wholeFrames(size) {
		return false
	}
	info, err := store.Stat(old.Path)
	return err == nil && info.Size() == old.Bytes
}

func (k *Keeper) fromRaw(ctx context.Context, spool, store *os.Root, c queue.Call, size int64) (Recording, error) {
	raw, err := spool.Open(rawName(rawOf(c)))
	if err != nil {
		return Recording{}, fmt.Errorf("open the raw file: %w", err)
	}
	defer raw.Close()
	size = wholeFrames(size)
	m := measuring(c, size)
	w, err := writeWAV(ctx, store, place(c), raw, size, m)
	if err != nil {
		return Recording{}, fmt.Errorf("write %s in %s: %w", place(c), k.Store, err)
	}
	return describe(c, size, w, m), nil
}

// withoutRaw finds the recording in the store, when only the row was lost
// (a restored database), or says that there is none.
func (k *Keeper) withoutRaw(ctx context.Context, store *os.Root, c queue.Call, size int64) (Recording, error) {
	r, err := fromStore(ctx, store, c)
	if errors.Is(err, fs.ErrNotExist) {
		claimed, claimErr := claim(store, c)
		if claimErr != nil {
			return Recording{}, claimErr
		}
		if claimed {
			r, err = fromStore(ctx, store, c)
		}
	}
	switch {
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return r, err
	case size < 0 && c.Unrecorded:
		return Recording{}, ErrNotRecorded
	}
	r = Recording{Call: c.ID, StartedAt: answeredAt(c).UTC(), Talk: talk(c), State: Missing,
		Reason: "the switch wrote no file: is MixMonitor loaded, and may Asterisk write to the spool folder?"}
	r.Coverage.Span = span(c)
	r.Coverage.Drift = -r.Coverage.Span
	if size >= 0 {
		r.Reason = "the switch's file is empty: no audio reached it, or its disk was full"
	}
	return r, nil
}

// fromStore describes a WAV file that is in its place already.
func fromStore(ctx context.Context, store *os.Root, c queue.Call) (Recording, error) {
	f, err := store.Open(place(c))
	if err != nil {
		return Recording{}, fmt.Errorf("open %s: %w", place(c), err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Recording{}, fmt.Errorf("look at %s: %w", place(c), err)
	}
	size := info.Size() - headerSize
	header, err := wavHeader(size)
	if err != nil || size%frameBytes != 0 {
		return Recording{}, fmt.Errorf("%s is not a recording of ours: move it away", place(c))
	}
	found := make([]byte, headerSize)
	if _, err := io.ReadFull(f, found); err != nil || string(found) != string(header) {
		return Recording{}, fmt.Errorf("%s is not a recording of ours: move it away", place(c))
	}
	sum, m := sha256.New(), measuring(c, size)
	sum.Write(header)
	if _, err := io.CopyBuffer(io.MultiWriter(sum, m), wholeReader{ctx, f}, make([]byte, 64<<10)); err != nil {
		return Recording{}, fmt.Errorf("read %s: %w", place(c), err)
	}
	w := written{bytes: info.Size(), sha256: hex.EncodeToString(sum.Sum(nil))}
	return describe(c, size, w, m), nil
}

// wholeReader fills the buffer each time, so that a meter behind it sees whole
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

// measuring is a meter for the conversation's part of so much audio.
func measuring(c queue.Call, size int64) *meter {
	from := talkOffset(c, lengthOf(size))
	return &meter{from: sizeOf(from), to: min(sizeOf(from+talk(c)), size)}
}

func describe(c queue.Call, size int64, w written, m *meter) Recording {
	length := lengthOf(size)
	r := Recording{Call: c.ID, Path: place(c), Length: length, Bytes: w.bytes, SHA256: w.sha256,
		TalkOffset: talkOffset(c, length), Talk: talk(c)}
	r.StartedAt = c.SpokeAt.Round(0).UTC().Add(-r.TalkOffset)
	r.Coverage = Coverage{Span: span(c), Drift: length - span(c), Caller: m.channel(0), Agent: m.channel(1)}
	r.State, r.Reason = judge(c, length, r.Coverage)
	return r
}
