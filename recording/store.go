package recording

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/threerings/threerings/queue"
)

// written is what writing a WAV file tells.
type written struct {
	bytes  int64
	sha256 string
}

// writeWAV makes name in the store from size bytes of raw audio, which meter
// sees too. The file has its name only when it is whole and on disk; a piece
// left by a crash is overwritten by the next try.
func writeWAV(ctx context.Context, store *os.Root, name string, raw io.Reader, size int64, m *meter) (w written, err error) {
	header, err := wavHeader(size)
	if err != nil {
		return written{}, err
	}
	dir := path.Dir(name)
	if err := store.MkdirAll(dir, 0o750); err != nil {
		return written{}, fmt.Errorf("make the day's folder: %w", err)
	}
	part := path.Join(dir, "."+path.Base(name)+".part")
	f, err := store.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return written{}, fmt.Errorf("create the file: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			err = errors.Join(err, ignoreGone(store.Remove(part)))
		}
	}()
	sum := sha256.New()
	out := io.MultiWriter(f, sum)
	if _, err := out.Write(header); err != nil {
		return written{}, fmt.Errorf("write the header: %w", err)
	}
	buf := make([]byte, 64<<10) // a multiple of a frame, so that meter sees whole ones
	for left := size; left > 0; {
		if err := ctx.Err(); err != nil {
			return written{}, err
		}
		n, err := io.ReadFull(raw, buf[:min(left, int64(len(buf)))])
		if err != nil {
			return written{}, fmt.Errorf("read the raw file: %w", err)
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return written{}, fmt.Errorf("write the audio: %w", err)
		}
		m.Write(buf[:n])
		left -= int64(n)
	}
	if err := f.Sync(); err != nil {
		return written{}, fmt.Errorf("sync the audio: %w", err)
	}
	if err := f.Close(); err != nil {
		return written{}, fmt.Errorf("close the file: %w", err)
	}
	if err := store.Rename(part, name); err != nil {
		return written{}, fmt.Errorf("give the file its name: %w", err)
	}
	if err := syncFolders(store, dir); err != nil {
		return written{}, err
	}
	return written{bytes: headerSize + size, sha256: hex.EncodeToString(sum.Sum(nil))}, nil
}

func (k *Keeper) openStore() (*os.Root, error) {
	if err := os.MkdirAll(k.Store, 0o750); err != nil {
		return nil, fmt.Errorf("the store cannot be made, check its path and rights: %w", err)
	}
	store, err := os.OpenRoot(k.Store)
	if err != nil {
		return nil, fmt.Errorf("the store cannot be opened, check its path and rights: %w", err)
	}
	return store, nil
}

// syncFolders makes the new name, and the names of new folders, last.
func syncFolders(store *os.Root, dir string) error {
	for ; ; dir = path.Dir(dir) {
		d, err := store.Open(dir)
		if err != nil {
			return fmt.Errorf("sync the folder %s: %w", dir, err)
		}
		err = errors.Join(d.Sync(), d.Close())
		if err != nil {
			return fmt.Errorf("sync the folder %s: %w", dir, err)
		}
		if dir == "." {
			return nil
		}
	}
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Open opens a call's recording for playing, and tells when it was written.
// The error is ErrNoRecording when there is none to play.
func (k *Keeper) Open(ctx context.Context, id queue.CallID) (io.ReadSeekCloser, time.Time, error) {
	if err := checkID(id); err != nil {
		return nil, time.Time{}, err
	}
	r, ok, err := k.Index.Recording(ctx, id)
	switch {
	case err != nil:
		return nil, time.Time{}, fmt.Errorf("look up the recording of call %s: %w", id, err)
	case !ok:
		return nil, time.Time{}, fmt.Errorf("call %s: %w", id, ErrNoRecording)
	case r.Path == "":
		return nil, time.Time{}, fmt.Errorf("call %s: %w: %s", id, ErrNoRecording, r.Reason)
	}
	f, info, err := openIn(k.Store, r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, fmt.Errorf("call %s: %w any more: %w", id, ErrNoRecording, err)
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("open the recording of call %s in %s: %w", id, k.Store, err)
	}
	return f, info.ModTime(), nil
}

// openIn opens a regular file under a folder, and nothing outside it.
func openIn(folder, name string) (*os.File, fs.FileInfo, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	// Looked at first, since opening a pipe would block for ever.
	info, err := root.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
