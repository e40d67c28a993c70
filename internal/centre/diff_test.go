package centre

import (
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/everyfield"
	"github.com/threerings/threerings/queue"
)

func diffText(t *testing.T, old, next *Centre) string {
	t.Helper()
	var b strings.Builder
	if err := WriteDiff(&b, Diff(old, next), false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDiff(t *testing.T) {
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(small) }
	for _, c := range []struct{ name, next, want string }{
		{"same", small, "nothing changes\n"},
		{"comment", "# hello\n" + small, "nothing changes\n"},
		{"queue field", change(`技术支持, `, `技术支持, wrap_up: 2m, fine: 7.5, overflow: {max_wait: {after: 1h}, closed: {to: sales}}, `),
			"~ queue support: wrap_up 15s → 2m\n~ queue support: overflow none → closed to sales, max_wait after 1h to busy\n~ queue support: fine 15 → 7.50\n"},
		{"hours", change(`技术支持, `, `技术支持, hours: day, `) + "hours: {day: {week: {mon-fri: \"08:30-17:30\"}, days: {2026-10-01: closed}}}\n",
			"~ queue support: hours always → day (sun closed; mon 08:30-17:30; tue 08:30-17:30; wed 08:30-17:30; thu 08:30-17:30; fri 08:30-17:30; sat closed; 2026-10-01 closed)\n"},
		{"routing", change(`技术支持, `, `技术支持, routing: {strategy: ring_all, skills: {english: {level: 2, relax: {30s: 1}}}, last_agent: 5s, backup: {target: 95%}}, `),
			"~ queue support: routing longest_idle → ring_all, skill english 2 30s:1, last agent 5s, backup 95%\n"},
		{"ranks and priority", change(`queues: [support]`, "queues: {support: 2, sales: 1}\n    skills: {english: 3}", `numbers: ["4000"]`, `numbers: [{number: "4000", priority: 5}]`) + "priority: {levels: {vip: {priority: 9, customers: [138]}}, overtaking: {calls: 2}}\n",
			"~ centre: priority none → vip 9 (1 customers), overtaken by 2 calls at most\n~ queue support: numbers 4000 → 4000 (priority 5)\n~ agent 1001: queues support → sales, support (rank 2)\n~ agent 1001: skills none → english 3\n"},
		{"missed", change(`技术支持, `, `技术支持, missed: {busy: {then: ready, pause: 5s}, rona: {then: logged_out}}, sign_out_after: 3, `),
			"~ queue support: missed none → rona logged_out, busy ready after 5s, signed out after 3\n"},
		{"number moves", change(`["4000"]`, `["4000", "4002"]`, `["4001"]`, `[]`),
			"~ queue support: numbers 4000 → 4000, 4002\n~ queue sales: numbers 4001 → none\n"},
		{"queue gone", change("  sales: {name: 销售咨询, numbers: [\"4001\"]}\n", "  vip: {name: 贵宾}\n"),
			"+ queue vip 贵宾\n- queue sales 销售咨询\n"},
		{"agent", change(`"1001":`, `"1002":`), "+ agent 1002 王芳\n- agent 1001 王芳\n"},
		{"phone", change(`{account: "1001", password: "correct horse"}`, "sip:192.0.2.1"),
			"~ agent 1001: phone account 1001 → sip:192.0.2.1:5060\n~ agent 1001: password changed\n"},
		{"secrets", change("correct horse", "wrong horse", "battery staple", "paper clips"),
			"~ agent 1001: password changed\n~ user boss: password changed\n"},
		{"house", change("{name: 店}", "{name: 店, timezone: UTC, country: us}"),
			"~ centre: timezone Asia/Shanghai → UTC\n~ centre: country cn → us\n"},
		{"reasons", small + "reasons: [{digit: 2, code: break, name: 小休, name_en: Break}]\n",
			"~ reason break: digit 1 → 2\n- reason meal 用餐\n- reason meeting 会议\n- reason training 培训\n- reason desk 处理工单\n"},
	} {
		if got := diffText(t, mustParse(t, small), mustParse(t, c.next)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	all := diffText(t, nil, mustParse(t, small))
	if !strings.HasPrefix(all, "+ centre 店\n+ queue support 技术支持\n+ queue sales 销售咨询\n+ agent 1001 王芳\n") || strings.Contains(all, "horse") {
		t.Errorf("from nothing: %s", all)
	}
}

func TestDiffColor(t *testing.T) {
	var b strings.Builder
	if err := WriteDiff(&b, []Change{{Op: Removed, Subject: "agent 1003"}}, true); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[31m- agent 1003\x1b[0m\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// Apply does nothing when Diff finds nothing: no field of a configuration may
// change unseen.
func TestDiffSeesEveryField(t *testing.T) {
	filled := func() *Centre {
		c := &Centre{}
		everyfield.Fill(c)
		c.Config.Queues[0].Overflows[0].At = 0 // a way out has a number or a time
		c.Config.Plans[0].Queues["x"].Overflows[0].At = 0
		c.Config.Agents[0].Phone.Kind = queue.PhoneFixed
		return c
	}
	old, next := filled(), filled()
	old.Text, next.Text = nil, nil
	everyfield.Change(next, func(path string) {
		switch path {
		case "Centre.Config.Version": // follows from the rest
		case "Centre.Accounts[0].Agent", "Centre.Accounts[0].Account": // follow from the agents
		case "Centre.Prompts[0].Lang", "Centre.Prompts[0].Text": // made of what Config says
		default:
			if len(Diff(old, next)) == 0 {
				t.Errorf("%s changes, and Diff does not tell", path)
			}
		}
	})
}
