package dashboard

import (
	"net/http"
	"slices"

	"github.com/threerings/threerings/queue"
)

// deedRequest is the body of POST /api/v1/agents/{id}/conversation.
type deedRequest struct {
	Do     queue.Deed `json:"do"`
	To     wireTarget `json:"to"`
	Reason string     `json:"reason"` // of mute_recording
}

// wireTarget is whom a call is handed to, or who is asked: one of the three.
type wireTarget struct {
	Agent  queue.AgentID `json:"agent"`
	Queue  queue.QueueID `json:"queue"`
	Number string        `json:"number"`
}

func (t wireTarget) given() (n int) {
	for _, s := range []string{string(t.Agent), string(t.Queue), t.Number} {
		if s != "" {
			n++
		}
	}
	return n
}

func (b deedRequest) check() error {
	wants := b.Do == queue.DeedTransfer || b.Do == queue.DeedConsult
	switch {
	case !slices.Contains(queue.Deeds(), b.Do):
		return newProblem(http.StatusBadRequest, codeBadBody, "do is unknown; give hold, retrieve, mute, unmute, transfer, consult, toggle, conference, complete, cancel, survey, mute_recording, unmute_recording or hang_up")
	case wants && b.To.given() != 1:
		return newProblem(http.StatusBadRequest, codeBadBody, "to must name one agent, queue or number")
	case !wants && b.To.given() > 0:
		return newProblem(http.StatusBadRequest, codeBadBody, "to is for transfer and consult only")
	case b.Reason != "" && b.Do != queue.DeedMuteRecording:
		return newProblem(http.StatusBadRequest, codeBadBody, "reason is for mute_recording only")
	case len(b.Reason) > maxParameter:
		return newProblem(http.StatusBadRequest, codeBadBody, "reason is far too long")
	case len(b.To.Agent)+len(b.To.Queue)+len(b.To.Number) > maxParameter:
		return newProblem(http.StatusBadRequest, codeBadBody, "to is far too long")
	}
	return nil
}

// doInConversation is POST /api/v1/agents/{id}/conversation: hold, transfer,
// consult and the like in the call that the agent has.
func (s *Server) doInConversation(w http.ResponseWriter, r *http.Request, id identity) error {
	agent := queue.AgentID(r.PathValue("id"))
	if err := own(id, agent, "agents act in their own calls only"); err != nil {
		return err
	}
	var in deedRequest
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	_, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.Act{Agent: agent, Deed: in.Do, Reason: in.Reason, Asked: by,
			Target: queue.Target{Agent: in.To.Agent, Queue: in.To.Queue, Number: in.To.Number}}
	})
	if err != nil {
		return err
	}
	return s.writeAgent(w, agent)
}

// placeRequest is the body of POST /api/v1/agents/{id}/calls.
type placeRequest struct {
	Number string        `json:"number"`
	Queue  queue.QueueID `json:"queue"`
	Case   queue.CallID  `json:"case"` // instead of both: who left this message
}

// placeCall is POST /api/v1/agents/{id}/calls: the agent's phone rings, then
// the number's.
func (s *Server) placeCall(w http.ResponseWriter, r *http.Request, id identity) error {
	agent := queue.AgentID(r.PathValue("id"))
	if err := own(id, agent, "agents place their own calls only"); err != nil {
		return err
	}
	var in placeRequest
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if len(in.Number) > maxParameter || len(in.Queue) > maxParameter {
		return newProblem(http.StatusBadRequest, codeBadBody, "number or queue is far too long")
	}
	if in.Case != "" {
		if in.Number != "" || in.Queue != "" {
			return newProblem(http.StatusBadRequest, codeBadBody, "case has a number and a queue of its own: give it alone")
		}
		x, err := s.caseOf(id, in.Case) // its number need not be shown to be called (R14.1)
		if err != nil {
			return err
		}
		in.Number, in.Queue = x.Caller, x.Queue
	}
	e, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.Place{Agent: agent, Number: in.Number, Queue: in.Queue, Asked: by}
	})
	if err != nil {
		return err
	}
	placed, _ := e.(queue.CallPlaced)
	writeJSON(w, http.StatusOK, struct {
		Call queue.CallID `json:"call"`
	}{placed.Call})
	return nil
}

// callBack is POST /api/v1/calls/{id}/callback: a waiting caller is called back
// in their place (R7.2).
func (s *Server) callBack(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := callID(r)
	if err != nil {
		return err
	}
	var in struct {
		Number string `json:"number"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if len(in.Number) > maxParameter {
		return newProblem(http.StatusBadRequest, codeBadBody, "number is far too long")
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.CallBack{Call: call, Number: in.Number, Asked: by}
	}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
