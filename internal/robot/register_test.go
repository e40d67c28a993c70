package robot

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// registrar is a SIP server that asks for a password, on the socket and stack of a phone.
type registrar struct {
	*Phone
	mu      sync.Mutex
	expires []string // of each REGISTER it accepted
	nonces  int
}

func newRegistrar(t *testing.T, password, algorithm string, grant int) *registrar {
	t.Helper()
	r := new(registrar)
	phone, err := openPhone(PhoneOptions{User: "registrar"}, func(p *Phone, server *sipgo.Server) {
		r.Phone = p
		p.handle(server)
		r.ask(server, password, algorithm, grant)
	})
	must(t, err)
	t.Cleanup(func() { must(t, phone.Close()) })
	return r
}

func (r *registrar) ask(server *sipgo.Server, password, algorithm string, grant int) {
	challenge := func(req *sip.Request, tx sip.ServerTransaction, status int, ask, answer string) bool {
		r.mu.Lock()
		r.nonces++
		c := digest.Challenge{Realm: "test", Nonce: fmt.Sprint("n", r.nonces), Algorithm: algorithm, QOP: []string{"auth"}}
		r.mu.Unlock()
		if h := req.GetHeader(answer); h != nil {
			credentials, err := digest.ParseCredentials(h.Value())
			if err == nil {
				c.Nonce = credentials.Nonce
				want, err := digest.Digest(&c, digest.Options{
					Method: req.Method.String(), URI: credentials.URI, Username: "1001", Password: password,
					Cnonce: credentials.Cnonce, Count: credentials.Nc,
				})
				if err == nil && want.Response == credentials.Response {
					return true
				}
			}
		}
		res := sip.NewResponseFromRequest(req, status, "Who are you", nil)
		res.AppendHeader(sip.NewHeader(ask, c.String()))
		_ = tx.Respond(res)
		return false
	}
	server.OnRegister(func(req *sip.Request, tx sip.ServerTransaction) {
		if !challenge(req, tx, 401, "WWW-Authenticate", "Authorization") {
			return
		}
		asked := req.GetHeader("Expires").Value()
		r.mu.Lock()
		r.expires = append(r.expires, asked)
		r.mu.Unlock()
		res := sip.NewResponseFromRequest(req, 200, "OK", nil)
		if asked != "0" {
			contact := req.Contact()
			res.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<%s>;expires=%d", contact.Address.String(), grant)))
		}
		_ = tx.Respond(res)
	})
	server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
		if challenge(req, tx, 407, "Proxy-Authenticate", "Proxy-Authorization") {
			r.onInvite(req, tx)
		}
	})
}

func (r *registrar) accepted() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.expires...)
}

func TestRegisterRenewUnregister(t *testing.T) {
	for _, algorithm := range []string{"MD5", "md5", "SHA-256"} {
		r := newRegistrar(t, "secret", algorithm, 1)
		p := newPhone(t, PhoneOptions{User: "1001", Password: "secret"})
		must(t, p.Register(limit(t), "sip:"+r.Addr().String(), time.Minute))
		if ok, err := p.Registered(); !ok || err != nil {
			t.Errorf("%s: registered %v %v", algorithm, ok, err)
		}
		until(t, "a renewal, half a second after a registration that was granted for one", func() bool { return len(r.accepted()) >= 2 })
		must(t, p.Close())
		got := r.accepted()
		if got[0] != "60" || got[len(got)-1] != "0" {
			t.Errorf("%s: expires asked for %v, want 60 first and 0 last", algorithm, got)
		}
	}
}

func TestRegisterRefused(t *testing.T) {
	r := newRegistrar(t, "secret", "MD5", 60)
	p := newPhone(t, PhoneOptions{User: "1001", Password: "wrong"})
	err := p.Register(limit(t), "sip:"+r.Addr().String(), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("wrong password: %v", err)
	}
	if ok, _ := p.Registered(); ok {
		t.Error("registered with a wrong password")
	}
	if err := p.Register(limit(t), "nonsense", 0); err == nil {
		t.Error("registered with nonsense")
	}
}

func TestCallAnswersChallenge(t *testing.T) {
	r := newRegistrar(t, "secret", "MD5", 60)
	p := newPhone(t, PhoneOptions{User: "1001", Password: "secret"})
	c, err := p.Call(t.Context(), CallOptions{To: "sip:4000@" + r.Addr().String(), Display: "Zhang", Asserted: "<sip:1001@example.org>"})
	must(t, err)
	must(t, c.WaitAnswered(limit(t)))
	a := arrived(t, r.Phone, 0)
	if a.Display() != "Zhang" || a.Asserted() != "<sip:1001@example.org>" || a.To() != "4000" {
		t.Errorf("arrived with %q %q %q", a.Display(), a.Asserted(), a.To())
	}
	c.Hangup()
	wantEnding(t, a, Remote, 200)

	p = newPhone(t, PhoneOptions{User: "1001", Password: "wrong"})
	c = place(t, p, r.Phone)
	wantEnding(t, c, Refused, 407)
}
