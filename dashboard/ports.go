package dashboard

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/threerings/threerings/queue"
)

// ErrNotFound is what a Ledger or Recordings answers for a call it does not
// have. It may be wrapped.
var ErrNotFound = errors.New("not found")

// ErrUnreadable is what Recordings answers for a recording that is there and
// cannot be read: changed, cut off, or without its key. It may be wrapped.
var ErrUnreadable = errors.New("the recording cannot be read")

// Source is a present that changes.
type Source interface {
	// Snapshot is the newest present; it never blocks and is never nil.
	Snapshot() *queue.Snapshot
	// Subscribe returns a channel that holds one value after any number of
	// changes since it was last read, and a function that ends it.
	Subscribe() (changed <-chan struct{}, cancel func())
}

// Core is the loop that owns the ACD.
type Core interface {
	Source
	// Ask sends an input and waits for the event that carries req. When it
	// returns, Snapshot shows what the event made true.
	Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error)
}

// Ledger is what was written down.
type Ledger interface {
	// Ping says whether the ledger can be read now.
	Ping(ctx context.Context) error
	// Calls returns calls that match, newest arrival first (equal arrivals by
	// id, descending), at most f.Limit.
	Calls(ctx context.Context, f CallFilter) ([]queue.Call, error)
	// Call returns all about one call; ErrNotFound if there is none.
	Call(ctx context.Context, id queue.CallID) (CallFile, error)
	// Violations returns the entries that match, newest first.
	Violations(ctx context.Context, f Period) ([]queue.Violation, error)
	// Intervals returns the stretches of an agent's states that overlap the
	// period, oldest first; the last may still be open.
	Intervals(ctx context.Context, f Period) ([]queue.AgentInterval, error)
}

// CallFilter selects calls. Zero values do not restrict. Since is inclusive,
// Until exclusive, both of the arrival.
type CallFilter struct {
	Queue   queue.QueueID
	Agent   queue.AgentID
	Outcome queue.Outcome
	Since   time.Time
	Until   time.Time
	Limit   int
	// Calls that come after this one in the order of Calls; empty starts.
	AfterArrival time.Time
	AfterCall    queue.CallID
}

// Period selects entries of an agent (empty: of all) from Since, inclusive, to
// Until, exclusive. All that match are wanted, up to Limit: sums are made of
// them, so a ledger must not stop earlier.
type Period struct {
	Agent queue.AgentID
	Since time.Time
	Until time.Time
	Limit int
}

// CallFile is one call with everything that belongs to it, oldest first.
type CallFile struct {
	Call      queue.Call
	Offers    []queue.Offer
	Parts     []queue.Part // agents' parts that are over
	Records   []queue.Record
	Recording *RecordingFacts // nil: none was made
}

// RecordingFacts says what is kept of a conversation.
type RecordingFacts struct {
	State    string // as the recording's own package calls it
	Duration time.Duration
	Bytes    int64
}

// Recordings holds the sound of conversations.
type Recordings interface {
	// Open returns a recording as it is kept, or as a WAV file; ErrNotFound if
	// there is none (any more).
	Open(ctx context.Context, call queue.CallID, wav bool) (Sound, error)
}

// Sound is a recording, open for playing any part of it.
type Sound struct {
	io.ReadSeekCloser
	Type    string    // content type
	Changed time.Time // when it was last changed
}

// Users is who may sign in.
type Users interface {
	// User finds an account that may sign in; one that is disabled is not found.
	User(ctx context.Context, name string) (User, bool, error)
	// AllUsers lists every account by name, also those that are disabled.
	AllUsers(ctx context.Context) ([]User, error)
	// SaveUser stores an account, new or changed.
	SaveUser(ctx context.Context, u User) error
}

// Sessions keeps who is signed in.
type Sessions interface {
	// SaveSession stores a new session.
	SaveSession(ctx context.Context, s Session) error
	// Session finds a session, also one that is over.
	Session(ctx context.Context, id [32]byte) (Session, bool, error)
	// UseSession notes that a session is used; one that is gone stays gone.
	UseSession(ctx context.Context, id [32]byte, now time.Time) error
	// SessionsOf lists a user's sessions, also those that are over, in any order.
	SessionsOf(ctx context.Context, user string) ([]Session, error)
	// EndSession forgets a session; that there is none is no error.
	EndSession(ctx context.Context, id [32]byte) error
	EndSessionsOf(ctx context.Context, user string) error
}

// Tokens keeps what lets programs and screens in.
type Tokens interface {
	// AddToken stores a new token; false if its name was used before.
	AddToken(ctx context.Context, t Token) (bool, error)
	// UseToken notes that a token is used and returns it, whatever became of it;
	// false if there is none.
	UseToken(ctx context.Context, id [32]byte, now time.Time) (Token, bool, error)
	// Tokens lists every token, newest first.
	Tokens(ctx context.Context) ([]Token, error)
	// RevokeToken ends a token for good; false if none of that name is in force.
	RevokeToken(ctx context.Context, name string, now time.Time) (bool, error)
}

// Factors keeps second factors.
type Factors interface {
	// Factor returns a user's second factor, also one that is not confirmed.
	Factor(ctx context.Context, user string) (Factor, bool, error)
	// SaveFactor stores one in place of any before. Time steps used up stay so.
	SaveFactor(ctx context.Context, f Factor) error
	// UseStep uses a time step up; false if it, or a later one, was before.
	UseStep(ctx context.Context, user string, step int64) (bool, error)
	// UseRecovery uses a recovery code up; false if there is none.
	UseRecovery(ctx context.Context, user string, hash [32]byte) (bool, error)
	// RemoveFactor ends a second factor; that there is none is no error.
	RemoveFactor(ctx context.Context, user string) error
}

// Audit is the log of who did and saw what.
type Audit interface {
	// Note appends a line.
	Note(ctx context.Context, n Noted) error
	// Noted returns lines that match, newest first, at most f.Limit.
	Noted(ctx context.Context, f NotedFilter) ([]Noted, error)
}

// User is one account. Hash is a PHC string of HashPassword.
type User struct {
	Name  string
	Hash  string
	Role  Role
	Agent queue.AgentID // who this user is on the phone; empty for nobody
	// MustChange: the password is somebody else's choice, and good for choosing
	// one of one's own only.
	MustChange bool
	Disabled   bool
	// SecondFactor: a code is asked for after the password; set by the store.
	SecondFactor bool
	Teams        []string  // to which a supervisor is limited; none: all agents
	Scopes       []Scope   // of a token; no account has any
	CreatedAt    time.Time // set by the store
}

// Role is what a user may do; routes.go has the table.
type Role string

// Roles.
const (
	Supervisor    Role = "supervisor"
	AgentRole     Role = "agent"
	QA            Role = "qa"
	Administrator Role = "administrator"
)

// Roles lists every role.
func Roles() []Role { return []Role{Supervisor, AgentRole, QA, Administrator} }
