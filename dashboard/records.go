package dashboard

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// playLimit is how long a browser may take to play a recording in one request.
const playLimit = time.Hour

const soundPattern = "GET /api/v1/calls/{id}/recording"

// downloads tells a copy to keep from listening.
func downloads(r *http.Request) bool { return r.URL.Query().Get("download") == "1" }

// mayHear refuses who gives no reason (R9.3), and copies to whom they are not
// for: a file that has left is out of everybody's sight.
func mayHear(r *http.Request, id identity) error {
	_, err := callID(r)
	switch {
	case err != nil:
		return err
	case strings.TrimSpace(r.URL.Query().Get(reasonParam)) == "":
		return newProblem(http.StatusBadRequest, codeNoWhy, "say why you listen to this recording: add why=…")
	case downloads(r) && id.user.Role != Supervisor && !slices.Contains(id.user.Scopes, ScopeRecordings):
		return newProblem(http.StatusForbidden, codeForbidden, "recordings are downloaded by supervisors and by programs with the scope recordings; you may listen")
	}
	return nil
}

// playRecording is GET /api/v1/calls/{id}/recording, ranges included: as it is
// kept, or with format=wav as a WAV file.
func (s *Server) playRecording(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := callID(r)
	if err != nil {
		return err
	}
	if err := s.handled(r, id, call); err != nil {
		return err
	}
	q := s.query(r, "format", "download")
	format := q.text("format")
	if q.err == nil && format != "" && format != "wav" {
		q.err = newProblem(http.StatusBadRequest, codeBadParameter, "format is wav, or left out for the recording as it is kept")
	}
	if q.err != nil {
		return q.err
	}
	file, err := s.opts.Recordings.Open(r.Context(), call, format == "wav")
	if errors.Is(err, ErrNotFound) {
		return newProblem(http.StatusNotFound, codeNoRecording, "nothing is kept of this call")
	}
	if errors.Is(err, recording.ErrErased) {
		return kept(err)
	}
	if errors.Is(err, ErrUnreadable) {
		s.log.Error("recording cannot be read", "call", call, "err", err)
		return newProblem(http.StatusInternalServerError, codeUnreadable, "the recording is there, but cannot be read: it was changed or cut off, or its key is not there; the log says which")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(playLimit))
	w.Header().Set("Content-Type", file.Type)
	if downloads(r) {
		name := string(call) + ".ogg"
		if file.Type == "audio/wav" {
			name = string(call) + ".wav"
		}
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	w.Header().Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", file.Changed, file)
	return nil
}

type wireViolation struct {
	At    stamp         `json:"at"`
	Agent queue.AgentID `json:"agent"`
	Call  queue.CallID  `json:"call"`
	Offer queue.OfferID `json:"offer"`
	Queue queue.QueueID `json:"queue"`
	Rule  string        `json:"rule"`
	Rings wireRings     `json:"rings"`
	Fine  int64         `json:"fine"`
}

// listViolations is GET /api/v1/violations: entries and the sum of fines.
func (s *Server) listViolations(w http.ResponseWriter, r *http.Request, id identity) error {
	p, err := s.ownPeriod(r, id)
	if err != nil {
		return err
	}
	entries, err := s.opts.Ledger.Violations(r.Context(), p)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if len(entries) >= p.Limit {
		return tooLong(p)
	}
	out := struct {
		Since      stamp           `json:"since"`
		Until      stamp           `json:"until"`
		Fines      int64           `json:"fines"`
		Violations []wireViolation `json:"violations"`
	}{Since: stamp(p.Since), Until: stamp(p.Until), Violations: make([]wireViolation, 0, len(entries))}
	for _, v := range entries {
		if !id.of(v.Agent) {
			continue // of another team
		}
		out.Fines += v.Fine
		out.Violations = append(out.Violations, wireViolation{stamp(v.At), v.Agent, v.Call, v.Offer, v.Queue, v.Rule, ringsOf(v.Rings), v.Fine})
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

type wireInterval struct {
	Agent      queue.AgentID    `json:"agent"`
	State      queue.AgentState `json:"state"`
	Reason     string           `json:"reason"`
	Call       queue.CallID     `json:"call"`
	From       stamp            `json:"from"`
	To         stamp            `json:"to"`
	DurationMS *int64           `json:"duration_ms"` // null while it lasts
}

// listIntervals is GET /api/v1/intervals.
func (s *Server) listIntervals(w http.ResponseWriter, r *http.Request, id identity) error {
	p, err := s.ownPeriod(r, id)
	if err != nil {
		return err
	}
	if p.Agent == "" {
		return newProblem(http.StatusBadRequest, codeBadParameter, "say whose intervals: agent is missing")
	}
	list, err := s.opts.Ledger.Intervals(r.Context(), p)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if len(list) >= p.Limit {
		return tooLong(p)
	}
	out := struct {
		Since     stamp          `json:"since"`
		Until     stamp          `json:"until"`
		Intervals []wireInterval `json:"intervals"`
	}{Since: stamp(p.Since), Until: stamp(p.Until), Intervals: make([]wireInterval, 0, len(list))}
	for _, v := range list {
		w := wireInterval{Agent: v.Agent, State: v.State, Reason: v.Reason, Call: v.Call, From: stamp(v.From), To: stamp(v.To)}
		if !v.To.IsZero() {
			d := ms(v.To.Sub(v.From))
			w.DurationMS = &d
		}
		out.Intervals = append(out.Intervals, w)
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// ownPeriod reads a period; agents are given their own entries and refused
// others'.
func (s *Server) ownPeriod(r *http.Request, id identity) (Period, error) {
	q := s.query(r, "since", "until", "agent")
	p := q.period()
	p.Limit = maxEntries + 1
	if q.err != nil {
		return p, q.err
	}
	if id.user.Role == AgentRole && p.Agent == "" {
		p.Agent = id.user.Agent
	}
	if p.Agent == "" && id.user.Role != AgentRole {
		return p, nil
	}
	return p, own(id, p.Agent, "agents see their own entries only")
}

// maxEntries is how many entries one answer has at most. More are refused
// rather than cut off: a sum over a part would be a wrong sum.
const maxEntries = 10_000

func tooLong(p Period) error {
	return newProblem(http.StatusBadRequest, codeBadParameter, fmt.Sprintf("%s to %s has more than %d entries; ask for a shorter period",
		p.Since.Format(time.DateOnly), p.Until.Format(time.DateOnly), p.Limit-1))
}
