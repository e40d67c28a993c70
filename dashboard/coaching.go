package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// listCoaching is GET /api/v1/qa/coaching; agents are given their own.
func (s *Server) listCoaching(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "agent", "limit")
	agent, limit := queue.AgentID(q.text("agent")), q.limit()
	if q.err != nil {
		return q.err
	}
	agents, err := id.about(agent)
	if err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	all, err := store.Coachings(r.Context(), agents, limit)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusOK, map[string]any{"coaching": notNil(all)})
	return nil
}

// addCoaching is POST /api/v1/qa/coaching.
func (s *Server) addCoaching(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Agent      queue.AgentID `json:"agent"`
		Evaluation string        `json:"evaluation"`
		Owner      string        `json:"owner"` // empty: who asks
		Text       string        `json:"text"`
		Due        string        `json:"due"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if in.Owner == "" {
		in.Owner = id.user.Name
	}
	noteSubject(w, string(in.Agent), in.Owner, in.Due)
	store, err := s.quality()
	if err != nil {
		return err
	}
	c := qa.Coaching{ID: newID(), Agent: in.Agent, Evaluation: in.Evaluation, Owner: in.Owner, Text: in.Text, Due: in.Due, By: id.user.Name,
		At: time.Now().UTC().Truncate(time.Millisecond), Notes: []qa.FollowUp{}}
	if err := c.Check(); err != nil {
		return s.qualityProblem(r, codeUnknownCoaching, err)
	}
	if err := own(id, c.Agent, "not open to you"); err != nil {
		return err
	}
	if !s.hasAgent(c.Agent) {
		return newProblem(http.StatusNotFound, codeUnknownAgent, "there is no agent "+cut(string(c.Agent)))
	}
	if err := s.scorers(r, []string{c.Owner}); err != nil {
		return err
	}
	if err := store.AddCoaching(r.Context(), c); err != nil {
		return s.ledgerProblem(r, err)
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}

func (s *Server) hasAgent(id queue.AgentID) bool {
	return slices.ContainsFunc(s.opts.Core.Snapshot().Agents, func(a queue.Agent) bool { return a.ID == id })
}

// scorers refuses names that belong to nobody who scores.
func (s *Server) scorers(r *http.Request, names []string) error {
	all, err := s.opts.Users.AllUsers(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(u User) bool {
			return u.Name == name && !u.Disabled && (u.Role == QA || u.Role == Supervisor)
		}) {
			return newProblem(http.StatusNotFound, codeUnknownUser, strings.TrimSpace(cut(name)+" is no account of a scorer or supervisor"))
		}
	}
	return nil
}

// followCoaching is POST /api/v1/qa/coaching/{id}/notes: what was seen of it;
// done ends it.
func (s *Server) followCoaching(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Text string `json:"text"`
		Done bool   `json:"done"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.quality()
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	c, err := store.ChangeCoaching(r.Context(), r.PathValue("id"), func(c qa.Coaching) (qa.Coaching, error) {
		if !id.of(c.Agent) {
			return c, qa.ErrUnknown
		}
		return c.Follow(now, in.Text, in.Done, id.person())
	})
	if err != nil {
		return s.qualityProblem(r, codeUnknownCoaching, err)
	}
	writeJSON(w, http.StatusOK, c)
	return nil
}
