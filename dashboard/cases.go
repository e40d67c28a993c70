package dashboard

import (
	"net/http"

	"github.com/threerings/threerings/queue"
)

// wireCase is a matter that somebody must see to. Its id is that of the call
// whose recording has the message.
type wireCase struct {
	ID       queue.CallID   `json:"id"`
	Kind     queue.CaseKind `json:"kind"`
	Queue    queue.QueueID  `json:"queue"`
	Caller   string         `json:"caller"`
	OpenedAt stamp          `json:"opened_at"`
}

// listCases is GET /api/v1/cases: those that are open, oldest first.
func (s *Server) listCases(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	out := struct {
		Cases []wireCase `json:"cases"`
	}{Cases: []wireCase{}}
	for _, x := range s.opts.Core.Snapshot().Cases {
		out.Cases = append(out.Cases, wireCase{x.ID, x.Kind, x.Queue, x.Caller, stamp(x.OpenedAt)})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// closeCase is POST /api/v1/cases/{id}/close: somebody has seen to it.
func (s *Server) closeCase(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := callID(r)
	if err != nil {
		return err
	}
	var in struct {
		Note string `json:"note"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if len(in.Note) > maxNoteBytes {
		return newProblem(http.StatusBadRequest, codeLongNote, "the note is far too long")
	}
	if _, err := s.caseOf(id, call); err != nil {
		return err
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input { return queue.CloseCase{Case: call, Note: in.Note, Asked: by} }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
