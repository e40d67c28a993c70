package queue

import (
	"slices"
	"strconv"
	"time"
)

// AlertKind is what a supervisor is called for.
type AlertKind string

// Kinds of alert.
const (
	AlertAbsent    AlertKind = "absent"    // not ready for longer than the reason allows (R5.4)
	AlertSignOut   AlertKind = "sign_out"  // let it ring several times in a row and was signed out
	AlertEmergency AlertKind = "emergency" // a plan is in force (R12.1)
	AlertLowScore  AlertKind = "low_score" // a caller gave a low mark (R8.2)
	AlertBanned    AlertKind = "banned"    // numbers are banned
)

// AlertID names an alert.
type AlertID string

// Alert is what a supervisor is called for, until somebody has seen to it or it
// is over by itself.
type Alert struct {
	ID     AlertID       `json:"id"`
	Kind   AlertKind     `json:"kind"`
	Call   CallID        `json:"call,omitempty"` // with the low mark
	Agent  AgentID       `json:"agent,omitempty"`
	Queue  QueueID       `json:"queue,omitempty"`
	Reason string        `json:"reason,omitempty"` // of the absence; the plan's id
	For    time.Duration `json:"for,omitempty"`    // how long it had lasted
	Count  int           `json:"count,omitempty"`  // of ringings left unanswered; the plan's level; the mark; numbers banned
	Since  time.Time     `json:"since"`
}

// keptAlerts is how many open alerts are kept; the oldest give way.
const keptAlerts = 200

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

// ackAlert takes an alert off the screens.
func (a *ACD) ackAlert(in AckAlert) {
	i := slices.IndexFunc(a.alerts, func(x Alert) bool { return x.ID == in.Alert })
	if i < 0 {
		a.refused(in.Asked, "", "unknown_alert", "this alert is not open: it is over, or somebody has seen to it")
		return
	}
	x := a.alerts[i]
	a.emit(AlertCleared{Alert: x.ID, Kind: x.Kind, Agent: x.Agent, Queue: x.Queue, Asked: in.Asked})
}

// applyAlert keeps an alert open. One about the same thing takes its place.
func (a *ACD) applyAlert(at time.Time, e AlertRaised) {
	if g := a.agents[e.Agent]; e.Kind == AlertAbsent && g != nil {
		g.Alerted = true
	}
	if e.Kind == AlertSignOut || e.Kind == AlertAbsent {
		a.clearAlerts(func(x *Alert) bool { return x.Kind == e.Kind && x.Agent == e.Agent })
	}
	if e.Kind == AlertBanned { // one for all: a flood from many numbers hides no other alert
		a.clearAlerts(func(x *Alert) bool { return x.Kind == e.Kind })
	}
	if len(a.alerts) >= keptAlerts {
		a.alerts = slices.Delete(a.alerts, 0, len(a.alerts)-keptAlerts+1)
	}
	a.alerts = append(a.alerts, Alert{ID: AlertID(strconv.FormatUint(a.seq, 10)), Kind: e.Kind, Call: e.Call, Agent: e.Agent, Queue: e.Queue,
		Reason: e.Reason, For: e.For, Count: e.Count, Since: at.Add(-e.For)})
}

// clearAlerts takes alerts away whose cause is over.
func (a *ACD) clearAlerts(over func(*Alert) bool) {
	a.alerts = slices.DeleteFunc(a.alerts, func(x Alert) bool { return over(&x) })
}

// alertsOver: an agent went on from a state, and what a supervisor was called
// for with it: who was away is back, who was signed out has come again.
func (a *ACD) alertsOver(g *Agent, next AgentState) {
	a.clearAlerts(func(x *Alert) bool {
		return x.Agent == g.ID && (x.Kind == AlertAbsent || (x.Kind == AlertSignOut && next != LoggedOut))
	})
}
