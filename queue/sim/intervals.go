package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Work is what the ledger says of the agents' time.
type Work struct {
	Shifts  []Shift
	Names   []queue.AgentID // whose shifts: Shift.Agent counts these
	WrapUps []time.Duration
}

// WorkOf reads the agents' real intervals of so many days from a midnight on.
// On duty is who was ready, offered a call, on it or wrapping up; not who was
// away, but for the moments after a call that was missed, which the run has of
// its own. What still goes on goes on until now.
func WorkOf(intervals []queue.AgentInterval, from time.Time, days int, now time.Time) Work {
	var w Work
	end := time.Duration(days) * Day
	for _, x := range slices.SortedFunc(slices.Values(intervals), func(x, y queue.AgentInterval) int {
		return cmp.Or(cmp.Compare(x.Agent, y.Agent), x.From.Compare(y.From))
	}) {
		to := x.To
		if to.IsZero() {
			to = now
		}
		missed := x.Reason == queue.ReasonRONA || x.Reason == queue.ReasonRefused
		if x.State == queue.LoggedOut || (x.State == queue.NotReady && !missed) || !to.After(x.From) {
			continue
		}
		a, b := max(0, since(from, x.From.In(from.Location()))), min(end, since(from, to.In(from.Location())))
		if b <= a {
			continue
		}
		if n := len(w.Names); n == 0 || w.Names[n-1] != x.Agent {
			w.Names = append(w.Names, x.Agent)
		}
		w.Shifts = append(w.Shifts, Shift{len(w.Names) - 1, a, b})
		if x.State == queue.WrapUp && !x.To.IsZero() {
			w.WrapUps = append(w.WrapUps, to.Sub(x.From))
		}
	}
	w.Shifts = joined(w.Shifts)
	return w
}

// Among gives the shifts the numbers of other agents, and leaves out who is
// none of them.
func (w Work) Among(agents []queue.AgentID) (shifts []Shift, missing []queue.AgentID) {
	for _, s := range w.Shifts {
		if s.Agent = slices.Index(agents, w.Names[s.Agent]); s.Agent >= 0 {
			shifts = append(shifts, s)
		}
	}
	for _, name := range w.Names {
		if !slices.Contains(agents, name) {
			missing = append(missing, name)
		}
	}
	return joined(shifts), missing
}
