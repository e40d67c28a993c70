package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/opus"
	"github.com/threerings/threerings/internal/vault"
)

// withOpus gives a bench the real encoder.
func withOpus(t testing.TB) *bench {
	b := newBench(t)
	codec, err := opus.Find()
	if err != nil {
		t.Fatal(err)
	}
	b.Opus = codec
	return b
}

// sound reads all of what is open.
func sound(t *testing.T, s Sound, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// noPlain fails when any file of the store holds audio, WAV or Ogg, as it is.
func (b *bench) noPlain(audio []byte) {
	b.t.Helper()
	for _, name := range b.files() {
		data, err := os.ReadFile(filepath.Join(b.Store, name))
		if err != nil {
			b.t.Fatal(err)
		}
		for _, mark := range [][]byte{[]byte("RIFF"), []byte("OggS"), []byte("OpusHead"), audio[4000:4200]} {
			if bytes.Contains(data, mark) {
				b.t.Errorf("%s holds %.8q: it can be read as it lies there", name, mark)
			}
		}
	}
}

// TestKeptAsOpus: all the way to Opus, encrypted; WAV on demand is as long as
// the original and has each side where it was; a part is had without the rest.
func TestKeptAsOpus(t *testing.T) {
	b := withOpus(t)
	c := answered("a1-1.1", time.Second, 4*time.Second)
	audio := tones(5*time.Second, 440, 1000)
	b.write(c.ID, audio)
	r := b.mustKeep(c)
	if r.Sealed.Form != Opus || r.Path != "2026/11/22/a1-1.1.ogg.sealed" || r.Sealed.Note != "" || r.Sealed.Key.Master == "" || r.Length != 5*time.Second {
		t.Fatalf("kept as %+v at %s", r.Sealed, r.Path)
	}
	s := r.Steps
	for i, at := range []time.Time{s.Captured, s.Fetched, s.Proved, s.Encoded, s.Stored, s.Removed} {
		if at.IsZero() || i > 0 && at.Before(s.Captured) {
			t.Errorf("step %d at %s", i, at)
		}
	}
	b.noPlain(audio)
	ogg := b.played(c.ID)
	if int64(len(ogg)) != r.Bytes || string(ogg[:4]) != "OggS" {
		t.Errorf("%d bytes are played, want an Ogg file of %d", len(ogg), r.Bytes)
	}
	open, err := b.OpenWAV(t.Context(), c.ID)
	wav := sound(t, open, err)
	if open.Type != TypeWAV || len(wav) != headerSize+len(audio) {
		t.Fatalf("as %s it has %d bytes, want %d", open.Type, len(wav), headerSize+len(audio))
	}
	left, right := split(wav[headerSize+secondSize:])
	if tone(left, 440) < 6500 || tone(right, 1000) < 6500 || tone(left, 1000) > 65 || tone(right, 440) > 65 { // -40 dB
		t.Errorf("left %.0f of 440 Hz and %.0f of 1000, right %.0f and %.0f", tone(left, 440), tone(left, 1000), tone(right, 440), tone(right, 1000))
	}
	part, err := b.OpenWAV(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	if size, err := part.Seek(0, io.SeekEnd); err != nil || size != int64(len(wav)) {
		t.Errorf("its end is at %d, %v", size, err)
	}
	if _, err := part.Seek(headerSize+3*secondSize, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, secondSize)
	if _, err := io.ReadFull(part, got); err != nil || !bytes.Equal(got, wav[headerSize+3*secondSize:][:secondSize]) {
		t.Errorf("the fourth second alone: %v", err)
	}
}

func split(pcm []byte) (left, right []int16) {
	for i := 0; i+3 < len(pcm); i += frameBytes {
		left = append(left, int16(uint16(pcm[i])|uint16(pcm[i+1])<<8))
		right = append(right, int16(uint16(pcm[i+2])|uint16(pcm[i+3])<<8))
	}
	return left, right
}

// stubborn is an encoder that goes wrong.
type stubborn struct{ err error }

func (s stubborn) Encode(ctx context.Context, _ int64, _ func() (io.ReadCloser, error)) ([]byte, error) {
	if s.err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, s.err
}

func (s stubborn) Decode(context.Context, io.Reader, io.Writer) error { return s.err }

// TestNotOpus: what does not come back as it was stays WAV, and the row says
// so; an encoder that fails keeps the raw file; one that is too slow is not
// waited for, and the sweep converts later.
func TestNotOpus(t *testing.T) {
	c := answered("a1-1.1", 0, 4*time.Second)
	audio := tones(4*time.Second, 440, 700)
	for name, w := range map[string]struct {
		opus Encoder
		note string
		fail bool
	}{
		"none":        {nil, "apt install opus-tools", false},
		"differs":     {stubborn{fmt.Errorf("%w: one side is heard on the other", opus.ErrDiffers)}, "one side is heard on the other", false},
		"cannot run":  {stubborn{errors.New("exec format error")}, "", true},
		"is too slow": {stubborn{}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.Opus = w.opus
			b.index.put(c)
			b.write(c.ID, audio)
			r, err := b.Keep(t.Context(), c)
			if w.fail {
				if err == nil || !b.hasRaw(c.ID) || b.Trouble() == nil || b.index.saves != 0 {
					t.Errorf("%v, raw file there: %t", err, b.hasRaw(c.ID))
				}
				return
			}
			if err != nil || r.Sealed.Form != WAV || !strings.Contains(r.Sealed.Note, w.note) || b.hasRaw(c.ID) {
				t.Fatalf("%+v, %v", r.Sealed, err)
			}
			b.noPlain(audio)
			if played := b.played(c.ID); !bytes.Equal(played[headerSize:], audio) {
				t.Errorf("%d bytes are played", len(played))
			}
			codec, err := opus.Find()
			if err != nil {
				t.Fatal(err)
			}
			b.Opus = codec // there, or fast, again
			if err := b.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			after, _ := b.index.row(c.ID)
			if converted := after.Sealed.Form == Opus; converted != (w.note == "") {
				t.Errorf("after a sweep it is %s, note %q", after.Sealed.Form, after.Sealed.Note)
			} else if converted && (len(b.files()) != 1 || after.Steps.Converted.IsZero() || string(b.played(c.ID)[:4]) != "OggS" || after.Sealed.Source != r.Sealed.Source) {
				t.Errorf("converted to %+v, the store has %q", after, b.files())
			}
		})
	}
}

// TestLongOnesAreStoredFirst: the encoder of a long recording is not waited for.
func TestLongOnesAreStoredFirst(t *testing.T) {
	b := newBench(t)
	b.Opus = stubborn{errors.New("nobody should ask")}
	c := answered("a1-1.1", 0, encodeAtOnce+time.Second)
	b.write(c.ID, tones(encodeAtOnce+time.Second, 440, 700))
	if r := b.mustKeep(c); r.Sealed.Form != WAV || r.Sealed.Note != "" || b.hasRaw(c.ID) {
		t.Errorf("%+v, raw file there: %t; want it in the store as WAV, to be converted", r.Sealed, b.hasRaw(c.ID))
	}
}

// TestSealedFaults: each fault is told from the others, and nothing is played.
func TestSealedFaults(t *testing.T) {
	c := answered("a1-1.1", 0, 4*time.Second)
	audio := tones(4*time.Second, 440, 700)
	object := func(b *bench) string { return filepath.Join(b.Store, place(c)+sealedWAV) }
	for name, f := range map[string]struct {
		do   func(b *bench) error
		want error
	}{
		"file cut":   {func(b *bench) error { return os.Truncate(object(b), 100_000) }, vault.ErrCut},
		"file grown": {func(b *bench) error { return os.Truncate(object(b), 200_000) }, vault.ErrCut},
		"object changed": {func(b *bench) error {
			data, err := os.ReadFile(object(b))
			data[70_000] ^= 4
			return errors.Join(err, os.WriteFile(object(b), data, 0o600))
		}, vault.ErrChanged},
		"object of another call": {func(b *bench) error {
			other := answered("a1-1.2", 0, 4*time.Second)
			b.write(other.ID, audio)
			b.mustKeep(other)
			return os.Rename(filepath.Join(b.Store, place(other)+sealedWAV), object(b))
		}, vault.ErrChanged},
		"object gone":   {func(b *bench) error { return os.Remove(object(b)) }, ErrNoRecording},
		"key file gone": {func(b *bench) error { return os.Remove(b.Keys.Path) }, vault.ErrNoMaster},
		"wrong master key": {func(b *bench) error {
			return errors.Join(os.Remove(b.Keys.Path), vault.Create(b.Keys.Path))
		}, vault.ErrNoMaster},
		"wrapped key destroyed": {func(b *bench) error {
			r := b.index.rows[c.ID]
			r.Sealed.Key.Key = ""
			b.index.rows[c.ID] = r
			return nil
		}, vault.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.write(c.ID, audio)
			b.mustKeep(c)
			if err := f.do(b); err != nil {
				t.Fatal(err)
			}
			s, err := b.Open(t.Context(), c.ID)
			if err == nil {
				_, err = io.Copy(io.Discard, s)
				err = errors.Join(err, s.Close())
			}
			for _, kind := range []error{vault.ErrCut, vault.ErrChanged, vault.ErrNoMaster, ErrNoRecording} {
				if errors.Is(err, kind) != (kind == f.want) {
					t.Errorf("%v, want %v alone", err, f.want)
				}
			}
		})
	}
}

// TestNoMasterKeepsTheRaw: without the key file nothing is kept in plain; the
// raw file waits until it is back.
func TestNoMasterKeepsTheRaw(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 2*time.Second)
	b.index.put(c)
	b.write(c.ID, tones(2*time.Second, 440, 700))
	away := b.Keys.Path + ".away"
	if err := os.Rename(b.Keys.Path, away); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep(t.Context(), c); !errors.Is(err, vault.ErrNoMaster) || !b.hasRaw(c.ID) || len(b.files()) != 0 {
		t.Errorf("%v, raw file there: %t, store has %q", err, b.hasRaw(c.ID), b.files())
	}
	if trouble := b.Trouble(); !errors.Is(trouble, vault.ErrNoMaster) {
		t.Errorf("trouble %v", trouble)
	}
	if err := os.Rename(away, b.Keys.Path); err != nil {
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context()); err != nil || b.Trouble() != nil {
		t.Fatal(err, b.Trouble())
	}
	if r, _ := b.index.row(c.ID); r.State != Kept || b.hasRaw(c.ID) {
		t.Errorf("%+v", r)
	}
}
