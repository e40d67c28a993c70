package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Scope is what a token may do; a token has some.
type Scope string

// Scopes.
const (
	ScopeWallboard  Scope = "wallboard"  // the wallboard, for a screen on the wall
	ScopeRead       Scope = "read"       // what a supervisor can read, numbers masked, no recordings
	ScopeNumbers    Scope = "numbers"    // numbers in full, where others are masked (R14.1)
	ScopeRecordings Scope = "recordings" // recordings
	ScopeWrite      Scope = "write"      // what a supervisor can do, but nothing about accounts
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeWallboard, ScopeRead, ScopeNumbers, ScopeRecordings, ScopeWrite}
}

// Token lets a program or a screen in, without an account. It can be revoked
// at any time.
type Token struct {
	ID        [32]byte // SHA-256 of the secret, which is kept nowhere
	Name      string   // in the audit log as "token:NAME"
	Scopes    []Scope
	CreatedBy string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not
	UsedAt    time.Time // at most a minute behind
}

// alive reports whether the token opens anything at a time.
func (t Token) alive(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

const (
	tokenSecret = "trt_"   // what every token begins with, so that one that leaked is recognised
	tokenName   = "token:" // before the name, where a user's would stand
	tokenKept   = time.Minute
	maxTokens   = 1000 // in memory
)

// tokenRole is what tokens are in the place of a role; no account has it.
const tokenRole Role = "token"

// user is what a token is to sessions: an account whose password is the
// token's.
func (t Token) user() User {
	return User{Name: tokenName + t.Name, Hash: string(t.ID[:]), Role: tokenRole}
}

// opens reports whether scopes open a route. What is about accounts is closed
// to tokens: one that leaks must not make others.
func (a access) opens(pattern string, scopes []Scope) bool {
	has := func(s Scope) bool { return slices.Contains(scopes, s) }
	reads := strings.HasPrefix(pattern, "GET ")
	switch {
	case strings.Contains(pattern, "/session") || strings.Contains(pattern, "/password") || strings.Contains(pattern, "/second-factor"):
		return pattern == "GET /api/v1/session"
	case a.wall && has(ScopeWallboard):
		return true
	case !a.permits(Supervisor) || strings.Contains(pattern, "/users") || strings.Contains(pattern, "/tokens") || strings.Contains(pattern, "/audit") || strings.Contains(pattern, "/lockouts"):
		return false
	case strings.HasPrefix(pattern, "GET /api/v1/calls/{id}/recording"):
		return has(ScopeRecordings)
	case reads:
		return has(ScopeRead)
	}
	return has(ScopeWrite)
}

// tokens are those that were used a moment ago.
type tokens struct {
	store Tokens // nil: none

	mu   sync.Mutex
	kept map[[32]byte]keptToken
}

type keptToken struct {
	Token
	until time.Time
}

func newTokens(store Tokens) *tokens { return &tokens{store: store, kept: map[[32]byte]keptToken{}} }

// use finds the token of a secret and notes that it was used. A token that was
// revoked on another node opens for a minute more.
func (t *tokens) use(ctx context.Context, now time.Time, secret string) (Token, bool, error) {
	if t.store == nil || !strings.HasPrefix(secret, tokenSecret) {
		return Token{}, false, nil
	}
	return t.byID(ctx, now, sha256.Sum256([]byte(secret)))
}

func (t *tokens) byID(ctx context.Context, now time.Time, id [32]byte) (Token, bool, error) {
	t.mu.Lock()
	k, ok := t.kept[id]
	t.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.Token, k.alive(now), nil
	}
	found, ok, err := t.store.UseToken(ctx, id, now)
	if err != nil {
		return Token{}, false, fmt.Errorf("look up a token: %w", err)
	}
	if !ok || !found.alive(now) {
		t.forget()
		return Token{}, false, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) >= maxTokens {
		clear(t.kept)
	}
	t.kept[id] = keptToken{found, now.Add(tokenKept)}
	return found, true, nil
}

func (t *tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.kept)
}

// byName is the token that a session belongs to.
func (t *tokens) byName(ctx context.Context, name string) (Token, bool, error) {
	if t.store == nil {
		return Token{}, false, nil
	}
	all, err := t.store.Tokens(ctx)
	if err != nil {
		return Token{}, false, fmt.Errorf("look up a token: %w", err)
	}
	for _, k := range all {
		if k.Name == name {
			return k, k.alive(time.Now()), nil
		}
	}
	return Token{}, false, nil
}

// everybody finds accounts, and tokens in the place of accounts.
type everybody struct {
	Users
	tokens *tokens
}

func (e everybody) User(ctx context.Context, name string) (User, bool, error) {
	if name, is := strings.CutPrefix(name, tokenName); is {
		t, ok, err := e.tokens.byName(ctx, name)
		u := t.user()
		u.Scopes = t.Scopes
		return u, ok, err
	}
	return e.Users.User(ctx, name)
}

type wireToken struct {
	Name      string  `json:"name"`
	Scopes    []Scope `json:"scopes"`
	CreatedBy string  `json:"created_by"`
	CreatedAt stamp   `json:"created_at"`
	ExpiresAt stamp   `json:"expires_at"`
	RevokedAt stamp   `json:"revoked_at"`
	UsedAt    stamp   `json:"used_at"`
	// Token is the secret, shown once, to whoever made it.
	Token string `json:"token,omitempty"`
}

func tokenOf(t Token) wireToken {
	return wireToken{Name: t.Name, Scopes: t.Scopes, CreatedBy: t.CreatedBy, CreatedAt: stamp(t.CreatedAt), ExpiresAt: stamp(t.ExpiresAt),
		RevokedAt: stamp(t.RevokedAt), UsedAt: stamp(t.UsedAt)}
}

// listTokens is GET /api/v1/tokens, also those that are revoked.
func (s *Server) listTokens(w http.ResponseWriter, r *http.Request, _ identity) error {
	out := []wireToken{}
	if s.opts.Tokens != nil {
		all, err := s.opts.Tokens.Tokens(r.Context())
		if err != nil {
			return s.ledgerProblem(r, err)
		}
		for _, t := range all {
			out = append(out, tokenOf(t))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"tokens": out})
	return nil
}

const maxTokenDays = 3650

// addToken is POST /api/v1/tokens. The secret is in the answer, once.
func (s *Server) addToken(w http.ResponseWriter, r *http.Request, id identity) error {
	var in struct {
		Name   string  `json:"name"`
		Scopes []Scope `json:"scopes"`
		Days   int     `json:"days"` // 0: never expires
	}
	if err := readBody(w, r, &in); err != nil {
		return err
	}
	said := make([]string, len(in.Scopes))
	for i, sc := range in.Scopes {
		said[i] = string(sc)
	}
	noteSubject(w, in.Name, said...)
	switch {
	case s.opts.Tokens == nil:
		return newProblem(http.StatusServiceUnavailable, codeNoLedger, "there is nowhere to keep tokens")
	case !userName.MatchString(in.Name):
		return newProblem(http.StatusBadRequest, codeBadBody, "name: give 1 to 64 letters, digits, '.', '_', '-' or '@'")
	case len(in.Scopes) == 0 || len(slices.Compact(slices.Sorted(slices.Values(in.Scopes)))) != len(in.Scopes) ||
		slices.ContainsFunc(in.Scopes, func(sc Scope) bool { return !slices.Contains(Scopes(), sc) }):
		return newProblem(http.StatusBadRequest, codeBadBody, "scopes: give some of wallboard, read, numbers, recordings, write, each once")
	case in.Days < 0 || in.Days > maxTokenDays:
		return newProblem(http.StatusBadRequest, codeBadBody, fmt.Sprintf("days: give 0 (does not expire) to %d", maxTokenDays))
	}
	secret := tokenSecret + rand.Text()
	now := time.Now().UTC()
	t := Token{ID: sha256.Sum256([]byte(secret)), Name: in.Name, Scopes: in.Scopes, CreatedBy: id.user.Name, CreatedAt: now}
	if in.Days > 0 {
		t.ExpiresAt = now.AddDate(0, 0, in.Days)
	}
	added, err := s.opts.Tokens.AddToken(r.Context(), t)
	if err != nil {
		return s.ledgerProblem(r, err)
	}
	if !added {
		return newProblem(http.StatusConflict, codeTokenThere, fmt.Sprintf("there is a token %s already, perhaps a revoked one: names stay in the audit log and are used once", in.Name))
	}
	out := tokenOf(t)
	out.Token = secret
	writeJSON(w, http.StatusOK, out)
	return nil
}

// revokeToken is DELETE /api/v1/tokens/{name}.
func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request, _ identity) error {
	name := r.PathValue("name")
	found := false
	if s.opts.Tokens != nil {
		var err error
		if found, err = s.opts.Tokens.RevokeToken(r.Context(), name, time.Now().UTC()); err != nil {
			return s.ledgerProblem(r, err)
		}
	}
	if !found {
		return newProblem(http.StatusNotFound, codeUnknownToken, fmt.Sprintf("there is no token %q that is in force", cut(name)))
	}
	s.auth.tokens.forget()
	if err := s.auth.sessions.endAll(r.Context(), tokenName+name); err != nil {
		return s.ledgerProblem(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// bearer is the token of an Authorization header.
func bearer(r *http.Request) (string, bool) {
	return strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
}
