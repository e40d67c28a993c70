package dashboard

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// rates bound how often somebody asks, whatever for: a program that has run
// wild, or a stranger, must not take the desk pages' share. Everybody has a
// bucket that fills by so many requests a second up to so many.
type rates struct {
	mu    sync.Mutex
	seen  map[string]*bucket
	swept time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

// rate is a bucket's size and how fast it fills.
type rate struct{ perSecond, burst float64 }

var (
	// One user or token. A desk page asks a few times a second at most.
	rateOfUser = rate{100, 400}
	// One address, before anybody knows who asks. A whole house may share one.
	rateOfAddress = rate{500, 2000}
)

const maxBuckets = 20_000

func newRates() *rates { return &rates{seen: map[string]*bucket{}} }

// take counts a request. A positive wait means: too many, not counted.
func (s *rates) take(now time.Time, key string, r rate) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now, r)
	b := s.seen[key]
	if b == nil {
		b = &bucket{left: r.burst, at: now}
		s.seen[key] = b
	}
	b.left = min(r.burst, b.left+max(0, now.Sub(b.at).Seconds())*r.perSecond)
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / r.perSecond * float64(time.Second))
	}
	b.left--
	return 0
}

// sweep drops who has been still long enough for a full bucket; when there are
// still too many, all: better a few more requests than all memory.
func (s *rates) sweep(now time.Time, r rate) {
	if now.Sub(s.swept) < time.Minute && len(s.seen) < maxBuckets {
		return
	}
	s.swept = now
	for key, b := range s.seen {
		if now.Sub(b.at).Seconds()*r.perSecond > r.burst {
			delete(s.seen, key)
		}
	}
	if len(s.seen) >= maxBuckets {
		clear(s.seen)
	}
}

// unlimited are asked by those who watch over us, however often.
func unlimited(pattern string) bool {
	return pattern == "GET /healthz" || pattern == "GET /readyz" || pattern == "GET /metrics"
}

// bounded refuses an address, or whoever is signed in there, who asks too
// often.
func (s *Server) bounded(r *http.Request, pattern string, id identity) error {
	if unlimited(pattern) {
		return nil
	}
	key, most := "a "+addressKey(r.RemoteAddr), rateOfAddress
	if id.signedIn() {
		key, most = "u "+id.user.Name, rateOfUser
	}
	wait := s.rates.take(time.Now(), key, most)
	if wait == 0 {
		return nil
	}
	return later(codeTooOften, "too many requests; wait a moment", max(wait, time.Second))
}

// locked is an entry of the throttle that somebody has to wait for.
type locked struct {
	kind, subject string
	failed        int
	last, until   time.Time
}

// Kinds of lockouts, by the throttle's keys.
var lockKinds = map[string]string{"n ": "password", "c ": "code", "a ": "address"}

// locked lists who must wait now.
func (t *throttle) locked(now time.Time) (all []locked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, a := range t.seen {
		if now.Before(a.until) {
			all = append(all, locked{lockKinds[key[:2]], key[2:], a.failed, a.last, a.until})
		}
	}
	return all
}

// unlock forgets the attempts of one; false if nobody of that kind has any.
func (t *throttle) unlock(kind, subject string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for prefix, k := range lockKinds {
		if _, there := t.seen[prefix+subject]; k == kind && there {
			delete(t.seen, prefix+subject)
			return true
		}
	}
	return false
}

type wireLockout struct {
	Kind    string `json:"kind"`    // password, code or address
	Subject string `json:"subject"` // the name as it was tried, or the address
	Failed  int    `json:"failed"`
	Last    stamp  `json:"last_at"`
	Until   stamp  `json:"until"`
}

// listLockouts is GET /api/v1/lockouts: who must wait on this node before the
// next attempt.
func (s *Server) listLockouts(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	out := []wireLockout{}
	for _, l := range s.auth.throttle.locked(time.Now()) {
		out = append(out, wireLockout{l.kind, strings.ToValidUTF8(cut(l.subject), "\uFFFD"), l.failed, stamp(l.last), stamp(l.until)})
	}
	slices.SortFunc(out, func(a, b wireLockout) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
	})
	writeJSON(w, http.StatusOK, map[string]any{"lockouts": out})
	return nil
}

// unlock is DELETE /api/v1/lockouts: somebody may try again at once.
func (s *Server) unlock(w http.ResponseWriter, r *http.Request, _ identity) error {
	q := s.query(r, "kind", "subject")
	kind, subject := q.text("kind"), q.text("subject")
	noteSubject(w, subject, kind)
	if q.err != nil {
		return q.err
	}
	if !s.auth.throttle.unlock(kind, subject) {
		return newProblem(http.StatusNotFound, codeNoLockout, "nobody of that name has to wait: the time was over, or it was on another node")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
