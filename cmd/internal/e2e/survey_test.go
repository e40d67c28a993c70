package e2e

import (
	"net/http"
	"slices"
	"testing"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestSurveyWithoutMark: who presses nothing is asked again and then thanked;
// who hangs up has given no mark. The conversation's record is as without.
func TestSurveyWithoutMark(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s, survey: {question: {sound: house/second}, thanks: {sound: house/tell}, wait: 1s, tries: 2}", quick)
	a := d.agents[0]
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	in.Hangup()
	hears(t, "the question", v.Call, tones{secondTone}, tones{a.tone})
	v.is(t, queue.CallSurvey)
	hears(t, "thanks", v.Call, tones{tellTone}, tones{secondTone})
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
	if c := r.Call; c.Survey != queue.SurveyNotPressed || c.Score != 0 || count(r, "SurveyAgain") != 1 {
		t.Errorf("on record: %s, mark %d, asked again %d times", c.Survey, c.Score, count(r, "SurveyAgain"))
	}

	w := d.call(t)
	in = a.next(t)
	talk(t, w, in, a.tone)
	in.Hangup()
	hears(t, "the question", w.Call, tones{secondTone}, nil)
	w.Hangup()
	over(t, w.Call, in)
	s := w.record(t)
	ended(t, s, queue.OutcomeAnswered, queue.ReleaseAgent)
	if s.Call.Survey != queue.SurveyNotPressed {
		t.Errorf("on record: %s", s.Call.Survey)
	}
	d.seen(t, "both in the day's figures", func(s *queue.Snapshot) bool {
		n := d.today(s)
		return n.SurveyOffered == 2 && n.SurveyUnanswered == 2 && n.SurveyAnswered == 0
	})
	for _, v := range []*visit{v, w} {
		v.clean(t)
	}
}

// TestSurveyByTheAgent: where the agent decides, hanging up asks nobody; over
// the interface the agent sends the caller to the survey, and is free.
func TestSurveyByTheAgent(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 0s, survey: {when: agent, question: {sound: house/ask}, thanks: {sound: house/tell}}", quick)
	a := d.agents[0]
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	in.Hangup()
	over(t, v.Call, in)
	if c := v.record(t).Call; c.Survey != queue.SurveyNone {
		t.Errorf("the agent sent nobody to the survey, and yet: %s", c.Survey)
	}

	w := d.call(t)
	in = a.next(t)
	talk(t, w, in, a.tone)
	web(t, "POST", d.box.URL+"/api/v1/agents/"+string(a.id)+"/conversation", supervisor, `{"do":"survey"}`, http.StatusOK, nil)
	over(t, in)
	hears(t, "the question", w.Call, tones{askTone}, tones{a.tone})
	d.agentIs(t, a.id, "free during the survey", isFree)
	w.presses(t, "4")
	hears(t, "thanks", w.Call, tones{tellTone}, tones{askTone})
	over(t, w.Call)
	r := w.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
	if c := r.Call; c.Survey != queue.SurveyScored || c.Score != 4 || c.Agent != a.id || c.Queue != d.queue {
		t.Errorf("on record: %s, mark %d, agent %s, queue %s", c.Survey, c.Score, c.Agent, c.Queue)
	}
	d.seen(t, "the mark in the day's figures", func(s *queue.Snapshot) bool {
		n := d.today(s)
		return n.SurveyOffered == 1 && n.SurveyAnswered == 1 && n.SurveySum == 4 && n.Satisfied == 1
	})
	stereo, rec := d.kept(t, r.Call.ID)
	survey := robot.Deinterleave(stereo, 2, 1)[int((rec.TalkOffset+r.Call.Talk).Seconds()*8000):]
	for _, tone := range []float64{askTone, tellTone} {
		if !slices.ContainsFunc(slices.Collect(slices.Chunk(survey, 800)), func(tenth []int16) bool {
			return robot.MeasureTone(tenth, 8000, tone) > robot.ToneAmplitude*0.7
		}) {
			t.Errorf("the recording ends with the conversation: no %.0f Hz after it", tone)
		}
	}
	rec.Talk = r.Call.Talk // of what was recorded after the first word
	sides(t, stereo, rec, a.tone)
	w.clean(t)
}
