package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// Kind is what an item of a backup is.
type Kind string

// Kinds of items.
const (
	KindTable     Kind = "table"
	KindSound     Kind = "sound"
	KindRecording Kind = "recording"
	KindProblem   Kind = "problem"
)

// Item is one thing in a backup. Its content is read from it before the next
// one is asked for; a table's pieces are one content.
type Item struct {
	Kind    Kind
	Name    string    // of the table, or the path in its folder
	Size    int64     // 0 for a table
	At      time.Time // when the file was written
	Problem Problem
	r       io.Reader
}

// Read reads the content.
func (i *Item) Read(p []byte) (int, error) { return i.r.Read(p) }

// Reader reads a backup and verifies it on the way. Only when Next has
// returned io.EOF is all of it what was written.
type Reader struct {
	Head Head
	Seal Seal // valid after Next has returned io.EOF

	gz     *gzip.Reader
	tr     *tar.Reader
	digest hash.Hash
	have   Seal // what was read so far
	tables int  // begun

	// The entry under way.
	h       *tar.Header
	rest    io.Reader
	content hash.Hash
	again   bool   // h was looked at and is not used yet
	owed    string // a recording that differs, whose problem must come next
	err     error
}

// NewReader reads the head.
func NewReader(r io.Reader) (*Reader, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return nil, damaged(err)
	}
	b := &Reader{gz: gz, tr: tar.NewReader(gz), digest: sha256.New(), have: Seal{Rows: map[string]int64{}}}
	if err := b.next(); err != nil {
		return nil, err
	}
	if b.h.Name != headName {
		return nil, fmt.Errorf("%w: it begins with %.80q", ErrDamaged, b.h.Name)
	}
	if err := b.document(&b.Head); err != nil {
		return nil, err
	}
	if err := b.Head.check(); err != nil {
		return nil, err
	}
	return b, nil
}

func damaged(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w (%w)", ErrDamaged, err)
}

// next goes to the next entry, which must be a plain file.
func (b *Reader) next() error {
	if b.again {
		b.again = false
		return nil
	}
	h, err := b.tr.Next()
	if err != nil {
		return damaged(err)
	}
	if h.Typeflag != tar.TypeReg || h.Size < 0 {
		return fmt.Errorf("%w: %.200q in it is not a file", ErrDamaged, h.Name)
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse") { // a few bytes that claim to be a terabyte
			return fmt.Errorf("%w: %.200q in it has holes", ErrDamaged, h.Name)
		}
	}
	b.h, b.content = h, sha256.New()
	b.rest = io.TeeReader(b.tr, b.content)
	return nil
}

// end reads what is left of the entry and judges it.
func (b *Reader) end() error {
	if _, err := io.CopyBuffer(io.Discard, onlyReader{b.rest}, make([]byte, 128<<10)); err != nil {
		return damaged(err)
	}
	sum := hex.EncodeToString(b.content.Sum(nil))
	b.have.Entries++
	digested(b.digest, b.h.Name, b.h.Size, sum)
	if want, ok := b.h.PAXRecords[sumRecord]; ok && want != sum {
		path, is := strings.CutPrefix(b.h.Name, mediaDir)
		if !is {
			return fmt.Errorf("%w: %s in it is not what was written", ErrDamaged, b.h.Name)
		}
		b.owed = path
	}
	return nil
}

type onlyReader struct{ io.Reader }

// document reads the entry as JSON.
func (b *Reader) document(into any) error {
	if b.h.Size > MaxDocument+1 {
		return fmt.Errorf("%w: %.200q in it has %d bytes", ErrDamaged, b.h.Name, b.h.Size)
	}
	data, err := io.ReadAll(b.rest)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return damaged(err)
	}
	return b.end()
}

// Next returns the next item, or io.EOF when the seal has been read and all
// was right. What was not read of the item before is passed over, and verified.
func (b *Reader) Next() (*Item, error) {
	if b.err == nil {
		var item *Item
		if item, b.err = b.step(); b.err == nil {
			return item, nil
		}
	}
	return nil, b.err
}

func (b *Reader) step() (*Item, error) {
	if err := b.finish(); err != nil {
		return nil, err
	}
	if err := b.next(); err != nil {
		return nil, err
	}
	name := b.h.Name
	if b.owed != "" && !strings.HasPrefix(name, problems) {
		return nil, fmt.Errorf("%w: the recording %s is not what was written", ErrDamaged, b.owed)
	}
	switch {
	case b.tables < len(b.Head.Tables):
		t := b.Head.Tables[b.tables].Name
		if name != pieceName(t, 1) {
			return nil, fmt.Errorf("%w: %.200q is where table %s should be", ErrDamaged, name, t)
		}
		b.tables++
		return &Item{Kind: KindTable, Name: t, r: &tableReader{b: b, name: t, n: 1}}, nil
	case strings.HasPrefix(name, soundsDir):
		return b.file(KindSound, name[len(soundsDir):], &b.have.Sounds)
	case strings.HasPrefix(name, mediaDir):
		return b.file(KindRecording, name[len(mediaDir):], &b.have.Recordings)
	case strings.HasPrefix(name, problems):
		return b.problem()
	case name == sealName:
		return nil, b.sealed()
	}
	return nil, fmt.Errorf("%w: it has a file named %.200q", ErrDamaged, name)
}

// finish ends the item before.
func (b *Reader) finish() error {
	if b.tables > 0 && b.h != nil && !b.again {
		if table, ok := strings.CutPrefix(b.h.Name, ledgerDir); ok {
			table, _, _ = strings.Cut(table, "/")
			_, err := io.Copy(io.Discard, &tableReader{b: b, name: table, n: b.pieceNumber()})
			return err
		}
		if !strings.HasPrefix(b.h.Name, problems) {
			return b.end()
		}
	}
	return nil
}

func (b *Reader) pieceNumber() (n int) {
	_, _ = fmt.Sscanf(b.h.Name[strings.LastIndexByte(b.h.Name, '/')+1:], "%d", &n) // it was compared when it came
	return n
}

// tableReader reads the pieces of a table, and looks at what comes behind.
type tableReader struct {
	b    *Reader
	name string
	n    int
	done bool
}

func (t *tableReader) Read(p []byte) (n int, err error) {
	defer func() {
		if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, ErrDamaged) {
			t.b.err = err // there is no way on
		}
	}()
	for !t.done && len(p) > 0 {
		n, err := t.b.rest.Read(p)
		t.b.have.Rows[t.name] += int64(bytes.Count(p[:n], []byte{'\n'}))
		switch {
		case n > 0:
			return n, nil
		case err != nil && !errors.Is(err, io.EOF):
			return 0, damaged(err)
		case err == nil:
			continue
		}
		if err := t.b.end(); err != nil {
			return 0, err
		}
		if err := t.b.next(); err != nil {
			return 0, err
		}
		if t.n++; t.b.h.Name != pieceName(t.name, t.n) {
			t.done, t.b.again = true, true
		}
	}
	if len(p) == 0 {
		return 0, nil
	}
	return 0, io.EOF
}

func (b *Reader) file(kind Kind, path string, count *Files) (*Item, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	count.Files++
	count.Bytes += b.h.Size
	return &Item{Kind: kind, Name: path, Size: b.h.Size, At: b.h.ModTime, r: b.rest}, nil
}

func (b *Reader) problem() (*Item, error) {
	i := &Item{Kind: KindProblem, r: bytes.NewReader(nil)}
	if err := b.document(&i.Problem); err != nil {
		return nil, err
	}
	if b.owed != "" && i.Problem.Path != b.owed {
		return nil, fmt.Errorf("%w: the recording %s is not what was written", ErrDamaged, b.owed)
	}
	b.owed, i.Name = "", i.Problem.Path
	b.have.Problems++
	return i, nil
}

// sealed compares the seal with what was read, and sees that nothing follows.
func (b *Reader) sealed() error {
	b.have.Digest = hex.EncodeToString(b.digest.Sum(nil))
	have := b.have
	if err := b.document(&b.Seal); err != nil {
		return err
	}
	want, err := json.Marshal(b.Seal)
	if err != nil {
		return damaged(err)
	}
	got, err := json.Marshal(have)
	if err != nil {
		return damaged(err)
	}
	if !bytes.Equal(want, got) {
		return fmt.Errorf("%w: what it has is not what its seal says", ErrDamaged)
	}
	if _, err := b.tr.Next(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: there is more behind its seal", ErrDamaged)
	}
	// The last checksum is behind what tar reads.
	if n, err := io.Copy(io.Discard, io.LimitReader(b.gz, MaxDocument)); err != nil || n == MaxDocument {
		return fmt.Errorf("%w: its end makes no sense (%v)", ErrDamaged, err)
	}
	return io.EOF
}
