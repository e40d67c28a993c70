// Package opus encodes recordings to Opus in Ogg and back, by Debian's
// opus-tools (libopus) as processes of their own: a codec that goes wrong must
// not take calls with it, and yields to them.
//
// Audio is as the switch writes it: 16 bits, 8 kHz, left the caller, right what
// the caller hears.
package opus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

const (
	rate       = 8000
	channels   = 2
	frameBytes = 2 * channels
	// Longest is the most audio that is encoded, in bytes: the result is in
	// memory once.
	Longest = 8 * 3600 * rate * frameBytes
)

// rates are tried in turn, in kbit/s for both channels. The first is a tenth
// of the WAV; the second codes what the first mixes.
var rates = []int{32, 64}

// Codec is opusenc and opusdec.
type Codec struct{ enc, dec string }

// Find looks for the programs; the error says what to install.
func Find() (*Codec, error) {
	enc, err := exec.LookPath("opusenc")
	dec, err2 := exec.LookPath("opusdec")
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("opusenc and opusdec are not both on PATH (apt install opus-tools): %w", err)
	}
	return &Codec{enc, dec}, nil
}

// ErrDiffers: what was encoded is not what it was made of.
var ErrDiffers = errors.New("the encoded audio is not the original")

// Encode encodes size bytes of audio, which pcm gives from its start each time
// it is asked, and proves the result by decoding it. The error is ErrDiffers
// when no bit rate gave the audio back.
func (c *Codec) Encode(ctx context.Context, size int64, pcm func() (io.ReadCloser, error)) ([]byte, error) {
	if size > Longest {
		return nil, fmt.Errorf("%w: it is too long to be encoded in one piece", ErrDiffers)
	}
	var differs error
	for _, kbit := range rates {
		encoded, err := c.encode(ctx, size, kbit, pcm)
		if err != nil {
			return nil, err
		}
		if differs = c.prove(ctx, size, encoded, pcm); !errors.Is(differs, ErrDiffers) {
			return encoded, differs
		}
	}
	return nil, differs
}

func (c *Codec) encode(ctx context.Context, size int64, kbit int, pcm func() (io.ReadCloser, error)) ([]byte, error) {
	in, err := pcm()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var out bytes.Buffer
	out.Grow(int(size/6) + 4096)
	err = c.run(ctx, io.LimitReader(in, size), &out, c.enc, "--quiet", "--raw", "--raw-rate", strconv.Itoa(rate), "--raw-chan", strconv.Itoa(channels),
		"--bitrate", strconv.Itoa(kbit), "--discard-comments", "-", "-")
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out.Bytes(), nil
}

// Decode writes the audio of an Ogg file.
func (c *Codec) Decode(ctx context.Context, ogg io.Reader, pcm io.Writer) error {
	if err := c.run(ctx, ogg, pcm, c.dec, "--quiet", "--rate", strconv.Itoa(rate), "-", "-"); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return nil
}

// prove compares what the encoded audio decodes to with the original.
func (c *Codec) prove(ctx context.Context, size int64, encoded []byte, pcm func() (io.ReadCloser, error)) error {
	in, err := pcm()
	if err != nil {
		return err
	}
	defer in.Close()
	cmp := NewComparison(io.LimitReader(in, size))
	if err := c.Decode(ctx, bytes.NewReader(encoded), cmp); err != nil {
		return errors.Join(err, cmp.err)
	}
	return cmp.Result()
}

// niceness lets calls have the processor first.
const niceness = 10

func (c *Codec) run(ctx context.Context, in io.Reader, out io.Writer, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, niceness) // or as fast as calls
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s: %w: %.200s", program, err, strings.TrimSpace(said.String()))
	}
	return nil
}
