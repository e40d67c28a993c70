package redis

import (
	"errors"
	"time"
)

// Why a term ended, as the cause of the lead context.
var (
	// ErrTaken: Redis says that another leads, or has led since.
	ErrTaken = errors.New("another node leads the pool")
	// ErrUntrusted: the term could not be extended in time.
	ErrUntrusted = errors.New("the lease could not be extended in time: look at Redis and the way to it")
)

// answer is what an attempt to extend a term has told.
type answer int

const (
	away   answer = iota // nobody gets an answer, as far as we can tell
	refuse               // Redis answers, but not to us: others may be let in
	ours                 // extended
	taken                // another holds it, or has held it since
)

// terms are the numbers of a lease.
type terms struct {
	ttl, margin time.Duration
	keep        bool // lead on while Redis is away for everybody
}

// trust is what a leader may believe. It reads no clock: times are arguments,
// with monotonic readings.
type trust struct {
	terms
	until  time.Time // believed without asking
	strict bool      // keep does not hold: the last word was not an outage
}

// heard folds the answer to an attempt that was begun at sent. An error ends
// the term at once.
func (t *trust) heard(sent time.Time, a answer) error {
	switch a {
	case taken:
		t.until = time.Time{}
		return ErrTaken
	case refuse:
		t.strict = true
	case ours:
		t.strict = false
		// From before the attempt: Redis began to count later than that.
		if u := sent.Add(t.ttl - t.margin); u.After(t.until) {
			t.until = u
		}
	}
	return nil
}

// sure reports whether nobody else can lead at now.
func (t *trust) sure(now time.Time) bool { return now.Before(t.until) }

// check is nil while the leader may go on.
func (t *trust) check(now time.Time) error {
	if t.sure(now) || t.keep && !t.strict {
		return nil
	}
	return ErrUntrusted
}

// patience is what a standby owes to a leader that it cannot see: one ttl
// after an outage and after a loss of Redis's memory.
type patience struct {
	terms
	gap   bool      // Redis was away
	calm  time.Time // since when it answers again; zero while away
	mark  string    // names a loss of memory
	since time.Time // when we first saw mark
	clock int64     // µs, Redis's time when it last answered
	read  time.Time // when we heard it
}

func (p *patience) missed() { p.gap, p.calm = true, time.Time{} }

func (p *patience) answered(now time.Time) {
	if p.gap && p.calm.IsZero() {
		p.calm = now
	}
}

// marked notes that Redis has lost its memory; each loss has its own mark.
func (p *patience) marked(mark string, now time.Time) {
	if mark != p.mark {
		p.mark, p.since = mark, now
	}
}

// may reports whether a free lease may be taken, a held one be acted on. A
// leader that stops at its limit whatever happens is owed nothing.
func (p *patience) may(now time.Time) bool {
	return !p.gap || !p.keep || !p.calm.IsZero() && now.Sub(p.calm) >= p.ttl
}

// ripe is the mark that has been waited out, or "". This wait is owed under
// either policy: without memory Redis gives away a lease that still runs.
func (p *patience) ripe(now time.Time) string {
	if p.mark == "" || now.Sub(p.since) < p.ttl {
		return ""
	}
	return p.mark
}

// told notes Redis's time, which was read before now.
func (p *patience) told(micros int64, now time.Time) { p.clock, p.read = micros, now }

// deadline is until when, by Redis's clock in µs, an attempt begun at now may
// take the lease; 0 if it may only look. Until Redis has told its time we look.
func (p *patience) deadline(now time.Time, timeout time.Duration) int64 {
	if p.clock == 0 || !p.may(now) {
		return 0
	}
	return p.clock + (now.Sub(p.read) + timeout).Microseconds()
}
