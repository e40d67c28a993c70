package queue

import (
	"slices"
	"time"
)

// LimitsNow is how much of the limits is taken up.
type LimitsNow struct {
	// PerSecond is how many of a second's new calls are used up.
	PerSecond int
	// Trunks are those with calls or with a limit of their own, by name.
	Trunks []TrunkNow
	// PerCaller is how many calls the number has that has the most; customers with
	// a priority, who have no such limit, are left out.
	PerCaller int
	Caller    string // that number; empty: no number calls
	Waiting   int
}

// TrunkNow is a trunk's calls at present.
type TrunkNow struct {
	Trunk string
	Calls int
	Limit int // zero: none
}

// LimitsNow tells how much of the limits is taken up, counted as the limits
// count (refuses).
func (s *Snapshot) LimitsNow(now time.Time) LimitsNow {
	l := &s.Config.Limits
	var n LimitsNow
	if left := s.GateFull.Sub(now); l.PerSecond > 0 && left > 0 {
		n.PerSecond = min(int((left+l.interval()-1)/l.interval()), l.PerSecond)
	}
	trunks, callers := map[string]int{}, map[string]int{}
	for name := range l.Trunks {
		trunks[name] = 0
	}
	for i := range s.Calls {
		c := &s.Calls[i]
		if !c.fromOutside() {
			continue
		}
		if c.Endpoint != "" {
			trunks[c.Endpoint]++
		}
		if c.unanswered() {
			n.Waiting++
		}
		if validNumber(c.Caller) && s.Config.priorityOf(c.Caller) <= 0 {
			callers[c.Caller]++
		}
	}
	for _, name := range sortedKeys(trunks) {
		n.Trunks = append(n.Trunks, TrunkNow{Trunk: name, Calls: trunks[name], Limit: l.OfTrunk(name)})
	}
	for _, number := range sortedKeys(callers) {
		if callers[number] > n.PerCaller {
			n.PerCaller, n.Caller = callers[number], number
		}
	}
	return n
}

// fromOutside tells whether a caller is on the line who counts for the limits.
func (c *Call) fromOutside() bool {
	return c.Direction == Inbound && c.Leg == LegID(c.ID) && c.ByAgent == ""
}

// unanswered tells whether no agent has answered yet.
func (c *Call) unanswered() bool {
	return c.State == CallMenu || c.State == CallWaiting || c.State == CallOffered
}

// priorityOf is the priority of a customer's level; zero for everybody else.
func (c *Config) priorityOf(caller string) int { return c.levelPriority(c.Customers[caller]) }

func (c *Config) levelPriority(level string) int {
	if i := slices.IndexFunc(c.Levels, func(l Level) bool { return l.Name == level }); i >= 0 {
		return c.Levels[i].Priority
	}
	return 0
}
