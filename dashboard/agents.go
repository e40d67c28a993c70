package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// askLimit is how long the core may take to answer.
const askLimit = 5 * time.Second

type wireAgent struct {
	ID           queue.AgentID    `json:"id"`
	Name         string           `json:"name"`
	NameEN       string           `json:"name_en"`
	Queues       []queue.QueueID  `json:"queues"`
	State        queue.AgentState `json:"state"`
	Reason       string           `json:"reason"`
	ReasonName   string           `json:"reason_name"`
	ReasonNameEN string           `json:"reason_name_en"`
	Since        stamp            `json:"since"`
	Pending      *queue.Pending   `json:"pending"`
	Phone        queue.PhoneState `json:"phone"`
	Offer        queue.OfferID    `json:"offer"`
	Call         queue.CallID     `json:"call"`
	WrapUpAt     stamp            `json:"wrap_up_at"`
	WrapUpMost   stamp            `json:"wrap_up_most"`  // to which it can be extended
	WrapUpAsked  bool             `json:"wrap_up_asked"` // after the present call
	Unregistered bool             `json:"unregistered"`  // waits for the call's registration (R3.1)
	LastCall     queue.CallID     `json:"last_call"`
	BackOffAt    stamp            `json:"back_off_at"`
	IdleSince    stamp            `json:"idle_since"`
	Today        wireAgentDay     `json:"today"`
}

type wireAgentDay struct {
	Offers     int   `json:"offers"`
	Answered   int   `json:"answered"`
	Missed     int   `json:"missed"`
	Violations int   `json:"violations"`
	Rung       int   `json:"rung"`
	RungWithin int   `json:"rung_within"`
	Rings      int   `json:"rings"`
	TalkMS     int64 `json:"talk_ms"`
	Fines      int64 `json:"fines"`
	Registered int   `json:"registered"` // calls by this agent (R3.1)
	Missing    int   `json:"registration_missed"`
}

func (p present) wireAgent(g *queue.Agent) wireAgent {
	c, t := p.agentConfig(g.ID), g.Today
	name, nameEN := p.reason(g.Reason)
	return wireAgent{ID: g.ID, Name: c.Name, NameEN: english(c.NameEN, c.Name), Queues: notNil(c.Queues),
		State: g.State, Reason: g.Reason, ReasonName: name, ReasonNameEN: nameEN, Since: stamp(g.Since),
		Pending: g.Pending, Phone: g.Phone, Offer: g.Offer, Call: g.Call, WrapUpAt: stamp(g.WrapUpAt),
		WrapUpMost: stamp(g.WrapUpMost), WrapUpAsked: g.WrapUpAsked, Unregistered: g.Unregistered, LastCall: g.LastCall,
		BackOffAt: stamp(g.BackOffAt), IdleSince: stamp(g.IdleSince),
		Today: wireAgentDay{t.Offers, t.Answered, t.Missed, t.Violations, t.Rung, t.RungWithin, t.Rings, ms(t.Talk), t.Fines, t.Registered, t.RegistrationMissed}}
}

// listAgents is GET /api/v1/agents.
func (s *Server) listAgents(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	snap := s.opts.Core.Snapshot()
	p := look(snap)
	list := make([]wireAgent, 0, len(snap.Agents))
	for i := range snap.Agents {
		list = append(list, p.wireAgent(&snap.Agents[i]))
	}
	writeJSON(w, http.StatusOK, map[string]any{"agents": list})
	return nil
}

// showAgent is GET /api/v1/agents/{id}.
func (s *Server) showAgent(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	return s.writeAgent(w, queue.AgentID(r.PathValue("id")))
}

func (s *Server) writeAgent(w http.ResponseWriter, id queue.AgentID) error {
	snap := s.opts.Core.Snapshot()
	i := slices.IndexFunc(snap.Agents, func(g queue.Agent) bool { return g.ID == id })
	if i < 0 {
		return newProblem(http.StatusNotFound, codeUnknownAgent, fmt.Sprintf("there is no agent %q", cut(string(id))))
	}
	writeJSON(w, http.StatusOK, look(snap).wireAgent(&snap.Agents[i]))
	return nil
}

// stateRequest is the body of POST /api/v1/agents/{id}/state.
type stateRequest struct {
	State  queue.AgentState `json:"state"`
	Reason string           `json:"reason"`
}

func (b stateRequest) check() error {
	if b.State == "" {
		return newProblem(http.StatusBadRequest, codeBadBody, "state is missing; give ready, not_ready, logged_out or, during a call, wrap_up")
	}
	if len(b.State) > maxParameter || len(b.Reason) > maxParameter {
		return newProblem(http.StatusBadRequest, codeBadBody, "state or reason is far too long")
	}
	return nil
}

// setAgentState is POST /api/v1/agents/{id}/state. During a call the state is
// taken up after it; the answer then has it as pending.
func (s *Server) setAgentState(w http.ResponseWriter, r *http.Request, id identity) error {
	agent := queue.AgentID(r.PathValue("id"))
	if err := own(id, agent, "agents set their own state only"); err != nil {
		return err
	}
	var in stateRequest
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.SetAgent{Agent: agent, State: in.State, Reason: in.Reason, By: by.By, Req: by.Req}
	}); err != nil {
		return err
	}
	return s.writeAgent(w, agent)
}

// query reads a request's parameters, of which only the named ones exist.
func (s *Server) query(r *http.Request, known ...string) *query {
	return parseQuery(r.URL.RawQuery, s.opts.Centre().location(), time.Now(), known...)
}
