package dashboard

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/threerings/threerings/queue"
)

// frameTalk is what goes on in an agent's call, without anybody's number: a
// wallboard shows it, and an agent's desk sees by it when to ask for more.
type frameTalk struct {
	State     queue.CallState    `json:"state"`
	Since     stamp              `json:"since"`      // when this agent's part began
	HeldSince stamp              `json:"held_since"` // the customer is on hold
	Muted     bool               `json:"muted"`
	Tape      wireTape           `json:"tape"`
	Consult   queue.ConsultState `json:"consult"` // empty: none
}

// wireTape is whether a conversation is recorded.
type wireTape struct {
	State string `json:"state"` // runs, muted, or none: the call is not recorded
	Since stamp  `json:"since"` // of muted; Until is when it ends by itself
	Until stamp  `json:"until"`
	// Failed: what was asked last, to mute or to go on, has not taken effect.
	Failed bool `json:"failed"`
}

func tapeOf(c *queue.Call) wireTape {
	switch m := c.RecordingMute; {
	case c.Unrecorded:
		return wireTape{State: "none"}
	case m != nil:
		return wireTape{"muted", stamp(m.Since), stamp(m.Until), m.Failed}
	}
	return wireTape{State: "runs", Failed: c.UnmuteFailed}
}

func talkOf(c *queue.Call) *frameTalk {
	f := &frameTalk{State: c.State, Since: stamp(c.PartAt), HeldSince: stamp(c.HeldAt), Muted: c.Muted, Tape: tapeOf(c)}
	if c.Consult != nil {
		f.Consult = c.Consult.State
	}
	return f
}

// wireDesk is an agent's desk: the agent, and the call as far as one goes on.
type wireDesk struct {
	Agent wireAgent     `json:"agent"`
	Call  *wireCall     `json:"call"`
	Talk  *wireDeskTalk `json:"talk"`
	// Callbacks and Cases wait in the agent's queues, oldest first.
	Callbacks []wireCallback `json:"callbacks"`
	Cases     []wireCase     `json:"cases"`
}

// wireDeskTalk is the call as its agent works in it.
type wireDeskTalk struct {
	Kind        queue.OfferKind `json:"kind"` // why this agent is in it; empty: from the queue
	Since       stamp           `json:"since"`
	HeldSince   stamp           `json:"held_since"`
	HeldByPhone bool            `json:"held_by_phone"` // the phone's keys alone take it back
	Muted       bool            `json:"muted"`
	Tape        wireTape        `json:"tape"`
	Consult     *wireConsult    `json:"consult"`
	Ring        *frameRing      `json:"ring"`   // of this agent's phone
	Survey      bool            `json:"survey"` // the caller can be sent there
}

type wireConsult struct {
	Agent      queue.AgentID      `json:"agent"`
	Number     string             `json:"number"`
	State      queue.ConsultState `json:"state"`
	BeganAt    stamp              `json:"began_at"`
	AnsweredAt stamp              `json:"answered_at"`
}

// showDesk is GET /api/v1/agents/{id}/desk. Who has a call, or is rung for it,
// sees whose it is; agents see no desk but their own (R14.1).
func (s *Server) showDesk(w http.ResponseWriter, r *http.Request, id identity) error {
	agent := queue.AgentID(r.PathValue("id"))
	if err := own(id, agent, "agents see their own desk only"); err != nil {
		return err
	}
	if q := s.query(r); q.err != nil {
		return q.err
	}
	snap := s.opts.Core.Snapshot()
	i := slices.IndexFunc(snap.Agents, func(g queue.Agent) bool { return g.ID == agent })
	if i < 0 {
		return newProblem(http.StatusNotFound, codeUnknownAgent, fmt.Sprintf("there is no agent %q", cut(string(agent))))
	}
	writeJSON(w, http.StatusOK, look(snap).desk(snap, &snap.Agents[i], id.user.Role == AgentRole))
	return nil
}

// desk hides the numbers of whoever waits: only who has a call sees whose it is.
func (p present) desk(snap *queue.Snapshot, g *queue.Agent, hide bool) wireDesk {
	mine := p.agentConfig(g.ID).Queues
	d := wireDesk{Agent: p.wireAgent(g), Callbacks: callbacksOf(snap, mine, hide), Cases: casesOf(snap, mine, hide)}
	c := p.calls[g.Call]
	if c == nil || (g.State != queue.Reserved && g.State != queue.OnCall) { // wrap-up keeps the call's id, but it is over
		return d
	}
	call := callOf(c, false)
	t := wireDeskTalk{Since: stamp(c.PartAt), HeldSince: stamp(c.HeldAt), HeldByPhone: c.HeldByPhone, Muted: c.Muted, Tape: tapeOf(c),
		Survey: p.queueConfig(c.Queue).Survey.When != queue.SurveyNever && c.Direction == queue.Inbound && c.Callback == nil}
	if x := c.Consult; x != nil {
		t.Consult = &wireConsult{x.Agent, x.Number, x.State, stamp(x.BeganAt), stamp(x.AnsweredAt)}
	}
	if o := p.offers[g.Offer]; o != nil {
		t.Kind = o.Kind
		if o.State == queue.OfferRinging {
			t.Ring = p.ring(o.Queue, o.AlertingAt, p.queueConfig(o.Queue).AgentRings)
		}
	}
	d.Call, d.Talk = &call, &t
	return d
}
