package dashboard

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// Custody holds recordings, erases them, and knows where they are.
type Custody interface {
	// Hold forbids that a recording is erased, Release ends that; false when
	// there is nothing to hold, or no hold.
	Hold(ctx context.Context, call queue.CallID, m recording.Mark) (bool, error)
	Release(ctx context.Context, call queue.CallID) (bool, error)
	// Erase destroys a recording for good; recording.ErrHeld, ErrErased or
	// ErrNoRecording when it cannot be.
	Erase(ctx context.Context, call queue.CallID, m recording.Mark) error
	// Where tells where a recording is; recording.ErrNoRecording if there is none.
	Where(ctx context.Context, call queue.CallID) (recording.Whereabouts, error)
}

// custody is the call of a request about keeping its recording; with changes
// the reason that they need.
func (s *Server) custody(r *http.Request, id identity) (queue.CallID, recording.Mark, error) {
	call, err := callID(r)
	if err != nil {
		return "", recording.Mark{}, err
	}
	if err := s.handled(r, id, call); err != nil {
		return "", recording.Mark{}, err
	}
	if s.opts.Custody == nil {
		return "", recording.Mark{}, newProblem(http.StatusNotFound, codeNoRecording, "no recordings are kept here")
	}
	why := strings.TrimSpace(cut(r.URL.Query().Get(reasonParam)))
	if why == "" && r.Method != http.MethodGet {
		return "", recording.Mark{}, newProblem(http.StatusBadRequest, codeNoWhy, "say why: add why=…")
	}
	if q := s.query(r); q.err != nil {
		return "", recording.Mark{}, q.err
	}
	return call, recording.Mark{At: time.Now().UTC(), By: id.user.Name, Why: why}, nil
}

// kept turns the errors of keeping into problems.
func kept(err error) error {
	switch {
	case errors.Is(err, recording.ErrHeld):
		return newProblem(http.StatusConflict, codeHeld, "the recording is held: end the hold first, if its reason has")
	case errors.Is(err, recording.ErrErased):
		return newProblem(http.StatusGone, codeErased, "the recording was erased")
	case errors.Is(err, recording.ErrNoRecording), errors.Is(err, recording.ErrBadID):
		return newProblem(http.StatusNotFound, codeNoRecording, "nothing is kept of this call")
	}
	return err
}

// holdRecording is POST /api/v1/recordings/{id}/hold.
func (s *Server) holdRecording(w http.ResponseWriter, r *http.Request, id identity) error {
	call, mark, err := s.custody(r, id)
	if err != nil {
		return err
	}
	held, err := s.opts.Custody.Hold(r.Context(), call, mark)
	if err == nil && !held {
		err = recording.ErrNoRecording
	}
	if err != nil {
		return kept(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// releaseRecording is DELETE /api/v1/recordings/{id}/hold.
func (s *Server) releaseRecording(w http.ResponseWriter, r *http.Request, id identity) error {
	call, _, err := s.custody(r, id)
	if err != nil {
		return err
	}
	released, err := s.opts.Custody.Release(r.Context(), call)
	if err != nil {
		return err
	}
	if !released {
		return newProblem(http.StatusNotFound, codeNoHold, "this recording is not held")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// eraseRecording is DELETE /api/v1/calls/{id}/recording.
func (s *Server) eraseRecording(w http.ResponseWriter, r *http.Request, id identity) error {
	call, mark, err := s.custody(r, id)
	if err != nil {
		return err
	}
	if err := s.opts.Custody.Erase(r.Context(), call, mark); err != nil {
		return kept(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type wireDeed struct {
	At  stamp  `json:"at"`
	By  string `json:"by"`
	Why string `json:"why"`
}

func markOf(m recording.Mark) *wireDeed {
	if m.At.IsZero() {
		return nil
	}
	return &wireDeed{stamp(m.At), m.By, m.Why}
}

type wireStep struct {
	Step string `json:"step"`
	At   stamp  `json:"at"`
}

type wireWhere struct {
	Call   queue.CallID `json:"call"`
	State  string       `json:"state"`
	Reason string       `json:"reason"`
	Form   string       `json:"form"`
	Note   string       `json:"note"`
	Store  string       `json:"store"`
	Object string       `json:"object"`
	Bytes  int64        `json:"bytes"`
	Raw    bool         `json:"raw"`
	Filed  string       `json:"filed"`
	Steps  []wireStep   `json:"steps"`
	Held   *wireDeed    `json:"held"`
	Erased *wireDeed    `json:"erased"`
}

// whereIsRecording is GET /api/v1/recordings/{id}/where.
func (s *Server) whereIsRecording(w http.ResponseWriter, r *http.Request, id identity) error {
	call, _, err := s.custody(r, id)
	if err == nil {
		err = s.seen(r, id, call)
	}
	if err != nil {
		return err
	}
	at, err := s.opts.Custody.Where(r.Context(), call)
	if err != nil {
		return kept(err)
	}
	out := wireWhere{Call: call, State: string(at.State), Reason: at.Reason, Form: string(at.Sealed.Form), Note: at.Sealed.Note, Store: at.Store, Object: at.Object,
		Bytes: at.Sealed.Bytes, Raw: at.Raw, Filed: at.Filed, Steps: []wireStep{}, Held: markOf(at.Held), Erased: markOf(at.Erased)}
	t := at.Steps
	for _, step := range []struct {
		name string
		at   time.Time
	}{{"captured", t.Captured}, {"fetched", t.Fetched}, {"proved", t.Proved}, {"encoded", t.Encoded}, {"stored", t.Stored}, {"removed", t.Removed}, {"converted", t.Converted},
		{"held", at.Held.At}, {"erased", at.Erased.At}} {
		if !step.at.IsZero() {
			out.Steps = append(out.Steps, wireStep{step.name, stamp(step.at)})
		}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
