package dashboard

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		b, other := c.signedIn(t, "supervisor"), c.signedIn(t, "qa")
		b.addr, other.addr = "192.0.2.1:1", "192.0.2.1:2"
		refused := 0
		for range int(rateOfUser.burst) + 50 {
			w := b.do("GET /api/v1/reasons", "")
			if w.Code != 429 {
				continue
			}
			refused++
			if w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "too_many_requests") {
				t.Fatalf("%v %s", w.Header(), w.Body)
			}
		}
		if refused != 50 {
			t.Errorf("%d requests were refused, want 50", refused)
		}
		other.want(200, "GET /api/v1/reasons") // another user at the same address goes on
		time.Sleep(time.Second)
		b.want(200, "GET /api/v1/reasons")

		stranger := &browser{t: t, c: c, site: "same-origin", addr: "192.0.2.9:1"}
		for range int(rateOfAddress.burst) {
			stranger.do("GET /api/v1/openapi.json", "")
		}
		stranger.want(429, "GET /api/v1/session")
		stranger.want(200, "GET /healthz") // whoever watches over us is always answered
		b.want(200, "GET /api/v1/reasons")
	})
}

func TestRatesAreBounded(t *testing.T) {
	r, now := newRates(), time.Unix(1_800_000_000, 0)
	for i := range 3 * maxBuckets {
		r.take(now, fmt.Sprint(i), rateOfUser)
	}
	if len(r.seen) > maxBuckets {
		t.Errorf("%d buckets", len(r.seen))
	}
	r.take(now.Add(time.Hour), "x", rateOfUser)
	if len(r.seen) != 1 {
		t.Errorf("%d buckets an hour later", len(r.seen))
	}
}

// Passwords at the sign-in and at a change, codes and tokens are all slowed
// down; an administrator sees who must wait, and lets them go on.
func TestLockouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := newUsers()
		kept, log := &memoryFactors{users: users, list: map[string]Factor{}}, &memoryAudit{}
		c := newCentre(t, func(o *Options) { o.Users, o.Factors, o.Audit, o.Tokens = users, kept, log, &memoryTokens{} })
		c.users = users
		app, _ := c.signedIn(t, "qa").enrol(testPassword)
		admin := c.signedIn(t, "administrator")
		boss := c.signedIn(t, "supervisor")
		b := &browser{t: t, c: c, site: "same-origin"}
		for range freePerName {
			b.signIn("agent", "wrong password")
			b.signInCode("qa", testPassword, "000000")
			boss.do("POST /api/v1/password", `{"current":"wrong password","new":"something else"}`)
		}
		b.signInRefused("too_many_attempts", "agent", testPassword, "")
		b.signInRefused("too_many_attempts", "qa", testPassword, app())
		boss.refused("too_many_attempts", "POST /api/v1/password", `{"current":"`+testPassword+`","new":"something else"}`)
		for range freePerAddress + 1 {
			r := httptest.NewRequest("GET", "/api/v1/queues", nil)
			r.RemoteAddr = "198.51.100.9:1"
			r.Header.Set("Authorization", "Bearer trt_guessed")
			c.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}
		list := fmt.Sprint(admin.body("GET /api/v1/lockouts", ""))
		for _, want := range []string{"kind:address last_at:", "subject:198.51.100.9", "kind:code", "subject:qa", "kind:password", "subject:agent", "subject:supervisor"} {
			if !strings.Contains(list, want) {
				t.Errorf("the list lacks %s: %s", want, list)
			}
		}
		admin.body("DELETE /api/v1/lockouts?kind=password&subject=agent", "")
		admin.refused("unknown_lockout", "DELETE /api/v1/lockouts?kind=password&subject=agent", "")
		if w := b.signIn("agent", testPassword); w.Code != 200 {
			t.Errorf("let go, and refused: %d %s", w.Code, w.Body)
		}
		time.Sleep(totpStep)
		admin.body("DELETE /api/v1/lockouts?kind=code&subject=qa", "")
		if w := b.signInCode("qa", testPassword, app()); w.Code != 200 {
			t.Errorf("let go, and refused: %d %s", w.Code, w.Body)
		}
		synctest.Wait()
		if said := strings.Join(log.said(), "\n"); !strings.Contains(said, "administrator user.unlock agent password done") {
			t.Errorf("the log:\n%s", said)
		}
	})
}
