package robot

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// ID is the SIP Call-ID.
func (c *Call) ID() string { return c.id }

// Incoming tells whether the call came to this phone.
func (c *Call) Incoming() bool { return c.incoming }

// From is the caller's number: of an incoming call what the From header says.
func (c *Call) From() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.uri.User
}

// Display is the caller's name in the From header.
func (c *Call) Display() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.display
}

// To is what was dialled.
func (c *Call) To() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.to
}

// Asserted is the P-Asserted-Identity header of the INVITE as it stood; empty if there was none.
func (c *Call) Asserted() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asserted
}

// Times returns what has happened so far.
func (c *Call) Times() Times {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times
}

// Trace returns every message of the call so far, in the order of the wire.
func (c *Call) Trace() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.trace)
}

// Codec is the codec in use, once there is one.
func (c *Call) Codec() Codec {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.codec
}

// Ending tells how the call ended, NotEnded while it lasts.
func (c *Call) Ending() Ending {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		return NotEnded
	}
	return c.ending
}

// Status is the final response to the INVITE, sent or received; 0 = none yet, or none ever came.
func (c *Call) Status() (code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status, c.reason
}

// OnHold tells whether the other side asked us to be quiet; Holding tells the opposite.
func (c *Call) OnHold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.established && c.held
}

// live tells whether the wire has not yet seen the end.
func (c *Call) live() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.finishing && !c.deaf && !c.times.over()
}

func (c *Call) endedBefore(limit time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended && c.times.Ended.Before(limit)
}

// RingsHeard counts the rings begun between the 180 and the answer or the end, in a cadence of on and off
// (R1.3); 0 = it did not ring.
func (c *Call) RingsHeard(on, off time.Duration) int { return c.rings(on, off, rings) }

// RingsHeardStrict is RingsHeard where an answer in the pause after a ring counts as the next ring's (R1.3, the
// strict reading).
func (c *Call) RingsHeardStrict(on, off time.Duration) int { return c.rings(on, off, ringsStrict) }

func (c *Call) rings(on, off time.Duration, count func(rung, on, off time.Duration) int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	rung, ok := c.times.rung(time.Now())
	if !ok || on+off <= 0 {
		return 0
	}
	return count(rung, on, off)
}

// media returns the call's audio, or nil before there is any.
func (c *Call) media() *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stream
}

// Play changes what the call says.
func (c *Call) Play(sound *Sound) {
	if s := c.media(); s != nil {
		s.play(sound)
	}
}

// SendDTMF presses keys (0-9 * # A-D), 100 ms each with 100 ms of voice between, by RFC 4733 (2833). It does not
// wait: what comes before the last key is out is sent after it, one event for each key. SendDTMFInfo is the other way.
func (c *Call) SendDTMF(keys string) error {
	presses, err := parseDigits(keys)
	if err != nil {
		return err
	}
	s := c.media()
	if s == nil {
		return fmt.Errorf("send DTMF: call %s has no audio yet; wait for the answer", c.id)
	}
	return s.press(presses)
}

// Digits are the keys the other side has pressed.
func (c *Call) Digits() string {
	s := c.media()
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.reader.digits)
}

// WaitDigits waits until the other side has pressed n keys and returns all of them.
func (c *Call) WaitDigits(ctx context.Context, n int) (string, error) {
	err := c.await(ctx, "key presses", func() (bool, error) {
		if c.stream == nil {
			return false, nil
		}
		c.stream.mu.Lock()
		defer c.stream.mu.Unlock()
		return len(c.stream.reader.digits) >= n, nil
	})
	return c.Digits(), err
}

// Audio returns the counts of what came in.
func (c *Call) Audio() Audio {
	var audio Audio
	if s := c.media(); s != nil {
		s.heard(func(h *hearing, _ time.Time) { audio = h.audio })
	}
	return audio
}

// Heard returns the samples (8000 a second) of the packets that came in during the last window, as far as
// remembered. Of an ended call, here and below, the last window before its end.
func (c *Call) Heard(window time.Duration) []int16 {
	var samples []int16
	if s := c.media(); s != nil {
		s.heard(func(h *hearing, now time.Time) { samples = h.since(now.Add(-window)) })
	}
	return samples
}

// ToneLevel is the amplitude of a tone in what was heard over the last window, on the 16-bit scale (a Tone is
// sent at ToneAmplitude). Packets that did not come count as silence. 200 ms is a good window.
func (c *Call) ToneLevel(freq float64, window time.Duration) float64 {
	var level float64
	if s := c.media(); s != nil {
		s.heard(func(h *hearing, now time.Time) { level = h.level(freq, now, window) })
	}
	return level
}

// Silent tells whether nobody was heard in the last 200 ms, be it for silence or for want of packets.
func (c *Call) Silent() bool {
	silent := true
	if s := c.media(); s != nil {
		s.heard(func(h *hearing, now time.Time) { silent = h.silent(now, 200*time.Millisecond) })
	}
	return silent
}

// WaitTone returns when a tone was first heard: the arrival of the first packet that carries mostly it, so at
// most 20 ms after it began. What is still remembered is searched first.
// In a mix of voices no packet is mostly one tone: WaitHears is for those.
func (c *Call) WaitTone(ctx context.Context, freq float64) (time.Time, error) {
	if err := c.await(ctx, "audio", func() (bool, error) {
		if c.stream == nil && c.ended {
			return false, fmt.Errorf("call %s never had audio: %s", c.id, c.outcome())
		}
		return c.stream != nil, nil
	}); err != nil {
		return time.Time{}, err
	}
	found := make(chan time.Time, 1)
	c.media().heard(func(h *hearing, _ time.Time) {
		if at, ok := h.firstTone(freq); ok {
			found <- at
			return
		}
		h.watches = append(h.watches, toneWatch{freq, found})
	})
	select {
	case at := <-found:
		return at, nil
	case <-c.over:
		return time.Time{}, fmt.Errorf("wait for a tone of %.0f Hz: call %s ended without it", freq, c.id)
	case <-ctx.Done():
		return time.Time{}, fmt.Errorf("wait for a tone of %.0f Hz on call %s: %w", freq, c.id, context.Cause(ctx))
	}
}
