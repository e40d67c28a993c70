package dashboard

import "github.com/threerings/threerings/queue"

type wireCategory struct {
	Digit  string `json:"digit"`
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
}

func categoriesOf(list []queue.Category) []wireCategory {
	out := make([]wireCategory, 0, len(list))
	for _, c := range list {
		out = append(out, wireCategory{c.Digit, c.Code, c.Name, english(c.NameEN, c.Name)})
	}
	return out
}

// wirePlan is what is changed in an emergency (R12.1).
type wirePlan struct {
	ID     string                           `json:"id"`
	Name   string                           `json:"name"`
	NameEN string                           `json:"name_en"`
	Level  int                              `json:"level"`
	Alert  []string                         `json:"alert"`
	Queues map[queue.QueueID]wirePlanChange `json:"queues"`
}

// wirePlanChange changes nothing where it is empty or null; no overflows in a
// list that is there take all ways away.
type wirePlanChange struct {
	Greeting  string             `json:"greeting"`
	OnBudget  queue.BudgetPolicy `json:"on_budget"`
	Overflows []wireOverflow     `json:"overflows"`
	Routing   *wireRouting       `json:"routing"`
	Closed    bool               `json:"closed"`
}

func plansOf(plans []queue.Plan) []wirePlan {
	out := make([]wirePlan, 0, len(plans))
	for _, p := range plans {
		plan := wirePlan{p.ID, p.Name, english(p.NameEN, p.Name), p.Level, notNil(p.Alert), map[queue.QueueID]wirePlanChange{}}
		for id, x := range p.Queues {
			change := wirePlanChange{Greeting: x.Greeting, OnBudget: x.OnBudget, Closed: x.Closed}
			if x.Overflows != nil {
				change.Overflows = overflowsOf(x.Overflows)
			}
			if x.Routing != nil {
				r := routingOf(x.Routing)
				change.Routing = &r
			}
			plan.Queues[id] = change
		}
		out = append(out, plan)
	}
	return out
}
