package sim

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// Rota is who is on duty as a file says it: the same on every day, but for the
// days that it names.
type Rota struct {
	Agents int
	daily  []Shift
	dated  map[string][]Shift // by date, in place of the daily ones
}

// ReadShifts reads who is on duty: a line for each shift, with the agent's
// name or a number of agents who have no names, from and to. A date in front
// makes a line count on that day alone, and the lines without a date not count
// there. Where agents are given, the names are theirs, and all others wrong.
func ReadShifts(in io.Reader, agents []string) (*Rota, error) {
	r := &Rota{Agents: len(agents), dated: map[string][]Shift{}}
	named := map[string]int{}
	for i, name := range agents {
		named[name] = i
	}
	fixed := len(agents) > 0
	unnamed := map[string]int{} // by date: so many are on duty without a name already
	err := eachLine(in, func(words []string, bad func(word int, format string, args ...any)) {
		date, at := "", 0
		if _, err := time.Parse(time.DateOnly, words[0]); err == nil {
			date, at = words[0], 1
		}
		if len(words)-at != 3 {
			bad(len(words)-1, "the line has %d columns: give an agent or how many, from and to, with a date in front if wanted", len(words))
			return
		}
		from, err := ParseClock(words[at+1])
		if err != nil {
			bad(at+1, "%v", err)
			return
		}
		to, err := ParseClock(words[at+2])
		if err == nil && to <= from {
			err = fmt.Errorf("%s is not after %s: cut a shift over midnight in two", words[at+2], words[at+1])
		}
		if err != nil {
			bad(at+2, "%v", err)
			return
		}
		add := func(who int) {
			if date == "" {
				r.daily = append(r.daily, Shift{who, from, to})
			} else {
				r.dated[date] = append(r.dated[date], Shift{who, from, to})
			}
		}
		who, known := named[words[at]]
		switch n, err := strconv.Atoi(words[at]); {
		case known:
			add(who)
		case fixed:
			bad(at, "%q is no agent of the configuration", words[at])
		case err != nil:
			named[words[at]] = r.Agents
			add(r.Agents)
			r.Agents++
		case n < 1 || r.Agents+n > 10_000:
			bad(at, "%d is not a number of agents", n)
		default:
			for range n { // the same people on another day
				name := "#" + strconv.Itoa(unnamed[date])
				unnamed[date]++
				if _, known := named[name]; !known {
					named[name] = r.Agents
					r.Agents++
				}
				add(named[name])
			}
		}
	})
	if err == nil && len(r.daily)+len(r.dated) == 0 {
		err = errors.New("line 1, column 1: the file says nothing")
	}
	return r, err
}

// Dates are the first and the last day that the file names, as midnights in
// UTC; zero if it names none.
func (r *Rota) Dates() (first, last time.Time) {
	var all []string
	for date := range r.dated {
		all = append(all, date)
	}
	if len(all) == 0 {
		return first, last
	}
	slices.Sort(all)
	first, _ = time.Parse(time.DateOnly, all[0]) // was read so
	last, _ = time.Parse(time.DateOnly, all[len(all)-1])
	return first, last
}

// Shifts are those of so many days from a midnight on.
func (r *Rota) Shifts(from time.Time, days int) []Shift {
	var all []Shift
	for day := range days {
		shifts, dated := r.dated[from.AddDate(0, 0, day).Format(time.DateOnly)]
		if !dated {
			shifts = r.daily
		}
		for _, s := range shifts {
			s.From += time.Duration(day) * Day
			s.To += time.Duration(day) * Day
			all = append(all, s)
		}
	}
	return joined(all)
}
