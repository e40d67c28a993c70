package queue

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Category is what a call can have been about (R3.1).
type Category struct {
	Digit  string `json:"digit"` // "1" … "9", dialled after *14; empty: none
	Code   string `json:"code"`  // stored, stable
	Name   string `json:"name"`  // shown, zh-CN
	NameEN string `json:"name_en"`
}

// DefaultCategories are those of R3.1.
func DefaultCategories() []Category {
	return []Category{
		{"1", "consultation", "咨询", "Consultation"},
		{"2", "order", "订单", "Order"},
		{"3", "repair", "报修", "Repair"},
		{"4", "complaint", "投诉", "Complaint"},
		{"5", "suggestion", "建议", "Suggestion"},
		{"6", "praise", "表扬", "Praise"},
		{"7", "other", "其他", "Other"},
	}
}

// CategoryList is the house's categories, or those of R3.1 where it names none.
func (c *Config) CategoryList() []Category {
	if len(c.Categories) == 0 {
		return DefaultCategories()
	}
	return c.Categories
}

func (c *Config) validateCategories() error {
	codes, digits := map[string]bool{}, map[string]bool{}
	for _, x := range c.Categories {
		switch {
		case x.Code == "" || codes[x.Code]:
			return fmt.Errorf("category %q: a code must be given, and once only", x.Code)
		case x.Digit != "" && (len(x.Digit) != 1 || x.Digit < "1" || x.Digit > "9" || digits[x.Digit]):
			return fmt.Errorf("category %s: digit %q must be one of 1-9, each used once", x.Code, x.Digit)
		}
		codes[x.Code], digits[x.Digit] = true, true
	}
	return nil
}

// Registration is what is on record of a call's content (R3.1). Zero: nothing.
type Registration struct {
	Category     string    `json:"category,omitempty"`
	RegisteredBy AgentID   `json:"registered_by,omitempty"`
	RegisteredAt time.Time `json:"registered_at,omitzero"`
	Note         string    `json:"note,omitempty"`
	// RegistrationMissed: it was required, and not there in time.
	RegistrationMissed bool `json:"registration_missed,omitempty"`
}

// maxNote is the longest note, in characters: what was answered, and what
// remains to be done.
const maxNote = 2000

// worked is a conversation that is over and can still be registered.
type worked struct {
	Call CallID `json:"call"`
	// Queue is in whose figures it is; empty: in none.
	Queue QueueID `json:"queue,omitempty"`
	Day   string  `json:"day"`
	Registration
}

// keptWorked is how many of them are remembered.
const keptWorked = 512

// registrationOf finds what is on record of a call, and where it counts. The
// figures are those of the call's day.
func (a *ACD) registrationOf(id CallID) (r *Registration, l *line, today bool) {
	if c := a.calls[id]; c != nil {
		if c.Direction == Inbound {
			l = a.tallied(c)
		}
		return &c.Registration, l, c.Day == a.day
	}
	for i := len(a.worked) - 1; i >= 0; i-- {
		w := &a.worked[i]
		if w.Call != id {
			continue
		}
		if w.Day == a.day {
			l = a.queues[w.Queue]
		}
		return &w.Registration, l, w.Day == a.day
	}
	return nil, nil, false
}

// spokenWith tells whether anybody has spoken on a call: only then is there
// something to register.
func (c *Call) spokenWith() bool {
	return c.Parts > 0 || !c.ConnectedAt.IsZero() || c.State == CallConnecting
}

// keepWorked remembers a call that ends.
func (a *ACD) keepWorked(c *Call) {
	if !c.spokenWith() {
		return
	}
	w := worked{Call: c.ID, Day: c.Day, Registration: c.Registration}
	if c.Direction == Inbound {
		w.Queue = cmp.Or(c.Home, c.Queue)
	}
	if len(a.worked) >= keptWorked {
		a.worked = a.worked[len(a.worked)-keptWorked+1:]
	}
	a.worked = append(a.worked, w)
}

// register enters what a call was about. It can be corrected: the last word is
// on record, all of them are in the log.
func (a *ACD) register(in Register) bool {
	no := func(code, reason string) bool {
		a.refused(in.Asked, in.Agent, code, reason)
		return false
	}
	g := a.agents[in.Agent]
	if g == nil && (in.Agent != "" || in.Call == "") {
		return no("unknown_agent", fmt.Sprintf("there is no agent %q", in.Agent))
	}
	if in.Call == "" {
		if in.Call = a.presentCall(g); in.Call == "" {
			return no("no_call", fmt.Sprintf("agent %s has had no call that could be registered", g.ID))
		}
	}
	r, _, _ := a.registrationOf(in.Call)
	c := a.calls[in.Call]
	switch {
	case r == nil:
		return no("unknown_call", fmt.Sprintf("call %q is not one of the last %d conversations", in.Call, keptWorked))
	case c != nil && !c.spokenWith():
		return no("no_call", fmt.Sprintf("call %s has not been answered by anybody", in.Call))
	case !slices.ContainsFunc(a.cfg.CategoryList(), func(x Category) bool { return x.Code == in.Category }):
		return no("unknown_category", fmt.Sprintf("%q is not a category of this house", in.Category))
	case utf8.RuneCountInString(in.Note) > maxNote:
		return no("long_note", fmt.Sprintf("the note is longer than %d characters", maxNote))
	}
	if in.Agent == "" && c != nil {
		in.Agent = c.Agent
	}
	var waited []AgentID
	for _, g := range a.staff {
		if g.Unregistered && g.Call == in.Call {
			waited = append(waited, g.ID)
		}
	}
	a.emit(CallRegistered{Call: in.Call, Agent: in.Agent, Category: in.Category, Note: in.Note, At: a.now, Asked: in.Asked})
	for _, id := range waited {
		a.emit(WrapUpEnded{Agent: id}) // it was for that alone; the next call may come
	}
	return true
}

// presentCall is the call that an agent is in or, between calls, was in last.
func (a *ACD) presentCall(g *Agent) CallID {
	if c := a.calls[g.Call]; g.State == OnCall && c != nil && c.spokenWith() {
		return g.Call
	}
	return g.LastCall
}

func (a *ACD) applyRegistered(e CallRegistered) {
	r, l, today := a.registrationOf(e.Call)
	if r == nil {
		return // forgotten since, by a version that keeps fewer
	}
	if r.Category == "" {
		if l != nil {
			l.today.Registered++
		}
		if g := a.agents[e.Agent]; g != nil && today {
			g.Today.Registered++
		}
	}
	r.Category, r.RegisteredBy, r.RegisteredAt, r.Note = e.Category, e.Agent, e.At, e.Note
	for _, g := range a.staff {
		if g.Call == e.Call {
			g.Unregistered = false
		}
	}
	a.touchRegistration(e.Call, r)
}

func (a *ACD) applyRegistrationMissed(e RegistrationMissed) {
	g := a.agents[e.Agent]
	g.Today.RegistrationMissed++
	g.Unregistered = false
	r, l, _ := a.registrationOf(e.Call)
	if r == nil {
		return
	}
	if l != nil && !r.RegistrationMissed {
		l.today.RegistrationMissed++
	}
	r.RegistrationMissed = true
	a.touchRegistration(e.Call, r)
}

// touchRegistration writes the row of a call anew, or of one that is over only
// what is registered.
func (a *ACD) touchRegistration(id CallID, r *Registration) {
	if c := a.calls[id]; c != nil {
		a.touchCall(c)
	} else if a.rows != nil {
		a.rows.Registrations = append(a.rows.Registrations, CallRegistration{Call: id, Registration: *r})
	}
}
