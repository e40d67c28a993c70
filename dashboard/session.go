package dashboard

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// Limits of a session.
const (
	sessionIdle     = 8 * time.Hour  // unused: a shift
	sessionAbsolute = 24 * time.Hour // whatever happens
	sessionRecheck  = time.Minute    // how long a changed account may go unnoticed
	sessionsPerUser = 20
	cookieName      = "threerings_session"
)

// sessions are the browsers that are signed in. They live in memory: after a
// restart people sign in again.
type sessions struct {
	mu   sync.Mutex
	byID map[[32]byte]*session // by the hash of the cookie's value
}

type session struct {
	user    User
	began   time.Time
	used    time.Time
	checked time.Time // when the account was last looked up
}

func (s *session) expires() time.Time {
	if idle, abs := s.used.Add(sessionIdle), s.began.Add(sessionAbsolute); idle.Before(abs) {
		return idle
	}
	return s.began.Add(sessionAbsolute)
}

func newSessions() *sessions { return &sessions{byID: map[[32]byte]*session{}} }

// start returns the cookie's value of a new session.
func (s *sessions) start(now time.Time, u User) (token string, expires time.Time) {
	token = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	var oldest [32]byte
	count := 0
	for id, other := range s.byID {
		if !now.Before(other.expires()) {
			delete(s.byID, id)
			continue
		}
		if other.user.Name == u.Name {
			if count++; count == 1 || other.used.Before(s.byID[oldest].used) {
				oldest = id
			}
		}
	}
	if count >= sessionsPerUser {
		delete(s.byID, oldest)
	}
	n := &session{user: u, began: now, used: now, checked: now}
	s.byID[sha256.Sum256([]byte(token))] = n
	return token, n.expires()
}

// use returns the session of a cookie's value and marks it used. due says that
// the account should be looked up again.
func (s *sessions) use(now time.Time, token string) (u User, expires time.Time, due, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := sha256.Sum256([]byte(token))
	n := s.byID[id]
	if n == nil {
		return User{}, time.Time{}, false, false
	}
	if !now.Before(n.expires()) {
		delete(s.byID, id)
		return User{}, time.Time{}, false, false
	}
	n.used = now
	if due = now.Sub(n.checked) >= sessionRecheck; due {
		n.checked = now // one request looks it up, the others go on
	}
	return n.user, n.expires(), due, true
}

// renew stores what the account looks like now.
func (s *sessions) renew(token string, u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.byID[sha256.Sum256([]byte(token))]; n != nil {
		n.user = u
	}
}

func (s *sessions) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, sha256.Sum256([]byte(token)))
}
