package queue

import (
	"slices"
	"time"
)

// AlertKind is what a supervisor is called for.
type AlertKind string

// Kinds of alert.
const (
	AlertAbsent  AlertKind = "absent"   // not ready for longer than the reason allows (R5.4)
	AlertSignOut AlertKind = "sign_out" // let it ring several times in a row and was signed out
)

// DefaultAbsence is the limit of an absence that the house sets none for (R5.4).
const DefaultAbsence = 10 * time.Minute

// absence is how long an agent may be not ready for a reason; zero: for ever.
func (c *Config) absence(reason string) time.Duration {
	if i := slices.IndexFunc(c.Reasons, func(r Reason) bool { return r.Code == reason }); i >= 0 {
		return c.Reasons[i].Limit
	}
	return DefaultAbsence // rona, refused, or none given
}

// absentAt is when an agent's absence becomes too long; zero: it does not.
func (a *ACD) absentAt(g *Agent) time.Time {
	limit := a.cfg.absence(g.Reason)
	if g.State != NotReady || g.Alerted || limit == 0 {
		return time.Time{}
	}
	return g.Since.Add(limit)
}

// absentDue calls for the supervisor, once for each absence.
func (a *ACD) absentDue(g *Agent) {
	a.emit(AlertRaised{Kind: AlertAbsent, Agent: g.ID, Reason: g.Reason, For: a.now.Sub(g.Since)})
}
