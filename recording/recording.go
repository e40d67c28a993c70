package recording

import (
	"context"
	"errors"
	"time"

	"github.com/threerings/threerings/queue"
)

// State says how much of a conversation is kept.
type State string

// States of a recording; Reason explains the last two.
const (
	Kept       State = "kept"
	Incomplete State = "incomplete" // there is a file, and something is not in it
	Missing    State = "missing"    // there is no audio
)

// Recording is what is known of a conversation's audio: a row of the
// recordings table. Lengths are real time.
type Recording struct {
	Call       queue.CallID  `json:"call"`
	Path       string        `json:"path"`       // relative to the store, with slashes; empty when missing
	StartedAt  time.Time     `json:"started_at"` // of the file's first sample
	Length     time.Duration `json:"length"`
	Bytes      int64         `json:"bytes"`       // of the WAV file
	SHA256     string        `json:"sha256"`      // of the WAV file, hexadecimal
	TalkOffset time.Duration `json:"talk_offset"` // where in the file the conversation begins
	Talk       time.Duration `json:"talk"`        // how long it was, by the ledger
	State      State         `json:"state"`
	Reason     string        `json:"reason"` // one sentence; empty when kept
	CreatedAt  time.Time     `json:"created_at"`
	// Coverage is what was measured on the way; it is not part of the row.
	Coverage Coverage `json:"coverage"`
}

// Index is where the rows are, and the calls they belong to.
type Index interface {
	// SaveRecording writes or replaces the row of r.Call.
	SaveRecording(ctx context.Context, r Recording) error
	// Recording returns the row of a call; false when there is none.
	Recording(ctx context.Context, call queue.CallID) (Recording, bool, error)
	// RecordingsMissing returns the calls that ended in [since, until) with a
	// conversation (SpokeAt is set), were to be recorded (not Unrecorded)
	// and have no row: the first limit of them, oldest end first.
	RecordingsMissing(ctx context.Context, since, until time.Time, limit int) ([]queue.Call, error)
	// Call returns a call of the ledger; false when it is unknown.
	Call(ctx context.Context, call queue.CallID) (queue.Call, bool, error)
}

// Errors to tell apart with errors.Is.
var (
	// ErrNoConversation: nobody spoke with this caller, so nothing is kept.
	ErrNoConversation = errors.New("the call had no conversation: nothing to keep")
	// ErrNotRecorded: when it came its queue did not record, and there is no file.
	ErrNotRecorded = errors.New("this call was not to be recorded")
	// ErrNoRecording: there is nothing to play.
	ErrNoRecording = errors.New("there is no recording of this call")
	// ErrBadID: the id cannot be a call's, and is not used as a file name.
	ErrBadID = errors.New("not a call id: letters, digits and . _ ~ - are allowed, beginning with a letter or digit")
)
