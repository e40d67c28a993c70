package dashboard

import (
	"net/http"
	"slices"

	"github.com/threerings/threerings/queue"
)

// wireCallback is a customer who waits to be called back, in their place (R7.2).
// Whoever is free is rung for it when it is due: nobody picks one out of turn.
type wireCallback struct {
	ID       queue.CallID  `json:"id"`
	Queue    queue.QueueID `json:"queue"`
	Caller   string        `json:"caller"`
	AskedAt  stamp         `json:"asked_at"`
	Attempts int           `json:"attempts"` // so far
	NextAt   stamp         `json:"next_at"`  // not before; null: at once
}

// callbacksOf lists the call-backs that wait in queues, in order of arrival.
func callbacksOf(snap *queue.Snapshot, in []queue.QueueID, hide bool) []wireCallback {
	out := []wireCallback{}
	for i := range snap.Calls {
		c := &snap.Calls[i]
		if c.Callback == nil || c.State != queue.CallWaiting || !slices.Contains(in, c.Queue) {
			continue
		}
		b := c.Callback
		out = append(out, wireCallback{c.ID, c.Queue, hidden(b.Number, hide), stamp(b.AskedAt), b.Attempts, stamp(b.NextAt)})
	}
	return out
}

// casesOf lists the open cases of queues, oldest first.
func casesOf(snap *queue.Snapshot, in []queue.QueueID, hide bool) []wireCase {
	out := []wireCase{}
	for _, x := range snap.Cases {
		if slices.Contains(in, x.Queue) {
			out = append(out, wireCase{x.ID, x.Kind, x.Queue, hidden(x.Caller, hide), stamp(x.OpenedAt)})
		}
	}
	return out
}

func hidden(number string, hide bool) string {
	if hide {
		return mask(number)
	}
	return number
}

// caseOf finds an open case that who asks may see to: agents those of their
// queues.
func (s *Server) caseOf(id identity, want queue.CallID) (queue.Case, error) {
	snap := s.opts.Core.Snapshot()
	for _, x := range snap.Cases {
		if x.ID != want {
			continue
		}
		if id.user.Role == AgentRole && !slices.Contains(look(snap).agentConfig(id.user.Agent).Queues, x.Queue) {
			break // an agent is not told what waits elsewhere
		}
		return x, nil
	}
	return queue.Case{}, newProblem(http.StatusNotFound, codeUnknownCase, "there is no such open case: somebody has seen to it; look at the list again")
}
