package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	magic     = "3RSEAL1\n"
	chunkSize = 64 << 10
	tagSize   = 16
	// KeySize is the size of every key, in bytes.
	KeySize  = 32
	maxLabel = 1024
	context  = "threerings sealed file 1\x00"
)

// Key is the key of one file.
type Key [KeySize]byte

// NewKey makes a key for one file.
func NewKey() (k Key) {
	_, _ = rand.Read(k[:]) // never fails (crypto/rand)
	return k
}

// Errors to tell apart with errors.Is.
var (
	// ErrChanged: the file is not what was sealed, or is not sealed for this name and key.
	ErrChanged = errors.New("the sealed file was changed, or belongs to another recording or key")
	// ErrCut: the file ends too early or too late.
	ErrCut = errors.New("the sealed file is not as long as it was: it was cut off or added to")
)

// SealedSize is how long a sealed file of so many bytes is.
func SealedSize(plain int64, label []byte) int64 {
	return headerSize(label) + plain + chunks(plain)*tagSize
}

func headerSize(label []byte) int64 { return int64(len(magic) + 2 + len(label)) }

// chunks of an empty file: one, so that it too cannot be forged.
func chunks(plain int64) int64 { return max(1, (plain+chunkSize-1)/chunkSize) }

func header(label []byte) []byte {
	h := append(make([]byte, 0, headerSize(label)), magic...)
	h = binary.BigEndian.AppendUint16(h, uint16(len(label)))
	return append(h, label...)
}

func (k Key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func nonce(chunk int64, last bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:], uint64(chunk))
	if last {
		n[11] = 1
	}
	return n
}

func bound(name string, head []byte) []byte {
	a := append(make([]byte, 0, len(context)+len(name)+1+len(head)), context...)
	a = append(append(a, name...), 0)
	return append(a, head...)
}

// Seal reads r sealed for a name. The label is readable by anybody, and
// authentic; nil for none. A key seals one file.
func Seal(r io.Reader, key Key, name string, label []byte) (io.Reader, error) {
	if len(label) > maxLabel {
		return nil, fmt.Errorf("seal %s: a label of %d bytes is too long", name, len(label))
	}
	aead, err := key.aead()
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", name, err)
	}
	head := header(label)
	s := &sealer{r: r, aead: aead, bound: bound(name, head), out: head, buf: make([]byte, chunkSize+1)}
	return s, nil
}

type sealer struct {
	r     io.Reader
	aead  cipher.AEAD
	bound []byte
	buf   []byte // one byte of the next chunk tells whether this is the last
	have  int
	chunk int64
	out   []byte // sealed and not yet read
	done  bool
	err   error
}

func (s *sealer) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		if s.done {
			return 0, io.EOF
		}
		s.next()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

func (s *sealer) next() {
	n, err := io.ReadFull(s.r, s.buf[s.have:])
	s.have += n
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		s.err = err
		return
	}
	plain := s.buf[:min(s.have, chunkSize)]
	s.out = s.aead.Seal(nil, nonce(s.chunk, last), plain, s.bound)
	s.chunk++
	s.done = last
	s.have = copy(s.buf, s.buf[len(plain):s.have])
}
