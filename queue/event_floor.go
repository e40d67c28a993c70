package queue

import "time"

// WrapUpExtended: an agent has more time for after-call work.
type WrapUpExtended struct {
	Agent AgentID   `json:"agent"`
	Until time.Time `json:"until"`
	Asked
}

// CallRegistered: it is on record what a call was about (R3.1).
type CallRegistered struct {
	Call     CallID    `json:"call"`
	Agent    AgentID   `json:"agent,omitempty"`
	Category string    `json:"category"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
	Asked
}

// RegistrationMissed: a call had to be registered in the wrap-up and was not,
// For being how long that lasted (R3.1).
type RegistrationMissed struct {
	Call  CallID        `json:"call"`
	Agent AgentID       `json:"agent"`
	For   time.Duration `json:"for"`
}

// EmergencyBegan: an emergency plan is in force (R12.1); zero Until: until it
// is ended by hand.
type EmergencyBegan struct {
	Plan  string    `json:"plan"`
	Level int       `json:"level"`
	Drill bool      `json:"drill,omitempty"` // R12.2
	Until time.Time `json:"until,omitzero"`
	Alert []string  `json:"alert,omitempty"` // the people whom the plan names
	Asked
}

// EmergencyEnded: the queues are as they were before. It says what happened
// meanwhile (R12.3).
type EmergencyEnded struct {
	Plan   string        `json:"plan"`
	Level  int           `json:"level"`
	Drill  bool          `json:"drill,omitempty"`
	Reason string        `json:"reason"` // asked, until, replaced, config
	For    time.Duration `json:"for"`
	Toll   Toll          `json:"toll"`
	Asked
}

// QueueSet: a queue was opened or closed by hand, or left to its hours again.
type QueueSet struct {
	Queue QueueID `json:"queue"`
	State string  `json:"state"` // open, closed, hours
	Asked
}

// AlertCleared: an alert was seen to by somebody.
type AlertCleared struct {
	Alert AlertID   `json:"alert"`
	Kind  AlertKind `json:"kind"`
	Agent AgentID   `json:"agent,omitempty"`
	Queue QueueID   `json:"queue,omitempty"`
	Asked
}

func (WrapUpExtended) event()     {}
func (CallRegistered) event()     {}
func (RegistrationMissed) event() {}
func (EmergencyBegan) event()     {}
func (EmergencyEnded) event()     {}
func (QueueSet) event()           {}
func (AlertCleared) event()       {}
