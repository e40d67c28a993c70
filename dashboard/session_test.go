package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSession(t *testing.T) {
	c := newCentre(t)
	b := &browser{t: t, c: c, site: "same-origin"}
	b.want(401, "GET /api/v1/session")
	if w := b.signIn("agent", "wrong password"); w.Code != 401 || b.cookie != nil || w.Header().Get("WWW-Authenticate") != "" {
		t.Errorf("wrong password: %d %v", w.Code, w.Header())
	}
	if w := b.signIn("agent", testPassword); w.Code != 200 {
		t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	if k := b.cookie; !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Secure || len(k.Value) < 20 {
		t.Errorf("cookie: %+v", k)
	}
	b.want(200, "GET /api/v1/session")
	b.want(200, "POST /api/v1/agents/1001/state")
	b.want(403, "POST /api/v1/agents/1002/state")
	old := *b.cookie
	b.want(204, "DELETE /api/v1/session")
	if b.cookie != nil {
		t.Error("the cookie was left behind")
	}
	b.cookie = &old
	b.want(401, "GET /api/v1/session")
}

func TestSessionCookieIsSecureBehindTLS(t *testing.T) {
	c := newCentre(t, func(o *Options) { o.SecureCookies = true })
	b := &browser{t: t, c: c, site: "same-origin"}
	if b.signIn("agent", testPassword); b.cookie == nil || !b.cookie.Secure {
		t.Errorf("cookie: %+v", b.cookie)
	}
}

// A proxy in front that ends TLS need not be configured here.
func TestSessionCookieIsSecureBehindAProxy(t *testing.T) {
	c := newCentre(t)
	r := httptest.NewRequest("POST", "/api/v1/session", strings.NewReader(`{"name":"agent","password":"`+testPassword+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-Proto", "https")
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	if k := w.Result().Cookies(); len(k) != 1 || !k[0].Secure || !k[0].HttpOnly || k[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("cookies: %v", k)
	}
}

func TestSessionSecondSignInEndsTheFirst(t *testing.T) {
	c := newCentre(t)
	b := &browser{t: t, c: c, site: "same-origin"}
	b.signIn("agent", testPassword)
	old := *b.cookie
	b.signIn("supervisor", testPassword)
	b.want(200, "GET /api/v1/config")
	b.cookie = &old
	b.want(401, "GET /api/v1/session")
}

func TestSessionLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newUsers()
		u := users.list["agent"]
		store := &sessionMemory{byID: map[[32]byte]Session{}}
		s := newSessions(store, users)
		start := func() string {
			token, _, err := s.start(t.Context(), time.Now(), u, "", "")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		alive := func(token string) bool { _, _, ok, _ := s.use(t.Context(), time.Now(), token); return ok }
		idle, busy := start(), start()
		for range 23 {
			time.Sleep(time.Hour)
			if !alive(busy) {
				t.Fatal("a session in use ended early")
			}
		}
		if alive(idle) {
			t.Error("a session unused for 23 h is alive")
		}
		time.Sleep(time.Hour)
		if alive(busy) {
			t.Error("a session is alive after 24 h")
		}
		first := start()
		for range sessionsPerUser {
			time.Sleep(time.Second)
			start()
		}
		if alive(first) || len(s.byID) != sessionsPerUser || len(store.byID) != sessionsPerUser {
			t.Errorf("%d and %d sessions of one user are kept", len(s.byID), len(store.byID))
		}
		if alive("") || alive("x") {
			t.Error("a session nobody began")
		}
	})
}

// A changed account counts within a minute; an unreachable store signs nobody out.
func TestSessionFollowsTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		b := c.signedIn(t, "agent")
		c.users.put(User{Name: "agent", Role: Supervisor, Hash: testHash()})
		time.Sleep(sessionRecheck)
		b.want(200, "GET /api/v1/config")
		c.users.put(User{Name: "agent", Role: Supervisor, Hash: "$another"})
		time.Sleep(sessionRecheck)
		b.want(401, "GET /api/v1/config")
		c.users.put(User{Name: "agent", Role: Supervisor, Hash: testHash()})
		b.want(401, "GET /api/v1/config") // over is over
	})
}

// signedIn is a browser of a user, without the cost of a password.
func (c *centre) signedIn(t *testing.T, name string) *browser {
	t.Helper()
	token, _, err := c.auth.sessions.start(t.Context(), time.Now(), c.users.list[name], "", "")
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, c: c, site: "same-origin", cookie: &http.Cookie{Name: cookieName, Value: token}}
}

// unsteady is a store that is away at times.
type unsteady struct {
	sessionMemory
	away atomic.Bool
}

func (u *unsteady) Session(ctx context.Context, id [32]byte) (Session, bool, error) {
	if u.away.Load() {
		return Session{}, false, errors.New("the database is away")
	}
	return u.sessionMemory.Session(ctx, id)
}

// Who is signed in stays so through a restart, on every node, and while the
// ledger is away.
func TestSessionOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &unsteady{sessionMemory: sessionMemory{byID: map[[32]byte]Session{}}}
		node := func() *centre { return newCentre(t, func(o *Options) { o.Sessions = store }) }
		b := node().signedIn(t, "agent")
		time.Sleep(7 * time.Hour)
		b.c = node()
		b.want(200, "GET /api/v1/session")
		time.Sleep(7 * time.Hour) // idle since the restart, not since the sign-in
		b.want(200, "GET /api/v1/session")

		store.away.Store(true)
		time.Sleep(2 * sessionRecheck)
		b.want(200, "GET /api/v1/session")
		here := b.c
		b.c = node() // has never seen it, and cannot ask
		b.want(503, "GET /api/v1/session")
		store.away.Store(false)
		b.want(200, "GET /api/v1/session")

		b.want(204, "DELETE /api/v1/session")
		gone := &browser{t: t, c: here, site: "same-origin", cookie: &http.Cookie{Name: cookieName, Value: "x"}}
		gone.want(401, "GET /api/v1/session")
	})
}

func TestSignOutEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &sessionMemory{byID: map[[32]byte]Session{}}
		one := newCentre(t, func(o *Options) { o.Sessions = store })
		two := newCentre(t, func(o *Options) { o.Sessions = store })
		a, b, other := one.signedIn(t, "agent"), two.signedIn(t, "agent"), one.signedIn(t, "supervisor")
		var list struct {
			Sessions []struct {
				This bool `json:"this"`
			} `json:"sessions"`
		}
		if w := a.do("GET /api/v1/sessions", ""); json.Unmarshal(w.Body.Bytes(), &list) != nil || len(list.Sessions) != 2 || list.Sessions[0].This == list.Sessions[1].This {
			t.Errorf("two are signed in, one of them this one: %s", w.Body)
		}
		a.want(204, "DELETE /api/v1/sessions")
		time.Sleep(sessionRecheck)
		b.want(401, "GET /api/v1/session")
		other.want(200, "GET /api/v1/session")
	})
}
