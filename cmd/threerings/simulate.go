package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// simulate plays calls on a virtual clock and prints what came out.
func simulate(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	s := sim.Settings{}
	rate := flags.String("rate", "120/h", "callers: a number per h, m or s")
	flags.IntVar(&s.Agents, "agents", 10, "agents on duty")
	flags.DurationVar(&s.AHT, "aht", 240*time.Second, "mean handling time, talk and wrap-up together")
	flags.DurationVar(&s.WrapUp, "wrap-up", 0, "part of the handling time spent after the call")
	flags.DurationVar(&s.Patience, "patience", 120*time.Second, "mean time a caller waits before hanging up; 0 = for ever")
	flags.DurationVar(&s.PickUp, "pick-up", 0, "mean time from an agent's first ring to the answer")
	flags.Float64Var(&s.NeverAnswers, "never-answers", 0, "share of offers left to ring to the limit")
	flags.DurationVar(&s.WaitTarget, "wait-target", queue.DefaultServiceLevel, "threshold of the service level")
	flags.IntVar(&s.Calls, "calls", 200_000, "how many callers come")
	flags.Uint64Var(&s.Seed, "seed", 1, "the same seed gives the same run")
	asJSON := flags.Bool("json", false, "print one JSON object")
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if s.Rate, err = perHour(*rate); err != nil {
		return err
	}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && !*asJSON {
		s.Progress = func(ended int) { fmt.Fprintf(os.Stderr, "\r%3d %%", 100*ended/s.Calls) }
		defer fmt.Fprint(os.Stderr, "\r     \r")
	}
	began := time.Now()
	r, err := sim.Run(ctx, s)
	if err != nil {
		return err
	}
	wall := time.Since(began).Seconds()
	if *asJSON {
		return json.NewEncoder(out).Encode(struct {
			sim.Result
			Wall float64 `json:"wall_seconds"`
		}{r, wall})
	}
	_, err = fmt.Fprintf(out, `calls              %d
served             %d
abandoned          %d
mean wait          %.1f s
within 15 s        %.1f %%  (of the served)
service level      %.1f %%  (%s, %s)
within three rings %.1f %%  (callers, R1.2)
occupancy          %.1f %%
violations         %d
simulated          %s in %.1f s
`, r.Calls, r.Served, r.Abandoned, r.MeanWait, 100*r.Within15, 100*r.Level, r.Formula, s.WaitTarget, 100*r.Rings,
		100*r.Occupancy, r.Violations, time.Duration(r.Simulated*float64(time.Second)).Round(time.Second), wall)
	return err
}

// perHour reads "120/h", "2/m", "0.5/s" or a bare number per hour.
func perHour(text string) (float64, error) {
	number, unit, _ := strings.Cut(text, "/")
	factor, ok := map[string]float64{"": 1, "h": 1, "m": 60, "min": 60, "s": 3600}[unit]
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok {
		return 0, fmt.Errorf("--rate %s: give a number per h, m or s, such as 120/h", text)
	}
	return n * factor, nil
}

// parse reads flags and refuses what is left over.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not understood: flags begin with --; see threerings %s --help", flags.Arg(0), flags.Name())
	}
	return nil
}
