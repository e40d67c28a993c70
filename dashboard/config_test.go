package dashboard

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/everyfield"
	"github.com/threerings/threerings/queue"
)

// fullCentre sets every field of a configuration, as those of a real one could
// be together.
func fullCentre() *queue.Config {
	var c queue.Config
	everyfield.Fill(&c)
	c.Customers = map[string]string{"138": c.Levels[0].Name}
	return &c
}

// Everything that the core decides by can be read back: no field of its
// configuration can change without a change of the answer.
func TestConfigShowsEveryField(t *testing.T) {
	answer := func(c *queue.Config) []byte {
		text, err := json.Marshal(configOf(c, Centre{Name: "店", Location: houseZone}))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	c := fullCentre()
	plain, seen := answer(c), 0
	everyfield.Change(c, func(path string) {
		seen++
		if bytes.Equal(plain, answer(c)) {
			t.Errorf("%s is not in the answer of GET /api/v1/config: add it to config.go or config_rules.go, and to openapi.yaml", path)
		}
	})
	if seen < 60 || !bytes.Equal(plain, answer(c)) {
		t.Errorf("%d fields seen; the test does not do what it should", seen)
	}
}

// A centre with all rules is answered as documented.
func TestConfigOfEveryRuleIsAsDocumented(t *testing.T) {
	c := newCentre(t)
	cfg := testCentre()
	q := &cfg.Queues[0]
	q.Routing = queue.Routing{Strategy: queue.Widening, WidenRings: 3, LastAgent: 10 * time.Second, Backup: queue.Backup{Target: 0.95},
		Skills: []queue.SkillRule{{Skill: "english", Level: 5, Required: true, Relax: []queue.Relax{{After: 20 * time.Second}}}}}
	q.Missed = []queue.MissRule{{Reason: queue.MissedBusy, Then: queue.Ready, Pause: 30 * time.Second}}
	q.SignOutAfter = 3
	q.Hours = &queue.Hours{Name: "office", Days: map[string][]queue.Span{"2026-10-01": nil}}
	q.Overflows = []queue.Overflow{{Cause: queue.OverflowMaxWait, After: time.Minute, To: "sales"}}
	q.Callback.CustomerFirst = true
	cfg.Agents[0].Skills = map[string]int{"english": 5}
	cfg.Agents[1].Ranks = map[queue.QueueID]int{"sales": 2}
	cfg.Levels, cfg.Customers = []queue.Level{{Name: "vip", Priority: 20}}, map[string]string{"13800000001": "vip"}
	cfg.Priorities = map[string]int{"4000": 5}
	cfg.Categories = []queue.Category{{Digit: "1", Code: "order", Name: "订单"}}
	cfg.Plans = []queue.Plan{{ID: "fire", Name: "火灾", Level: 3, Alert: []string{"1001"},
		Queues: map[queue.QueueID]queue.PlanChange{"support": {Closed: true}, "sales": {Overflows: []queue.Overflow{}, Routing: &queue.Routing{Strategy: queue.RingAll}}}}}
	c.core.step(time.Now(), queue.Configure{Config: cfg})
	got := c.get(t, "GET /api/v1/config", "supervisor", "", http.StatusOK)
	for path, want := range map[string]any{"queues.0.routing.strategy": "widening", "queues.0.routing.skills.0.relax.0.after_ms": 20000.0,
		"queues.0.routing.backup.target": 0.95, "queues.1.routing.backup": nil, "queues.1.routing.strategy": "longest_idle",
		"queues.0.missed.0.pause_ms": 30000.0, "queues.0.callback.first": "customer", "agents.0.skills.english": 5.0, "agents.1.ranks.sales": 2.0,
		"levels.0.customers.0": "13800000001", "number_priorities.4000": 5.0, "reasons.0.limit_ms": 600000.0,
		"plans.0.queues.sales.routing.strategy": "ring_all", "plans.0.queues.support.overflows": nil, "categories.0.name_en": "订单"} {
		if is := at(got, path); is != want {
			t.Errorf("%s is %v, want %v", path, is, want)
		}
	}
}

// at follows a path with dots into decoded JSON.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return "nothing there"
			}
			v = x[i]
		}
	}
	return v
}
