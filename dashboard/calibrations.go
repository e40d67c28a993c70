package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

const maxCalibrations = 500

// wireCalibration is a calibration as one scorer sees it.
type wireCalibration struct {
	qa.Calibration
	Answered []string `json:"answered"`
}

func calibrationFor(c qa.Calibration, id identity) wireCalibration {
	own, answered := c.Shown(id.user.Name)
	return wireCalibration{own, notNil(answered)}
}

// listCalibrations is GET /api/v1/qa/calibrations, newest first.
func (s *Server) listCalibrations(w http.ResponseWriter, r *http.Request, id identity) error {
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Calibrations(r.Context(), maxCalibrations)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	out := make([]wireCalibration, 0, len(all))
	for _, c := range all {
		out = append(out, calibrationFor(c, id))
	}
	writeJSON(w, http.StatusOK, map[string]any{"calibrations": out})
	return nil
}

// addCalibration is POST /api/v1/qa/calibrations.
func (s *Server) addCalibration(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Name      string        `json:"name"`
		Call      queue.CallID  `json:"call"`
		Agent     queue.AgentID `json:"agent"`
		Form      string        `json:"form"`
		Scorers   []string      `json:"scorers"`
		Reference string        `json:"reference"`
		Due       string        `json:"due"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, string(in.Call), in.Scorers...)
	store, err := s.quality()
	if err != nil {
		return err
	}
	c := qa.Calibration{ID: newID(), Name: in.Name, Call: in.Call, Agent: in.Agent, Scorers: in.Scorers, Reference: in.Reference, Due: in.Due,
		By: id.user.Name, At: time.Now().UTC().Truncate(time.Millisecond), Given: map[string]qa.Given{}}
	if err := c.Check(); err != nil {
		return s.qualityProblem(r, codeUnknownCalibration, err)
	}
	if err := own(id, c.Agent, "not open to you"); err != nil {
		return err
	}
	if err := s.scorers(r, c.Scorers); err != nil {
		return err
	}
	file, err := s.opts.Ledger.Call(r.Context(), c.Call)
	switch {
	case errors.Is(err, ErrNotFound):
		return unknownCall(c.Call)
	case err != nil:
		return s.ledgerProblem(r, err)
	case !slices.ContainsFunc(file.Parts, func(p queue.Part) bool { return p.Agent == c.Agent }):
		return newProblem(http.StatusNotFound, codeUnknownAgent, "this agent had no part in this call")
	}
	form, err := s.newest(r, store, in.Form)
	if err != nil {
		return err
	}
	c.FormID, c.FormVersion = form.ID, form.Version
	if err := store.AddCalibration(r.Context(), c); err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusOK, calibrationFor(c, id))
	return nil
}

// answerCalibration is POST /api/v1/qa/calibrations/{id}/answers.
func (s *Server) answerCalibration(w http.ResponseWriter, r *http.Request, id identity) error {
	var in judgementBody
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	forms, err := store.Forms(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	c, err := store.ChangeCalibration(r.Context(), r.PathValue("id"), func(c qa.Calibration) (qa.Calibration, error) {
		f, _ := formIn(forms, c.FormID, c.FormVersion)
		return c.Give(now, f, in.Judgement, id.person())
	})
	if err != nil {
		return s.qualityProblem(r, codeUnknownCalibration, err)
	}
	writeJSON(w, http.StatusOK, calibrationFor(c, id))
	return nil
}

func formIn(all []qa.FormVersion, id string, version int) (qa.Form, bool) {
	i := slices.IndexFunc(all, func(v qa.FormVersion) bool { return v.Form.ID == id && v.Form.Version == version })
	if i < 0 {
		return qa.Form{}, false
	}
	return all[i].Form, true
}

// closeCalibration is POST /api/v1/qa/calibrations/{id}/close: everybody's
// answers are shown.
func (s *Server) closeCalibration(w http.ResponseWriter, r *http.Request, id identity) error {
	var in emptyBody
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	c, err := store.ChangeCalibration(r.Context(), r.PathValue("id"), func(c qa.Calibration) (qa.Calibration, error) { return c.Close(now, id.person()) })
	if err != nil {
		return s.qualityProblem(r, codeUnknownCalibration, err)
	}
	writeJSON(w, http.StatusOK, calibrationFor(c, id))
	return nil
}

// showAgreement is GET /api/v1/qa/agreement: how far scorers agree, over the
// calibrations that were closed in a period.
func (s *Server) showAgreement(w http.ResponseWriter, r *http.Request, _ identity) error {
	q := s.query(r, "since", "until")
	since, until := q.time("since", time.Time{}), q.time("until", time.Now())
	if q.err != nil {
		return q.err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Calibrations(r.Context(), maxCalibrations)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	forms, err := store.Forms(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	all = slices.DeleteFunc(all, func(c qa.Calibration) bool { return c.ClosedAt.Before(since) || !c.ClosedAt.Before(until) })
	writeJSON(w, http.StatusOK, qa.Agree(all, func(id string, version int) (qa.Form, bool) { return formIn(forms, id, version) }))
	return nil
}
