package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// wireEvaluation is an evaluation with what follows from it now.
type wireEvaluation struct {
	qa.Evaluation
	Score   *float64 `json:"score"` // null: none, or not to be seen
	Fatal   []string `json:"fatal"`
	Settled bool     `json:"settled"`
	Overdue bool     `json:"overdue"`
	// Hidden: somebody who may score it a second time does not see the first
	// score.
	Hidden bool `json:"hidden"`
}

// shownTo is an evaluation as a user may see it.
func shownTo(e qa.Evaluation, id identity, now time.Time) wireEvaluation {
	out := wireEvaluation{Settled: e.Settled(now), Overdue: e.Overdue(now), Fatal: []string{}}
	if e.State == qa.Appealed && id.staff() && id.user.Name != e.Scorer {
		e, out.Hidden = e.Blinded(), true
	}
	if e.State == qa.Rescored && !id.staff() { // not decided yet
		o := *e.Objection
		o.Second = nil
		e.Objection = &o
	}
	if v, ok := e.Current(); ok {
		score := qa.Float(v.Scored.Total)
		out.Score, out.Fatal = &score, notNil(v.Scored.Fatal)
	}
	if e.Blind && e.State == qa.Draft {
		e.Agent = ""
	}
	out.Evaluation = e
	return out
}

// listEvaluations is GET /api/v1/qa/evaluations; agents are given their own.
func (s *Server) listEvaluations(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "agent", "scorer", "call", "task", "state", "since", "until", "limit")
	f := qa.Filter{Scorer: q.text("scorer"), Call: queue.CallID(q.text("call")), Task: q.text("task"),
		State: qa.State(q.text("state")), Since: q.time("since", time.Time{}), Until: q.time("until", time.Time{}), Reader: id.user.Name, Limit: q.limit()}
	if q.err != nil {
		return q.err
	}
	var err error
	if f.Agents, err = id.about(queue.AgentID(q.text("agent"))); err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Evaluations(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out, now := make([]wireEvaluation, 0, len(all)), time.Now()
	for _, e := range all {
		out = append(out, shownTo(e, id, now))
	}
	writeJSON(w, http.StatusOK, map[string]any{"evaluations": out})
	return nil
}

// beginEvaluation is POST /api/v1/qa/evaluations: of a task of the work list,
// or of a call that the scorer picked. What somebody picks is no random sample.
func (s *Server) beginEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Task  string        `json:"task"`
		Call  queue.CallID  `json:"call"`
		Agent queue.AgentID `json:"agent"`
		Form  string        `json:"form"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, string(in.Call), string(in.Agent), in.Task)
	store, err := s.quality()
	if err != nil {
		return err
	}
	origin, blind := qa.Targeted, false
	if in.Task != "" {
		job, err := store.Job(r.Context(), in.Task)
		if err != nil {
			return s.qualityProblem(r, codeUnknownTask, err)
		}
		if job.Scorer != "" && job.Scorer != id.user.Name {
			return newProblem(http.StatusForbidden, codeNotYours, "this task is "+job.Scorer+"'s")
		}
		in.Call, in.Agent, in.Form, origin, blind = job.Call, job.Agent, job.Form, job.Origin, job.Blind
	}
	if err := own(id, in.Agent, "not open to you"); err != nil {
		return err
	}
	file, err := s.opts.Ledger.Call(r.Context(), in.Call)
	if errors.Is(err, ErrNotFound) {
		return unknownCall(in.Call)
	}
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if !slices.ContainsFunc(file.Parts, func(p queue.Part) bool { return p.Agent == in.Agent }) {
		return newProblem(http.StatusNotFound, codeUnknownAgent, fmt.Sprintf("agent %q had no part in this call, or has not ended it", cut(string(in.Agent))))
	}
	form, err := s.newest(r, store, in.Form)
	if err != nil {
		return err
	}
	ev, err := qa.Begin(qa.Begun{ID: newID(), Task: in.Task, Call: in.Call, Agent: in.Agent, CallAt: file.Call.ArrivedAt.UTC(), Origin: origin,
		FormID: form.ID, FormVersion: form.Version, Blind: blind}, id.person())
	var e qa.Evaluation
	if err == nil {
		e, err = store.AddEvaluation(r.Context(), time.Now(), ev.(qa.Begun))
	}
	if err != nil {
		return s.qualityProblem(r, codeUnknownEvaluation, err)
	}
	writeJSON(w, http.StatusOK, shownTo(e, id, time.Now()))
	return nil
}

// showEvaluation is GET /api/v1/qa/evaluations/{id}: with its form and what
// became of it.
func (s *Server) showEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	store, err := s.quality()
	if err != nil {
		return err
	}
	e, err := store.Evaluation(r.Context(), r.PathValue("id"))
	if err == nil && !id.mayOpen(e) {
		err = qa.ErrUnknown
	}
	if err != nil {
		return s.qualityProblem(r, codeUnknownEvaluation, err)
	}
	form, err := s.form(r.Context(), store, e.FormID, e.FormVersion)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	log, err := store.EvaluationLog(r.Context(), e.ID)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	type wireEntry struct {
		At   stamp  `json:"at"`
		Kind string `json:"kind"`
	}
	lines := make([]wireEntry, 0, len(log))
	for _, l := range log {
		lines = append(lines, wireEntry{stamp(l.At), l.Kind})
	}
	writeJSON(w, http.StatusOK, map[string]any{"evaluation": shownTo(e, id, time.Now()), "form": form, "log": lines})
	return nil
}

// changing is one way to change an evaluation: in is its body, decide the
// event.
func changing[In any](s *Server, w http.ResponseWriter, r *http.Request, id identity, decide func(e qa.Evaluation, f qa.Form, in In, now time.Time) (qa.Event, error)) error {
	var in In
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	now, ctx := time.Now().UTC(), r.Context()
	before, err := store.Evaluation(ctx, r.PathValue("id"))
	if err == nil && !id.mayOpen(before) {
		err = qa.ErrUnknown
	}
	if err != nil {
		return s.qualityProblem(r, codeUnknownEvaluation, err)
	}
	form, err := s.form(ctx, store, before.FormID, before.FormVersion)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	e, err := store.ChangeEvaluation(ctx, before.ID, now, func(e qa.Evaluation) (qa.Event, error) { return decide(e, form, in, now) })
	if err != nil {
		return s.qualityProblem(r, codeUnknownEvaluation, err)
	}
	writeJSON(w, http.StatusOK, shownTo(e, id, now))
	return nil
}

type (
	emptyBody     struct{}
	judgementBody struct {
		Judgement qa.Judgement `json:"judgement"`
	}
	revisedBody struct {
		Judgement qa.Judgement `json:"judgement"`
		Reason    string       `json:"reason"`
	}
	noteBody struct {
		Note string `json:"note"`
	}
	appealBody struct {
		Items  []string `json:"items"`
		Reason string   `json:"reason"`
	}
	decisionBody struct {
		Outcome qa.Outcome `json:"outcome"`
		Answer  string     `json:"answer"`
	}
)

// saveEvaluation is PUT /api/v1/qa/evaluations/{id}: the draft as it is.
func (s *Server) saveEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, f qa.Form, in judgementBody, _ time.Time) (qa.Event, error) {
		return e.Save(f, in.Judgement, id.person())
	})
}

// submitEvaluation is POST …/submit. What chance has given up for another call
// counts no more.
func (s *Server) submitEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	if store, err := s.quality(); err == nil {
		if e, err := store.Evaluation(r.Context(), r.PathValue("id")); err == nil && e.Task != "" {
			if _, err := store.Job(r.Context(), e.Task); errors.Is(err, qa.ErrUnknown) {
				return newProblem(http.StatusConflict, codeWrongState, "the task was dropped, and another conversation took its place")
			}
		}
	}
	return changing(s, w, r, id, func(e qa.Evaluation, f qa.Form, _ emptyBody, now time.Time) (qa.Event, error) {
		return e.Submit(now, f, id.person())
	})
}

// reviseEvaluation is POST …/revise.
func (s *Server) reviseEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, f qa.Form, in revisedBody, now time.Time) (qa.Event, error) {
		return e.Revise(now, f, in.Judgement, in.Reason, id.person())
	})
}

// readEvaluation is POST …/read.
func (s *Server) readEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, _ qa.Form, _ emptyBody, _ time.Time) (qa.Event, error) {
		return e.MarkRead(id.person())
	})
}

// signEvaluation is POST …/sign.
func (s *Server) signEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, _ qa.Form, in noteBody, _ time.Time) (qa.Event, error) {
		return e.Sign(in.Note, id.person())
	})
}

// appealEvaluation is POST …/appeal.
func (s *Server) appealEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	before := 0
	if store, err := s.quality(); err == nil {
		if before, err = store.Appeals(r.Context(), id.user.Agent, qa.AppealsSince(time.Now())); err != nil {
			return s.ledgerProblem(r, err)
		}
	}
	return changing(s, w, r, id, func(e qa.Evaluation, f qa.Form, in appealBody, now time.Time) (qa.Event, error) {
		return e.Appeal(now, f, in.Items, in.Reason, before, id.person())
	})
}

// scoreAgain is POST …/second.
func (s *Server) scoreAgain(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, f qa.Form, in judgementBody, _ time.Time) (qa.Event, error) {
		return e.ScoreAgain(f, in.Judgement, id.person())
	})
}

// decideEvaluation is POST …/decide.
func (s *Server) decideEvaluation(w http.ResponseWriter, r *http.Request, id identity) error {
	return changing(s, w, r, id, func(e qa.Evaluation, _ qa.Form, in decisionBody, _ time.Time) (qa.Event, error) {
		return e.Decide(in.Outcome, in.Answer, id.person())
	})
}
