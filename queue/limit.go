package queue

import (
	"fmt"
	"slices"
	"time"
)

// Limits are what a house takes in at most; beyond them a call gets a busy
// answer at once, so that those who are in are served as ever. Zero is no limit.
// Agents' own phones, and callers who are given their old place, are let in.
type Limits struct {
	// PerSecond is how many new calls a second are let in, and at one moment.
	PerSecond int `json:"per_second,omitempty"`
	// PerTrunk is how many calls of one trunk there are at once, Trunks the same
	// for those of that endpoint; zero there is no limit too.
	PerTrunk int            `json:"per_trunk,omitempty"`
	Trunks   map[string]int `json:"trunks,omitempty"`
	// PerCaller is how many calls of one number there are at once, CallerPerMinute
	// how many new ones are let in within a minute. Who calls without a number,
	// and customers with a priority (R4.1), are not held to these.
	PerCaller       int `json:"per_caller,omitempty"`
	CallerPerMinute int `json:"caller_per_minute,omitempty"`
	// Waiting is how many callers are at once before an agent has answered them,
	// those in menus too.
	Waiting int     `json:"waiting,omitempty"`
	Ban     BanRule `json:"ban,omitzero"`
}

// BanRule is when a number is banned: it was refused so often, by its own
// limits, within a time. Zero After is never.
type BanRule struct {
	After  int           `json:"after,omitempty"`
	Within time.Duration `json:"within,omitempty"`
	For    time.Duration `json:"for,omitempty"`
}

// DefaultLimits are those of a house that gives none: far above what people do
// who call, and below what a flood of calls needs to be one. A single number has
// none, since a switchboard or a gateway may show one for all who call through it.
func DefaultLimits() Limits {
	return Limits{PerSecond: 100, Waiting: 1000,
		Ban: BanRule{After: 30, Within: time.Minute, For: 10 * time.Minute}}
}

// Bounds of limits, for the sizes of what is remembered.
const (
	MostLimit       = 100_000
	MostPerSecond   = 1000
	MostTrunks      = 100 // with limits of their own
	MostCallerLimit = 600 // calls of a number in a minute, and refusals until it is banned
	MostBan         = 30 * 24 * time.Hour
	MostBanWithin   = time.Hour
)

// Reasons for which a call is turned away.
const (
	TurnedUnknown = "unknown_number"
	TurnedRate    = "too_many_calls"
	TurnedTrunk   = "trunk_full"
	TurnedSource  = "source_limit"
	TurnedWaiting = "too_many_waiting"
	TurnedBanned  = "banned"
)

// TurnedReasons lists the reasons for which a call is turned away.
func TurnedReasons() []string {
	return []string{TurnedUnknown, TurnedRate, TurnedTrunk, TurnedSource, TurnedWaiting, TurnedBanned}
}

func (l Limits) validate() error {
	for _, x := range []struct {
		name    string
		n, most int
	}{{"per_second", l.PerSecond, MostPerSecond}, {"per_trunk", l.PerTrunk, MostLimit}, {"per_caller", l.PerCaller, MostLimit},
		{"caller_per_minute", l.CallerPerMinute, MostCallerLimit}, {"waiting", l.Waiting, MostLimit}, {"ban after", l.Ban.After, MostCallerLimit}} {
		if x.n < 0 || x.n > x.most {
			return fmt.Errorf("limits: %s %d: must be 0 (no limit) to %d", x.name, x.n, x.most)
		}
	}
	if len(l.Trunks) > MostTrunks {
		return fmt.Errorf("limits: %d trunks: must be at most %d", len(l.Trunks), MostTrunks)
	}
	for _, name := range sortedKeys(l.Trunks) {
		if n := l.Trunks[name]; name == "" || n < 0 || n > MostLimit {
			return fmt.Errorf("limits: trunk %q: %d: must be 0 (no limit) to %d, for a name", name, n, MostLimit)
		}
	}
	if b := l.Ban; b.After > 0 && (b.Within <= 0 || b.Within > MostBanWithin || b.For <= 0 || b.For > MostBan) {
		return fmt.Errorf("limits: ban within %s for %s: within must be up to %s, for up to %s", b.Within, b.For, MostBanWithin, MostBan)
	}
	return nil
}

// gate is what is remembered of calls that came. Events alone change it, so that
// every replica lets in the same calls.
type gate struct {
	// full is when the house can take a whole second's calls again.
	full    time.Time
	sources map[string]*origin
	refused map[string]uint64 // calls turned away, by reason
	bans    []NumberBan       // oldest first
	last    []Turned          // the calls turned away last, oldest first
}

// Turned is a call that was not let in.
type Turned struct {
	At     time.Time `json:"at"`
	Number string    `json:"number"` // dialled
	Caller string    `json:"caller"`
	Reason string    `json:"reason"`
}

// turnedKept is how many of them are remembered.
const turnedKept = 20

// origin is a number that calls.
type origin struct {
	Number string      `json:"number"`
	Let    []time.Time `json:"let,omitempty"`    // its calls that were let in, the last minute's
	Turned []time.Time `json:"turned,omitempty"` // and those refused by its limits
	Last   time.Time   `json:"last"`
}

// sourcesKept is how many numbers are remembered at most: a flood with a new
// number for each call does not grow anything.
const sourcesKept = 4096

// refuses tells why a call is not let in; empty: it is. A caller who waited
// while we were away is not counted against the calls of this second.
func (a *ACD) refuses(in CallArrived, waited bool) string {
	l := &a.cfg.Limits
	if a.agentAt(in.Endpoint, in.Addr) != "" {
		return ""
	}
	if a.limitedSource(in.Caller) {
		at, minute := a.callsNow(func(c *Call) bool { return c.Caller == in.Caller }), 0
		if s := a.gate.sources[in.Caller]; s != nil {
			minute = s.lastMinute(a.now)
		}
		if (l.PerCaller > 0 && at >= l.PerCaller) || (l.CallerPerMinute > 0 && minute >= l.CallerPerMinute) {
			return TurnedSource
		}
	}
	switch {
	case in.Endpoint != "" && l.OfTrunk(in.Endpoint) > 0 && a.callsNow(func(c *Call) bool { return c.Endpoint == in.Endpoint }) >= l.OfTrunk(in.Endpoint):
		return TurnedTrunk
	case l.Waiting > 0 && a.waitingNow() >= l.Waiting:
		return TurnedWaiting
	case l.PerSecond > 0 && !waited && a.gate.full.Sub(a.now) > time.Second-l.interval():
		return TurnedRate
	}
	return ""
}

// OfTrunk is how many calls of a trunk there are at once: its own limit, else
// that of all; zero: no limit.
func (l *Limits) OfTrunk(endpoint string) int {
	if n, own := l.Trunks[endpoint]; own {
		return n
	}
	return l.PerTrunk
}

func (l *Limits) interval() time.Duration { return time.Second / time.Duration(l.PerSecond) }

// limitedSource tells whether the limits of a number are for this caller.
func (a *ACD) limitedSource(caller string) bool {
	return validNumber(caller) && a.cfg.priorityOf(caller) <= 0
}

// callsNow counts callers who are on the line.
func (a *ACD) callsNow(of func(*Call) bool) (n int) {
	for _, c := range a.order {
		if c.fromOutside() && of(c) {
			n++
		}
	}
	return n
}

// waitingNow counts callers on the line whom no agent has answered yet.
func (a *ACD) waitingNow() int {
	return a.callsNow((*Call).unanswered)
}

// turnAway ends a call that is not let in. A number that goes on against its own
// limits is banned.
func (a *ACD) turnAway(in CallArrived, reason string) {
	a.emit(CallTurnedAway{Call: CallID(in.Leg), Number: in.Number, Caller: in.Caller, Reason: reason})
	a.do(HangUp{Leg: in.Leg, Reason: HangUpBusy})
	r := a.cfg.Limits.Ban
	if s := a.gate.sources[in.Caller]; reason == TurnedSource && r.After > 0 && s != nil && len(s.Turned) >= r.After {
		a.ban(NumberBanned{Number: in.Caller, Until: a.now.Add(r.For), Refused: len(s.Turned)})
	}
}

// letIn notes a call that was let in.
func (a *ACD) letIn(at time.Time, c *Call) {
	if c.ByAgent != "" {
		return
	}
	l := &a.cfg.Limits
	if l.PerSecond > 0 {
		if a.gate.full.Before(at) {
			a.gate.full = at
		}
		a.gate.full = a.gate.full.Add(l.interval())
		if most := at.Add(time.Second); a.gate.full.After(most) {
			a.gate.full = most // those who had waited: no debt
		}
	}
	if l.CallerPerMinute > 0 && a.limitedSource(c.Caller) {
		s := a.source(at, c.Caller)
		s.Let = lately(append(s.Let, at), at, time.Minute, l.CallerPerMinute)
	}
}

// applyTurnedAway counts a call that was not let in. Its caller's refusals count
// only where they can lead to a ban.
func (a *ACD) applyTurnedAway(at time.Time, e CallTurnedAway) {
	if a.gate.refused == nil {
		a.gate.refused = map[string]uint64{}
	}
	a.gate.refused[e.Reason]++
	a.gate.last = append(a.gate.last, Turned{at, e.Number, e.Caller, e.Reason})
	a.gate.last = slices.Delete(a.gate.last, 0, max(len(a.gate.last)-turnedKept, 0))
	if e.Reason == TurnedBanned {
		a.applyTurnedBanned(e.Caller)
	}
	if r := a.cfg.Limits.Ban; e.Reason == TurnedSource && r.After > 0 {
		s := a.source(at, e.Caller)
		s.Turned = lately(append(s.Turned, at), at, r.Within, r.After)
	}
}

// lately keeps of times those that are not older than within, and the last most.
func lately(times []time.Time, at time.Time, within time.Duration, most int) []time.Time {
	first := max(len(times)-most, 0)
	for first < len(times) && at.Sub(times[first]) >= within {
		first++
	}
	return slices.Delete(times, 0, first)
}

// lastMinute counts the calls that were let in within a minute.
func (s *origin) lastMinute(now time.Time) (n int) {
	for _, t := range s.Let {
		if now.Sub(t) < time.Minute {
			n++
		}
	}
	return n
}

// source is what is remembered of a number; the half that called longest ago
// gives way when they are too many.
func (a *ACD) source(at time.Time, number string) *origin {
	g := &a.gate
	s := g.sources[number]
	if s == nil {
		if len(g.sources) >= sourcesKept {
			list := g.list()
			slices.SortStableFunc(list, func(x, y origin) int { return x.Last.Compare(y.Last) })
			for _, old := range list[:sourcesKept/2] {
				delete(g.sources, old.Number)
			}
		}
		if g.sources == nil {
			g.sources = map[string]*origin{}
		}
		s = &origin{Number: number}
		g.sources[number] = s
	}
	s.Last = at
	return s
}

// list is what is remembered of numbers, by number.
func (g *gate) list() []origin {
	var out []origin
	for _, n := range sortedKeys(g.sources) {
		out = append(out, *g.sources[n])
	}
	return out
}

func (g *gate) restore(full time.Time, sources []origin, refused map[string]uint64, bans []NumberBan, last []Turned) {
	*g = gate{full: full, refused: refused, bans: bans, last: last}
	for _, s := range sources {
		if g.sources == nil {
			g.sources = map[string]*origin{}
		}
		g.sources[s.Number] = &s
	}
}

// checkGate: what is remembered of numbers stays small, and no ban is over.
func (a *ACD) checkGate(bad func(string, ...any)) {
	g := &a.gate
	if len(g.sources) > sourcesKept || len(g.bans) > bansKept || len(g.last) > turnedKept {
		bad("%d numbers, %d bans and %d calls turned away are remembered", len(g.sources), len(g.bans), len(g.last))
	}
	seen := map[string]bool{}
	for _, b := range g.bans {
		if seen[b.Number] || !b.until(a.now) {
			bad("ban of %s until %v: it is over, or there twice", b.Number, b.Until)
		}
		seen[b.Number] = true
	}
	for n, s := range g.sources {
		if len(s.Let) > MostCallerLimit || len(s.Turned) > MostCallerLimit || s.Number != n {
			bad("number %s: %d calls and %d refusals are remembered", n, len(s.Let), len(s.Turned))
		}
	}
}
