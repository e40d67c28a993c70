package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// again is the callers of a trace or of the ledger, played again.
func (c *simulation) again(ctx context.Context, h *house, people sim.People) error {
	all, err := c.read(ctx, h)
	if err != nil {
		return err
	}
	if h.learnt, err = c.chosen(all, "fit", c.fit); err != nil {
		return err
	}
	if h.judged, err = c.chosen(all, "judge", c.judge); err != nil {
		return err
	}
	if h.fitted, err = sim.Fit(h.learnt, sim.Shape(c.shape)); err != nil {
		return err
	}
	if wrapUps := h.workOn(h.learnt).WrapUps; len(wrapUps) > 0 { // the ledger knows
		if h.fitted.WrapUp, err = sim.FitDist(sim.Shape(c.shape), wrapUps); err != nil {
			return err
		}
		h.fitted.Quiet = nil
	}
	// What is given on the command line goes before what was learnt.
	if !c.given["talk"] && !c.given["aht"] {
		people.Talk = h.fitted.Talk
	}
	if !c.given["patience"] {
		people.Patience = h.fitted.Patience
	}
	if !c.given["wrap-up"] {
		h.settings.WrapUp, h.settings.WrapUpQuiet = h.fitted.WrapUp, h.fitted.Quiet
	}
	from, days := h.judged.Days()
	h.daily, h.settings.Slot, h.settings.Start = true, c.interval, from
	h.dayRates = sim.Typical(h.learnt.Rates(c.interval))
	switch draw := c.drawn(); draw {
	case sim.DrawNothing, sim.DrawPeople:
		again := &sim.Again{People: people, Calls: h.judged.Calls, From: from, Draw: draw}
		if c.vip == "trace" {
			again.Ahead = h.fitted.Ahead
		}
		h.settings.Arrivals = again
	case sim.DrawAll:
		h.judged = h.judged.Asking() // the others have no rate
		h.settings.Arrivals = &sim.Plan{People: people, Slot: c.interval, Days: likeDays(h.learnt, h.judged, c.interval)}
	default:
		return fmt.Errorf("--draw %q: known are %s, %s and %s", c.draw, sim.DrawNothing, sim.DrawPeople, sim.DrawAll)
	}
	return c.onDuty(h, days)
}

func (c *simulation) drawn() sim.Drawn {
	switch {
	case c.draw != "":
		return sim.Drawn(c.draw)
	case c.replay != "":
		return sim.DrawNothing
	}
	return sim.DrawPeople
}

func (c *simulation) read(ctx context.Context, h *house) (*sim.History, error) {
	if c.trace != "" {
		return opened(c.trace, sim.ReadTrace)
	}
	if c.fromLedger() {
		l, err := c.readLedger(ctx)
		if err != nil {
			return nil, err
		}
		h.intervals = l.intervals
		if l.rang != nil && c.offers == "" {
			if !c.given["pick-up"] {
				h.settings.PickUp = l.rang.PickUp
			}
			if !c.given["never-answers"] {
				h.settings.NeverAnswers = l.rang.NeverAnswers
			}
		}
		return l.calls, nil
	}
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		return nil, fmt.Errorf("--zone %s: %w", c.zone, err)
	}
	return opened(c.replay, func(in io.Reader) (*sim.History, error) { return sim.ReadLedger(in, c.queue, zone) })
}

// onDuty is who answers: given, or those who did.
func (c *simulation) onDuty(h *house, days int) error {
	s := &h.settings
	switch {
	case c.shifts != "":
		rota, err := c.rota(s)
		if err != nil {
			return err
		}
		from, _ := h.judged.Days()
		s.Shifts, s.Agents = sim.OnDays(rota.Shifts(from, days), h.open()), rota.Agents
	case len(h.intervals) > 0 && !c.given["agents"]:
		work, ids := h.workOn(h.judged), c.agentIDs(s)
		if ids == nil {
			ids = work.Names
		}
		var missing []queue.AgentID
		s.Shifts, missing = work.Among(ids)
		s.Agents = len(ids)
		for _, id := range missing {
			h.judged.Ignored["agent "+string(id)+", whom the configuration has not"]++
		}
	case c.given["agents"]:
		n, err := strconv.Atoi(c.agents)
		if err != nil {
			return fmt.Errorf("--agents %s: give one number with --trace and --replay, or --shifts", c.agents)
		}
		own, _ := sim.Roster(h.judged)
		open := sim.WithExtra(own, n) // as long as anybody was there
		s.Shifts = nil
		for _, shift := range open {
			if shift.Agent -= agentsOf(own); shift.Agent >= 0 {
				s.Shifts = append(s.Shifts, shift)
			}
		}
		s.Agents = n
	default:
		s.Shifts, s.Agents = sim.Roster(h.judged)
	}
	if len(s.Shifts) == 0 {
		return fmt.Errorf("nobody is ever on duty")
	}
	return nil
}

// likeDays gives each day to be simulated the rates of the learnt days of its
// weekday, or of all if there is none.
func likeDays(learnt, judged *sim.History, slot time.Duration) [][]float64 {
	of := map[time.Weekday][][]float64{}
	from, _ := learnt.Days()
	rates := learnt.Rates(slot)
	for i, day := range rates {
		weekday := from.AddDate(0, 0, i).Weekday()
		of[weekday] = append(of[weekday], day)
	}
	open := (&house{judged: judged}).open()
	from, days := judged.Days()
	out := make([][]float64, days)
	for i := range out {
		if !open(i) {
			continue // left out by --weekdays, or closed
		}
		if out[i] = sim.Typical(of[from.AddDate(0, 0, i).Weekday()]); out[i] == nil {
			out[i] = sim.Typical(rates)
		}
	}
	return out
}

// open tells on which days of a history there were calls; without a history,
// on all.
func (h *house) open() func(day int) bool {
	if h.judged == nil {
		return func(int) bool { return true }
	}
	from, _ := h.judged.Days()
	called := map[int]bool{}
	for _, c := range h.judged.Calls {
		called[int(sim.Midnight(c.At).Sub(from).Round(sim.Day)/sim.Day)] = true
	}
	return func(day int) bool { return called[day] }
}

// chosen are the days of a history that the flags name.
func (c *simulation) chosen(all *sim.History, flag, days string) (*sim.History, error) {
	first, last := "0000-00-00", "9999-99-99"
	if days != "" {
		from, to, err := daysOf(days)
		if err != nil {
			return nil, fmt.Errorf("--%s %s: %w", flag, days, err)
		}
		first, last = from, to
	}
	weekdays, err := parseWeekdays(c.weekdays)
	if err != nil {
		return nil, err
	}
	h := all.Only(func(day time.Time) bool {
		date := day.Format(time.DateOnly)
		return first <= date && date <= last && weekdays[day.Weekday()]
	})
	if len(h.Calls) == 0 {
		from, n := all.Days()
		return nil, fmt.Errorf("--%s %s: there are no calls on those days; the file has %s..%s", flag, days,
			from.Format(time.DateOnly), from.AddDate(0, 0, n-1).Format(time.DateOnly))
	}
	return h, nil
}

// parseWeekdays reads "sun-thu" or "mon,wed"; nothing means all.
func parseWeekdays(text string) (days [7]bool, err error) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	if text == "" {
		text = "sun-sat"
	}
	for _, part := range strings.Split(strings.ToLower(text), ",") {
		from, to, span := strings.Cut(part, "-")
		if !span {
			to = from
		}
		a, b := slices.Index(names, from), slices.Index(names, to)
		if a < 0 || b < 0 {
			return days, fmt.Errorf("--weekdays %s: %q is none of %s", text, part, strings.Join(names, " "))
		}
		for i := a; ; i = (i + 1) % 7 {
			days[i] = true
			if i == b {
				break
			}
		}
	}
	return days, nil
}
