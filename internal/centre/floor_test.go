package centre

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

// TestFloor reads wrap-up, categories and plans in all their forms.
func TestFloor(t *testing.T) {
	c, err := Parse("centre.yaml", []byte(`
queues:
  a: {wrap_up: {kind: required, max: 3m}, overflow: {closed: {to: b}}}
  b: {wrap_up: {kind: optional, time: 20s}}
  c: {wrap_up: 7s}
  d: {wrap_up: {max: 10m}}
  e: {wrap_up: {kind: none}}
categories: [{digit: 1, code: repair, name: 报修}]
emergency:
  flood:
    level: 2
    alert: [1001, "班长 张"]
    queues:
      a: {overflow: {}, closed: true, greeting: threerings/flood, then: ring, routing: {strategy: ring_all}}
      b: {overflow: {closed: {to: a}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	type kind struct {
		Kind      queue.WrapUpKind
		Time, Max time.Duration
	}
	var got []kind
	for _, q := range c.Config.Queues {
		got = append(got, kind{q.WrapUpKind, q.WrapUp, q.WrapUpMax})
	}
	want := []kind{{"required", 0, 3 * time.Minute}, {"optional", 20 * time.Second, 0}, {"", 7 * time.Second, 0}, {"", queue.DefaultWrapUp, 10 * time.Minute}, {"none", 0, 0}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("wrap-up (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]queue.Category{{Digit: "1", Code: "repair", Name: "报修", NameEN: "报修"}}, c.Config.Categories); d != "" {
		t.Errorf("categories (-want +got):\n%s", d)
	}
	plan := queue.Plan{ID: "flood", Name: "flood", NameEN: "flood", Level: 2, Alert: []string{"1001", "班长 张"}, Queues: map[queue.QueueID]queue.PlanChange{
		"a": {Greeting: "threerings/flood", OnBudget: queue.BudgetRing, Overflows: []queue.Overflow{}, Routing: &queue.Routing{Strategy: queue.RingAll}, Closed: true},
		"b": {Overflows: []queue.Overflow{{Cause: queue.OverflowClosed, To: "a"}}},
	}}
	if d := cmp.Diff([]queue.Plan{plan}, c.Config.Plans); d != "" {
		t.Errorf("plans (-want +got):\n%s", d)
	}
}
