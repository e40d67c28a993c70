package recording

import (
	"encoding/binary"
	"math"
	"time"
)

const (
	// pieceTime is the grain of all that is measured: a packet of most phones.
	pieceTime = 20 * time.Millisecond
	// piece is so many frames.
	piece = rate / 50
)

// analysis takes in a recording's audio, once, and keeps of each 20 ms and
// channel what everything else is made of: how loud it was. An hour takes 3 MB.
type analysis struct {
	sides  [channels][]level
	frames int64
	part   [channels]sum // of the piece that is not complete yet
}

// level is one piece of a channel.
type level struct {
	energy uint32 // mean square of the samples
	peak   uint16 // the largest, without its sign
}

// silent tells digital silence: nothing that a line in use could give.
func (l level) silent() bool { return l.peak <= quiet }

// dBFS is the loudness in decibels of a full-scale square wave.
func (l level) dBFS() float64 {
	if l.energy == 0 {
		return lowest
	}
	return max(10*math.Log10(float64(l.energy)/(1<<30)), lowest)
}

// lowest is the loudness of nothing at all.
const lowest = -96

type sum struct {
	squares uint64
	peak    int32
}

func (s *sum) add(sample int32) {
	s.squares += uint64(sample * sample)
	if sample < 0 {
		sample = -sample
	}
	s.peak = max(s.peak, sample)
}

// Write takes in whole frames; the keeper writes nothing else.
func (a *analysis) Write(p []byte) (int, error) {
	left, right := a.part[0], a.part[1]
	in := a.frames % piece
	for i := 0; i+frameBytes <= len(p); i += frameBytes {
		both := binary.LittleEndian.Uint32(p[i:])
		left.add(int32(int16(both)))
		right.add(int32(both) >> 16)
		if in++; in == piece {
			a.end(left, right, piece)
			left, right, in = sum{}, sum{}, 0
		}
	}
	a.part = [channels]sum{left, right}
	a.frames += int64(len(p) / frameBytes)
	return len(p), nil
}

func (a *analysis) end(left, right sum, frames uint64) {
	for i, s := range [channels]sum{left, right} {
		a.sides[i] = append(a.sides[i], level{uint32(s.squares / frames), uint16(s.peak)})
	}
}

// finish takes in what is left of the last piece.
func (a *analysis) finish() {
	if rest := a.frames % piece; rest > 0 {
		a.end(a.part[0], a.part[1], uint64(rest))
		a.part = [channels]sum{}
		a.frames += piece - rest
	}
}

// between is a stretch of a channel.
func between(side []level, from, to time.Duration) []level {
	begin := min(max(int(from/pieceTime), 0), len(side))
	return side[begin:min(max(int((to+pieceTime-1)/pieceTime), begin), len(side))]
}

// measured says what is in a stretch of a channel.
func measured(side []level) (c Channel) {
	var squares float64
	var run int
	for _, l := range side {
		squares += float64(l.energy)
		if !l.silent() {
			c.Sounding += pieceTime
			run = 0
			continue
		}
		run++
		c.LongestSilence = max(c.LongestSilence, time.Duration(run)*pieceTime)
	}
	if len(side) > 0 {
		c.RMS = math.Sqrt(squares / float64(len(side)))
	}
	return c
}

// peaks are the wave form: a value each 20 ms.
func (a *analysis) peaks() Peaks {
	p := Peaks{Rate: int(time.Second / pieceTime), Left: make([]byte, len(a.sides[0])), Right: make([]byte, len(a.sides[1]))}
	for i := range p.Left {
		p.Left[i], p.Right[i] = byte(min(a.sides[0][i].peak>>7, 255)), byte(min(a.sides[1][i].peak>>7, 255))
	}
	return p
}
