package dashboard

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/threerings/threerings/queue"
)

// auth finds out who is asking.
type auth struct {
	users    Users
	sessions *sessions
	tokens   *tokens
	throttle *throttle
	factors  Factors
	hashing  chan struct{} // bounds how much memory logins take at once
	nobody   string        // a hash that no password fits, for names that do not exist

	key    []byte // of this process, for basic
	mu     sync.Mutex
	proven map[[32]byte]time.Time // Basic credentials found right, until when
}

const (
	basicProven = 5 * time.Minute
	maxProven   = 1000
	hashesAtOne = 2
)

func newAuth(users Users, store Sessions, kept Tokens, factors Factors) (*auth, error) {
	nobody, err := HashPassword(rand.Text())
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	t := newTokens(kept)
	if factors == nil {
		factors = noFactors{}
	}
	return &auth{users: users, factors: factors, sessions: newSessions(store, everybody{users, t}), tokens: t, throttle: newThrottle(), nobody: nobody, key: key,
		hashing: make(chan struct{}, hashesAtOne), proven: map[[32]byte]time.Time{}}, nil
}

// login checks a name and a password. It takes as long for a name that does
// not exist as for a wrong password.
func (a *auth) login(ctx context.Context, now time.Time, name, password, addr string) (User, error) {
	if wait := a.throttle.begin(now, name, addr); wait > 0 {
		return User{}, tooMany(wait)
	}
	u, found, err := a.users.User(ctx, name)
	if err != nil {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	phc := a.nobody
	if found {
		phc = u.Hash
	}
	right, err := a.check(ctx, phc, password)
	if err != nil {
		return User{}, err
	}
	if !found || !right {
		return User{}, newProblem(http.StatusUnauthorized, codeWrongPassword, "name or password is wrong")
	}
	a.throttle.succeeded(name, addr)
	return u, nil
}

func (a *auth) check(ctx context.Context, phc, password string) (bool, error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	if len(password) > MaxPassword {
		password = "" // fits no hash, costs the same
	}
	return CheckPassword(phc, password)
}

// basic serves programs that send their credentials with each request. What
// was found right is remembered for a while, bound to the stored hash, so that
// a changed password counts at once.
func (a *auth) basic(ctx context.Context, now time.Time, name, password, addr string) (User, error) {
	u, found, err := a.users.User(ctx, name)
	if err != nil {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	if u.SecondFactor { // whatever the password is
		return User{}, newProblem(http.StatusUnauthorized, codeCodeNeeded, "this user has a second factor, which HTTP Basic cannot carry: sign in on the page, or use a token")
	}
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(u.Hash + "\x00" + password))
	id := [32]byte(mac.Sum(nil))
	if found {
		a.mu.Lock()
		ok := now.Before(a.proven[id])
		a.mu.Unlock()
		if ok {
			return u, nil
		}
	}
	if u, err = a.login(ctx, now, name, password, addr); err != nil {
		return User{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.proven) >= maxProven {
		clear(a.proven)
	}
	a.proven[id] = now.Add(basicProven)
	return u, nil
}

func tooMany(wait time.Duration) error {
	return later(codeTooMany, fmt.Sprintf("too many attempts; try again in %d s", seconds(wait)), wait)
}

// later is a refusal for some time.
func later(c code, detail string, wait time.Duration) error {
	return &retryLater{problem: newProblem(http.StatusTooManyRequests, c, detail), after: strconv.Itoa(seconds(wait))}
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// retryLater is a problem with a Retry-After.
type retryLater struct {
	*problem
	after string
}

func (r *retryLater) Unwrap() error { return r.problem }

// identity is who a request comes from; the zero value is nobody.
type identity struct {
	user    User
	token   string    // of the session, empty with Basic
	expires time.Time // of the session
	reach   reach
}

func (i identity) signedIn() bool { return i.user.Name != "" }

// sees reports whether this user is shown the full numbers of a call that the
// named agent has or had (R14.1).
func (i identity) sees(agent queue.AgentID) bool {
	return slices.Contains(i.user.Scopes, ScopeNumbers) || (i.user.Role == Supervisor || i.user.Role == AgentRole) && i.of(agent)
}

// identify reads the cookie or the Authorization header. Credentials that are
// sent and wrong are an error; none at all is nobody.
func (s *Server) identify(r *http.Request) (identity, error) {
	if c, err := r.Cookie(cookieName); err == nil {
		u, expires, ok, err := s.auth.sessions.use(r.Context(), time.Now(), c.Value)
		if err != nil {
			return identity{}, s.ledgerProblem(r, err)
		}
		if ok {
			return identity{user: u, token: c.Value, expires: expires, reach: s.reachOf(u)}, nil
		}
	}
	if secret, ok := bearer(r); ok {
		return s.identifyToken(r, secret)
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return identity{}, nil
	}
	u, err := s.auth.basic(r.Context(), time.Now(), name, password, addressKey(r.RemoteAddr))
	return identity{user: u, reach: s.reachOf(u)}, err
}

// identifyToken is whom a token's secret lets in.
func (s *Server) identifyToken(r *http.Request, secret string) (identity, error) {
	now, addr := time.Now(), addressKey(r.RemoteAddr)
	if wait := s.auth.throttle.blocked(now, addr); wait > 0 {
		return identity{}, tooMany(wait)
	}
	t, ok, err := s.auth.tokens.use(r.Context(), now, secret)
	if err != nil {
		return identity{}, s.ledgerProblem(r, err)
	}
	if !ok {
		s.auth.throttle.begin(now, "", addr)
		return identity{}, newProblem(http.StatusUnauthorized, codeWrongToken, "this token is not known, has expired or was revoked: ask an administrator for a new one")
	}
	u := t.user()
	u.Scopes = t.Scopes
	return identity{user: u, reach: s.reachOf(u)}, nil
}

// local reports whether the request was made on this machine, by its direct
// peer. Headers cannot make a request local, only the opposite: what a proxy
// passed on came from somewhere else. The name asked for must be this
// machine's as well, or any page in a local browser could point a name of its
// own at us.
func local(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, h := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
