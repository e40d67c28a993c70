package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// Sampling keeps what is listened to (R9.1). Its errors are those of the
// package qa.
type Sampling interface {
	// Plans lists all, those in use first.
	Plans(ctx context.Context) ([]qa.Plan, error)
	AddPlan(ctx context.Context, p qa.Plan, zone *time.Location) error
	// ChangePlan changes one while nobody else does.
	ChangePlan(ctx context.Context, id string, zone *time.Location, change func(qa.Plan) (qa.Plan, error)) (qa.Plan, error)
	// Draws lists those of a plan (empty: of all), newest period first, without
	// their picks.
	Draws(ctx context.Context, plan string, limit int) ([]qa.Draw, error)
	// Draw returns one with the lines of its population.
	Draw(ctx context.Context, id string) (qa.Draw, []byte, error)
	MakeDraw(ctx context.Context, id string, now time.Time, by qa.Scorer, zone *time.Location) (qa.Draw, error)
	// Candidates are what a plan would draw from, and how many more cannot be heard.
	Candidates(ctx context.Context, p qa.Plan, period qa.Period) ([]qa.Candidate, int, error)
	// Progress counts each draw's tasks; today is a day of the centre.
	Progress(ctx context.Context, today string) (map[string]qa.Progress, error)
	// Tasks returns those that match, what is due first before the rest.
	Tasks(ctx context.Context, f qa.TaskFilter) ([]qa.Task, error)
	Task(ctx context.Context, id string) (qa.Task, error)
	HandTask(ctx context.Context, id string, to qa.Scorer) (qa.Task, error)
	DropTask(ctx context.Context, id string, now time.Time, why string, by qa.Person, zone *time.Location) (qa.Task, error)
}

const maxDraws, maxTasks = 200, 5000

func (s *Server) sampling() (Sampling, error) {
	if s.opts.Sampling == nil {
		return nil, newProblem(http.StatusServiceUnavailable, codeNoLedger, "there is nowhere to keep plans and draws")
	}
	return s.opts.Sampling, nil
}

func (s *Server) zone() *time.Location { return s.opts.Centre().location() }

func (s *Server) today() string { return time.Now().In(s.zone()).Format(time.DateOnly) }

// samplingProblem tells why something about a plan, a draw or a task cannot be
// done.
func (s *Server) samplingProblem(r *http.Request, what code, err error) error {
	var no *qa.Refused
	switch {
	case errors.As(err, &no) && no.Code == qa.RefusedContent && what != codeUnknownTask:
		return newProblem(http.StatusBadRequest, codeBadPlan, no.Why)
	case errors.Is(err, qa.ErrNoScorer):
		return newProblem(http.StatusNotFound, codeUnknownUser, "no account of a scorer or supervisor has this name")
	}
	return s.qualityProblem(r, what, err)
}

// planBody is what somebody says of a plan.
type planBody struct {
	Name    string          `json:"name"`
	Per     qa.Per          `json:"per"`
	Since   string          `json:"since"`
	Until   string          `json:"until"`
	Form    string          `json:"form"`
	Count   int             `json:"count"`
	Targets []qa.Target     `json:"targets"`
	Queues  []queue.QueueID `json:"queues"`
	Agents  []queue.AgentID `json:"agents"`
	MinTalk int             `json:"min_talk_s"`
	Scorers []string        `json:"scorers"`
	Blind   bool            `json:"blind"`
	DueDays int             `json:"due_days"`
}

// put is p with what was said.
func (in planBody) put(p qa.Plan) qa.Plan {
	p.Name, p.Per, p.Since, p.Until, p.Form, p.Count = in.Name, in.Per, in.Since, in.Until, in.Form, in.Count
	p.Targets, p.Queues, p.Agents, p.Scorers = notNil(in.Targets), notNil(in.Queues), notNil(in.Agents), notNil(in.Scorers)
	p.MinTalk, p.Blind, p.DueDays = in.MinTalk, in.Blind, in.DueDays
	return p
}

// fitting says what a plan names that is not there.
func (s *Server) fitting(r *http.Request, p qa.Plan) error {
	if err := p.Check(); err != nil {
		return s.samplingProblem(r, codeUnknownSamplingPlan, err)
	}
	config := s.opts.Core.Snapshot().Config
	for _, id := range p.Queues {
		if !slices.ContainsFunc(config.Queues, func(q queue.QueueConfig) bool { return q.ID == id }) {
			return newProblem(http.StatusBadRequest, codeBadPlan, fmt.Sprintf("queues: there is no queue %q", cut(string(id))))
		}
	}
	for _, id := range p.Agents {
		if !s.hasAgent(id) {
			return newProblem(http.StatusBadRequest, codeBadPlan, fmt.Sprintf("agents: there is no agent %q", cut(string(id))))
		}
	}
	if err := s.scorers(r, p.Scorers); err != nil {
		return err
	}
	store, err := s.quality()
	if err == nil {
		_, err = s.newest(r, store, p.Form)
	}
	return err
}

// listPlans is GET /api/v1/qa/plans, each with its newest draws.
func (s *Server) listPlans(w http.ResponseWriter, r *http.Request, _ identity) error {
	store, err := s.sampling()
	if err != nil {
		return err
	}
	plans, err := store.Plans(r.Context())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	draws, err := store.Draws(r.Context(), "", maxDraws)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	progress, err := store.Progress(r.Context(), s.today())
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	type wirePlan struct {
		qa.Plan
		Draws []wireDraw `json:"draws"`
	}
	out := make([]wirePlan, 0, len(plans))
	for _, p := range plans {
		v := wirePlan{p, []wireDraw{}}
		for _, d := range draws {
			if d.Plan.ID == p.ID {
				w := drawOf(d)
				w.Progress = progress[d.ID]
				v.Draws = append(v.Draws, w)
			}
		}
		out = append(out, v)
	}
	writeJSON(w, http.StatusOK, map[string]any{"plans": out})
	return nil
}

// wireDraw is a draw without what was picked: that is in its file, and the
// tasks are on their own list.
type wireDraw struct {
	ID          string `json:"id"`
	Plan        string `json:"plan"`
	PlanVersion int    `json:"plan_version"`
	Since       stamp  `json:"since"`
	Until       stamp  `json:"until"`
	CommittedAt stamp  `json:"committed_at"`
	Commitment  string `json:"commitment"`
	Late        bool   `json:"late"`     // the seed was made after the period began
	DrawnAt     stamp  `json:"drawn_at"` // null: not drawn
	By          string `json:"by"`       // empty: by the clock
	Seed        string `json:"seed"`     // empty before the draw
	Population  int    `json:"population"`
	Unheard     int    `json:"unheard"`
	Hash        string `json:"population_sha256"`
	qa.Progress        // in lists only
}

func drawOf(d qa.Draw) wireDraw {
	return wireDraw{d.ID, d.Plan.ID, d.Plan.Version, stamp(d.Since), stamp(d.Until), stamp(d.CommittedAt), d.Commitment, d.Late(), stamp(d.DrawnAt), d.By, d.Seed,
		d.Population, d.Unheard, d.Hash, qa.Progress{}}
}

// addPlan is POST /api/v1/qa/plans.
func (s *Server) addPlan(w http.ResponseWriter, r *http.Request, id identity) error {
	var in planBody
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.sampling()
	if err != nil {
		return err
	}
	p := in.put(qa.Plan{ID: newID(), Version: 1, By: id.user.Name, At: time.Now().UTC().Truncate(time.Millisecond)})
	noteSubject(w, p.ID, cut(p.Name))
	if err := s.fitting(r, p); err != nil {
		return err
	}
	if err := store.AddPlan(r.Context(), p, s.zone()); err != nil {
		return s.samplingProblem(r, codeUnknownSamplingPlan, err)
	}
	writeJSON(w, http.StatusOK, p)
	return nil
}

// changePlan is PUT /api/v1/qa/plans/{id}: the next version, for draws to come.
// Nothing is lost when two change it: the second has to look first.
func (s *Server) changePlan(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		planBody
		Version int  `json:"version"` // that was read
		Ended   bool `json:"ended"`   // no draws any more; false takes it up again
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, cut(r.PathValue("id")), cut(in.Name))
	store, err := s.sampling()
	if err != nil {
		return err
	}
	if err := s.fitting(r, in.put(qa.Plan{})); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	p, err := store.ChangePlan(r.Context(), r.PathValue("id"), s.zone(), func(p qa.Plan) (qa.Plan, error) {
		if p.Version != in.Version {
			return p, &qa.Refused{Code: qa.RefusedState, Why: fmt.Sprintf("%s changed it meanwhile, to version %d: read it again", p.By, p.Version)}
		}
		next := in.put(p)
		next.Version, next.By, next.At = p.Version+1, id.user.Name, now
		switch {
		case !in.Ended:
			next.EndedAt = time.Time{}
		case next.EndedAt.IsZero():
			next.EndedAt = now
		}
		return next, nil
	})
	if err != nil {
		return s.samplingProblem(r, codeUnknownSamplingPlan, err)
	}
	writeJSON(w, http.StatusOK, p)
	return nil
}

// previewPlan is POST /api/v1/qa/preview: what such a plan would draw
// from in the period that runs.
func (s *Server) previewPlan(w http.ResponseWriter, r *http.Request, id identity) error {
	var in planBody
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	store, err := s.sampling()
	if err != nil {
		return err
	}
	p := in.put(qa.Plan{})
	if err := s.fitting(r, p); err != nil {
		return err
	}
	period := p.Periods(time.Now(), s.zone())[0]
	population, unheard, err := store.Candidates(r.Context(), p, period)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	type line struct {
		Agent      queue.AgentID `json:"agent"`
		Population int           `json:"population"`
		Chance     int           `json:"chance"`
		Target     int           `json:"target"` // at most, so far
	}
	counts := map[queue.AgentID]*line{}
	for _, c := range population {
		if counts[c.Agent] == nil {
			counts[c.Agent] = &line{Agent: c.Agent}
		}
		counts[c.Agent].Population++
	}
	// Any seed gives the same numbers.
	for _, k := range qa.Choose(make([]byte, qa.SeedSize), p, population, nil) {
		if k.Reason == qa.ByChance {
			counts[k.Agent].Chance++
		} else {
			counts[k.Agent].Target++
		}
	}
	lines := []line{}
	for a, v := range counts {
		if id.of(a) {
			lines = append(lines, *v)
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.Agent, b.Agent) })
	writeJSON(w, http.StatusOK, map[string]any{"since": stamp(period.Since), "until": stamp(period.Until), "agents": lines, "unheard": unheard})
	return nil
}

// makeDraw is POST /api/v1/qa/draws/{id}/draw, once the period is over.
func (s *Server) makeDraw(w http.ResponseWriter, r *http.Request, id identity) error {
	var in emptyBody
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	noteSubject(w, cut(r.PathValue("id")))
	store, err := s.sampling()
	if err != nil {
		return err
	}
	d, err := store.MakeDraw(r.Context(), r.PathValue("id"), time.Now(), id.user.Name, s.zone())
	if err != nil {
		return s.samplingProblem(r, codeUnknownDraw, err)
	}
	writeJSON(w, http.StatusOK, drawOf(d))
	return nil
}

// showDraw is GET /api/v1/qa/draws/{id}: how far it is, and its tasks.
func (s *Server) showDraw(w http.ResponseWriter, r *http.Request, id identity) error {
	store, err := s.sampling()
	if err != nil {
		return err
	}
	d, lines, err := store.Draw(r.Context(), r.PathValue("id"))
	if err != nil {
		return s.samplingProblem(r, codeUnknownDraw, err)
	}
	population, err := qa.ReadLines(lines)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	all, err := store.Tasks(r.Context(), qa.TaskFilter{Draw: d.ID, Limit: maxTasks})
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	// Of others' agents a supervisor of a team is told nothing.
	all = slices.DeleteFunc(all, func(t qa.Task) bool { return !id.of(t.Agent) })
	of := map[queue.AgentID]int{}
	for _, c := range population {
		if id.of(c.Agent) {
			of[c.Agent]++
		}
	}
	today := s.today()
	wire := make([]wireTask, 0, len(all))
	for _, t := range all {
		wire = append(wire, taskFor(t, id, today))
	}
	writeJSON(w, http.StatusOK, struct {
		Draw       wireDraw      `json:"draw"`
		Plan       qa.Plan       `json:"plan"`
		Fulfilment qa.Fulfilment `json:"fulfilment"`
		Tasks      []wireTask    `json:"tasks"`
	}{drawOf(d), d.Plan, d.Fulfil(all, of, today), wire})
	return nil
}

// drawFile is GET /api/v1/qa/draws/{id}/file: all that is needed to draw again.
// The first line is the draw as JSON, the others are the population.
func (s *Server) drawFile(w http.ResponseWriter, r *http.Request, id identity) error {
	store, err := s.sampling()
	if err != nil {
		return err
	}
	if !id.reach.everybody {
		return newProblem(http.StatusForbidden, codeForbidden, "a draw is about agents of all teams: ask somebody who is not limited to some")
	}
	d, lines, err := store.Draw(r.Context(), r.PathValue("id"))
	if err != nil {
		return s.samplingProblem(r, codeUnknownDraw, err)
	}
	if d.DrawnAt.IsZero() {
		return newProblem(http.StatusConflict, codeWrongState, "not drawn yet: the seed is shown after the draw")
	}
	if err := s.unseen(r, id, lines); err != nil {
		return err
	}
	file, err := d.File(lines)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="draw-`+d.ID+`.jsonl"`)
	w.Header().Set("Cache-Control", "private, no-store")
	_, err = w.Write(file)
	return err
}
