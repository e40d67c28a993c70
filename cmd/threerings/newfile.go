package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/threerings/threerings/internal/disk"
)

// writeNew makes a file that only its owner may read: under another name first,
// synced, renamed when it is whole. A file that is there stays, unless force.
func writeNew(path string, force bool, write func(io.Writer) error) (err error) {
	there := fmt.Errorf("%s is there already: give another name, or --force to replace it", path)
	if _, err := os.Lstat(path); err == nil && !force {
		return there
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".part-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		f.Close() // twice is harmless
		if err != nil {
			_ = os.Remove(f.Name())
			err = disk.Blame(err, dir)
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := write(w); err != nil {
		return err
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if force {
		err = os.Rename(f.Name(), path)
	} else {
		err = renameNew(f.Name(), path)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return there
	case err != nil:
		return err
	}
	return syncFolder(dir)
}

// renameNew renames unless the new name is taken, as far as the file system
// can promise that.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		if _, err := os.Lstat(to); err == nil {
			return fs.ErrExist
		}
		return os.Rename(from, to)
	}
	return err
}

// syncFolder makes new names in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) { // some file systems have nothing to sync
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

// counter shows on a terminal how much has gone through; in a pipe nothing.
type counter struct {
	on    bool
	what  string
	bytes uint64
	shown time.Time
}

func newCounter(out io.Writer) *counter {
	f, ok := out.(*os.File)
	return &counter{on: ok && term.IsTerminal(int(f.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))}
}

func (c *counter) at(what string) {
	c.what = what
	c.show()
}

func (c *counter) show() {
	if c.on && time.Since(c.shown) > 200*time.Millisecond {
		c.shown = time.Now()
		line := c.what + ", " + disk.Size(c.bytes)
		fmt.Fprintf(os.Stderr, "\r%-60.60s", line)
	}
}

func (c *counter) clear() {
	if c.on && !c.shown.IsZero() {
		fmt.Fprintf(os.Stderr, "\r%s\r", strings.Repeat(" ", 60))
		c.shown = time.Time{}
	}
}

// writer counts what goes to w, and ends with its context.
func (c *counter) writer(ctx context.Context, w io.Writer) io.Writer {
	return counted(func(p []byte) (int, error) { return w.Write(p) }, ctx, c)
}

// reader counts what comes from r, and ends with its context.
func (c *counter) reader(ctx context.Context, r io.Reader) io.Reader {
	return counted(func(p []byte) (int, error) { return r.Read(p) }, ctx, c)
}

type through func(p []byte) (int, error)

func (t through) Read(p []byte) (int, error)  { return t(p) }
func (t through) Write(p []byte) (int, error) { return t(p) }

func counted(do through, ctx context.Context, c *counter) through {
	return func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := do(p)
		c.bytes += uint64(n)
		c.show()
		return n, err
	}
}
