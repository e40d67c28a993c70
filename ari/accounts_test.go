package ari

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

func TestPlanFor(t *testing.T) {
	sales := queue.NewQueue("sales")
	sales.Record = false
	c := &queue.Config{
		Queues:  []queue.QueueConfig{queue.NewQueue("support"), sales},
		Numbers: map[string]queue.QueueID{"4000": "support", "4001": "sales", "4002": "sales"},
		Agents: []queue.AgentConfig{
			{ID: "a1", Name: "Li", Phone: queue.Phone{Kind: queue.PhoneAccount, Value: "1001"}},
			{ID: "a2", Name: "Wang", Phone: queue.Phone{Kind: queue.PhoneFixed, Value: "127.0.0.1:5070"}},
		},
	}
	p := PlanFor(c, map[string]string{"1001": "pw"})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(p.Accounts) != 1 || p.Accounts[0] != (Account{"1001", "pw", "Li", "a1"}) || len(p.Fixed) != 1 || p.Fixed[0].Address != "127.0.0.1:5070" {
		t.Errorf("%+v", p)
	}
	if !maps.Equal(p.Recorded, map[string]bool{"4000": true, "4001": false, "4002": false}) {
		t.Errorf("recorded %v", p.Recorded)
	}
	d := p.devices()
	if len(d) != 2 || d["1001"].agent != "a1" || d["fixed-a2"].fixed == "" {
		t.Errorf("devices %v", d)
	}
}

func TestPlansRefused(t *testing.T) {
	tests := []struct {
		plan Plan
		want string
	}{
		{Plan{Accounts: []Account{{ID: "10/01", Password: "x"}}}, `account "10/01"`},
		{Plan{Accounts: []Account{{ID: "trunk", Password: "x"}}}, "another meaning"},
		{Plan{Accounts: []Account{{ID: "fixed-7", Password: "x"}}}, "another meaning"},
		{Plan{Accounts: []Account{{ID: "1001"}}}, "give it a password"},
		{Plan{Accounts: []Account{{ID: "1001", Password: "a\nb"}}}, "line break"},
		{Plan{Accounts: []Account{{ID: "1001", Password: "x"}, {ID: "1001", Password: "y"}}}, "given twice"},
		{Plan{Fixed: []FixedPhone{{Agent: "a1", Address: "127.0.0.1"}}}, "host:port"},
		{Plan{Fixed: []FixedPhone{{Agent: "a1", Address: "127.0.0.1:99999"}}}, "host:port"},
		{Plan{Fixed: []FixedPhone{{Agent: "a1", Address: "x;y:5060"}}}, "host:port"},
		{Plan{Fixed: []FixedPhone{{Agent: "a b", Address: "h:1"}}}, "needs an id"},
		{Plan{Recorded: map[string]bool{"40)00": false}}, "digits and +"},
	}
	for _, test := range tests {
		if err := test.plan.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.plan, err, test.want)
		}
	}
}

// TestOnlyDifferencesArePushed: what is in place is left alone; and all of one
// kind comes before the next, since Asterisk reads all its endpoints for each
// new aor, which kept phones from signing on while accounts were pushed.
func TestOnlyDifferencesArePushed(t *testing.T) {
	inFake(t, func(t *testing.T, k *fake) {
		var mu sync.Mutex
		var requests []aritest.Request
		var failing string
		k.server.Handle(func(r aritest.Request) (aritest.Answer, bool) {
			if r.Method == "GET" || !strings.HasPrefix(r.Path, "/asterisk/config/") {
				return aritest.Answer{}, false
			}
			mu.Lock()
			defer mu.Unlock()
			requests = append(requests, r)
			if failing != "" && strings.HasSuffix(r.Path, failing) {
				return aritest.Answer{Status: 400, Body: "{}"}, true
			}
			return aritest.Answer{}, false
		})
		k.hear()
		// pushed are the objects of a push, in the order of their kinds.
		pushed := func(p Plan) []string {
			requests = nil
			err := k.sw.Provision(t.Context(), p)
			if (err != nil) != (failing != "") {
				t.Errorf("provision: %v", err)
			}
			var kinds, out []string
			for _, r := range requests {
				parts := strings.Split(r.Path, "/")
				kinds = append(kinds, r.Method+" "+parts[5])
				out = append(out, r.Method+" "+strings.Join(parts[5:], "/"))
			}
			order := []string{"DELETE endpoint", "DELETE aor", "DELETE auth", "PUT auth", "PUT aor", "PUT endpoint"}
			if !slices.IsSortedFunc(kinds, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }) {
				t.Errorf("the kinds are mixed: %v", kinds)
			}
			slices.Sort(out)
			return out
		}
		plan := Plan{Fixed: []FixedPhone{{Agent: "a9", Address: "127.0.0.1:9"}}}
		for i := range 20 {
			plan.Accounts = append(plan.Accounts, Account{ID: itoa(1000 + i), Password: "x", Agent: queue.AgentID(itoa(i))})
		}
		if got := pushed(plan); len(got) != 62 {
			t.Errorf("20 accounts and a fixed phone: %d objects %v", len(got), got)
		}
		if got := pushed(plan); got != nil {
			t.Errorf("the same again: %v", got)
		}
		plan.Accounts[3].Password, plan.Fixed = "y", nil
		wantStrings(t, pushed(plan), "DELETE aor/fixed-a9", "DELETE endpoint/fixed-a9", "PUT auth/1003")

		failing = "auth/1003"
		plan.Accounts[3].Password = "z"
		plan.Accounts[4].Name = "Li"
		wantStrings(t, pushed(plan), "PUT auth/1003", "PUT endpoint/1004")
		failing = ""
		wantStrings(t, pushed(plan), "PUT auth/1003")
	})
}

func wantStrings(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
