package robot

import (
	"context"
	"fmt"
	"time"
)

// mixWindow is how much sound Hears looks at: tones 5 Hz apart are exact then, and 20 Hz are told apart.
const mixWindow = 200 * time.Millisecond

// absentAmplitude is below what anybody's Tone leaves behind in a mix, and above what codecs and a mixer add.
const absentAmplitude = ToneAmplitude / 10

// Hears returns those of the frequencies that sound in what came in over the last 200 ms, in the order given. Any
// number may sound at once: in a conference everybody's tone is found beside the others.
func (c *Call) Hears(freqs ...float64) []float64 {
	var heard []float64
	for _, freq := range freqs {
		if c.ToneLevel(freq, mixWindow) >= heardAmplitude {
			heard = append(heard, freq)
		}
	}
	return heard
}

// WaitHears waits until all the wanted tones sound at once and none of the unwanted does (below a tenth of
// ToneAmplitude), over 200 ms. WaitTone, which is exact to a packet, is for one voice at a time.
func (c *Call) WaitHears(ctx context.Context, wanted []float64, unwanted ...float64) error {
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	for {
		ok := len(c.Hears(wanted...)) == len(wanted)
		for _, freq := range unwanted {
			ok = ok && c.ToneLevel(freq, mixWindow) < absentAmplitude
		}
		if ok {
			return nil
		}
		select {
		case <-tick.C:
		case <-c.over:
			return fmt.Errorf("wait for the tones %v without %v: call %s ended; it hears %s", wanted, unwanted, c.id, c.levels(wanted, unwanted))
		case <-ctx.Done():
			return fmt.Errorf("wait for the tones %v without %v on call %s, which hears %s: %w",
				wanted, unwanted, c.id, c.levels(wanted, unwanted), context.Cause(ctx))
		}
	}
}

func (c *Call) levels(groups ...[]float64) string {
	text := ""
	for _, freqs := range groups {
		for _, freq := range freqs {
			text += fmt.Sprintf("%.0f Hz: %.0f; ", freq, c.ToneLevel(freq, mixWindow))
		}
	}
	return text
}

// LongestGap is the longest time without an audio packet from a moment on, up to now, or to the end of an ended call.
// Of a silence that began before, the part after it counts. So a test proves that no audio stops
// for longer than n ms while something is done to the call.
func (c *Call) LongestGap(from time.Time) time.Duration {
	s := c.media()
	if s == nil {
		return time.Since(from)
	}
	var longest time.Duration
	s.heard(func(h *hearing, now time.Time) { longest = h.longestGap(from, now) })
	return longest
}

// gap is a time between two packets.
type gap struct{ start, end time.Time }

// noteGap keeps the gaps that can still be the longest since some moment: none that a later one exceeds.
func (h *hearing) noteGap(g gap) {
	kept := len(h.gaps)
	for kept > 0 && h.gaps[kept-1].end.Sub(h.gaps[kept-1].start) <= g.end.Sub(g.start) {
		kept--
	}
	h.gaps = append(h.gaps[:kept], g)
}

func (h *hearing) longestGap(from, now time.Time) time.Duration {
	later := func(t time.Time) time.Time {
		if t.Before(from) {
			return from
		}
		return t
	}
	longest := now.Sub(later(h.audio.Last))
	for _, g := range h.gaps {
		longest = max(longest, g.end.Sub(later(g.start)))
	}
	return max(longest, 0)
}
