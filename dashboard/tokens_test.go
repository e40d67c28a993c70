package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memoryTokens is a store in memory.
type memoryTokens struct {
	mu   sync.Mutex
	list []Token
	away bool
}

func (m *memoryTokens) AddToken(_ context.Context, t Token) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.list, func(o Token) bool { return o.Name == t.Name }) {
		return false, nil
	}
	m.list = append(m.list, t)
	return true, nil
}

func (m *memoryTokens) UseToken(_ context.Context, id [32]byte, now time.Time) (Token, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return Token{}, false, errors.New("the database is away")
	}
	for i := range m.list {
		if m.list[i].ID == id {
			m.list[i].UsedAt = now
			return m.list[i], true, nil
		}
	}
	return Token{}, false, nil
}

func (m *memoryTokens) Tokens(context.Context) ([]Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list), nil
}

func (m *memoryTokens) RevokeToken(_ context.Context, name string, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.list {
		if m.list[i].Name == name && m.list[i].RevokedAt.IsZero() {
			m.list[i].RevokedAt = now
			return true, nil
		}
	}
	return false, nil
}

// tokened is a centre with one token of the given scopes.
func tokened(t *testing.T, body string) (c *centre, admin *browser, secret string) {
	t.Helper()
	c = newCentre(t, func(o *Options) { o.Tokens = &memoryTokens{} })
	c.conversation("c1", "1001")
	admin = c.signedIn(t, "administrator")
	secret, _ = admin.body("POST /api/v1/tokens", body)["token"].(string)
	if !strings.HasPrefix(secret, tokenSecret) || len(secret) < 25 {
		t.Fatalf("secret %q", secret)
	}
	return c, admin, secret
}

// with asks with a token from another machine.
func (c *centre) with(secret, target string) *httptest.ResponseRecorder {
	r := request(target, who{})
	r.Header.Set("Authorization", "Bearer "+secret)
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	return w
}

// TestEveryRouteWithEveryScope is written independently of Scope's table.
func TestEveryRouteWithEveryScope(t *testing.T) {
	wall := []string{"GET /ws/v1/wallboard", "GET /api/v1/wallboard", "GET /api/v1/reasons"}
	always := []string{"GET /healthz", "GET /readyz", "GET /api/v1/openapi.json", "POST /api/v1/session", "GET /api/v1/session", "DELETE /api/v1/session"}
	never := []string{"/sessions", "/password", "/second-factor", "/users", "/tokens", "/audit", "/lockouts"}
	for _, scope := range Scopes() {
		c, _, secret := tokened(t, `{"name":"x","scopes":["`+string(scope)+`"]}`)
		for _, rt := range routes() {
			want := slices.Contains(always, rt.pattern)
			switch {
			case want, slices.ContainsFunc(never, func(s string) bool { return strings.Contains(rt.pattern, s) }):
			case rt.pattern == "DELETE /api/v1/calls/{id}/recording": // erasing is a person's deed
			case slices.Contains(wall, rt.pattern):
				want = scope == ScopeWallboard || scope == ScopeRead
			case strings.Contains(rt.pattern, "/calls/{id}/recording"):
				want = scope == ScopeRecordings
			case strings.HasPrefix(rt.pattern, "GET "):
				want = scope == ScopeRead
			default:
				want = scope == ScopeWrite
			}
			w := c.with(secret, rt.pattern)
			if refused := w.Code == 401 || w.Code == 403; refused == want {
				t.Errorf("%s with %s: %d", rt.pattern, scope, w.Code)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	c, admin, secret := tokened(t, `{"name":"crm","scopes":["read"],"days":30}`)
	number := "13800000001"
	if body := c.with(secret, "GET /api/v1/calls").Body.String(); strings.Contains(body, number) || !strings.Contains(body, "****") {
		t.Errorf("numbers are not masked: %s", body)
	}
	full, _ := admin.body("POST /api/v1/tokens", `{"name":"crm-full","scopes":["read","numbers"]}`)["token"].(string)
	if body := c.with(full, "GET /api/v1/calls").Body.String(); strings.Contains(body, "****") {
		t.Errorf("numbers are masked: %s", body)
	}
	for body, code := range map[string]string{
		`{"name":"crm","scopes":["read"]}`:                   "token_exists",
		`{"name":"a b","scopes":["read"]}`:                   "bad_body",
		`{"name":"y","scopes":[]}`:                           "bad_body",
		`{"name":"y","scopes":["read","read"]}`:              "bad_body",
		`{"name":"y","scopes":["everything"]}`:               "bad_body",
		`{"name":"y","scopes":["read"],"days":3651}`:         "bad_body",
		`{"name":"y","scopes":["read"],"token":"of my own"}`: "bad_body",
	} {
		admin.refused(code, "POST /api/v1/tokens", body)
	}
	if list := admin.do("GET /api/v1/tokens", "").Body.String(); !strings.Contains(list, `"name":"crm"`) || strings.Contains(list, tokenSecret) {
		t.Errorf("listed: %s", list)
	}
	admin.body("DELETE /api/v1/tokens/crm", "")
	admin.refused("unknown_token", "DELETE /api/v1/tokens/crm", "")
	if w := c.with(secret, "GET /api/v1/calls"); w.Code != 401 || !strings.Contains(w.Body.String(), "wrong_token") {
		t.Errorf("revoked: %d %s", w.Code, w.Body)
	}
}

// A screen signs in once and stays in for months, until its token is revoked
// or expires; other nodes follow within a minute.
func TestScreenWithAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, kept := &memoryTokens{}, &sessionMemory{byID: map[[32]byte]Session{}}
		node := func() *centre {
			return newCentre(t, func(o *Options) { o.Tokens, o.Sessions = store, kept })
		}
		here, there := node(), node()
		admin := here.signedIn(t, "administrator")
		secret, _ := admin.body("POST /api/v1/tokens", `{"name":"wall-1","scopes":["wallboard"],"days":400}`)["token"].(string)
		screen := &browser{t: t, c: there, site: "same-origin", addr: "192.0.2.9:4000"}
		if w := screen.do("POST /api/v1/session", `{"token":"`+secret+`"}`); w.Code != 200 || screen.cookie == nil || !screen.cookie.Expires.After(time.Now().AddDate(1, 0, 0)) {
			t.Fatalf("sign in: %d %s", w.Code, w.Body)
		}
		screen.want(200, "GET /api/v1/wallboard")
		screen.want(403, "GET /api/v1/calls")
		for range 12 {
			time.Sleep(29 * 24 * time.Hour)
			screen.want(200, "GET /api/v1/wallboard")
		}
		time.Sleep(29 * 24 * time.Hour)
		screen.want(200, "GET /api/v1/wallboard")
		time.Sleep(29 * 24 * time.Hour) // 406 days
		screen.want(401, "GET /api/v1/wallboard")

		secret, _ = here.signedIn(t, "administrator").body("POST /api/v1/tokens", `{"name":"wall-2","scopes":["wallboard"]}`)["token"].(string)
		screen.do("POST /api/v1/session", `{"token":"`+secret+`"}`)
		screen.want(200, "GET /api/v1/wallboard")
		here.signedIn(t, "administrator").body("DELETE /api/v1/tokens/wall-2", "")
		time.Sleep(sessionRecheck)
		screen.want(401, "GET /api/v1/wallboard")
	})
}

// Guessing is slow, and a store that is away is not a wrong token.
func TestTokenGuesses(t *testing.T) {
	c, _, secret := tokened(t, `{"name":"crm","scopes":["read"]}`)
	c.opts.Tokens.(*memoryTokens).away = true
	if w := c.with(secret, "GET /api/v1/calls"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("away: %d", w.Code)
	}
	c.opts.Tokens.(*memoryTokens).away = false
	if w := c.with(secret, "GET /api/v1/calls"); w.Code != 200 {
		t.Errorf("back: %d", w.Code)
	}
	last := 0
	for range freePerAddress + 1 {
		last = c.with("trt_guess", "GET /api/v1/calls").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after %d guesses: %d", freePerAddress+1, last)
	}
}
