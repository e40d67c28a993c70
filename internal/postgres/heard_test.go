package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

// What callers heard, pressed and left comes back from the tables as the core
// said it: the way through a menu, a message with its case, a mark.
func TestRowsOfWhatCallersHeard(t *testing.T) {
	db := openDB(t)
	j, acd := openJournal(t, db, t.TempDir())
	cfg := dayConfig()
	cfg.Menus = []queue.Menu{{ID: "main", Prompt: []string{"main"}, Keys: map[string]queue.Target{"1": {Queue: "support"}, "3": {Voicemail: "leave"}}}}
	cfg.Entrances = map[string]queue.MenuID{"4009": "main"}
	cfg.Queues[0].Survey = queue.Survey{When: queue.SurveyAlways, Question: []string{"mark"}}
	cfg.Queues[0].Overflows, cfg.Queues[1].Overflows = nil, nil
	cfg.Queues[1].WrapUpKind, cfg.Queues[1].WrapUpMax = "", 0
	now := dayStart
	rows, cases := map[queue.CallID]queue.Call{}, map[queue.CallID]queue.Case{}
	replica := queue.New()
	step := func(after time.Duration, in queue.Input) {
		t.Helper()
		now = now.Add(after)
		records := acd.Step(now, in).Records
		j.Append(records)
		for _, r := range records {
			changed := replica.Apply(r)
			for _, c := range changed.Calls {
				rows[c.ID] = c
			}
			for _, x := range changed.Cases {
				cases[x.ID] = x
			}
		}
	}
	step(0, queue.Configure{Config: cfg})
	step(0, queue.NewDay{Day: "2026-11-22"})
	step(0, queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
	for _, leg := range []queue.LegID{"v1", "v2"} { // two messages
		step(0, queue.CallArrived{Leg: leg, Number: "4009", Caller: "13800000001"})
		step(time.Second, queue.Digit{Leg: leg, Key: "3"})
		step(4*time.Second, queue.PlaybackFinished{Leg: leg})
		step(7*time.Second, queue.LegEnded{Leg: leg, Cause: queue.CauseNormal})
	}
	step(0, queue.CloseCase{Case: "v2", Note: "called back", Asked: queue.Asked{By: "zhao"}})
	step(0, queue.SetAgent{Agent: "1001", State: queue.Ready})
	step(0, queue.CallArrived{Leg: "s1", Number: "4009", Caller: "13800000002"})
	step(time.Second, queue.Digit{Leg: "s1", Key: "1"})
	for _, in := range []queue.Input{queue.LegRinging{Leg: "s1~1"}, queue.LegAnswered{Leg: "s1~1"}, queue.LegBridged{Leg: "s1"}, queue.LegBridged{Leg: "s1~1"},
		queue.LegEnded{Leg: "s1~1", Cause: queue.CauseNormal}, queue.Digit{Leg: "s1", Key: "2"}} {
		step(2*time.Second, in)
	}
	step(0, queue.CallArrived{Leg: "m1", Number: "4009", Caller: "13800000003"}) // still in the menu
	closeJournal(t, j)
	if c := rows["s1"]; c.Score != 2 || c.Survey != queue.SurveyScored || len(c.Path) != 1 || rows["v1"].Message != 7*time.Second || len(cases) != 2 {
		t.Fatalf("the calls are not what they should be: %+v %+v %+v", c, rows["v1"], cases)
	}
	stored, err := db.Calls(limited(t), Filter{})
	if err != nil || len(stored) != 4 {
		t.Fatalf("%d calls, %v", len(stored), err)
	}
	type heard struct {
		Path     []queue.Chosen
		At       time.Time
		Message  time.Duration
		Survey   queue.SurveyState
		Score    int
		Outcome  queue.Outcome
		Answered queue.LineAnsweredBy
	}
	of := func(c queue.Call) heard {
		return heard{c.Path, c.MessageAt, c.Message, c.Survey, c.Score, c.Outcome, c.LineAnsweredBy}
	}
	for _, c := range stored {
		if d := cmp.Diff(of(rows[c.ID]), of(c)); d != "" {
			t.Errorf("call %s (-core +table):\n%s", c.ID, d)
		}
	}
	for open, want := range map[bool][]queue.Case{true: {cases["v1"]}, false: {cases["v2"], cases["v1"]}} {
		got, err := db.Cases(limited(t), Filter{}, open)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("cases, open only %t, %v (-core +table):\n%s", open, err, d)
		}
	}
	sameState(t, db, acd)
	if err := db.Rebuild(limited(t), "main"); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Cases(limited(t), Filter{}, false); err != nil || len(got) != 2 {
		t.Errorf("%d cases after a rebuild, %v", len(got), err)
	}
}
