package vault

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// ErrNoMaster: the key file is not there, or lacks the master key that is asked for.
var ErrNoMaster = errors.New("the master key is not in the key file")

// Wrapped is a file's key as it may be kept: only who has the master key can
// use it.
type Wrapped struct {
	Master string // id of the master key; empty: there is no key (any more)
	Key    string // bytes
}

// Ring is the master keys of a house, in a file. The last one in it wraps new
// keys; the others still open what they wrapped. The file is read again when
// it changes.
type Ring struct {
	Path string

	mu      sync.Mutex
	read    stampOf
	masters map[string]Key
	current string
}

type stampOf struct {
	at   time.Time
	size int64
}

const fileHead = `# Master keys of the recordings, one a line; the last one is in use.
# Without this file no recording can be heard: keep a copy where the recordings and their backups are not.
`

// Create makes a key file with one master key; one that is there stays.
func Create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the folder of the key file: %w", err)
	}
	_, line := newMaster()
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("make the key file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(fileHead + line)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Link(f.Name(), path) // whole or not at all, and never over another
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
	}
	if err = errors.Join(err, syncFolder(filepath.Dir(path))); err != nil {
		return fmt.Errorf("make the key file: %w", err)
	}
	return nil
}

// Add puts a new master key at the end of the file, which is made if it is not
// there, and returns its id.
func (r *Ring) Add() (id string, err error) {
	text, err := os.ReadFile(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := Create(r.Path); err != nil {
			return "", err
		}
		return r.Current()
	}
	if err != nil {
		return "", fmt.Errorf("read the key file: %w", err)
	}
	if _, _, err := parse(r.Path, text); err != nil {
		return "", err
	}
	id, line := newMaster()
	part := r.Path + ".new"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("write the key file (if nobody else does so just now, remove %s): %w", part, err)
	}
	_, err = f.Write(append(bytes.TrimRight(text, "\n"), "\n"+line...))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(part, r.Path)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("write the key file: %w", err), os.Remove(part))
	}
	return id, syncFolder(filepath.Dir(r.Path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func newMaster() (id, line string) {
	k := NewKey()
	id = idOf(k)
	return id, id + " " + base64.StdEncoding.EncodeToString(k[:]) + "\n"
}

// idOf is made from the key, so that a key under another's id shows.
func idOf(k Key) string {
	sum := sha256.Sum256(append([]byte("threerings master key\x00"), k[:]...))
	return "m" + hex.EncodeToString(sum[:6])
}

func parse(path string, text []byte) (masters map[string]Key, last string, err error) {
	masters = map[string]Key{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, encoded, _ := strings.Cut(line, " ")
		data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil || len(data) != KeySize || idOf(Key(data)) != id {
			return nil, "", fmt.Errorf("%s, line %d: this is not a master key: put the file back as it was", path, n) // the line is secret
		}
		masters[id], last = Key(data), id
	}
	if lines.Err() != nil || last == "" {
		return nil, "", fmt.Errorf("%s holds no master key: put the file back as it was", path)
	}
	return masters, last, nil
}

// load reads the file when it has changed.
func (r *Ring) load() error {
	info, err := os.Stat(r.Path)
	if err != nil {
		// Not wrapped: that the key is not there is not that the recording is not.
		return fmt.Errorf("%w: put the file back, or set recordings_key: %v", ErrNoMaster, err)
	}
	now := stampOf{info.ModTime(), info.Size()}
	if r.masters != nil && r.read == now {
		return nil
	}
	text, err := os.ReadFile(r.Path)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNoMaster, err)
	}
	masters, current, err := parse(r.Path, text)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoMaster, err)
	}
	r.masters, r.current, r.read = masters, current, now
	return nil
}

// Current is the id of the master key that wraps new keys.
func (r *Ring) Current() (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.load()
	return r.current, err
}

// Masters are the ids of all master keys.
func (r *Ring) Masters() (ids []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err = r.load()
	for id := range r.masters {
		ids = append(ids, id)
	}
	return ids, err
}

// Wrap wraps the key of the file that is sealed for a name.
func (r *Ring) Wrap(k Key, name string) (Wrapped, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(); err != nil {
		return Wrapped{}, err
	}
	aead, err := masterAEAD(r.masters[r.current])
	if err != nil {
		return Wrapped{}, err
	}
	n := make([]byte, 12, 12+KeySize+tagSize)
	_, _ = rand.Read(n) // never fails
	return Wrapped{r.current, string(aead.Seal(n, n, k[:], boundKey(r.current, name)))}, nil
}

// Unwrap is the key that was wrapped for a name.
func (r *Ring) Unwrap(w Wrapped, name string) (Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(); err != nil {
		return Key{}, err
	}
	master, ok := r.masters[w.Master]
	if !ok {
		return Key{}, fmt.Errorf("%w: %s has no %q", ErrNoMaster, r.Path, w.Master)
	}
	aead, err := masterAEAD(master)
	if err != nil {
		return Key{}, err
	}
	if len(w.Key) != 12+KeySize+tagSize {
		return Key{}, fmt.Errorf("the wrapped key of %s: %w", name, ErrChanged)
	}
	plain, err := aead.Open(nil, []byte(w.Key[:12]), []byte(w.Key[12:]), boundKey(w.Master, name))
	if err != nil {
		return Key{}, fmt.Errorf("the wrapped key of %s: %w", name, ErrChanged)
	}
	return Key(plain), nil
}

func masterAEAD(k Key) (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func boundKey(master, name string) []byte {
	return []byte("threerings wrapped key 1\x00" + master + "\x00" + name)
}

// Pack is a wrapped key as a label of the file itself, for files that no row
// of a database belongs to.
func (w Wrapped) Pack() []byte { return []byte(w.Master + "\x00" + w.Key) }

// Unpack reads what Pack made.
func Unpack(label []byte) Wrapped {
	master, key, _ := strings.Cut(string(label), "\x00")
	return Wrapped{master, key}
}
