package dashboard

import (
	"net/http"
	"slices"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// blind is the calls that a scorer judges, or is to judge, without being told
// who the agent is. Until the score is submitted they hear them and are shown
// nothing else of them: neither alone nor in a list, where a filter by agent
// would tell.
func (s *Server) blind(r *http.Request, id identity) (map[queue.CallID]bool, error) {
	if id.user.Role != QA || s.opts.Sampling == nil {
		return nil, nil
	}
	open, err := s.opts.Sampling.Tasks(r.Context(), qa.TaskFilter{Scorer: id.user.Name, Open: true, Limit: maxTasks})
	if err != nil {
		return nil, s.ledgerProblem(r, err)
	}
	calls := map[queue.CallID]bool{}
	for _, t := range open {
		if t.Blind {
			calls[t.Call] = true
		}
	}
	return calls, nil
}

// unseen refuses a population, which says whose its calls were, with a call in
// it that this user judges blind.
func (s *Server) unseen(r *http.Request, id identity, lines []byte) error {
	calls, err := s.blind(r, id)
	if err != nil || len(calls) == 0 {
		return err
	}
	population, err := qa.ReadLines(lines)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if slices.ContainsFunc(population, func(c qa.Candidate) bool { return calls[c.Call] }) {
		return newProblem(http.StatusForbidden, codeBlind, "this file says whose the calls were that you judge without knowing: submit your scores first, or let somebody else verify the draw")
	}
	return nil
}

// seen refuses a call that this user judges blind.
func (s *Server) seen(r *http.Request, id identity, call queue.CallID) error {
	calls, err := s.blind(r, id)
	if err == nil && calls[call] {
		err = newProblem(http.StatusForbidden, codeBlind, "you judge this call without knowing who the agent is: it is shown once your score is submitted")
	}
	return err
}
