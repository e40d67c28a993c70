package dashboard

import (
	"net/netip"
	"sync"
	"time"
)

// throttle slows guessing down: per name and per address, each failure past
// the free ones doubles the pause before the next attempt. An attempt counts
// as failed from its start, so that many at once do not pass together.
type throttle struct {
	mu    sync.Mutex
	seen  map[string]*attempts
	swept time.Time // when old ones were last looked for
}

type attempts struct {
	failed int
	last   time.Time
	until  time.Time // no attempt before
}

const (
	freePerName    = 5
	freePerAddress = 30 // a whole house may share one
	// A name's pause stays short: else anybody could lock anybody out.
	longestPerName    = 30 * time.Second
	longestPerAddress = 5 * time.Minute
	longestPerCode    = 15 * time.Minute // who guesses codes has the password already
	forgetAttempts    = 15 * time.Minute
	maxAttempts       = 20_000 // entries kept
)

func newThrottle() *throttle { return &throttle{seen: map[string]*attempts{}} }

// begin counts an attempt. A positive wait means: not now, not counted.
func (t *throttle) begin(now time.Time, name, addr string) (wait time.Duration) {
	return t.count(now, "n ", name, addr, longestPerName)
}

// beginCode is begin for the code after the password.
func (t *throttle) beginCode(now time.Time, name, addr string) (wait time.Duration) {
	return t.count(now, "c ", name, addr, longestPerCode)
}

func (t *throttle) count(now time.Time, kind, name, addr string, longest time.Duration) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	for _, key := range []string{kind + name, "a " + addr} {
		if a := t.seen[key]; a != nil {
			wait = max(wait, a.until.Sub(now))
		}
	}
	if wait > 0 { // nothing is stored for it: refused attempts cost no memory
		return wait
	}
	if name != "" { // a token has no name until it is found
		t.entry(now, kind+name).count(now, freePerName, longest)
	}
	t.entry(now, "a "+addr).count(now, freePerAddress, longestPerAddress)
	return 0
}

// blocked is how long an address must wait, without counting an attempt.
func (t *throttle) blocked(now time.Time, addr string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.seen["a "+addr]; a != nil {
		return a.until.Sub(now)
	}
	return 0
}

// succeeded takes the attempt back.
func (t *throttle) succeeded(name, addr string) { t.forgive("n "+name, addr) }

// succeededCode is succeeded for the code after the password.
func (t *throttle) succeededCode(name, addr string) { t.forgive("c "+name, addr) }

func (t *throttle) forgive(key, addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
	// Only this attempt is forgiven to the address: one good account must not
	// clear the way for guessing others.
	if a := t.seen["a "+addr]; a != nil && a.failed > 0 {
		a.failed--
		a.until = time.Time{}
	}
}

func (t *throttle) entry(now time.Time, key string) *attempts {
	a := t.seen[key]
	if a == nil || now.Sub(a.last) > forgetAttempts {
		a = &attempts{}
		t.seen[key] = a
	}
	return a
}

func (a *attempts) count(now time.Time, free int, longest time.Duration) {
	a.failed++
	a.last = now
	if over := a.failed - free; over >= 0 {
		a.until = now.Add(min(longest, time.Second<<min(over, 20)))
	}
}

// forget drops old entries; when there are still too many, all: better to
// forget guesses than to run out of memory.
func (t *throttle) forget(now time.Time) {
	if now.Sub(t.swept) < time.Minute && len(t.seen) < maxAttempts {
		return
	}
	t.swept = now
	for key, a := range t.seen {
		if now.Sub(a.last) > forgetAttempts {
			delete(t.seen, key)
		}
	}
	if len(t.seen) >= maxAttempts {
		clear(t.seen)
	}
}

// addressKey is what an address counts as: IPv6 hosts have a whole /64 to
// choose from.
func addressKey(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.Is6() && !ip.IsLoopback() {
		p, _ := ip.Prefix(64)
		return p.String()
	}
	return ip.String()
}
