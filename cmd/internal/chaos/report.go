package chaos

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// Report is what a run found.
type Report struct {
	At      time.Time     `json:"at"`
	Seed    uint64        `json:"seed"`
	Machine bench.Machine `json:"machine"`
	Faults  []*Fault      `json:"faults"`
}

// Fault is what came of one kind of fault.
type Fault struct {
	Kind     string `json:"kind"`
	Times    int    `json:"times"` // how often it was done
	Calls    int    `json:"calls"` // of robots
	Talks    int    `json:"talks"` // conversations among them
	Air      int    `json:"air"`   // calls that were up when it struck, summed
	Dropped  int    `json:"dropped"`
	Lost     int    `json:"lost"`     // not on record
	Doubled  int    `json:"doubled"`  // on record more than once
	Wrong    int    `json:"wrong"`    // on record as something else
	Taken    int    `json:"taken"`    // up when Asterisk was killed: gone with it, counted nowhere else
	Fallback int    `json:"fallback"` // rung at the dialplan's fallback group
	Unseen   int    `json:"unseen"`   // came and went while nobody was in control: no row is expected
	// Corrected are calls of which a leader that was replaced could tell nobody
	// all: it did so afterwards.
	Corrected   int     `json:"corrected"`
	SilentS     float64 `json:"silent_s"` // the longest time that a caller heard nothing on an answered line
	Silent      int     `json:"silent"`   // callers beyond the limit of that
	UnrecordedS float64 `json:"unrecorded_s"`
	GapMS       int64   `json:"gap_ms"` // the longest time without audio in a conversation
	// FalseGaps are recordings on record as incomplete in which nothing is
	// missing: the end of the call was seen late.
	FalseGaps  int      `json:"false_gaps"`
	Inversions int      `json:"order_inversions"`
	LateRings  int      `json:"late_rings"`   // telephones that rang more than 200 ms after their caller had left, and after the fault
	LateRingMS int64    `json:"late_ring_ms"` // the longest that one rang after its caller had left, also in a fault
	Stuck      int      `json:"stuck_agents"`
	Commands   int      `json:"commands"`    // to Asterisk that were about a call
	TwoLeaders int      `json:"two_leaders"` // of these, given by one leader after a newer one had given one for the same call
	Control    Spread   `json:"control_back_ms"`
	Trouble    []string `json:"trouble,omitempty"` // what failed, call by call
	Repeat     string   `json:"repeat"`            // the command that does the first portion again

	back []time.Duration
}

// Spread is a distribution in milliseconds.
type Spread struct {
	P50 int64 `json:"p50"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`
}

func spread(all []time.Duration) Spread {
	if len(all) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(all))
	at := func(share float64) int64 {
		return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)].Milliseconds()
	}
	return Spread{P50: at(0.5), P99: at(0.99), Max: sorted[len(sorted)-1].Milliseconds()}
}

// add takes in what came of one portion of a kind.
func (r *Report) add(g *Fault) {
	i := slices.IndexFunc(r.Faults, func(f *Fault) bool { return f.Kind == g.Kind })
	if i < 0 {
		i = len(r.Faults)
		r.Faults = append(r.Faults, &Fault{Kind: g.Kind, Repeat: g.Repeat})
	}
	f := r.Faults[i]
	defer slices.SortStableFunc(r.Faults, func(a, b *Fault) int { return order(a.Kind) - order(b.Kind) })
	f.Times += g.Times
	f.Calls += g.Calls
	f.Talks += g.Talks
	f.Air += g.Air
	f.Dropped += g.Dropped
	f.Lost += g.Lost
	f.Doubled += g.Doubled
	f.Wrong += g.Wrong
	f.Taken += g.Taken
	f.Fallback += g.Fallback
	f.Unseen += g.Unseen
	f.Corrected += g.Corrected
	f.SilentS = max(f.SilentS, g.SilentS)
	f.Silent += g.Silent
	f.UnrecordedS += g.UnrecordedS
	f.GapMS = max(f.GapMS, g.GapMS)
	f.FalseGaps += g.FalseGaps
	f.Inversions += g.Inversions
	f.LateRings += g.LateRings
	f.LateRingMS = max(f.LateRingMS, g.LateRingMS)
	f.Stuck += g.Stuck
	f.Commands += g.Commands
	f.TwoLeaders += g.TwoLeaders
	f.back = append(f.back, g.back...)
	f.Control = spread(f.back)
	if g.Failed() {
		f.Trouble = append(append(f.Trouble, "again: "+g.Repeat), g.Trouble...)
	}
}

// order is the place of a kind among all; of several, the first's.
func order(name string) int {
	first, _, _ := strings.Cut(name, "+")
	return slices.Index(Kinds(), first)
}

// Failed tells whether a promise was broken.
func (f *Fault) Failed() bool { return len(f.Trouble) > 0 }

// Failed tells whether any promise was broken.
func (r *Report) Failed() bool { return slices.ContainsFunc(r.Faults, (*Fault).Failed) }

// JSON is the report as a file.
func (r *Report) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return append(data, '\n'), nil
}

// Table writes the report for people, in Markdown, and under it what failed.
func (r *Report) Table(out io.Writer) error {
	fmt.Fprintf(out, "%s, %d cores, %s, Asterisk %s, %s; %s, seed %d\n\n", r.Machine.CPU, r.Machine.Cores, r.Machine.Kernel, r.Machine.Asterisk,
		r.Machine.Go, r.At.Format("2006-01-02"), r.Seed)
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| fault\t| times\t| calls (in the air)\t| dropped\t| lost, doubled, wrong\t| unrecorded s\t| longest audio gap ms\t| longest silence s\t| overtaken\t| rang late\t| stuck agents\t| two leaders\t| back in control p50, p99, max ms\t|")
	fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, f := range r.Faults {
		fmt.Fprintf(w, "| %s\t| %d\t| %d (%d)\t| %d\t| %d, %d, %d\t| %.1f\t| %d\t| %.1f\t| %d\t| %d\t| %d\t| %d\t| %d, %d, %d\t|\n", f.Kind, f.Times, f.Calls, f.Air,
			f.Dropped, f.Lost, f.Doubled, f.Wrong, f.UnrecordedS, f.GapMS, f.SilentS, f.Inversions, f.LateRings, f.Stuck, f.TwoLeaders, f.Control.P50, f.Control.P99, f.Control.Max)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	for _, f := range r.Faults {
		if !f.Failed() {
			continue
		}
		fmt.Fprintf(out, "\n%s failed:\n", f.Kind)
		for _, line := range f.Trouble {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	return nil
}
