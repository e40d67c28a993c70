package vault

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Opened is a sealed file in plain. It is for one goroutine.
type Opened struct {
	src   io.ReadSeeker
	aead  cipher.AEAD
	bound []byte
	first int64 // where the first chunk begins
	size  int64 // in plain

	at     int64 // of the next Read
	srcAt  int64 // where src is; -1 when unknown
	loaded int64 // chunk in plain, -1 for none
	sealed []byte
	plain  []byte
}

// Open opens size bytes of a sealed file. It is told at once when the size
// cannot be, and when a chunk is read that is not what was sealed.
func Open(src io.ReadSeeker, size int64, key Key, name string) (*Opened, error) {
	head, err := readHeader(src)
	if err != nil {
		return nil, err
	}
	plain, ok := plainSize(size - int64(len(head)))
	if !ok {
		return nil, ErrCut
	}
	aead, err := key.aead()
	if err != nil {
		return nil, err
	}
	return &Opened{src: src, aead: aead, bound: bound(name, head), first: int64(len(head)), size: plain,
		srcAt: int64(len(head)), loaded: -1, sealed: make([]byte, chunkSize+tagSize)}, nil
}

// Label reads the label of a sealed file from its beginning. Whether it is
// authentic shows when the file is opened with the key that it leads to.
func Label(src io.ReadSeeker) ([]byte, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	head, err := readHeader(src)
	if err != nil {
		return nil, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return head[len(magic)+2:], nil
}

func readHeader(src io.Reader) ([]byte, error) {
	head := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(src, head); err != nil {
		return nil, cutOr(err)
	}
	n := int(binary.BigEndian.Uint16(head[len(magic):]))
	if string(head[:len(magic)]) != magic || n > maxLabel {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrChanged)
	}
	head = append(head, make([]byte, n)...)
	if _, err := io.ReadFull(src, head[len(magic)+2:]); err != nil {
		return nil, cutOr(err)
	}
	return head, nil
}

func cutOr(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}

// plainSize is what is in so many bytes of chunks.
func plainSize(sealed int64) (int64, bool) {
	n := (sealed + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	plain := sealed - n*tagSize
	return plain, plain >= 0 && n > 0 && chunks(plain) == n
}

// Size is the length in plain.
func (o *Opened) Size() int64 { return o.size }

// Read implements io.Reader.
func (o *Opened) Read(p []byte) (int, error) {
	if o.at >= o.size {
		if o.size == 0 { // nothing to read is to be proved too
			if err := o.load(0); err != nil {
				return 0, err
			}
		}
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := o.load(o.at / chunkSize); err != nil {
		return 0, err
	}
	n := copy(p, o.plain[o.at%chunkSize:])
	o.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (o *Opened) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return o.at, errors.New("seek before the beginning")
	}
	o.at = offset
	return offset, nil
}

func (o *Opened) load(chunk int64) error {
	if chunk == o.loaded {
		return nil
	}
	o.loaded = -1
	from := o.first + chunk*(chunkSize+tagSize)
	if o.srcAt != from {
		if _, err := o.src.Seek(from, io.SeekStart); err != nil {
			return err
		}
	}
	o.srcAt = -1
	last := chunk == chunks(o.size)-1
	sealed := o.sealed[:min(chunkSize, o.size-chunk*chunkSize)+tagSize]
	if _, err := io.ReadFull(o.src, sealed); err != nil {
		return cutOr(err)
	}
	o.srcAt = from + int64(len(sealed))
	plain, err := o.aead.Open(o.plain[:0], nonce(chunk, last), sealed, o.bound)
	if err != nil {
		return fmt.Errorf("%w (piece %d of %d)", ErrChanged, chunk+1, chunks(o.size))
	}
	o.plain, o.loaded = plain, chunk
	return nil
}
