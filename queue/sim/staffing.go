package sim

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Goal is what a staffing must reach in each interval.
type Goal struct {
	Target float64 // share, such as 0.95
	Figure Figure
}

// ThreeRings is the share of callers who reach a human voice within three
// rings (R1.2).
func ThreeRings() Figure {
	return Figure{"within_rings", func(f *Figures) (float64, bool) { return f.CallersWithinRings().Value() }}
}

// Need is how many agents an interval of the day needs.
type Need struct {
	From  string  `json:"from"`
	Calls float64 `json:"calls_per_hour"`
	// Agents is the mean of what the seeds say, rounded; Low and High are the
	// ends of its 95 % interval, rounded outwards: there is no half agent.
	Agents    int     `json:"agents"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Reachable bool    `json:"reachable"`
}

// Headcount is the agents of the needs.
func NeededHeadcount(needs []Need, plan *Plan) Headcount {
	h := Headcount{Slot: plan.Slot, Of: make([]int, len(needs))}
	for i, n := range needs {
		h.Of[i] = n.Agents
	}
	return h
}

// Agents finds how few agents reach the goal in every interval of a day with
// such callers. Each of the seeds finds its own answer over as many days as
// give each interval some callers; how far they differ says how sure the answer is.
func Agents(ctx context.Context, s Settings, rates []float64, seeds int, goal Goal, progress func(done, of int)) ([]Need, error) {
	plan, ok := s.Arrivals.(*Plan)
	if !ok {
		return nil, fmt.Errorf("agents needed: the callers must come by a plan of rates")
	}
	if goal.Target <= 0 || goal.Target >= 1 {
		return nil, fmt.Errorf("target %v: must be between 0 and 1", goal.Target)
	}
	found := make([][]int, seeds)
	reached := make([]bool, len(rates))
	for i := range reached {
		reached[i] = true
	}
	work := make(chan int, seeds)
	done := make(chan error)
	for i := range seeds {
		work <- i
	}
	close(work)
	unreached := make([][]bool, seeds)
	for range 2 {
		go func() {
			for i := range work {
				one := s
				one.Seed, one.Progress = s.Seed+uint64(i), nil
				var err error
				found[i], unreached[i], err = search(ctx, one, plan, rates, goal)
				done <- err
			}
		}()
	}
	var failed error
	for i := range seeds {
		if err := <-done; err != nil {
			failed = err
		} else if progress != nil {
			progress(i+1, seeds)
		}
	}
	if failed != nil {
		return nil, failed
	}
	needs := make([]Need, len(rates))
	for slot, rate := range rates {
		samples := make([]float64, seeds)
		for i := range found {
			samples[i] = float64(found[i][slot])
			reached[slot] = reached[slot] && !unreached[i][slot]
		}
		e := EstimateOf(Confidence, samples)
		needs[slot] = Need{From: clock(time.Duration(slot) * plan.Slot), Calls: rate, Agents: int(math.Round(e.Mean)), Low: math.Floor(max(e.Low, 0) + 1e-9), High: max(math.Ceil(e.High-1e-9), 0), Reachable: reached[slot]}
	}
	return needs, nil
}

// search looks for the fewest agents with one seed. It begins with too many,
// so that no interval suffers from the one before, and takes agents away as
// long as the goal is reached.
func search(ctx context.Context, s Settings, plan *Plan, rates []float64, goal Goal) (agents []int, unreached []bool, err error) {
	handling := plan.Talk.Mean()
	if s.WrapUp != nil {
		handling += s.WrapUp.Mean()
	}
	if s.PickUp != nil {
		handling += s.PickUp.Mean()
	}
	agents, unreached = make([]int, len(rates)), make([]bool, len(rates))
	most, settled := make([]int, len(rates)), make([]bool, len(rates))
	within := s.WaitTarget.Seconds()
	if within == 0 {
		within = 15
	}
	for i, rate := range rates {
		if rate == 0 {
			settled[i] = true
			continue
		}
		load := rate * handling.Hours()
		n := int(load) + 1
		for ErlangCWithin(n, load, within/handling.Seconds()) < goal.Target {
			n++
		}
		agents[i] = n + 1
		most[i] = 2*n + 10
	}
	for round := 0; round < 60; round++ {
		f, err := play(ctx, s, plan, agents)
		if err != nil {
			return nil, nil, err
		}
		change := false
		for i := range rates {
			if rates[i] == 0 {
				continue
			}
			share, some := goal.Figure.Of(&f[i])
			switch pass := !some || share >= goal.Target; {
			case pass && !settled[i] && agents[i] > 1:
				agents[i]--
				change = true
			case pass:
				settled[i] = true
			case agents[i] >= most[i]:
				unreached[i] = true
			default:
				settled[i] = true
				agents[i]++
				change = true
			}
		}
		if !change {
			break
		}
	}
	return agents, unreached, nil
}

// play runs the plan with so many agents in each interval.
func play(ctx context.Context, s Settings, plan *Plan, agents []int) ([]Figures, error) {
	s.Shifts = Headcount{plan.Slot, agents}.Shifts(len(plan.Days), nil)
	s.Agents, s.Slot = 0, plan.Slot
	for _, n := range agents {
		s.Agents = max(s.Agents, n)
	}
	r, err := Run(ctx, s)
	return r.Slots, err
}
