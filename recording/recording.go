package recording

import (
	"context"
	"errors"
	"time"

	"github.com/threerings/threerings/internal/vault"
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

// Form is what a recording is kept as.
type Form string

// Forms of a recording.
const (
	Plain Form = ""     // a WAV file that is not encrypted, of a version before encryption
	WAV   Form = "wav"  // a WAV file, sealed
	Opus  Form = "opus" // Opus in Ogg, sealed
)

// Sealed says where a recording is and how it is sealed. Its parts change
// together.
type Sealed struct {
	Form   Form          `json:"form"`
	Bytes  int64         `json:"object_bytes"`  // of the object in the store
	SHA256 string        `json:"object_sha256"` // of it, hexadecimal
	Source string        `json:"source_sha256"` // of the audio as a WAV file, before it was encoded
	Note   string        `json:"note"`          // why it is not Opus; empty: it is, or will be
	Key    vault.Wrapped `json:"-"`             // without it the object is noise
}

// Steps are when each step on the way of a recording was last done (UTC); zero:
// not, or not known.
type Steps struct {
	Captured  time.Time `json:"captured,omitzero"`  // the call ended
	Fetched   time.Time `json:"fetched,omitzero"`   // the switch had written all
	Proved    time.Time `json:"proved,omitzero"`    // coverage was measured, and the audio hashed
	Encoded   time.Time `json:"encoded,omitzero"`   // Opus, decoded again and compared
	Stored    time.Time `json:"stored,omitzero"`    // encrypted, whole and lasting in the store
	Removed   time.Time `json:"removed,omitzero"`   // from the switch's folder
	Converted time.Time `json:"converted,omitzero"` // later made Opus, or encrypted
}

// Mark is something that was done to a recording.
type Mark struct {
	At  time.Time `json:"at,omitzero"` // zero: it was not
	By  string    `json:"by,omitempty"`
	Why string    `json:"why,omitempty"`
}

// Recording is what is known of a conversation's audio: a row of the
// recordings table. Lengths are real time.
type Recording struct {
	Call       queue.CallID  `json:"call"`
	Day        string        `json:"day"`        // the house's day of the call; empty in rows of before
	Path       string        `json:"path"`       // name in the store, with slashes; empty when missing
	StartedAt  time.Time     `json:"started_at"` // of the file's first sample
	Length     time.Duration `json:"length"`
	Bytes      int64         `json:"bytes"`       // of the file as it is played
	SHA256     string        `json:"sha256"`      // of the file as it is played, hexadecimal
	TalkOffset time.Duration `json:"talk_offset"` // where in the file the conversation begins
	Talk       time.Duration `json:"talk"`        // how long it was, by the ledger
	State      State         `json:"state"`
	Reason     string        `json:"reason"` // one sentence; empty when kept
	CreatedAt  time.Time     `json:"created_at"`
	Sealed     Sealed        `json:"sealed"`
	Steps      Steps         `json:"steps"`
	Held       Mark          `json:"held"`   // not to be erased
	Erased     Mark          `json:"erased"` // its key is gone for good
	// Coverage is what was measured on the way; it is not part of the row.
	Coverage Coverage `json:"coverage"`
}

// Index is where the rows are, and the calls they belong to.
type Index interface {
	// SaveRecording writes or replaces the row of r.Call, all but Held and
	// Erased. A row that is erased stays as it is.
	SaveRecording(ctx context.Context, r Recording) error
	// SaveProof writes what was found in the audio of a call, in place of what
	// was found before. The row may come later.
	SaveProof(ctx context.Context, call queue.CallID, p Proof) error
	// Recording returns the row of a call; false when there is none.
	Recording(ctx context.Context, call queue.CallID) (Recording, bool, error)
	// RecordingsMissing returns the calls that ended in [since, until) with a
	// conversation (SpokeAt is set), were to be recorded (not Unrecorded)
	// and have no row: the first limit of them, oldest end first.
	RecordingsMissing(ctx context.Context, since, until time.Time, limit int) ([]queue.Call, error)
	// RecordingRemoved notes that the raw file of a call is gone.
	RecordingRemoved(ctx context.Context, call queue.CallID, at time.Time) error
	// RecordingsToConvert returns rows with a file that is [Plain], or is [WAV]
	// without a Note: the first limit of them behind a call, by call.
	RecordingsToConvert(ctx context.Context, after queue.CallID, limit int) ([]Recording, error)
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
