package queue

import (
	"strings"
	"testing"
	"time"
)

// TestEndedEarlier: a call whose caller had hung up 8 s before that was found
// is put right, in its row, its agent's part and the figures of the day.
func TestEndedEarlier(t *testing.T) {
	s := newStage(t)
	for line := range strings.SplitSeq(`house agents=1
day 2026-11-23
switch up
ready 1001
arrive c1 4000 13800000001
rings c1~1
answers c1~1
bridged c1
bridged c1~1
+20s switch lost
+10s switch up c1~1:agent:bridged`, "\n") {
		s.line(line)
	}
	var c Call
	var parts []Part
	replica := New()
	for _, r := range s.log {
		rows := replica.Apply(r)
		for _, x := range rows.Calls {
			c = x
		}
		parts = append(parts, rows.Parts...)
	}
	if c.Cause != CauseGone || c.Talk != 30*time.Second || len(parts) != 1 {
		t.Fatalf("on record: cause %s, %s of talk, %d parts; want it found gone after 30 s", c.Cause, c.Talk, len(parts))
	}
	end := c.EndedAt.Add(-8 * time.Second)
	in, wrong := EndedEarlier(c, parts, end)
	if !wrong {
		t.Fatal("nothing is corrected")
	}
	out := s.acd.Step(s.now, in)
	if len(out.Records) != 1 {
		t.Fatalf("%d records, want the correction alone", len(out.Records))
	}
	rows := replica.Apply(out.Records[0])
	if got := rows.Calls[0]; got.Talk != 22*time.Second || !got.EndedAt.Equal(end) || rows.Parts[0].Talk != 22*time.Second || !rows.Parts[0].To.Equal(end) {
		t.Errorf("corrected to %s until %s, the part to %s until %s; want 22 s until %s", got.Talk, got.EndedAt, rows.Parts[0].Talk, rows.Parts[0].To, end)
	}
	for _, q := range s.acd.Snapshot().Queues {
		if q.Queue == "support" && (q.Today.Talk != 22*time.Second || q.Today.Completed != 1 || q.Today.Answered != 1) {
			t.Errorf("the day counts %+v, want one call answered with 22 s of talk", q.Today)
		}
	}
	if talk := s.acd.agents["1001"].Today.Talk; talk != 22*time.Second {
		t.Errorf("the agent's talk is %s, want 22 s", talk)
	}
	if _, again := EndedEarlier(rows.Calls[0], rows.Parts, end); again {
		t.Error("what was corrected is corrected again")
	}
	if refused := s.acd.Step(s.now, CorrectCall{CallCorrected{Call: "c2", After: rows.Calls[0]}}); len(refused.Records) != 1 || TypeOf(refused.Records[0].Event) != "Refused" {
		t.Errorf("a correction of one call by another: %+v, want it refused", refused.Records)
	}
}
