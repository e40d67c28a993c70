package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording/qa"
)

// memorySampling is a store in memory. The end of each period is a moment ago.
type memorySampling struct {
	mu         sync.Mutex
	plans      []qa.Plan
	draws      []qa.Draw
	seeds      map[string][]byte
	lines      map[string][]byte
	tasks      []qa.Task
	population []qa.Candidate
}

func (m *memorySampling) Plans(context.Context) ([]qa.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.plans), nil
}

func (m *memorySampling) AddPlan(_ context.Context, p qa.Plan, _ *time.Location) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.plans = append(m.plans, p)
	seed := sha256.Sum256([]byte(p.Name))
	d := qa.Draw{ID: fmt.Sprint("d", len(m.draws)+1), Plan: p, Since: p.At.Add(-time.Hour), Until: p.At, CommittedAt: p.At, Commitment: qa.Commitment(seed[:]), Picks: []qa.Pick{}}
	m.draws, m.seeds[d.ID] = append(m.draws, d), seed[:]
	return nil
}

func (m *memorySampling) ChangePlan(_ context.Context, id string, _ *time.Location, change func(qa.Plan) (qa.Plan, error)) (qa.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, p := range m.plans {
		if p.ID == id {
			p, err := change(p)
			if err == nil {
				m.plans[i] = p
			}
			return p, err
		}
	}
	return qa.Plan{}, qa.ErrUnknown
}

func (m *memorySampling) Draws(_ context.Context, plan string, _ int) (out []qa.Draw, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.draws {
		if plan == "" || d.Plan.ID == plan {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memorySampling) Draw(_ context.Context, id string) (qa.Draw, []byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.draws {
		if d.ID == id {
			return d, m.lines[id], nil
		}
	}
	return qa.Draw{}, nil, qa.ErrUnknown
}

func (m *memorySampling) MakeDraw(_ context.Context, id string, now time.Time, by qa.Scorer, _ *time.Location) (qa.Draw, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, d := range m.draws {
		if d.ID != id {
			continue
		}
		d, err := d.Drawn(now, by, d.Plan, m.seeds[id], m.population, 1)
		if err != nil {
			return d, err
		}
		m.draws[i], m.lines[id] = d, qa.Lines(m.population)
		for _, p := range d.Picks {
			m.tasks = append(m.tasks, qa.Task{ID: fmt.Sprint("s", len(m.tasks)+1), Draw: id, Plan: d.Plan.ID, Call: p.Call, Agent: p.Agent, Reason: p.Reason, Ticket: p.Ticket,
				Form: d.Plan.Form, Scorer: "qa", Due: "2026-01-01", Blind: d.Plan.Blind})
		}
		return d, nil
	}
	return qa.Draw{}, qa.ErrUnknown
}

func (m *memorySampling) Candidates(context.Context, qa.Plan, qa.Period) ([]qa.Candidate, int, error) {
	return m.population, 1, nil
}

func (m *memorySampling) Progress(context.Context, string) (map[string]qa.Progress, error) {
	return map[string]qa.Progress{"d1": {Tasks: 8, Done: 3, Overdue: 1}}, nil
}

func (m *memorySampling) Tasks(_ context.Context, f qa.TaskFilter) (out []qa.Task, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tasks {
		if (f.Draw == "" || f.Draw == t.Draw) && (f.Scorer == "" || f.Scorer == t.Scorer) && (f.Agents == nil || slices.Contains(f.Agents, t.Agent)) && (!f.Open || t.Dropped.IsZero()) {
			out = append(out, t)
		}
	}
	return out, nil
}

func (m *memorySampling) Task(_ context.Context, id string) (qa.Task, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tasks {
		if t.ID == id {
			return t, nil
		}
	}
	return qa.Task{}, qa.ErrUnknown
}

func (m *memorySampling) change(id string, change func(qa.Task) (qa.Task, error)) (qa.Task, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.tasks, func(t qa.Task) bool { return t.ID == id })
	if i < 0 {
		return qa.Task{}, qa.ErrUnknown
	}
	t, err := change(m.tasks[i])
	if err == nil {
		m.tasks[i] = t
	}
	return t, err
}

func (m *memorySampling) HandTask(_ context.Context, id string, to qa.Scorer) (qa.Task, error) {
	return m.change(id, func(t qa.Task) (qa.Task, error) {
		if to == "nobody" {
			return t, qa.ErrNoScorer
		}
		return t.Hand(qa.Person{Name: to}, false)
	})
}

func (m *memorySampling) DropTask(_ context.Context, id string, now time.Time, why string, by qa.Person, _ *time.Location) (qa.Task, error) {
	return m.change(id, func(t qa.Task) (qa.Task, error) { return t.Drop(now, why, by) })
}

func newSampling() *memorySampling {
	m := &memorySampling{seeds: map[string][]byte{}, lines: map[string][]byte{}}
	for i := range 20 {
		m.population = append(m.population, qa.Candidate{Call: queue.CallID(fmt.Sprint("c", i)), Agent: queue.AgentID(fmt.Sprint(1001 + i%2)), Queue: "support", TalkMS: int64(i) * 60_000})
	}
	return m
}

// sampled is a house with conversations to draw from.
func sampled(t *testing.T) (*centre, *memorySampling) {
	m := newSampling()
	c := newCentre(t, func(o *Options) {
		o.Quality = &memoryQuality{log: map[string][]qa.Entry{}, forms: []qa.FormVersion{{Form: qa.Standard(), PublishedAt: time.Now()}}}
		o.Sampling = m
	})
	return c, m
}

const monthly = `{"name":"月度抽检","per":"month","form":"standard","count":3,"targets":[{"reason":"long","limit":900,"most":1}],"due_days":7%s}`

func TestAPlanFromItsPromiseToItsTasks(t *testing.T) {
	c, _ := sampled(t)
	scorer, boss := c.signedIn(t, "qa"), c.signedIn(t, "supervisor")
	for body, code := range map[string]string{
		`{"name":"","per":"month","form":"standard","count":3,"due_days":7}`:   "bad_plan",
		`{"name":"x","per":"year","form":"standard","count":3,"due_days":7}`:   "bad_plan",
		`{"name":"x","per":"month","form":"none","count":3,"due_days":7}`:      "unknown_form",
		fmt.Sprintf(monthly, `,"queues":["none"]`):                             "bad_plan",
		fmt.Sprintf(monthly, `,"agents":["none"]`):                             "bad_plan",
		fmt.Sprintf(monthly, `,"scorers":["agent"]`):                           "unknown_user",
		`{"name":"x","per":"month","form":"standard","count":-1,"due_days":7}`: "bad_plan",
	} {
		scorer.refused(code, "POST /api/v1/qa/plans", body)
	}
	if got := fmt.Sprint(scorer.body("POST /api/v1/qa/preview", fmt.Sprintf(monthly, ""))); !strings.Contains(got, "chance:3 population:10 target:1") || !strings.Contains(got, "unheard:1") {
		t.Errorf("preview: %v", got)
	}
	p := scorer.body("POST /api/v1/qa/plans", fmt.Sprintf(monthly, ""))
	at := "/api/v1/qa/plans/" + fmt.Sprint(p["id"])
	list := scorer.body("GET /api/v1/qa/plans", "")["plans"].([]any)[0].(map[string]any)
	d := list["draws"].([]any)[0].(map[string]any)
	if d["seed"] != "" || len(d["commitment"].(string)) != 64 || d["drawn_at"] != nil || d["late"] != true {
		t.Errorf("promised: %v", d)
	}
	draw := "/api/v1/qa/draws/" + fmt.Sprint(d["id"])
	scorer.refused("wrong_state", "GET "+draw+"/file", "")
	scorer.refused("unknown_draw", "POST /api/v1/qa/draws/none/draw", `{}`)
	scorer.body("POST "+draw+"/draw", `{}`)
	scorer.refused("wrong_state", "POST "+draw+"/draw", `{}`)
	shown := scorer.body("GET "+draw, "")
	if got := fmt.Sprint(shown["fulfilment"].(map[string]any)["total"]); got != "map[asked:6 chance:6 done:0 dropped:0 overdue:8 population:20 target:2 who:]" {
		t.Errorf("fulfilment: %s", got)
	}
	if seed, _ := hex.DecodeString(shown["draw"].(map[string]any)["seed"].(string)); qa.Commitment(seed) != d["commitment"] {
		t.Error("the seed is not the one that was promised")
	}

	// The next version is for draws to come; who has not seen it must look first.
	scorer.body("PUT "+at, fmt.Sprintf(monthly, `,"version":1,"ended":true`))
	boss.refused("wrong_state", "PUT "+at, fmt.Sprintf(monthly, `,"version":1`))
	if got := boss.body("PUT "+at, fmt.Sprintf(monthly, `,"version":2`)); got["ended_at"] != nil || got["version"] != 3.0 {
		t.Errorf("taken up again: %v", got)
	}
	boss.refused("unknown_sampling_plan", "PUT /api/v1/qa/plans/none", fmt.Sprintf(monthly, `,"version":1`))
}

func TestTasksOfAWorkList(t *testing.T) {
	c, m := sampled(t)
	scorer, boss := c.signedIn(t, "qa"), c.signedIn(t, "supervisor")
	p := scorer.body("POST /api/v1/qa/plans", fmt.Sprintf(monthly, `,"blind":true`))
	_ = p
	scorer.body("POST /api/v1/qa/draws/d1/draw", `{}`)
	list := scorer.body("GET /api/v1/qa/tasks?scorer=qa&open=true", "")["tasks"].([]any)
	if len(list) != 8 {
		t.Fatalf("%d tasks, want 8", len(list))
	}
	for _, v := range list {
		if x := v.(map[string]any); x["agent"] != "" || x["ticket"] != "" || x["state"] != "open" || x["overdue"] != true {
			t.Errorf("a blind task as its scorer sees it: %v", x)
		}
	}
	if x := boss.body("GET /api/v1/qa/tasks", "")["tasks"].([]any)[0].(map[string]any); x["agent"] == "" {
		t.Errorf("a blind task as a supervisor sees it: %v", x)
	}
	scorer.refused("judged_blind", "GET /api/v1/qa/draws/d1/file", "")
	boss.want(200, "GET /api/v1/qa/draws/d1/file")
	scorer.want(400, "GET /api/v1/qa/tasks?open=perhaps")
	scorer.refused("unknown_task", "POST /api/v1/qa/tasks/none/drop", `{"reason":"x"}`)
	scorer.refused("bad_judgement", "POST /api/v1/qa/tasks/s1/drop", `{"reason":" "}`)
	if got := scorer.body("POST /api/v1/qa/tasks/s1/drop", `{"reason":"串线"}`); got["state"] != "dropped" || got["dropped_by"] != "qa" {
		t.Errorf("dropped: %v", got)
	}
	scorer.refused("wrong_state", "POST /api/v1/qa/tasks/s1/drop", `{"reason":"串线"}`)
	boss.refused("unknown_user", "POST /api/v1/qa/tasks/s2/scorer", `{"scorer":"nobody"}`)
	if got := boss.body("POST /api/v1/qa/tasks/s2/scorer", `{"scorer":"supervisor"}`); got["scorer"] != "supervisor" {
		t.Errorf("handed on: %v", got)
	}
	scorer.refused("not_yours", "POST /api/v1/qa/tasks/s2/drop", `{"reason":"x"}`)

	// Who is limited to a team hears nothing of others' agents.
	c.users.put(User{Name: "supervisor", Role: Supervisor, Teams: []string{"gone"}})
	none := c.signedIn(t, "supervisor")
	if got := none.body("GET /api/v1/qa/tasks", "")["tasks"].([]any); len(got) != 0 {
		t.Errorf("of others: %v", got)
	}
	if got := fmt.Sprint(none.body("GET /api/v1/qa/draws/d1", "")["fulfilment"].(map[string]any)["total"]); !strings.Contains(got, "population:0") {
		t.Errorf("of others: %v", got)
	}
	none.refused("forbidden", "GET /api/v1/qa/draws/d1/file", "")
	none.refused("forbidden", "POST /api/v1/qa/tasks/s3/drop", `{"reason":"x"}`)
	if m.tasks[2].State() != qa.TaskOpen {
		t.Error("dropped by somebody who may not")
	}
}
