package recording

import (
	"time"
	"unicode"

	"github.com/threerings/threerings/queue"
)

// Search chooses recordings. Zero values do not restrict; all that are given
// must hold.
type Search struct {
	Agents       []queue.AgentID // one of these had part in it; nil: anybody
	Queue        queue.QueueID
	Number       string // of the customer, whole
	NumberStarts string
	NumberEnds   string
	Since, Until time.Time // of the call's arrival, [since, until)
	TalkFrom     time.Duration
	TalkTo       time.Duration // zero: no limit
	OverRings    *bool         // answered later than within the ring budget (R1.2)
	Release      queue.Release
	MarkFrom     int // of the survey (R8.1); with either, only calls with a mark
	MarkTo       int
	Category     string
	Unregistered bool // nothing is registered (R3.1)
	ScoreFrom    *float64
	ScoreTo      *float64
	State        State // kept, incomplete, missing, erased
	Gaps         bool  // incomplete or missing
	Held         *bool
	DeadAirFrom  time.Duration
	CrossFrom    time.Duration // cross-talk
	Monologue    time.Duration // the longest, at least
	FirstWord    time.Duration // until the agent's first, at least
	QuietTo      int           // the agent's loudness in dBFS (below 0), at most; 0: no limit
	ShareFrom    int           // the agent's share of speech, percent
	ShareTo      int           // zero: no limit
	Text         string        // in notes and remarks, see SearchWords

	// Those that come after this one, newest first; empty: from the beginning.
	AfterAt   time.Time
	AfterCall queue.CallID
	Limit     int
}

// ErasedState is the state of a recording whose key was destroyed, as searches
// name it.
const ErasedState State = "erased"

// Found is one recording as a list shows it.
type Found struct {
	Call       queue.CallID
	At         time.Time
	Agents     []queue.AgentID
	Queue      queue.QueueID
	Number     string
	Talk       time.Duration
	OverRings  bool
	Release    queue.Release
	Mark       int
	Category   string
	State      State
	Reason     string // of a gap
	Held       bool
	Score      *float64
	DeadAir    *time.Duration
	Crosstalk  *time.Duration
	AgentShare *int // percent
}

// Comment is a remark at a moment of a recording.
type Comment struct {
	ID      int64 // set by the store
	Call    queue.CallID
	At      time.Duration // from the first sample
	Comment string
	Who     string
	Written time.Time // set by the store
}

// unspaced tells of writing without spaces between words.
func unspaced(r rune) bool {
	return r >= 0x3040 && r <= 0x30ff || r >= 0x3400 && r <= 0x4dbf || r >= 0x4e00 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff
}

func latin(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 0xc0 && r <= 0x24f
}

// SearchWords are what must be in a text that is looked for: of Latin writing
// the beginnings of words (prefix), of Chinese each pair of characters, or the
// one there is. The store cuts texts into the same words (search_words).
func SearchWords(text string) (prefixes, exact []string) {
	var word, run []rune
	end := func() {
		if len(word) > 0 {
			prefixes = append(prefixes, string(word[:min(len(word), 60)]))
		}
		if len(run) == 1 {
			exact = append(exact, string(run))
		}
		for i := 0; i+1 < len(run); i++ {
			exact = append(exact, string(run[i:i+2]))
		}
		word, run = nil, nil
	}
	for _, r := range text {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		switch {
		case unspaced(r):
			if len(word) > 0 {
				end()
			}
			run = append(run, r)
		case latin(r):
			if len(run) > 0 {
				end()
			}
			word = append(word, r)
		case unicode.IsMark(r): // an accent of its own: as if it were not there
		default:
			end()
		}
	}
	end()
	return prefixes, exact
}
