package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// best are answers of the standard form that give everything.
func best() qa.Judgement {
	j := qa.Judgement{Answers: qa.Answers{}, Comments: []qa.Comment{{AtMS: 12500, Item: "greeting", Text: "您好\x00"}}, Summary: "好"}
	for _, s := range qa.Standard().Sections {
		for _, it := range s.Items {
			switch it.Kind {
			case qa.YesNo:
				j.Answers[it.ID] = qa.Yes
			case qa.Scale:
				j.Answers[it.ID] = "2"
			default:
				j.Answers[it.ID] = "partial"
			}
		}
	}
	return j
}

// judged stores an evaluation that was submitted and appealed.
func judged(ctx context.Context, db *DB, id, call string) error {
	scorer, agent := qa.Person{Name: "qa1"}, qa.Person{Name: "li", Agent: "1001"}
	begun := qa.Begun{ID: id, Call: queue.CallID(call), Agent: "1001", CallAt: dayStart, Origin: qa.Random, FormID: "standard", FormVersion: 1, By: "qa1"}
	if _, err := db.AddEvaluation(ctx, dayStart, begun); err != nil {
		return err
	}
	for _, change := range []func(qa.Evaluation) (qa.Event, error){
		func(e qa.Evaluation) (qa.Event, error) { return e.Save(qa.Standard(), best(), scorer) },
		func(e qa.Evaluation) (qa.Event, error) { return e.Submit(dayStart, qa.Standard(), scorer) },
		func(e qa.Evaluation) (qa.Event, error) {
			return e.Appeal(dayStart, qa.Standard(), nil, "录音里说了", 0, agent)
		},
		func(qa.Evaluation) (qa.Event, error) { return nil, nil },
	} {
		if _, err := db.ChangeEvaluation(ctx, id, dayStart, change); err != nil {
			return err
		}
	}
	return nil
}

// What is stored of an evaluation is what its log gives, and the log stays.
func TestEvaluations(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	if err := judged(ctx, db, "e1", "c1"); err != nil {
		t.Fatal(err)
	}
	if err := judged(ctx, db, "e2", "c1"); !errors.Is(err, qa.ErrThere) {
		t.Errorf("the same conversation by the same scorer: %v", err)
	}
	got, err := db.Evaluation(ctx, "e1")
	if err != nil || got.State != qa.Appealed || qa.Shown(got.Score()) == "100.0" || len(got.Versions) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	log, err := db.EvaluationLog(ctx, "e1")
	if err != nil || len(log) != 3 {
		t.Fatalf("%+v, %v", log, err)
	}
	var folded qa.Evaluation
	for i, line := range log {
		if line.N != i+1 {
			t.Errorf("line %d is numbered %d", i+1, line.N)
		}
		folded = folded.Apply(line.At, line.Event)
	}
	same := cmp.Comparer(func(a, b qa.Scored) bool { return a.Total.Cmp(b.Total) == 0 && len(a.Items) == len(b.Items) })
	if diff := cmp.Diff(got, folded, same); diff != "" {
		t.Errorf("stored and folded differ:\n%s", diff)
	}
	for _, sql := range []string{"UPDATE qa_evaluation_events SET at = now()", "DELETE FROM qa_evaluation_events"} {
		if _, err := db.conns.Exec(ctx, sql); err == nil {
			t.Errorf("%s is possible", sql)
		}
	}
	if n, err := db.Appeals(ctx, "1001", dayStart); err != nil || n != 1 {
		t.Errorf("%d appeals, %v", n, err)
	}
	if n, err := db.Appeals(ctx, "1001", dayStart.Add(time.Second)); err != nil || n != 0 {
		t.Errorf("%d appeals later, %v", n, err)
	}
	if _, err := db.Evaluation(ctx, "none"); !errors.Is(err, qa.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
	refused := errors.New("no")
	if _, err := db.ChangeEvaluation(ctx, "e1", dayStart, func(qa.Evaluation) (qa.Event, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Errorf("a refusal: %v", err)
	}
	if _, err := db.AddEvaluation(ctx, dayStart, qa.Begun{ID: "d", Call: "c2", Agent: "1002", CallAt: dayStart.Add(time.Hour), Origin: qa.Targeted, By: "qa2"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    qa.Filter
		want int
	}{
		"no drafts of others": {qa.Filter{Reader: "qa1", Limit: 9}, 1},
		"one's own draft":     {qa.Filter{Reader: "qa2", Limit: 9}, 2},
		"of an agent":         {qa.Filter{Reader: "qa2", Agents: []queue.AgentID{"1002"}, Limit: 9}, 1},
		"of no agent":         {qa.Filter{Reader: "qa2", Agents: []queue.AgentID{}, Limit: 9}, 0},
		"in a state":          {qa.Filter{State: qa.Appealed, Limit: 9}, 1},
		"of a time":           {qa.Filter{Reader: "qa2", Since: dayStart.Add(time.Minute), Until: dayStart.Add(2 * time.Hour), Limit: 9}, 1},
		"at most":             {qa.Filter{Reader: "qa2", Limit: 1}, 1},
	} {
		if all, err := db.Evaluations(ctx, c.f); err != nil || len(all) != c.want {
			t.Errorf("%s: %d, %v; want %d", name, len(all), err, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	if err := db.FirstForm(ctx, qa.FormVersion{Form: qa.Standard(), PublishedAt: dayStart}); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Forms(ctx); err != nil || len(all) != 1 || !all[0].PublishedAt.Equal(dayStart) {
		t.Fatalf("the first form: %+v, %v", all, err)
	}
	if _, err := db.conns.Exec(ctx, "DELETE FROM qa_forms"); err != nil {
		t.Fatal(err)
	}
	v := qa.FormVersion{Form: qa.Standard(), Author: "wang", Reason: "新", SavedAt: dayStart}
	for range 2 {
		if err := db.SaveForm(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	v.PublishedAt = dayStart.Add(time.Hour)
	if err := db.SaveForm(ctx, v); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveForm(ctx, v); !errors.Is(err, qa.ErrFinal) {
		t.Errorf("a published version was changed: %v", err)
	}
	if err := db.FirstForm(ctx, qa.FormVersion{Form: qa.Form{ID: "other", Version: 1}, PublishedAt: dayStart}); err != nil {
		t.Fatal(err)
	}
	all, err := db.Forms(ctx)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if diff := cmp.Diff(v, all[0]); diff != "" {
		t.Errorf("the form came back otherwise:\n%s", diff)
	}
}

func TestCoachingAndCalibrations(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	boss := qa.Person{Name: "boss"}
	c := qa.Coaching{ID: "k1", Agent: "1001", Owner: "boss", Text: "开场", Due: "2026-11-30", By: "boss", At: dayStart}
	if err := db.AddCoaching(ctx, c); err != nil {
		t.Fatal(err)
	}
	done, err := db.ChangeCoaching(ctx, "k1", func(c qa.Coaching) (qa.Coaching, error) { return c.Follow(dayStart, "好了", true, boss) })
	if err != nil {
		t.Fatal(err)
	}
	all, err := db.Coachings(ctx, nil, 9)
	if diff := cmp.Diff([]qa.Coaching{done}, all); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := db.ChangeCoaching(ctx, "none", nil); !errors.Is(err, qa.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
	if all, err := db.Coachings(ctx, []queue.AgentID{"1002"}, 9); err != nil || len(all) != 0 {
		t.Errorf("of another agent: %v, %v", all, err)
	}

	k := qa.Calibration{ID: "s1", Name: "11", Call: "c1", Agent: "1001", Scorers: []qa.Scorer{"qa1", "boss"}, Due: "2026-11-30", By: "boss", At: dayStart}
	if err := db.AddCalibration(ctx, k); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ChangeCalibration(ctx, "s1", func(k qa.Calibration) (qa.Calibration, error) {
		return k.Give(dayStart, qa.Standard(), best(), boss)
	}); err != nil {
		t.Fatal(err)
	}
	if list, err := db.Calibrations(ctx, 9); err != nil || len(list) != 1 || len(list[0].Given) != 1 || list[0].Given["boss"].Scored.Total == nil {
		t.Errorf("%+v, %v", list, err)
	}
}
