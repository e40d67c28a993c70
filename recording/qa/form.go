package qa

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// Names is a text in both languages of the house.
type Names struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Form is what a conversation is judged by. A version that was published never
// changes any more (R16.1).
type Form struct {
	ID       string    `json:"id"`
	Version  int       `json:"version"`
	Name     Names     `json:"name"`
	Sections []Section `json:"sections"`
	Limits   Limits    `json:"limits"`
}

// Limits are the deadlines of an evaluation, by the form it was made with.
type Limits struct {
	// AppealDays is how long the agent may appeal, from the submission.
	AppealDays int `json:"appeal_days"`
	// DecideDays is how long a decision may take, from the appeal.
	DecideDays int `json:"decide_days"`
	// MaxAppeals is how many appeals an agent may make in 30 days; 0: any number.
	MaxAppeals int `json:"max_appeals"`
}

// Section is a group of items. Its weight is its part in the whole.
type Section struct {
	ID     string `json:"id"`
	Name   Names  `json:"name"`
	Weight int    `json:"weight"`
	Items  []Item `json:"items"`
}

// Kind is how an item is answered.
type Kind string

// Kinds of items.
const (
	Scale  Kind = "scale"  // 0 to Max
	YesNo  Kind = "yes_no" // all or nothing
	Choice Kind = "choice" // one of Choices, each with its points
)

// Reach is what a failed item takes with it.
type Reach string

// Reaches.
const (
	FatalNone    Reach = ""
	FatalItem    Reach = "item"    // the item is worth nothing
	FatalSection Reach = "section" // its section is worth nothing
	FatalAll     Reach = "all"     // the conversation is worth nothing
)

// Item is one question about the conversation.
type Item struct {
	ID      string   `json:"id"`
	Name    Names    `json:"name"`
	Help    Names    `json:"help"`
	Rule    string   `json:"rule"` // of the service rules, such as "R2.1"; may be empty
	Kind    Kind     `json:"kind"`
	Max     int      `json:"max,omitempty"`     // of a scale
	Choices []Option `json:"choices,omitempty"` // of a choice
	Weight  int      `json:"weight"`            // within its section; 0 counts only by being fatal
	NA      bool     `json:"na"`                // may be left out of the score
	Fatal   Reach    `json:"fatal"`
	// FatalAt is the most points that still fail a fatal item; mostly 0.
	FatalAt int `json:"fatal_at,omitempty"`
}

// Option is one answer of a choice.
type Option struct {
	ID     string `json:"id"`
	Name   Names  `json:"name"`
	Points int    `json:"points"`
}

// Bounds of a form. They keep exact arithmetic small and a form usable: more
// than twenty criteria are not judged well.
const (
	maxSections = 20
	maxItems    = 60
	maxWeight   = 1000
	maxPoints   = 100
	maxOptions  = 10
	maxDays     = 365
	maxText     = 2000 // bytes
)

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// Best is the most points an item gives.
func (it Item) Best() int {
	switch it.Kind {
	case Scale:
		return it.Max
	case YesNo:
		return 1
	}
	best := 0
	for _, o := range it.Choices {
		best = max(best, o.Points)
	}
	return best
}

// Item finds an item by its id.
func (f Form) Item(id string) (Item, bool) {
	for _, s := range f.Sections {
		for _, it := range s.Items {
			if it.ID == id {
				return it, true
			}
		}
	}
	return Item{}, false
}

// Validate says everything that is wrong with a form, so that it can be mended
// in one go.
func (f Form) Validate() error {
	v := &faults{seen: map[string]bool{}}
	v.id("form", f.ID)
	v.names("form", f.Name)
	if f.Version < 1 {
		v.add("version %d: versions begin with 1", f.Version)
	}
	v.span("limits: appeal_days", f.Limits.AppealDays, 1, maxDays)
	v.span("limits: decide_days", f.Limits.DecideDays, 1, maxDays)
	v.span("limits: max_appeals", f.Limits.MaxAppeals, 0, 1000)
	if len(f.Sections) == 0 || len(f.Sections) > maxSections {
		v.add("a form has 1 to %d sections, not %d", maxSections, len(f.Sections))
	}
	items, weight := 0, 0
	for i, s := range f.Sections {
		items += len(s.Items)
		weight += s.Weight
		v.section(fmt.Sprintf("section %d (%s)", i+1, s.ID), s)
	}
	if items > maxItems {
		v.add("%d items; at most %d can be judged", items, maxItems)
	}
	if weight == 0 {
		v.add("all sections weigh 0: give at least one a weight")
	}
	return errors.Join(v.all...)
}

// faults collects what is wrong with a form.
type faults struct {
	all  []error
	seen map[string]bool // ids
}

func (v *faults) add(format string, args ...any) { v.all = append(v.all, fmt.Errorf(format, args...)) }

func (v *faults) id(where, id string) {
	if !idPattern.MatchString(id) {
		v.add("%s: the id %q is not a small letter followed by up to 39 small letters, digits, '_' or '-'", where, id)
	}
}

func (v *faults) names(where string, n Names) {
	if n.ZH == "" || n.EN == "" {
		v.add("%s: give a name in both languages", where)
	}
	v.long(where, n)
}

func (v *faults) long(where string, n Names) {
	if len(n.ZH) > maxText || len(n.EN) > maxText {
		v.add("%s: a text is longer than %d bytes", where, maxText)
	}
}

func (v *faults) span(where string, n, low, high int) {
	if n < low || n > high {
		v.add("%s: %d is not %d to %d", where, n, low, high)
	}
}

// once refuses ids that were there before: answers are kept by item id.
func (v *faults) once(where, kind, id string) {
	if v.seen[kind+id] {
		v.add("%s: the id %q is there twice", where, id)
	}
	v.seen[kind+id] = true
}

func (v *faults) section(where string, s Section) {
	v.id(where, s.ID)
	v.once(where, "section ", s.ID)
	v.names(where, s.Name)
	v.span(where+": weight", s.Weight, 0, maxWeight)
	if len(s.Items) == 0 {
		v.add("%s: no items", where)
	}
	weight := 0
	for i, it := range s.Items {
		weight += it.Weight
		v.item(fmt.Sprintf("%s, item %d (%s)", where, i+1, it.ID), it)
	}
	if s.Weight > 0 && weight == 0 && len(s.Items) > 0 {
		v.add("%s: weighs %d, but all its items weigh 0", where, s.Weight)
	}
}

func (v *faults) item(where string, it Item) {
	v.id(where, it.ID)
	v.once(where, "item ", it.ID)
	v.names(where, it.Name)
	v.long(where, it.Help)
	if len(it.Rule) > 20 {
		v.add("%s: the rule %q is longer than 20 bytes", where, it.Rule)
	}
	v.span(where+": weight", it.Weight, 0, maxWeight)
	switch it.Kind {
	case Scale:
		v.span(where+": max", it.Max, 1, maxPoints)
	case YesNo:
	case Choice:
		v.options(where, it)
	default:
		v.add("%s: kind %q is none of scale, yes_no, choice", where, it.Kind)
	}
	if it.Kind != Scale && it.Max != 0 || it.Kind != Choice && len(it.Choices) > 0 {
		v.add("%s: max is for scales and choices are for choice items", where)
	}
	switch it.Fatal {
	case FatalNone:
		if it.FatalAt != 0 {
			v.add("%s: fatal_at is for fatal items", where)
		}
		if it.Weight == 0 {
			v.add("%s: weighs 0 and is not fatal: its answer would mean nothing", where)
		}
	case FatalItem, FatalSection, FatalAll:
		if it.FatalAt < 0 || it.FatalAt >= it.Best() {
			v.add("%s: fatal_at %d: give 0 to less than the item's best %d", where, it.FatalAt, it.Best())
		}
	default:
		v.add("%s: fatal %q is none of item, section, all", where, it.Fatal)
	}
}

func (v *faults) options(where string, it Item) {
	if len(it.Choices) < 2 || len(it.Choices) > maxOptions {
		v.add("%s: give 2 to %d choices", where, maxOptions)
	}
	for i, o := range it.Choices {
		at := where + ", choice " + strconv.Itoa(i+1)
		v.id(at, o.ID)
		v.once(at, "choice "+it.ID+" ", o.ID)
		v.names(at, o.Name)
		v.span(at+": points", o.Points, 0, maxPoints)
		if Answer(o.ID) == NotApplicable {
			v.add("%s: the id %q means not applicable", at, o.ID)
		}
	}
	if it.Best() == 0 {
		v.add("%s: no choice gives points", where)
	}
}
