package qa

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// Calibration is one call that several scorers judge, none of whom sees the
// others' answers before it is closed.
type Calibration struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Call        queue.CallID     `json:"call"`
	Agent       queue.AgentID    `json:"agent"`
	FormID      string           `json:"form"`
	FormVersion int              `json:"form_version"`
	Scorers     []Scorer         `json:"scorers"`   // who is asked
	Reference   Scorer           `json:"reference"` // the expert among them; empty: none
	Due         string           `json:"due"`       // a day
	By          Scorer           `json:"by"`
	At          time.Time        `json:"at"`
	ClosedAt    time.Time        `json:"closed_at,omitzero"`
	Given       map[Scorer]Given `json:"given"`
}

// Given is what one scorer said in a calibration.
type Given struct {
	At        time.Time `json:"at"`
	Judgement Judgement `json:"judgement"`
	Scored    Scored    `json:"scored"`
}

// Check says what is wrong with a new calibration.
func (c Calibration) Check() error {
	seen := map[Scorer]bool{}
	for _, s := range c.Scorers {
		if s == "" || seen[s] {
			return refuse(RefusedContent, "scorers: name each once")
		}
		seen[s] = true
	}
	_, err := time.Parse(time.DateOnly, c.Due)
	switch {
	case len(seen) < 2 || len(seen) > 50:
		return refuse(RefusedContent, "scorers: give 2 to 50; one alone agrees with nobody")
	case c.Reference != "" && !seen[c.Reference]:
		return refuse(RefusedContent, "the reference %q is not among the scorers", c.Reference)
	case err != nil:
		return refuse(RefusedContent, "due: give a day like 2026-11-30")
	case c.Call == "" || c.Agent == "":
		return refuse(RefusedContent, "say which call and which agent")
	}
	return text("name", c.Name, true)
}

// Give takes a scorer's judgement. It can be given again until it is closed.
func (c Calibration) Give(now time.Time, f Form, j Judgement, by Person) (Calibration, error) {
	switch {
	case !c.ClosedAt.IsZero():
		return c, refuse(RefusedState, "it is closed, and everybody's answers are shown")
	case !slices.Contains(c.Scorers, by.Name):
		return c, refuse(RefusedOther, "you are not among those who were asked")
	case by.Agent == c.Agent:
		return c, refuse(RefusedOneself, "nobody scores their own calls")
	}
	s, err := judged(f, j)
	if err != nil {
		return c, err
	}
	given := map[Scorer]Given{by.Name: {now, j, s}}
	for name, g := range c.Given {
		if name != by.Name {
			given[name] = g
		}
	}
	c.Given = given
	return c, nil
}

// Close ends it and shows everybody's answers. Whoever opened it does, or
// anybody once all have answered.
func (c Calibration) Close(now time.Time, by Person) (Calibration, error) {
	switch {
	case !c.ClosedAt.IsZero():
		return c, refuse(RefusedState, "it is closed already")
	case by.Name != c.By && len(c.Given) < len(c.Scorers):
		return c, refuse(RefusedOther, "%s opened it and can close it before all have answered", c.By)
	}
	c.ClosedAt = now
	return c, nil
}

// Shown is what a scorer sees of it: all when it is closed, else their own
// answers and who has answered.
func (c Calibration) Shown(to Scorer) (own Calibration, answered []Scorer) {
	for name := range c.Given {
		answered = append(answered, name)
	}
	slices.Sort(answered)
	if c.ClosedAt.IsZero() {
		given := map[Scorer]Given{}
		if g, ok := c.Given[to]; ok {
			given[to] = g
		}
		c.Given = given
	}
	return c, answered
}

// Agreement is how far scorers agreed over some closed calibrations.
type Agreement struct {
	Sessions int            `json:"sessions"`
	Total    Agreed         `json:"total"` // of the scores
	Items    []ItemAgreed   `json:"items"`
	Scorers  []ScorerAgreed `json:"scorers"`
}

// ItemAgreed is the agreement about one item of a form.
type ItemAgreed struct {
	FormID string `json:"form"`
	Item   string `json:"item"`
	Metric Metric `json:"metric"`
	Agreed Agreed `json:"agreed"`
}

// ScorerAgreed is one scorer against the reference.
type ScorerAgreed struct {
	Scorer Scorer `json:"scorer"`
	// Agreed is over every item of every call that both answered.
	Agreed Agreed `json:"agreed"`
	// Deviation is the mean of the scorer's score less the reference's: above 0
	// is mild, below is strict. Apart is the mean without its sign.
	Deviation float64 `json:"deviation"`
	Apart     float64 `json:"apart"`
	// Over are the deviations one by one, oldest first.
	Over []Deviation `json:"over"`
}

// Deviation is one scorer's score of one call less the reference's.
type Deviation struct {
	Calibration string    `json:"calibration"`
	At          time.Time `json:"at"`
	By          float64   `json:"by"`
}

// MetricOf is how an item's answers differ: a scale has an order, the others
// are the same or not.
func MetricOf(k Kind) Metric {
	if k == Scale {
		return Ordinal
	}
	return Nominal
}

// Agree measures some calibrations; forms finds the form of each. Open ones
// are left out.
func Agree(all []Calibration, forms func(id string, version int) (Form, bool)) Agreement {
	all = slices.DeleteFunc(slices.Clone(all), func(c Calibration) bool { return c.ClosedAt.IsZero() })
	slices.SortFunc(all, func(x, y Calibration) int { return cmp.Or(x.ClosedAt.Compare(y.ClosedAt), strings.Compare(x.ID, y.ID)) })
	out := Agreement{Sessions: len(all), Items: []ItemAgreed{}, Scorers: []ScorerAgreed{}}
	var names []Scorer
	for _, c := range all {
		for name := range c.Given {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	total := newTable(names)
	type key struct{ form, item string }
	items, kinds, order := map[key]*table{}, map[key]Kind{}, []key{}
	for _, c := range all {
		total.add(func(s Scorer) float64 { return valueOf(c.Given[s].Scored.Total) })
		f, ok := forms(c.FormID, c.FormVersion)
		for _, section := range f.Sections {
			for _, it := range section.Items {
				k := key{f.ID, it.ID}
				if !ok || items[k] != nil && kinds[k] != it.Kind {
					continue // an item that another version made something else
				}
				if items[k] == nil {
					items[k], kinds[k], order = newTable(names), it.Kind, append(order, k)
				}
				items[k].add(func(s Scorer) float64 { return it.value(c.Given[s].Judgement.Answers[it.ID]) })
			}
		}
	}
	out.Total = AlphaInterval(total.rows, IntervalOf)
	for _, k := range order {
		m := MetricOf(kinds[k])
		out.Items = append(out.Items, ItemAgreed{k.form, k.item, m, AlphaInterval(items[k].rows, m)})
	}
	for _, name := range names {
		if s, ok := against(all, name); ok {
			out.Scorers = append(out.Scorers, s)
		}
	}
	return out
}

// against compares a scorer with the references.
func against(all []Calibration, name Scorer) (ScorerAgreed, bool) {
	out := ScorerAgreed{Scorer: name}
	pair := [][]float64{nil, nil}
	for _, c := range all {
		mine, ok := c.Given[name]
		ref, there := c.Given[c.Reference]
		if !ok || !there || name == c.Reference {
			continue
		}
		by := Float(mine.Scored.Total) - Float(ref.Scored.Total)
		out.Deviation += by
		out.Apart += math.Abs(by)
		out.Over = append(out.Over, Deviation{c.ID, c.ClosedAt, by})
		for item, worth := range ref.Scored.Items {
			if w, ok := mine.Scored.Items[item]; ok {
				pair[0], pair[1] = append(pair[0], Float(w)), append(pair[1], Float(worth))
			}
		}
	}
	if len(out.Over) == 0 {
		return out, false
	}
	n := float64(len(out.Over))
	out.Deviation /= n
	out.Apart /= n
	out.Agreed = AlphaInterval(pair, IntervalOf)
	return out, true
}

// value is an answer as a number: points, or the place of a choice; what is
// not applicable is an answer too, and missing is missing.
func (it Item) value(a Answer) float64 {
	if a == NotApplicable {
		if it.Kind == Scale {
			return math.NaN() // it has no place in the order
		}
		return -1
	}
	if it.Kind == Choice {
		if i := slices.IndexFunc(it.Choices, func(o Option) bool { return o.ID == string(a) }); i >= 0 {
			return float64(i)
		}
		return math.NaN()
	}
	points, counts, err := it.Points(a)
	if err != nil || !counts {
		return math.NaN()
	}
	return float64(points)
}

func valueOf(score *big.Rat) float64 {
	if score == nil {
		return math.NaN()
	}
	return Float(score)
}

// table is reliability data as they come, a call after the other.
type table struct {
	names []Scorer
	rows  [][]float64
}

func newTable(names []Scorer) *table { return &table{names, make([][]float64, len(names))} }

func (t *table) add(value func(Scorer) float64) {
	for i, name := range t.names {
		t.rows[i] = append(t.rows[i], value(name))
	}
}
