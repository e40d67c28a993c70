package opus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	window  = rate / 2  // frames that are compared as one: half a second
	guard   = rate / 25 // of them, at both ends, that a codec's frames may smear into: 40 ms
	length  = rate / 50 // by how much the length may differ: 20 ms
	audible = 200.0     // RMS from which a window's loudness must be the original's
	silent  = 12.0      // RMS to which a side counts as silent
	loud    = 600.0     // RMS of the other side from which what leaks is measured
	leak    = 1e-4      // of its energy: -40 dB
	within  = 2.0       // factor between loudness before and after: 6 dB
	astray  = 50        // of so many windows one may be out of it
)

// Comparison is an original and what it was decoded to: as long, as loud on
// each side at each time, and neither side to be heard on the other. The
// decoded audio is written to it.
type Comparison struct {
	original io.Reader
	err      error
	was, is  []byte // frames of this window
	frames   int64  // decoded
	more     int64  // frames decoded after its end

	windows, wrong  int
	at              int64 // first frame that was wrong
	leaked, sounded float64
}

// NewComparison compares with the original.
func NewComparison(original io.Reader) *Comparison {
	return &Comparison{original: original, is: make([]byte, 0, window*frameBytes), was: make([]byte, window*frameBytes)}
}

// Write takes decoded audio in any pieces.
func (c *Comparison) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 && c.err == nil {
		take := min(len(p), cap(c.is)-len(c.is))
		c.is, p = append(c.is, p[:take]...), p[take:]
		if len(c.is) == cap(c.is) {
			c.compare()
		}
	}
	return n, c.err
}

// compare compares a window.
func (c *Comparison) compare() {
	got := len(c.is) / frameBytes
	n, err := io.ReadFull(c.original, c.was[:got*frameBytes])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.err = fmt.Errorf("read the original: %w", err)
		return
	}
	had := n / frameBytes
	c.more += int64(got - had)
	c.frames += int64(got)
	if had > 2*guard {
		c.judge(c.was[:had*frameBytes], c.is[:had*frameBytes])
	}
	c.is = c.is[:0]
}

func (c *Comparison) judge(was, is []byte) {
	inner := func(p []byte) []byte { return p[guard*frameBytes : len(p)-guard*frameBytes] }
	var whole, before, after [channels]float64
	for side := range channels {
		whole[side], before[side], after[side] = rms(was, side), rms(inner(was), side), rms(inner(is), side)
	}
	c.windows++
	off := false
	for side := range channels {
		if before[side] >= audible && (after[side] > before[side]*within || after[side] < before[side]/within) {
			off = true
		}
		other := 1 - side
		if whole[side] <= silent && before[other] >= loud {
			c.leaked += max(after[side]*after[side]-before[side]*before[side], 0)
			c.sounded += before[other] * before[other]
		}
	}
	if off {
		if c.wrong++; c.wrong == 1 {
			c.at = c.frames
		}
	}
}

func rms(p []byte, side int) float64 {
	var sum float64
	for i := 2 * side; i+1 < len(p); i += frameBytes {
		v := float64(int16(binary.LittleEndian.Uint16(p[i:])))
		sum += v * v
	}
	return math.Sqrt(sum / float64(max(len(p)/frameBytes, 1)))
}

// Leak is how much of one side is heard on the other, in dB, where one was
// silent while the other was not; false when that was never so.
func (c *Comparison) Leak() (db float64, measured bool) {
	if c.sounded == 0 {
		return 0, false
	}
	return 10 * math.Log10(max(c.leaked/c.sounded, 1e-12)), true
}

// Result is nil when all was as the original, or ErrDiffers with the reason.
func (c *Comparison) Result() error {
	if len(c.is) > 0 && c.err == nil {
		c.compare()
	}
	if c.err != nil {
		return c.err
	}
	lost, err := io.Copy(io.Discard, c.original)
	if err != nil {
		return fmt.Errorf("read the original: %w", err)
	}
	db, _ := c.Leak()
	switch lost := lost / frameBytes; {
	case lost > length || c.more > length:
		return fmt.Errorf("%w: it is %d ms too short, or %d ms too long", ErrDiffers, lost*1000/rate, c.more*1000/rate)
	case c.wrong*astray > c.windows:
		return fmt.Errorf("%w: it is louder or softer in %d of %d half seconds, first at %.1f s", ErrDiffers, c.wrong, c.windows, float64(c.at)/rate)
	case c.leaked > c.sounded*leak:
		return fmt.Errorf("%w: one side is heard on the other, at %.0f dB", ErrDiffers, db)
	}
	return nil
}
