package ari

import (
	"context"
	"errors"
	"sync"
	"time"
)

// answers tells whether Asterisk answers requests at all. Its event socket may
// be well while its web server is not: out of sessions (facts 6.16), or stuck.
// Events alone are of no use, since nothing can be done about them.
type answers struct {
	mu      sync.Mutex
	waiting int       // requests under way
	since   time.Time // of the oldest one without any answer to any since; zero: none
}

func (a *answers) begin(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting++; a.since.IsZero() {
		a.since = now
	}
}

// end tells that a request has its answer, of whatever kind, or has been given
// up. What we cut off ourselves says nothing.
func (a *answers) end(now time.Time, ctx context.Context, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting--
	switch {
	case err != nil && ctx.Err() == nil: // none came
	case a.waiting == 0:
		a.since = time.Time{}
	case err == nil:
		a.since = now
	}
}

// missing is for how long no request has had an answer, though some were made.
func (a *answers) missing(now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.since.IsZero() {
		return 0
	}
	return now.Sub(a.since)
}

// forget begins anew: with another connection.
func (a *answers) forget() {
	a.mu.Lock()
	a.since = time.Time{}
	a.mu.Unlock()
}

// errMute: nothing can be commanded.
var errMute = errors.New("Asterisk answers no requests, though its events still come: is its web server out of sessions (sessionlimit in http.conf), or stuck?")

// why names the reason of a loss for those who count.
func why(err error) string {
	switch {
	case errors.Is(err, errMute):
		return "no_answers"
	case errors.Is(err, errUnregistered):
		return "forgotten"
	}
	return "socket"
}
