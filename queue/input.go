package queue

import "time"

// Input is what reaches the ACD: from the switch, from a phone's keys, from a
// page, from the configuration. The set is closed; see the types below.
type Input interface{ input() }

// Configure puts a configuration in place. Calls that run are not disturbed.
type Configure struct {
	Config Config `json:"config"`
	By     string `json:"by"`
	Req    string `json:"req"`
}

// NewDay tells that a day of the house's calendar began ("2026-11-22"). Time
// zones live at the edge; the core only counts per day.
type NewDay struct {
	Day string `json:"day"`
}

// QueueHours tells whether a queue's hours say open, and until when that stays
// so. The edge that knows the zone's clock sends it when it changes.
type QueueHours struct {
	Queue QueueID   `json:"queue"`
	Open  bool      `json:"open"`
	Until time.Time `json:"until"` // zero: for more than a year
}

// CallArrived: a caller's leg entered the application and wants Number. The
// leg's id becomes the call's id.
type CallArrived struct {
	Leg      LegID  `json:"leg"`
	Number   string `json:"number"`
	Caller   string `json:"caller"`
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"` // "trunk", or the account that calls
	Addr     string `json:"addr"`     // host:port the call came from
}

// FeatureDialled: a phone dialled a feature code (*11, *12n, *13).
type FeatureDialled struct {
	Leg      LegID  `json:"leg"`
	Code     string `json:"code"`
	Endpoint string `json:"endpoint"`
	Addr     string `json:"addr"`
}

// LegRinging: a leg we dialled began to ring (180).
type LegRinging struct {
	Leg LegID `json:"leg"`
}

// LegAnswered: a leg we dialled was answered and is under our control.
type LegAnswered struct {
	Leg LegID `json:"leg"`
}

// LegBridged: a leg joined the call's bridge.
type LegBridged struct {
	Leg LegID `json:"leg"`
}

// Cause is why a leg ended, in the domain's words.
type Cause string

// Causes of a leg's end.
const (
	CauseNormal       Cause = "normal"       // hung up by its user, or by us
	CauseBusy         Cause = "busy"         // 486
	CauseRefused      Cause = "refused"      // 603 and the like
	CauseNoAnswer     Cause = "no_answer"    // 480, or nothing within the switch's own limit
	CauseUnregistered Cause = "unregistered" // no phone there
	CauseMediaLost    Cause = "media_lost"   // no RTP for too long
	CauseFailed       Cause = "failed"       // anything else
	CauseGone         Cause = "gone"         // found missing after a gap
	CauseSwitchLost   Cause = "switch_lost"  // the switch died, and it with it
	CauseRescued      Cause = "rescued"      // the switch's own fallback has it, since nobody gave commands
)

// LegEnded: a leg is gone. Doubled and unknown ends are harmless.
type LegEnded struct {
	Leg   LegID `json:"leg"`
	Cause Cause `json:"cause"`
}

// PlaybackFinished: what Play started on a leg came to its end (or could not
// be played, which ends it too).
type PlaybackFinished struct {
	Leg LegID `json:"leg"`
	// N is Play's; zero: it is not known which.
	N int `json:"n,omitempty"`
}

// CommandFailed: the switch would not carry out a command. Failures that only
// mean "already gone" are not reported: the leg's end is.
type CommandFailed struct {
	Command string `json:"command"` // the command's type name, as Name returns
	Call    CallID `json:"call"`
	Leg     LegID  `json:"leg"`
	Cause   Cause  `json:"cause"`
	Message string `json:"message"`
}

// PhoneState is what the switch knows of an agent's phone.
type PhoneState string

// States of a phone.
const (
	PhoneUnknown PhoneState = ""        // nothing heard yet: not offered
	PhoneOffline PhoneState = "offline" // not registered
	PhoneIdle    PhoneState = "idle"
	PhoneRinging PhoneState = "ringing"
	PhoneInUse   PhoneState = "in_use" // by us or by a call outside the queues
)

// PhoneChanged: the state of an agent's phone changed.
type PhoneChanged struct {
	Agent AgentID    `json:"agent"`
	State PhoneState `json:"state"`
}

// SetAgent asks for an agent's state: LoggedOut, NotReady (with a reason) or
// Ready. It comes from the API, a page or (inside the core) a feature code.
type SetAgent struct {
	Agent  AgentID    `json:"agent"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason"`
	By     string     `json:"by"`  // who asked
	Req    string     `json:"req"` // echoed in the answering event
}

// SwitchLost: events of the switch no longer reach us. Talking goes on there;
// no new offers are made until Reconciled.
type SwitchLost struct{}

// Reconciled: after a gap (or now and then), all legs that the switch has in
// our application, and the phones' states.
type Reconciled struct {
	Legs   []LegFact              `json:"legs"`
	Phones map[AgentID]PhoneState `json:"phones"`
	// Run names this run of the switch: another one than before has none of the
	// legs of before. Empty: not known.
	Run string `json:"run,omitempty"`
	// Rescued are legs that the switch's own fallback has by now.
	Rescued map[LegID]bool `json:"rescued,omitempty"`
}

// LegKind says what part a leg plays.
type LegKind string

// Kinds of leg.
const (
	LegCaller  LegKind = "caller"
	LegAgent   LegKind = "agent"
	LegFeature LegKind = "feature"
)

// LegFact is one leg as the switch has it now.
type LegFact struct {
	Leg     LegID   `json:"leg"`
	Kind    LegKind `json:"kind"`
	Up      bool    `json:"up"`      // answered
	Ringing bool    `json:"ringing"` // dialled by us, rings
	Bridged bool    `json:"bridged"` // in the call's bridge
	// Agent is whose phone was dialled; empty of other legs, and while it is not
	// known because nobody has answered.
	Agent AgentID `json:"agent,omitempty"`
	// Arrival is how the leg introduced itself; only for callers, so that a
	// call that arrived while nobody listened is taken in.
	Arrival CallArrived `json:"arrival"`
	// Tape is whether the leg's recording is muted.
	Tape Tape `json:"tape,omitempty"`
}

// Tape is the state of a leg's recording, if it has one.
type Tape string

// States of a recording.
const (
	TapeRuns   Tape = ""
	TapeMuted  Tape = "muted"
	TapeUnsure Tape = "unsure" // was about to be muted or unmuted
)

func (Configure) input()        {}
func (NewDay) input()           {}
func (QueueHours) input()       {}
func (CallArrived) input()      {}
func (FeatureDialled) input()   {}
func (LegRinging) input()       {}
func (LegAnswered) input()      {}
func (LegBridged) input()       {}
func (LegEnded) input()         {}
func (PlaybackFinished) input() {}
func (CommandFailed) input()    {}
func (PhoneChanged) input()     {}
func (SetAgent) input()         {}
func (SwitchLost) input()       {}
func (Reconciled) input()       {}
