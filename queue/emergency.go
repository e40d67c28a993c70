package queue

import (
	"fmt"
	"slices"
	"time"
)

// Levels of an emergency (R12.1).
const (
	MinLevel = 1
	MaxLevel = 3
)

// Plan is what is changed in an emergency while it lasts (R12.1).
type Plan struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	Level  int    `json:"level"` // 1 to 3, the gravest
	// Alert names the people in the plan: agents' ids, or names and numbers.
	Alert  []string               `json:"alert,omitempty"`
	Queues map[QueueID]PlanChange `json:"queues,omitempty"`
}

// PlanChange is what a plan makes of a queue. Empty fields change nothing.
type PlanChange struct {
	Greeting string       `json:"greeting,omitempty"`
	OnBudget BudgetPolicy `json:"on_budget,omitempty"`
	// Overflows and Routing replace the queue's as a whole; empty overflows
	// that are not nil take all ways away.
	Overflows []Overflow `json:"overflows"`
	Routing   *Routing   `json:"routing,omitempty"`
	// Closed closes the queue: who comes takes the way out for that.
	Closed bool `json:"closed,omitempty"`
}

// plan finds a plan; nil: there is none.
func (c *Config) plan(id string) *Plan {
	if i := slices.IndexFunc(c.Plans, func(p Plan) bool { return p.ID == id }); i >= 0 {
		return &c.Plans[i]
	}
	return nil
}

// change is a queue under the plan.
func (p *Plan) change(q *QueueConfig) *QueueConfig {
	x, ok := p.Queues[q.ID]
	if !ok {
		return q
	}
	changed := *q
	if x.Greeting != "" {
		changed.Greeting = x.Greeting
	}
	if x.OnBudget != "" {
		changed.OnBudget = x.OnBudget
	}
	if x.Overflows != nil {
		changed.Overflows = x.Overflows
	}
	if x.Routing != nil {
		changed.Routing = *x.Routing
	}
	return &changed
}

// validatePlans refuses plans that cannot be carried out: what they make of the
// house must be as sound as the house itself.
func (c *Config) validatePlans() error {
	seen := map[string]bool{}
	for i := range c.Plans {
		p := &c.Plans[i]
		switch {
		case p.ID == "" || seen[p.ID]:
			return fmt.Errorf("plan %q: an id must be given, and once only", p.ID)
		case p.Level < MinLevel || p.Level > MaxLevel:
			return fmt.Errorf("plan %s: level %d must be %d to %d", p.ID, p.Level, MinLevel, MaxLevel)
		}
		seen[p.ID] = true
		for _, id := range sortedKeys(p.Queues) {
			if !slices.ContainsFunc(c.Queues, func(q QueueConfig) bool { return q.ID == id }) {
				return fmt.Errorf("plan %s: there is no queue %q", p.ID, id)
			}
		}
		under := *c
		under.Plans = nil
		under.Queues = make([]QueueConfig, len(c.Queues))
		for j := range c.Queues {
			under.Queues[j] = *p.change(&c.Queues[j])
		}
		if err := under.Validate(); err != nil {
			return fmt.Errorf("plan %s: %w", p.ID, err)
		}
	}
	return nil
}

// Emergency is the plan in force.
type Emergency struct {
	Plan  string    `json:"plan"`
	Level int       `json:"level"`
	Drill bool      `json:"drill,omitempty"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero: until it is ended by hand
	Alert []string  `json:"alert,omitempty"`
	By    string    `json:"by,omitempty"`
	Toll  Toll      `json:"toll"`
	// Queues that the plan names; none: its calls are the whole house's.
	Queues []QueueID `json:"queues,omitempty"`
}

// Toll is what happened to calls in an emergency (R12.3), in the queues that
// its plan names or, if it names none, in all.
type Toll struct {
	Offered    int `json:"offered"`
	Answered   int `json:"answered"`
	Abandoned  int `json:"abandoned"`
	Overflowed int `json:"overflowed"`
}

// Reasons for the end of an emergency.
const (
	EndedAsked    = "asked"
	EndedUntil    = "until"    // its time was over
	EndedReplaced = "replaced" // by a graver one
	EndedConfig   = "config"   // the plan is not in the configuration any more
)

// declare puts a plan in force. A graver one takes the place of a lesser one,
// and a real one that of any drill.
func (a *ACD) declare(in Declare) {
	p, now := a.cfg.plan(in.Plan), a.emergency
	until := in.Until
	if !until.IsZero() {
		until = until.UTC().Truncate(time.Microsecond)
	}
	switch {
	case p == nil:
		a.refused(in.Asked, "", "unknown_plan", fmt.Sprintf("there is no plan %q", in.Plan))
		return
	case !until.IsZero() && !until.After(a.now):
		a.refused(in.Asked, "", "bad_time", "the end of the emergency is over already: give a later time, or none")
		return
	case now != nil && in.Drill && !now.Drill:
		a.refused(in.Asked, "", "emergency", fmt.Sprintf("plan %s is in force, and that is no drill: end it first", now.Plan))
		return
	case now != nil && p.Level <= now.Level && in.Drill == now.Drill:
		a.refused(in.Asked, "", "emergency", fmt.Sprintf("plan %s of level %d is in force: end it first", now.Plan, now.Level))
		return
	case now != nil:
		a.emergencyOver(EndedReplaced, Asked{By: in.By})
	}
	a.emit(EmergencyBegan{Plan: p.ID, Level: p.Level, Drill: in.Drill, Until: until, Alert: p.Alert, Asked: in.Asked})
	a.emit(AlertRaised{Kind: AlertEmergency, Reason: p.ID, Count: p.Level})
}

func (a *ACD) endEmergency(in EndEmergency) {
	if a.emergency == nil {
		a.refused(in.Asked, "", "no_emergency", "no emergency plan is in force")
		return
	}
	a.emergencyOver(EndedAsked, in.Asked)
}

func (a *ACD) emergencyOver(reason string, by Asked) {
	m := a.emergency
	a.emit(EmergencyEnded{Plan: m.Plan, Level: m.Level, Drill: m.Drill, Reason: reason, For: a.now.Sub(m.Since), Toll: m.Toll, Asked: by})
}

// emergencyUntil is when the emergency ends by itself; zero: not.
func (a *ACD) emergencyUntil() time.Time {
	if a.emergency == nil {
		return time.Time{}
	}
	return a.emergency.Until
}

func (a *ACD) applyEmergencyBegan(at time.Time, e EmergencyBegan) {
	a.emergency = &Emergency{Plan: e.Plan, Level: e.Level, Drill: e.Drill, Since: at, Until: e.Until, Alert: e.Alert, By: e.By}
	if p := a.cfg.plan(e.Plan); p != nil {
		a.emergency.Queues = sortedKeys(p.Queues)
	}
	a.index(a.agents)
}

func (a *ACD) applyEmergencyEnded() {
	a.emergency = nil
	a.clearAlerts(func(x *Alert) bool { return x.Kind == AlertEmergency })
	a.index(a.agents)
}

// plan is the plan in force; nil: none.
func (a *ACD) plan() *Plan {
	if a.emergency == nil {
		return nil
	}
	return a.cfg.plan(a.emergency.Plan)
}

// toll counts what an event is for the emergency's report, before it is
// applied: an ended call is not there any more afterwards.
func (a *ACD) toll(e Event) {
	m := a.emergency
	if m == nil {
		return
	}
	counts := func(id CallID, q QueueID) bool {
		if c := a.calls[id]; q == "" && c != nil && c.counts() {
			q = c.Queue
		}
		return q != "" && (len(m.Queues) == 0 || slices.Contains(m.Queues, q))
	}
	t := &m.Toll
	switch e := e.(type) {
	case CallQueued:
		if counts("", e.Queue) {
			t.Offered++
		}
	case CallRouted:
		if counts("", e.Queue) {
			t.Offered++
		}
	case AnnouncementBegan:
		if counts("", e.From) {
			t.Overflowed++
		}
	case VoicemailBegan:
		if counts("", e.From) {
			t.Overflowed++
		}
	case CallConnected:
		if c := a.calls[e.Call]; c != nil && c.Parts == 0 && counts(e.Call, "") {
			t.Answered++
		}
	case CallAbandoned:
		if counts(e.Call, "") {
			t.Abandoned++
		}
	case CallOverflowed:
		if counts(e.Call, e.From) {
			t.Overflowed++
		}
	case OutsideDialled:
		if c := a.calls[e.Call]; e.Reason != ReasonTransfer && c != nil && counts(e.Call, "") {
			t.Overflowed++
		}
	}
}
