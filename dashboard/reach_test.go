package dashboard

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/threerings/threerings/queue"
)

// teamed is a house of two teams, with a supervisor of the day team, who is
// limited to agent 1001. Call c1 was 1001's, c2 was 1002's.
func teamed(t *testing.T) *centre {
	c := newCentre(t, func(o *Options) {
		o.Proofs = memoryProofs{}
		o.Centre = func() Centre {
			return Centre{Name: "x", Teams: []Team{{ID: "day", Name: "白班", Agents: []queue.AgentID{"1001"}}, {ID: "night", Name: "夜班", Agents: []queue.AgentID{"1002"}}}}
		}
	})
	c.users.put(User{Name: "supervisor", Role: Supervisor, Teams: []string{"day"}})
	c.conversation("c1", "1001")
	c.conversation("c2", "1002")
	c.sounds["c1"], c.sounds["c2"] = testSound, testSound
	return c
}

// TestEveryRouteWithATeam: what is about an agent is open to the supervisor of
// the agent's team, and closed to others. Every route is judged here.
func TestEveryRouteWithATeam(t *testing.T) {
	// What is the house's, or everybody's to see.
	house := strings.Fields(`/healthz /readyz /metrics /ws/ /openapi.json /session /password /second-factor /users /tokens /lockouts /audit /wallboard /reasons /categories
		/queues /alerts/ /limits /bans /cases /emergency /config /qa/forms /qa/calibrations /qa/agreement /qa/plans /qa/preview`)
	// By whose affairs: of an agent in the path, of a call in the path, or as a list.
	mine := map[string]string{
		"GET /api/v1/agents":                     "list",    // states are on the wallboard
		"GET /api/v1/agents/{id}":                "anybody", // likewise
		"GET /api/v1/agents/{id}/desk":           "agent",
		"POST /api/v1/agents/{id}/state":         "agent",
		"POST /api/v1/agents/{id}/wrap-up":       "agent",
		"POST /api/v1/agents/{id}/conversation":  "agent",
		"POST /api/v1/agents/{id}/calls":         "agent",
		"GET /api/v1/calls":                      "list", // others' numbers masked
		"GET /api/v1/calls/{id}":                 "masked",
		"POST /api/v1/calls/{id}/registration":   "call",
		"POST /api/v1/calls/{id}/callback":       "anybody", // who waits is nobody's yet
		"GET /api/v1/calls/{id}/recording":       "call",
		"GET /api/v1/calls/{id}/recording/marks": "call",
		"GET /api/v1/calls/{id}/recording/peaks": "call",
		"GET /api/v1/calls/{id}/speech":          "call",
		"GET /api/v1/recordings/gaps":            "list", // of calls that their agents had
		"GET /api/v1/recordings/{id}/where":      "call",
		"POST /api/v1/recordings/{id}/hold":      "call",
		"DELETE /api/v1/recordings/{id}/hold":    "call",
		"DELETE /api/v1/calls/{id}/recording":    "call",
		"GET /api/v1/violations":                 "filter",
		"GET /api/v1/intervals":                  "filter",
		"GET /api/v1/qa/evaluations":             "filter",
		"GET /api/v1/qa/coaching":                "filter",

		// By what is stored, see quality_test.go.
		"POST /api/v1/qa/evaluations":             "stored",
		"GET /api/v1/qa/evaluations/{id}":         "stored",
		"PUT /api/v1/qa/evaluations/{id}":         "stored",
		"POST /api/v1/qa/evaluations/{id}/submit": "stored",
		"POST /api/v1/qa/evaluations/{id}/revise": "stored",
		"POST /api/v1/qa/evaluations/{id}/read":   "stored",
		"POST /api/v1/qa/evaluations/{id}/sign":   "stored",
		"POST /api/v1/qa/evaluations/{id}/appeal": "stored",
		"POST /api/v1/qa/evaluations/{id}/second": "stored",
		"POST /api/v1/qa/evaluations/{id}/decide": "stored",
		"POST /api/v1/qa/coaching":                "stored",
		"POST /api/v1/qa/coaching/{id}/notes":     "stored",
		"GET /api/v1/qa/scores":                   "stored",
		"GET /api/v1/qa/draws/{id}":               "stored",
		"GET /api/v1/qa/draws/{id}/file":          "stored",
		"POST /api/v1/qa/draws/{id}/draw":         "stored",
		"GET /api/v1/qa/tasks":                    "stored",
		"POST /api/v1/qa/tasks/{id}/scorer":       "stored",
		"POST /api/v1/qa/tasks/{id}/drop":         "stored",
		"GET /api/v1/qa/scores/export":            "stored",

		"GET /api/v1/calls/{id}/comments":              "call",
		"POST /api/v1/calls/{id}/comments":             "call",
		"DELETE /api/v1/calls/{id}/comments/{comment}": "call",
		"GET /api/v1/recordings":                       "list",
	}
	c := teamed(t)
	ask := func(pattern, id, query string) *httptest.ResponseRecorder {
		r := request(pattern, who{role: Supervisor})
		for _, old := range []string{"/1001", "/c1"} {
			r.URL.Path = strings.Replace(r.URL.Path, old, "/"+id, 1)
		}
		if query != "" {
			r.URL.RawQuery = query
		}
		if pattern == soundPattern {
			r.URL.RawQuery = "why=test"
		}
		if strings.HasSuffix(pattern, "/registration") {
			r.Body = httptest.NewRequest("POST", "/", strings.NewReader(`{"category":"x"}`)).Body
		}
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		return w
	}
	for _, rt := range routes() {
		kind, ok := mine[rt.pattern]
		for _, h := range house {
			if !ok && strings.Contains(rt.pattern, h) {
				kind, ok = "house", true
			}
		}
		if !ok {
			t.Errorf("%s: is it the house's, or about an agent?", rt.pattern)
			continue
		}
		if !rt.access.permits(Supervisor) {
			continue
		}
		own, other, query := "1001", "1002", ""
		switch kind {
		case "call":
			own, other = "c1", "c2"
		case "filter":
			query = "agent=1002"
		case "agent":
		default:
			continue
		}
		if w := ask(rt.pattern, own, ""); w.Code == 403 {
			t.Errorf("%s for one's own team: %d %s", rt.pattern, w.Code, w.Body)
		}
		if w := ask(rt.pattern, other, query); w.Code != 403 {
			t.Errorf("%s for another team: %d %s", rt.pattern, w.Code, w.Body)
		}
	}
}

func TestTeamSeesItsOwn(t *testing.T) {
	c := teamed(t)
	b := c.signedIn(t, "supervisor")
	for call, full := range map[string]bool{"c1": true, "c2": false} {
		file := fmt.Sprint(b.body("GET /api/v1/calls/"+call, ""))
		if got := strings.Contains(file, "138****"); got == full {
			t.Errorf("the number of %s is masked: %t", call, got)
		}
	}
	if list := fmt.Sprint(b.body("GET /api/v1/calls", "")); strings.Count(list, "138****") != 1 {
		t.Errorf("of two numbers one is masked: %s", list)
	}

	// Limits follow the account within a minute, and a team that is gone opens nothing.
	c.users.put(User{Name: "supervisor", Role: Supervisor, Teams: []string{"gone"}})
	none := c.signedIn(t, "supervisor")
	none.want(403, "POST /api/v1/agents/1001/state")
	none.want(200, "GET /api/v1/queues")
	c.users.put(User{Name: "supervisor", Role: Supervisor})
	c.signedIn(t, "supervisor").want(200, "POST /api/v1/agents/1002/state")
}

func TestTeamsOfAccounts(t *testing.T) {
	c := teamed(t)
	admin := c.signedIn(t, "administrator")
	for body, code := range map[string]string{
		`{"name":"li","role":"supervisor","teams":["gone"]}`:      "bad_body",
		`{"name":"li","role":"supervisor","teams":["day","day"]}`: "bad_body",
		`{"name":"li","role":"qa","teams":["day"]}`:               "bad_body",
	} {
		admin.refused(code, "POST /api/v1/users", body)
	}
	admin.body("POST /api/v1/users", `{"name":"li","role":"supervisor","teams":["night","day"]}`)
	if list := fmt.Sprint(admin.body("GET /api/v1/users", "")); !strings.Contains(list, "teams:[night day]") || !strings.Contains(list, "name:白班") {
		t.Errorf("users: %s", list)
	}
	admin.body("PATCH /api/v1/users/li", `{"teams":["day"]}`)
	if got := c.users.list["li"].Teams; fmt.Sprint(got) != "[day]" {
		t.Errorf("changed: %v", got)
	}
	admin.body("PATCH /api/v1/users/li", `{"role":"qa"}`)
	if got := c.users.list["li"].Teams; len(got) != 0 {
		t.Errorf("no supervisor any more, and limited to %v", got)
	}
}

// A team that has left the centre has nobody in it: whoever was limited to it
// must not be taken for one who is limited to nothing.
func TestATeamThatIsGoneOpensNothing(t *testing.T) {
	c := teamed(t)
	id := identity{user: User{Role: Supervisor}, reach: c.reachOf(User{Role: Supervisor, Teams: []string{"gone"}})}
	if agents, err := id.about(""); err != nil || agents == nil || len(agents) != 0 {
		t.Errorf("lists are about %#v, %v", agents, err)
	}
}
