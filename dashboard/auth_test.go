package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// browser keeps its cookie and says where its requests come from.
type browser struct {
	t      *testing.T
	c      *centre
	addr   string
	cookie *http.Cookie
	site   string // Sec-Fetch-Site
}

func (b *browser) do(target, body string) *httptest.ResponseRecorder {
	b.t.Helper()
	method, path, _ := strings.Cut(target, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Mode", "cors")
	if b.site != "" {
		r.Header.Set("Sec-Fetch-Site", b.site)
	}
	if b.addr != "" {
		r.RemoteAddr = b.addr
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.c.Handler().ServeHTTP(w, r)
	for _, k := range w.Result().Cookies() {
		b.cookie = k
		if k.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

func (b *browser) signIn(name, password string) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do("POST /api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, password))
}

func (b *browser) want(status int, target string) {
	b.t.Helper()
	if w := b.do(target, `{"state":"ready"}`); w.Code != status {
		b.t.Errorf("%s: %d, want %d: %s", target, w.Code, status, w.Body)
	}
}

// A foreign page can neither act with the cookie nor sign anybody in.
func TestCrossOrigin(t *testing.T) {
	c := newCentre(t, func(o *Options) { o.Origins = []string{"https://desk.example.com"} })
	b := &browser{t: t, c: c, site: "same-origin"}
	b.signIn("agent", testPassword)
	b.site = "cross-site"
	b.want(403, "POST /api/v1/agents/1001/state")
	b.want(403, "DELETE /api/v1/session")
	if w := b.signIn("agent", testPassword); w.Code != 403 || !strings.Contains(w.Body.String(), "cross_origin") {
		t.Errorf("signed in from another site: %d %s", w.Code, w.Body)
	}
	for origin, want := range map[string]int{"https://evil.example": 403, "https://desk.example.com": 200, "http://example.com": 200} {
		r := httptest.NewRequest("POST", "/api/v1/agents/1001/state", strings.NewReader(`{"state":"ready"}`)) // Host: example.com
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		r.AddCookie(b.cookie)
		w := httptest.NewRecorder()
		if c.Handler().ServeHTTP(w, r); w.Code != want {
			t.Errorf("origin %s: %d, want %d", origin, w.Code, want)
		}
	}
}

func TestBasic(t *testing.T) {
	c := newCentre(t)
	ask := func(password string) int {
		r := httptest.NewRequest("GET", "/api/v1/config", nil)
		r.SetBasicAuth("supervisor", password)
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		if (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
			t.Errorf("status %d with challenge %q", w.Code, w.Header().Get("WWW-Authenticate"))
		}
		return w.Code
	}
	if got := ask(testPassword); got != 200 {
		t.Errorf("right password: %d", got)
	}
	if got := ask("wrong"); got != 401 {
		t.Errorf("wrong password: %d", got)
	}
	began := time.Now()
	for range 200 {
		ask(testPassword)
	}
	t.Logf("200 requests with Basic, remembered: %s", time.Since(began))
	other, err := HashPassword("another one")
	if err != nil {
		t.Fatal(err)
	}
	c.users.put(User{Name: "supervisor", Role: Supervisor, Hash: other})
	if got := ask(testPassword); got != 401 {
		t.Errorf("the old password after a change: %d", got)
	}
}

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle()
		try := func(name, addr string) time.Duration { return th.begin(time.Now(), name, addr) }
		for range freePerName {
			if try("boss", "a") != 0 {
				t.Fatal("a free attempt was refused")
			}
		}
		if w := try("boss", "b"); w != time.Second {
			t.Errorf("after %d wrong attempts: wait %s, want 1s from any address", freePerName, w)
		}
		if try("other", "a") != 0 {
			t.Error("another name from the same house must wait")
		}
		for want := time.Second; want <= longestPerName; want *= 2 {
			time.Sleep(try("boss", "a"))
			if try("boss", "a") != 0 {
				t.Fatal("refused after the wait")
			}
		}
		if w := try("boss", "a"); w > longestPerName {
			t.Errorf("locked out for %s: anybody could do that to anybody", w)
		}
		time.Sleep(longestPerName)
		th.begin(time.Now(), "boss", "a")
		th.succeeded("boss", "a")
		if try("boss", "c") != 0 {
			t.Error("refused after success")
		}
		for i := range 100 { // guessing names from one address
			try(fmt.Sprint("name", i), "evil")
		}
		if try("fresh", "evil") == 0 {
			t.Error("an address may guess on")
		}
		time.Sleep(forgetAttempts + longestPerAddress)
		if try("fresh", "evil") != 0 {
			t.Error("nothing is ever forgotten")
		}
	})
}

// Refused attempts must cost no memory, or they would push the memory of real
// ones out.
func TestThrottleIsBounded(t *testing.T) {
	th := newThrottle()
	now := time.Now()
	for i := range 10_000 {
		th.begin(now, fmt.Sprint("name", i), "evil")
	}
	if len(th.seen) > freePerAddress+2 {
		t.Errorf("%d entries for one address", len(th.seen))
	}
}

func TestLoginAnswersWhenThrottled(t *testing.T) {
	c := newCentre(t)
	b := &browser{t: t, c: c, site: "same-origin", addr: "198.51.100.7:999"}
	var w *httptest.ResponseRecorder
	for range freePerName + 1 {
		w = b.signIn("agent", "wrong password")
	}
	if w.Code != 429 || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "too_many_attempts") {
		t.Errorf("%d %s %s", w.Code, w.Header(), w.Body)
	}
}

// A name that does not exist costs the same hash as one that does.
func TestLoginOfNobodyHashes(t *testing.T) {
	a, err := newAuth(newUsers(), nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var p *problem
	if _, err = a.login(t.Context(), time.Now(), "nobody", testPassword, "x"); !errors.As(err, &p) || p.Code != codeWrongPassword {
		t.Errorf("unknown name: %v", err)
	}
	a.nobody = "$argon2id$v=7$$$" // makes the hashing visible: it fails on this
	if _, err = a.login(t.Context(), time.Now(), "nobody", testPassword, "x"); err == nil || !strings.Contains(err.Error(), "v=7") {
		t.Errorf("no hash was computed for an unknown name: %v", err)
	}
}

func TestAddressKey(t *testing.T) {
	for remote, want := range map[string]string{"192.0.2.1:5": "192.0.2.1", "[::ffff:192.0.2.1]:5": "192.0.2.1",
		"[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[::1]:5": "::1", "@": "@"} {
		if got := addressKey(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

func TestPassword(t *testing.T) {
	phc := testHash()
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not a PHC string: %s", phc)
	}
	for password, want := range map[string]bool{testPassword: true, "correct horsf": false, "": false} {
		if got, err := CheckPassword(phc, password); got != want || err != nil {
			t.Errorf("%q: %v %v", password, got, err)
		}
	}
	if again, _ := HashPassword(testPassword); again == phc {
		t.Error("two hashes with one salt")
	}
	for _, short := range []string{"", "1234567", strings.Repeat("x", MaxPassword+1)} {
		if _, err := HashPassword(short); err == nil {
			t.Errorf("a password of %d bytes was taken", len(short))
		}
	}
	for _, bad := range []string{"", "plain", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=18$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAA",
		"$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", strings.Replace(phc, "t=2", "t=0", 1),
		strings.Replace(phc, "p=1", "p=0", 1), phc[:len(phc)-30], phc + "$"} {
		if ok, err := CheckPassword(bad, testPassword); ok || err == nil {
			t.Errorf("hash %q: %v %v", bad, ok, err)
		}
	}
}
