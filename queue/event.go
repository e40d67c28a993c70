package queue

import "time"

// Event is something that is now true, in past tense. Events are stored for
// ever, append-only; their JSON form is part of the log, so fields are added,
// never renamed. The set is closed; codec.go lists it.
type Event interface{ event() }

// Configured: a configuration is in force.
type Configured struct {
	Config Config `json:"config"`
	By     string `json:"by,omitempty"`
	Req    string `json:"req,omitempty"`
}

// DayBegan: figures of the day start from zero.
type DayBegan struct {
	Day string `json:"day"`
}

// QueueOpened: a queue's hours began; zero Until means for more than a year.
type QueueOpened struct {
	Queue QueueID   `json:"queue"`
	Until time.Time `json:"until"`
}

// QueueClosed: a queue's hours ended.
type QueueClosed struct {
	Queue QueueID   `json:"queue"`
	Until time.Time `json:"until"`
}

// CallQueued: a call takes its place in a queue.
type CallQueued struct {
	Call     CallID  `json:"call"`
	Queue    QueueID `json:"queue"`
	Number   string  `json:"number"`
	Caller   string  `json:"caller"`
	Name     string  `json:"name,omitempty"`
	Endpoint string  `json:"endpoint,omitempty"`
	Addr     string  `json:"addr,omitempty"`
	// Unrecorded: the queue of the number keeps no recordings. The switch
	// decides by the number dialled, when the call comes (R9.1).
	Unrecorded bool `json:"unrecorded,omitempty"`
	// Level is the customer's (R4.1), Extra the priority that it and the number
	// dialled add to the queue's.
	Level string `json:"level,omitempty"`
	Extra int    `json:"extra,omitempty"`
	// LastAgent is whom this caller spoke to last, as far as remembered.
	LastAgent AgentID `json:"last_agent,omitempty"`
}

// CallTurnedAway: a call that no queue is behind, ended with a busy or
// "unknown number" answer.
type CallTurnedAway struct {
	Call   CallID `json:"call"`
	Number string `json:"number"`
	Caller string `json:"caller"`
	Reason string `json:"reason"`
}

// RingBudgetSpent: the caller has lived through the whole budget and nobody
// has answered (R1.2).
type RingBudgetSpent struct {
	Call  CallID `json:"call"`
	Rings Rings  `json:"rings"`
}

// LineAnsweredBy tells what answered the caller's line.
type LineAnsweredBy string

// What can answer a line. Only an agent's answer is service.
const (
	AnsweredByAgent        LineAnsweredBy = "agent"
	AnsweredByGreeting     LineAnsweredBy = "greeting"
	AnsweredByOutside      LineAnsweredBy = "outside"  // a number outside
	AnsweredByCustomer     LineAnsweredBy = "customer" // whom we called
	AnsweredByMenu         LineAnsweredBy = "menu"
	AnsweredByAnnouncement LineAnsweredBy = "announcement"
	AnsweredByVoicemail    LineAnsweredBy = "voicemail"
)

// LineAnswered: the caller's line was answered; from here no ringing is heard.
type LineAnswered struct {
	Call CallID         `json:"call"`
	By   LineAnsweredBy `json:"by"`
}

// GreetingEnded: the greeting was heard to its end; music follows.
type GreetingEnded struct {
	Call CallID `json:"call"`
}

// Candidate is one agent who was considered for an offer.
type Candidate struct {
	Agent   AgentID       `json:"agent"`
	IdleFor time.Duration `json:"idle_for"`
	Rank    int           `json:"rank,omitempty"`  // if not the first
	Calls   int           `json:"calls,omitempty"` // answered today, where that decides
	Talk    time.Duration `json:"talk,omitempty"`  // the same
}

// Why explains an offer: the strategy, the leading candidates in its order
// (the first got the call), and how many there were.
type Why struct {
	Strategy   Strategy    `json:"strategy"`
	Candidates []Candidate `json:"candidates"`
	Of         int         `json:"of"`
	// LastAgent: the call was kept for this agent.
	LastAgent bool `json:"last_agent,omitempty"`
	// Kept: the call was handed to this agent, or came back to them.
	Kept bool `json:"kept,omitempty"`
	// Backup: this phone backs up those that ring already, whose chance of an
	// answer in time was too little.
	Backup bool    `json:"backup,omitempty"`
	Chance float64 `json:"chance,omitempty"`
}

// OfferMade: an agent is being called for a call.
type OfferMade struct {
	Offer OfferID `json:"offer"`
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent"`
	Why   Why     `json:"why"`
	// Kind is what it is for, beside calls from the queue.
	Kind OfferKind `json:"kind,omitempty"`
	// Overtook are the calls that came earlier and could have had this agent.
	Overtook []CallID `json:"overtook,omitempty"`
}

// OfferAlerting: the agent's phone rings; the ring clock starts (R1.3).
type OfferAlerting struct {
	Offer OfferID `json:"offer"`
}

// OfferAccepted: the agent answered. Rings is the agent's ringing, CallerRings
// what the caller heard, Wait the caller's whole wait until this human voice.
type OfferAccepted struct {
	Offer       OfferID       `json:"offer"`
	Call        CallID        `json:"call"`
	Agent       AgentID       `json:"agent"`
	Rings       Rings         `json:"rings"`
	CallerRings Rings         `json:"caller_rings"`
	Wait        time.Duration `json:"wait"`
}

// MissReason is why an offer was missed.
type MissReason string

// Reasons for a missed offer.
const (
	MissedRONA         MissReason = "rona"    // rang to the limit
	MissedRefused      MissReason = "refused" // 603
	MissedBusy         MissReason = "busy"    // 486
	MissedUnregistered MissReason = "unregistered"
	MissedNoAnswer     MissReason = "no_answer"  // the phone gave up by itself (480)
	MissedNoRinging    MissReason = "no_ringing" // the phone never began to ring
	MissedDropped      MissReason = "dropped"    // answered, and gone before both were connected
	MissedFailed       MissReason = "failed"
)

// OfferMissed: the agent did not take the call; it keeps its place.
type OfferMissed struct {
	Offer  OfferID    `json:"offer"`
	Call   CallID     `json:"call"`
	Agent  AgentID    `json:"agent"`
	Reason MissReason `json:"reason"`
	Rings  Rings      `json:"rings"`
}

// OfferWithdrawn: the phone was stopped for a reason that is not the agent's.
type OfferWithdrawn struct {
	Offer  OfferID `json:"offer"`
	Call   CallID  `json:"call"`
	Agent  AgentID `json:"agent"`
	Reason string  `json:"reason"` // caller_left, answered_elsewhere, or an OverflowCause
	Rings  Rings   `json:"rings"`
}

// AnsweredElsewhere is why a phone was stopped that rang for the same call as
// the one that was answered.
const AnsweredElsewhere = "answered_elsewhere"

// LegJoined: the first of the two legs is in the bridge.
type LegJoined struct {
	Call CallID `json:"call"`
	Leg  LegID  `json:"leg"`
}

// CallConnected: both are in the bridge; they hear each other.
type CallConnected struct {
	Call  CallID  `json:"call"`
	Agent AgentID `json:"agent"`
	// Since: nobody looked, and it is taken to have been since then.
	Since time.Time `json:"since,omitzero"`
}

// Release says who ended a conversation (R2.4).
type Release string

// Who can release a call.
const (
	ReleaseCaller Release = "caller"
	ReleaseAgent  Release = "agent"
	ReleaseSystem Release = "system"
)

// CallCompleted: a conversation ended.
type CallCompleted struct {
	Call    CallID  `json:"call"`
	Agent   AgentID `json:"agent"`
	Release Release `json:"release"`
	Cause   Cause   `json:"cause"`
	// Talk is the agent's part, time on hold left out.
	Talk time.Duration `json:"talk"`
	// Asked: it was ended from a page, not by a phone.
	Asked
}

// CallAbandoned: the caller left before an agent answered.
type CallAbandoned struct {
	Call  CallID        `json:"call"`
	Short bool          `json:"short"` // under the queue's threshold
	Rings Rings         `json:"rings"`
	Wait  time.Duration `json:"wait"`
	Cause Cause         `json:"cause"`
}

// CallOverflowed: the call left its queue by policy: to another queue, or
// (To empty) out of the system.
type CallOverflowed struct {
	Call   CallID        `json:"call"`
	From   QueueID       `json:"from"`
	To     QueueID       `json:"to,omitempty"`
	Reason string        `json:"reason"` // an OverflowCause
	Wait   time.Duration `json:"wait"`
	Rings  Rings         `json:"rings"`
}

// ViolationFound: a rule was broken; entered in the violations ledger (R1.1),
// under the queue and day of the offer.
type ViolationFound struct {
	Agent AgentID `json:"agent"`
	Call  CallID  `json:"call"`
	Offer OfferID `json:"offer"`
	Rule  string  `json:"rule"` // "R1.1"
	Rings Rings   `json:"rings"`
	Fine  int64   `json:"fine"` // fen
	Queue QueueID `json:"queue,omitempty"`
	Day   string  `json:"day,omitempty"`
}

// AlertRaised: a supervisor is called for.
type AlertRaised struct {
	Kind   AlertKind     `json:"kind"`
	Call   CallID        `json:"call,omitempty"`
	Agent  AgentID       `json:"agent,omitempty"`
	Queue  QueueID       `json:"queue,omitempty"`
	Reason string        `json:"reason,omitempty"` // of the absence
	For    time.Duration `json:"for,omitempty"`    // how long it has lasted
	Count  int           `json:"count,omitempty"`  // of ringings left unanswered, the mark, or numbers banned
}

// AgentStateSet: an agent's state was set on request. Pending means that it
// takes effect when the present call or offer is over.
type AgentStateSet struct {
	Agent   AgentID    `json:"agent"`
	State   AgentState `json:"state"`
	Reason  string     `json:"reason,omitempty"`
	Pending bool       `json:"pending,omitempty"`
	By      string     `json:"by,omitempty"`
	Req     string     `json:"req,omitempty"`
}

// WrapUpEnded: the time for after-call work is over.
type WrapUpEnded struct {
	Agent AgentID `json:"agent"`
}

// PhoneStateChanged: the switch told a new state of an agent's phone.
type PhoneStateChanged struct {
	Agent AgentID    `json:"agent"`
	State PhoneState `json:"state"`
}

// AgentLegGone: the switch has said that an agent's leg is gone, some time after
// the offer or the conversation it was for.
type AgentLegGone struct {
	Agent AgentID `json:"agent"`
	Leg   LegID   `json:"leg"`
}

// FeatureUsed: a feature code was dialled; Sound confirms it to the ear.
type FeatureUsed struct {
	Leg   LegID   `json:"leg"`
	Agent AgentID `json:"agent,omitempty"`
	Code  string  `json:"code"`
	Sound string  `json:"sound"`
}

// FeatureEnded: the leg of a feature code is gone.
type FeatureEnded struct {
	Leg LegID `json:"leg"`
}

// Refused: a request was not carried out, and why.
type Refused struct {
	Req    string  `json:"req,omitempty"`
	Agent  AgentID `json:"agent,omitempty"`
	Code   string  `json:"code"` // unknown_agent, unknown_state, bad_config …
	Reason string  `json:"reason"`
	By     string  `json:"by,omitempty"`
}

// SwitchGone: events of the switch stopped reaching us.
type SwitchGone struct {
	// Since when, if a leader before this one heard it last.
	Since time.Time `json:"since,omitzero"`
}

// SwitchBack: control is back; what was found against what we believed.
type SwitchBack struct {
	Legs    int `json:"legs"`
	Gone    int `json:"gone"`
	Adopted int `json:"adopted"`
	Strays  int `json:"strays"`
	// Run names the switch's present run, if it is another one than before.
	// Restarted: it died in between, and with it every call it had; Lost is when
	// it was heard last.
	Run       string    `json:"run,omitempty"`
	Restarted bool      `json:"restarted,omitempty"`
	Lost      time.Time `json:"lost,omitzero"`
}

func (Configured) event()        {}
func (DayBegan) event()          {}
func (QueueOpened) event()       {}
func (QueueClosed) event()       {}
func (CallQueued) event()        {}
func (CallTurnedAway) event()    {}
func (RingBudgetSpent) event()   {}
func (LineAnswered) event()      {}
func (GreetingEnded) event()     {}
func (OfferMade) event()         {}
func (OfferAlerting) event()     {}
func (OfferAccepted) event()     {}
func (OfferMissed) event()       {}
func (OfferWithdrawn) event()    {}
func (LegJoined) event()         {}
func (CallConnected) event()     {}
func (CallCompleted) event()     {}
func (CallAbandoned) event()     {}
func (CallOverflowed) event()    {}
func (ViolationFound) event()    {}
func (AlertRaised) event()       {}
func (AgentStateSet) event()     {}
func (WrapUpEnded) event()       {}
func (PhoneStateChanged) event() {}
func (AgentLegGone) event()      {}
func (FeatureUsed) event()       {}
func (FeatureEnded) event()      {}
func (Refused) event()           {}
func (SwitchGone) event()        {}
func (SwitchBack) event()        {}
