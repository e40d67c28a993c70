package sim

import (
	"math"
	"slices"
)

// Colours of the pictures: told apart in grey and by the colour-blind too.
const (
	colourGood = "#2563eb"
	colourBad  = "#dc2626"
	colourMore = "#0d9488"
	colourDark = "#7c3aed"
)

// Draw draws intervals: calls, three-ring rate and service level, waits,
// agents and occupancy. Needs, if given, are one for each interval. Intervals
// at either end in which nothing was are left out, also of more panels, which
// come first.
func Draw(title, note string, intervals []Interval, needs []Need, target float64, more ...Panel) *Picture {
	from, to := 0, len(intervals)
	idle := func(i int) bool { return intervals[i].Calls == 0 && intervals[i].Agents == 0 }
	for from < to && idle(from) {
		from++
	}
	for to > from && idle(to-1) {
		to--
	}
	all := intervals[from:to]
	of := func(figure func(*Interval) float64) []float64 {
		out := make([]float64, len(all))
		for i := range all {
			out[i] = figure(&all[i])
		}
		return out
	}
	// called leaves a gap where nobody was served: the house was closed.
	called := func(figure func(*Interval) float64) func(*Interval) float64 {
		return func(i *Interval) float64 {
			if i.Served == 0 {
				return math.NaN()
			}
			return figure(i)
		}
	}
	p := &Picture{Title: title, Note: note}
	for i := range all {
		p.Labels = append(p.Labels, all[i].From)
	}
	agents := Panel{Title: "Agents", Format: "%.1f", Series: []Series{
		{Name: "on duty", Kind: Steps, Colour: colourGood, Values: of(func(i *Interval) float64 { return i.Agents })}}}
	if len(needs) == len(intervals) {
		s := Series{Name: "needed, with 95 % interval", Kind: Steps, Colour: colourDark}
		for _, n := range needs[from:to] {
			s.Values = append(s.Values, float64(n.Agents))
			s.Low, s.High = append(s.Low, n.Low), append(s.High, n.High)
		}
		agents.Series = append(agents.Series, s)
	}
	var marks []float64
	if target > 0 {
		marks = []float64{100 * target}
	}
	p.Panels = []Panel{
		{Title: "Calls", Format: "%.0f", Series: []Series{
			{Name: "served", Kind: Bars, Colour: colourGood, Values: of(func(i *Interval) float64 { return float64(i.Served) })},
			{Name: "abandoned", Kind: Bars, Colour: colourBad, Values: of(func(i *Interval) float64 { return float64(i.Abandoned) })}}},
		{Title: "Three rings and service level", Format: "%.0f %%", Top: 100, Marks: marks, Series: []Series{
			{Name: "callers within three rings", Kind: Line, Colour: colourGood, Values: of(called(func(i *Interval) float64 { return 100 * i.Rings }))},
			{Name: "service level (strict)", Kind: Line, Colour: colourMore, Values: of(called(func(i *Interval) float64 { return 100 * i.Level }))}}},
		{Title: "Wait", Format: "%.0f s", Series: []Series{
			{Name: "mean, of the served", Kind: Bars, Colour: colourMore, Values: of(func(i *Interval) float64 { return i.MeanWait })}}},
		{Title: "Occupancy and abandoned share", Format: "%.0f %%", Top: 100, Series: []Series{
			{Name: "occupancy", Kind: Line, Colour: colourDark, Values: of(func(i *Interval) float64 {
				if i.Agents == 0 {
					return math.NaN()
				}
				return 100 * i.Occupancy
			})},
			{Name: "abandoned", Kind: Line, Colour: colourBad, Values: of(called(func(i *Interval) float64 {
				return 100 * float64(i.Abandoned) / float64(i.Served+i.Abandoned)
			}))}}},
		agents,
	}
	for i := range more {
		for j := range more[i].Series {
			x := &more[i].Series[j]
			x.Values, x.Low, x.High = x.Values[from:to], x.Low[from:to], x.High[from:to]
		}
	}
	p.Panels = append(slices.Clip(more), p.Panels...)
	return p
}

// Difference is a panel of what another setting makes of a figure in each
// interval, with its 95 % interval; scale turns the figure's unit into the
// format's.
func Difference(title, format string, scale float64, parts []Compared) Panel {
	s := Series{Name: "difference, with 95 % interval", Kind: Steps, Colour: colourDark}
	for _, c := range parts {
		v, low, high := math.NaN(), 0.0, 0.0
		if c.Difference.N > 1 {
			v, low, high = scale*c.Difference.Mean, scale*c.Difference.Low, scale*c.Difference.High
		}
		s.Values, s.Low, s.High = append(s.Values, v), append(s.Low, low), append(s.High, high)
	}
	return Panel{Title: title, Format: format, Signed: true, Marks: []float64{0}, Series: []Series{s}}
}
