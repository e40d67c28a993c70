package ari

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestProvision: accounts come, change and go on a running Asterisk; phones
// that are not concerned stay as they are.
func TestProvision(t *testing.T) {
	in := boot(t)
	c := open(t, in, in.ARIURL(), Plan{})
	ctx := limit(t)
	register := func(account, password string) error {
		p := newRobot(t, robot.PhoneOptions{User: account, Password: password})
		return p.Register(ctx, "sip:"+c.sip(), time.Minute)
	}
	quiet := func(number string) string {
		var v struct{ Value string }
		err := c.sw.rest.do(ctx, http.MethodGet, "/asterisk/variable", url.Values{"variable": {"TR_NOREC_" + number}}, nil, &v)
		if err != nil && !isGone(err) {
			t.Fatal(err)
		}
		return v.Value
	}
	if register("1001", "one") == nil {
		t.Error("an account that is not there registers")
	}
	plan := Plan{
		Accounts: []Account{{ID: "1001", Password: "one", Agent: "a1"}, {ID: "1002", Password: "two", Agent: "a2"}},
		Fixed:    []FixedPhone{{Agent: "a9", Address: "127.0.0.1:9"}},
		Recorded: map[string]bool{"4000": true, "4001": false},
	}
	must(t, c.sw.Provision(ctx, plan))
	must(t, register("1001", "one"))
	wait(t, c.told, "the phone to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a1" && p.State == queue.PhoneIdle })
	wait(t, c.told, "the fixed phone to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a9" && p.State == queue.PhoneIdle })
	if err := register("1001", "two"); err == nil {
		t.Error("a wrong password registers")
	}
	if err := register(fixedPrefix+"a9", "x"); err == nil {
		t.Error("somebody registers as a fixed phone")
	}
	if quiet("4001") != "1" || quiet("4000") != "" {
		t.Errorf("not recorded: 4001 %q, 4000 %q", quiet("4001"), quiet("4000"))
	}

	// The phone moves to another address: to the core it is another phone, of
	// which it must be told, and the old one is not called any more.
	plan.Fixed = []FixedPhone{{Agent: "a9", Address: "127.0.0.1:10"}}
	from := c.told.mark()
	must(t, c.sw.Provision(ctx, plan))
	waitFrom(t, c.told, from, "the phone at the new address to be idle", func(p queue.PhoneChanged) bool { return p.Agent == "a9" && p.State == queue.PhoneIdle })
	if out, err := in.Command(ctx, "pjsip show aor "+fixedPrefix+"a9"); err != nil || !strings.Contains(out, "sip:127.0.0.1:10 ") || strings.Contains(out, "sip:127.0.0.1:9 ") {
		t.Errorf("contacts after the move: %v\n%s", err, out)
	}

	plan.Accounts[1].Password, plan.Fixed, plan.Recorded = "changed", nil, nil
	before := c.sw.Stats().Requests.Count
	must(t, c.sw.Provision(ctx, plan))
	t.Logf("one changed, one gone: about %d requests", c.sw.Stats().Requests.Count-before)
	must(t, register("1002", "changed"))
	if quiet("4001") != "" {
		t.Error("4001 is still not recorded")
	}
	if err := c.sw.rest.do(ctx, http.MethodGet, objectName{"endpoint", fixedPrefix + "a9"}.path(), nil, nil, nil); !isGone(err) {
		t.Errorf("the fixed phone is still there: %v", err)
	}
	if err := c.sw.Provision(ctx, Plan{Accounts: []Account{{ID: "trunk", Password: "x"}}}); err == nil {
		t.Error("an account named trunk is taken")
	}

	for i := range 300 {
		plan.Accounts = append(plan.Accounts, Account{ID: itoa(2000 + i), Password: "x", Agent: queue.AgentID(itoa(2000 + i))})
	}
	began := time.Now()
	must(t, c.sw.Provision(ctx, plan))
	t.Logf("300 accounts in %v", time.Since(began))
	// Another process finds what one before it said of a number that is
	// recorded by now.
	stale := url.Values{"variable": {"TR_NOREC_4001"}, "value": {"1"}}
	must(t, c.sw.rest.do(ctx, http.MethodPost, "/asterisk/variable", stale, nil, nil))
	plan.Recorded = map[string]bool{"4001": true}
	again := open(t, in, in.ARIURL(), plan)
	if quiet("4001") != "" {
		t.Error("4001 is still not recorded for a new process")
	}
	t.Logf("requests with them: mean %v", again.sw.Stats().Requests.Sum/time.Duration(again.sw.Stats().Requests.Count))
}
