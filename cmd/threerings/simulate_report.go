package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/threerings/threerings/queue/sim"
)

// report is what is printed, as text or as one JSON object.
type report struct {
	sim.Result
	Wall float64 `json:"wall_seconds"`
	Seed uint64  `json:"seed"`
	Runs int     `json:"runs"` // counts are those of the mean run
	// Confidence is the 95 % interval of each main figure, over the runs, or
	// over the batches of a single one.
	Confidence map[string]sim.Estimate `json:"confidence,omitempty"`
	Trace      *sim.Row                `json:"trace,omitempty"` // what really was
	Repaired   map[string]int          `json:"repaired,omitempty"`
	Ignored    map[string]int          `json:"ignored,omitempty"`
	Fitted     map[string]string       `json:"fitted,omitempty"`
	Goal       string                  `json:"goal,omitempty"`
	Target     float64                 `json:"target,omitempty"`
	Need       []sim.Need              `json:"need,omitempty"`
	Own        *sim.Row                `json:"own_agents,omitempty"` // before the needed ones came
	Other      *sim.Row                `json:"other,omitempty"`      // with --compare
	Comparison []sim.Compared          `json:"comparison,omitempty"`

	settings    *simulation
	house       *house
	differences []sim.Panel // with --compare, for the picture
}

func (r *report) print(out io.Writer) error {
	if !r.house.daily {
		r.Intervals = nil
	}
	if h := r.house.judged; h != nil {
		row := h.Row(r.settings.waitTarget, r.settings.shortAbandon)
		r.Trace, r.Repaired, r.Ignored = &row, h.Repaired, h.Ignored
		r.Fitted = map[string]string{"talk": r.house.fitted.Talk.String(), "wrap_up": "none", "patience": "for ever"}
		if d := r.house.fitted.WrapUp; d != nil {
			r.Fitted["wrap_up"] = d.String()
		}
		if d := r.house.fitted.Quiet; d != nil {
			r.Fitted["wrap_up_quiet"] = d.String()
		}
		if d := r.house.fitted.Patience; d != nil {
			r.Fitted["patience"] = d.String()
		}
	}
	if r.settings.asJSON {
		for name, e := range r.Confidence { // JSON knows no infinity
			if math.IsInf(e.High, 0) {
				delete(r.Confidence, name)
			}
		}
		return json.NewEncoder(out).Encode(r)
	}
	var b strings.Builder
	r.text(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

func (r *report) text(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	r.intervals(t)
	t.Flush()
	rows := []*sim.Row{&r.Row}
	heads := []string{"simulated"}
	if r.Trace != nil {
		rows, heads = append(rows, r.Trace), append(heads, "really was")
	}
	if r.Own != nil {
		rows, heads = append(rows, r.Own), append(heads, "own agents")
		heads[0] = "agents needed"
	}
	if r.Other != nil {
		rows, heads = append(rows, r.Other), append(heads, r.settings.compare)
	}
	t = tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\t%s\t\n", strings.Join(heads, "\t"))
	line := func(name string, format func(*sim.Row) string) {
		fmt.Fprintf(t, "%s", name)
		for _, row := range rows {
			fmt.Fprintf(t, "\t%s", format(row))
		}
		fmt.Fprintf(t, "\t\n")
	}
	line("calls", func(x *sim.Row) string { return fmt.Sprint(x.Calls) })
	line("served", func(x *sim.Row) string { return fmt.Sprint(x.Served) })
	line("abandoned", func(x *sim.Row) string { return fmt.Sprint(x.Abandoned) })
	line("mean wait of the served", func(x *sim.Row) string { return fmt.Sprintf("%.1f s", x.MeanWait) })
	line("within 15 s, of the served", func(x *sim.Row) string { return percent(x.Within15) })
	line("callers within three rings (R1.2)", func(x *sim.Row) string { return percent(x.Rings) })
	for i := range r.Levels {
		line(fmt.Sprintf("service level %s, %s", r.Levels[i].Formula, r.settings.waitTarget), func(x *sim.Row) string { return percent(x.Levels[i].Value) })
	}
	line("violations (R1.1)", func(x *sim.Row) string { return fmt.Sprint(x.Violations) })
	line("agents' hours on duty", func(x *sim.Row) string { return known(x.AgentHours, fmt.Sprintf("%.0f", x.AgentHours)) })
	line("occupancy", func(x *sim.Row) string { return known(x.AgentHours, percent(x.Occupancy)) })
	t.Flush()
	r.queues(b)
	r.sure(b)
	fmt.Fprintf(b, "\n%s simulated in %.1f s (%d runs from seed %d)\n",
		time.Duration(r.Simulated*float64(time.Second)).Round(time.Second), r.Wall, r.Runs, r.Seed)
}

// queues is the table of a house with several.
func (r *report) queues(b *strings.Builder) {
	if len(r.Queues) == 0 {
		return
	}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nqueue\tcalls\tserved\tabandoned\toverflowed\tmean wait\tthree rings\tstrict\t")
	for _, q := range r.Queues {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%.1f s\t%s\t%s\t\n", q.Queue, q.Calls, q.Served, q.Abandoned, q.Overflowed, q.MeanWait, percent(q.Rings), percent(q.Level))
	}
	t.Flush()
}

// known leaves a place empty for what a history does not tell.
func known(hours float64, text string) string {
	if hours == 0 {
		return "-"
	}
	return text
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// intervals is the table by the time of the day.
func (r *report) intervals(t io.Writer) {
	if len(r.Intervals) > 0 {
		fmt.Fprintln(t, "from\tcalls\tserved\tabandoned\tmean wait\tthree rings\tstrict\tanswered\tpositive\tno short\tno early\toccupancy\tagents\tneeded (95 %)\t")
	}
	some := false
	for i, x := range r.Intervals {
		if x.Calls == 0 && x.Agents == 0 {
			continue
		}
		some = true
		level, rings, wait := map[string]string{}, "-", "-"
		for _, l := range x.Levels {
			level[l.Formula] = "-"
			if x.Served > 0 {
				level[l.Formula] = percent(l.Value)
			}
		}
		if x.Served > 0 {
			rings, wait = percent(x.Rings), fmt.Sprintf("%.1f s", x.MeanWait)
		}
		need := ""
		if len(r.Need) == len(r.Intervals) {
			need = needed(r.Need[i])
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t\n", x.From, x.Calls, x.Served, x.Abandoned, wait, rings,
			level["strict"], level["answered"], level["positive"], level["ignore_short"], level["ignore_early"], known(x.AgentHours, percent(x.Occupancy)), x.Agents, need)
	}
	if some {
		fmt.Fprintln(t)
	}
}

func needed(n sim.Need) string {
	if !n.Reachable {
		return "never"
	}
	return fmt.Sprintf("%d (%.0f-%.0f)", n.Agents, n.Low, n.High)
}

// sure is what chance may have done to the figures.
func (r *report) sure(b *strings.Builder) {
	if len(r.Need) == 1 {
		fmt.Fprintf(b, "\nagents needed for %s %s: %s\n", percent(r.Target), r.Goal, needed(r.Need[0]))
	}
	if len(r.Comparison) > 0 {
		fmt.Fprintf(b, "\ndifference made by %s, over %d pairs of runs with the same callers:\n", r.settings.compare, r.Runs)
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "\tbefore\tthen\tdifference\t95 % interval\t")
		for _, x := range r.Comparison {
			verdict := ""
			if x.Difference.Low <= 0 && x.Difference.High >= 0 {
				verdict = "may be chance"
			}
			fmt.Fprintf(t, "  %s\t%.4g\t%.4g\t%+.4g\t%+.4g … %+.4g\t%s\n", x.Name, x.A, x.B, x.Difference.Mean, x.Difference.Low, x.Difference.High, verdict)
		}
		t.Flush()
	}
	if len(r.Comparison) > 0 || len(r.Confidence) == 0 {
		return
	}
	fmt.Fprintf(b, "\n95 %% intervals:\n")
	for _, f := range sim.MainFigures() {
		if e, ok := r.Confidence[f.Name]; ok && e.High > e.Low {
			fmt.Fprintf(b, "  %-16s %.4g (%.4g … %.4g)\n", f.Name, e.Mean, e.Low, e.High)
		}
	}
}

// draw writes the picture.
func (r *report) draw(file string) error {
	intervals := r.Intervals
	if !r.house.daily { // a rate that never changes: the run in pieces
		intervals = r.pieces()
	}
	title := "Simulated: " + r.settings.source()
	note := fmt.Sprintf("%d calls a run, %d runs from seed %d; %.1f %% of callers within three rings, mean wait %.1f s, %.1f %% occupied",
		r.Calls, r.Runs, r.Seed, 100*r.Rings, r.MeanWait, 100*r.Occupancy)
	target := r.Target
	if target == 0 {
		target = 0.95
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := sim.Draw(title, note, intervals, r.Need, target, r.differences...).Write(f); err != nil {
		f.Close()
		return fmt.Errorf("draw %s: %w", file, err)
	}
	return f.Close()
}

func (r *report) pieces() (out []sim.Interval) {
	hours := r.Simulated / 3600 / float64(max(len(r.Batches), 1))
	for i := range r.Batches {
		x := sim.Interval{From: fmt.Sprintf("%.0f h", float64(i)*hours), Row: r.Batches[i].Row()}
		x.Agents = x.AgentHours / hours
		out = append(out, x)
	}
	return out
}

func (c *simulation) source() string {
	switch {
	case c.trace != "":
		return filepath.Base(c.trace)
	case c.replay != "":
		return filepath.Base(c.replay)
	case c.rates != "":
		return filepath.Base(c.rates)
	case c.centre != "":
		return filepath.Base(c.centre) + ", " + c.rate
	}
	return c.rate
}

// bar shows on a terminal how far it is; in a pipe there is none.
type bar struct {
	on    bool
	total float64
	shown int
}

func progress(out io.Writer) *bar {
	f, ok := out.(*os.File)
	return &bar{on: ok && term.IsTerminal(int(f.Fd())) && term.IsTerminal(int(os.Stderr.Fd())), shown: -1}
}

func (b *bar) of(total float64) { b.total, b.shown = max(total, 1), -1 }

func (b *bar) show(done int) {
	const width = 40
	share := min(float64(done)/b.total, 1)
	if p := int(100 * share); b.on && p != b.shown {
		b.shown = p
		n := int(share * width)
		fmt.Fprintf(os.Stderr, "\r[%s%s] %3d %%", strings.Repeat("█", n), strings.Repeat("░", width-n), p)
	}
}

func (b *bar) clear() {
	if b.on && b.shown >= 0 {
		fmt.Fprintf(os.Stderr, "\r%s\r", strings.Repeat(" ", 50))
		b.shown = -1
	}
}
