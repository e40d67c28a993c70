package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Folder is a store in a folder, which is made when it is not there.
type Folder string

// String implements Store.
func (f Folder) String() string { return string(f) }

func (f Folder) root() (*os.Root, error) {
	if err := os.MkdirAll(string(f), 0o750); err != nil {
		return nil, fmt.Errorf("the store cannot be made, check its path and rights: %w", err)
	}
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, fmt.Errorf("the store cannot be opened, check its path and rights: %w", err)
	}
	return root, nil
}

// Put implements Store. The file has its name only when it is whole and on
// disk; a piece left by a crash is overwritten by the next try.
func (f Folder) Put(ctx context.Context, name string, size int64, r io.Reader) (err error) {
	root, err := f.root()
	if err != nil {
		return err
	}
	defer root.Close()
	dir := path.Dir(name)
	if err := root.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the day's folder: %w", err)
	}
	part := path.Join(dir, "."+path.Base(name)+".part")
	to, err := root.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("create the file: %w", err)
	}
	defer func() {
		if err != nil {
			to.Close()
			err = errors.Join(err, gone(root.Remove(part)))
		}
	}()
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, inTime{ctx, r}, make([]byte, 256<<10))
	switch {
	case err != nil:
		return fmt.Errorf("write the file: %w", err)
	case n != size:
		return fmt.Errorf("write the file: %d bytes came of %d", n, size)
	}
	if err := to.Sync(); err != nil {
		return fmt.Errorf("sync the file: %w", err)
	}
	if err := to.Close(); err != nil {
		return fmt.Errorf("close the file: %w", err)
	}
	if err := root.Rename(part, name); err != nil {
		return fmt.Errorf("give the file its name: %w", err)
	}
	return syncFolders(root, dir)
}

// inTime stops reading with its context.
type inTime struct {
	ctx context.Context
	r   io.Reader
}

func (r inTime) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Open implements Store. Nothing but a regular file inside the folder is opened.
func (f Folder) Open(_ context.Context, name string) (Object, error) {
	root, err := f.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Looked at first, since opening a pipe would block for ever.
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err != nil {
		file.Close()
		return nil, err
	}
	return object{file, Info{name, info.Size(), info.ModTime()}}, nil
}

type object struct {
	io.ReadSeekCloser
	info Info
}

func (o object) Info() Info { return o.info }

// Remove implements Store.
func (f Folder) Remove(_ context.Context, name string) error {
	root, err := f.root()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := gone(root.Remove(name)); err != nil {
		return err
	}
	return gone(syncFolders(root, path.Dir(name)))
}

// List implements Store. What begins with a dot is a piece of ours or another's
// housekeeping.
func (f Folder) List(ctx context.Context, prefix string, each func(Info) error) error {
	start := strings.TrimSuffix(prefix, "/")
	if start == "" {
		start = "."
	}
	return fs.WalkDir(os.DirFS(string(f)), start, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return gone(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return gone(err)
		}
		return each(Info{name, info.Size(), info.ModTime()})
	})
}

// syncFolders makes the new name, and the names of new folders, last.
func syncFolders(root *os.Root, dir string) error {
	for ; ; dir = path.Dir(dir) {
		d, err := root.Open(dir)
		if err != nil {
			return fmt.Errorf("sync the folder %s: %w", dir, err)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return fmt.Errorf("sync the folder %s: %w", dir, err)
		}
		if dir == "." {
			return nil
		}
	}
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
