package queue

import "time"

// CallState is where a call is in its life.
type CallState string

// States of a call; docs/states.md draws the transitions.
const (
	CallWaiting    CallState = "waiting"    // in its place, no phone rings for it
	CallOffered    CallState = "offered"    // an agent's phone is being rung, or several
	CallConnecting CallState = "connecting" // an agent answered, the bridge is being made
	CallTalking    CallState = "talking"
	CallOutside    CallState = "outside"   // a number outside is called for it, or has it
	CallReaching   CallState = "reaching"  // the customer is being called
	CallMenu       CallState = "menu"      // is asked where to go; it has no queue
	CallAnnounced  CallState = "announced" // an announcement ends it
	CallVoicemail  CallState = "voicemail" // leaves a message
	CallSurvey     CallState = "survey"    // is asked for a mark
	CallEnded      CallState = "ended"
)

// Outcome is how a call ended.
type Outcome string

// Outcomes of a call.
const (
	OutcomeNone       Outcome = ""
	OutcomeAnswered   Outcome = "answered"
	OutcomeAbandoned  Outcome = "abandoned"
	OutcomeOverflowed Outcome = "overflowed"
	OutcomeTurnedAway Outcome = "turned_away"
	OutcomeForwarded  Outcome = "forwarded"   // spoke to a number outside
	OutcomeCalledBack Outcome = "called_back" // spoke to an agent who called back
	OutcomeNotReached Outcome = "not_reached" // a customer whom we called did not come
	OutcomeCancelled  Outcome = "cancelled"   // a call of ours that its agent gave up
	OutcomeLeftMenu   Outcome = "left_menu"   // ended in a menu, before there was a queue
	OutcomeAnnounced  Outcome = "announced"   // heard an announcement
	OutcomeVoicemail  Outcome = "voicemail"   // left a message
	OutcomeNoMessage  Outcome = "no_message"  // was at voicemail and left none
	OutcomeLost       Outcome = "lost"        // waited, and was cut off: the phone died, or the switch
)

// Media is what a waiting caller hears.
type Media string

// What a caller can hear while waiting.
const (
	MediaRinging      Media = "ringing"
	MediaGreeting     Media = "greeting"
	MediaMusic        Media = "music"
	MediaTone         Media = "tone"         // the ringing tone, on a line that was answered
	MediaAnnouncement Media = "announcement" // between the music
	MediaPrompt       Media = "prompt"       // of a menu, voicemail, the survey
	MediaQuiet        Media = "quiet"        // a key is waited for, or a message spoken
)

// Call is one caller's visit: its state while it lasts, its facts for ever.
// It is the row of the calls projection. Zero times mean "not (yet)".
type Call struct {
	ID CallID `json:"id"`
	// Leg is the customer's: the call's own id, or the one that we dialled;
	// empty while there is none.
	Leg       LegID     `json:"leg,omitempty"`
	Direction Direction `json:"direction,omitempty"`
	Order     uint64    `json:"order"` // arrival order in the pool
	Day       string    `json:"day"`   // the house's day of arrival
	Queue     QueueID   `json:"queue"`
	Passed    []QueueID `json:"passed,omitempty"` // queues it overflowed out of
	Number    string    `json:"number"`
	Caller    string    `json:"caller"`
	Name      string    `json:"name"`
	Endpoint  string    `json:"endpoint"`
	Addr      string    `json:"addr"`
	ByAgent   AgentID   `json:"by_agent,omitempty"` // whose phone placed it
	State     CallState `json:"state"`
	// Unrecorded: no recording of it is made (R9.1 otherwise).
	Unrecorded bool `json:"unrecorded,omitempty"`
	// Overflow is why it left a queue by policy, the last time.
	Overflow  OverflowCause `json:"overflow,omitempty"`
	Level     string        `json:"level,omitempty"`      // of the customer
	Extra     int           `json:"extra,omitempty"`      // priority, beside the queue's
	LastAgent AgentID       `json:"last_agent,omitempty"` // whom the caller spoke to before
	// Overtaken is how often a later call was given an agent whom this one
	// could have had, OvertakenAt when first.
	Overtaken   int       `json:"overtaken,omitempty"`
	OvertakenAt time.Time `json:"overtaken_at,omitzero"`

	ArrivedAt time.Time `json:"arrived_at"`
	// QueuedAt is when it took a place in a queue for the first time: from here
	// the wait for a human voice counts (R1.3).
	QueuedAt       time.Time      `json:"queued_at,omitzero"`
	LineAnsweredAt time.Time      `json:"line_answered_at"`
	LineAnsweredBy LineAnsweredBy `json:"line_answered_by"`
	AcceptedAt     time.Time      `json:"accepted_at"`  // an agent answered
	ConnectedAt    time.Time      `json:"connected_at"` // both in the bridge
	// SpokeAt is when the customer was first connected with anybody: an agent, a
	// number outside. From here the recording is a conversation's (R9.1).
	SpokeAt time.Time `json:"spoke_at,omitzero"`
	EndedAt time.Time `json:"ended_at"`
	// CutAt is when the switch was heard last that took the call with it; EndedAt
	// is when that was found.
	CutAt time.Time `json:"cut_at,omitzero"`
	// Restored is the call that was dropped and whose place this one has.
	Restored CallID `json:"restored,omitempty"`

	Offers  int       `json:"offers"`         // how many were made
	Open    []OfferID `json:"open,omitempty"` // those whose phones are being rung, in the order they were made
	Offer   OfferID   `json:"offer"`          // the accepted one
	Agent   AgentID   `json:"agent"`          // who has it, or had it
	Outcome Outcome   `json:"outcome"`
	Release Release   `json:"release"`
	Cause   Cause     `json:"cause"`
	Short   bool      `json:"short"`
	// Wait is from arrival to the agent's answer, or to leaving without one.
	Wait time.Duration `json:"wait"`
	// Rings is what the caller heard; within is judged on the whole wait (R1.2).
	Rings Rings         `json:"rings"`
	Talk  time.Duration `json:"talk"`

	// Home is the queue in which it was answered, whose figures it is in; empty:
	// the queue in which it is.
	Home QueueID `json:"home,omitempty"`
	// What goes on in the conversation, see talk.go and consult.go.
	HeldAt time.Time `json:"held_at,omitzero"` // since when on hold
	// HeldByPhone: by the phone's own keys, which alone can take it back.
	HeldByPhone bool          `json:"held_by_phone,omitempty"`
	Hold        time.Duration `json:"hold,omitempty"` // until now, all agents
	Muted       bool          `json:"muted,omitempty"`
	// RecordingMute is there while the recording is muted; UnmuteFailed: the switch
	// has not ended it yet.
	RecordingMute *RecordingMute `json:"recording_mute,omitempty"`
	UnmuteFailed  bool           `json:"unmute_failed,omitempty"`
	Consult       *Consult       `json:"consult,omitempty"`
	Outside       *Outside       `json:"outside,omitempty"`
	Kept          []Kept         `json:"kept,omitempty"` // for whom, one after the other
	// OtherLegs counts the legs dialled beside those of offers.
	OtherLegs int `json:"other_legs,omitempty"`
	// Transfers counts how often it was handed on, Parts the agents' parts that
	// are over; PartAt and PartHold are when the present one began and how long
	// it held.
	Transfers  int           `json:"transfers,omitempty"`
	Parts      int           `json:"parts,omitempty"`
	PartAt     time.Time     `json:"part_at,omitzero"`
	PartHold   time.Duration `json:"part_hold,omitempty"`
	Callback   *Callback     `json:"callback,omitempty"`
	CallbackOf CallID        `json:"callback_of,omitempty"` // the call that was given up
	ReachAt    time.Time     `json:"reach_at,omitzero"`     // when calling the customer is given up

	// BudgetAt is when the ring budget is spent; zero: no longer.
	BudgetAt time.Time `json:"budget_at"`
	// Front: it goes before all others, since we have called the customer who waits, or it was dropped by no fault of the
	// customer's.
	Front bool `json:"front,omitempty"`
	// WaitFrom is from when the queue's own patience counts: entering it, or
	// losing an agent who had answered.
	WaitFrom time.Time `json:"wait_from"`

	// Path is the way through menus, Menu where it is in one.
	Path []Chosen `json:"path,omitempty"`
	Menu *InMenu  `json:"menu,omitempty"`
	// Estimate is what the caller was told first of the wait.
	Estimate *Estimate `json:"estimate,omitempty"`
	// MessageAt is when the caller began to speak at voicemail, Message how long.
	MessageAt   time.Time     `json:"message_at,omitzero"`
	Message     time.Duration `json:"message,omitempty"`
	Survey      SurveyState   `json:"survey,omitempty"`
	Score       int           `json:"score,omitempty"` // 1 to 5, if answered
	SurveyTries int           `json:"survey_tries,omitempty"`
	// DueAt is when what plays, or a key that is waited for, is given up. MusicAt and ToldAt are since when there is
	// music, and until when the caller was last told something, while waiting.
	DueAt time.Time `json:"due_at,omitzero"`
	// Plays counts what was played to the customer: the end of an earlier sound
	// is not the end of this one.
	Plays   int       `json:"plays,omitempty"`
	MusicAt time.Time `json:"music_at,omitzero"`
	ToldAt  time.Time `json:"told_at,omitzero"`

	Media         Media     `json:"media"`
	BudgetSpentAt time.Time `json:"budget_spent_at"`
	CallerBridged bool      `json:"caller_bridged"`
	AgentBridged  bool      `json:"agent_bridged"`

	Registration // what it was about (R3.1)
}

// OfferState is where an offer is.
type OfferState string

// States of an offer.
const (
	OfferDialing   OfferState = "dialing"
	OfferRinging   OfferState = "alerting"
	OfferTaken     OfferState = "accepted"
	OfferLost      OfferState = "missed"
	OfferTakenBack OfferState = "withdrawn"
)

// Offer is one attempt to give one call to one agent: the row of the offers
// projection.
type Offer struct {
	ID         OfferID    `json:"id"`
	Call       CallID     `json:"call"`
	Agent      AgentID    `json:"agent"`
	Kind       OfferKind  `json:"kind,omitempty"`
	Queue      QueueID    `json:"queue"`
	Day        string     `json:"day"`
	State      OfferState `json:"state"`
	MadeAt     time.Time  `json:"made_at"`
	AlertingAt time.Time  `json:"alerting_at"`
	ClosedAt   time.Time  `json:"closed_at"` // accepted, missed or withdrawn
	Reason     string     `json:"reason"`    // of missed and withdrawn
	Rings      Rings      `json:"rings"`
	Fine       int64      `json:"fine"` // fen, when a violation was found
	Why        Why        `json:"why"`
	// DeadlineAt ends it: DialTimeout until it rings, then the ring limit.
	DeadlineAt time.Time `json:"deadline_at"`
}

// AgentState is what an agent does.
type AgentState string

// States of an agent.
const (
	LoggedOut AgentState = "logged_out"
	NotReady  AgentState = "not_ready"
	Ready     AgentState = "ready"
	Reserved  AgentState = "reserved" // an offer is open
	OnCall    AgentState = "on_call"
	WrapUp    AgentState = "wrap_up"
)

// Reasons of NotReady that the ACD itself sets, beside the house's own.
const (
	ReasonRONA    = "rona"
	ReasonRefused = "refused"
)

// Pending is a state asked for during a call, taken up after it.
type Pending struct {
	State  AgentState `json:"state"`
	Reason string     `json:"reason"`
}

// Agent is an agent's present.
type Agent struct {
	ID      AgentID    `json:"id"`
	State   AgentState `json:"state"`
	Reason  string     `json:"reason"` // of NotReady
	Since   time.Time  `json:"since"`  // of State and Reason
	Pending *Pending   `json:"pending,omitempty"`
	Phone   PhoneState `json:"phone"`
	// Dialling counts calls that this phone has placed to us: feature codes, or
	// a queue's number. The switch does not see them as the phone's when it has
	// a fixed address, and it would answer busy.
	Dialling int     `json:"dialling"`
	Offer    OfferID `json:"offer"`
	// Leg is the phone's last leg until the switch says that it is gone. A phone
	// whose ringing was stopped goes on for a moment.
	Leg      LegID     `json:"leg,omitempty"`
	Call     CallID    `json:"call"`
	WrapUpAt time.Time `json:"wrap_up_at"` // end of after-call work
	// WrapUpMost is when it ends at the latest; Unregistered: it waits for the
	// registration of Call (R3.1).
	WrapUpMost   time.Time `json:"wrap_up_most,omitzero"`
	Unregistered bool      `json:"unregistered,omitempty"`
	// WrapUpAsked: during the call, where it is the agent's choice.
	WrapUpAsked bool `json:"wrap_up_asked,omitempty"`
	// LastCall is the last conversation, which can still be registered.
	LastCall CallID `json:"last_call,omitempty"`
	// BackOffAt keeps a Ready agent out of routing until then.
	BackOffAt time.Time `json:"back_off_at"`
	// IdleSince orders agents for "longest idle": the end of the last call or
	// offer, or signing in.
	IdleSince time.Time  `json:"idle_since"`
	Today     AgentTally `json:"today"`
	PickUps   PickUps    `json:"-"`
	// TakenAt is since when a call keeps the agent busy, TakenFor its queue.
	TakenAt  time.Time `json:"taken_at,omitzero"`
	TakenFor QueueID   `json:"taken_for,omitempty"`
	// InARow counts ringings left unanswered since the last answer, Alerted
	// says that the supervisor was called for this absence.
	InARow  int  `json:"in_a_row,omitempty"`
	Alerted bool `json:"alerted,omitempty"`
}

// AgentInterval is a stretch of time in one state: the row of the agent
// intervals projection. To is zero while it lasts.
type AgentInterval struct {
	Agent  AgentID    `json:"agent"`
	State  AgentState `json:"state"`
	Reason string     `json:"reason"`
	Call   CallID     `json:"call"`
	From   time.Time  `json:"from"`
	To     time.Time  `json:"to"`
}

// Violation is an entry of the violations ledger (R1.1).
type Violation struct {
	At    time.Time `json:"at"`
	Agent AgentID   `json:"agent"`
	Call  CallID    `json:"call"`
	Offer OfferID   `json:"offer"`
	Queue QueueID   `json:"queue"`
	Rule  string    `json:"rule"`
	Rings Rings     `json:"rings"`
	Fine  int64     `json:"fine"` // fen
}

// Rows is what one record changed in the projections: each entry replaces the
// row with its key (intervals: agent and from).
type Rows struct {
	Calls      []Call
	Offers     []Offer
	Intervals  []AgentInterval
	Violations []Violation
	Parts      []Part
	Cases      []Case
	// Registrations of calls whose row is not written any more.
	Registrations []CallRegistration
}

// CallRegistration is what is registered of a call that is over: part of its
// row.
type CallRegistration struct {
	Call CallID
	Registration
}
