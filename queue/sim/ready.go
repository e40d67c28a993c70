package sim

import (
	"slices"
	"time"
)

// seenReady is what one gap says of when its agent was ready again: after
// `after` and not later than `by`, counted from the end of the call.
type seenReady struct{ after, by time.Duration }

// readySteps is how often the estimate is improved; more changes no figure.
const readySteps = 300

// estimateReady is how long agents need from the end of a call until they are
// ready, from gaps that mostly give only bounds: an agent whom a call found
// idle was ready at some time before. To take only the gaps whose end is known
// would be to take the short ones. It is the likeliest distribution without any
// form (Turnbull's), in whole seconds, as many lengths of time as there are
// gaps.
func estimateReady(seen []seenReady) []time.Duration {
	if len(seen) == 0 {
		return nil
	}
	type span struct{ from, to int } // seconds, both included
	spans, longest := make([]span, len(seen)), 0
	for i, s := range seen {
		spans[i].to = int(s.by / time.Second)
		spans[i].from = min(int(s.after/time.Second)+1, spans[i].to)
		if s.after < 0 {
			spans[i].from = 0
		}
		longest = max(longest, spans[i].to)
	}
	share := make([]float64, longest+1)
	for i := range share {
		share[i] = 1 / float64(len(share))
	}
	until, change := make([]float64, longest+2), make([]float64, longest+2)
	for range readySteps {
		for i, p := range share {
			until[i+1] = until[i] + p
			change[i] = 0
		}
		for _, s := range spans {
			if all := until[s.to+1] - until[s.from]; all > 0 {
				change[s.from] += 1 / all
				change[s.to+1] -= 1 / all
			}
		}
		change[longest+1] = 0
		sum := 0.0
		for i := range share {
			sum += change[i]
			share[i] *= sum / float64(len(spans))
		}
	}
	out := make([]time.Duration, 0, len(seen))
	sum, n := 0.0, float64(len(seen))
	for i, p := range share {
		sum += p
		for len(out) < len(seen) && (float64(len(out))+0.5)/n <= sum {
			out = append(out, time.Duration(i)*time.Second)
		}
	}
	for len(out) < len(seen) {
		out = append(out, time.Duration(longest)*time.Second)
	}
	return out
}

// noticed is how short a wait is that says nothing of the agents beside it.
const noticed = 2 * time.Second

// ready tells when an agent who took no call in between was ready again. While
// somebody waited they were not; if somebody still waited at the end, they
// became so just then.
func (l line) ready(from, to time.Time) (r seenReady, waiting bool) {
	r = seenReady{-1, to.Sub(from)}
	i, _ := slices.BinarySearchFunc(l, from, func(s stretch, t time.Time) int { return s.to.Compare(t) })
	for ; i < len(l) && l[i].from.Before(to); i++ {
		begin, end := l[i].from, l[i].to
		if !begin.After(from) {
			begin, waiting = from, true
		}
		if end.After(to) {
			end = to
		}
		if end.Sub(begin) >= noticed {
			r.after = end.Sub(from)
		}
	}
	return r, waiting
}
