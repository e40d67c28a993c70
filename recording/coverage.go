package recording

import (
	"fmt"
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
	Span  time.Duration `json:"span"`  // from the line's answer to the end, by the ledger
	Drift time.Duration `json:"drift"` // the file's length less Span
	// Switch is Span by the switch's own clock; zero: not known.
	Switch time.Duration `json:"switch"`
	// Sides says whether left is the caller and right what the caller hears.
	Sides  Sides   `json:"sides"`
	Caller Channel `json:"caller"`
	Agent  Channel `json:"agent"` // the right channel: all that the caller hears
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

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
