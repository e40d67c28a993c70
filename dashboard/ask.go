package dashboard

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/threerings/threerings/queue"
)

// ask puts a request to the core and waits for its answer. make gets who asks
// and the request's id, by which the answer is known. What the core refuses is
// a problem with the core's code.
func (s *Server) ask(r *http.Request, id identity, make func(queue.Asked) queue.Input) (queue.Event, error) {
	ctx, cancel := context.WithTimeout(r.Context(), askLimit)
	defer cancel()
	by := queue.Asked{By: "user " + id.user.Name, Req: rand.Text()}
	in := make(by)
	e, err := s.opts.Core.Ask(ctx, in, by.Req)
	if err != nil {
		s.log.Warn("core did not answer", "input", in, "err", err)
		return nil, newProblem(http.StatusServiceUnavailable, codeNoAnswer,
			"the call centre did not answer in time; look at the present state before trying again")
	}
	if no, ok := e.(queue.Refused); ok {
		status := http.StatusConflict
		switch code(no.Code) {
		case codeUnknownAgent, codeUnknownCall, codeUnknownAlert, codeUnknownCase, codeUnknownBan:
			status = http.StatusNotFound
		case codeBadNumber, codeLongNote, codeBadTime:
			status = http.StatusBadRequest
		}
		return nil, newProblem(status, code(no.Code), no.Reason)
	}
	return e, nil
}
