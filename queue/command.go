package queue

import (
	"reflect"
	"strings"
	"time"
)

// Command is what the switch must do. Every command is idempotent: carrying
// it out twice is as good as once, and on a leg that is gone it is nothing.
type Command interface{ command() }

// Name is a command's type name, for messages and CommandFailed.
func Name(c Command) string { return reflect.TypeOf(c).Name() }

// IndicateRinging lets the caller hear ringing (180), without answering.
type IndicateRinging struct{ Leg LegID }

// Answer answers a leg.
type Answer struct{ Leg LegID }

// Play plays sounds to a leg, one after the other; PlaybackFinished follows the
// last. What played on the leg before gives way.
type Play struct {
	Leg    LegID
	Sounds []string
	// N comes back with PlaybackFinished.
	N int
}

// RingTone is the sound that Play takes for the ringing of the country, which
// goes on until StopMedia.
const RingTone = "tone:ring"

// soundJoin is between sounds that stand for one.
const soundJoin = "&"

// JoinSounds makes one name of sounds that are played one after the other, for
// places that take one.
func JoinSounds(sounds ...string) string { return strings.Join(sounds, soundJoin) }

// SplitSounds is the inverse of JoinSounds.
func SplitSounds(sound string) []string { return strings.Split(sound, soundJoin) }

// StartMusic plays music to a waiting leg.
type StartMusic struct {
	Leg   LegID
	Class string
}

// StopMedia ends what Play and StartMusic started on a leg.
type StopMedia struct{ Leg LegID }

// DialAgent rings an agent's phone. The leg to be made is named here, so a
// retry cannot ring twice.
type DialAgent struct {
	Call      CallID
	Leg       LegID
	CallerLeg LegID
	Agent     AgentID
	Phone     Phone
	Caller    string // the caller's number, passed on
	Name      string // the caller's name
	Queue     QueueID
	// Limit is a safety net for the switch's own clock, longer than ours: the
	// phone stops ringing even if we are gone.
	Limit time.Duration
}

// DialNumber calls a number outside. The leg to be made is named here.
type DialNumber struct {
	Call   CallID
	Leg    LegID
	Number string
	Shown  string // the number that the far end is shown
	Name   string
	// Record: the conversation is recorded on this leg, the customer's.
	Record bool
	// For is the leg for whose sake it is called; without it nobody is. It may
	// be empty.
	For   LegID
	Limit time.Duration // a safety net, as of DialAgent
}

// Room is one of the two bridges that a call can have.
type Room string

// Rooms of a call.
const (
	MainRoom Room = ""     // the customer's
	SideRoom Room = "side" // of a consultation
)

// Bridge lets legs of a call hear each other. They leave the room in which they
// were.
type Bridge struct {
	Call CallID
	Room Room
	Legs []LegID
}

// Unhook takes a leg out of the room in which it is; it stays up.
type Unhook struct {
	Call CallID
	Leg  LegID
}

// RoomMusic plays music in a call's main room, or ends that: its agent holds
// with the phone's own keys, and the room is as it was when the phone is back.
type RoomMusic struct {
	Call  CallID
	Class string
	On    bool
}

// Mute keeps what a leg says from the others, or ends that.
type Mute struct {
	Leg LegID
	On  bool
}

// AnswerTransfer tells a phone what became of its PhoneTransfer.
type AnswerTransfer struct {
	Leg LegID
	OK  bool
}

// Unbridge removes the call's rooms, not its legs.
type Unbridge struct{ Call CallID }

// HangUpReason is what the far end is told.
type HangUpReason string

// Reasons for hanging up a leg.
const (
	HangUpNormal    HangUpReason = "normal"
	HangUpElsewhere HangUpReason = "elsewhere" // the phone need not show a missed call
	HangUpBusy      HangUpReason = "busy"
	HangUpUnknown   HangUpReason = "unknown_number"
	HangUpFailed    HangUpReason = "failed"
)

// HangUp ends a leg.
type HangUp struct {
	Leg    LegID
	Reason HangUpReason
}

func (IndicateRinging) command() {}
func (Answer) command()          {}
func (Play) command()            {}
func (StartMusic) command()      {}
func (StopMedia) command()       {}
func (DialAgent) command()       {}
func (DialNumber) command()      {}
func (Bridge) command()          {}
func (Unhook) command()          {}
func (RoomMusic) command()       {}
func (Mute) command()            {}
func (AnswerTransfer) command()  {}
func (Unbridge) command()        {}
func (HangUp) command()          {}
