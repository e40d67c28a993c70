package dashboard

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// memoryQuality is a store in memory.
type memoryQuality struct {
	mu           sync.Mutex
	forms        []qa.FormVersion
	evaluations  []qa.Evaluation
	log          map[string][]qa.Entry
	coaching     []qa.Coaching
	calibrations []qa.Calibration
	jobs         map[string]qa.Job
	population   map[queue.AgentID]int
}

func (m *memoryQuality) Forms(context.Context) ([]qa.FormVersion, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.forms)
	slices.SortStableFunc(out, func(a, b qa.FormVersion) int { return b.Form.Version - a.Form.Version })
	return out, nil
}

func (m *memoryQuality) SaveForm(_ context.Context, v qa.FormVersion) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, o := range m.forms {
		if o.Form.ID == v.Form.ID && o.Form.Version == v.Form.Version {
			if !o.PublishedAt.IsZero() {
				return qa.ErrFinal
			}
			m.forms[i] = v
			return nil
		}
	}
	m.forms = append(m.forms, v)
	return nil
}

func (m *memoryQuality) Job(_ context.Context, task string) (qa.Job, error) {
	if j, ok := m.jobs[task]; ok {
		return j, nil
	}
	return qa.Job{}, qa.ErrUnknown
}

func (m *memoryQuality) AddEvaluation(_ context.Context, at time.Time, ev qa.Begun) (qa.Evaluation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.evaluations, func(e qa.Evaluation) bool {
		return e.Call == ev.Call && e.Agent == ev.Agent && e.Scorer == ev.By
	}) {
		return qa.Evaluation{}, qa.ErrThere
	}
	e := qa.Evaluation{}.Apply(at, ev)
	m.evaluations = append(m.evaluations, e)
	m.log[e.ID] = []qa.Entry{{N: 1, At: at, Kind: ev.Kind(), Event: ev}}
	return e, nil
}

func (m *memoryQuality) find(id string) int {
	return slices.IndexFunc(m.evaluations, func(e qa.Evaluation) bool { return e.ID == id })
}

func (m *memoryQuality) Evaluation(_ context.Context, id string) (qa.Evaluation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.find(id); i >= 0 {
		return m.evaluations[i], nil
	}
	return qa.Evaluation{}, qa.ErrUnknown
}

func (m *memoryQuality) EvaluationLog(_ context.Context, id string) ([]qa.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.log[id], nil
}

func (m *memoryQuality) Evaluations(_ context.Context, f qa.Filter) (out []qa.Evaluation, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.evaluations {
		if (e.State != qa.Draft || e.Scorer == f.Reader) && (f.Agents == nil || slices.Contains(f.Agents, e.Agent)) && (f.State == "" || e.State == f.State) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memoryQuality) ChangeEvaluation(_ context.Context, id string, at time.Time, change func(qa.Evaluation) (qa.Event, error)) (qa.Evaluation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.find(id)
	ev, err := change(m.evaluations[i])
	if err == nil && ev != nil {
		m.evaluations[i] = m.evaluations[i].Apply(at, ev)
		m.log[id] = append(m.log[id], qa.Entry{N: m.evaluations[i].Events, At: at, Kind: ev.Kind(), Event: ev})
	}
	return m.evaluations[i], err
}

func (m *memoryQuality) Appeals(context.Context, queue.AgentID, time.Time) (int, error) {
	return 0, nil
}

func (m *memoryQuality) Conversations(context.Context, time.Time, time.Time) (map[queue.AgentID]int, error) {
	out := map[queue.AgentID]int{}
	for id, n := range m.population {
		out[id] = n
	}
	return out, nil
}

func (m *memoryQuality) AddCoaching(_ context.Context, c qa.Coaching) error {
	m.coaching = append(m.coaching, c)
	return nil
}

func (m *memoryQuality) ChangeCoaching(_ context.Context, id string, change func(qa.Coaching) (qa.Coaching, error)) (c qa.Coaching, err error) {
	for i, c := range m.coaching {
		if c.ID == id {
			if c, err = change(c); err == nil {
				m.coaching[i] = c
			}
			return c, err
		}
	}
	return c, qa.ErrUnknown
}

func (m *memoryQuality) Coachings(_ context.Context, agents []queue.AgentID, _ int) (out []qa.Coaching, _ error) {
	for _, c := range m.coaching {
		if agents == nil || slices.Contains(agents, c.Agent) {
			out = append(out, c)
		}
	}
	return out, nil
}

func (m *memoryQuality) AddCalibration(_ context.Context, c qa.Calibration) error {
	m.calibrations = append(m.calibrations, c)
	return nil
}

func (m *memoryQuality) ChangeCalibration(_ context.Context, id string, change func(qa.Calibration) (qa.Calibration, error)) (c qa.Calibration, err error) {
	for i, c := range m.calibrations {
		if c.ID == id {
			if c, err = change(c); err == nil {
				m.calibrations[i] = c
			}
			return c, err
		}
	}
	return c, qa.ErrUnknown
}

func (m *memoryQuality) Calibrations(context.Context, int) ([]qa.Calibration, error) {
	return m.calibrations, nil
}

// checked is a house with the standard form and calls of two agents: c1 was
// 1001's (the user agent), c3 was 1002's.
func checked(t *testing.T) (*centre, *memoryQuality) {
	store := &memoryQuality{log: map[string][]qa.Entry{}, population: map[queue.AgentID]int{"1001": 40, "1002": 40}, jobs: map[string]qa.Job{
		"t1": {Call: "c1", Agent: "1001", Form: "standard", Origin: qa.Random, Scorer: "qa"},
		"t2": {Call: "c2", Agent: "1001", Form: "standard", Origin: qa.Random, Scorer: "somebody"}}}
	c := newCentre(t, func(o *Options) { o.Quality = store })
	c.conversation("c1", "1001")
	c.conversation("c3", "1002")
	store.forms = []qa.FormVersion{{Form: qa.Standard(), Author: "x", PublishedAt: time.Now()}}
	return c, store
}

// allYes are answers that give everything but for some items.
func allYes(but map[string]string) string {
	answers := map[string]string{}
	for _, s := range qa.Standard().Sections {
		for _, it := range s.Items {
			switch it.Kind {
			case qa.YesNo:
				answers[it.ID] = "yes"
			case qa.Scale:
				answers[it.ID] = "3"
			default:
				answers[it.ID] = "right"
			}
		}
	}
	for item, a := range but {
		answers[item] = a
	}
	data, _ := json.Marshal(map[string]any{"judgement": map[string]any{"answers": answers, "comments": []any{map[string]any{"at_ms": 1500, "item": "greeting", "text": "您好"}}, "summary": ""}})
	return string(data)
}

// The whole way of an evaluation, with who may do what on it.
func TestEvaluationFromDraftToDecision(t *testing.T) {
	c, _ := checked(t)
	scorer, agent, boss := c.signedIn(t, "qa"), c.signedIn(t, "agent"), c.signedIn(t, "supervisor")
	scorer.refused("unknown_task", "POST /api/v1/qa/evaluations", `{"task":"none"}`)
	scorer.refused("not_yours", "POST /api/v1/qa/evaluations", `{"task":"t2"}`)
	scorer.refused("unknown_call", "POST /api/v1/qa/evaluations", `{"call":"none","agent":"1001","form":"standard"}`)
	scorer.refused("unknown_agent", "POST /api/v1/qa/evaluations", `{"call":"c3","agent":"1001","form":"standard"}`)
	scorer.refused("unknown_form", "POST /api/v1/qa/evaluations", `{"call":"c1","agent":"1001","form":"none"}`)
	e := scorer.body("POST /api/v1/qa/evaluations", `{"task":"t1"}`)
	if e["origin"] != "random" || e["state"] != "draft" {
		t.Fatalf("begun: %v", e)
	}
	scorer.refused("evaluation_exists", "POST /api/v1/qa/evaluations", `{"call":"c1","agent":"1001","form":"standard"}`)
	at := "/api/v1/qa/evaluations/" + fmt.Sprint(e["id"])
	scorer.refused("bad_judgement", "PUT "+at, `{"judgement":{"answers":{"zz":"yes"},"comments":[],"summary":""}}`)
	scorer.refused("bad_judgement", "POST "+at+"/submit", `{}`)
	scorer.body("PUT "+at, allYes(map[string]string{"greeting": "no"}))
	boss.refused("unknown_evaluation", "GET "+at, "") // a draft is its scorer's
	agent.refused("unknown_evaluation", "GET "+at, "")
	agent.refused("unknown_evaluation", "POST "+at+"/sign", `{"note":""}`)
	c.sounds["c1"], c.sounds["c3"] = testSound, testSound
	agent.refused("forbidden", "GET /api/v1/calls/c1/recording?why=x", "") // not judged yet
	scorer.body("POST "+at+"/submit", `{}`)
	agent.want(200, "GET /api/v1/calls/c1/recording?why=x")
	agent.refused("forbidden", "GET /api/v1/calls/c1/recording?why=x&download=1", "")
	agent.refused("forbidden", "GET /api/v1/calls/c3/recording?why=x", "") // a colleague's
	if got := agent.body("POST "+at+"/read", `{}`); got["state"] != "read" || got["score"] != 94.0 {
		t.Errorf("the agent reads %v", got)
	}
	if list := agent.body("GET /api/v1/qa/evaluations", ""); strings.Count(fmt.Sprint(list), "state:read") != 1 {
		t.Errorf("the agent's list: %v", list)
	}
	boss.refused("not_yours", "POST "+at+"/sign", `{"note":""}`)
	agent.body("POST "+at+"/appeal", `{"items":["greeting"],"reason":"我说了您好"}`)
	agent.refused("wrong_state", "POST "+at+"/sign", `{"note":""}`)
	if got := boss.body("GET "+at, "")["evaluation"].(map[string]any); got["hidden"] != true || got["score"] != nil || got["versions"] != nil {
		t.Errorf("a possible second scorer sees the first score: %v", got)
	}
	scorer.refused("oneself", "POST "+at+"/second", allYes(nil))
	boss.refused("wrong_state", "POST "+at+"/decide", `{"outcome":"changed","answer":"对"}`)
	boss.body("POST "+at+"/second", allYes(nil))
	if got := agent.body("GET "+at, "")["evaluation"].(map[string]any); strings.Contains(fmt.Sprint(got["objection"]), "second") || got["score"] != 94.0 {
		t.Errorf("the second score before the decision: %v", got)
	}
	if got := boss.body("POST "+at+"/decide", `{"outcome":"changed","answer":"已核实"}`); got["score"] != 100.0 || got["settled"] != true {
		t.Errorf("decided: %v", got)
	}
	scorer.want(403, "POST "+at+"/decide")
	if log := fmt.Sprint(agent.body("GET "+at, "")["log"]); !strings.Contains(log, "decided") {
		t.Errorf("log: %s", log)
	}
}

// A supervisor of a team sees nothing of other teams' agents.
func TestQualityOfATeam(t *testing.T) {
	c, store := checked(t)
	c.opts.Centre = func() Centre { return Centre{Name: "x", Teams: []Team{{ID: "night", Agents: []queue.AgentID{"1002"}}}} }
	c.users.put(User{Name: "supervisor", Role: Supervisor, Teams: []string{"night"}})
	scorer, boss := c.signedIn(t, "qa"), c.signedIn(t, "supervisor")
	at := "/api/v1/qa/evaluations/" + fmt.Sprint(scorer.body("POST /api/v1/qa/evaluations", `{"task":"t1"}`)["id"])
	scorer.body("PUT "+at, allYes(nil))
	scorer.body("POST "+at+"/submit", `{}`)
	boss.refused("unknown_evaluation", "GET "+at, "")
	boss.refused("forbidden", "POST /api/v1/qa/evaluations", `{"call":"c2","agent":"1001","form":"standard"}`)
	boss.refused("forbidden", "POST /api/v1/qa/coaching", `{"agent":"1001","text":"x","due":"2026-11-30"}`)
	if got := boss.body("GET /api/v1/qa/evaluations", "")["evaluations"].([]any); len(got) != 0 {
		t.Errorf("listed: %v", got)
	}
	if got := boss.body("GET /api/v1/qa/scores?since=2020-01-01&until=2020-02-01", ""); strings.Contains(fmt.Sprint(got["results"]), "1001") {
		t.Errorf("scores: %v", got)
	}
	store.coaching = []qa.Coaching{{ID: "k1", Agent: "1001"}}
	boss.refused("unknown_coaching", "POST /api/v1/qa/coaching/k1/notes", `{"text":"x"}`)
}

// An empty reach is nobody, not everybody, and empty lists are lists.
func TestAgentAccountWithoutAnAgent(t *testing.T) {
	c, store := checked(t)
	c.users.put(User{Name: "nobody", Role: AgentRole})
	scorer, nobody := c.signedIn(t, "qa"), c.signedIn(t, "nobody")
	at := "/api/v1/qa/evaluations/" + fmt.Sprint(scorer.body("POST /api/v1/qa/evaluations", `{"task":"t1"}`)["id"])
	scorer.body("PUT "+at, allYes(nil))
	if got := scorer.body("POST "+at+"/submit", `{}`); got["fatal"] == nil {
		t.Errorf("no list of fatal items: %v", got)
	}
	store.coaching = []qa.Coaching{{ID: "k1", Agent: "1001"}}
	for path, list := range map[string]string{"evaluations": "evaluations", "coaching": "coaching", "scores": "results"} {
		if got, ok := nobody.body("GET /api/v1/qa/"+path, "")[list].([]any); !ok || len(got) != 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestFormsAreFinal(t *testing.T) {
	c, _ := checked(t)
	scorer, agent := c.signedIn(t, "qa"), c.signedIn(t, "agent")
	form := func(version int, change func(*qa.Form)) string {
		f := qa.Standard()
		f.Version = version
		if change != nil {
			change(&f)
		}
		data, _ := json.Marshal(map[string]any{"form": f, "reason": "新规定"})
		return string(data)
	}
	scorer.refused("form_final", "POST /api/v1/qa/forms", form(1, nil))
	scorer.refused("bad_form", "POST /api/v1/qa/forms", form(3, nil))
	scorer.refused("bad_form", "POST /api/v1/qa/forms", form(2, func(f *qa.Form) { f.Sections = nil }))
	scorer.body("POST /api/v1/qa/forms", form(2, nil))
	if got := fmt.Sprint(agent.body("GET /api/v1/qa/forms", "")); strings.Contains(got, "version:2") {
		t.Error("an agent sees a draft of a form")
	}
	scorer.body("POST /api/v1/qa/forms/standard/publish", `{"version":2}`)
	scorer.refused("form_final", "POST /api/v1/qa/forms/standard/publish", `{"version":2}`)
	scorer.refused("unknown_form", "POST /api/v1/qa/forms/standard/publish", `{"version":9}`)
	if e := scorer.body("POST /api/v1/qa/evaluations", `{"task":"t1"}`); e["form_version"] != 2.0 {
		t.Errorf("the newest version counts: %v", e)
	}
}

func TestScoresAndExports(t *testing.T) {
	c, store := checked(t)
	scorer, agent := c.signedIn(t, "qa"), c.signedIn(t, "agent")
	at := "/api/v1/qa/evaluations/" + fmt.Sprint(scorer.body("POST /api/v1/qa/evaluations", `{"task":"t1"}`)["id"])
	scorer.body("PUT "+at, allYes(nil))
	scorer.body("POST "+at+"/submit", `{}`)
	store.population["1002"] = 7
	list := scorer.body("GET /api/v1/qa/scores", "")["results"].([]any)
	if len(list) != 2 || !strings.Contains(fmt.Sprint(list[0]), "verdict:too_few") || !strings.Contains(fmt.Sprint(list[1]), "verdict:no_calls") {
		t.Errorf("scores: %v", list)
	}
	if got := agent.body("GET /api/v1/qa/scores", ""); strings.Contains(fmt.Sprint(got), "1002") {
		t.Errorf("an agent sees others' scores: %v", got)
	}
	w := scorer.do("GET /api/v1/qa/scores/export?format=csv", "")
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(w.Body.Bytes(), []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != "王芳" || rows[1][5] != "100.0" || rows[2][5] != "" {
		t.Errorf("CSV %v: %v", err, rows)
	}
	w = scorer.do("GET /api/v1/qa/scores/export?format=xlsx", "")
	book, err := excelize.OpenReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := book.GetCellValue("Sheet1", "F2"); err != nil || v != "100" {
		t.Errorf("XLSX: %q, %v", v, err)
	}
	scorer.want(400, "GET /api/v1/qa/scores/export?format=pdf")
	agent.want(403, "GET /api/v1/qa/scores/export?format=csv")
	if got := harmless("=1+1"); got != "'=1+1" {
		t.Errorf("a formula in a name: %s", got)
	}
}

func TestCoachingAndCalibration(t *testing.T) {
	c, _ := checked(t)
	scorer, agent, boss := c.signedIn(t, "qa"), c.signedIn(t, "agent"), c.signedIn(t, "supervisor")
	k := boss.body("POST /api/v1/qa/coaching", `{"agent":"1001","text":"开场白","due":"2026-11-30"}`)
	boss.refused("bad_judgement", "POST /api/v1/qa/coaching", `{"agent":"1001","text":"开场白","due":"soon"}`)
	boss.refused("unknown_user", "POST /api/v1/qa/coaching", `{"agent":"1001","text":"开场白","due":"2026-11-30","owner":"agent"}`)
	at := "/api/v1/qa/coaching/" + fmt.Sprint(k["id"]) + "/notes"
	boss.body("POST "+at, `{"text":"好多了"}`)
	boss.body("POST "+at, `{"text":"完成","done":true}`)
	boss.refused("wrong_state", "POST "+at, `{"text":"再看"}`)
	if got := agent.body("GET /api/v1/qa/coaching", "")["coaching"].([]any); len(got) != 1 {
		t.Errorf("the agent's coaching: %v", got)
	}

	cal := boss.body("POST /api/v1/qa/calibrations", `{"name":"十一月","call":"c1","agent":"1001","form":"standard","scorers":["qa","supervisor"],"reference":"supervisor","due":"2026-11-30"}`)
	at = "/api/v1/qa/calibrations/" + fmt.Sprint(cal["id"])
	boss.body("POST "+at+"/answers", allYes(nil))
	if got := scorer.body("POST "+at+"/answers", allYes(map[string]string{"greeting": "no"})); len(got["given"].(map[string]any)) != 1 || len(got["answered"].([]any)) != 2 {
		t.Errorf("blind: %v", got)
	}
	if got := scorer.body("POST "+at+"/close", `{}`); len(got["given"].(map[string]any)) != 2 {
		t.Errorf("closed: %v", got)
	}
	scorer.refused("wrong_state", "POST "+at+"/answers", allYes(nil))
	got := scorer.body("GET /api/v1/qa/agreement", "")
	if got["sessions"] != 1.0 || !strings.Contains(fmt.Sprint(got["scorers"]), "deviation:-6") {
		t.Errorf("agreement: %v", got)
	}
	agent.want(403, "GET /api/v1/qa/calibrations")
}
