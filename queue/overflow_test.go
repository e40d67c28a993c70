package queue

import (
	"strings"
	"testing"
	"time"
)

// TestWaysAreChecked: a way that leads nowhere, or round in a circle, is
// refused with the configuration.
func TestWaysAreChecked(t *testing.T) {
	to := func(cause OverflowCause, to QueueID) Overflow {
		o := Overflow{Cause: cause, To: to}
		switch cause {
		case OverflowMaxWait:
			o.After = time.Minute
		case OverflowFull:
			o.At = 1
		}
		return o
	}
	tests := []struct {
		name  string
		a, b  []Overflow
		wrong string
	}{
		{"out", []Overflow{to("closed", "")}, []Overflow{to("max_wait", "")}, ""},
		{"a row of three", []Overflow{to("closed", "b"), to("full", "c")}, []Overflow{to("no_agents", "c")}, ""},
		{"itself", []Overflow{to("closed", "a")}, nil, "queue a: overflow goes in a circle: [a a]"},
		{"two", []Overflow{to("closed", "b")}, []Overflow{to("full", "a")}, "[a b a]"},
		{"behind", []Overflow{to("closed", "b")}, []Overflow{to("full", "b")}, "[b b]"},
		{"nowhere", []Overflow{to("closed", "x")}, nil, `to queue x: no such queue`},
		{"twice", []Overflow{to("closed", ""), to("closed", "b")}, nil, "given twice"},
		{"no cause", []Overflow{to("rain", "")}, nil, "no such cause"},
		{"never full", []Overflow{{Cause: OverflowFull}}, nil, "at least 1"},
		{"no wait", []Overflow{{Cause: OverflowMaxWait}}, nil, "must be positive"},
		{"back in time", []Overflow{{Cause: OverflowNoAgents, After: -1}}, nil, "must be positive"},
	}
	for _, test := range tests {
		cfg := Config{Country: "cn", Queues: []QueueConfig{NewQueue("a"), NewQueue("b"), NewQueue("c")}}
		cfg.Queues[0].Overflows, cfg.Queues[1].Overflows = test.a, test.b
		err := cfg.Validate()
		if (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: %v, want %q", test.name, err, test.wrong)
		}
	}
}
