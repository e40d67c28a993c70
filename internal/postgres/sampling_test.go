package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
	"github.com/threerings/threerings/recording/qa"
)

// monthHouse is a house in which two agents had twenty conversations each in an
// hour, all recorded, and two scorers, one of whom is agent 1002.
func monthHouse(t *testing.T) *DB {
	t.Helper()
	db := openURL(t, postgrestest.New(t))
	ctx := limited(t)
	for i := range 40 {
		id, agent := queue.CallID(fmt.Sprintf("c%02d", i)), queue.AgentID(fmt.Sprint(1001+i%2))
		at := dayStart.Add(time.Duration(i) * time.Minute)
		c := queue.Call{ID: id, Queue: "support", Caller: "138", Number: "4000", Agent: agent, State: queue.CallEnded, ArrivedAt: at, SpokeAt: at, ConnectedAt: at, EndedAt: at.Add(time.Minute),
			Outcome: queue.OutcomeAnswered, Release: queue.ReleaseCaller, Score: 1 + i%5, Day: "2026-11-22", Rings: queue.Rings{Within: i%4 != 0}, Parts: 1}
		if i == 7 {
			c.Release = queue.ReleaseAgent
		}
		if _, err := db.conns.Exec(ctx, calls.upsert(), append([]any{"main"}, calls.fields(&c)...)...); err != nil {
			t.Fatal(err)
		}
		p := queue.Part{Call: id, N: 1, Agent: agent, Day: "2026-11-22", From: at, To: at.Add(time.Minute), Talk: time.Duration(i+1) * 10 * time.Second}
		if _, err := db.conns.Exec(ctx, parts.upsert(), append([]any{"main"}, parts.fields(&p)...)...); err != nil {
			t.Fatal(err)
		}
		state := "kept"
		if i == 39 {
			state = "missing"
		}
		if err := db.SaveRecording(ctx, Recording{Call: id, State: state}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SaveProof(ctx, "c05", recording.Proof{Speech: []recording.Speech{{Agent: "1002", Length: time.Minute, DeadAir: 50 * time.Second}}}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []User{{Name: "qa1", Role: "qa", PasswordHash: "x"}, {Name: "qa2", Role: "qa", Agent: "1002", PasswordHash: "x"}, {Name: "boss", Role: "supervisor", PasswordHash: "x"}} {
		if err := db.SaveUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func samplingPlan() qa.Plan {
	return qa.Plan{ID: "p1", Name: "月度抽检", Per: qa.Month, Form: "standard", Count: 3, DueDays: 7, Version: 1, By: "boss", At: dayStart.Add(-time.Hour),
		Targets: []qa.Target{{Reason: qa.AgentLeft, Most: 1}, {Reason: qa.DeadAir, Limit: 30, Most: 1}, {Reason: qa.OverRings, Most: 1}, {Reason: qa.Long, Limit: 390, Most: 2}}}
}

func TestAPlanIsPromisedDrawnAndJudged(t *testing.T) {
	db, ctx := monthHouse(t), limited(t)
	zone := time.FixedZone("CST", 8*3600)
	p := samplingPlan()
	if err := db.AddPlan(ctx, p, zone); err != nil {
		t.Fatal(err)
	}
	promised, err := db.Draws(ctx, "p1", 10)
	if err != nil || len(promised) != 2 {
		t.Fatalf("%d promises, want those of this month and the next: %v", len(promised), err)
	}
	if err := db.Promise(ctx, dayStart, zone); err != nil {
		t.Fatal(err)
	}
	if again, _ := db.Draws(ctx, "p1", 10); len(again) != 2 || again[1].Commitment != promised[1].Commitment {
		t.Error("a second promise for the same period")
	}
	d := promised[1]
	if d.Seed != "" || !d.DrawnAt.IsZero() {
		t.Errorf("the seed is told before the draw: %+v", d)
	}
	if _, err := db.MakeDraw(ctx, d.ID, d.Until.Add(-time.Minute), "boss", zone); err == nil {
		t.Error("drawn before the period's end")
	}
	if due, err := db.DueDraws(ctx, d.Until); err != nil || len(due) != 0 {
		t.Errorf("due at the period's end: %v, %v", due, err)
	}
	if due, err := db.DueDraws(ctx, d.Until.Add(time.Hour)); err != nil || len(due) != 1 || due[0] != d.ID {
		t.Errorf("due an hour later: %v, %v", due, err)
	}
	if d, err = db.MakeDraw(ctx, d.ID, d.Until.Add(time.Hour), "", zone); err != nil {
		t.Fatal(err)
	}
	if d.Population != 39 || d.Unheard != 1 {
		t.Errorf("drawn from %d, %d without a recording; want 39 and 1", d.Population, d.Unheard)
	}
	kept, lines, err := db.Draw(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.Verify(lines); err != nil {
		t.Error(err)
	}
	why := map[qa.Reason]int{}
	for _, k := range kept.Picks {
		why[k.Reason]++
	}
	if why[qa.ByChance] != 6 || why[qa.OverRings] != 1 { // all slow ones are 1001's
		t.Errorf("picked %v", why)
	}
	if _, err := db.MakeDraw(ctx, d.ID, d.Until.Add(2*time.Hour), "", zone); err == nil {
		t.Error("drawn twice")
	}
	for _, sql := range []string{"UPDATE qa_draws SET seed = 'x'", "UPDATE qa_draws SET body = '{}' WHERE drawn_at IS NOT NULL", "DELETE FROM qa_draws", "TRUNCATE qa_draws"} {
		if _, err := db.conns.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "final") {
			t.Errorf("%s: %v", sql, err)
		}
	}

	all, err := db.Tasks(ctx, qa.TaskFilter{Draw: d.ID, Limit: 100})
	if err != nil || len(all) != len(kept.Picks) {
		t.Fatalf("%d tasks of %d picks: %v", len(all), len(kept.Picks), err)
	}
	var task qa.Task
	for _, x := range all {
		if x.Scorer == "" || x.Scorer == "boss" || x.Scorer == "qa2" && x.Agent == "1002" {
			t.Errorf("%+v", x)
		}
		if x.Reason == qa.ByChance && x.Agent == "1001" && x.Scorer == "qa2" {
			task = x
		}
	}
	if task.ID == "" {
		t.Fatalf("qa2 got nothing of agent 1001: %+v", all)
	}
	job, err := db.Job(ctx, task.ID)
	if err != nil || job.Origin != qa.Random || job.Call != task.Call || job.Scorer != "qa2" {
		t.Fatalf("%+v, %v", job, err)
	}
	begun := qa.Begun{ID: "e1", Task: task.ID, Call: task.Call, Agent: task.Agent, CallAt: dayStart, Origin: job.Origin, FormID: "standard", FormVersion: 1, By: "qa2"}
	if _, err := db.AddEvaluation(ctx, dayStart, begun); err != nil {
		t.Fatal(err)
	}
	if x, _ := db.Task(ctx, task.ID); x.State() != qa.TaskBegun {
		t.Errorf("begun, and it is %s", x.State())
	}
	if _, err := db.HandTask(ctx, task.ID, "qa1"); err == nil {
		t.Error("taken from a scorer who has begun")
	}
	scorer := qa.Person{Name: "qa2", Agent: "1002"}
	for _, change := range []func(qa.Evaluation) (qa.Event, error){
		func(e qa.Evaluation) (qa.Event, error) { return e.Save(qa.Standard(), best(), scorer) },
		func(e qa.Evaluation) (qa.Event, error) { return e.Submit(dayStart, qa.Standard(), scorer) },
	} {
		if _, err := db.ChangeEvaluation(ctx, "e1", dayStart, change); err != nil {
			t.Fatal(err)
		}
	}
	if x, _ := db.Task(ctx, task.ID); x.State() != qa.TaskDone || x.Evaluation != "e1" {
		t.Errorf("submitted, and it is %s", x.State())
	}
	if n, err := db.Progress(ctx, all[0].Due); err != nil || n[d.ID] != (qa.Progress{Tasks: len(all), Done: 1}) {
		t.Errorf("progress %v, %v", n, err)
	}
	if n, _ := db.Progress(ctx, "2999-01-01"); n[d.ID].Overdue != len(all)-1 {
		t.Errorf("long after: %v", n)
	}
	open, err := db.Tasks(ctx, qa.TaskFilter{Scorer: "qa2", Open: true, Limit: 100})
	for _, x := range open {
		if err != nil || x.ID == task.ID {
			t.Errorf("done, and on the work list: %v", err)
		}
	}
}

// Tasks that cannot be judged are replaced, also when several are dropped at
// the same time; each place is filled once.
func TestDroppedTasksAreReplacedOnce(t *testing.T) {
	db, ctx := monthHouse(t), limited(t)
	p := samplingPlan()
	p.Targets = nil
	if err := db.AddPlan(ctx, p, time.UTC); err != nil {
		t.Fatal(err)
	}
	draws, _ := db.Draws(ctx, "p1", 10)
	d := draws[1]
	if _, err := db.MakeDraw(ctx, d.ID, d.Until, "boss", time.UTC); err != nil {
		t.Fatal(err)
	}
	all, _ := db.Tasks(ctx, qa.TaskFilter{Draw: d.ID, Limit: 100})
	var both sync.WaitGroup
	for _, x := range all[:4] {
		both.Go(func() {
			if _, err := db.DropTask(ctx, x.ID, d.Until, "串线", qa.Person{Name: "qa1"}, time.UTC); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	all, _ = db.Tasks(ctx, qa.TaskFilter{Draw: d.ID, Limit: 100})
	open, replaced := map[queue.AgentID]int{}, 0
	for _, x := range all {
		if x.State() == qa.TaskOpen {
			open[x.Agent]++
		}
		if x.Replaces != "" {
			replaced++
		}
	}
	if open["1001"] != 3 || open["1002"] != 3 || replaced != 4 {
		t.Errorf("open %v, %d replaced", open, replaced)
	}
	for _, x := range all {
		if !x.Dropped.IsZero() {
			if _, err := db.Job(ctx, x.ID); !errors.Is(err, qa.ErrUnknown) {
				t.Errorf("a dropped task is still to be done: %v", err)
			}
			if _, err := db.DropTask(ctx, x.ID, d.Until, "again", qa.Person{Name: "qa1"}, time.UTC); err == nil {
				t.Error("dropped twice")
			}
		}
	}
	if _, err := db.HandTask(ctx, all[len(all)-1].ID, "nobody"); !errors.Is(err, qa.ErrNoScorer) {
		t.Errorf("handed to nobody: %v", err)
	}
	if _, err := db.HandTask(ctx, "x", "qa1"); !errors.Is(err, qa.ErrUnknown) {
		t.Errorf("handed what is not there: %v", err)
	}
}

// What a plan draws from is what it says.
func TestCandidatesAreThePlans(t *testing.T) {
	db, ctx := monthHouse(t), limited(t)
	month := qa.Period{Since: dayStart, Until: dayStart.AddDate(0, 1, 0)}
	for name, c := range map[string]struct {
		change func(*qa.Plan, *qa.Period)
		want   int
	}{
		"all":           {func(*qa.Plan, *qa.Period) {}, 39},
		"an agent":      {func(p *qa.Plan, _ *qa.Period) { p.Agents = []queue.AgentID{"1002"} }, 19},
		"another queue": {func(p *qa.Plan, _ *qa.Period) { p.Queues = []queue.QueueID{"sales"} }, 0},
		"the queue":     {func(p *qa.Plan, _ *qa.Period) { p.Queues = []queue.QueueID{"sales", "support"} }, 39},
		"long ones":     {func(p *qa.Plan, _ *qa.Period) { p.MinTalk = 201 }, 19},
		"ten minutes":   {func(_ *qa.Plan, x *qa.Period) { x.Until = dayStart.Add(10 * time.Minute) }, 10},
		"none":          {func(_ *qa.Plan, x *qa.Period) { x.Until = x.Since }, 0},
	} {
		p, x := samplingPlan(), month
		c.change(&p, &x)
		got, _, err := db.Candidates(ctx, p, x)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d, want %d (%v)", name, len(got), c.want, err)
		}
		for _, k := range got {
			if left := k.Call == "c07"; left != k.AgentLeft {
				t.Errorf("%s: %+v", name, k)
			}
			if dead := k.Call == "c05"; dead != (k.DeadAirMS == 50_000) {
				t.Errorf("%s: %+v", name, k)
			}
		}
	}
}
