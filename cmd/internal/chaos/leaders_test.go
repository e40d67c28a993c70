package chaos

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTwoLeadersAreSeen: a command of a leader that was replaced is found when
// it meets the new leader's on a call, and only then.
func TestTwoLeadersAreSeen(t *testing.T) {
	zero := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
	terms := []term{{4, "node1", at(0)}, {5, "node2", at(1000)}, {6, "node1", at(9000)}}
	say := func(ms int, node, target string) command { return command{at(ms), node, "POST", target} }
	for _, c := range []struct {
		name string
		all  []command
		want string // of the old leader's commands
	}{
		{"one after the other", []command{say(500, "node1", "/ari/channels/a.1/ring"), say(1500, "node2", "/ari/channels/a.1/answer"),
			say(9500, "node1", "/ari/channels/a.1/moh"), say(9600, "node1", "/ari/bridges/a.1~b")}, ""},
		{"each on a call of its own", []command{say(1500, "node2", "/ari/channels/a.1/answer"), say(1600, "node1", "/ari/channels/a.2/answer"),
			say(1700, "node2", "/ari/asterisk/variable?x=a.2"), say(1800, "node1", "/ari/channels/a.2~1")}, ""},
		{"not leader any more", []command{say(1500, "node2", "/ari/channels/a.1/answer"), say(1600, "node1", "/ari/channels/a.1/moh")}, "/ari/channels/a.1/moh"},
		{"written down in another order", []command{say(1600, "node1", "/ari/channels/a.1/moh"), say(1500, "node2", "/ari/channels/a.1/answer")}, "/ari/channels/a.1/moh"},
		{"an agent's leg of the call", []command{say(1500, "node2", "/ari/channels/a.1/answer"), say(1600, "node1", "/ari/channels/a.1~2")}, "/ari/channels/a.1~2"},
		{"its room", []command{say(1500, "node2", "/ari/bridges/a.1~b"), say(1600, "node1", "/ari/channels/a.1%7E2?x=y")}, "/ari/channels/a.1%7E2?x=y"},
		{"into another's room", []command{say(1500, "node2", "/ari/channels/a.2/ring"), say(1600, "node1", "/ari/bridges/a.1~b/addChannel?channel=a.1%2Ca.2~1")},
			"/ari/bridges/a.1~b/addChannel?channel=a.1%2Ca.2~1"},
		{"late by two terms", []command{say(1500, "node2", "/ari/playbacks/a.1~play0"), say(9500, "node1", "/ari/channels/a.1/moh"), say(9501, "node2", "/ari/channels/a.1/ring"),
			say(9502, "node2", "/ari/channels/a.1/ring")}, "/ari/channels/a.1/ring,/ari/channels/a.1/ring"},
		{"a node that never led", []command{say(1500, "node2", "/ari/channels/a.1/answer"), say(1600, "node3", "/ari/channels/a.1/moh")}, "/ari/channels/a.1/moh"},
	} {
		var got []string
		for _, m := range meetings(c.all, terms) {
			got = append(got, m.old.target)
			if s := m.String(); !strings.Contains(s, m.newer.node) || !strings.Contains(s, m.old.at.Format("15:04:05.000")) || m.old.at.Before(m.newer.at) {
				t.Errorf("%s: %s", c.name, s)
			}
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCallsOf: what is not about a call is about none.
func TestCallsOf(t *testing.T) {
	for target, want := range map[string]string{
		"/ari/channels":                    "",
		"/ari/asterisk/variable?channel=1": "",
		"/ari/applications/threerings/subscription?eventSource=endpoint:PJSIP": "",
		"/ari/channels/x-1764.5~3/transfer_progress?states=x":                  "x-1764.5",
		"/ari/bridges/1.5~b/removeChannel?channel=1.5":                         "1.5",
	} {
		if got := callsOf(target); strings.Join(got, ",") != want {
			t.Errorf("%s: %q, want %q", target, slices.Clone(got), want)
		}
	}
}

// TestTwoLeadersInTheReport: a meeting fails the run and is counted.
func TestTwoLeadersInTheReport(t *testing.T) {
	j := &judge{f: &Fault{Kind: "cut-redis"}}
	at := time.Now()
	j.meet([]command{{at.Add(2), "node2", "POST", "/ari/channels/a.1/moh"}, {at.Add(3), "node1", "POST", "/ari/channels/a.1/ring"}, {at, "node1", "PUT", "/ari/applications/x/eventFilter"}},
		[]term{{1, "node1", at.Add(-2)}, {2, "node2", at.Add(1)}})
	var r Report
	r.add(j.f)
	r.add(j.f)
	if f := r.Faults[0]; f.TwoLeaders != 2 || f.Commands != 4 || !f.Failed() || !strings.Contains(strings.Join(f.Trouble, "\n"), "two leaders") {
		t.Errorf("%+v", f)
	}
	var table strings.Builder
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(table.String(), "\n")
	if n := strings.Count(lines[2], "|"); strings.Count(lines[3], "|") != n || strings.Count(lines[4], "|") != n {
		t.Errorf("the columns of the table do not match:\n%s", table.String())
	}
}
