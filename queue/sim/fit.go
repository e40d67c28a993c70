package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Fitted is what a history says about people: how long callers talk and would
// wait, and what agents do between two calls.
type Fitted struct {
	People
	WrapUp Dist // nil if nothing can be said
	// Seen: conversations, waits, and gaps between calls that it was made from.
	Talks, Waits, Gaps int
}

// awayAfter is how long callers must have waited beside an agent who took none
// before the agent counts as away; asleepAfter how long a gap may be at all.
const (
	awayAfter   = time.Minute
	asleepAfter = time.Hour
)

// Fit learns from a history. Wrap-up is what agents did not explain otherwise:
// the time from the end of a call to the next one while callers waited all
// along.
func Fit(h *History, shape Shape) (*Fitted, error) {
	var talks []time.Duration
	var waits []Waited
	for _, c := range h.Calls {
		if c.Served {
			talks = append(talks, c.Talk)
		}
		waits = append(waits, Waited{c.Wait, !c.Served})
	}
	talk, err := FitDist(shape, talks)
	if err != nil {
		return nil, fmt.Errorf("fit: no call was served: %w", err)
	}
	f := &Fitted{People: People{Talk: talk}, Talks: len(talks), Waits: len(waits)}
	if p := NewPatience(waits); p != nil {
		f.Patience = p
	}
	var gaps []time.Duration
	for _, g := range h.gaps() {
		if g.waited >= g.length-2*time.Second && g.waited <= awayAfter {
			gaps = append(gaps, g.length)
		}
	}
	if f.Gaps = len(gaps); len(gaps) > 0 {
		if f.WrapUp, err = FitDist(shape, gaps); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// gap is the time of an agent between two calls of a day.
type gap struct {
	agent          string
	from           time.Time
	length, waited time.Duration // waited: of it, somebody waited
}

// work is the calls of each agent, in order.
func (h *History) work() (agents []string, of map[string][]Past) {
	of = map[string][]Past{}
	for _, c := range h.Calls {
		if c.Served && c.Agent != "" {
			of[c.Agent] = append(of[c.Agent], c)
		}
	}
	for a := range of {
		agents = append(agents, a)
		slices.SortStableFunc(of[a], func(x, y Past) int { return x.Start.Compare(y.Start) })
	}
	slices.Sort(agents)
	return agents, of
}

func (h *History) gaps() []gap {
	waiting := h.waiting()
	agents, of := h.work()
	var all []gap
	for _, a := range agents {
		var until time.Time
		for _, c := range of[a] {
			if !until.IsZero() && c.Start.After(until) {
				all = append(all, gap{a, until, c.Start.Sub(until), waiting(until, c.Start)})
			}
			if end := c.Start.Add(c.Talk); end.After(until) {
				until = end
			}
		}
	}
	return all
}

// waiting returns a function that says for how long of a time somebody waited.
func (h *History) waiting() func(from, to time.Time) time.Duration {
	type change struct {
		at time.Time
		by int
	}
	var changes []change
	for _, c := range h.Calls {
		if c.Wait > 0 {
			changes = append(changes, change{c.At, 1}, change{c.At.Add(c.Wait), -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.by, a.by)) })
	// Stretches of time in which somebody waited, and their length so far.
	type stretch struct {
		from, to time.Time
		before   time.Duration
	}
	var all []stretch
	n, sum := 0, time.Duration(0)
	for _, c := range changes {
		if n == 0 {
			all = append(all, stretch{from: c.at, before: sum})
		}
		if n += c.by; n == 0 {
			last := &all[len(all)-1]
			last.to = c.at
			sum += last.to.Sub(last.from)
		}
	}
	until := func(t time.Time) time.Duration {
		i, _ := slices.BinarySearchFunc(all, t, func(s stretch, t time.Time) int { return s.from.Compare(t) })
		if i == 0 {
			return 0
		}
		s := all[i-1]
		if t.After(s.to) {
			t = s.to
		}
		return s.before + t.Sub(s.from)
	}
	return func(from, to time.Time) time.Duration { return until(to) - until(from) }
}

// Roster is who was on duty and when, as far as their calls show: from the
// first call of a day to the end of the last, but for the gaps in which
// callers waited beside them for more than a minute.
func Roster(h *History) (shifts []Shift, agents int) {
	from, days := h.Days()
	last := time.Duration(days) * Day
	away := map[string][]gap{}
	for _, g := range h.gaps() {
		if g.waited > awayAfter || g.length > asleepAfter {
			away[g.agent] = append(away[g.agent], g)
		}
	}
	names, of := h.work()
	for i, a := range names {
		start := since(from, of[a][0].Start)
		var end time.Duration
		for _, c := range of[a] {
			end = max(end, since(from, c.Start.Add(c.Talk)))
		}
		for _, g := range away[a] {
			if leave := since(from, g.from); leave > start {
				shifts = append(shifts, Shift{i, start, leave})
			}
			start = since(from, g.from.Add(g.length))
		}
		if end > start {
			shifts = append(shifts, Shift{i, start, min(end, last+time.Hour)})
		}
	}
	return joined(shifts), len(names)
}

// Rates are the callers an hour by day and slot of a history.
func (h *History) Rates(slot time.Duration) [][]float64 {
	from, days := h.Days()
	rates := make([][]float64, days)
	for i := range rates {
		rates[i] = make([]float64, Day/slot)
	}
	for _, c := range h.Calls {
		at := since(from, c.At)
		rates[at/Day][at%Day/slot] += 1 / slot.Hours()
	}
	return rates
}

// Typical is the mean of the days that have any callers.
func Typical(rates [][]float64) []float64 {
	var mean []float64
	n := 0
	for _, day := range rates {
		sum := 0.0
		for _, r := range day {
			sum += r
		}
		if sum == 0 {
			continue
		}
		if n++; mean == nil {
			mean = make([]float64, len(day))
		}
		for i, r := range day {
			mean[i] += r
		}
	}
	for i := range mean {
		mean[i] /= float64(n)
	}
	return mean
}
