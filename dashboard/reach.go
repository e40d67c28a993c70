package dashboard

import (
	"errors"
	"net/http"
	"slices"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// Team is some of the house's agents, under supervisors of their own.
type Team struct {
	ID     string
	Name   string
	NameEN string
	Agents []queue.AgentID
}

// reach is whose affairs are open to somebody. Everything that is about an
// agent (states, calls, recordings, violations, marks) asks it, and nothing
// else decides that. Live figures of queues and the wallboard are for all.
type reach struct {
	everybody bool
	agents    []queue.AgentID // else these
}

// reachOf: agents reach themselves, supervisors their teams or, without any,
// everybody; who checks quality, who administers and programs are not bound to
// teams. A team that has left the centre has nobody in it.
func (s *Server) reachOf(u User) reach {
	own := reach{agents: []queue.AgentID{}} // nobody, not nil: a list of all is what nil asks for elsewhere
	if u.Agent != "" {
		own.agents = []queue.AgentID{u.Agent}
	}
	switch {
	case u.Role == AgentRole:
		return own
	case u.Role != Supervisor || len(u.Teams) == 0:
		return reach{everybody: true}
	}
	for _, t := range s.opts.Centre().Teams {
		if slices.Contains(u.Teams, t.ID) {
			own.agents = append(own.agents, t.Agents...)
		}
	}
	return own
}

// of reports whether an agent's affairs are open to this user. Those of nobody
// (a call that no agent had) are a supervisor's: somebody must see to them.
func (i identity) of(agent queue.AgentID) bool {
	switch {
	case i.reach.everybody:
		return true
	case agent == "":
		return i.user.Role == Supervisor
	}
	return slices.Contains(i.reach.agents, agent)
}

// own refuses what is about an agent whose affairs are not open to this user.
func own(id identity, agent queue.AgentID, what string) error {
	if !id.of(agent) {
		if id.user.Role == Supervisor {
			what = "this agent is in none of your teams"
		}
		return newProblem(http.StatusForbidden, codeForbidden, what)
	}
	return nil
}

// handled refuses a call that none of the agents had who are open to this
// user. A call that is not on record is for the caller to find out.
func (s *Server) handled(r *http.Request, id identity, call queue.CallID) error {
	if id.reach.everybody {
		return nil
	}
	file, err := s.opts.Ledger.Call(r.Context(), call)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return s.ledgerProblem(r, err)
	case id.had(file) && id.user.Role == AgentRole:
		return s.judged(r, id, call)
	case id.had(file):
		return nil
	}
	return newProblem(http.StatusForbidden, codeForbidden, "none of your agents had this call")
}

// judged lets agents hear what they were judged by, and nothing else of
// themselves (R9.2): who shall sign or appeal must be able to hear the call.
func (s *Server) judged(r *http.Request, id identity, call queue.CallID) error {
	if s.opts.Quality != nil {
		all, err := s.opts.Quality.Evaluations(r.Context(), qa.Filter{Call: call, Agents: []queue.AgentID{id.user.Agent}, Limit: 10})
		if err != nil {
			return s.ledgerProblem(r, err)
		}
		if slices.ContainsFunc(all, func(e qa.Evaluation) bool { return e.Agent == id.user.Agent && e.State != qa.Draft }) {
			return nil
		}
	}
	return newProblem(http.StatusForbidden, codeForbidden, "agents hear those of their calls that were judged, once the score is submitted")
}

// had tells whether an agent had part in a call who is open to this user.
func (i identity) had(f CallFile) bool {
	return i.of(f.Call.Agent) || slices.ContainsFunc(f.Parts, func(p queue.Part) bool { return i.of(p.Agent) })
}
