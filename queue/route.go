package queue

import (
	"cmp"
	"slices"
)

// match brings waiting calls and free agents together until no pair is left.
// Among the queues that have both, the higher priority goes first, then the
// call that came first: oldest first across all queues an agent serves. While
// the switch is not heard nothing is offered, since nobody would know what
// became of it.
func (a *ACD) match() {
	for a.switchUp {
		var best *line
		for _, l := range a.lines {
			if len(l.waiting) == 0 || !slices.ContainsFunc(l.serving, a.free) {
				continue
			}
			if best == nil || l.before(best) {
				best = l
			}
		}
		if best == nil {
			return
		}
		g, why := a.longestIdle(best)
		a.offer(best.waiting[0], g, why)
	}
}

// before orders two lines by the calls at their heads.
func (l *line) before(other *line) bool {
	if l.cfg.Priority != other.cfg.Priority {
		return l.cfg.Priority > other.cfg.Priority
	}
	return l.waiting[0].Order < other.waiting[0].Order
}

// whyShown is how many candidates an offer's explanation names.
const whyShown = 3

// longestIdle picks the free agent who has been idle longest; equals in the
// configuration's order. The explanation goes on the call's timeline.
func (a *ACD) longestIdle(l *line) (*Agent, Why) {
	var found []*Agent
	for _, g := range l.serving {
		if a.free(g) {
			found = append(found, g)
		}
	}
	slices.SortStableFunc(found, func(x, y *Agent) int { return x.IdleSince.Compare(y.IdleSince) })
	why := Why{Strategy: "longest_idle", Of: len(found)}
	for _, g := range found[:min(len(found), whyShown)] {
		why.Candidates = append(why.Candidates, Candidate{Agent: g.ID, IdleFor: a.now.Sub(g.IdleSince)})
	}
	return found[0], why
}

// enqueue puts a call into its place: by order of arrival, wherever it has
// been in between.
func (l *line) enqueue(c *Call) {
	i, found := slices.BinarySearchFunc(l.waiting, c.Order, func(w *Call, n uint64) int { return cmp.Compare(w.Order, n) })
	if !found {
		l.waiting = slices.Insert(l.waiting, i, c)
	}
}

func (l *line) dequeue(c *Call) {
	if i := slices.Index(l.waiting, c); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}
