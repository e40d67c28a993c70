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
	// WrapUp is until an agent is ready again if somebody waits when the call
	// ends, Quiet if nobody does; nil if nothing can be said.
	WrapUp, Quiet Dist
	// Ahead is the share of each type of call whose customers go before others.
	Ahead map[string]float64
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
		if c.asked() {
			waits = append(waits, Waited{c.Wait, !c.Served})
		}
	}
	talk, err := FitDist(shape, talks)
	if err != nil {
		return nil, fmt.Errorf("fit: no call was served: %w", err)
	}
	f := &Fitted{People: People{Talk: talk}, Ahead: h.ahead(), Talks: len(talks), Waits: len(waits)}
	if p := NewPatience(waits); p != nil {
		f.Patience = p
	}
	var busy, quiet []seenReady
	for _, g := range h.gaps() {
		switch {
		case !g.away.IsZero():
		case g.waiting:
			busy = append(busy, g.ready)
		default:
			quiet = append(quiet, g.ready)
		}
	}
	f.Gaps = len(busy) + len(quiet)
	for _, x := range []struct {
		seen []seenReady
		to   *Dist
	}{{busy, &f.WrapUp}, {quiet, &f.Quiet}} {
		if len(x.seen) > 0 {
			if *x.to, err = FitDist(shape, estimateReady(x.seen)); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// gap is the time of an agent between two calls of a day.
type gap struct {
	agent          string
	from           time.Time
	length, waited time.Duration // waited: of it, somebody waited
	// away is from when callers waited, if they did for longer than awayAfter in
	// all, or the whole of a gap that is longer than asleepAfter; zero: never.
	away time.Time
	// ready is what the gap says of when the agent was ready again.
	ready seenReady
	// waiting: somebody waited when it began.
	waiting bool
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
	line := h.line()
	agents, of := h.work()
	var all []gap
	for _, a := range agents {
		var until time.Time
		for _, c := range of[a] {
			if !until.IsZero() && c.Start.After(until) {
				g := gap{agent: a, from: until, length: c.Start.Sub(until)}
				g.waited, g.away = line.between(until, c.Start)
				if g.length > asleepAfter {
					g.away = until
				}
				g.ready, g.waiting = line.ready(until, c.Start)
				all = append(all, g)
			}
			if end := c.Start.Add(c.Talk); end.After(until) {
				until = end
			}
		}
	}
	return all
}

// stretch is a time during which somebody waited all along.
type stretch struct{ from, to time.Time }

// line is the stretches of a history, in order.
type line []stretch

func (h *History) line() line {
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
	var all line
	n := 0
	for _, c := range changes {
		if n == 0 {
			all = append(all, stretch{from: c.at})
		}
		if n += c.by; n == 0 {
			all[len(all)-1].to = c.at
		}
	}
	return all
}

// between is for how long of a time somebody waited and, if that is longer than
// awayAfter, since when.
func (l line) between(from, to time.Time) (waited time.Duration, long time.Time) {
	i, _ := slices.BinarySearchFunc(l, from, func(s stretch, t time.Time) int { return s.to.Compare(t) })
	for ; i < len(l) && l[i].from.Before(to); i++ {
		s := l[i]
		if s.from.Before(from) {
			s.from = from
		}
		if s.to.After(to) {
			s.to = to
		}
		waited += s.to.Sub(s.from)
		if long.IsZero() {
			long = s.from
		}
	}
	if waited <= awayAfter {
		return waited, time.Time{}
	}
	return waited, long
}

// aheadFrom is the priority from which a history's customers go before others.
const aheadFrom = 2

// ahead is, by type of call, the share of those customers among the callers of
// whom it is known.
func (h *History) ahead() map[string]float64 {
	known, ahead := map[string]float64{}, map[string]float64{}
	for _, c := range h.Calls {
		if c.Priority >= 0 {
			known[c.Type]++
		}
		if c.Priority >= aheadFrom {
			ahead[c.Type]++
		}
	}
	for kind := range ahead {
		ahead[kind] /= known[kind]
	}
	return ahead
}

// Roster is who was on duty and when, as far as their calls show: from the
// first call of a day to the end of the last, but for the gaps in which
// callers waited beside them for more than a minute in all: from when the first
// of them waited to the agent's next call the agent was away.
func Roster(h *History) (shifts []Shift, agents int) {
	from, days := h.Days()
	last := time.Duration(days) * Day
	away := map[string][]gap{}
	for _, g := range h.gaps() {
		if !g.away.IsZero() {
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
			if leave := since(from, g.away); leave > start {
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

// Rates are the callers an hour who asked for an agent, by day and slot.
func (h *History) Rates(slot time.Duration) [][]float64 {
	from, days := h.Days()
	rates := make([][]float64, days)
	for i := range rates {
		rates[i] = make([]float64, Day/slot)
	}
	for _, c := range h.Calls {
		if !c.asked() {
			continue
		}
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
