package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/queue/sim"
)

// fromLedger tells whether --replay names days of a ledger, not a file.
func (c *simulation) fromLedger() bool {
	_, _, err := daysOf(c.replay)
	return c.replay != "" && err == nil
}

// daysOf reads a day or two, 2026-11-22 or 2026-11-01..2026-11-07.
func daysOf(text string) (first, last string, err error) {
	first, last, both := strings.Cut(text, "..")
	if !both {
		last = first
	}
	for _, day := range []string{first, last} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", "", fmt.Errorf("give a day or two, such as 2026-11-22 or 2026-11-01..2026-11-07")
		}
	}
	return first, last, nil
}

// ledger is what a live ledger says of the days of a replay.
type ledger struct {
	calls     *sim.History
	intervals []queue.AgentInterval
	rang      *sim.PickUps // nil: no phone was answered
}

// readLedger reads the days of --replay, and those of --fit with them.
func (c *simulation) readLedger(ctx context.Context) (l ledger, err error) {
	do := func(db *postgres.DB) error {
		l, err = c.readDays(ctx, db)
		return err
	}
	if c.database == "" {
		return l, withLedger(ctx, ledgerFlags{&c.data, &c.config}, do)
	}
	db, err := postgres.Open(ctx, c.database)
	if err != nil {
		return l, err
	}
	defer db.Close()
	return l, do(db)
}

func (c *simulation) readDays(ctx context.Context, db *postgres.DB) (l ledger, err error) {
	zone, err := c.zoneOf(ctx, db)
	if err != nil {
		return l, err
	}
	first, last, err := daysOf(c.replay)
	if err != nil {
		return l, fmt.Errorf("--replay %s: %w", c.replay, err)
	}
	if c.judge == "" {
		c.judge = c.replay
	}
	if c.fit == "" {
		c.fit = c.replay
	}
	for _, other := range []string{c.fit, c.judge} {
		a, b, err := daysOf(other)
		if err != nil {
			return l, fmt.Errorf("--fit and --judge: %w", err)
		}
		first, last = min(first, a), max(last, b)
	}
	since, all := midnights(first, last, zone)
	until := since.AddDate(0, 0, all)
	var calls, offers bytes.Buffer
	if err := db.Export(ctx, &calls, "calls", since, until, "csv", zone); err != nil {
		return l, err
	}
	if l.calls, err = sim.ReadLedger(&calls, c.queue, zone); err != nil {
		return l, fmt.Errorf("--replay %s: %w", c.replay, err)
	}
	if err := db.Export(ctx, &offers, "offers", since, until, "csv", zone); err != nil {
		return l, err
	}
	if p, err := sim.ReadOffers(&offers, c.queue, sim.Shape(c.shape)); err == nil { // else nobody answered
		l.rang = &p
	}
	l.intervals, err = intervalsOf(ctx, db, since, all)
	return l, err
}

func midnights(first, last string, zone *time.Location) (from time.Time, days int) {
	from, _ = time.ParseInLocation(time.DateOnly, first, zone) // were read so
	to, _ := time.ParseInLocation(time.DateOnly, last, zone)
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		days++
	}
	return from, days
}

// workOn is the agents' time on the days of a history.
func (h *house) workOn(days *sim.History) sim.Work {
	from, n := days.Days()
	return sim.WorkOf(h.intervals, from, n, time.Now())
}

// zoneOf is the house's own time zone, unless one is given.
func (c *simulation) zoneOf(ctx context.Context, db *postgres.DB) (*time.Location, error) {
	name := c.zone
	if !c.given["zone"] {
		if applied := zoneApplied(ctx, db); applied != "" {
			name = applied
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("--zone %s: %w", name, err)
	}
	return zone, nil
}

// zoneApplied names the time zone of the centre applied last; empty: none is, or
// this version does not understand it.
func zoneApplied(ctx context.Context, db *postgres.DB) string {
	applied, err := db.Centre(ctx)
	if err != nil {
		return ""
	}
	house, err := centre.Parse("the house's centre file", []byte(applied.Source))
	if err != nil {
		return ""
	}
	return house.TimeZone
}

// intervalsOf reads the agents' intervals by the hour, since one answer of the
// ledger has an end.
func intervalsOf(ctx context.Context, db *postgres.DB, from time.Time, days int) (all []queue.AgentInterval, err error) {
	const most = 20_000
	type key struct {
		agent queue.AgentID
		from  int64
	}
	seen := map[key]bool{}
	for at := from; at.Before(from.AddDate(0, 0, days)); at = at.Add(time.Hour) {
		some, err := db.Intervals(ctx, postgres.Filter{Since: at, Until: at.Add(time.Hour), Limit: most})
		if err != nil {
			return nil, err
		}
		if len(some) == most {
			return nil, fmt.Errorf("--replay: more than %d intervals of agents at %s: too many to read", most, at.Format(time.DateTime))
		}
		for _, x := range some {
			if k := (key{x.Agent, x.From.UnixNano()}); !seen[k] {
				seen[k] = true
				all = append(all, x)
			}
		}
	}
	return all, nil
}

// agentIDs are the configuration's agents who are on duty, as the simulator
// counts them; nil without one.
func (c *simulation) agentIDs(s *sim.Settings) (ids []queue.AgentID) {
	if s.House == nil {
		return nil
	}
	for _, g := range s.House.Agents {
		ids = append(ids, g.ID)
	}
	slices.Sort(ids)
	return ids
}

func (c *simulation) rota(s *sim.Settings) (*sim.Rota, error) {
	var names []string
	for _, id := range c.agentIDs(s) {
		names = append(names, string(id))
	}
	return opened(c.shifts, func(in io.Reader) (*sim.Rota, error) { return sim.ReadShifts(in, names) })
}
