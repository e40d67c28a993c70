package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// callsToDecide is how many callers each search for the agents needed sees.
const callsToDecide = 12_000

// findNeed finds the agents needed in each interval, and puts them on duty.
func (c *simulation) findNeed(ctx context.Context, h *house, r *report, bar *bar) error {
	goal, err := c.aim()
	if err != nil {
		return err
	}
	s := h.settings
	rates, slot := h.dayRates, c.interval
	var people sim.People
	switch a := s.Arrivals.(type) {
	case *sim.Steady: // one interval, as long as a day
		rates, slot, people = []float64{a.Rate}, sim.Day, a.People
	case *sim.Plan:
		people = a.People
	case *sim.Again:
		people = a.People
	}
	perDay := 0.0
	for _, rate := range rates {
		perDay += rate * slot.Hours()
	}
	days := max(2, int(math.Ceil(callsToDecide/max(perDay, 1))))
	if c.days > 0 {
		days = c.days
	}
	plan := &sim.Plan{People: people, Slot: slot, Days: slices.Repeat([][]float64{rates}, days)}
	s.Arrivals = plan
	bar.of(float64(c.runs()))
	needs, err := sim.Agents(ctx, s, rates, c.runs(), goal, func(done, _ int) { bar.show(done) })
	if err != nil {
		return err
	}
	r.Need, r.Target, r.Goal = needs, float64(c.need), goal.Figure.Name
	// The run that is shown is the one with these agents; what was there
	// before stands beside it.
	if h.judged != nil {
		own, err := sim.Runs(ctx, h.settings, c.runs())
		if err != nil {
			return err
		}
		mean := sim.Mean(own)
		r.Own = &mean.Row
	}
	count := sim.NeededHeadcount(needs, plan)
	if _, steady := h.settings.Arrivals.(*sim.Steady); steady {
		h.settings.Agents = count.Of[0]
		return nil
	}
	h.settings.Shifts = count.Shifts(h.days(), h.open())
	h.settings.Agents = slices.Max(count.Of)
	return nil
}

// aim is the figure that --need is for.
func (c *simulation) aim() (sim.Goal, error) {
	goal := sim.Goal{Target: float64(c.need)}
	if c.goal == "within_rings" {
		goal.Figure = sim.ThreeRings()
		return goal, nil
	}
	if c.goal == "within_15s" {
		goal.Figure = sim.Figure{Name: c.goal, Of: func(f *sim.Figures) (float64, bool) {
			return float64(f.WithinFifteen) / float64(max(f.Answered, 1)), f.Answered > 0
		}}
		return goal, nil
	}
	formula := queue.Formula(c.goal)
	if !slices.Contains(queue.Formulas(), formula) {
		names := []string{"within_rings", "within_15s"}
		for _, f := range queue.Formulas() {
			names = append(names, string(f))
		}
		return goal, fmt.Errorf("--goal %q: known are %s", c.goal, strings.Join(names, ", "))
	}
	goal.Figure = sim.Figure{Name: c.goal, Of: func(f *sim.Figures) (float64, bool) { return f.ServiceLevel(formula).Value() }}
	return goal, nil
}
