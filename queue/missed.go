package queue

import (
	"fmt"
	"slices"
	"time"
)

// MissRule is what follows for an agent from one kind of missed offer.
type MissRule struct {
	Reason MissReason `json:"reason"`
	// Then is Ready (after a pause), NotReady or LoggedOut.
	Then AgentState `json:"then"`
	// Pause keeps an agent who stays Ready out of routing for so long.
	Pause time.Duration `json:"pause,omitempty"`
}

// MissReasons lists the reasons for which a rule can be given.
func MissReasons() []MissReason {
	return []MissReason{MissedRONA, MissedRefused, MissedBusy, MissedUnregistered, MissedNoAnswer, MissedNoRinging, MissedDropped, MissedFailed}
}

// missRule is the queue's rule, or the usual one: who let it ring, refused it
// or dropped it is not ready until they say otherwise; a phone that was busy,
// away or broken is left alone for a while.
func (q *QueueConfig) missRule(reason MissReason) MissRule {
	if i := slices.IndexFunc(q.Missed, func(r MissRule) bool { return r.Reason == reason }); i >= 0 {
		return q.Missed[i]
	}
	switch reason {
	case MissedRONA, MissedNoAnswer, MissedRefused, MissedDropped:
		return MissRule{Reason: reason, Then: NotReady}
	}
	return MissRule{Reason: reason, Then: Ready, Pause: q.BackOff}
}

// unanswered tells whether a phone rang in vain: the agent was not there.
func (r MissReason) unanswered() bool { return r == MissedRONA || r == MissedNoAnswer }

// notReadyReason is the reason under which an agent is made not ready.
func (r MissReason) notReadyReason() string {
	if r.unanswered() {
		return ReasonRONA
	}
	return ReasonRefused
}

// consequence is where a missed offer leaves an agent. One who was not there
// several times in a row is signed out: the house's calls are not for an empty
// chair.
func (l *line) consequence(g *Agent, reason MissReason) (state AgentState, why string, pause time.Duration) {
	rule := l.cfg.missRule(reason)
	if l.signsOut(g.InARow) {
		return LoggedOut, "", 0
	}
	if rule.Then == NotReady {
		return NotReady, reason.notReadyReason(), 0
	}
	return rule.Then, "", rule.Pause
}

// signsOut tells whether an agent has not been there often enough.
func (l *line) signsOut(inARow int) bool {
	return l.cfg.SignOutAfter > 0 && inARow >= l.cfg.SignOutAfter
}

func (q *QueueConfig) validateMissed() error {
	seen := map[MissReason]bool{}
	for _, r := range q.Missed {
		switch {
		case !slices.Contains(MissReasons(), r.Reason) || seen[r.Reason]:
			return fmt.Errorf("missed %q: must be one of %v, once each", r.Reason, MissReasons())
		case r.Then != Ready && r.Then != NotReady && r.Then != LoggedOut:
			return fmt.Errorf("missed %s: then %q: must be ready, not_ready or logged_out", r.Reason, r.Then)
		case r.Pause < 0:
			return fmt.Errorf("missed %s: pause %s cannot be negative", r.Reason, r.Pause)
		}
		seen[r.Reason] = true
	}
	if q.SignOutAfter < 0 {
		return fmt.Errorf("sign_out_after %d cannot be negative", q.SignOutAfter)
	}
	return nil
}
