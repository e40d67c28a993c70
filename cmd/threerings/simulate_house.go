package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// house is what is simulated, and what it was made from.
type house struct {
	settings sim.Settings
	daily    bool // figures by the time of the day mean something
	// Of a trace or a replay: the days learnt from, those simulated, what was
	// learnt.
	learnt, judged *sim.History
	fitted         *sim.Fitted
	intervals      []queue.AgentInterval // of a replay from the ledger: who was on duty
	dayRates       []float64             // a typical day's callers an hour, by interval; nil if the rate never changes
}

func (h *house) expected() float64 {
	n, _ := h.settings.Arrivals.Expected()
	return n
}

// house builds the settings from the flags and files.
func (c *simulation) house(ctx context.Context) (*house, error) {
	h := &house{settings: sim.Settings{Seed: c.seed, NeverAnswers: c.neverAnswers, WaitTarget: c.waitTarget,
		ShortAbandon: c.shortAbandon, Strategy: queue.Strategy(c.strategy)}}
	if err := c.configured(&h.settings); err != nil {
		return nil, err
	}
	people, err := c.people(h)
	if err != nil {
		return nil, err
	}
	if c.offers != "" {
		p, err := opened(c.offers, func(in io.Reader) (sim.PickUps, error) { return sim.ReadOffers(in, c.queue, sim.Shape(c.shape)) })
		if err != nil {
			return nil, err
		}
		if !c.given["pick-up"] {
			h.settings.PickUp = p.PickUp
		}
		if !c.given["never-answers"] {
			h.settings.NeverAnswers = p.NeverAnswers
		}
	}
	switch {
	case c.trace != "" || c.replay != "":
		err = c.again(ctx, h, people)
	case c.rates != "" || c.shifts != "" || strings.Contains(c.rate+c.agents, ","):
		err = c.planned(h, people)
	default:
		steady := &sim.Steady{People: people, Calls: c.calls}
		if steady.Rate, err = perHour(c.rate); err == nil {
			h.settings.Arrivals = steady
			h.settings.Agents, err = strconv.Atoi(c.agents)
		}
		if h.daily = c.given["interval"]; h.daily {
			h.settings.Slot = c.interval
		}
	}
	if err != nil {
		return nil, err
	}
	if c.extra > 0 {
		if h.settings.Shifts == nil {
			h.settings.Agents += c.extra
		} else {
			h.settings.Shifts = sim.WithExtra(h.settings.Shifts, c.extra)
			h.settings.Agents += c.extra
		}
	}
	return h, nil
}

// people reads the distributions; those of a history are fitted unless given.
func (c *simulation) people(h *house) (p sim.People, err error) {
	dist := func(name, text string, plain func(time.Duration) sim.Dist) sim.Dist {
		if err != nil {
			return nil
		}
		d, wrong := sim.ParseDist(text, plain)
		if wrong != nil {
			err = fmt.Errorf("--%s: %w", name, wrong)
			return nil
		}
		if d.Mean() == 0 {
			return nil
		}
		return d
	}
	s := &h.settings
	s.WrapUp = dist("wrap-up", c.wrapUp, sim.AsFixed)
	s.PickUp = dist("pick-up", c.pickUp, sim.AsExponential)
	p.Patience = dist("patience", c.patience, sim.AsExponential)
	if c.talk != "" {
		p.Talk = dist("talk", c.talk, sim.AsExponential)
	} else {
		talk := c.aht
		if s.WrapUp != nil {
			talk -= s.WrapUp.Mean()
		}
		if talk <= 0 && err == nil {
			err = fmt.Errorf("--wrap-up %s: must be part of the handling time %s", c.wrapUp, c.aht)
		}
		p.Talk = sim.Exponential(talk)
	}
	return p, err
}

// planned is callers by the time of the day.
func (c *simulation) planned(h *house, people sim.People) error {
	from, err := sim.ParseClock(c.from)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	slots, first := int(sim.Day/c.interval), int(from/c.interval)
	if from%c.interval != 0 {
		return fmt.Errorf("--from %s does not begin an interval of %s", c.from, c.interval)
	}
	agents := make([]int, 0, slots)
	counts := strings.Split(c.agents, ",")
	for _, text := range counts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n > 10_000 {
			return fmt.Errorf("--agents %s: %q is not a number of agents", c.agents, text)
		}
		agents = append(agents, n)
	}
	var rota *sim.Rota
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday
	if c.shifts != "" {
		if rota, err = c.rota(&h.settings); err != nil {
			return err
		}
		if first, last := rota.Dates(); !first.IsZero() {
			start = first
			if c.days == 0 { // the days that it names
				c.days = int(last.Sub(first)/sim.Day) + 1
			}
		}
	}
	rates := make([]float64, slots)
	var count []int
	if c.rates != "" {
		plan, err := opened(c.rates, func(in io.Reader) (sim.DayPlan, error) { return sim.ReadPlan(in, c.interval) })
		if err != nil {
			return err
		}
		rates, count = plan.Rates, plan.Agents
	} else if err := spreadRates(rates, first, c.rate, len(agents)); err != nil {
		return err
	}
	if c.given["agents"] || count == nil {
		if len(agents) > slots-first {
			return fmt.Errorf("--agents: %d intervals of %s from %s on are more than a day", len(agents), c.interval, c.from)
		}
		count = make([]int, slots)
		for i := range count {
			if len(agents) == 1 && rates[i] > 0 {
				count[i] = agents[0]
			} else if len(agents) > 1 && i >= first && i-first < len(agents) {
				count[i] = agents[i-first]
			}
		}
	}
	c.repeat(h, people, rates)
	h.settings.Agents = slices.Max(count)
	h.settings.Start = start
	if rota == nil {
		h.settings.Shifts = sim.Headcount{Slot: c.interval, Of: count}.Shifts(h.days(), nil)
	} else {
		h.settings.Shifts, h.settings.Agents = rota.Shifts(start, h.days()), rota.Agents
	}
	if len(h.settings.Shifts) == 0 {
		return fmt.Errorf("nobody is ever on duty")
	}
	return nil
}

// spreadRates puts the rates of the flag on their intervals; one alone holds
// on as many as there are numbers of agents, or all day.
func spreadRates(rates []float64, first int, text string, agents int) error {
	words := strings.Split(text, ",")
	for len(words) == 1 && agents > len(words) {
		words = slices.Repeat(words, agents)
	}
	if len(words) == 1 {
		words = slices.Repeat(words, len(rates)-first)
	}
	if len(words) > len(rates)-first {
		return fmt.Errorf("--rate: %d intervals are more than the rest of the day", len(words))
	}
	for i, word := range words {
		rate, err := perHour(strings.TrimSpace(word))
		if err != nil {
			return err
		}
		rates[first+i] = rate
	}
	return nil
}

// repeat lets a typical day come as often as the flags say.
func (c *simulation) repeat(h *house, people sim.People, rates []float64) {
	perDay := 0.0
	for _, r := range rates {
		perDay += r * c.interval.Hours()
	}
	days := c.days
	if days == 0 {
		days = max(1, int(math.Ceil(float64(c.calls)/max(perDay, 1))))
	}
	h.daily, h.dayRates, h.settings.Slot = true, rates, c.interval
	h.settings.Arrivals = &sim.Plan{People: people, Slot: c.interval, Days: slices.Repeat([][]float64{rates}, days)}
}

func (h *house) days() int {
	_, over := h.settings.Arrivals.Expected()
	return max(1, int((over+sim.Day-1)/sim.Day))
}

func agentsOf(shifts []sim.Shift) (n int) {
	for _, s := range shifts {
		n = max(n, s.Agent+1)
	}
	return n
}
