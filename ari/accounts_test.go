package ari

import (
	"slices"
	"strings"
	"testing"

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
	p := PlanFor(c, map[string]string{"1001": "pw"}, Account{ID: "2000", Password: "x"})
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(p.Accounts) != 2 || p.Accounts[0] != (Account{"1001", "pw", "Li", "a1"}) || len(p.Fixed) != 1 || p.Fixed[0].Address != "127.0.0.1:5070" {
		t.Errorf("%+v", p)
	}
	if !slices.Equal(p.Unrecorded, []string{"4001", "4002"}) {
		t.Errorf("unrecorded %v", p.Unrecorded)
	}
	d := p.devices()
	if len(d) != 2 || d["1001"].agent != "a1" || !d["fixed-a2"].fixed {
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
		{Plan{Unrecorded: []string{"40)00"}}, "digits and +"},
	}
	for _, test := range tests {
		if err := test.plan.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.plan, err, test.want)
		}
	}
}

// TestOnlyDifferencesArePushed: what is in place is left alone.
func TestOnlyDifferencesArePushed(t *testing.T) {
	a := Account{ID: "1001", Password: "x", Name: "Li", Agent: "a1"}
	b := a
	b.Password = "y"
	if !same(a.objects(), a.objects()) || same(a.objects(), b.objects()) || same(a.objects(), nil) {
		t.Error("equal accounts must be told from changed ones")
	}
}
