package queue

import (
	"fmt"
	"slices"
	"time"
)

// Strategy says which of the agents who could take a call is rung, or that
// several are.
type Strategy string

// Strategies. In all of them agents who have more of the preferred skills come
// first, then those of a lower rank in the queue; the strategy decides among
// equals. Ties go to who has been idle longest, then by the configuration.
const (
	LongestIdle    Strategy = "longest_idle"
	FewestCalls    Strategy = "fewest_calls"    // answered today
	LeastTalk      Strategy = "least_talk"      // time in conversation today
	RoundRobin     Strategy = "round_robin"     // the next in the configuration after who was rung last
	FixedOrder     Strategy = "fixed_order"     // the first in the configuration
	WeightedRandom Strategy = "weighted_random" // drawn by the call's id; rank 2 half as often as rank 1, and so on
	RingAll        Strategy = "ring_all"        // everybody at once; the first to answer has it
	Widening       Strategy = "widening"        // everybody of rank 1; the next rank joins after some rings
)

// Strategies lists all strategies.
func Strategies() []Strategy {
	return []Strategy{LongestIdle, FewestCalls, LeastTalk, RoundRobin, FixedOrder, WeightedRandom, RingAll, Widening}
}

// parallel tells whether a call rings several phones from the start.
func (s Strategy) parallel() bool { return s == RingAll || s == Widening }

// Routing is how a queue chooses agents.
type Routing struct {
	Strategy Strategy `json:"strategy,omitempty"` // empty: longest idle
	// WidenRings is after how many of the caller's rings the next rank joins,
	// with Widening; zero means two.
	WidenRings int         `json:"widen_rings,omitempty"`
	Skills     []SkillRule `json:"skills,omitempty"`
	// LastAgent is how long a call is kept for the agent whom its caller spoke
	// to last, if that agent is signed in and serves the queue; zero: not.
	LastAgent time.Duration `json:"last_agent,omitempty"`
	Backup    Backup        `json:"backup,omitzero"`
}

// SkillRule is a skill that calls of a queue want.
type SkillRule struct {
	Skill string `json:"skill"`
	Level int    `json:"level"` // from this level on
	// Required: nobody else is rung. Otherwise such agents are rung first.
	Required bool    `json:"required,omitempty"`
	Relax    []Relax `json:"relax,omitempty"` // in order of time
}

// Relax lowers the level that is wanted once a call has waited; level zero
// wants nothing more.
type Relax struct {
	After time.Duration `json:"after"`
	Level int           `json:"level"`
}

// level is the level wanted of a call that has waited so long.
func (r *SkillRule) level(waited time.Duration) int {
	level := r.Level
	for _, x := range r.Relax {
		if waited >= x.After {
			level = x.Level
		}
	}
	return level
}

// Overtaking bounds what priority may do to the calls it passes over (R4.1): a
// call that was overtaken so often, or for so long, goes before all others.
type Overtaking struct {
	Calls int           `json:"calls"` // zero: 3
	Wait  time.Duration `json:"wait"`  // since it was first overtaken; zero: 30 s
}

func (o Overtaking) limits() (calls int, wait time.Duration) {
	calls, wait = o.Calls, o.Wait
	if calls == 0 {
		calls = 3
	}
	if wait == 0 {
		wait = 30 * time.Second
	}
	return calls, wait
}

// Level is a class of customers with a lane of its own (R4.1).
type Level struct {
	Name     string `json:"name"`
	Priority int    `json:"priority"` // added to the queue's
}

// Ranks and skill levels.
const (
	MaxRank  = 9
	MaxSkill = 10
)

// rank is an agent's rank in a queue: 1 is rung first.
func (g *AgentConfig) rank(q QueueID) int {
	if r := g.Ranks[q]; r > 0 {
		return r
	}
	return 1
}

func (r *Routing) validate() error {
	if r.Strategy != "" && !slices.Contains(Strategies(), r.Strategy) {
		return fmt.Errorf("strategy %q: known are %v", r.Strategy, Strategies())
	}
	if r.WidenRings < 0 || r.WidenRings > 20 || r.LastAgent < 0 {
		return fmt.Errorf("widen %d, last_agent %s: cannot be", r.WidenRings, r.LastAgent)
	}
	seen := map[string]bool{}
	for _, s := range r.Skills {
		if s.Skill == "" || seen[s.Skill] {
			return fmt.Errorf("skill %q: a name must be given, and once only", s.Skill)
		}
		seen[s.Skill] = true
		if s.Level < 1 || s.Level > MaxSkill {
			return fmt.Errorf("skill %s: level %d must be 1 to %d", s.Skill, s.Level, MaxSkill)
		}
		after, level := time.Duration(0), s.Level
		for _, x := range s.Relax {
			if x.After <= after || x.Level >= level || x.Level < 0 {
				return fmt.Errorf("skill %s: relax must go on in time and down in level", s.Skill)
			}
			after, level = x.After, x.Level
		}
	}
	return r.Backup.validate()
}

// validateRouting checks what concerns queues and agents together: a skill that
// is required and that nobody has would keep callers waiting for ever.
func (c *Config) validateRouting() error {
	for i := range c.Queues {
		q := &c.Queues[i]
		if err := q.Routing.validate(); err != nil {
			return fmt.Errorf("queue %s: routing: %w", q.ID, err)
		}
		for _, s := range q.Routing.Skills {
			able := func(g AgentConfig) bool { return slices.Contains(g.Queues, q.ID) && g.Skills[s.Skill] >= s.Level }
			if s.Required && len(c.Agents) > 0 && !slices.ContainsFunc(c.Agents, able) {
				return fmt.Errorf("queue %s: nobody who serves it has skill %s at level %d", q.ID, s.Skill, s.Level)
			}
		}
	}
	for _, g := range c.Agents {
		for q, rank := range g.Ranks {
			if !slices.Contains(g.Queues, q) || rank < 1 || rank > MaxRank {
				return fmt.Errorf("agent %s: rank %d in queue %s: must be 1 to %d, in a queue that they serve", g.ID, rank, q, MaxRank)
			}
		}
		for skill, level := range g.Skills {
			if level < 1 || level > MaxSkill {
				return fmt.Errorf("agent %s: skill %s: level %d must be 1 to %d", g.ID, skill, level, MaxSkill)
			}
		}
	}
	if c.Overtaking.Calls < 0 || c.Overtaking.Wait < 0 {
		return fmt.Errorf("overtaking: calls %d and wait %s cannot be negative", c.Overtaking.Calls, c.Overtaking.Wait)
	}
	levels := map[string]bool{}
	for _, l := range c.Levels {
		if l.Name == "" || levels[l.Name] {
			return fmt.Errorf("level %q: a name must be given, and once only", l.Name)
		}
		levels[l.Name] = true
	}
	for _, number := range sortedKeys(c.Customers) {
		if !levels[c.Customers[number]] {
			return fmt.Errorf("customer %s: there is no level %q", number, c.Customers[number])
		}
	}
	return nil
}
