package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/backup"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/internal/store"
)

// staging is the folder in which files wait until all of them are there. It is
// inside the recordings folder, as that may be a disk of its own.
const staging = ".restoring"

// placing is the files of a restore.
type placing struct {
	bucket  store.Store // of the recordings; nil: the folder
	put     []string    // names in bucket
	store   string      // folder of the recordings
	made    bool        // by us
	root    *os.Root
	placed  []string // names in store
	folders string   // the last folder made

	sounds   string // where own prompts go; empty: nowhere
	prompts  map[string][]byte
	written  []string
	unplaced int
}

// mostSounds limits own prompts, in bytes: they wait in memory.
const mostSounds = 1 << 30

func newPlacing(set *settings.Settings, want backup.Files) (*placing, error) {
	p := &placing{store: set.Recordings, prompts: map[string][]byte{}}
	if set.Asterisk.Sounds != "" {
		p.sounds = filepath.Join(set.Asterisk.Sounds, ownSounds)
	}
	if set.S3.Endpoint != "" {
		return p, p.empty(node.StoreOf(*set))
	}
	entries, err := os.ReadDir(p.store)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	p.made = err != nil
	for _, e := range entries {
		switch e.Name() {
		case "lost+found": // of the disk
		case staging:
			return nil, fmt.Errorf("another restore is under way in %s, or one was killed: if none runs, remove %s", p.store, filepath.Join(p.store, staging))
		default:
			return nil, fmt.Errorf("the recordings folder %s is not empty: move %s and what else is there away, or give another folder (recordings, --data)", p.store, e.Name())
		}
	}
	if err := disk.Need(p.store, uint64(max(0, want.Bytes))); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.store, 0o750); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	stage := filepath.Join(p.store, staging)
	if err := os.Mkdir(stage, 0o750); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if p.root, err = os.OpenRoot(stage); err != nil {
		return nil, errors.Join(fmt.Errorf("recordings: %w", err), os.Remove(stage))
	}
	return p, nil
}

// empty takes a bucket, if nothing is in it.
func (p *placing) empty(b store.Store) error {
	p.bucket = b
	return b.List(context.Background(), "", func(i store.Info) error {
		return fmt.Errorf("the bucket %s is not empty: move %s and what else is there away, or give another one (s3.bucket)", b, i.Name)
	})
}

// recording writes a recording beside its place; into a bucket at its place,
// from where it is taken back should the rest not come.
func (p *placing) recording(ctx context.Context, item *backup.Item) (err error) {
	if p.bucket != nil {
		p.put = append(p.put, item.Name)
		if err := p.bucket.Put(ctx, item.Name, item.Size, item); err != nil {
			return fmt.Errorf("recording %.200q: %w", item.Name, err)
		}
		return nil
	}
	if dir := path.Dir(item.Name); dir != p.folders {
		if err := p.root.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("recording %.200q: %w", item.Name, err)
		}
		p.folders = dir
	}
	f, err := p.root.OpenFile(item.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return fmt.Errorf("recording %.200q: %w", item.Name, err)
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, item, make([]byte, 128<<10))
	if err = errors.Join(err, f.Close()); err == nil {
		err = p.root.Chtimes(item.Name, item.At, item.At)
	}
	if err != nil {
		return disk.Blame(fmt.Errorf("recording %.200q: %w", item.Name, err), p.store)
	}
	return nil
}

// sound keeps a file of an own prompt until place.
func (p *placing) sound(item *backup.Item) error {
	name, form, _ := strings.Cut(item.Name, ".")
	if prompts.CheckName(name) != nil || form != "ulaw" && form != "alaw" && form != "sln" {
		return fmt.Errorf("own prompt %.80q: %w", item.Name, backup.ErrDamaged)
	}
	if p.sounds == "" {
		p.unplaced++
		return nil
	}
	size := item.Size
	for _, data := range p.prompts {
		size += int64(len(data))
	}
	if size > mostSounds {
		return fmt.Errorf("own prompts are larger than %s: %w", disk.Size(mostSounds), backup.ErrDamaged)
	}
	data, err := io.ReadAll(item)
	if err != nil {
		return err
	}
	switch there, err := os.ReadFile(filepath.Join(p.sounds, item.Name)); {
	case err == nil && bytes.Equal(there, data):
		return nil
	case err == nil:
		return fmt.Errorf("%s is there already, and is not the one of the backup: move it away", filepath.Join(p.sounds, item.Name))
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("own prompt %s: %w", item.Name, err)
	}
	p.prompts[item.Name] = data
	return nil
}

// place gives all files their names, or none.
func (p *placing) place() error {
	if err := p.placeAll(); err != nil {
		return disk.Blame(errors.Join(err, p.takeBack()), p.store)
	}
	return nil
}

func (p *placing) placeAll() error {
	if p.bucket != nil {
		p.placed, p.put = p.put, nil
		return p.placeSounds()
	}
	dir, err := p.root.Open(".")
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil { // one by one would take hours
		return fmt.Errorf("sync recordings: %w", err)
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	for _, e := range entries {
		if err := renameNew(filepath.Join(p.store, staging, e.Name()), filepath.Join(p.store, e.Name())); err != nil {
			return fmt.Errorf("recordings: %w", err)
		}
		p.placed = append(p.placed, e.Name())
	}
	if err := syncFolder(p.store); err != nil {
		return err
	}
	return p.placeSounds()
}

func (p *placing) placeSounds() error {
	if len(p.prompts) == 0 {
		return nil
	}
	// The switch must be able to read them, as those that prompt add makes.
	if err := os.MkdirAll(p.sounds, 0o755); err != nil {
		return fmt.Errorf("own prompts: %w", err)
	}
	for name, data := range p.prompts {
		name = filepath.Join(p.sounds, name)
		err := writeNew(name, false, func(w io.Writer) error { _, err := w.Write(data); return err })
		if err == nil {
			p.written = append(p.written, name)
			err = os.Chmod(name, 0o644)
		}
		if err != nil {
			return fmt.Errorf("own prompts: %w", err)
		}
	}
	return nil
}

// takeBack removes what was placed: what it belongs to did not come.
func (p *placing) takeBack() error {
	var errs []error
	for _, name := range p.placed {
		if p.bucket != nil {
			errs = append(errs, p.bucket.Remove(context.Background(), name))
			continue
		}
		errs = append(errs, os.RemoveAll(filepath.Join(p.store, name)))
	}
	for _, name := range p.written {
		errs = append(errs, os.Remove(name))
	}
	p.placed, p.written = nil, nil
	return errors.Join(errs...)
}

// close removes what is not in its place.
func (p *placing) close() error {
	if p.bucket != nil {
		var errs []error
		for _, name := range p.put { // not placed: the rest did not come
			errs = append(errs, p.bucket.Remove(context.Background(), name))
		}
		return errors.Join(errs...)
	}
	err := errors.Join(p.root.Close(), os.RemoveAll(filepath.Join(p.store, staging)))
	if p.made {
		_ = os.Remove(p.store) // if it is empty
	}
	return err
}
