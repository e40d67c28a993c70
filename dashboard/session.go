package dashboard

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of a session.
const (
	sessionIdle     = 8 * time.Hour  // unused: a shift
	sessionAbsolute = 24 * time.Hour // whatever happens
	sessionRecheck  = time.Minute    // how long a changed account, or an end elsewhere, may go unnoticed
	sessionsPerUser = 20
	maxSessions     = 10_000 // kept in memory
	cookieName      = "threerings_session"
)

// sessionLimits are how long a session lasts unused, and whatever happens.
type sessionLimits struct{ idle, absolute time.Duration }

// limitsOfSession: a screen's ends with its token, which can be revoked.
func limitsOfSession(user string) sessionLimits {
	if strings.HasPrefix(user, tokenName) {
		return sessionLimits{30 * 24 * time.Hour, maxTokenDays * 24 * time.Hour}
	}
	return sessionLimits{sessionIdle, sessionAbsolute}
}

// Session is one browser that is signed in.
type Session struct {
	ID      [32]byte // SHA-256 of the cookie's value, which is kept nowhere
	User    string
	Proof   [32]byte // of the password's hash at the time: with another password the session is over
	Began   time.Time
	Used    time.Time // at most a minute behind
	Address string    // from where it began
	Browser string    // what it called itself
}

// idOf is what is kept of a cookie's value.
func idOf(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// proofOf is what a session keeps of a user's stored hash.
func proofOf(u User) [32]byte { return sha256.Sum256([]byte(u.Hash)) }

// Expires is when the session ends if it is not used again.
func (s Session) Expires() time.Time {
	l := limitsOfSession(s.User)
	if idle, abs := s.Used.Add(l.idle), s.Began.Add(l.absolute); idle.Before(abs) {
		return idle
	}
	return s.Began.Add(l.absolute)
}

// sessions are the browsers that are signed in. The store has them all, so a
// restart, or another node that answers now, signs nobody out; memory has
// those in use here, so a request costs no query, and a store that is away
// ends no session.
type sessions struct {
	store Sessions
	users Users

	mu   sync.Mutex
	byID map[[32]byte]*live
}

// live is a session in use here.
type live struct {
	Session
	user    User
	checked time.Time // when store and account were last asked
}

func newSessions(store Sessions, users Users) *sessions {
	if store == nil {
		store = &sessionMemory{byID: map[[32]byte]Session{}}
	}
	return &sessions{store: store, users: users, byID: map[[32]byte]*live{}}
}

// start returns the cookie's value of a new session. A user who has too many
// loses the one that was used longest ago.
func (s *sessions) start(ctx context.Context, now time.Time, u User, addr, browser string) (token string, expires time.Time, err error) {
	token = rand.Text()
	n := Session{ID: idOf(token), User: u.Name, Proof: proofOf(u), Began: now, Used: now, Address: addr, Browser: cut(browser)}
	others, err := s.of(ctx, now, u.Name)
	if err != nil {
		return "", time.Time{}, err
	}
	for _, old := range others[min(len(others), sessionsPerUser-1):] {
		if err := s.end(ctx, old.ID); err != nil {
			return "", time.Time{}, err
		}
	}
	if err := s.store.SaveSession(ctx, n); err != nil {
		return "", time.Time{}, fmt.Errorf("begin a session: %w", err)
	}
	s.keep(now, n, u)
	return token, n.Expires(), nil
}

// of lists a user's sessions, last used first.
func (s *sessions) of(ctx context.Context, now time.Time, user string) ([]Session, error) {
	all, err := s.store.SessionsOf(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	all = slices.DeleteFunc(all, func(n Session) bool { return !now.Before(n.Expires()) })
	slices.SortFunc(all, func(a, b Session) int { return b.Used.Compare(a.Used) })
	return all, nil
}

// use returns the session of a cookie's value and marks it used. An error
// means that nobody knows: the session is not here, and the store is away.
func (s *sessions) use(ctx context.Context, now time.Time, token string) (u User, expires time.Time, ok bool, err error) {
	id := idOf(token)
	s.mu.Lock()
	n := s.byID[id]
	here, due := n != nil, false
	if here && !now.Before(n.Expires()) {
		delete(s.byID, id)
		s.mu.Unlock()
		return User{}, time.Time{}, false, nil
	}
	if here {
		n.Used = now
		if due = now.Sub(n.checked) >= sessionRecheck; due {
			n.checked = now // one request asks, the others go on
		}
		u, expires = n.user, n.Expires()
	}
	s.mu.Unlock()
	if here && !due {
		return u, expires, true, nil
	}
	fresh, found, err := s.check(ctx, now, id)
	switch {
	case err != nil && here:
		return u, expires, true, nil
	case err != nil:
		return User{}, time.Time{}, false, err
	case !found:
		s.forget(id)
		return User{}, time.Time{}, false, nil
	}
	return fresh.user, fresh.Expires(), true, nil
}

// check asks store and account whether a session goes on, and tells the store
// that it is used.
func (s *sessions) check(ctx context.Context, now time.Time, id [32]byte) (*live, bool, error) {
	n, found, err := s.store.Session(ctx, id)
	if err != nil {
		return nil, false, fmt.Errorf("look up a session: %w", err)
	}
	if !found || !now.Before(n.Expires()) {
		return nil, false, nil
	}
	u, found, err := s.users.User(ctx, n.User)
	if err != nil {
		return nil, false, fmt.Errorf("look up user: %w", err)
	}
	if !found || proofOf(u) != n.Proof {
		return nil, false, s.end(ctx, id)
	}
	n.Used = now
	if err := s.store.UseSession(ctx, id, now); err != nil {
		return nil, false, fmt.Errorf("a session in use: %w", err)
	}
	return s.keep(now, n, u), true, nil
}

func (s *sessions) keep(now time.Time, n Session, u User) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= maxSessions {
		clear(s.byID) // the store has them
	}
	l := &live{Session: n, user: u, checked: now}
	s.byID[n.ID] = l
	return l
}

func (s *sessions) forget(id [32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// end ends one session, here at once and on other nodes within a minute.
func (s *sessions) end(ctx context.Context, id [32]byte) error {
	s.forget(id)
	if err := s.store.EndSession(ctx, id); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// endAll ends every session of a user.
func (s *sessions) endAll(ctx context.Context, user string) error {
	s.mu.Lock()
	for id, n := range s.byID {
		if n.User == user {
			delete(s.byID, id)
		}
	}
	s.mu.Unlock()
	if err := s.store.EndSessionsOf(ctx, user); err != nil {
		return fmt.Errorf("end all sessions: %w", err)
	}
	return nil
}

// sessionMemory is a store that a restart empties.
type sessionMemory struct {
	mu   sync.Mutex
	byID map[[32]byte]Session
}

func (m *sessionMemory) SaveSession(_ context.Context, n Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, old := range m.byID {
		if !n.Began.Before(old.Expires()) {
			delete(m.byID, id)
		}
	}
	m.byID[n.ID] = n
	return nil
}

func (m *sessionMemory) Session(_ context.Context, id [32]byte) (Session, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.byID[id]
	return n, ok, nil
}

func (m *sessionMemory) UseSession(_ context.Context, id [32]byte, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n, ok := m.byID[id]; ok {
		n.Used = now
		m.byID[id] = n
	}
	return nil
}

func (m *sessionMemory) SessionsOf(_ context.Context, user string) (all []Session, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.byID {
		if n.User == user {
			all = append(all, n)
		}
	}
	return all, nil
}

func (m *sessionMemory) EndSession(_ context.Context, id [32]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byID, id)
	return nil
}

func (m *sessionMemory) EndSessionsOf(_ context.Context, user string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, n := range m.byID {
		if n.User == user {
			delete(m.byID, id)
		}
	}
	return nil
}
