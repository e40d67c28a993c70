package dashboard

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// maxNoteBytes is the most that is read of a note; the core counts characters.
const maxNoteBytes = 16 << 10

// overlong refuses parameters that nothing in a house is called.
func overlong(texts ...string) error {
	for _, text := range texts {
		if len(text) > maxParameter {
			return newProblem(http.StatusBadRequest, codeBadBody, "a field is far too long")
		}
	}
	return nil
}

// setQueueState is POST /api/v1/queues/{id}/state: a queue is opened or closed
// by hand, or left to its hours again.
func (s *Server) setQueueState(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		State string `json:"state"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	q := queue.QueueID(r.PathValue("id"))
	if err := overlong(in.State); err != nil {
		return err
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input { return queue.SetQueue{Queue: q, State: in.State, Asked: by} }); err != nil {
		return err
	}
	snap := s.opts.Core.Snapshot()
	i := slices.IndexFunc(snap.Queues, func(n queue.QueueNow) bool { return n.Queue == q })
	if i < 0 { // gone with a new configuration in this moment
		return newProblem(http.StatusConflict, codeUnknownQueue, fmt.Sprintf("there is no queue %q", cut(string(q))))
	}
	writeJSON(w, http.StatusOK, look(snap).wireQueue(&snap.Queues[i]))
	return nil
}

// extendWrapUp is POST /api/v1/agents/{id}/wrap-up: more time after a call.
func (s *Server) extendWrapUp(w http.ResponseWriter, r *http.Request, id identity) error {
	agent := queue.AgentID(r.PathValue("id"))
	if err := own(id, agent, "agents extend their own wrap-up only"); err != nil {
		return err
	}
	var in struct {
		ForMS int64 `json:"for_ms"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if in.ForMS < 0 || in.ForMS > time.Hour.Milliseconds() {
		return newProblem(http.StatusBadRequest, codeBadBody, "for_ms must be 1 to 3600000; without it, half a minute is added")
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.Extend{Agent: agent, For: time.Duration(in.ForMS) * time.Millisecond, Asked: by}
	}); err != nil {
		return err
	}
	return s.writeAgent(w, agent)
}

// registerCall is POST /api/v1/calls/{id}/registration: what a call was about
// (R3.1).
func (s *Server) registerCall(w http.ResponseWriter, r *http.Request, id identity) error {
	call, err := callID(r)
	if err != nil {
		return err
	}
	var in struct {
		Category string        `json:"category"`
		Note     string        `json:"note"`
		Agent    queue.AgentID `json:"agent"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if err := overlong(in.Category, string(in.Agent)); err != nil {
		return err
	}
	if len(in.Note) > maxNoteBytes {
		return newProblem(http.StatusBadRequest, codeLongNote, "the note is far too long")
	}
	if id.user.Role == AgentRole && in.Agent == "" {
		in.Agent = id.user.Agent
	}
	if err := own(id, in.Agent, "agents register in their own name only"); err != nil {
		return err
	}
	if in.Agent == "" { // in the name of whoever had the call
		if err := s.handled(r, id, call); err != nil {
			return err
		}
	}
	e, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.Register{Call: call, Agent: in.Agent, Category: in.Category, Note: in.Note, Asked: by}
	})
	if err != nil {
		return err
	}
	done, _ := e.(queue.CallRegistered)
	writeJSON(w, http.StatusOK, wireRegistration{Call: done.Call, Category: done.Category, RegisteredBy: done.Agent, RegisteredAt: stamp(done.At), Note: done.Note})
	return nil
}

type wireRegistration struct {
	Call         queue.CallID  `json:"call"`
	Category     string        `json:"category"`
	RegisteredBy queue.AgentID `json:"registered_by"`
	RegisteredAt stamp         `json:"registered_at"`
	Note         string        `json:"note"`
}

// listCategories is GET /api/v1/categories.
func (s *Server) listCategories(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	writeJSON(w, http.StatusOK, map[string]any{"categories": categoriesOf(s.config().CategoryList())})
	return nil
}

// ackAlert is POST /api/v1/alerts/{id}/ack: somebody sees to it.
func (s *Server) ackAlert(w http.ResponseWriter, r *http.Request, id identity) error {
	alert := queue.AlertID(r.PathValue("id"))
	for _, x := range s.opts.Core.Snapshot().Alerts {
		if x.ID == alert && !id.of(x.Agent) {
			return newProblem(http.StatusForbidden, codeForbidden, "this agent is in none of your teams")
		}
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input { return queue.AckAlert{Alert: alert, Asked: by} }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// showEmergency is GET /api/v1/emergency: the plan in force, and all plans.
func (s *Server) showEmergency(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	return s.writeEmergency(w)
}

func (s *Server) writeEmergency(w http.ResponseWriter) error {
	snap := s.opts.Core.Snapshot()
	p := look(snap)
	out := struct {
		Now   *frameEmergency `json:"now"`
		Plans []wirePlan      `json:"plans"`
	}{p.emergency(snap.Emergency), plansOf(p.cfg.Plans)}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// declareEmergency is POST /api/v1/emergency: a plan is put in force (R12.1).
func (s *Server) declareEmergency(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Plan  string     `json:"plan"`
		Drill bool       `json:"drill"`
		Until *time.Time `json:"until"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	if err := overlong(in.Plan); err != nil {
		return err
	}
	var until time.Time
	if in.Until != nil {
		until = *in.Until
	}
	if _, err := s.ask(r, id, func(by queue.Asked) queue.Input {
		return queue.Declare{Plan: in.Plan, Drill: in.Drill, Until: until, Asked: by}
	}); err != nil {
		return err
	}
	return s.writeEmergency(w)
}

// endEmergency is DELETE /api/v1/emergency. It answers with what happened
// meanwhile (R12.3).
func (s *Server) endEmergency(w http.ResponseWriter, r *http.Request, id identity) error {
	e, err := s.ask(r, id, func(by queue.Asked) queue.Input { return queue.EndEmergency{Asked: by} })
	if err != nil {
		return err
	}
	over, _ := e.(queue.EmergencyEnded)
	writeJSON(w, http.StatusOK, struct {
		Plan  string     `json:"plan"`
		Level int        `json:"level"`
		Drill bool       `json:"drill"`
		ForMS int64      `json:"for_ms"`
		Toll  queue.Toll `json:"toll"`
	}{over.Plan, over.Level, over.Drill, ms(over.For), over.Toll})
	return nil
}

// frameAlert is what a supervisor is called for, on a screen.
type frameAlert struct {
	ID           queue.AlertID   `json:"id"`
	Kind         queue.AlertKind `json:"kind"`
	Agent        queue.AgentID   `json:"agent"`
	AgentName    string          `json:"agent_name"`
	AgentNameEN  string          `json:"agent_name_en"`
	Queue        queue.QueueID   `json:"queue"`
	Call         queue.CallID    `json:"call"` // with the low mark (R8.2)
	Reason       string          `json:"reason"`
	ReasonName   string          `json:"reason_name"`
	ReasonNameEN string          `json:"reason_name_en"`
	Count        int             `json:"count"`
	Since        stamp           `json:"since"`
}

type frameEmergency struct {
	Plan   string          `json:"plan"`
	Name   string          `json:"name"`
	NameEN string          `json:"name_en"`
	Level  int             `json:"level"`
	Drill  bool            `json:"drill"`
	Since  stamp           `json:"since"`
	Until  stamp           `json:"until"`
	Alert  []string        `json:"alert"`
	Queues []queue.QueueID `json:"queues"`
	Toll   queue.Toll      `json:"toll"`
}

func (p present) alert(x *queue.Alert) frameAlert {
	f := frameAlert{ID: x.ID, Kind: x.Kind, Agent: x.Agent, Queue: x.Queue, Call: x.Call, Reason: x.Reason, Count: x.Count, Since: stamp(x.Since)}
	if x.Agent != "" {
		g := p.agentConfig(x.Agent)
		f.AgentName, f.AgentNameEN = g.Name, english(g.NameEN, g.Name)
	}
	if f.ReasonName, f.ReasonNameEN = p.reason(x.Reason); x.Kind == queue.AlertEmergency {
		f.ReasonName, f.ReasonNameEN = p.planNames(x.Reason)
	}
	return f
}

func (p present) emergency(m *queue.Emergency) *frameEmergency {
	if m == nil {
		return nil
	}
	f := &frameEmergency{Plan: m.Plan, Level: m.Level, Drill: m.Drill, Since: stamp(m.Since), Until: stamp(m.Until),
		Alert: notNil(m.Alert), Queues: notNil(m.Queues), Toll: m.Toll}
	f.Name, f.NameEN = p.planNames(m.Plan)
	return f
}

// planNames are what a plan is called; one that is gone shows under its id.
func (p present) planNames(id string) (name, nameEN string) {
	for _, x := range p.cfg.Plans {
		if x.ID == id && strings.TrimSpace(x.Name) != "" {
			return x.Name, english(x.NameEN, x.Name)
		}
	}
	return id, id
}
