package queue

import "time"

// ConsultState is where a consultation is.
type ConsultState string

// States of a consultation.
const (
	ConsultDialing  ConsultState = "dialing"  // who is called has not answered yet
	ConsultPrivate  ConsultState = "private"  // the two speak, the customer holds
	ConsultCustomer ConsultState = "customer" // the agent speaks to the customer, who was called holds
	ConsultAll      ConsultState = "all"      // all three speak
)

// Consult is somebody whom an agent has called during a conversation: another
// agent (Agent and Offer are given) or a number outside.
type Consult struct {
	Leg        LegID        `json:"leg"`
	Agent      AgentID      `json:"agent,omitempty"`
	Offer      OfferID      `json:"offer,omitempty"`
	Number     string       `json:"number,omitempty"`
	State      ConsultState `json:"state"`
	BeganAt    time.Time    `json:"began_at"`
	AnsweredAt time.Time    `json:"answered_at,omitzero"`
	// DeadlineAt ends the calling of a number; an offer has its own.
	DeadlineAt time.Time `json:"deadline_at,omitzero"`
}

// Outside is a number outside to which the customer is, or is being, connected.
type Outside struct {
	Leg        LegID         `json:"leg"`
	Number     string        `json:"number"`
	Reason     string        `json:"reason"`           // an OverflowCause, or transfer
	Return     AgentID       `json:"return,omitempty"` // who handed the customer on
	Talk       time.Duration `json:"talk,omitempty"`
	AnsweredAt time.Time     `json:"answered_at,omitzero"`
	DeadlineAt time.Time     `json:"deadline_at,omitzero"`
}

// ReasonTransfer is why a customer was given to a number by an agent.
const ReasonTransfer = "transfer"

// callOver is why a consultation ended whose call ended.
const callOver = "call_over"

// Callback is a call whose customer left and is to be called back (R7.2).
type Callback struct {
	Number   string    `json:"number"`
	AskedAt  time.Time `json:"asked_at"`
	By       string    `json:"by"` // caller, abandoned, or who asked
	Attempts int       `json:"attempts"`
	NextAt   time.Time `json:"next_at,omitzero"` // not before
}

// Kept says for whom a transferred call is kept, and until when.
type Kept struct {
	Agent AgentID   `json:"agent"`
	Until time.Time `json:"until"`
}

// Part is one agent's part of a call: the row of the parts projection. Talk
// time belongs to who talked.
type Part struct {
	Call  CallID        `json:"call"`
	N     int           `json:"n"` // counts the parts of a call from 1
	Agent AgentID       `json:"agent"`
	Offer OfferID       `json:"offer"`
	Queue QueueID       `json:"queue"`
	Day   string        `json:"day"`
	From  time.Time     `json:"from"`
	To    time.Time     `json:"to"`
	Talk  time.Duration `json:"talk"` // without Hold
	Hold  time.Duration `json:"hold"`
	// End is how it ended: completed, transferred, consulted, left, lost.
	End string `json:"end"`
}

// Direction of a call.
type Direction string

// Directions of a call.
const (
	Inbound  Direction = ""
	Outbound Direction = "out" // placed by an agent
)

// OfferKind is what an offer is for; empty: a call from the queue.
type OfferKind string

// Kinds of offer.
const (
	OfferQueue   OfferKind = ""
	OfferConsult OfferKind = "consult" // by a colleague
	OfferPlaced  OfferKind = "placed"  // the agent's own call to a customer
)
