package queue

import "time"

// Digit: somebody on a leg pressed a key: 0-9, *, #, A-D.
type Digit struct {
	Leg LegID  `json:"leg"`
	Key string `json:"key"`
}

// HoldChanged: a phone put its call on hold, or took it back, by its own keys
// (re-INVITE). The switch plays the music then.
type HoldChanged struct {
	Leg LegID `json:"leg"`
	On  bool  `json:"on"`
}

// PhoneTransfer: a phone asked by its own keys (REFER) to hand its call to
// Number or, if Other is given, to whom its other call is with.
type PhoneTransfer struct {
	Leg    LegID  `json:"leg"`
	Number string `json:"number"`
	Other  LegID  `json:"other"`
}

// Deed is what can be done in a conversation.
type Deed string

// Deeds in a conversation.
const (
	DeedHold       Deed = "hold"       // the customer hears music
	DeedRetrieve   Deed = "retrieve"   // and hears the agent again
	DeedMute       Deed = "mute"       // the agent is not heard
	DeedUnmute     Deed = "unmute"     // and is again
	DeedTransfer   Deed = "transfer"   // hand the customer to Target at once
	DeedConsult    Deed = "consult"    // call Target, of a queue whoever is free, while the customer holds
	DeedToggle     Deed = "toggle"     // speak to the other of the two
	DeedConference Deed = "conference" // all three speak
	DeedComplete   Deed = "complete"   // leave the customer to who was called
	DeedCancel     Deed = "cancel"     // end the consultation, back to the customer
	DeedSurvey     Deed = "survey"     // leave the customer to the survey (R8.1)
	DeedHangUp     Deed = "hang_up"    // end the call

	DeedMuteRecording   Deed = "mute_recording"   // what is said is not recorded (R14.1)
	DeedUnmuteRecording Deed = "unmute_recording" // and is again
)

// Deeds lists all deeds.
func Deeds() []Deed {
	return []Deed{DeedHold, DeedRetrieve, DeedMute, DeedUnmute, DeedTransfer, DeedConsult, DeedToggle,
		DeedConference, DeedComplete, DeedCancel, DeedSurvey, DeedMuteRecording, DeedUnmuteRecording, DeedHangUp}
}

// Act asks for something to be done in the conversation that an agent has.
type Act struct {
	Agent  AgentID `json:"agent"`
	Deed   Deed    `json:"deed"`
	Target Target  `json:"target"`           // of transfer and consult
	Reason string  `json:"reason,omitempty"` // of mute_recording
	Asked
}

// Place asks for a call to a customer: the agent's phone rings first, then the
// number's.
type Place struct {
	Agent  AgentID `json:"agent"`
	Number string  `json:"number"`
	Queue  QueueID `json:"queue"` // whose number is shown; empty: the agent's first
	Asked
}

// CallBack asks that a caller be called back in their place in the queue
// instead of waiting (R7.2).
type CallBack struct {
	Call   CallID `json:"call"`
	Number string `json:"number"` // empty: where the call came from
	Asked
}

// Register enters what a call was about (R3.1). A required wrap-up ends with it.
type Register struct {
	Call     CallID  `json:"call"` // empty: the agent's present or last call
	Agent    AgentID `json:"agent"`
	Category string  `json:"category"`
	Note     string  `json:"note"`
	Asked
}

// Extend asks for more time for the after-call work of an agent.
type Extend struct {
	Agent AgentID       `json:"agent"`
	For   time.Duration `json:"for"`
	Asked
}

// Declare puts an emergency plan in force (R12.1); Until zero: until it is ended
// by hand.
type Declare struct {
	Plan  string    `json:"plan"`
	Drill bool      `json:"drill"` // R12.2
	Until time.Time `json:"until"`
	Asked
}

// EndEmergency ends the plan in force.
type EndEmergency struct {
	Asked
}

// SetQueue opens or closes a queue by hand, or leaves it to its hours again.
type SetQueue struct {
	Queue QueueID `json:"queue"`
	State string  `json:"state"` // open, closed, hours
	Asked
}

// AckAlert says that somebody sees to what an alert is about.
type AckAlert struct {
	Alert AlertID `json:"alert"`
	Asked
}

// Asked is who asked for something and the request's id, which comes back in
// the event that answers it.
type Asked struct {
	By  string `json:"by,omitempty"`
	Req string `json:"req,omitempty"`
}

func (q Asked) request() string { return q.Req }

// RequestOf is the id of the request that an event answers; empty: of none.
func RequestOf(e Event) string {
	switch e := e.(type) {
	case Configured:
		return e.Req
	case AgentStateSet:
		return e.Req
	case Refused:
		return e.Req
	case interface{ request() string }:
		return e.request()
	}
	return ""
}

func (Digit) input()         {}
func (HoldChanged) input()   {}
func (PhoneTransfer) input() {}
func (Act) input()           {}
func (Place) input()         {}
func (CallBack) input()      {}
func (Register) input()      {}
func (Extend) input()        {}
func (Declare) input()       {}
func (EndEmergency) input()  {}
func (SetQueue) input()      {}
func (AckAlert) input()      {}
