package dashboard

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// who is a visitor: a role, or nobody, from this machine or elsewhere.
type who struct {
	role  Role
	local bool
}

// may is written independently of the table in routes.go: what each visitor
// gets where. Anything not named here is refused.
var may = map[string]string{ // route → visitors
	"GET /healthz":                              "all",
	"GET /readyz":                               "all",
	"GET /metrics":                              "local supervisor",
	"GET /ws/v1/wallboard":                      "all", // says so in the socket, see watch_test.go
	"GET /api/v1/openapi.json":                  "all",
	"POST /api/v1/session":                      "all",
	"GET /api/v1/session":                       "supervisor agent qa administrator",
	"DELETE /api/v1/session":                    "all",
	"GET /api/v1/sessions":                      "supervisor agent qa administrator",
	"DELETE /api/v1/sessions":                   "supervisor agent qa administrator",
	"POST /api/v1/password":                     "supervisor agent qa administrator",
	"GET /api/v1/second-factor":                 "supervisor agent qa administrator",
	"POST /api/v1/second-factor":                "supervisor agent qa administrator",
	"POST /api/v1/second-factor/confirm":        "supervisor agent qa administrator",
	"POST /api/v1/second-factor/recovery":       "supervisor agent qa administrator",
	"POST /api/v1/second-factor/end":            "supervisor agent qa administrator",
	"DELETE /api/v1/users/{name}/second-factor": "administrator",
	"GET /api/v1/lockouts":                      "administrator",
	"DELETE /api/v1/lockouts":                   "administrator",
	"GET /api/v1/tokens":                        "administrator",
	"POST /api/v1/tokens":                       "administrator",
	"DELETE /api/v1/tokens/{name}":              "administrator",
	"GET /api/v1/audit":                         "administrator",
	"GET /api/v1/users":                         "administrator",
	"POST /api/v1/users":                        "administrator",
	"PATCH /api/v1/users/{name}":                "administrator",
	"POST /api/v1/users/{name}/password":        "administrator",
	"DELETE /api/v1/users/{name}/sessions":      "administrator",
	"GET /api/v1/wallboard":                     "local supervisor agent qa administrator",
	"GET /api/v1/reasons":                       "local supervisor agent qa administrator",
	"GET /api/v1/categories":                    "supervisor agent qa administrator",
	"POST /api/v1/queues/{id}/state":            "supervisor",
	"POST /api/v1/agents/{id}/wrap-up":          "supervisor agent",
	"POST /api/v1/calls/{id}/registration":      "supervisor agent",
	"POST /api/v1/alerts/{id}/ack":              "supervisor",
	"GET /api/v1/cases":                         "supervisor",
	"GET /api/v1/limits":                        "supervisor administrator",
	"GET /api/v1/bans":                          "supervisor administrator",
	"POST /api/v1/bans":                         "supervisor administrator",
	"DELETE /api/v1/bans/{number}":              "supervisor administrator",
	"POST /api/v1/cases/{id}/close":             "supervisor agent",
	"GET /api/v1/emergency":                     "supervisor agent",
	"POST /api/v1/emergency":                    "supervisor",
	"DELETE /api/v1/emergency":                  "supervisor",
	"GET /api/v1/queues":                        "supervisor agent qa",
	"GET /api/v1/agents":                        "supervisor agent qa",
	"GET /api/v1/agents/{id}":                   "supervisor agent",
	"GET /api/v1/agents/{id}/desk":              "supervisor agent",
	"POST /api/v1/agents/{id}/state":            "supervisor agent",
	"POST /api/v1/agents/{id}/conversation":     "supervisor agent",
	"POST /api/v1/agents/{id}/calls":            "supervisor agent",
	"POST /api/v1/calls/{id}/callback":          "supervisor agent",
	"GET /api/v1/calls":                         "supervisor agent qa",
	"GET /api/v1/calls/{id}":                    "supervisor agent qa",
	"GET /api/v1/calls/{id}/recording":          "supervisor agent qa",
	"GET /api/v1/calls/{id}/recording/marks":    "supervisor agent qa",
	"GET /api/v1/calls/{id}/recording/peaks":    "supervisor agent qa",
	"GET /api/v1/calls/{id}/speech":             "supervisor qa",
	"GET /api/v1/recordings/{id}/where":         "supervisor qa administrator",
	"POST /api/v1/recordings/{id}/hold":         "supervisor administrator",
	"DELETE /api/v1/recordings/{id}/hold":       "supervisor administrator",
	"DELETE /api/v1/calls/{id}/recording":       "administrator",
	"GET /api/v1/recordings/gaps":               "supervisor qa",
	"GET /api/v1/violations":                    "supervisor agent",
	"GET /api/v1/intervals":                     "supervisor agent",
	"GET /api/v1/qa/forms":                      "supervisor agent qa",
	"POST /api/v1/qa/forms":                     "supervisor qa",
	"POST /api/v1/qa/forms/{id}/publish":        "supervisor qa",
	"GET /api/v1/qa/evaluations":                "supervisor agent qa",
	"POST /api/v1/qa/evaluations":               "supervisor qa",
	"GET /api/v1/qa/evaluations/{id}":           "supervisor agent qa",
	"PUT /api/v1/qa/evaluations/{id}":           "supervisor qa",
	"POST /api/v1/qa/evaluations/{id}/submit":   "supervisor qa",
	"POST /api/v1/qa/evaluations/{id}/revise":   "supervisor qa",
	"POST /api/v1/qa/evaluations/{id}/read":     "supervisor agent",
	"POST /api/v1/qa/evaluations/{id}/sign":     "supervisor agent",
	"POST /api/v1/qa/evaluations/{id}/appeal":   "supervisor agent",
	"POST /api/v1/qa/evaluations/{id}/second":   "supervisor qa",
	"POST /api/v1/qa/evaluations/{id}/decide":   "supervisor",
	"GET /api/v1/qa/coaching":                   "supervisor agent qa",
	"POST /api/v1/qa/coaching":                  "supervisor qa",
	"POST /api/v1/qa/coaching/{id}/notes":       "supervisor qa",
	"GET /api/v1/qa/calibrations":               "supervisor qa",
	"POST /api/v1/qa/calibrations":              "supervisor qa",
	"POST /api/v1/qa/calibrations/{id}/answers": "supervisor qa",
	"POST /api/v1/qa/calibrations/{id}/close":   "supervisor qa",
	"GET /api/v1/qa/agreement":                  "supervisor qa",
	"GET /api/v1/qa/plans":                      "supervisor qa",
	"POST /api/v1/qa/plans":                     "supervisor qa",
	"POST /api/v1/qa/preview":                   "supervisor qa",
	"PUT /api/v1/qa/plans/{id}":                 "supervisor qa",
	"GET /api/v1/qa/draws/{id}":                 "supervisor qa",
	"GET /api/v1/qa/draws/{id}/file":            "supervisor qa",
	"POST /api/v1/qa/draws/{id}/draw":           "supervisor qa",
	"GET /api/v1/qa/tasks":                      "supervisor qa",
	"POST /api/v1/qa/tasks/{id}/scorer":         "supervisor qa",
	"POST /api/v1/qa/tasks/{id}/drop":           "supervisor qa",
	"GET /api/v1/qa/scores":                     "supervisor agent qa",
	"GET /api/v1/qa/scores/export":              "supervisor qa",
	"GET /api/v1/config":                        "supervisor administrator",

	"GET /api/v1/recordings":                       "supervisor qa",
	"GET /api/v1/calls/{id}/comments":              "supervisor qa",
	"POST /api/v1/calls/{id}/comments":             "supervisor qa",
	"DELETE /api/v1/calls/{id}/comments/{comment}": "supervisor qa",
}

func TestEveryRouteWithEveryRole(t *testing.T) {
	c := newCentre(t)
	c.conversation("c1", "1001")
	var visitors []who
	for _, role := range append(Roles(), "") {
		visitors = append(visitors, who{role, false}, who{role, true})
	}
	for _, rt := range routes() {
		allowed, ok := may[rt.pattern]
		if !ok {
			t.Errorf("%s: say in this test who may use it", rt.pattern)
			continue
		}
		for _, v := range visitors {
			r := request(rt.pattern, v)
			w := httptest.NewRecorder()
			c.Handler().ServeHTTP(w, r)
			want := allowed == "all" || (v.local && strings.HasPrefix(allowed, "local ")) ||
				(v.role != "" && strings.Contains(" "+allowed+" ", " "+string(v.role)+" "))
			refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden
			if want == refused {
				t.Errorf("%s as %+v: status %d", rt.pattern, v, w.Code)
			}
			if expect := http.StatusUnauthorized; !want && v.role == "" && w.Code != expect {
				t.Errorf("%s as nobody: status %d, want %d", rt.pattern, w.Code, expect)
			}
		}
	}
}

func request(pattern string, v who) *http.Request {
	method, path, _ := strings.Cut(pattern, " ")
	id := "c1"
	if strings.Contains(path, "/agents/") {
		id = "1001"
	}
	body := ""
	if strings.HasSuffix(path, "/state") {
		body = `{"state":"ready"}`
	}
	if path == "/api/v1/session" && method == "POST" {
		body = `{"name":"agent","password":"` + testPassword + `"}`
	}
	r := httptest.NewRequest(method, strings.Replace(path, "{id}", id, 1), strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = "127.0.0.1:40000"
	if !v.local {
		r.RemoteAddr = "192.0.2.1:40000"
	}
	if path == "/api/v1/intervals" {
		r.URL.RawQuery = "agent=1001"
	}
	if v.role != "" {
		basic(r, string(v.role))
	}
	return r
}

// The loopback door must not open for what only looks local.
func TestLocal(t *testing.T) {
	for name, c := range map[string]struct {
		peer, host string
		header     string
		want       bool
	}{
		"loopback":             {"127.0.0.1:1", "127.0.0.1:8080", "", true},
		"any of 127/8":         {"127.3.2.1:1", "127.0.0.1", "", true},
		"IPv6":                 {"[::1]:1", "[::1]:8080", "", true},
		"mapped":               {"[::ffff:127.0.0.1]:1", "localhost:8080", "", true},
		"elsewhere":            {"192.0.2.1:1", "127.0.0.1:8080", "", false},
		"claims to be local":   {"192.0.2.1:1", "127.0.0.1:8080", "X-Forwarded-For", false},
		"through a proxy here": {"127.0.0.1:1", "127.0.0.1:8080", "X-Forwarded-For", false},
		"forwarded":            {"127.0.0.1:1", "127.0.0.1:8080", "Forwarded", false},
		"rebound name":         {"127.0.0.1:1", "evil.example:8080", "", false},
		"no peer":              {"", "127.0.0.1", "", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		if c.header != "" {
			r.Header.Set(c.header, "127.0.0.1")
		}
		if got := local(r); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestMethodsAndUnknownAddresses(t *testing.T) {
	c := newCentre(t)
	for target, want := range map[string]int{
		"PUT /api/v1/queues":              http.StatusMethodNotAllowed,
		"DELETE /api/v1/agents/1/state":   http.StatusMethodNotAllowed,
		"GET /api/v1/nothing":             http.StatusNotFound,
		"GET /api/":                       http.StatusNotFound,
		"GET /ws/v2":                      http.StatusNotFound,
		"POST /":                          http.StatusMethodNotAllowed,
		"GET /api/v1/calls/%00/recording": http.StatusNotFound,
		"GET /api/v1/calls/%ff":           http.StatusNotFound,
	} {
		w := c.do(target, "supervisor", "")
		if w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", target, w.Code, w.Header().Get("Content-Type"))
		}
		if want == http.StatusMethodNotAllowed && w.Header().Get("Allow") == "" {
			t.Errorf("%s: no Allow", target)
		}
	}
}
