package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Shift is a time that one agent is on duty. Whoever talks at its end finishes
// the call first.
type Shift struct {
	Agent    int // from 0
	From, To time.Duration
}

// Headcount is how many agents are on duty in each slot of a day.
type Headcount struct {
	Slot time.Duration
	Of   []int
}

// Shifts puts agents on duty as the headcount says, the same on each of the
// days that open says, counted from 0 (nil: all). Who is there in two slots in
// a row stays in between.
func (h Headcount) Shifts(days int, open func(day int) bool) []Shift {
	var all []Shift
	most := 0
	for _, n := range h.Of {
		most = max(most, n)
	}
	for day := range days {
		if open != nil && !open(day) {
			continue
		}
		for agent := range most {
			for i := 0; i < len(h.Of); i++ {
				if h.Of[i] <= agent {
					continue
				}
				from := i
				for i < len(h.Of) && h.Of[i] > agent {
					i++
				}
				start := time.Duration(day) * Day
				all = append(all, Shift{agent, start + time.Duration(from)*h.Slot, start + time.Duration(i)*h.Slot})
			}
		}
	}
	return joined(all)
}

// Hours is the agents' time on duty in one day.
func (h Headcount) Hours() float64 {
	sum := 0
	for _, n := range h.Of {
		sum += n
	}
	return float64(sum) * h.Slot.Hours()
}

// joined puts shifts in order and makes one of those of an agent that touch.
func joined(shifts []Shift) []Shift {
	slices.SortFunc(shifts, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.From, b.From))
	})
	var out []Shift
	for _, s := range shifts {
		if n := len(out); n > 0 && out[n-1].Agent == s.Agent && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// WithExtra adds n agents who are on duty whenever one of the others is.
func WithExtra(shifts []Shift, n int) []Shift {
	agents, open := 0, make([]Shift, 0, len(shifts))
	for _, s := range shifts {
		agents = max(agents, s.Agent+1)
		s.Agent = 0
		open = append(open, s)
	}
	out := slices.Clone(shifts)
	for _, s := range joined(open) {
		for i := range n {
			s.Agent = agents + i
			out = append(out, s)
		}
	}
	return joined(out)
}

// OnDays keeps the shifts that begin on days that keep says, counted from 0.
func OnDays(shifts []Shift, keep func(day int) bool) []Shift {
	return slices.DeleteFunc(slices.Clone(shifts), func(s Shift) bool { return !keep(int(s.From / Day)) })
}

// daysOf is on how many days somebody is on duty; overtime after midnight makes
// no day.
func daysOf(shifts []Shift) int {
	days := map[int]bool{}
	for _, s := range shifts {
		for d := s.From / Day; d*Day < s.To; d++ {
			if min(s.To, (d+1)*Day)-max(s.From, d*Day) >= min(time.Hour, s.To-s.From) {
				days[int(d)] = true
			}
		}
	}
	return len(days)
}

func validShifts(shifts []Shift, agents int) error {
	for i, s := range shifts {
		switch {
		case s.Agent < 0 || s.Agent >= agents:
			return fmt.Errorf("shift %d: agent %d is not one of the %d", i+1, s.Agent, agents)
		case s.From < 0 || s.To <= s.From:
			return fmt.Errorf("shift %d: from %s to %s is no time", i+1, s.From, s.To)
		case i > 0 && shifts[i-1].Agent == s.Agent && s.From <= shifts[i-1].To:
			return fmt.Errorf("shift %d: touches the one before", i+1)
		}
	}
	return nil
}

// duty schedules the comings and goings of the agents.
func (w *world) duty() {
	ids := w.agentIDs()
	if w.s.Shifts == nil {
		for _, id := range ids {
			w.comes(id)
		}
		return
	}
	w.shiftsLeft = len(w.s.Shifts)
	for _, s := range w.s.Shifts {
		id := ids[s.Agent]
		if s.From == 0 {
			w.comes(id)
		} else {
			w.after(s.From, func() { w.comes(id) })
		}
		w.after(s.To, func() { w.goes(id) })
	}
}

// closed tells that nobody is on duty and nobody will come.
func (w *world) closed() bool { return w.s.Shifts != nil && w.shiftsLeft == 0 }
