package qa

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func tasksOf(d Draw) []Task {
	var out []Task
	for i, p := range d.Picks {
		out = append(out, Task{ID: fmt.Sprint("t", i), Draw: d.ID, Call: p.Call, Agent: p.Agent, Reason: p.Reason, Ticket: p.Ticket, Due: "2026-12-10"})
	}
	return out
}

func TestWorkIsSharedEvenlyAndNobodyJudgesThemself(t *testing.T) {
	for seed := range byte(30) {
		d := drawn(t, testPlan(), testSeed(seed), aMonth(uint64(seed), 8, 300))
		scorers := []Load{{Person{"qa1", ""}, 0}, {Person{"qa2", "1001"}, 4}, {Person{"qa3", "1002"}, 0}}
		first := d.Picks[0].Call
		tasks := Assign(tasksOf(d), scorers, map[Scorer][]queue.CallID{"qa1": {first}})
		load := map[Scorer]int{"qa2": 4}
		knows := map[string]bool{"qa1" + string(first): true}
		for _, x := range tasks {
			if x.Scorer == "" {
				t.Fatalf("nobody has %v", x)
			}
			load[x.Scorer]++
			if key := x.Scorer + string(x.Call); knows[key] {
				t.Errorf("%s judges call %s twice", x.Scorer, x.Call)
			} else {
				knows[key] = true
			}
			for _, s := range scorers {
				if s.Name == x.Scorer && s.Agent == x.Agent {
					t.Errorf("%s judges their own call", s.Name)
				}
			}
		}
		all := []int{load["qa1"], load["qa2"], load["qa3"]}
		if slices.Max(all)-slices.Min(all) > 2 { // not everybody may take every task
			t.Errorf("uneven: %v", load)
		}
		if again := Assign(tasksOf(d), scorers, map[Scorer][]queue.CallID{"qa1": {first}}); !slices.Equal(again, tasks) {
			t.Error("assigned otherwise the second time")
		}
	}
}

func TestATaskForWhichThereIsNobodyStaysOpen(t *testing.T) {
	got := Assign([]Task{{ID: "t1", Call: "c1", Agent: "1001"}}, []Load{{Person{"li", "1001"}, 0}}, nil)
	if got[0].Scorer != "" {
		t.Errorf("%v: agents do not judge themselves", got[0])
	}
}

// What is dropped is replaced by the next ticket, as if it had not been there.
func TestDroppedTasksAreReplacedByTheNextTicket(t *testing.T) {
	population := aMonth(9, 3, 90)
	seed := testSeed(9)
	d := drawn(t, testPlan(), seed, population)
	tasks := tasksOf(d)
	if n := d.Next(seed, population, tasks); len(n) != 0 {
		t.Fatalf("nothing was dropped, and %v takes its place", n)
	}
	var err error
	if tasks[0], err = tasks[0].Drop(began, "噪音，听不清", first); err != nil {
		t.Fatal(err)
	}
	next := d.Next(seed, population, tasks)
	if len(next) != 1 || next[0].Agent != tasks[0].Agent || next[0].Reason != ByChance {
		t.Fatalf("%v takes the place of %v", next, tasks[0])
	}
	without := slices.DeleteFunc(slices.Clone(population), func(c Candidate) bool { return c.Key() == tasks[0].Key() })
	p := d.Plan
	p.Targets = nil
	for _, k := range Choose(seed, p, without, nil) {
		if k.Agent == next[0].Agent && k.Ticket > next[0].Ticket {
			t.Errorf("%s was passed over", k.Call)
		}
	}
	if _, err := tasks[0].Drop(began, "again", first); err == nil {
		t.Error("dropped twice")
	}
	if _, err := tasks[1].Drop(began, " ", first); err == nil {
		t.Error("dropped without a reason")
	}
}

func TestTasksAreHandedOn(t *testing.T) {
	open := Task{ID: "t1", Call: "c1", Agent: "1001", Scorer: "qa1"}
	if got, err := open.Hand(other, false); err != nil || got.Scorer != "qa2" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := open.Hand(li, false); err == nil {
		t.Error("handed to the agent themself")
	}
	if _, err := open.Hand(other, true); err == nil {
		t.Error("handed to somebody who judges that call already")
	}
	open.Evaluation = "e1"
	if _, err := open.Hand(other, false); err == nil {
		t.Error("taken away from somebody who has begun")
	}
}

func TestFulfilment(t *testing.T) {
	d := Draw{Plan: Plan{Count: 3}}
	done, gone := began, began
	tasks := []Task{
		{Agent: "1001", Scorer: "qa1", Reason: ByChance, Due: "2026-11-10", Evaluation: "e1", SubmittedAt: done},
		{Agent: "1001", Scorer: "qa1", Reason: ByChance, Due: "2026-11-10"},
		{Agent: "1001", Scorer: "qa2", Reason: Long, Due: "2026-11-10", Evaluation: "e2"},
		{Agent: "1002", Scorer: "", Reason: ByChance, Due: "2026-11-12"},
		{Agent: "1002", Scorer: "qa2", Reason: ByChance, Due: "2026-11-12", Dropped: gone},
	}
	f := d.Fulfil(tasks, map[queue.AgentID]int{"1001": 40, "1002": 2, "1003": 0}, "2026-11-11")
	want := Fulfilment{
		Total:   Share{Chance: 3, Target: 1, Done: 1, Overdue: 2, Dropped: 1, Asked: 5, Population: 42},
		Agents:  []Share{{"1001", 2, 1, 1, 2, 0, 3, 40}, {"1002", 1, 0, 0, 0, 1, 2, 2}, {"1003", 0, 0, 0, 0, 0, 0, 0}},
		Scorers: []Share{{Who: "", Chance: 1}, {Who: "qa1", Chance: 2, Done: 1, Overdue: 1}, {Who: "qa2", Target: 1, Overdue: 1, Dropped: 1}},
	}
	if f.Total != want.Total || !slices.Equal(f.Agents, want.Agents) || !slices.Equal(f.Scorers, want.Scorers) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
}

func TestTaskStates(t *testing.T) {
	for want, x := range map[TaskState]Task{TaskOpen: {}, TaskBegun: {Evaluation: "e"}, TaskDone: {Evaluation: "e", SubmittedAt: time.Unix(1, 0)}, TaskDropped: {Dropped: time.Unix(1, 0), Evaluation: "e"}} {
		if got := x.State(); got != want {
			t.Errorf("%+v is %s, want %s", x, got, want)
		}
	}
	if (Task{Due: "2026-11-10"}).Overdue("2026-11-10") || !(Task{Due: "2026-11-10"}).Overdue("2026-11-11") {
		t.Error("a task is overdue the day after it is due")
	}
}
