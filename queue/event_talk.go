package queue

import "time"

// CallHeld: the customer was put on hold and hears music.
type CallHeld struct {
	Call CallID `json:"call"`
	// ByPhone: by the phone's own keys.
	ByPhone bool `json:"by_phone,omitempty"`
	Asked
}

// CallRetrieved: the customer and the agent hear each other again.
type CallRetrieved struct {
	Call CallID        `json:"call"`
	Held time.Duration `json:"held"`
	Asked
}

// AgentMuted: what the agent says is not heard, or is again.
type AgentMuted struct {
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent"`
	On    bool    `json:"on"`
	Asked
}

// CallTransferred: an agent handed the customer on and is out of the call.
type CallTransferred struct {
	Call   CallID  `json:"call"`
	Agent  AgentID `json:"agent"`
	Target Target  `json:"target"`
	// Leg is dialled for a number; of an agent an offer follows.
	Leg  LegID         `json:"leg,omitempty"`
	Talk time.Duration `json:"talk"`
	// Return is the agent to whom the call comes back if nobody takes it.
	Return AgentID `json:"return,omitempty"`
	Asked
}

// ConsultBegan: an agent calls somebody while the customer holds. Offer is
// given if an agent is called.
type ConsultBegan struct {
	Call   CallID  `json:"call"`
	By     AgentID `json:"by_agent"`
	Leg    LegID   `json:"leg"`
	Offer  OfferID `json:"offer,omitempty"`
	Agent  AgentID `json:"agent,omitempty"`
	Number string  `json:"number,omitempty"`
	Req    string  `json:"req,omitempty"`
}

// ConsultAnswered: the two speak.
type ConsultAnswered struct {
	Call CallID `json:"call"`
	Leg  LegID  `json:"leg"`
}

// ConsultMoved: whom the agent speaks to is another one now.
type ConsultMoved struct {
	Call CallID       `json:"call"`
	To   ConsultState `json:"to"`
	Asked
}

// ConsultEnded: who was called is out of the call again, or never came.
type ConsultEnded struct {
	Call   CallID        `json:"call"`
	Leg    LegID         `json:"leg"`
	Reason string        `json:"reason"` // cancelled, left, or a MissReason
	Talk   time.Duration `json:"talk"`
	Asked
}

// ConsultTook: the agent left the customer to who was called, who may still be
// ringing.
type ConsultTook struct {
	Call  CallID        `json:"call"`
	Agent AgentID       `json:"agent"` // who left
	Leg   LegID         `json:"leg"`   // who has it now
	Talk  time.Duration `json:"talk"`  // of who left
	// Cause is given if they did not wish to: their phone died.
	Cause Cause `json:"cause,omitempty"`
	Asked
}

// OutsideDialled: a number outside is called for a customer.
type OutsideDialled struct {
	Call   CallID `json:"call"`
	Leg    LegID  `json:"leg"`
	Number string `json:"number"`
	Reason string `json:"reason"` // an OverflowCause, or transfer
}

// OutsideAnswered: the number outside answered; the two speak.
type OutsideAnswered struct {
	Call CallID        `json:"call"`
	Leg  LegID         `json:"leg"`
	Wait time.Duration `json:"wait"`
}

// OutsideFailed: the number outside was not reached.
type OutsideFailed struct {
	Call   CallID     `json:"call"`
	Leg    LegID      `json:"leg"`
	Reason MissReason `json:"reason"`
}

// CallPlaced: an agent calls a customer.
type CallPlaced struct {
	Call   CallID  `json:"call"`
	Queue  QueueID `json:"queue"`
	Agent  AgentID `json:"agent"`
	Number string  `json:"number"`
	// Before is what the agent was, and is again afterwards.
	Before Pending `json:"before"`
	// Unrecorded: the queue keeps no recordings.
	Unrecorded bool `json:"unrecorded,omitempty"`
	Asked
}

// CallbackAsked: a caller is to be called back in their place (R7.2).
type CallbackAsked struct {
	Call   CallID `json:"call"`
	Number string `json:"number"`
	Asked
}

// CallbackQueued: a caller who gave up takes the old place again, to be called
// back (R7.2).
type CallbackQueued struct {
	Call   CallID `json:"call"`
	Of     CallID `json:"of"` // the call that was given up
	Number string `json:"number"`
	// Order is that of the abandoned call, Arrived when it came.
	Order   uint64    `json:"order"`
	Arrived time.Time `json:"arrived"`
	Queue   QueueID   `json:"queue"`
	Name    string    `json:"name,omitempty"`
	Level   string    `json:"level,omitempty"`
	Extra   int       `json:"extra,omitempty"`
	// LastAgent as of the call.
	LastAgent  AgentID `json:"last_agent,omitempty"`
	Unrecorded bool    `json:"unrecorded,omitempty"`
}

// CustomerLeft: the customer's leg is gone and the call goes on without it: a
// call-back.
type CustomerLeft struct {
	Call CallID `json:"call"`
}

// CustomerDialled: the customer is being called.
type CustomerDialled struct {
	Call   CallID `json:"call"`
	Leg    LegID  `json:"leg"`
	Number string `json:"number"`
}

// CustomerAnswered: the customer who was called is there.
type CustomerAnswered struct {
	Call CallID `json:"call"`
	Leg  LegID  `json:"leg"`
}

// CustomerNotReached: the customer who was called did not come. Next is when
// it is tried again; zero: not any more.
type CustomerNotReached struct {
	Call  CallID    `json:"call"`
	Cause Cause     `json:"cause"`
	Next  time.Time `json:"next,omitzero"`
}

// CallClosed: a call ended otherwise than from a conversation with an agent or
// by the caller's giving up.
type CallClosed struct {
	Call    CallID        `json:"call"`
	Outcome Outcome       `json:"outcome"`
	Release Release       `json:"release"`
	Cause   Cause         `json:"cause"`
	Talk    time.Duration `json:"talk,omitempty"` // with a number outside
	Asked
}

func (CallHeld) event()           {}
func (CallRetrieved) event()      {}
func (AgentMuted) event()         {}
func (CallTransferred) event()    {}
func (ConsultBegan) event()       {}
func (ConsultAnswered) event()    {}
func (ConsultMoved) event()       {}
func (ConsultEnded) event()       {}
func (ConsultTook) event()        {}
func (OutsideDialled) event()     {}
func (OutsideAnswered) event()    {}
func (OutsideFailed) event()      {}
func (CallPlaced) event()         {}
func (CallbackAsked) event()      {}
func (CallbackQueued) event()     {}
func (CustomerLeft) event()       {}
func (CustomerDialled) event()    {}
func (CustomerAnswered) event()   {}
func (CustomerNotReached) event() {}
func (CallClosed) event()         {}

func (e ConsultBegan) request() string { return e.Req }
