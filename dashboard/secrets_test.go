package dashboard

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// allLog is everything that is ever logged, also what nobody wants to read.
type allLog struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *allLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

// TestNoSecretIsLogged plays a day of signing in, well and badly, and looks for
// what was secret in the log, in the audit log, and in every later answer.
func TestNoSecretIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said, audit, users := &allLog{}, &memoryAudit{}, newUsers()
		c := newCentre(t, func(o *Options) {
			o.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.Audit, o.Users, o.Tokens = audit, users, &memoryTokens{}
			o.Factors = &memoryFactors{users: users, list: map[string]Factor{}}
		})
		c.users = users
		secrets := map[string]string{"password": testPassword, "hash": testHash(), "wrong": "very nearly right", "new": "battery staple"}
		admin := c.signedIn(t, "administrator")
		secrets["session"] = admin.cookie.Value

		made := admin.body("POST /api/v1/users", `{"name":"li","role":"qa"}`)
		secrets["first password"], _ = made["password"].(string)
		li := &browser{t: t, c: c, site: "same-origin"}
		li.signIn("li", secrets["first password"])
		li.signIn("li", secrets["wrong"])
		li.signIn(secrets["wrong"], "") // typed into the wrong field, and nothing in the other
		li.body("POST /api/v1/password", fmt.Sprintf(`{"current":%q,"new":%q}`, secrets["first password"], secrets["new"]))
		secrets["second session"] = li.cookie.Value

		begun := li.body("POST /api/v1/second-factor", fmt.Sprintf(`{"password":%q}`, secrets["new"]))
		secrets["app"], _ = begun["secret"].(string)
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secrets["app"])
		if err != nil {
			t.Fatal(err)
		}
		secrets["app, raw"] = string(raw)
		code := func() string { return totpAt(raw, stepOf(time.Now())) }
		secrets["code"] = code()
		done := li.body("POST /api/v1/second-factor/confirm", `{"code":"`+secrets["code"]+`"}`)
		for i, paper := range done["recovery_codes"].([]any) {
			secrets[fmt.Sprint("recovery ", i)] = paper.(string)
		}
		li.signInCode("li", secrets["new"], secrets["code"])
		li.signInCode("li", secrets["new"], secrets["recovery 0"])

		token := admin.body("POST /api/v1/tokens", `{"name":"wall","scopes":["read"]}`)
		secrets["token"], _ = token["token"].(string)
		for _, header := range []string{"Bearer " + secrets["token"], "Bearer trt_" + secrets["wrong"], "Basic broken"} {
			r := httptest.NewRequest("GET", "/api/v1/calls", nil)
			r.Header.Set("Authorization", header)
			c.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}
		r := httptest.NewRequest("GET", "/api/v1/agents", nil)
		basic(r, "supervisor")
		c.Handler().ServeHTTP(httptest.NewRecorder(), r)
		c.ledger.down = true // trouble is told at length
		admin.do("GET /api/v1/calls", "")
		li.do("POST /api/v1/session", `{"name":"li","password":"`+secrets["new"]+`",`)
		synctest.Wait()

		said.mu.Lock()
		text := said.String()
		said.mu.Unlock()
		if !strings.Contains(text, "signed in") {
			t.Error("nothing was logged: the test looks at the wrong log")
		}
		for _, n := range audit.lines {
			text += fmt.Sprintf("%+v\n", n)
		}
		for _, list := range []string{"GET /api/v1/users", "GET /api/v1/tokens", "GET /api/v1/audit", "GET /api/v1/lockouts", "GET /api/v1/sessions"} {
			text += admin.do(list, "").Body.String()
		}
		for name, secret := range secrets {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%s (%q) is told", name, secret)
			}
		}
	})
}
