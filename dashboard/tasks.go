package dashboard

import (
	"net/http"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// wireTask is a task as somebody may see it.
type wireTask struct {
	qa.Task
	State   qa.TaskState `json:"state"`
	Overdue bool         `json:"overdue"`
}

// taskFor hides from a scorer who the agent of a blind task is, until it is done.
func taskFor(t qa.Task, id identity, today string) wireTask {
	out := wireTask{t, t.State(), t.Overdue(today)}
	if t.Blind && out.State != qa.TaskDone && (t.Scorer == id.user.Name || id.user.Role == QA) {
		out.Agent, out.Ticket = "", ""
	}
	return out
}

// listTasks is GET /api/v1/qa/tasks: the work lists.
func (s *Server) listTasks(w http.ResponseWriter, r *http.Request, id identity) error {
	q := s.query(r, "scorer", "call", "draw", "open", "limit")
	f := qa.TaskFilter{Scorer: q.text("scorer"), Call: queue.CallID(q.text("call")), Draw: q.text("draw"), Limit: q.limit()}
	switch v := q.text("open"); v {
	case "", "false":
	case "true":
		f.Open = true
	default:
		q.fail("open %q: give true or false", cut(v))
	}
	if q.err != nil {
		return q.err
	}
	store, err := s.sampling()
	if err != nil {
		return err
	}
	if f.Agents, err = id.about(""); err != nil {
		return err
	}
	all, err := store.Tasks(r.Context(), f)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	today := s.today()
	out := make([]wireTask, 0, len(all))
	for _, t := range all {
		out = append(out, taskFor(t, id, today))
	}
	writeJSON(w, http.StatusOK, map[string]any{"tasks": out})
	return nil
}

// task finds one that is open to this user.
func (s *Server) task(r *http.Request, store Sampling, id identity) (qa.Task, error) {
	t, err := store.Task(r.Context(), r.PathValue("id"))
	if err != nil {
		return t, s.samplingProblem(r, codeUnknownTask, err)
	}
	return t, own(id, t.Agent, "not open to you")
}

// handTask is POST /api/v1/qa/tasks/{id}/scorer: somebody else judges it.
func (s *Server) handTask(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Scorer string `json:"scorer"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, cut(r.PathValue("id")), cut(in.Scorer))
	store, err := s.sampling()
	if err != nil {
		return err
	}
	if _, err := s.task(r, store, id); err != nil {
		return err
	}
	t, err := store.HandTask(r.Context(), r.PathValue("id"), in.Scorer)
	if err != nil {
		return s.samplingProblem(r, codeUnknownTask, err)
	}
	writeJSON(w, http.StatusOK, taskFor(t, id, s.today()))
	return nil
}

// dropTask is POST /api/v1/qa/tasks/{id}/drop: it cannot be judged. Chance
// draws another one in its place.
func (s *Server) dropTask(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, cut(r.PathValue("id")), in.Reason)
	store, err := s.sampling()
	if err != nil {
		return err
	}
	t, err := s.task(r, store, id)
	if err != nil {
		return err
	}
	if id.user.Role == QA && t.Scorer != "" && t.Scorer != id.user.Name {
		return newProblem(http.StatusForbidden, codeNotYours, "this task is "+t.Scorer+"'s")
	}
	if t, err = store.DropTask(r.Context(), t.ID, time.Now(), in.Reason, id.person(), s.zone()); err != nil {
		return s.samplingProblem(r, codeUnknownTask, err)
	}
	writeJSON(w, http.StatusOK, taskFor(t, id, s.today()))
	return nil
}
