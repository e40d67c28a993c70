package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
)

// Content types of what is played.
const (
	TypeWAV  = "audio/wav"
	TypeOpus = "audio/ogg"
)

// Sound is a recording in plain, open for playing any part of it.
type Sound struct {
	io.ReadSeekCloser
	Type    string    // content type
	Changed time.Time // when it was written
}

// Open opens a call's recording as it is kept. Only what is read is decrypted.
// The error is ErrNoRecording when there is none to play, [vault.ErrNoMaster],
// [vault.ErrChanged] or [vault.ErrCut] when it cannot be.
func (k *Keeper) Open(ctx context.Context, id queue.CallID) (Sound, error) {
	s, _, err := k.open(ctx, id)
	return s, err
}

// OpenWAV is Open with the recording as a WAV file, whatever it is kept as.
func (k *Keeper) OpenWAV(ctx context.Context, id queue.CallID) (Sound, error) {
	s, r, err := k.open(ctx, id)
	if err != nil || s.Type == TypeWAV {
		return s, err
	}
	if k.Opus == nil {
		s.Close()
		return Sound{}, fmt.Errorf("call %s: the recording is Opus and cannot be made WAV: %s", id, noEncoder)
	}
	w, err := decodeInto(ctx, k.Opus, s, sizeOf(r.Length))
	if err != nil {
		return Sound{}, fmt.Errorf("decode the recording of call %s: %w", id, err)
	}
	return Sound{ReadSeekCloser: w, Type: TypeWAV, Changed: s.Changed}, nil
}

func (k *Keeper) open(ctx context.Context, id queue.CallID) (Sound, Recording, error) {
	k.init()
	if err := checkID(id); err != nil {
		return Sound{}, Recording{}, err
	}
	r, ok, err := k.Index.Recording(ctx, id)
	switch {
	case err != nil:
		return Sound{}, r, fmt.Errorf("look up the recording of call %s: %w", id, err)
	case !ok:
		return Sound{}, r, fmt.Errorf("call %s: %w", id, ErrNoRecording)
	case !r.Erased.At.IsZero():
		return Sound{}, r, fmt.Errorf("call %s: %w at %s by %s: %s", id, ErrErased, r.Erased.At.Format(time.RFC3339), r.Erased.By, r.Erased.Why)
	case r.Path == "":
		return Sound{}, r, fmt.Errorf("call %s: %w: %s", id, ErrNoRecording, r.Reason)
	}
	s, err := k.openRow(ctx, r)
	if errors.Is(err, fs.ErrNotExist) {
		return Sound{}, r, fmt.Errorf("call %s: %w any more: %w", id, ErrNoRecording, err)
	}
	if err != nil {
		return Sound{}, r, fmt.Errorf("open the recording of call %s, %s in %s: %w", id, r.Path, k.Store, err)
	}
	return s, r, nil
}

// openRow opens what a row says is kept.
func (k *Keeper) openRow(ctx context.Context, r Recording) (Sound, error) {
	o, err := k.Store.Open(ctx, r.Path)
	if err != nil {
		return Sound{}, err
	}
	s := Sound{ReadSeekCloser: o, Type: TypeWAV, Changed: o.Info().Changed}
	if r.Sealed.Form == Plain {
		return s, nil
	}
	if r.Sealed.Form == Opus {
		s.Type = TypeOpus
	}
	s.ReadSeekCloser, err = k.unseal(o, r)
	if err != nil {
		return Sound{}, errors.Join(err, o.Close())
	}
	return s, nil
}

func (k *Keeper) unseal(o store.Object, r Recording) (io.ReadSeekCloser, error) {
	if o.Info().Size != r.Sealed.Bytes {
		return nil, fmt.Errorf("%w: %d bytes of %d", vault.ErrCut, o.Info().Size, r.Sealed.Bytes)
	}
	key, err := k.Keys.Unwrap(r.Sealed.Key, string(r.Call))
	if err != nil {
		return nil, err
	}
	opened, err := vault.Open(o, o.Info().Size, key, string(r.Call))
	if err != nil {
		return nil, err
	}
	return opening{opened, o}, nil
}

// opening is a file in plain that closes the one it is read from.
type opening struct {
	*vault.Opened
	io.Closer
}
