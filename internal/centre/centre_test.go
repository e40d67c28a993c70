package centre

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

const small = `centre: {name: 店}
queues:
  support: {name: 技术支持, numbers: ["4000"]}
  sales: {name: 销售咨询, numbers: ["4001"]}
agents:
  "1001":
    name: 王芳
    phone: {account: "1001", password: "correct horse"}
    queues: [support]
users:
  - {name: boss, role: supervisor, password: "battery staple"}
`

func mustParse(t *testing.T, text string) *Centre {
	t.Helper()
	c, err := Parse("centre.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	if err := judge(t, text); err != nil {
		t.Errorf("the schema refuses what is in order: %v\nin\n%s", err, text)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := mustParse(t, small)
	support := queue.NewQueue("support")
	support.Name, support.NameEN = "技术支持", "support"
	sales := queue.NewQueue("sales")
	sales.Name, sales.NameEN = "销售咨询", "sales"
	want := &Centre{
		Config: queue.Config{
			Version: c.Config.Version, Country: "cn", Queues: []queue.QueueConfig{support, sales},
			Agents: []queue.AgentConfig{{ID: "1001", Name: "王芳", NameEN: "王芳",
				Phone: queue.Phone{Kind: queue.PhoneAccount, Value: "1001"}, Queues: []queue.QueueID{"support"}}},
			Numbers: map[string]queue.QueueID{"4000": "support", "4001": "sales"},
			Reasons: queue.DefaultReasons(), Limits: queue.DefaultLimits(),
		},
		Name: "店", NameEN: "店", TimeZone: "Asia/Shanghai",
		Accounts: []Account{{"1001", "1001", "correct horse"}},
		Users:    []User{{Name: "boss", Role: RoleSupervisor, Password: "battery staple"}},
		Text:     []byte(small),
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if c.Config.Version == "" {
		t.Error("the configuration has no version")
	}
}

// Every field of a queue can be said, in the group form and in the list form.
func TestEveryField(t *testing.T) {
	fields := `name: 名
    name_en: Name
    numbers: ["+8610", 0755]
    priority: -3
    ring: {country: jp, agent: 4, budget: 9, then: ring}
    greeting: none
    music: jazz
    wrap_up: 0
    dial_timeout: 3s
    back_off: 1m
    hours: shop
    overflow: {max_wait: {after: 90s, to: b}, full: {at: 20}, no_agents: {to: b}, not_ready: {after: 1m}, closed: {to: busy}}
    transfer: {wait: 7s, recall: 8s}
    outbound: {number: "02160000000", ring: 9s}
    recording: {mute_limit: 90s}
    callback: {first: customer, attempts: 5, pause: 1m, abandoned: true, goodbye: none}
    record: false
    fine: 15.5
    short_abandon: 2s
    service_level: {formula: ignore_early, within: 20s}
    thresholds: {waiting_warn: 2, waiting_alarm: 3, wait_warn: 4s, wait_alarm: 5s, rings_warn: 0.8, rings_alarm: "70%"}
`
	want := queue.QueueConfig{ID: "a", Name: "名", NameEN: "Name", Priority: -3, Country: "jp", AgentRings: 4, BudgetRings: 9,
		OnBudget: queue.BudgetRing, Greeting: "", Music: "jazz", WrapUp: 0, DialTimeout: 3 * time.Second, BackOff: time.Minute,
		Hours: &queue.Hours{Name: "shop", Zone: "Europe/Berlin",
			Week: [7][]queue.Span{1: {{From: 510, To: 720}, {From: 780, To: 1050}}, 2: {{From: 510, To: 720}, {From: 780, To: 1050}}, 6: {{From: 1200, To: 1800}}},
			Days: map[string][]queue.Span{"2026-10-01": nil, "2026-10-02": nil, "2026-10-10": {{From: 0, To: 1440}}}},
		Overflows: []queue.Overflow{{Cause: queue.OverflowClosed}, {Cause: queue.OverflowFull, At: 20}, {Cause: queue.OverflowNoAgents, To: "b"},
			{Cause: queue.OverflowNotReady, After: time.Minute}, {Cause: queue.OverflowMaxWait, After: 90 * time.Second, To: "b"}},
		Talking:  queue.Talking{TransferWait: 7 * time.Second, Recall: 8 * time.Second, Shown: "02160000000", Reach: 9 * time.Second, MuteLimit: 90 * time.Second},
		Callback: queue.CallbackRule{CustomerFirst: true, Attempts: 5, Pause: time.Minute, Abandoned: true},
		Record:   false, Fine: 1550, ShortAbandon: 2 * time.Second,
		ServiceLevel: queue.ServiceLevelConfig{Formula: queue.FormulaIgnoreEarly, Within: 20 * time.Second},
		Thresholds: queue.Thresholds{WaitingWarn: 2, WaitingAlarm: 3, WaitWarn: 4 * time.Second, WaitAlarm: 5 * time.Second,
			RingsWarn: 0.8, RingsAlarm: 0.7}}
	hours := `hours:
  shop:
    timezone: Europe/Berlin
    week: {mon-tue: "08:30-12:00, 13:00-17:30", sat: "20:00-06:00"}
    days: {2026-10-01..2026-10-02: closed, 2026-10-10: "00:00-24:00"}
`
	group := mustParse(t, hours+"queues:\n  a:\n    "+fields+"  b: {}\n")
	listed := mustParse(t, hours+"queues:\n  - id: a\n    "+fields+"  - {id: b}\n")
	for form, c := range map[string]*Centre{"group": group, "list": listed} {
		if diff := cmp.Diff(want, c.Config.Queues[0]); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
	}
	if group.Config.Version != listed.Config.Version {
		t.Error("two files that say the same have two versions")
	}
	if c := mustParse(t, small); c.Config.Version == group.Config.Version {
		t.Error("two files that say different things have one version")
	}
}

func TestPhones(t *testing.T) {
	for _, c := range []struct{ text, address, err string }{
		{"sip:127.0.0.1:7001", "127.0.0.1:7001", ""},
		{"sip:127.0.0.1", "127.0.0.1:5060", ""},
		{"sip:desk-7.example.com", "desk-7.example.com:5060", ""},
		{"sip:[2001:DB8:0::7]:5070", "[2001:db8::7]:5070", ""},
		{"sip:[::1]", "[::1]:5060", ""},
		{"sip:2001:db8::7", "", `an IPv6 address goes in brackets: sip:[2001:db8::7]:5060, not "sip:2001:db8::7"`},
		{"sip:::1", "", `an IPv6 address goes in brackets: sip:[2001:db8::7]:5060, not "sip:::1"`},
		{"sip:7@127.0.0.1", "", `a user or parameters in the address have no use here: give sip:host:port, not "sip:7@127.0.0.1"`},
		{"sip:h:0", "", `the port must be 1 to 65535, not "0"`},
		{"sip:h:70000", "", `the port must be 1 to 65535, not "70000"`},
		{"sip:0.0.0.0:5060", "", `"sip:0.0.0.0:5060" is not the address of a phone`},
		{"sip:300.1.1.1", "", `must be {account: …, password: …} or an address such as "sip:192.0.2.7:5060", not "sip:300.1.1.1"`},
		{"sip:a b", "", `must be {account: …, password: …} or an address such as "sip:192.0.2.7:5060", not "sip:a b"`},
		{"1001", "", `must be {account: …, password: …} or an address such as "sip:192.0.2.7:5060", not "1001"`},
	} {
		address, err := sipAddress(c.text)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if address != c.address || message != c.err {
			t.Errorf("%s: %q %s; want %q %s", c.text, address, message, c.address, c.err)
		}
	}
}

func TestExample(t *testing.T) {
	file := filepath.Join("..", "..", "examples", "centre.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, g := range c.Config.Agents {
		if g.Phone.Kind == queue.PhoneFixed {
			fixed++
		}
	}
	if c.Config.Numbers["4000"] != "support" || c.Config.Numbers["4001"] != "sales" || len(c.Config.Agents) != 6 || fixed != 2 || len(c.Accounts) != 4 {
		t.Errorf("got numbers %v, %d agents, %d fixed, %d accounts", c.Config.Numbers, len(c.Config.Agents), fixed, len(c.Accounts))
	}
	// What the comments call a default is one.
	without := mustParse(t, "queues: {sales: {name: 销售咨询, name_en: Sales, numbers: [\"4001\"]}}")
	if diff := cmp.Diff(without.Config.Queues[0], c.Config.Queues[1]); diff != "" {
		t.Error(diff)
	}
	d, q := queue.NewQueue("support"), c.Config.Queues[0]
	d.Routing, d.Missed, d.SignOutAfter = q.Routing, q.Missed, q.SignOutAfter
	d.Announce, d.Survey, d.Callback.Goodbye, d.Callback.Abandoned, d.Talking.Shown = q.Announce, q.Survey, q.Callback.Goodbye, true, "02160000000" // see TestHeardExample
	if len(q.Missed) != 1 || q.SignOutAfter != 3 {
		t.Errorf("examples/centre.yaml does not show rules for missed offers: %+v", q)
	}
	if r := q.Routing; len(r.Skills) != 2 || len(r.Skills[0].Relax) != 2 || r.LastAgent == 0 || r.Backup.Target != 0.95 ||
		c.Config.Agents[0].Ranks["sales"] != 2 || c.Config.Agents[0].Skills["english"] != 5 ||
		c.Config.Priorities["4008"] != 20 || c.Config.Customers["13800000000"] != "vip" || c.Config.Overtaking.Calls != 3 {
		t.Errorf("examples/centre.yaml does not show all of routing: %+v %+v", r, c.Config)
	}
	d.Name, d.NameEN, d.Priority, d.Country, d.WrapUp, d.Overflows, d.Hours = q.Name, q.NameEN, 10, "cn", 20*time.Second, q.Overflows, q.Hours
	if diff := cmp.Diff(d, q); diff != "" {
		t.Errorf("examples/centre.yaml calls default what is not: %s", diff)
	}
	if len(q.Overflows) != len(queue.OverflowCauses()) || q.Hours == nil || len(q.Hours.Days) != 8 {
		t.Errorf("examples/centre.yaml does not show every overflow and hours: %+v %+v", q.Overflows, q.Hours)
	}
	if diff := cmp.Diff(queue.DefaultReasons(), c.Config.Reasons); diff != "" {
		t.Error(diff)
	}
}

func TestDemo(t *testing.T) {
	robots := make([]string, 40)
	for i := range robots {
		robots[i] = net.JoinHostPort("127.0.0.1", "70"+string(rune('0'+i/10))+string(rune('0'+i%10)))
	}
	c := mustParse(t, string(Demo(DemoOptions{Robots: robots, Passwords: [2]string{`a"b\c d12`, "#: 5678'x"}, Supervisor: "- {&*!%@`}"})))
	want := []Account{{"1001", "1001", `a"b\c d12`}, {"1002", "1002", "#: 5678'x"}}
	if diff := cmp.Diff(want, c.Accounts); diff != "" {
		t.Error(diff)
	}
	if len(c.Config.Agents) != 42 || c.Config.Agents[2].Phone.Value != robots[0] || c.Users[0].Password != "- {&*!%@`}" {
		t.Errorf("got %d agents, %+v, %+v", len(c.Config.Agents), c.Config.Agents[2], c.Users[0])
	}
	names := map[string]bool{}
	for _, g := range c.Config.Agents {
		if names[g.Name] {
			t.Errorf("two agents are called %s", g.Name)
		}
		names[g.Name] = true
	}
	mustParse(t, string(Demo(DemoOptions{Passwords: [2]string{"12345678a", "12345678b"}, Supervisor: "12345678c"})))
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add(string(Demo(DemoOptions{Robots: []string{"127.0.0.1:7001"}, Passwords: [2]string{"12345678a", "12345678b"}, Supervisor: "12345678c"})))
	f.Add("queues:\n  - {id: a, ring: {agent: 3}}\nreasons: [{digit: 1, code: a}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("centre.yaml", []byte(text))
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "centre.yaml:") {
					t.Errorf("%q: a problem of more than one line: %q", text, err)
				}
			}
			return
		}
		if err := c.Config.Validate(); err != nil {
			t.Errorf("%q: the core refuses what was accepted: %v", text, err)
		}
		if changes := Diff(c, c); len(changes) > 0 {
			t.Errorf("%q: differs from itself: %v", text, changes)
		}
	})
}
