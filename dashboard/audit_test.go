package dashboard

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memoryAudit is a log that is away at times.
type memoryAudit struct {
	mu    sync.Mutex
	away  bool
	lines []Noted
}

func (m *memoryAudit) Note(_ context.Context, n Noted) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errors.New("the database is away")
	}
	n.ID = int64(len(m.lines) + 1)
	m.lines = append(m.lines, n)
	return nil
}

func (m *memoryAudit) Noted(_ context.Context, f NotedFilter) (all []Noted, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range slices.Backward(m.lines) {
		if (f.Before == 0 || n.ID < f.Before) && len(all) < f.Limit && (f.User == "" || n.User == f.User) {
			all = append(all, n)
		}
	}
	return all, nil
}

// said is the log in short: who did what to what, with which outcome.
func (m *memoryAudit) said() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.lines {
		all = append(all, strings.TrimSpace(n.User+" "+n.Action+" "+n.Subject+" "+n.Detail+n.Why+" "+n.Outcome))
	}
	return all
}

func (m *memoryAudit) set(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
}

func audited(t *testing.T) (*centre, *memoryAudit) {
	log := &memoryAudit{}
	return newCentre(t, func(o *Options) { o.Audit = log }), log
}

func TestAuditTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := audited(t)
		c.conversation("c1", "1001")
		boss, agent, admin := c.signedIn(t, "supervisor"), c.signedIn(t, "agent"), c.signedIn(t, "administrator")
		do := func(b *browser, target, body string) { b.do(target, body); synctest.Wait() }
		do(boss, "GET /api/v1/calls/c1/recording?why=%E6%8A%95%E8%AF%89", "")
		do(boss, "GET /api/v1/calls/c1/recording?why=%E6%8A%95%E8%AF%89", "") // a player asks again and again
		do(boss, "GET /api/v1/calls/c1", "")
		do(agent, "GET /api/v1/calls/c1", "") // sees masked numbers, or their own call
		do(agent, "POST /api/v1/agents/1001/state", `{"state":"ready"}`)
		do(agent, "POST /api/v1/agents/1002/state", `{"state":"ready"}`)
		do(agent, "GET /api/v1/users", "") // not shown, so not seen
		do(admin, "POST /api/v1/users", `{"name":"li","role":"qa"}`)
		do(admin, "PATCH /api/v1/users/li", `{"disabled":true}`)
		do(agent, "DELETE /api/v1/session", "")
		do(agent, "GET /api/v1/session", "")
		agent.signIn("agent", "wrong password")
		synctest.Wait()
		want := []string{"supervisor recording.play c1 投诉 done", "supervisor call.look c1  done", "agent agent.state 1001  done", "agent agent.state 1002  forbidden",
			"administrator user.add li qa done", "administrator user.change li qa disabled done", "agent session.end   done", "agent session.begin   wrong_password"}
		if got := log.said(); !slices.Equal(got, want) {
			t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, n := range log.lines {
			if n.At.IsZero() || n.Address == "" {
				t.Errorf("without when or where: %+v", n)
			}
			if strings.Contains(n.Subject+n.Why, testPassword) {
				t.Errorf("a secret in the log: %+v", n)
			}
		}
		time.Sleep(sameLook)
		do(boss, "GET /api/v1/calls/c1/recording?why=%E6%8A%95%E8%AF%89", "")
		if got := log.said(); len(got) != len(want)+1 {
			t.Errorf("a look much later is another: %d lines, want %d", len(got), len(want)+1)
		}
	})
}

// What cannot be noted is not shown; what must be done is done, and noted later.
func TestAuditAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := audited(t)
		c.conversation("c1", "1001")
		boss := c.signedIn(t, "supervisor")
		log.set(true)
		boss.want(503, "GET /api/v1/calls/c1/recording?why=test")
		boss.want(200, "POST /api/v1/agents/1001/state")
		boss.want(200, "POST /api/v1/agents/1002/state")
		synctest.Wait()
		if got := log.said(); len(got) != 0 {
			t.Fatalf("away, and it says %v", got)
		}
		log.set(false)
		time.Sleep(noteAgain)
		synctest.Wait()
		if got := log.said(); len(got) != 2 || !strings.HasPrefix(got[0], "supervisor agent.state 1001") {
			t.Errorf("back, and it says %v", got)
		}
		boss.want(200, "GET /api/v1/calls/c1/recording?why=test")
	})
}

func TestAuditPages(t *testing.T) {
	c, log := audited(t)
	for range 5 {
		_ = log.Note(t.Context(), Noted{User: "li", At: noon})
	}
	admin := c.signedIn(t, "administrator")
	first := admin.body("GET /api/v1/audit?user=li&limit=3", "")
	entries, _ := first["entries"].([]any)
	if next := first["next_cursor"]; len(entries) != 3 || next != "3" {
		t.Fatalf("first page: %v", first)
	}
	second := admin.body("GET /api/v1/audit?user=li&limit=3&cursor=3", "")
	if entries, _ := second["entries"].([]any); len(entries) != 2 || second["next_cursor"] != nil {
		t.Errorf("second page: %v", second)
	}
	admin.want(400, "GET /api/v1/audit?cursor=-1")
}

// TestEveryRouteIsAudited: what changes something, or shows what is seen by
// role only, is on record; what is not is named here.
func TestEveryRouteIsAudited(t *testing.T) {
	free := []string{"GET /healthz", "GET /readyz", "GET /metrics", "GET /ws/v1/wallboard", "GET /api/v1/openapi.json", "POST /api/v1/session", // notes itself
		"GET /api/v1/session", "GET /api/v1/second-factor", "GET /api/v1/sessions", "GET /api/v1/lockouts", "GET /api/v1/wallboard", "GET /api/v1/reasons", "GET /api/v1/categories", "GET /api/v1/queues",
		"GET /api/v1/agents", "GET /api/v1/agents/{id}", "GET /api/v1/agents/{id}/desk", "GET /api/v1/emergency", "GET /api/v1/bans", "GET /api/v1/violations", "GET /api/v1/intervals",
		"GET /api/v1/calls/{id}/recording/marks", "GET /api/v1/calls/{id}/recording/peaks", "GET /api/v1/calls/{id}/speech", "GET /api/v1/recordings/gaps", "GET /api/v1/recordings/{id}/where", // nobody's words, and no number
		"GET /api/v1/qa/forms", "GET /api/v1/qa/calibrations", "GET /api/v1/qa/agreement", "GET /api/v1/qa/plans", "POST /api/v1/qa/preview",
		"PUT /api/v1/qa/evaluations/{id}"} // every few seconds, and nobody else sees a draft
	for _, rt := range routes() {
		look, deed := looks[rt.pattern], deeds[rt.pattern]
		n := 0
		for _, in := range []bool{look != "", deed != "", slices.Contains(free, rt.pattern)} {
			if in {
				n++
			}
		}
		if n != 1 || look != "" && !strings.HasPrefix(rt.pattern, "GET ") || deed != "" && strings.HasPrefix(rt.pattern, "GET ") {
			t.Errorf("%s: is it a look, a deed, or neither?", rt.pattern)
		}
	}
}
