package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// simulation is what the flags of simulate say.
type simulation struct {
	rate, rates, trace, replay, offers string // where the callers come from
	queue, zone, fit, judge, weekdays  string // which of a history
	draw, shape                        string
	talk, wrapUp, patience, pickUp     string
	agents, shifts, from               string
	centre, mix, vip                   string
	database, data, config             string // of a replay from the ledger
	extra                              int
	aht                                time.Duration
	strategy                           string
	neverAnswers                       float64
	waitTarget, shortAbandon, interval time.Duration
	calls, days, seeds                 int
	seed                               uint64
	need                               share
	goal, compare, picture             string
	asJSON                             bool
	given                              map[string]bool
}

// share is a flag such as --need or --need=90%.
type share float64

func (s *share) String() string   { return fmt.Sprintf("%g%%", 100*float64(*s)) }
func (s *share) IsBoolFlag() bool { return true }
func (s *share) Set(text string) error {
	switch text {
	case "true":
		*s = 0.95
		return nil
	case "false":
		*s = 0
		return nil
	}
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v > 0 && v < 1) {
		return fmt.Errorf("%q is not a share such as 95%% or 0.95", text)
	}
	*s = share(v)
	return nil
}

func (c *simulation) flags() *flag.FlagSet {
	f := flag.NewFlagSet("simulate", flag.ContinueOnError)
	f.StringVar(&c.rate, "rate", "120/h", "callers: a number per h, m or s; several, with commas, for one interval each from --from on")
	f.StringVar(&c.rates, "rates", "", "`file` with a line for each time the rate changes: 08:15 120 (callers an hour), and agents if wanted")
	f.StringVar(&c.trace, "trace", "", "`file` with the calls of a real call centre, tab-separated (docs/simulator.md)")
	f.StringVar(&c.replay, "replay", "", "`file` from threerings export calls, or a day or two of the ledger (2026-11-01..2026-11-07): the same callers again")
	f.StringVar(&c.database, "database", "", "of --replay with a day: `URL` of the ledger; none: that of the node, as for threerings export (DATABASE_URL)")
	f.StringVar(&c.data, "data", "", "of --replay with a day: data folder of the node; none: as the settings have it")
	f.StringVar(&c.config, "config", "", "of --replay with a day: settings `file` of the node")
	f.StringVar(&c.offers, "offers", "", "`file` from threerings export offers: how fast phones are answered")
	f.StringVar(&c.queue, "queue", "", "of --replay and --offers: this queue only")
	f.StringVar(&c.zone, "zone", "Local", "of --replay: time zone of the days, such as Asia/Shanghai; of the ledger's own days: the house's")
	f.StringVar(&c.fit, "fit", "", "of a trace or replay: the `days` to learn from, such as 1999-02-01..1999-02-07; none: all")
	f.StringVar(&c.judge, "judge", "", "of a trace or replay: the `days` to simulate; none: all")
	f.StringVar(&c.weekdays, "weekdays", "", "of a trace or replay: only these, such as sun-thu or mon,tue")
	f.StringVar(&c.draw, "draw", "", "of a trace or replay: what is drawn by chance: nothing (default of --replay), people (of --trace) or all")
	f.StringVar(&c.shape, "shape", "empirical", "fitted talk and wrap-up: empirical, lognormal or exponential")
	f.DurationVar(&c.aht, "aht", 240*time.Second, "mean handling time, talk and wrap-up together")
	f.StringVar(&c.talk, "talk", "", "talk instead of --aht: exponential:180s, lognormal:180s/200s (mean/deviation) or fixed:180s")
	f.StringVar(&c.wrapUp, "wrap-up", "0s", "work after the call, part of --aht; a bare time is fixed")
	f.StringVar(&c.patience, "patience", "120s", "how long callers wait before hanging up; a bare time is an exponential mean, 0 for ever")
	f.StringVar(&c.pickUp, "pick-up", "0s", "from an agent's first ring to the answer; a bare time is an exponential mean")
	f.StringVar(&c.agents, "agents", "10", "agents on duty; several, with commas, for one interval each from --from on")
	f.StringVar(&c.shifts, "shifts", "", "`file` with a line for each shift: agent (or how many), from, to; with a date in front: of that day")
	f.StringVar(&c.centre, "centre", "", "centre `file`: its queues, skills, strategies and agents (all on duty, or the first --agents of them)")
	f.StringVar(&c.mix, "mix", "", "of --centre: how many callers for each queue, such as support=3,sales=1; none: the same for each")
	f.StringVar(&c.vip, "vip", "0", "share of callers who are customers with a level, such as 0.1 or 10%; of a trace also: trace, as its priority column says")
	f.IntVar(&c.extra, "extra", 0, "so many more agents whenever one is on duty")
	f.StringVar(&c.strategy, "strategy", "", "who is rung first, as in the queue's settings")
	f.Float64Var(&c.neverAnswers, "never-answers", 0, "share of offers left to ring to the limit")
	f.DurationVar(&c.waitTarget, "wait-target", queue.DefaultServiceLevel, "threshold of the service level")
	f.DurationVar(&c.shortAbandon, "short-abandon", queue.DefaultShortAbandon, "callers who leave earlier are left out of the three-ring rate")
	f.DurationVar(&c.interval, "interval", 15*time.Minute, "length of the intervals of the table and of --rate and --agents with commas")
	f.StringVar(&c.from, "from", "00:00", "time of the day that --rate and --agents with commas begin at")
	f.IntVar(&c.calls, "calls", 200_000, "how many callers come; with rates by the time of the day: at least about so many; with --compare 20000 a run if not given")
	f.IntVar(&c.days, "days", 0, "with rates by the time of the day: how many days instead")
	f.Uint64Var(&c.seed, "seed", 1, "the same seed gives the same run")
	f.IntVar(&c.seeds, "seeds", 0, "how many runs, with this seed and the next ones; none: 1, with --compare 10, with --need 5")
	f.Var(&c.need, "need", "find the agents needed in each interval for this share (95% if none is given) of --goal")
	f.StringVar(&c.goal, "goal", "within_rings", "what --need is for: within_rings, within_15s, or a service level: answered, positive, strict, ignore_short, ignore_early")
	f.StringVar(&c.compare, "compare", "", "play the same callers again with these `flags` changed, such as \"--agents 12\", or another centre file")
	f.StringVar(&c.picture, "svg", "", "draw the table into this `file`")
	f.BoolVar(&c.asJSON, "json", false, "print one JSON object")
	return f
}

// simulate plays calls on a virtual clock and prints what came out.
func simulate(ctx context.Context, args []string, out io.Writer) error {
	c, err := simulationFrom(args)
	if err != nil {
		return err
	}
	began := time.Now()
	house, err := c.house(ctx)
	if err != nil {
		return err
	}
	r := report{Seed: c.seed, settings: c, house: house}
	bar := progress(out)
	defer bar.clear()
	if c.need > 0 {
		if err := c.findNeed(ctx, house, &r, bar); err != nil {
			return err
		}
	}
	bar.of(house.expected() * float64(c.runs()))
	house.settings.Progress = bar.show
	results, err := sim.Runs(ctx, house.settings, c.runs())
	if err != nil {
		return err
	}
	r.Result, r.Confidence, r.Runs = sim.Mean(results), sim.Estimates(results), len(results)
	if c.compare != "" {
		if err := c.playOther(ctx, args, results, &r, bar); err != nil {
			return err
		}
	}
	bar.clear()
	r.Wall = time.Since(began).Seconds()
	if c.picture != "" {
		if err := r.draw(c.picture); err != nil {
			return err
		}
	}
	return r.print(out)
}

func simulationFrom(args []string) (*simulation, error) {
	c := &simulation{given: map[string]bool{}}
	flags := c.flags()
	if err := parse(flags, args); err != nil {
		return nil, err
	}
	flags.Visit(func(f *flag.Flag) { c.given[f.Name] = true })
	sources := 0
	for _, name := range []string{"rate", "rates", "trace", "replay"} {
		if c.given[name] {
			sources++
		}
	}
	switch {
	case sources > 1:
		return nil, fmt.Errorf("give one of --rate, --rates, --trace and --replay")
	case c.given["agents"] && c.shifts != "":
		return nil, fmt.Errorf("give one of --agents and --shifts")
	case c.mix != "" && c.centre == "":
		return nil, fmt.Errorf("--mix: needs --centre, whose queues it names")
	case c.centre != "" && (c.need > 0 || c.extra > 0):
		return nil, fmt.Errorf("--centre: has the agents that it names; --need and --extra cannot add to them")
	case (c.database != "" || c.data != "" || c.config != "") && !c.fromLedger():
		return nil, fmt.Errorf("--database, --data and --config: need --replay with a day of the ledger, such as 2026-11-22")
	case c.vip == "trace" && c.trace == "":
		return nil, fmt.Errorf("--vip trace: needs --trace")
	case c.extra < 0 || c.seeds < 0 || c.seeds > 1000 || c.days < 0 || c.days > 100_000:
		return nil, fmt.Errorf("--extra, --seeds and --days cannot be negative; seeds at most 1000, days 100,000")
	case c.calls < 1 || c.calls > 1_000_000_000:
		return nil, fmt.Errorf("--calls %d: must be 1 to 1,000,000,000", c.calls)
	case c.interval < time.Minute || sim.Day%c.interval != 0:
		return nil, fmt.Errorf("--interval %s: a day must be a whole number of them, of a minute at least", c.interval)
	case c.aht <= 0:
		return nil, fmt.Errorf("--aht %s: must be positive", c.aht)
	case c.compare != "" && c.need > 0:
		return nil, fmt.Errorf("give one of --compare and --need")
	}
	if (c.compare != "" || c.need > 0) && c.seeds == 1 {
		return nil, fmt.Errorf("--seeds 1: give 2 or more, to tell what --need and --compare find from chance")
	}
	if c.compare != "" && !strings.HasPrefix(strings.TrimSpace(c.compare), "-") {
		c.compare = "--centre " + c.compare
	}
	if c.compare != "" && !c.given["calls"] {
		c.calls = 20_000 // in each of the runs
	}
	return c, nil
}

// runs is how many runs are played.
func (c *simulation) runs() int {
	switch {
	case c.seeds > 0:
		return c.seeds
	case c.compare != "":
		return 10
	case c.need > 0:
		return 5
	}
	return 1
}

// playOther plays the same callers with other flags.
func (c *simulation) playOther(ctx context.Context, args []string, results []sim.Result, r *report, bar *bar) error {
	d, err := simulationFrom(append(append([]string(nil), args...), strings.Fields(c.compare)...))
	if err != nil {
		return fmt.Errorf("--compare: %w", err)
	}
	d.seed, d.calls, d.seeds = c.seed, c.calls, c.seeds
	other, err := d.house(ctx)
	if err != nil {
		return fmt.Errorf("--compare: %w", err)
	}
	bar.of(other.expected() * float64(len(results)))
	other.settings.Progress = bar.show
	theirs, err := sim.Runs(ctx, other.settings, len(results))
	if err != nil {
		return fmt.Errorf("--compare: %w", err)
	}
	mean := sim.Mean(theirs)
	r.Other, r.Comparison = &mean.Row, sim.Compare(results, theirs)
	for _, f := range sim.MainFigures() {
		switch f.Name {
		case "within_rings":
			r.differences = append(r.differences, sim.Difference("Callers within three rings: change by "+c.compare, "%+.0f points", 100, sim.CompareParts(f, results, theirs)))
		case "mean_wait_s":
			r.differences = append(r.differences, sim.Difference("Mean wait: change", "%+.0f s", 1, sim.CompareParts(f, results, theirs)))
		}
	}
	return nil
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

// opened opens a file for a reader and puts its name before errors.
func opened[T any](name string, read func(io.Reader) (T, error)) (v T, err error) {
	f, err := os.Open(name)
	if err != nil {
		return v, err
	}
	defer f.Close()
	if v, err = read(f); err != nil {
		return v, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
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
