package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plainOf is n bytes that differ from chunk to chunk.
func plainOf(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>16)
	}
	return p
}

func sealed(t testing.TB, plain []byte, key Key, name string, label []byte) []byte {
	t.Helper()
	r, err := Seal(iotest.HalfReader(bytes.NewReader(plain)), key, name, label)
	must(t, err)
	out, err := io.ReadAll(iotest.HalfReader(r))
	must(t, err)
	if int64(len(out)) != SealedSize(int64(len(plain)), label) {
		t.Fatalf("%d bytes sealed are %d, want %d", len(plain), len(out), SealedSize(int64(len(plain)), label))
	}
	return out
}

func opened(data []byte, key Key, name string) ([]byte, error) {
	o, err := Open(bytes.NewReader(data), int64(len(data)), key, name)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(o)
}

// TestSealed: what was sealed comes back, whole and in any part, and only to
// who has key and name.
func TestSealed(t *testing.T) {
	for _, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize, 3*chunkSize + 17} {
		key, plain := NewKey(), plainOf(n)
		data := sealed(t, plain, key, "a1-1.1", []byte("label"))
		got, err := opened(data, key, "a1-1.1")
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came back, %v", n, len(got), err)
		}
		if _, err := opened(data, key, "a1-1.2"); !errors.Is(err, ErrChanged) {
			t.Errorf("%d bytes under another name: %v", n, err)
		}
		if _, err := opened(data, NewKey(), "a1-1.1"); !errors.Is(err, ErrChanged) {
			t.Errorf("%d bytes with another key: %v", n, err)
		}
		if label, err := Label(bytes.NewReader(data)); err != nil || string(label) != "label" {
			t.Errorf("label %q, %v", label, err)
		}
		if n > 64 && bytes.Contains(data, plain[:64]) {
			t.Error("the file can be read as it lies there")
		}
		o, err := Open(bytes.NewReader(data), int64(len(data)), key, "a1-1.1")
		must(t, err)
		if err := iotest.TestReader(struct{ io.ReadSeeker }{o}, plain); err != nil && n > 0 {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// counted tells how much of a file was read.
type counted struct {
	io.ReadSeeker
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadSeeker.Read(p)
	c.n += n
	return n, err
}

// TestOnlyWhatIsAsked: of a long file one chunk is read and decrypted for a
// hundred bytes.
func TestOnlyWhatIsAsked(t *testing.T) {
	key, plain := NewKey(), plainOf(40*chunkSize+5)
	data := sealed(t, plain, key, "c", nil)
	src := &counted{ReadSeeker: bytes.NewReader(data)}
	o, err := Open(src, int64(len(data)), key, "c")
	must(t, err)
	from := int64(30*chunkSize + 1000)
	_, err = o.Seek(from, io.SeekStart)
	must(t, err)
	p := make([]byte, 100)
	_, err = io.ReadFull(o, p)
	if err != nil || !bytes.Equal(p, plain[from:from+100]) || src.n > chunkSize+tagSize+64 {
		t.Errorf("read %d bytes of the file for 100, %v", src.n, err)
	}
}

// TestEveryChangeIsFound: a bit anywhere, a chunk moved, left out, repeated or
// cut off, bytes added.
func TestEveryChangeIsFound(t *testing.T) {
	key, plain := NewKey(), plainOf(3*chunkSize+100)
	data := sealed(t, plain, key, "c", []byte("l"))
	const whole = chunkSize + tagSize
	first := int(headerSize([]byte("l")))
	chunk := func(i int) []byte { return data[first+i*whole : min(first+(i+1)*whole, len(data))] }
	bad := map[string][]byte{
		"two chunks exchanged": slices.Concat(data[:first], chunk(1), chunk(0), chunk(2), chunk(3)),
		"a chunk left out":     slices.Concat(data[:first], chunk(0), chunk(2), chunk(3)),
		"a chunk twice":        slices.Concat(data[:first], chunk(0), chunk(1), chunk(1), chunk(2), chunk(3)),
		"cut at a chunk":       slices.Concat(data[:first], chunk(0), chunk(1), chunk(2)),
		"cut in a chunk":       data[:len(data)-50],
		"cut in a tag":         data[:len(data)-101-tagSize],
		"cut to the header":    data[:first],
		"cut in the header":    data[:5],
		"nothing":              {},
		"bytes added":          append(bytes.Clone(data), 1, 2, 3),
		"a chunk added":        append(bytes.Clone(data), chunk(1)...),
	}
	for _, at := range []int{0, 8, first - 1, first, first + whole + 7, len(data) - 1} {
		changed := bytes.Clone(data)
		changed[at] ^= 1
		bad[fmt.Sprintf("a bit at %d", at)] = changed
	}
	for what, data := range bad {
		if _, err := opened(data, key, "c"); !errors.Is(err, ErrChanged) && !errors.Is(err, ErrCut) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestRing: keys are wrapped by the newest master key; the others still open
// what they wrapped, and a file is read again when it changes.
func TestRing(t *testing.T) {
	r := &Ring{Path: filepath.Join(t.TempDir(), "keys", "recordings.key")}
	key := NewKey()
	if _, err := r.Wrap(key, "c"); !errors.Is(err, ErrNoMaster) || !strings.Contains(err.Error(), r.Path) {
		t.Errorf("without a file: %v", err)
	}
	must(t, Create(r.Path))
	text, err := os.ReadFile(r.Path)
	must(t, err)
	must(t, Create(r.Path)) // one that is there stays
	if again, err := os.ReadFile(r.Path); err != nil || string(again) != string(text) {
		t.Errorf("made again: %v", err)
	}
	if info, err := os.Stat(r.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	old, err := r.Wrap(key, "c")
	must(t, err)
	id, err := r.Add()
	must(t, err)
	now, err := r.Wrap(key, "c")
	if err != nil || now.Master != id || old.Master == id {
		t.Fatalf("wrapped by %s, then by %s (%v), want the new %s", old.Master, now.Master, err, id)
	}
	for _, w := range []Wrapped{old, now, Unpack(old.Pack())} {
		if got, err := r.Unwrap(w, "c"); err != nil || got != key {
			t.Errorf("unwrap %s: %v", w.Master, err)
		}
	}
	if _, err := r.Unwrap(old, "d"); !errors.Is(err, ErrChanged) {
		t.Errorf("a key of another call: %v", err)
	}
	for _, w := range []Wrapped{{old.Master, ""}, {old.Master, now.Key}, {old.Master, old.Key[:59] + "x"}} {
		if _, err := r.Unwrap(w, "c"); !errors.Is(err, ErrChanged) {
			t.Errorf("a changed key: %v", err)
		}
	}
	other := &Ring{Path: filepath.Join(t.TempDir(), "other.key")}
	must(t, Create(other.Path))
	if _, err := other.Unwrap(old, "c"); !errors.Is(err, ErrNoMaster) || !strings.Contains(err.Error(), old.Master) {
		t.Errorf("the wrong file: %v, want the master key named", err)
	}
	if ids, err := r.Masters(); err != nil || len(ids) != 2 {
		t.Errorf("master keys %v, %v", ids, err)
	}
	for _, broken := range []string{"", "# nothing\n", "m123 AAAA\n", strings.Replace(string(text), "\nm", "\nn", 1)} {
		must(t, os.WriteFile(r.Path, []byte(broken), 0o600))
		if _, err := r.Wrap(key, "c"); !errors.Is(err, ErrNoMaster) || !strings.Contains(err.Error(), "put the file back") {
			t.Errorf("%q: %v", broken, err)
		}
		if _, err := r.Add(); err == nil {
			t.Errorf("a key was added to %q", broken)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var key Key
	r, err := Seal(strings.NewReader("something to hear"), key, "c", []byte("l"))
	must(f, err)
	data, err := io.ReadAll(r)
	must(f, err)
	f.Add(data)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := opened(data, key, "c")
		if err == nil && string(plain) != "something to hear" {
			t.Errorf("%q came out of what was not sealed", plain)
		}
	})
}
