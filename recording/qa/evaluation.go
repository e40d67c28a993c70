package qa

import (
	"math/big"
	"time"

	"github.com/threerings/threerings/queue"
)

// Scorer is who judges: the name of an account.
type Scorer = string

// State of an evaluation; docs/states.md draws them.
type State string

// States.
const (
	Draft     State = "draft"     // the scorer's own
	Submitted State = "submitted" // the agent can see it
	ReadState State = "read"      // the agent has seen it
	Signed    State = "signed"    // the agent agrees; final
	Appealed  State = "appealed"  // the agent objects
	Rescored  State = "rescored"  // a second scorer has judged
	Decided   State = "decided"   // the objection is answered; final
)

// Person is who does something: an account, and who that is on the phone.
type Person struct {
	Name  Scorer
	Agent queue.AgentID // empty: nobody
}

// Comment is a remark at a moment of the recording, or of the whole call.
type Comment struct {
	AtMS int64  `json:"at_ms"` // from the recording's beginning; -1: of the whole
	Item string `json:"item"`  // what it is about; may be empty
	Text string `json:"text"`
}

// Judgement is what a scorer says of a conversation.
type Judgement struct {
	Answers  Answers   `json:"answers"`
	Comments []Comment `json:"comments"`
	Summary  string    `json:"summary"`
}

// Origin is how the call came to be judged.
type Origin string

// Origins. Only random ones say something about the agent's other calls.
const (
	Random   Origin = "random"   // drawn by a plan
	Targeted Origin = "targeted" // picked for a reason
)

// Version is a judgement that counted once, or still does.
type Version struct {
	N         int       `json:"n"`
	At        time.Time `json:"at"`
	By        Scorer    `json:"by"`
	Reason    string    `json:"reason"` // empty of the first
	Judgement Judgement `json:"judgement"`
	Scored    Scored    `json:"scored"`
}

// Objection is an appeal and what became of it.
type Objection struct {
	At       time.Time `json:"at"`
	By       Scorer    `json:"by"`
	Items    []string  `json:"items"` // empty: the whole
	Reason   string    `json:"reason"`
	DecideBy time.Time `json:"decide_by,omitzero"`
	// Second is the second scorer's judgement; nil: not there yet.
	Second  *Version  `json:"second,omitempty"`
	Outcome Outcome   `json:"outcome"`
	Decided time.Time `json:"decided,omitzero"`
	Decider Scorer    `json:"decider"`
	Answer  string    `json:"answer"` // to the agent
}

// Outcome of an appeal.
type Outcome string

// Outcomes.
const (
	Upheld  Outcome = "upheld"  // the first judgement stands
	Changed Outcome = "changed" // the second one counts
)

// Evaluation is one scorer's judgement of one agent's part of one call, and
// what the agent said to it. Only Apply changes it.
type Evaluation struct {
	ID          string        `json:"id"`
	Task        string        `json:"task"` // of the sample; empty: nobody asked for it
	Call        queue.CallID  `json:"call"`
	Agent       queue.AgentID `json:"agent"`
	CallAt      time.Time     `json:"call_at"` // when the call arrived: its month is the score's
	Origin      Origin        `json:"origin"`
	FormID      string        `json:"form"`
	FormVersion int           `json:"form_version"`
	Scorer      Scorer        `json:"scorer"`
	Blind       bool          `json:"blind,omitempty"` // the scorer was not told who the agent is

	State     State      `json:"state"`
	BegunAt   time.Time  `json:"begun_at,omitzero"`
	SavedAt   time.Time  `json:"saved_at,omitzero"`
	Draft     Judgement  `json:"draft"`    // until it is submitted
	Versions  []Version  `json:"versions"` // oldest first; the last counts
	AppealBy  time.Time  `json:"appeal_by,omitzero"`
	ReadAt    time.Time  `json:"read_at,omitzero"`
	SignedAt  time.Time  `json:"signed_at,omitzero"`
	SignedBy  Scorer     `json:"signed_by"`
	SignNote  string     `json:"sign_note"`
	Objection *Objection `json:"objection,omitempty"`
	Events    int        `json:"events"` // in its log
}

// Current is the version that counts; false of a draft.
func (e Evaluation) Current() (Version, bool) {
	if len(e.Versions) == 0 {
		return Version{}, false
	}
	return e.Versions[len(e.Versions)-1], true
}

// Score is what counts; nil of a draft.
func (e Evaluation) Score() *big.Rat {
	v, _ := e.Current()
	return v.Scored.Total
}

// Settled reports whether a score can still change: it cannot once the agent
// has signed, let the time to appeal go by, or had their answer.
func (e Evaluation) Settled(now time.Time) bool {
	switch e.State {
	case Signed, Decided:
		return true
	case Submitted, ReadState:
		return !now.Before(e.AppealBy)
	}
	return false
}

// Overdue reports whether an appeal waits longer than it may.
func (e Evaluation) Overdue(now time.Time) bool {
	return (e.State == Appealed || e.State == Rescored) && now.After(e.Objection.DecideBy)
}

// Event is a change of an evaluation, in the past tense.
type Event interface{ Kind() string }

// Events.
type (
	// Begun opens a draft.
	Begun struct {
		ID          string        `json:"id"`
		Task        string        `json:"task"`
		Call        queue.CallID  `json:"call"`
		Agent       queue.AgentID `json:"agent"`
		CallAt      time.Time     `json:"call_at"`
		Origin      Origin        `json:"origin"`
		FormID      string        `json:"form"`
		FormVersion int           `json:"form_version"`
		By          Scorer        `json:"by"`
		Blind       bool          `json:"blind,omitempty"`
	}
	// Saved keeps a draft. It happens every few seconds, so that it changes the
	// row and is not in the log.
	Saved struct {
		Judgement Judgement `json:"judgement"`
	}
	// Handed makes a draft count and shows it to the agent.
	Handed struct {
		By        Scorer    `json:"by"`
		Judgement Judgement `json:"judgement"`
		Scored    Scored    `json:"scored"`
		AppealBy  time.Time `json:"appeal_by"`
	}
	// Revised is another version by the same scorer, who says why.
	Revised struct {
		By        Scorer    `json:"by"`
		Reason    string    `json:"reason"`
		Judgement Judgement `json:"judgement"`
		Scored    Scored    `json:"scored"`
		AppealBy  time.Time `json:"appeal_by,omitzero"`
	}
	// Seen: the agent has opened it.
	Seen struct {
		By Scorer `json:"by"`
	}
	// SignedOff: the agent agrees.
	SignedOff struct {
		By   Scorer `json:"by"`
		Note string `json:"note"`
	}
	// Objected: the agent appeals.
	Objected struct {
		By       Scorer    `json:"by"`
		Items    []string  `json:"items"`
		Reason   string    `json:"reason"`
		DecideBy time.Time `json:"decide_by,omitzero"`
	}
	// ScoredAgain is the second scorer's judgement, made without the first.
	ScoredAgain struct {
		By        Scorer    `json:"by"`
		Judgement Judgement `json:"judgement"`
		Scored    Scored    `json:"scored"`
	}
	// Answered decides the appeal.
	Answered struct {
		By      Scorer  `json:"by"`
		Outcome Outcome `json:"outcome"`
		Answer  string  `json:"answer"`
	}
)

// Kind names an event in the store.
func (Begun) Kind() string       { return "begun" }
func (Saved) Kind() string       { return "saved" }
func (Handed) Kind() string      { return "submitted" }
func (Revised) Kind() string     { return "revised" }
func (Seen) Kind() string        { return "read" }
func (SignedOff) Kind() string   { return "signed" }
func (Objected) Kind() string    { return "appealed" }
func (ScoredAgain) Kind() string { return "rescored" }
func (Answered) Kind() string    { return "decided" }

// Apply is the evaluation after an event; the only place where one changes.
func (e Evaluation) Apply(at time.Time, ev Event) Evaluation {
	if _, draft := ev.(Saved); !draft {
		e.Events++
	}
	version := func(by Scorer, reason string, j Judgement, s Scored) {
		e.Versions = append(e.Versions[:len(e.Versions):len(e.Versions)], Version{len(e.Versions) + 1, at, by, reason, j, s})
	}
	objection := func() *Objection { o := *e.Objection; e.Objection = &o; return &o }
	switch v := ev.(type) {
	case Begun:
		e = Evaluation{ID: v.ID, Task: v.Task, Call: v.Call, Agent: v.Agent, CallAt: v.CallAt, Origin: v.Origin, FormID: v.FormID,
			FormVersion: v.FormVersion, Scorer: v.By, Blind: v.Blind, State: Draft, BegunAt: at, SavedAt: at, Events: 1}
	case Saved:
		e.Draft, e.SavedAt = v.Judgement, at
	case Handed:
		version(v.By, "", v.Judgement, v.Scored)
		e.State, e.AppealBy, e.Draft, e.SavedAt = Submitted, v.AppealBy, Judgement{}, at
	case Revised:
		version(v.By, v.Reason, v.Judgement, v.Scored)
		e.State, e.AppealBy, e.ReadAt = Submitted, v.AppealBy, time.Time{}
	case Seen:
		e.State, e.ReadAt = ReadState, at
	case SignedOff:
		e.State, e.SignedAt, e.SignedBy, e.SignNote = Signed, at, v.By, v.Note
	case Objected:
		e.State, e.Objection = Appealed, &Objection{At: at, By: v.By, Items: v.Items, Reason: v.Reason, DecideBy: v.DecideBy}
	case ScoredAgain:
		e.State = Rescored
		objection().Second = &Version{N: len(e.Versions) + 1, At: at, By: v.By, Judgement: v.Judgement, Scored: v.Scored}
	case Answered:
		o := objection()
		o.Outcome, o.Answer, o.Decided, o.Decider = v.Outcome, v.Answer, at, v.By
		if v.Outcome == Changed {
			version(o.Second.By, v.Answer, o.Second.Judgement, o.Second.Scored)
		}
		e.State = Decided
	}
	return e
}
