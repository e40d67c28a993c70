package dashboard

import (
	"context"
	"encoding/base32"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memoryFactors keeps them, and tells the users of it.
type memoryFactors struct {
	mu    sync.Mutex
	users *memoryUsers
	list  map[string]Factor
}

func (m *memoryFactors) Factor(_ context.Context, user string) (Factor, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.list[user]
	return f, ok, nil
}

func (m *memoryFactors) SaveFactor(_ context.Context, f Factor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f.Step = max(f.Step, m.list[f.User].Step)
	m.list[f.User] = f
	m.tell(f.User, !f.ConfirmedAt.IsZero())
	return nil
}

func (m *memoryFactors) tell(user string, on bool) {
	u := m.users.list[user]
	u.SecondFactor = on
	m.users.put(u)
}

func (m *memoryFactors) UseStep(_ context.Context, user string, step int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.list[user]
	if step <= f.Step {
		return false, nil
	}
	f.Step = step
	m.list[user] = f
	return true, nil
}

func (m *memoryFactors) UseRecovery(_ context.Context, user string, hash [32]byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.list[user]
	i := slices.Index(f.Recovery, hash)
	if i < 0 {
		return false, nil
	}
	f.Recovery = slices.Delete(slices.Clone(f.Recovery), i, i+1)
	m.list[user] = f
	return true, nil
}

func (m *memoryFactors) RemoveFactor(_ context.Context, user string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.list, user)
	m.tell(user, false)
	return nil
}

// factored is a centre whose administrators must have a second factor.
func factored(t *testing.T) (*centre, *memoryFactors, *memoryAudit) {
	users, log := newUsers(), &memoryAudit{}
	kept := &memoryFactors{users: users, list: map[string]Factor{}}
	c := newCentre(t, func(o *Options) {
		o.Users, o.Factors, o.Audit = users, kept, log
		o.Centre = func() Centre { return Centre{Name: "示例客服中心", SecondFactor: []Role{Administrator}} }
	})
	c.users = users
	return c, kept, log
}

// enrol sets a second factor up, and returns what the phone then shows, and
// the codes on paper.
func (b *browser) enrol(password string) (app func() string, paper []string) {
	b.t.Helper()
	begun := b.body("POST /api/v1/second-factor", fmt.Sprintf(`{"password":%q}`, password))
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(begun["secret"].(string))
	if err != nil {
		b.t.Fatal(err)
	}
	app = func() string { return totpAt(secret, stepOf(time.Now())) }
	b.refused("wrong_code", "POST /api/v1/second-factor/confirm", `{"code":"`+totpAt(secret, stepOf(time.Now())+9)+`"}`)
	done := b.body("POST /api/v1/second-factor/confirm", `{"code":"`+app()+`"}`)
	for _, c := range done["recovery_codes"].([]any) {
		paper = append(paper, c.(string))
	}
	return app, paper
}

func (b *browser) signInCode(name, password, code string) *httptest.ResponseRecorder {
	return b.do("POST /api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q,"code":%q}`, name, password, code))
}

func (b *browser) signInRefused(want, name, password, code string) {
	b.t.Helper()
	if w := b.signInCode(name, password, code); !strings.Contains(w.Body.String(), `"code":"`+want+`"`) {
		b.t.Errorf("sign-in of %s with %q: %d %s, want %s", name, code, w.Code, w.Body, want)
	}
}

func TestSecondFactor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, log := factored(t)
		b, other := c.signedIn(t, "qa"), c.signedIn(t, "qa")
		b.refused("wrong_password", "POST /api/v1/second-factor", `{"password":"not this one"}`)
		b.refused("no_second_factor", "POST /api/v1/second-factor/confirm", `{"code":"123456"}`)
		b.body("POST /api/v1/second-factor", fmt.Sprintf(`{"password":%q}`, testPassword))
		if w := other.signIn("qa", testPassword); w.Code != 200 {
			t.Errorf("a second factor that was not confirmed is asked for: %d %s", w.Code, w.Body)
		}
		app, paper := b.enrol(testPassword)
		if len(paper) != recoveryCodes {
			t.Errorf("on paper: %v", paper)
		}
		b.want(200, "GET /api/v1/session") // this browser goes on
		other.want(401, "GET /api/v1/session")
		b.refused("second_factor_exists", "POST /api/v1/second-factor", fmt.Sprintf(`{"password":%q}`, testPassword))

		in := &browser{t: t, c: c, site: "same-origin"}
		in.signInRefused("wrong_password", "qa", "not this one", app())
		in.signInRefused("code_needed", "qa", testPassword, "")
		in.signInRefused("wrong_code", "qa", testPassword, app()) // the one that it was confirmed with
		time.Sleep(totpStep)
		code := app()
		if w := in.signInCode("qa", testPassword, " "+code+" "); w.Code != 200 || !strings.Contains(w.Body.String(), `"second_factor":true`) {
			t.Errorf("with a code: %d %s", w.Code, w.Body)
		}
		in.signInRefused("wrong_code", "qa", testPassword, code) // seen over a shoulder
		if w := in.signInCode("qa", testPassword, strings.ToUpper(paper[3])); w.Code != 200 {
			t.Errorf("with a code on paper: %d %s", w.Code, w.Body)
		}
		in.signInRefused("wrong_code", "qa", testPassword, paper[3])
		if s := in.body("GET /api/v1/second-factor", ""); s["enabled"] != true || s["recovery_codes_left"] != 9.0 || s["demanded"] != false {
			t.Errorf("as it is: %v", s)
		}

		time.Sleep(totpStep)
		fresh := in.body("POST /api/v1/second-factor/recovery", `{"code":"`+app()+`"}`)["recovery_codes"].([]any)
		in.signInRefused("wrong_code", "qa", testPassword, paper[4])
		end := func(code string) string { return fmt.Sprintf(`{"password":%q,"code":%q}`, testPassword, code) }
		in.refused("code_needed", "POST /api/v1/second-factor/end", end(""))
		in.body("POST /api/v1/second-factor/end", end(fresh[0].(string)))
		in.refused("no_second_factor", "POST /api/v1/second-factor/end", end("123456"))
		if w := b.signIn("qa", testPassword); w.Code != 200 {
			t.Errorf("without one again: %d %s", w.Code, w.Body)
		}
		synctest.Wait()
		for _, n := range log.lines {
			if text := fmt.Sprint(n); strings.Contains(text, code) || strings.Contains(text, paper[3]) || strings.Contains(text, testPassword) {
				t.Errorf("a secret in the audit log: %s", text)
			}
		}
		if said := fmt.Sprint(log.said()); !strings.Contains(said, "qa session.begin qa  code_needed") && !strings.Contains(said, "session.begin   code_needed") {
			t.Errorf("the log: %s", said)
		}
	})
}

// A role that must have one sets it up before anything else; Basic cannot carry
// a code, and so opens nothing.
func TestSecondFactorDemanded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := factored(t)
		b := c.signedIn(t, "administrator")
		b.refused("second_factor_needed", "GET /api/v1/users", "")
		if s := fmt.Sprint(b.body("GET /api/v1/session", "")); !strings.Contains(s, "must_enrol:true") {
			t.Errorf("session: %s", s)
		}
		app, _ := b.enrol(testPassword)
		b.want(200, "GET /api/v1/users")

		r := httptest.NewRequest("GET", "/api/v1/users", nil)
		basic(r, "administrator")
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		if w.Code != 401 || !strings.Contains(w.Body.String(), "code_needed") {
			t.Errorf("Basic: %d %s", w.Code, w.Body)
		}
		time.Sleep(totpStep)
		b.body("POST /api/v1/second-factor/end", fmt.Sprintf(`{"password":%q,"code":%q}`, testPassword, app()))
		b.refused("second_factor_needed", "GET /api/v1/users", "")
	})
}

func TestSecondFactorReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, log := factored(t)
		qa, admin := c.signedIn(t, "qa"), c.signedIn(t, "administrator")
		admin.enrol(testPassword)
		qa.enrol(testPassword)
		if all := fmt.Sprint(admin.body("GET /api/v1/users", "")); !strings.Contains(all, "second_factor:true") {
			t.Errorf("users: %s", all)
		}
		admin.refused("unknown_user", "DELETE /api/v1/users/nobody/second-factor", "")
		admin.body("DELETE /api/v1/users/qa/second-factor", "")
		qa.want(401, "GET /api/v1/session")
		if w := qa.signIn("qa", testPassword); w.Code != 200 {
			t.Errorf("after a reset: %d %s", w.Code, w.Body)
		}
		synctest.Wait()
		if !slices.Contains(log.said(), "administrator user.factor_reset qa  done") {
			t.Errorf("the log: %v", log.said())
		}
	})
}

// Who has the password cannot try all codes.
func TestSecondFactorGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := factored(t)
		app, _ := c.signedIn(t, "qa").enrol(testPassword)
		thief := &browser{t: t, c: c, site: "same-origin"}
		tried, began := 0, time.Now()
		for time.Since(began) < 6*time.Hour {
			w := thief.signInCode("qa", testPassword, "000000")
			if w.Code == 429 {
				time.Sleep(5 * time.Minute)
				continue
			}
			tried++
		}
		// Three codes of a million are right at any time.
		if tried > 50 {
			t.Errorf("%d codes were tried in six hours", tried)
		}
		time.Sleep(longestPerCode + time.Second)
		if w := (&browser{t: t, c: c, site: "same-origin"}).signInCode("qa", testPassword, app()); w.Code != 200 {
			t.Errorf("the right one afterwards: %d %s", w.Code, w.Body)
		}
	})
}
