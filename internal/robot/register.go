package robot

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// account is the phone's sign-on with a registrar. Its requests are one after the other and share a Call-ID, as
// RFC 3261, 10.2 wants.
type account struct {
	mu      sync.Mutex // held over a whole REGISTER
	dialog  dialog
	expires time.Duration // as granted
	stop    context.CancelFunc
	failed  error // of the last renewal
}

// Register signs the phone's account on with a registrar ("sip:127.0.0.1:5060") and renews it by itself before
// it expires, until Unregister or Close. expires is what to ask for; 0 = 5 minutes.
func (p *Phone) Register(ctx context.Context, registrar string, expires time.Duration) error {
	var target sip.Uri
	if err := sip.ParseUri(registrar, &target); err != nil || target.Host == "" {
		return fmt.Errorf("register: %q is no SIP address such as sip:127.0.0.1:5060", registrar)
	}
	if expires <= 0 {
		expires = 5 * time.Minute
	}
	self := target
	self.User = p.options.User
	a := &account{dialog: dialog{
		callID: rand.Text() + "@" + p.addr.Addr().String(), target: target,
		local: party{display: p.options.Display, uri: self, tag: rand.Text()}, remote: party{uri: self},
	}}
	if err := p.register(ctx, a, expires); err != nil {
		return err
	}
	renew, stop := context.WithCancel(p.ctx)
	a.stop = stop
	p.mu.Lock()
	old := p.account
	p.account = a
	p.mu.Unlock()
	if old != nil {
		old.stop()
	}
	p.spawn(func() { p.renew(renew, a, expires) })
	return nil
}

// Registered tells whether the phone is signed on, and why not if a renewal failed.
func (p *Phone) Registered() (bool, error) {
	p.mu.Lock()
	a := p.account
	p.mu.Unlock()
	if a == nil {
		return false, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed == nil, a.failed
}

// Unregister signs the account off; without one it does nothing.
func (p *Phone) Unregister(ctx context.Context) error {
	p.mu.Lock()
	a := p.account
	p.account = nil
	p.mu.Unlock()
	if a == nil {
		return nil
	}
	a.stop()
	if err := p.register(ctx, a, 0); err != nil {
		return fmt.Errorf("sign off: %w", err)
	}
	return nil
}

// retryRenewal is how soon a renewal that failed is tried again.
const retryRenewal = 2 * time.Second

func (p *Phone) renew(ctx context.Context, a *account, expires time.Duration) {
	for {
		a.mu.Lock()
		wait := a.expires / 2
		if a.failed != nil {
			wait = min(wait, retryRenewal)
		}
		a.mu.Unlock()
		timer := time.NewTimer(max(wait, packetTime))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		_ = p.register(ctx, a, expires) // Registered tells; the next round tries again
	}
}

// register sends one REGISTER and answers one challenge.
func (p *Phone) register(ctx context.Context, a *account, expires time.Duration) (err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() != nil {
		return fmt.Errorf("register %s: %w", p.options.User, ctx.Err())
	}
	defer func() { a.failed = err }()
	res, err := p.client.Do(ctx, p.registerRequest(a, expires))
	if err == nil && p.challenge(res) {
		res, err = p.registerAgain(ctx, a, expires, res)
	}
	if err != nil {
		return fmt.Errorf("register %s: %w", p.options.User, err)
	}
	if res.StatusCode != sip.StatusOK {
		return fmt.Errorf("register %s: the registrar says %d %s; check user and password", p.options.User, res.StatusCode, res.Reason)
	}
	a.expires = granted(res, expires)
	return nil
}

func (p *Phone) registerAgain(ctx context.Context, a *account, expires time.Duration, challenge *sip.Response) (*sip.Response, error) {
	tx, err := p.authorise(p.registerRequest(a, expires), challenge)
	if err != nil {
		return nil, err
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fmt.Errorf("no answer to the REGISTER: %w", tx.Err())
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (p *Phone) registerRequest(a *account, expires time.Duration) *sip.Request {
	req := a.dialog.request(sip.REGISTER, p.contact())
	req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(int(expires.Seconds()))))
	return req
}

// granted is what the registrar gave: in our Contact, or for all (RFC 3261, 10.2.4).
func granted(res *sip.Response, asked time.Duration) time.Duration {
	if contact := res.Contact(); contact != nil {
		if text, ok := contact.Params.Get("expires"); ok {
			if seconds, err := strconv.Atoi(text); err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	if h := res.GetHeader("Expires"); h != nil {
		if seconds, err := strconv.Atoi(h.Value()); err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return asked
}
