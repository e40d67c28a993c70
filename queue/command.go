package queue

import (
	"reflect"
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

// Play plays a sound to a leg; PlaybackFinished follows.
type Play struct {
	Leg   LegID
	Sound string
}

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

// Bridge joins the caller's leg and the agent's.
type Bridge struct {
	Call CallID
	Legs []LegID
}

// Unbridge removes the call's bridge, not its legs.
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
func (Bridge) command()          {}
func (Unbridge) command()        {}
func (HangUp) command()          {}
