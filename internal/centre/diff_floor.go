package centre

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/threerings/threerings/queue"
)

// floorThings are the categories of calls (R3.1) and the plans for emergencies
// (R12.1), for differences.
func floorThings(c *queue.Config) (all []thing) {
	for _, x := range c.Categories {
		all = append(all, thing{"category " + x.Code, x.Name, []fact{
			{"digit", x.Digit, false}, {"name", x.Name, false}, {"name_en", x.NameEN, false},
		}})
	}
	for _, p := range c.Plans {
		all = append(all, thing{"plan " + p.ID, p.Name, []fact{
			{"name", p.Name, false}, {"name_en", p.NameEN, false}, {"level", strconv.Itoa(p.Level), false},
			{"alert", strings.Join(p.Alert, ", "), false}, {"queues", planText(p.Queues), false},
		}})
	}
	return all
}

// planText is what a plan makes of the queues, as people write it.
func planText(queues map[queue.QueueID]queue.PlanChange) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(queues)) {
		x := queues[id]
		var parts []string
		if x.Closed {
			parts = append(parts, shut)
		}
		if x.Greeting != "" {
			parts = append(parts, "greeting "+x.Greeting)
		}
		if x.OnBudget != "" {
			parts = append(parts, "then "+string(x.OnBudget))
		}
		switch {
		case len(x.Overflows) > 0:
			parts = append(parts, "overflow "+overflowText(x.Overflows))
		case x.Overflows != nil:
			parts = append(parts, "no overflow")
		}
		if x.Routing != nil {
			parts = append(parts, "routing "+routingText(*x.Routing))
		}
		out = append(out, string(id)+" ("+strings.Join(parts, "; ")+")")
	}
	return strings.Join(out, ", ")
}
