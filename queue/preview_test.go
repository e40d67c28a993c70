package queue

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// busyHouse has 1001 in a conversation, and three callers who wait: c2 and c3 in
// support, c4 in sales, whose only agent is not ready.
func busyHouse(t *testing.T, opts string) *stage {
	s := newStage(t)
	for _, line := range []string{"house " + opts, "day 2026-11-23", "switch up", "ready 1001", "phone 1001 idle", "ready 1002", "phone 1002 idle", "notready 1002 meal",
		"arrive c1 4000 13800000001", "rings c1~1", "answers c1~1", "bridged c1", "bridged c1~1",
		"+10s arrive c2 4000 13800000002", "+20s arrive c3 4000 13800000003", "+1s arrive c4 4001 13800000004", "+10s"} {
		s.line(line)
	}
	return s
}

func (s *stage) preview(next Config, hours ...QueueHours) Preview {
	s.t.Helper()
	state, err := s.acd.Checkpoint()
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := PreviewOf(state, s.now, Configure{Config: next, By: "test"}, hours)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (p Preview) lines() (lines []string) {
	if p.Refused != "" {
		lines = append(lines, "refused: "+p.Refused)
	}
	for _, f := range p.Facts {
		lines = append(lines, f.String())
	}
	return lines
}

func TestPreview(t *testing.T) {
	for _, c := range []struct {
		name, now, next string
		change          func(*Config)
		want            []string
	}{
		{name: "nothing changes"},
		{name: "names mean nothing", change: func(c *Config) { c.Queues[0].Name, c.Version = "支持", "2" }},
		{name: "priority", next: "priority=5", want: []string{
			"call c2 (support, place 1, waiting 0:31): place 1 -> 2 (priority of others, or whom they share)",
			"call c3 (support, place 2, waiting 0:11): place 2 -> 3 (priority of others, or whom they share)",
			"call c4 (sales, place 3, waiting 0:10): place 3 -> 1 (priority 0 -> 5)"}},
		{name: "priority alone", next: "priority=-5", want: []string{
			"call c4 (sales, place 3, waiting 0:10): priority 0 -> -5, the place stays"}},
		{name: "longest wait is over for one", next: "maxwait=30s,sales", want: []string{
			"call c2 (support, place 1, waiting 0:31): would go to sales at once: max_wait",
			"call c3 (support, place 2, waiting 0:11): would go to sales in 0:19: max_wait (now: would wait on)"}},
		{name: "way out taken away", now: "maxwait=2m,busy", want: []string{
			"call c2 (support, place 1, waiting 0:31): would wait on (now: would go out, with a busy answer, in 1:29: max_wait)",
			"call c3 (support, place 2, waiting 0:11): would wait on (now: would go out, with a busy answer, in 1:49: max_wait)"}},
		{name: "a skill that nobody here has", next: "skill=english:5:required has=1003:english:5 agents=3", want: []string{
			"call c2 (support, place 1, waiting 0:31): nobody who is signed in would be able to take it (skill english 5)",
			"call c3 (support, place 2, waiting 0:11): nobody who is signed in would be able to take it (skill english 5)",
			"call c4 (sales, place 3, waiting 0:10): nobody who is signed in would be able to take it (none of them serves the queue)"}},
		{name: "an agent more for sales", change: func(c *Config) { c.Agents[0].Queues = []QueueID{"support", "sales"} }, want: []string{
			"call c4 (sales, place 3, waiting 0:10): 1001, 1002 could take it (now: 1002)"}},
		{name: "an agent who has a call vanishes", change: func(c *Config) { c.Agents = c.Agents[1:] }, want: []string{
			"refused: agent 1001 has a call: sign the agent out first and remove them when it is done",
			"agent 1001: would vanish with call c1 (on_call)"}},
		{name: "an agent who has none vanishes", change: func(c *Config) { c.Agents = c.Agents[:1] }, want: []string{
			"agent 1002: would vanish (not_ready)",
			"call c2 (support, place 1, waiting 0:31): 1001 could take it (now: 1001, 1002)",
			"call c3 (support, place 2, waiting 0:11): 1001 could take it (now: 1001, 1002)",
			"call c4 (sales, place 3, waiting 0:10): place 3 -> 1 (priority of others, or whom they share)",
			"call c4 (sales, place 3, waiting 0:10): nobody who is signed in would be able to take it (none of them serves the queue)"}},
		{name: "a queue with calls vanishes", change: func(c *Config) {
			c.Queues, c.Numbers, c.Agents[1].Queues = c.Queues[:1], map[string]QueueID{"4000": "support"}, []QueueID{"support"}
		}, want: []string{
			"refused: queue sales has calls: take its numbers away first and remove it when they are done",
			"queue sales: would vanish with its calls c4",
			"number 4001: would lead nowhere (now: sales)"}},
		{name: "numbers", change: func(c *Config) { c.Numbers = map[string]QueueID{"4000": "sales", "4002": "support"} }, want: []string{
			"number 4000: would lead to sales (now: support)",
			"number 4001: would lead nowhere (now: sales)"}},
		{name: "what cannot be", change: func(c *Config) { c.Country = "mars" }, want: []string{
			"refused: country \"mars\": no such cadence; known are " + Countries()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := busyHouse(t, c.now)
			next, err := house(strings.Fields(c.next)...)
			if err != nil {
				t.Fatal(err)
			}
			if c.change != nil {
				c.change(&next)
			}
			was, err := s.acd.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, s.preview(next).lines()); diff != "" {
				t.Error(diff)
			}
			if is, err := s.acd.Checkpoint(); err != nil || !bytes.Equal(was, is) {
				t.Errorf("the preview changed the present: %v", err)
			}
		})
	}
}

// What the first step sets going is told: a call that leaves, and on from a
// queue that its hours close, a phone that rings. What goes on by itself is not.
func TestPreviewAtOnce(t *testing.T) {
	s := busyHouse(t, "")
	s.line("ends c4")
	next, err := house("maxwait=30s,sales")
	if err != nil {
		t.Fatal(err)
	}
	next.Queues[1].Overflows = []Overflow{{Cause: OverflowClosed}}
	hours := QueueHours{Queue: "sales", Open: false, Until: s.now.Add(time.Hour)}
	if diff := cmp.Diff([]string{
		"call c2 (support, place 1, waiting 0:31): would go to sales at once: max_wait",
		"call c3 (support, place 2, waiting 0:11): would go to sales in 0:19: max_wait (now: would wait on)",
	}, s.preview(next, hours).lines()); diff != "" {
		t.Error(diff)
	}
	s.line("closes sales 1h")
	if diff := cmp.Diff([]string{
		"call c2 (support, place 1, waiting 0:31): would go to sales at once: max_wait",
		"call c2 (support, place 1, waiting 0:31): would go out, with a busy answer, at once: closed",
		"call c3 (support, place 2, waiting 0:11): would go to sales in 0:19: max_wait (now: would wait on)",
	}, s.preview(next, hours).lines()); diff != "" {
		t.Error(diff)
	}

	s = busyHouse(t, "wrap=5s skill=english:5:required has=1002:english:5")
	s.line("ends c1")
	plain, err := house("wrap=5s")
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(5 * time.Second) // 1001 is ready again, and nobody has stepped
	if diff := cmp.Diff([]string{
		"call c2 (support, place 1, waiting 0:36): 1001, 1002 could take it (now: 1002)",
		"call c2 (support, place 1, waiting 0:36): would ring at agent 1001 at once",
		"call c3 (support, place 2, waiting 0:16): 1001, 1002 could take it (now: 1002)",
	}, s.preview(plain).lines()); diff != "" {
		t.Error(diff)
	}
	same, err := house("wrap=5s", "skill=english:5:required", "has=1002:english:5")
	if err != nil {
		t.Fatal(err)
	}
	s.line("ready 1002") // c2 rings there
	if lines := s.preview(same).lines(); len(lines) > 0 {
		t.Errorf("nothing changes, and the preview tells %v", lines)
	}
}
