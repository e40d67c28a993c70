package dashboard

import (
	"cmp"
	"maps"
	"slices"

	"github.com/threerings/threerings/queue"
)

// The rules of a queue, as the configuration has them: zero is the default that
// openapi.yaml names.

type wireRouting struct {
	Strategy    queue.Strategy  `json:"strategy"`
	WidenRings  int             `json:"widen_rings"`
	Skills      []wireSkillRule `json:"skills"`
	LastAgentMS int64           `json:"last_agent_ms"`
	Backup      *wireBackup     `json:"backup"` // null: none
}

type wireSkillRule struct {
	Skill    string      `json:"skill"`
	Level    int         `json:"level"`
	Required bool        `json:"required"`
	Relax    []wireRelax `json:"relax"`
}

type wireRelax struct {
	AfterMS int64 `json:"after_ms"`
	Level   int   `json:"level"`
}

type wireBackup struct {
	Target float64 `json:"target"`
	Phones int     `json:"phones"`
	InVain float64 `json:"in_vain"`
}

func routingOf(r *queue.Routing) wireRouting {
	out := wireRouting{Strategy: cmp.Or(r.Strategy, queue.LongestIdle), WidenRings: r.WidenRings, LastAgentMS: ms(r.LastAgent),
		Skills: make([]wireSkillRule, 0, len(r.Skills))}
	if b := r.Backup; b != (queue.Backup{}) {
		out.Backup = &wireBackup{b.Target, b.Phones, b.InVain}
	}
	for _, s := range r.Skills {
		rule := wireSkillRule{s.Skill, s.Level, s.Required, make([]wireRelax, 0, len(s.Relax))}
		for _, x := range s.Relax {
			rule.Relax = append(rule.Relax, wireRelax{ms(x.After), x.Level})
		}
		out.Skills = append(out.Skills, rule)
	}
	return out
}

type wireMissRule struct {
	Reason  queue.MissReason `json:"reason"`
	Then    queue.AgentState `json:"then"`
	PauseMS int64            `json:"pause_ms"`
}

func missedOf(rules []queue.MissRule) []wireMissRule {
	out := make([]wireMissRule, 0, len(rules))
	for _, r := range rules {
		out = append(out, wireMissRule{r.Reason, r.Then, ms(r.Pause)})
	}
	return out
}

type wireTransferRule struct {
	WaitMS   int64 `json:"wait_ms"`
	RecallMS int64 `json:"recall_ms"`
}

type wireOutboundRule struct {
	Number string `json:"number"`
	RingMS int64  `json:"ring_ms"`
}

type wireRecordingRule struct {
	MuteLimitMS int64 `json:"mute_limit_ms"`
}

type wireCallbackRule struct {
	First     string `json:"first"`
	Attempts  int    `json:"attempts"`
	PauseMS   int64  `json:"pause_ms"`
	Abandoned bool   `json:"abandoned"`
	Goodbye   string `json:"goodbye"`
}

func callbackOf(r queue.CallbackRule) wireCallbackRule {
	first := "agent"
	if r.CustomerFirst {
		first = "customer"
	}
	return wireCallbackRule{first, r.Attempts, ms(r.Pause), r.Abandoned, r.Goodbye}
}

// wireCustomerLevel is a class of customers with a lane of its own.
type wireCustomerLevel struct {
	Name      string   `json:"name"`
	Priority  int      `json:"priority"`
	Customers []string `json:"customers"`
}

type wireOvertaking struct {
	Calls  int   `json:"calls"`
	WaitMS int64 `json:"wait_ms"`
}

func levelsOf(c *queue.Config) []wireCustomerLevel {
	out := make([]wireCustomerLevel, 0, len(c.Levels))
	for _, l := range c.Levels {
		level := wireCustomerLevel{l.Name, l.Priority, []string{}}
		for _, number := range slices.Sorted(maps.Keys(c.Customers)) {
			if c.Customers[number] == l.Name {
				level.Customers = append(level.Customers, number)
			}
		}
		out = append(out, level)
	}
	return out
}

// orEmpty makes an empty object of none, so that JSON has {} and never null.
func orEmpty[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}
