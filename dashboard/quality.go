package dashboard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// Quality keeps what conversations are judged by and how (R9.2). Its errors are
// those of the package qa: ErrUnknown, ErrThere, ErrFinal.
type Quality interface {
	// Forms lists every version of every form, newest version first.
	Forms(ctx context.Context) ([]qa.FormVersion, error)
	// SaveForm stores a version, unless it was published.
	SaveForm(ctx context.Context, v qa.FormVersion) error
	// Job is what a work list asks to be judged.
	Job(ctx context.Context, task string) (qa.Job, error)
	AddEvaluation(ctx context.Context, at time.Time, ev qa.Begun) (qa.Evaluation, error)
	Evaluation(ctx context.Context, id string) (qa.Evaluation, error)
	EvaluationLog(ctx context.Context, id string) ([]qa.Entry, error)
	// Evaluations returns those that match, newest call first, at most f.Limit.
	Evaluations(ctx context.Context, f qa.Filter) ([]qa.Evaluation, error)
	// ChangeEvaluation applies the event that change returns; no event: nothing.
	// Nobody else changes the evaluation meanwhile.
	ChangeEvaluation(ctx context.Context, id string, at time.Time, change func(qa.Evaluation) (qa.Event, error)) (qa.Evaluation, error)
	// Appeals counts an agent's appeals since a time.
	Appeals(ctx context.Context, agent queue.AgentID, since time.Time) (int, error)
	// Conversations counts the calls that each agent had a part in.
	Conversations(ctx context.Context, since, until time.Time) (map[queue.AgentID]int, error)
	AddCoaching(ctx context.Context, c qa.Coaching) error
	ChangeCoaching(ctx context.Context, id string, change func(qa.Coaching) (qa.Coaching, error)) (qa.Coaching, error)
	// Coachings lists those of some agents (nil: of all), open ones first.
	Coachings(ctx context.Context, agents []queue.AgentID, limit int) ([]qa.Coaching, error)
	AddCalibration(ctx context.Context, c qa.Calibration) error
	ChangeCalibration(ctx context.Context, id string, change func(qa.Calibration) (qa.Calibration, error)) (qa.Calibration, error)
	// Calibrations lists them, newest first.
	Calibrations(ctx context.Context, limit int) ([]qa.Calibration, error)
}

// quality is the store, or says that there is none.
func (s *Server) quality() (Quality, error) {
	if s.opts.Quality == nil {
		return nil, newProblem(http.StatusServiceUnavailable, codeNoLedger, "there is nowhere to keep evaluations")
	}
	return s.opts.Quality, nil
}

// person is who asks, as evaluations know people.
func (i identity) person() qa.Person { return qa.Person{Name: i.user.Name, Agent: i.user.Agent} }

// staff reports whether this user reads what is about others.
func (i identity) staff() bool { return i.user.Role != AgentRole }

// about are the agents that a list is about: the one asked for, or all whose
// affairs are open to this user (nil: everybody's).
func (i identity) about(agent queue.AgentID) ([]queue.AgentID, error) {
	switch {
	case agent != "":
		return []queue.AgentID{agent}, own(i, agent, "agents see what is about themselves only")
	case i.reach.everybody:
		return nil, nil
	}
	return notNil(i.reach.agents), nil
}

// mayOpen reports whether this user may read an evaluation.
func (i identity) mayOpen(e qa.Evaluation) bool {
	return e.MayOpen(i.person(), i.staff() && i.of(e.Agent))
}

// qualityProblem tells why something about an evaluation cannot be done.
func (s *Server) qualityProblem(r *http.Request, what code, err error) error {
	var no *qa.Refused
	switch {
	case errors.As(err, &no):
		status := http.StatusConflict
		switch no.Code {
		case qa.RefusedContent:
			status = http.StatusBadRequest
		case qa.RefusedOther, qa.RefusedOneself:
			status = http.StatusForbidden
		}
		return newProblem(status, code(no.Code), no.Why)
	case errors.Is(err, qa.ErrUnknown):
		return newProblem(http.StatusNotFound, what, "there is none with this id, or it is not for you to see")
	case errors.Is(err, qa.ErrThere):
		return newProblem(http.StatusConflict, codeEvaluationThere, "you judge this conversation already")
	case errors.Is(err, qa.ErrFinal):
		return newProblem(http.StatusConflict, codeFormFinal, "this version is published and final: save the next version")
	}
	return s.ledgerProblem(r, err)
}

// newID names something of the quality checks.
func newID() string { return strings.ToLower(rand.Text()[:16]) }

// form finds a version of a form, published or not.
func (s *Server) form(ctx context.Context, store Quality, id string, version int) (qa.Form, error) {
	all, err := store.Forms(ctx)
	if err != nil {
		return qa.Form{}, err
	}
	for _, v := range all {
		if v.Form.ID == id && v.Form.Version == version {
			return v.Form, nil
		}
	}
	return qa.Form{}, qa.ErrUnknown
}

// newest is the version of a form that is used now.
func (s *Server) newest(r *http.Request, store Quality, id string) (qa.Form, error) {
	all, err := store.Forms(r.Context())
	if err != nil {
		return qa.Form{}, s.ledgerProblem(r, err)
	}
	for _, v := range all { // newest first
		if v.Form.ID == id && !v.PublishedAt.IsZero() {
			return v.Form, nil
		}
	}
	return qa.Form{}, newProblem(http.StatusNotFound, codeUnknownForm, fmt.Sprintf("no version of a form %q is published", cut(id)))
}

type wireForm struct {
	qa.Form
	Author      string `json:"author"`
	Reason      string `json:"reason"`
	SavedAt     stamp  `json:"saved_at"`
	PublishedAt stamp  `json:"published_at"` // null: a draft
}

func formOf(v qa.FormVersion) wireForm {
	return wireForm{v.Form, v.Author, v.Reason, stamp(v.SavedAt), stamp(v.PublishedAt)}
}

// listForms is GET /api/v1/qa/forms: every version, newest first; agents are
// shown what is published.
func (s *Server) listForms(w http.ResponseWriter, r *http.Request, id identity) error {
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Forms(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out := []wireForm{}
	for _, v := range all {
		if id.staff() || !v.PublishedAt.IsZero() {
			out = append(out, formOf(v))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"forms": out})
	return nil
}

// saveForm is POST /api/v1/qa/forms: the draft of the next version.
func (s *Server) saveForm(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Form   qa.Form `json:"form"`
		Reason string  `json:"reason"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, fmt.Sprintf("%s %d", in.Form.ID, in.Form.Version), in.Reason)
	store, err := s.quality()
	if err != nil {
		return err
	}
	if len(in.Reason) > maxReason || strings.TrimSpace(in.Reason) == "" {
		return newProblem(http.StatusBadRequest, codeBadForm, fmt.Sprintf("reason: say why there is this version, in at most %d bytes", maxReason))
	}
	if err := in.Form.Validate(); err != nil {
		return newProblem(http.StatusBadRequest, codeBadForm, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	all, err := store.Forms(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	last := 0
	for _, v := range all {
		if v.Form.ID == in.Form.ID && !v.PublishedAt.IsZero() {
			last = max(last, v.Form.Version)
		}
	}
	if in.Form.Version <= last {
		return s.qualityProblem(r, codeUnknownForm, qa.ErrFinal)
	}
	if in.Form.Version != last+1 {
		return newProblem(http.StatusBadRequest, codeBadForm, fmt.Sprintf("version %d: the next version is %d", in.Form.Version, last+1))
	}
	v := qa.FormVersion{Form: in.Form, Author: id.user.Name, Reason: in.Reason, SavedAt: time.Now().UTC()}
	if err := store.SaveForm(r.Context(), v); err != nil {
		return s.qualityProblem(r, codeUnknownForm, err)
	}
	writeJSON(w, http.StatusOK, formOf(v))
	return nil
}

const maxReason = 1000 // bytes

// publishForm is POST /api/v1/qa/forms/{id}/publish. It is final.
func (s *Server) publishForm(w http.ResponseWriter, r *http.Request, _ identity) error {
	var in struct {
		Version int `json:"version"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, fmt.Sprintf("%s %d", cut(r.PathValue("id")), in.Version))
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Forms(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	for _, v := range all {
		if v.Form.ID == r.PathValue("id") && v.Form.Version == in.Version {
			if v.PublishedAt.IsZero() {
				v.PublishedAt = time.Now().UTC()
			} // else the store says that it is final
			if err := store.SaveForm(r.Context(), v); err != nil {
				return s.qualityProblem(r, codeUnknownForm, err)
			}
			writeJSON(w, http.StatusOK, formOf(v))
			return nil
		}
	}
	return s.qualityProblem(r, codeUnknownForm, qa.ErrUnknown)
}
