package qa

import (
	"cmp"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Task asks a scorer to judge a conversation that was drawn.
type Task struct {
	ID     string        `json:"id"`
	Draw   string        `json:"draw"`
	Plan   string        `json:"plan"`
	Call   queue.CallID  `json:"call"`
	Agent  queue.AgentID `json:"agent"`
	CallAt time.Time     `json:"call_at,omitzero"` // the call's arrival
	Reason Reason        `json:"reason"`
	Ticket string        `json:"ticket"`
	Form   string        `json:"form"`
	Scorer Scorer        `json:"scorer"` // empty: nobody may, or nobody is there
	Due    string        `json:"due"`    // a day of the centre
	Blind  bool          `json:"blind"`
	// Replaces is the task whose place this one took.
	Replaces string `json:"replaces"`

	Dropped     time.Time `json:"dropped,omitzero"` // it cannot be judged
	DroppedBy   Scorer    `json:"dropped_by"`
	DroppedWhy  string    `json:"dropped_why"`
	Evaluation  string    `json:"evaluation"` // of Scorer; empty: not begun
	SubmittedAt time.Time `json:"submitted_at,omitzero"`
}

// TaskState of a task.
type TaskState string

// Task states.
const (
	TaskOpen    TaskState = "open"
	TaskBegun   TaskState = "begun"
	TaskDone    TaskState = "done"
	TaskDropped TaskState = "dropped"
)

// State follows from what became of it.
func (t Task) State() TaskState {
	switch {
	case !t.Dropped.IsZero():
		return TaskDropped
	case !t.SubmittedAt.IsZero():
		return TaskDone
	case t.Evaluation != "":
		return TaskBegun
	}
	return TaskOpen
}

// Overdue reports whether it should have been done by a day.
func (t Task) Overdue(today string) bool {
	s := t.State()
	return (s == TaskOpen || s == TaskBegun) && today > t.Due
}

// Origin of the evaluation.
func (r Reason) Origin() Origin {
	if r == ByChance {
		return Random
	}
	return Targeted
}

// Key names what is judged.
func (t Task) Key() Key { return Key{t.Call, t.Agent} }

// Load is a scorer with what lies on their desk.
type Load struct {
	Person
	Open int // tasks not done
}

// Assign gives each task that has no scorer to somebody: nobody their own
// conversations, nobody a call that they have judged or shall judge already,
// then to whom has least, and of those who judged this agent least often, so
// that no agent depends on one scorer. had are calls that scorers know already.
// Tasks for which there is nobody stay without a scorer.
func Assign(tasks []Task, scorers []Load, had map[Scorer][]queue.CallID) []Task {
	out := slices.Clone(tasks)
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(out[a].Ticket, out[b].Ticket) }) // by chance, and always the same
	load, of, knows := map[Scorer]int{}, map[Scorer]map[queue.AgentID]int{}, map[Scorer]map[queue.CallID]bool{}
	for _, s := range scorers {
		load[s.Name], of[s.Name], knows[s.Name] = s.Open, map[queue.AgentID]int{}, map[queue.CallID]bool{}
		for _, c := range had[s.Name] {
			knows[s.Name][c] = true
		}
	}
	for _, i := range order {
		t := &out[i]
		if t.Scorer != "" || !t.Dropped.IsZero() {
			continue
		}
		var best *Load
		for k := range scorers {
			s := &scorers[k]
			if s.Agent == t.Agent || knows[s.Name][t.Call] {
				continue
			}
			if best == nil || cmp.Or(cmp.Compare(load[s.Name], load[best.Name]), cmp.Compare(of[s.Name][t.Agent], of[best.Name][t.Agent]), cmp.Compare(s.Name, best.Name)) < 0 {
				best = s
			}
		}
		if best != nil {
			t.Scorer = best.Name
			load[best.Name]++
			of[best.Name][t.Agent]++
			knows[best.Name][t.Call] = true
		}
	}
	return out
}

// Hand gives a task to another scorer.
func (t Task) Hand(to Person, knows bool) (Task, error) {
	switch s := t.State(); {
	case s != TaskOpen:
		return t, refuse(RefusedState, "this task is %s: only one that nobody has begun is handed on", s)
	case to.Agent == t.Agent:
		return t, refuse(RefusedOneself, "nobody scores their own calls")
	case knows && to.Name != t.Scorer:
		return t, refuse(RefusedState, "%s judges this call already", to.Name)
	}
	t.Scorer = to.Name
	return t, nil
}

// Drop gives a task up: it cannot be judged, for a reason that is kept.
func (t Task) Drop(now time.Time, why string, by Person) (Task, error) {
	if s := t.State(); s != TaskOpen && s != TaskBegun {
		return t, refuse(RefusedState, "this task is %s", s)
	}
	if err := text("reason", why, true); err != nil {
		return t, err
	}
	t.Dropped, t.DroppedBy, t.DroppedWhy = now, by.Name, why
	return t, nil
}

// Next is what takes the place of tasks of chance that were dropped: the
// agent's next tickets. tasks are all of the draw. A conversation that a target
// has picked is drawn like any other (another scorer judges it by chance):
// passing over it would leave out just the calls that stood out.
func (d Draw) Next(seed []byte, population []Candidate, tasks []Task) []Pick {
	dropped, there := map[Key]bool{}, map[Key]bool{}
	for _, t := range tasks {
		if t.Reason == ByChance {
			there[t.Key()] = true
			dropped[t.Key()] = !t.Dropped.IsZero()
		}
	}
	p := d.Plan
	p.Targets = nil
	return slices.DeleteFunc(Choose(seed, p, population, dropped), func(p Pick) bool { return there[p.Key()] })
}

// Progress is how many of a draw's tasks are done.
type Progress struct {
	Tasks   int `json:"tasks"` // not dropped
	Done    int `json:"done"`
	Overdue int `json:"overdue"`
}

// Share is how far the tasks of one agent or one scorer are.
type Share struct {
	Who     string `json:"who"`
	Chance  int    `json:"chance"`  // by chance, not dropped
	Target  int    `json:"target"`  // for a reason, not dropped
	Done    int    `json:"done"`    // of both
	Overdue int    `json:"overdue"` // of both
	Dropped int    `json:"dropped"`
	// Asked is how many a plan wants by chance of the Population there was:
	// of an agent only.
	Asked      int `json:"asked"`
	Population int `json:"population"`
}

// Fulfilment is how far a draw is.
type Fulfilment struct {
	Total   Share   `json:"total"`
	Agents  []Share `json:"agents"`
	Scorers []Share `json:"scorers"` // the empty name: nobody yet
}

// Fulfil sums up a draw's tasks. population counts what each agent's were drawn
// from; agents without a task are in it too.
func (d Draw) Fulfil(tasks []Task, population map[queue.AgentID]int, today string) Fulfilment {
	agents, scorers := map[string]*Share{}, map[string]*Share{}
	of := func(m map[string]*Share, who string) *Share {
		if m[who] == nil {
			m[who] = &Share{Who: who}
		}
		return m[who]
	}
	for a, n := range population {
		s := of(agents, string(a))
		s.Asked, s.Population = min(d.Plan.Count, n), n
	}
	var f Fulfilment
	for _, t := range tasks {
		for _, s := range []*Share{of(agents, string(t.Agent)), of(scorers, t.Scorer), &f.Total} {
			switch {
			case t.State() == TaskDropped:
				s.Dropped++
				continue
			case t.Reason == ByChance:
				s.Chance++
			default:
				s.Target++
			}
			if t.State() == TaskDone {
				s.Done++
			}
			if t.Overdue(today) {
				s.Overdue++
			}
		}
	}
	for _, m := range []struct {
		from map[string]*Share
		to   *[]Share
	}{{agents, &f.Agents}, {scorers, &f.Scorers}} {
		*m.to = []Share{}
		for _, s := range m.from {
			*m.to = append(*m.to, *s)
		}
		slices.SortFunc(*m.to, func(a, b Share) int { return cmp.Compare(a.Who, b.Who) })
	}
	for _, s := range f.Agents {
		f.Total.Asked += s.Asked
		f.Total.Population += s.Population
	}
	return f
}
