package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// decoding is a WAV file that is being made of Opus, in memory: nothing in
// plain comes on a disk. Who reads what is not there yet waits for it, so that
// the first sound comes at once.
type decoding struct {
	size int64 // of the WAV file
	file *os.File
	stop context.CancelFunc
	done chan struct{}
	at   int64

	mu    sync.Mutex
	more  sync.Cond
	there int64
	err   error // io.EOF when all is there
}

// decodeInto begins to decode ogg, which it closes, to size bytes of audio.
func decodeInto(ctx context.Context, codec Encoder, ogg io.ReadCloser, size int64) (*decoding, error) {
	header, err := wavHeader(size)
	if err != nil {
		return nil, errors.Join(err, ogg.Close())
	}
	fd, err := unix.MemfdCreate("recording", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("room in memory: %w", err), ogg.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	d := &decoding{size: headerSize + size, file: os.NewFile(uintptr(fd), "recording"), stop: stop, done: make(chan struct{})}
	d.more.L = &d.mu
	go func() {
		defer close(d.done)
		defer ogg.Close()
		_, err := d.Write(header)
		if err == nil {
			err = codec.Decode(ctx, ogg, d)
		}
		d.end(err)
	}()
	return d, nil
}

// Write implements io.Writer for the decoder. What is beyond the length on
// record, at most 20 ms, is left out.
func (d *decoding) Write(p []byte) (int, error) {
	d.mu.Lock()
	at := d.there
	d.mu.Unlock()
	n, err := d.file.WriteAt(p[:min(int64(len(p)), d.size-at)], at)
	d.mu.Lock()
	d.there += int64(n)
	d.mu.Unlock()
	d.more.Broadcast()
	if err != nil {
		return n, err
	}
	return len(p), nil
}

func (d *decoding) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err = err; err == nil {
		d.there, d.err = d.size, io.EOF // what is missing, at most 20 ms, is silence
		if err := d.file.Truncate(d.size); err != nil {
			d.err = err
		}
	}
	d.more.Broadcast()
}

// Read implements io.Reader.
func (d *decoding) Read(p []byte) (int, error) {
	if d.at >= d.size {
		return 0, io.EOF
	}
	d.mu.Lock()
	for d.there <= d.at && d.err == nil {
		d.more.Wait()
	}
	there, err := d.there, d.err
	d.mu.Unlock()
	if there <= d.at {
		return 0, err
	}
	n, err := d.file.ReadAt(p[:min(int64(len(p)), there-d.at)], d.at)
	d.at += int64(n)
	return n, err
}

// Seek implements io.Seeker.
func (d *decoding) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += d.at
	case io.SeekEnd:
		offset += d.size
	}
	if offset < 0 {
		return d.at, errors.New("seek before the beginning")
	}
	d.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (d *decoding) Close() error {
	d.stop()
	<-d.done
	return d.file.Close()
}
