package recording

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/threerings/threerings/internal/opus"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
)

const (
	// encodeAtOnce is the longest recording that is encoded before it is stored;
	// a longer one is stored as WAV first, so that it is there soon (5 s), and
	// converted in a sweep.
	encodeAtOnce = 2 * time.Minute
	// encodeWithin bounds that encoding on a machine that is busy with calls.
	encodeWithin = 3 * time.Second
	// noEncoder is the Note of what was kept while there was none.
	noEncoder = "opusenc is not installed: apt install opus-tools"
)

// audio is raw audio that can be read several times.
type audio struct {
	size int64 // whole frames
	open func() (io.ReadCloser, error)
}

// read gives all of it to w, in whole frames.
func (a audio) read(ctx context.Context, w io.Writer) error {
	in, err := a.open()
	if err != nil {
		return err
	}
	defer in.Close()
	n, err := io.CopyBuffer(w, wholeReader{ctx, io.LimitReader(in, a.size)}, make([]byte, 64<<10))
	if err == nil && n < a.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read the audio: %w", err)
	}
	return nil
}

// enclose makes a kept recording of a conversation's audio: proved, hashed,
// encoded, encrypted, stored. The row is not written yet.
func (k *Keeper) enclose(ctx context.Context, c queue.Call, a audio) (Recording, error) {
	header, err := wavHeader(a.size)
	if err != nil {
		return Recording{}, err
	}
	r, t, err := k.timeline(ctx, c, a.size)
	if err != nil {
		return Recording{}, err
	}
	a = a.without(t.Private)
	sum, found := sha256.New(), &analysis{}
	sum.Write(header)
	if err := a.read(ctx, io.MultiWriter(sum, found)); err != nil {
		return Recording{}, err
	}
	if err := k.Index.SaveProof(ctx, c.ID, prove(c, &r, found, t)); err != nil {
		return Recording{}, err
	}
	r.Steps.Captured, r.Steps.Proved = c.EndedAt.UTC(), k.now().UTC()
	r.Sealed.Source = hexOf(sum)
	var ogg []byte
	if k.Opus == nil || r.Length <= encodeAtOnce {
		limited, cancel := context.WithTimeout(ctx, encodeWithin)
		ogg, r.Sealed.Note, err = k.encode(limited, a)
		cancel()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return Recording{}, err
		}
	}
	if ogg != nil {
		r.Steps.Encoded = k.now().UTC()
	}
	return r, k.put(ctx, place(c), &r, a, ogg)
}

// encode makes Opus of audio, or says in a note why it stays as it is.
func (k *Keeper) encode(ctx context.Context, a audio) (ogg []byte, note string, err error) {
	if k.Opus == nil {
		return nil, noEncoder, nil
	}
	ogg, err = k.Opus.Encode(ctx, a.size, a.open)
	if errors.Is(err, opus.ErrDiffers) {
		return nil, err.Error(), nil
	}
	return ogg, "", err
}

// put seals a recording with a key of its own and stores it at a place: ogg, or
// the audio as WAV when that is nil.
func (k *Keeper) put(ctx context.Context, at string, r *Recording, a audio, ogg []byte) (err error) {
	var in io.Reader = bytes.NewReader(ogg)
	size := int64(len(ogg))
	r.Sealed.Form, r.Path = Opus, at+sealedOpus
	if ogg == nil {
		header, err := wavHeader(a.size)
		if err != nil {
			return err
		}
		raw, err := a.open()
		if err != nil {
			return err
		}
		defer raw.Close()
		in, size = io.MultiReader(bytes.NewReader(header), io.LimitReader(raw, a.size)), headerSize+a.size
		r.Sealed.Form, r.Path = WAV, at+sealedWAV
	}
	plain, object := sha256.New(), sha256.New()
	key := vault.NewKey()
	if r.Sealed.Key, err = k.Keys.Wrap(key, string(r.Call)); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	sealed, err := vault.Seal(io.TeeReader(in, plain), key, string(r.Call), nil)
	if err != nil {
		return err
	}
	r.Bytes, r.Sealed.Bytes = size, vault.SealedSize(size, nil)
	if err := k.Store.Put(ctx, r.Path, r.Sealed.Bytes, io.TeeReader(sealed, object)); err != nil {
		return fmt.Errorf("store %s in %s: %w", r.Path, k.Store, err)
	}
	r.SHA256, r.Sealed.SHA256 = hexOf(plain), hexOf(object)
	r.Steps.Stored = k.now().UTC()
	return nil
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
