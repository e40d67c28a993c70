package recording

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// Proof is what was found in the audio of a conversation: what is not in it
// (R9.1), how both spoke, and its wave form.
type Proof struct {
	Coverage Coverage `json:"coverage"`
	Gaps     []Gap    `json:"gaps"`
	Speech   []Speech `json:"speech"` // the whole conversation first, then each agent
	Peaks    Peaks    `json:"-"`
}

// Side is a channel of a recording.
type Side string

// Sides of a recording.
const (
	Left  Side = "left"  // the caller
	Right Side = "right" // all that the caller hears
	Both  Side = "both"
)

// Sides says whether the channels are what they should be.
type Sides string

// What may be known of the channels.
const (
	SidesRight   Sides = "right"
	SidesSwapped Sides = "swapped"
	SidesUnknown Sides = "unknown" // too little happens on them
)

// Gap is a stretch that is not in a recording as it should be.
type Gap struct {
	Side   Side          `json:"channel"`
	At     time.Duration `json:"at"` // from the first sample
	Length time.Duration `json:"length"`
	Reason GapReason     `json:"reason"`
	Detail string        `json:"detail"` // a sentence for people
}

// GapReason says what kind of gap it is.
type GapReason string

// Reasons of a gap.
const (
	GapMissing    GapReason = "missing"     // there is no audio at all
	GapCut        GapReason = "cut"         // the file ends before the conversation does
	GapSomewhere  GapReason = "somewhere"   // the file is too short; where is not known
	GapSwitchDied GapReason = "switch_died" // Asterisk died before it had written the end
	GapClock      GapReason = "clock"       // a clock was set: file and ledger cannot be compared
	GapSilence    GapReason = "silence"     // digital silence where somebody was connected
	GapUnheard    GapReason = "unheard"     // a party that is never heard
	GapSwapped    GapReason = "swapped"     // left and right are exchanged
)

// GapReasons lists every reason.
func GapReasons() []GapReason {
	return []GapReason{GapMissing, GapCut, GapSomewhere, GapSwitchDied, GapClock, GapSilence, GapUnheard, GapSwapped}
}

// Speech says how an agent and a caller spoke with each other. Hold, music and
// consultations are left out of it.
type Speech struct {
	Agent queue.AgentID // empty: the whole conversation, whoever spoke for the house
	// Length is the time in which both were connected; the rest is part of it.
	Length           time.Duration
	AgentTalk        time.Duration
	CallerTalk       time.Duration
	Crosstalk        time.Duration // both at once
	DeadAir          time.Duration // neither
	LongestDeadAir   time.Duration
	LongestMonologue time.Duration // of the agent, while the caller says nothing
	// FirstWord is from the connection to the agent's first word; negative: none.
	FirstWord time.Duration
	// AgentDBFS and CallerDBFS are the loudness while they speak, in decibels
	// of a full-scale square wave, at most 0; NotHeard: they did not.
	AgentDBFS, CallerDBFS int
	// Interruptions is how often the agent began while the caller had been
	// speaking for a second or longer.
	Interruptions int
}

// NotHeard is the loudness of who did not speak.
const NotHeard = 1

// Peaks is a wave form: the largest sample of each stretch, 0 to 255, on a
// linear scale.
type Peaks struct {
	Rate        int // values a second
	Left, Right []byte
}
