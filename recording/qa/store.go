package qa

import (
	"errors"
	"time"

	"github.com/threerings/threerings/queue"
)

// What a store of all this answers.
var (
	// ErrUnknown: there is no such form, evaluation, coaching or calibration.
	ErrUnknown = errors.New("not known")
	// ErrThere: this scorer judges this conversation already.
	ErrThere = errors.New("there already")
	// ErrFinal: a form's version was published and does not change any more.
	ErrFinal = errors.New("published, and final")
	// ErrNoScorer: no account of this name may judge.
	ErrNoScorer = errors.New("no account of a scorer or supervisor")
)

// FormVersion is a version of a form and where it came from (R16.1).
type FormVersion struct {
	Form    Form      `json:"form"`
	Author  Scorer    `json:"author"`
	Reason  string    `json:"reason"` // why there is this version
	SavedAt time.Time `json:"saved_at"`
	// PublishedAt is from when it is used; zero: a draft.
	PublishedAt time.Time `json:"published_at,omitzero"`
}

// Filter selects evaluations; zero values do not restrict.
type Filter struct {
	Agents       []queue.AgentID // nil: all
	Scorer       Scorer
	Call         queue.CallID
	Task         string
	State        State
	Since, Until time.Time // of the call; inclusive, exclusive
	// Reader is who asks: they see their own drafts and nobody else's.
	Reader Scorer
	Limit  int
}

// Entry is a line of an evaluation's log.
type Entry struct {
	N     int       `json:"n"`
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Event Event     `json:"event"`
}

// Job is what a work list asks a scorer to judge.
type Job struct {
	Call   queue.CallID
	Agent  queue.AgentID
	Form   string // its newest version counts
	Origin Origin
	Scorer Scorer // empty: whoever takes it
	Blind  bool
}

// TaskFilter selects tasks; zero values do not restrict.
type TaskFilter struct {
	Draw   string
	Scorer Scorer
	Call   queue.CallID
	Agents []queue.AgentID // nil: all
	Open   bool            // neither done nor dropped
	Limit  int
}
