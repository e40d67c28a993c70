package robot

import (
	"math"
	"time"
)

// Audio is what came in on a call so far.
type Audio struct {
	Packets    uint64        // of audio, without DTMF
	Lost       uint64        // by sequence numbers
	Stray      uint64        // datagrams that were not the other side's: wrong port, type or no RTP
	First      time.Time     // arrival of the first packet
	Last       time.Time     // arrival of the newest packet
	LongestGap time.Duration // between two packets; Call.LongestGap has it since a moment
	Gaps       time.Duration // sum of all that were longer than hiccup
}

// hiccup is how late a packet may come without anybody hearing a gap.
const hiccup = 3 * packetTime

// hearing is the memory of one stream: the last seconds of sound with the arrival time of each packet.
type hearing struct {
	audio    Audio
	arrivals arrivals
	ring     []int16
	written  uint64 // samples ever; the newest is at (written-1) mod len(ring)
	packets  []packetMark
	watches  []toneWatch
	gaps     []gap // each longer than all after it
}

type packetMark struct {
	at    time.Time
	start uint64 // position of its first sample, as counted by written
}

type toneWatch struct {
	freq  float64
	heard chan<- time.Time
}

func (h *hearing) add(p rtpPacket, samples []int16, at time.Time) {
	if h.audio.Packets == 0 {
		h.audio.First = at
	} else {
		length := at.Sub(h.audio.Last)
		h.audio.LongestGap = max(h.audio.LongestGap, length)
		if length > hiccup {
			h.audio.Gaps += length
		}
		h.noteGap(gap{h.audio.Last, at})
	}
	h.audio.Packets++
	h.audio.Last = at
	h.arrivals.count(p)
	h.audio.Lost = h.arrivals.lost()

	samples = samples[:min(len(samples), len(h.ring))]
	h.packets = append(h.packets, packetMark{at, h.written})
	for _, x := range samples {
		h.ring[h.written%uint64(len(h.ring))] = x
		h.written++
	}
	// Packets whose sound is overwritten, even in part, are forgotten. The slice is moved down only once it has
	// doubled, so that a packet costs little.
	kept := 0
	for kept < len(h.packets) && h.packets[kept].start+uint64(len(h.ring)) < h.written {
		kept++
	}
	if kept > len(h.packets)/2 {
		h.packets = append(h.packets[:0], h.packets[kept:]...)
	}

	remaining := h.watches[:0]
	for _, w := range h.watches {
		if hears(samples, w.freq) {
			w.heard <- at
		} else {
			remaining = append(remaining, w)
		}
	}
	h.watches = remaining
}

// since returns the samples of the packets that arrived at from or later.
func (h *hearing) since(from time.Time) []int16 {
	for i := range h.packets {
		if !h.packets[i].at.Before(from) && h.complete(i) {
			return h.copy(h.packets[i].start, h.written)
		}
	}
	return nil
}

func (h *hearing) complete(i int) bool {
	return h.packets[i].start+uint64(len(h.ring)) >= h.written
}

func (h *hearing) copy(from, to uint64) []int16 {
	out := make([]int16, 0, to-from)
	for ; from < to; from++ {
		out = append(out, h.ring[from%uint64(len(h.ring))])
	}
	return out
}

// firstTone returns the arrival of the first packet in memory that carries the tone.
func (h *hearing) firstTone(freq float64) (time.Time, bool) {
	for i, p := range h.packets {
		end := h.written
		if i+1 < len(h.packets) {
			end = h.packets[i+1].start
		}
		if h.complete(i) && hears(h.copy(p.start, end), freq) {
			return p.at, true
		}
	}
	return time.Time{}, false
}

// level measures a tone over the window that ends at now. Sound that should have come and did not counts as
// silence; two packets' worth is allowed for jitter.
func (h *hearing) level(freq float64, now time.Time, window time.Duration) float64 {
	samples := h.since(now.Add(-window))
	amplitude := MeasureTone(samples, sampleRate, freq)
	wanted := float64((window - 2*packetTime).Seconds() * sampleRate)
	if have := float64(len(samples)); wanted > 0 && have < wanted {
		amplitude *= have / wanted
	}
	return amplitude
}

// silentLevel is the root mean square below which nobody is heard; G.711's own noise is about 8.
const silentLevel = 50

func (h *hearing) silent(now time.Time, window time.Duration) bool {
	return math.Sqrt(meanSquare(h.since(now.Add(-window)))) < silentLevel
}
