package dashboard

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// body is a request that must succeed, and what it answered.
func (b *browser) body(target, body string) map[string]any {
	b.t.Helper()
	w := b.do(target, body)
	out := map[string]any{}
	if w.Code/100 != 2 || w.Body.Len() > 0 && json.Unmarshal(w.Body.Bytes(), &out) != nil {
		b.t.Fatalf("%s %s: %d %s", target, body, w.Code, w.Body)
	}
	return out
}

func (b *browser) refused(code, target, body string) {
	b.t.Helper()
	if w := b.do(target, body); !strings.Contains(w.Body.String(), `"code":"`+code+`"`) {
		b.t.Errorf("%s %s: %d %s, want %s", target, body, w.Code, w.Body, code)
	}
}

// A new user's password is somebody else's choice: it opens the door to
// choosing another, and nothing else.
func TestFirstPassword(t *testing.T) {
	c := newCentre(t)
	admin := c.signedIn(t, "administrator")
	made := admin.body("POST /api/v1/users", `{"name":"li.na","role":"qa"}`)
	first, _ := made["password"].(string)
	if len(first) != 19 || made["must_change"] != true {
		t.Fatalf("made: %v", made)
	}
	if list := fmt.Sprint(admin.body("GET /api/v1/users", "")); !strings.Contains(list, "li.na") || strings.Contains(list, first) || strings.Contains(list, "argon2") {
		t.Errorf("listed: %s", list)
	}

	li := &browser{t: t, c: c, site: "same-origin"}
	if w := li.signIn("li.na", first); w.Code != 200 || !strings.Contains(w.Body.String(), `"must_change":true`) {
		t.Fatalf("first sign-in: %d %s", w.Code, w.Body)
	}
	li.refused("password_must_change", "GET /api/v1/calls", "")
	li.want(200, "GET /api/v1/session")
	change := func(current, next string) string { return fmt.Sprintf(`{"current":%q,"new":%q}`, current, next) }
	li.refused("wrong_password", "POST /api/v1/password", change("something else", "battery staple"))
	for _, weak := range []string{first, "li.na", "short", "LI.NA", "aaaaaaaaaaaa", strings.Repeat("x", MaxPassword+1)} {
		li.refused("weak_password", "POST /api/v1/password", change(first, weak))
	}
	elsewhere := &browser{t: t, c: c, site: "same-origin"}
	elsewhere.signIn("li.na", first)
	if s := fmt.Sprint(li.body("POST /api/v1/password", change(first, "battery staple"))); !strings.Contains(s, "must_change:false") {
		t.Errorf("changed: %s", s)
	}
	li.want(200, "GET /api/v1/calls")
	elsewhere.want(401, "GET /api/v1/session")
	if w := elsewhere.signIn("li.na", first); w.Code != 401 {
		t.Errorf("with the first password again: %d", w.Code)
	}

	admin.body("POST /api/v1/users/li.na/password", "")
	li.want(401, "GET /api/v1/session")
}

func TestAccounts(t *testing.T) {
	c := newCentre(t)
	admin := c.signedIn(t, "administrator")
	for body, code := range map[string]string{
		`{"name":"li na","role":"qa"}`:                           "bad_body",
		`{"name":"li","role":"king"}`:                            "bad_body",
		`{"name":"li","role":"agent"}`:                           "bad_body",
		`{"name":"li","role":"agent","agent":"9999"}`:            "unknown_agent",
		`{"name":"agent","role":"agent","agent":"1001"}`:         "user_exists",
		`{"name":"li","role":"qa","password":"chosen for them"}`: "bad_body",
	} {
		admin.refused(code, "POST /api/v1/users", body)
	}
	admin.refused("unknown_user", "PATCH /api/v1/users/nobody", `{}`)
	admin.refused("oneself", "PATCH /api/v1/users/administrator", `{"disabled":true}`)
	admin.refused("oneself", "PATCH /api/v1/users/administrator", `{"role":"qa"}`)
	admin.refused("bad_body", "PATCH /api/v1/users/agent", `{"agent":""}`)

	agent := c.signedIn(t, "agent")
	admin.body("PATCH /api/v1/users/agent", `{"disabled":true}`)
	agent.want(401, "GET /api/v1/session")
	if w := agent.signIn("agent", testPassword); w.Code != 401 {
		t.Errorf("a disabled user: %d", w.Code)
	}
	admin.body("PATCH /api/v1/users/agent", `{"disabled":false}`)
	if w := agent.signIn("agent", testPassword); w.Code != 200 {
		t.Errorf("enabled again: %d", w.Code)
	}
	admin.body("DELETE /api/v1/users/agent/sessions", "")
	agent.want(401, "GET /api/v1/session")
}
