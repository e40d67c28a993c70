package qa

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func testScore(n int) *big.Rat { return big.NewRat(int64(n), 1) }

var (
	began = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	first = Person{Name: "qa1"}
	other = Person{Name: "qa2"}
	boss  = Person{Name: "boss"}
	li    = Person{Name: "li", Agent: "1001"}
	wang  = Person{Name: "wang", Agent: "1002"}
)

func full() Judgement {
	return Judgement{Answers: Answers{"a": "3", "b": "yes", "c": "good", "d": "10", "e": "yes"}, Comments: []Comment{{AtMS: 12500, Item: "a", Text: "您好"}}}
}

func worse() Judgement {
	j := full()
	j.Answers = Answers{"a": "1", "b": "yes", "c": "bad", "d": "5", "e": "yes"}
	return j
}

// life drives an evaluation and keeps its log.
type life struct {
	t   *testing.T
	e   Evaluation
	log []Event
	at  []time.Time
	now time.Time
}

func newLife(t *testing.T) *life {
	l := &life{t: t, now: began}
	l.do(Begin(Begun{ID: "e1", Call: "c1", Agent: "1001", CallAt: began, Origin: Random, FormID: "f", FormVersion: 1}, first))
	l.do(l.e.Save(testForm(), full(), first))
	return l
}

func (l *life) do(ev Event, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	if _, draft := ev.(Saved); !draft { // the log has no drafts
		l.log, l.at = append(l.log, ev), append(l.at, l.now)
	}
	l.e = l.e.Apply(l.now, ev)
	l.now = l.now.Add(time.Hour)
}

func (l *life) refused(code string, _ Event, err error) {
	l.t.Helper()
	var r *Refused
	if !errors.As(err, &r) || r.Code != code {
		l.t.Errorf("%s: %v, want %s", l.e.State, err, code)
	}
}

func (l *life) is(s State, versions int, settled bool) {
	l.t.Helper()
	if l.e.State != s || len(l.e.Versions) != versions || l.e.Settled(l.now) != settled {
		l.t.Fatalf("%s with %d versions, settled %v; want %s, %d, %v", l.e.State, len(l.e.Versions), l.e.Settled(l.now), s, versions, settled)
	}
}

// folded checks that the log gives the same evaluation again, also through JSON.
func (l *life) folded() {
	l.t.Helper()
	var again Evaluation
	for i, ev := range l.log {
		data, err := json.Marshal(ev)
		if err != nil {
			l.t.Fatal(err)
		}
		back, err := DecodeEvent(ev.Kind(), data)
		if err != nil {
			l.t.Fatal(err)
		}
		again = again.Apply(l.at[i], back)
	}
	a, _ := json.Marshal(l.e)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		l.t.Errorf("folded again\n%s\nwas\n%s", b, a)
	}
	var read Evaluation
	if err := json.Unmarshal(a, &read); err != nil || !reflect.DeepEqual(read.Versions, l.e.Versions) {
		l.t.Errorf("read back %v: %+v, was %+v", err, read.Versions, l.e.Versions)
	}
}

func TestSigned(t *testing.T) {
	f := testForm()
	l := newLife(t)
	l.is(Draft, 0, false)
	ev, err := l.e.Save(f, full(), other)
	l.refused(RefusedOther, ev, err)
	ev, err = l.e.Sign("", li)
	l.refused(RefusedState, ev, err)
	l.do(l.e.Submit(l.now, f, first))
	l.is(Submitted, 1, false)
	ev, err = l.e.Save(f, full(), first)
	l.refused(RefusedState, ev, err)
	ev, err = l.e.MarkRead(wang)
	l.refused(RefusedOther, ev, err)
	l.do(l.e.MarkRead(li))
	ev, err = l.e.Revise(l.now, f, worse(), "", first)
	l.refused(RefusedContent, ev, err)
	l.do(l.e.Revise(l.now, f, worse(), "the wrong call", first))
	l.is(Submitted, 2, false)
	if got := Shown(l.e.Score()); got != "34.2" { // 30·(5/9) + 70·(1/4)
		t.Errorf("the new version counts: %s", got)
	}
	ev, err = l.e.Sign("", wang)
	l.refused(RefusedOther, ev, err)
	l.do(l.e.Sign("明白了", li))
	l.is(Signed, 2, true)
	ev, err = l.e.Appeal(l.now, f, nil, "no", 0, li)
	l.refused(RefusedState, ev, err)
	ev, err = l.e.Revise(l.now, f, full(), "late", first)
	l.refused(RefusedState, ev, err)
	l.folded()
}

func TestAppealed(t *testing.T) {
	f := testForm()
	for _, outcome := range []Outcome{Upheld, Changed} {
		l := newLife(t)
		l.do(l.e.Submit(l.now, f, first))
		ev, err := l.e.Appeal(l.now, f, []string{"zz"}, "why", 0, li)
		l.refused(RefusedContent, ev, err)
		ev, err = l.e.Appeal(l.now, f, []string{"a"}, "  ", 0, li)
		l.refused(RefusedContent, ev, err)
		ev, err = l.e.Appeal(l.now, f, []string{"a"}, "why", 2, li)
		l.refused(RefusedLimit, ev, err)
		l.do(l.e.Appeal(l.now, f, []string{"a"}, "问候语说了", 1, li))
		l.is(Appealed, 1, false)
		ev, err = l.e.Decide(outcome, "so", boss)
		l.refused(RefusedState, ev, err)
		ev, err = l.e.ScoreAgain(f, worse(), first)
		l.refused(RefusedOneself, ev, err)
		ev, err = l.e.ScoreAgain(f, worse(), Person{Name: "li2", Agent: "1001"})
		l.refused(RefusedOneself, ev, err)
		l.do(l.e.ScoreAgain(f, worse(), other))
		l.is(Rescored, 1, false)
		if l.e.Overdue(l.now) || !l.e.Overdue(l.now.AddDate(0, 0, 6)) {
			t.Error("the deadline to decide")
		}
		ev, err = l.e.Decide(outcome, "so", first)
		l.refused(RefusedOneself, ev, err)
		ev, err = l.e.Decide("maybe", "so", boss)
		l.refused(RefusedContent, ev, err)
		l.do(l.e.Decide(outcome, "已核实录音", boss))
		want, score := 1, "100.0"
		if outcome == Changed {
			want, score = 2, "34.2"
		}
		l.is(Decided, want, true)
		if got := Shown(l.e.Score()); got != score {
			t.Errorf("%s: %s, want %s", outcome, got, score)
		}
		l.folded()
	}
}

func TestDeadlines(t *testing.T) {
	f := testForm()
	l := newLife(t)
	l.do(l.e.Submit(l.now, f, first))
	l.now = l.e.AppealBy.Add(-time.Nanosecond)
	l.is(Submitted, 1, false)
	l.now = l.e.AppealBy
	l.is(Submitted, 1, true)
	ev, err := l.e.Appeal(l.now, f, nil, "too late", 0, li)
	l.refused(RefusedLate, ev, err)
	ev, err = l.e.Revise(l.now, f, full(), "too late", first)
	l.refused(RefusedLate, ev, err)
	l.do(l.e.Sign("", li)) // a late signature does no harm
}

func TestNobodyJudgesThemself(t *testing.T) {
	l := &life{t: t, now: began}
	ev, err := Begin(Begun{Call: "c1", Agent: "1001", Origin: Random}, li)
	l.refused(RefusedOneself, ev, err)
	c := Calibration{Name: "11", Call: "c1", Agent: "1001", Scorers: []Scorer{"li", "qa1"}, Due: "2026-11-30"}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	_, err = c.Give(began, testForm(), full(), li)
	l.refused(RefusedOneself, nil, err)
}

func TestWhoMayOpen(t *testing.T) {
	l := newLife(t)
	if !l.e.MayOpen(first, true) || l.e.MayOpen(other, true) || l.e.MayOpen(li, false) {
		t.Error("a draft is its scorer's alone")
	}
	l.do(l.e.Submit(l.now, testForm(), first))
	if !l.e.MayOpen(other, true) || !l.e.MayOpen(li, false) || l.e.MayOpen(wang, false) {
		t.Error("what is submitted is the staff's and the agent's")
	}
}

func TestCalibration(t *testing.T) {
	f := testForm()
	forms := func(string, int) (Form, bool) { return f, true }
	var all []Calibration
	for i, id := range []string{"k1", "k2", "k3"} {
		c := Calibration{ID: id, Name: "11", Call: "c1", Agent: "1001", FormID: "f", FormVersion: 1, Scorers: []Scorer{"qa1", "qa2", "boss"}, Reference: "boss", Due: "2026-11-30", By: "boss", At: began}
		give := func(j Judgement, by Person) {
			var err error
			if c, err = c.Give(began, f, j, by); err != nil {
				t.Fatal(err)
			}
		}
		give(full(), first)
		give(full(), boss)
		if own, answered := c.Shown("qa1"); len(own.Given) != 1 || len(answered) != 2 {
			t.Errorf("blind: %+v, %v", own.Given, answered)
		}
		if _, err := c.Close(began, first); err == nil {
			t.Error("closed before all have answered, by another")
		}
		give(worse(), other)
		if i == 2 {
			all = append(all, c) // still open
			continue
		}
		closed, err := c.Close(began.AddDate(0, 0, i), first)
		if err != nil {
			t.Fatal(err)
		}
		if own, _ := closed.Shown("qa1"); len(own.Given) != 3 {
			t.Error("closed, and not shown")
		}
		all = append(all, closed)
	}
	got := Agree(all, forms)
	if got.Sessions != 2 || len(got.Items) != 5 || len(got.Scorers) != 2 {
		t.Fatalf("%+v", got)
	}
	for _, s := range got.Scorers {
		if want := map[Scorer]float64{"qa1": 0, "qa2": -65.8}[s.Scorer]; s.Deviation-want > 0.1 || want-s.Deviation > 0.1 || len(s.Over) != 2 {
			t.Errorf("%+v, want %v", s, want)
		}
	}
}

func TestResults(t *testing.T) {
	var marks []Mark
	for i := range 60 {
		marks = append(marks, Mark{Agent: "1001", Score: testScore(94 + i%3), Origin: Random, Settled: i > 0}, Mark{Agent: "1002", Score: testScore(66 + i%30), Origin: Random, Fatal: i == 0})
	}
	marks = append(marks, Mark{Agent: "1001", Score: testScore(0), Origin: Targeted}, Mark{Agent: "1003", Score: testScore(90), Origin: Random, Settled: true})
	got := Results(marks, map[queue.AgentID]int{"1001": 61, "1002": 400, "1003": 100, "1004": 7})
	want := map[queue.AgentID]Verdict{"1001": Graded, "1002": Between, "1003": TooFew, "1004": NoCalls}
	if len(got.Results) != 4 || len(got.Differences) != 3 {
		t.Fatalf("%+v", got)
	}
	for _, r := range got.Results {
		if r.Verdict != want[r.Agent] {
			t.Errorf("%s is %s %v, %+v; want %s", r.Agent, r.Verdict, r.Grades, r.Interval, want[r.Agent])
		}
	}
	if r := got.Results[0]; r.N != 60 || r.Targeted != 1 || r.TargetedMean != 0 || r.Interval.Mean < 94 || r.Open != 1 {
		t.Errorf("what was picked is in the mean: %+v", r)
	}
	if d := got.Differences[0]; !d.Told || d.A != "1001" || d.B != "1002" {
		t.Errorf("surest difference: %+v", d)
	}
}
