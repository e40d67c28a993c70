package recording

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	// tolerance is what hanging up, and the way of an event to us, may take.
	tolerance = 500 * time.Millisecond
	// clockShare is how far a phone's sample clock may be from ours: 200 ppm.
	clockShare = 5000
	// oneSided is how long one party may be heard alone.
	oneSided = 5 * time.Second
	// quiet is the largest sample of digital silence: G.711 A-law has no zero,
	// its smallest step is 8.
	quiet = 8
)

// Coverage is what was measured during the conversation.
type Coverage struct {
	Span   time.Duration `json:"span"`  // from the line's answer to the end, by the ledger
	Drift  time.Duration `json:"drift"` // the file's length less Span
	Caller Channel       `json:"caller"`
	Agent  Channel       `json:"agent"` // the right channel: all that the caller hears
}

// Channel is one party's audio during the conversation.
type Channel struct {
	RMS            float64       `json:"rms"`             // on the 16-bit scale
	Sounding       time.Duration `json:"sounding"`        // in pieces of 20 ms that are not digital silence
	LongestSilence time.Duration `json:"longest_silence"` // longest run of digital silence
}

// span is how much audio there should be: the file's clock starts when the
// line is answered and stops when the caller has gone.
func span(c queue.Call) time.Duration { return max(over(c).Sub(answeredAt(c)), 0) }

func talk(c queue.Call) time.Duration { return max(over(c).Sub(c.SpokeAt), 0) }

// over is when the conversation ended: of a call that the switch took with it,
// when that was heard last, and not when it was back.
func over(c queue.Call) time.Time {
	if !c.CutAt.IsZero() {
		return c.CutAt
	}
	return c.EndedAt
}

// seenLate tells whether the call ended while nobody looked: it was found to be
// gone afterwards. The switch recorded on by itself until the end, so the file
// is whole, and its length is the better clock.
func seenLate(c queue.Call) bool { return c.Cause == queue.CauseGone && c.CutAt.IsZero() }

// spoken is the call with the conversation that it may have had unseen: an
// agent had answered, and when somebody looked again it was over. Both may have
// talked all the while (R9.1), so its audio is kept.
func spoken(c queue.Call) queue.Call {
	if c.SpokeAt.IsZero() && !c.AcceptedAt.IsZero() && (c.Cause == queue.CauseGone || c.Cause == queue.CauseSwitchLost) {
		c.SpokeAt = c.AcceptedAt
	}
	return c
}

func answeredAt(c queue.Call) time.Time {
	for _, at := range []time.Time{c.LineAnsweredAt, c.AcceptedAt} {
		if !at.IsZero() && !at.After(c.SpokeAt) {
			return at
		}
	}
	return c.SpokeAt
}

func allowed(span time.Duration) time.Duration { return tolerance + span/clockShare }

// talkOffset is where in length of audio the conversation begins. The last
// sample is the caller's hang-up, and the time line has no gap once two people
// are connected, so the file's end is the better anchor. It is not when the end
// is not the hang-up: the switch died, we learned of the end late, or the tail
// was not written. Then the answer, the file's first sample, is the anchor.
func talkOffset(c queue.Call, length time.Duration) time.Duration {
	whole := span(c)
	fromStart := min(c.SpokeAt.Sub(answeredAt(c)), length)
	switch {
	case c.Release == queue.ReleaseSystem, seenLate(c), length > whole+allowed(whole), length < talk(c):
		return fromStart
	}
	return length - talk(c)
}

// judge says what is not in the file, or nothing.
func judge(c queue.Call, length time.Duration, cov Coverage) (State, string) {
	whole, talked := span(c), talk(c)
	switch short := whole - length; {
	case short > allowed(whole) && !c.CutAt.IsZero():
		// It writes in blocks, so this is at the end (facts 3.8).
		return Incomplete, fmt.Sprintf("Asterisk died in the conversation: of %s the last %s were not written", seconds(talked), seconds(min(short, talked)))
	case seenLate(c) && length > c.SpokeAt.Sub(answeredAt(c)): // shorter than on record, for the end on record is too late
	case short > allowed(whole) && length < talked:
		return Incomplete, fmt.Sprintf("the file has %s of %s of conversation", seconds(length), seconds(talked))
	case short > allowed(whole):
		return Incomplete, fmt.Sprintf("%s of the %s between answer and hang-up are not in the file; whether before or in the conversation is not known", seconds(short), seconds(whole))
	}
	if c.Outcome == queue.OutcomeVoicemail {
		if cov.Caller.Sounding < tolerance {
			return Incomplete, "nobody is heard in the message"
		}
		return Kept, ""
	}
	unheard := func(ch Channel) bool { return ch.Sounding < tolerance }
	switch {
	case unheard(cov.Caller) && unheard(cov.Agent):
		if talked > oneSided {
			return Incomplete, fmt.Sprintf("nobody is heard in %s of conversation", seconds(talked))
		}
	case unheard(cov.Caller) && cov.Agent.Sounding > oneSided:
		return Incomplete, fmt.Sprintf("the caller is not heard (left channel is silent) while the agent is for %s", seconds(cov.Agent.Sounding))
	case unheard(cov.Agent) && cov.Caller.Sounding > oneSided:
		return Incomplete, fmt.Sprintf("the agent is not heard (right channel is silent) while the caller is for %s", seconds(cov.Caller.Sounding))
	}
	return Kept, ""
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// meter measures a stretch of audio that is written to it in any pieces.
type meter struct {
	from, to int64 // stretch to be measured, in bytes
	pos      int64
	sides    [channels]side
	n        int64 // frames measured
}

type side struct {
	squares  uint64
	run, max int64 // frames of digital silence
	loud     bool  // in this piece of 20 ms
	sounding int64 // pieces
}

const piece = rate / 50 // frames in 20 ms

// Write measures whole frames; the keeper writes nothing else.
func (m *meter) Write(p []byte) (int, error) {
	start, end := max(m.from-m.pos, 0), min(m.to-m.pos, int64(len(p)))
	m.pos += int64(len(p))
	for i := start; i+frameBytes <= end; i += frameBytes {
		m.sides[0].add(int16(binary.LittleEndian.Uint16(p[i:])))
		m.sides[1].add(int16(binary.LittleEndian.Uint16(p[i+2:])))
		if m.n++; m.n%piece == 0 {
			m.sides[0].endPiece()
			m.sides[1].endPiece()
		}
	}
	return len(p), nil
}

func (s *side) add(sample int16) {
	s.squares += uint64(int64(sample) * int64(sample))
	if sample >= -quiet && sample <= quiet {
		s.run++
		return
	}
	s.loud = true
	s.max = max(s.max, s.run)
	s.run = 0
}

func (s *side) endPiece() {
	if s.loud {
		s.sounding++
	}
	s.loud = false
}

func (m *meter) channel(i int) Channel {
	s := m.sides[i]
	if m.n == 0 {
		return Channel{}
	}
	return Channel{
		RMS:            math.Sqrt(float64(s.squares) / float64(m.n)),
		Sounding:       time.Duration(s.sounding) * 20 * time.Millisecond,
		LongestSilence: lengthOf(max(s.max, s.run) * frameBytes),
	}
}
