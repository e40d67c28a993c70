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
	"time"
)

// Writer writes a backup. The order of calls is that of the entries; an error
// ends it.
type Writer struct {
	gz     *gzip.Writer
	tw     *tar.Writer
	taken  time.Time
	digest hash.Hash
	seal   Seal
}

// NewWriter begins a backup.
func NewWriter(w io.Writer, head Head) (*Writer, error) {
	head.Format = Format
	if err := head.check(); err != nil {
		return nil, err
	}
	// Half of a stereo recording is silence at any time, so it shrinks even at
	// the fastest level; a higher one would cost more processor than disk.
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	b := &Writer{gz: gz, tw: tar.NewWriter(gz), taken: head.Taken, digest: sha256.New(), seal: Seal{Rows: map[string]int64{}}}
	return b, b.document(headName, head)
}

func (b *Writer) document(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if len(data) > MaxDocument {
		return fmt.Errorf("write %s: it has %d bytes, more than a backup can have", name, len(data))
	}
	return b.bytes(name, append(data, '\n'))
}

func (b *Writer) bytes(name string, data []byte) error {
	sum := sha256.Sum256(data)
	_, err := b.entry(name, int64(len(data)), hex.EncodeToString(sum[:]), b.taken, bytes.NewReader(data))
	return err
}

// entry writes size bytes of r under a name, and returns their SHA-256. What r
// lacks is made up by zeros, as the tar has announced the size.
func (b *Writer) entry(name string, size int64, sum string, at time.Time, r io.Reader) (string, error) {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: at.Truncate(time.Second), Format: tar.FormatPAX}
	if sum != "" {
		h.PAXRecords = map[string]string{sumRecord: sum}
	}
	if err := b.tw.WriteHeader(h); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	content := sha256.New()
	to := io.MultiWriter(b.tw, content)
	n, err := io.CopyBuffer(to, io.LimitReader(r, size), make([]byte, 128<<10))
	if err == nil && n < size {
		_, err = io.CopyN(to, zeros{}, size-n)
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	got := hex.EncodeToString(content.Sum(nil))
	b.seal.Entries++
	digested(b.digest, name, size, got)
	return got, nil
}

func digested(digest hash.Hash, name string, size int64, sum string) {
	fmt.Fprintf(digest, "%q %d %s\n", name, size, sum)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Table begins a table; its rows are written to it, and it is closed.
func (b *Writer) Table(name string) io.WriteCloser {
	return &tableWriter{b: b, name: name, piece: make([]byte, 0, pieceSize)}
}

type tableWriter struct {
	b     *Writer
	name  string
	piece []byte
	n     int
	rows  int64
}

func (t *tableWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), pieceSize-len(t.piece))
		t.piece = append(t.piece, p[:n]...)
		t.rows += int64(bytes.Count(p[:n], []byte{'\n'}))
		if p = p[n:]; len(t.piece) == pieceSize {
			if err := t.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (t *tableWriter) flush() error {
	t.n++
	err := t.b.bytes(pieceName(t.name, t.n), t.piece)
	t.piece = t.piece[:0]
	return err
}

func pieceName(table string, n int) string { return fmt.Sprintf("%s%s/%06d.copy", ledgerDir, table, n) }

// Close ends the table. One without rows has an empty piece.
func (t *tableWriter) Close() error {
	t.b.seal.Rows[t.name] = t.rows
	if t.n > 0 && len(t.piece) == 0 {
		return nil
	}
	return t.flush()
}

// Sound adds a file of the house's own recordings for callers.
func (b *Writer) Sound(name string, data []byte) error {
	if err := checkPath(name); err != nil {
		return err
	}
	b.seal.Sounds.Files++
	b.seal.Sounds.Bytes += int64(len(data))
	return b.bytes(soundsDir+name, data)
}

// Recording adds a recording that is size bytes long; sum is its SHA-256 by
// the index. A file that is not that, or cannot be read to its end, is added as
// it is, with a problem behind it, which is returned.
func (b *Writer) Recording(path string, size int64, at time.Time, sum string, r io.Reader) (*Problem, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	from := &told{r: r}
	got, err := b.entry(mediaDir+path, size, sum, at, from)
	if err != nil {
		return nil, err
	}
	b.seal.Recordings.Files++
	b.seal.Recordings.Bytes += size
	what := ""
	switch {
	case from.err != nil:
		what = "it cannot be read, zeros stand for the rest: " + from.err.Error()
	case from.n < size:
		what = "it became shorter while it was read"
	case sum != "" && got != sum:
		what = "its content is not what the index says (SHA-256): it was changed, damaged, or written again just now"
	default:
		return nil, nil
	}
	p := &Problem{Path: path, What: what}
	return p, b.Problem(*p)
}

// told keeps a reader's error from its user, who cannot tell it from a
// writer's.
type told struct {
	r   io.Reader
	n   int64
	err error
}

func (t *told) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err, err = err, io.EOF
	}
	return n, err
}

// Problem tells of a recording that cannot be added at all.
func (b *Writer) Problem(p Problem) error {
	b.seal.Problems++
	return b.document(fmt.Sprintf("%s%06d.json", problems, b.seal.Problems), p)
}

// Close writes the seal. A backup that is not closed is none.
func (b *Writer) Close() (Seal, error) {
	b.seal.Digest = hex.EncodeToString(b.digest.Sum(nil))
	seal := b.seal
	if err := b.document(sealName, seal); err != nil {
		return seal, err
	}
	if err := errors.Join(b.tw.Close(), b.gz.Close()); err != nil {
		return seal, fmt.Errorf("end the backup: %w", err)
	}
	return seal, nil
}
