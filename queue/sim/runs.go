package sim

import (
	"context"
	"runtime"
	"sync"
)

// Runs plays the same settings with n seeds, from s.Seed on, beside each
// other. Results are in the order of the seeds, whatever ended first.
func Runs(ctx context.Context, s Settings, n int) ([]Result, error) {
	results, errs := make([]Result, n), make([]error, n)
	ended := make([]int, n)
	var progress sync.Mutex
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range n {
		one := s
		one.Seed = s.Seed + uint64(i)
		if s.Progress != nil {
			one.Progress = func(done int) {
				progress.Lock()
				defer progress.Unlock()
				ended[i] = done
				sum := 0
				for _, e := range ended {
					sum += e
				}
				s.Progress(sum)
			}
		}
		all.Add(1)
		free <- struct{}{}
		go func() {
			defer all.Done()
			results[i], errs[i] = Run(ctx, one)
			<-free
		}()
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// Figure is a figure that a confidence interval is made for.
type Figure struct {
	Name string
	Of   func(*Figures) (float64, bool)
}

// share is a Figure from a share of the tally.
func ratio(part, whole float64) (float64, bool) { return part / whole, whole > 0 }

// MainFigures are those that runs are compared by.
func MainFigures() []Figure {
	return []Figure{
		{"served", func(f *Figures) (float64, bool) { return float64(f.Answered), true }},
		{"abandoned", func(f *Figures) (float64, bool) { return float64(f.Abandoned), true }},
		{"abandoned_share", func(f *Figures) (float64, bool) { return ratio(float64(f.Abandoned), float64(f.Offered)) }},
		{"mean_wait_s", func(f *Figures) (float64, bool) { return ratio(f.WaitAnswered.Seconds(), float64(f.Answered)) }},
		{"within_15s", func(f *Figures) (float64, bool) { return ratio(float64(f.WithinFifteen), float64(f.Answered)) }},
		{"service_level", func(f *Figures) (float64, bool) { r := f.Row(); return r.Level, f.Offered > 0 }},
		{"within_rings", func(f *Figures) (float64, bool) { return f.CallersWithinRings().Value() }},
		{"occupancy", func(f *Figures) (float64, bool) { return ratio(f.Busy.Seconds(), f.OnDuty.Seconds()) }},
		{"agent_hours", func(f *Figures) (float64, bool) { return f.OnDuty.Hours(), true }},
	}
}

// Estimates are the main figures with their confidence intervals: over the
// runs if there are several, else over the batches of the one, where counts
// and sums have none.
func Estimates(results []Result) map[string]Estimate {
	out := map[string]Estimate{}
	for _, figure := range MainFigures() {
		var e Estimate
		if len(results) > 1 {
			var samples []float64
			for i := range results {
				if x, ok := figure.Of(&results[i].Figures); ok {
					samples = append(samples, x)
				}
			}
			e = EstimateOf(Confidence, samples)
		} else {
			switch figure.Name {
			case "served", "abandoned", "agent_hours":
				continue
			}
			e = BatchMeans(Confidence, results[0].Batches, figure.Of)
		}
		if e.N > 1 {
			out[figure.Name] = e
		}
	}
	return out
}

// Compared is a figure under two settings that met the same callers.
type Compared struct {
	Name       string   `json:"figure"`
	A          float64  `json:"a"`
	B          float64  `json:"b"`
	Difference Estimate `json:"difference"` // b - a, over the pairs of runs
}

// Compare compares two settings, run by run: the seeds must be the same.
func Compare(a, b []Result) []Compared {
	var out []Compared
	for _, figure := range MainFigures() {
		if c, ok := compared(figure, a, b, func(r *Result) *Figures { return &r.Figures }); ok {
			out = append(out, c)
		}
	}
	return out
}

// CompareParts compares a figure of two settings by interval of the day or,
// without any, by piece of the run. What has none is left out: its N is 0.
func CompareParts(figure Figure, a, b []Result) []Compared {
	parts := func(r *Result) []Figures {
		if len(r.Slots) > 0 {
			return r.Slots
		}
		return r.Batches
	}
	out := make([]Compared, len(parts(&a[0])))
	for i := range out {
		out[i], _ = compared(figure, a, b, func(r *Result) *Figures { return &parts(r)[i] })
	}
	return out
}

func compared(figure Figure, a, b []Result, of func(*Result) *Figures) (c Compared, ok bool) {
	var xs, ys, differences []float64
	for i := range min(len(a), len(b)) {
		x, ok1 := figure.Of(of(&a[i]))
		y, ok2 := figure.Of(of(&b[i]))
		if ok1 && ok2 {
			xs, ys, differences = append(xs, x), append(ys, y), append(differences, y-x)
		}
	}
	if len(xs) < 2 {
		return Compared{Name: figure.Name}, false
	}
	return Compared{figure.Name, EstimateOf(Confidence, xs).Mean, EstimateOf(Confidence, ys).Mean, EstimateOf(Confidence, differences)}, true
}

// Mean is the runs as one: shares and means over the calls of all, counts and
// times of the mean run.
func Mean(results []Result) Result {
	if len(results) == 1 {
		return results[0]
	}
	var all Figures
	slots := make([]Figures, len(results[0].Slots))
	out := Result{Intervals: append([]Interval(nil), results[0].Intervals...)}
	n := len(results)
	for i := range results {
		r := &results[i]
		all.Add(&r.Figures)
		out.Simulated += r.Simulated / float64(n)
		out.Offers += r.Offers
		out.Missed += r.Missed
		for j := range slots {
			slots[j].Add(&r.Slots[j])
		}
	}
	out.Offers, out.Missed = per(out.Offers, n), per(out.Missed, n)
	out.Figures, out.Slots, out.Batches = all, slots, results[0].Batches
	out.Row = all.Row().per(n)
	for j, q := range results[0].Queues {
		for i := 1; i < n; i++ {
			q.figures.Add(&results[i].Queues[j].figures)
		}
		q.Row = q.figures.Row().per(n)
		out.Queues = append(out.Queues, q)
	}
	for j := range slots {
		agents := 0.0
		for i := range results {
			agents += results[i].Intervals[j].Agents / float64(n)
		}
		out.Intervals[j] = Interval{From: out.Intervals[j].From, Row: slots[j].Row().per(n), Agents: agents}
	}
	return out
}

func per(count, n int) int { return (count + n/2) / n }

// per turns the counts of n runs into those of one.
func (r Row) per(n int) Row {
	r.Served, r.Abandoned, r.Violations = per(r.Served, n), per(r.Abandoned, n), per(r.Violations, n)
	r.Calls, r.Overflowed = per(r.Calls, n), per(r.Overflowed, n)
	r.AgentHours /= float64(n)
	return r
}
