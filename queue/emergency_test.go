package queue

import (
	"strings"
	"testing"
)

// TestPlansAreAsSoundAsTheHouse: what would be refused of the house is refused
// of what a plan makes of it, before anybody needs the plan.
func TestPlansAreAsSoundAsTheHouse(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"a circle": {func(c *Config) {
			c.Plans[0].Queues["sales"] = PlanChange{Overflows: []Overflow{{Cause: OverflowClosed, To: "support"}}}
		}, "plan flood: queue support: overflow goes in a circle"},
		"an unknown way": {func(c *Config) {
			c.Plans[0].Queues["sales"] = PlanChange{Overflows: []Overflow{{Cause: OverflowClosed, To: "x"}}}
		}, `to queue x: no such queue`},
		"unknown queue":   {func(c *Config) { c.Plans[0].Queues["x"] = PlanChange{} }, `plan flood: there is no queue "x"`},
		"a strategy":      {func(c *Config) { c.Plans[0].Queues["sales"] = PlanChange{Routing: &Routing{Strategy: "x"}} }, "strategy"},
		"a policy":        {func(c *Config) { c.Plans[0].Queues["sales"] = PlanChange{OnBudget: "x"} }, "on_budget"},
		"a level":         {func(c *Config) { c.Plans[0].Level = 4 }, "level 4 must be 1 to 3"},
		"an id twice":     {func(c *Config) { c.Plans = append(c.Plans, c.Plans[0]) }, "once only"},
		"category twice":  {func(c *Config) { c.Categories = []Category{{Code: "a"}, {Code: "a"}} }, "once only"},
		"a digit":         {func(c *Config) { c.Categories = []Category{{Code: "a", Digit: "0"}} }, "must be one of 1-9"},
		"a digit twice":   {func(c *Config) { c.Categories = []Category{{Code: "a", Digit: "1"}, {Code: "b", Digit: "1"}} }, "each used once"},
		"a kind":          {func(c *Config) { c.Queues[0].WrapUpKind = "x" }, "known are"},
		"a short maximum": {func(c *Config) { c.Queues[0].WrapUp, c.Queues[0].WrapUpMax = 9, 8 }, "longer than"},
	} {
		cfg, err := house("maxwait=9s,sales", "plan=flood:2:maxwait=5s,sales")
		if err != nil {
			t.Fatal(err)
		}
		tc.change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// TestPlanTakesWaysAway: an empty list of ways is not the same as none given.
func TestPlanTakesWaysAway(t *testing.T) {
	q := QueueConfig{ID: "q", Greeting: "g", Overflows: []Overflow{{Cause: OverflowMaxWait, After: 1}}}
	p := Plan{Queues: map[QueueID]PlanChange{"q": {Overflows: []Overflow{}}}}
	if got := p.change(&q); len(got.Overflows) != 0 || got.Greeting != "g" || len(q.Overflows) != 1 {
		t.Errorf("under the plan: %+v; without: %+v", got, q)
	}
	p.Queues["q"] = PlanChange{Greeting: "other"}
	if got := p.change(&q); len(got.Overflows) != 1 || got.Greeting != "other" {
		t.Errorf("under the plan: %+v", got)
	}
}
