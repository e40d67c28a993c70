package robot

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// CallOptions is one call to place.
type CallOptions struct {
	To       string            // "sip:4000@127.0.0.1:5060"
	From     string            // caller's number; empty = the phone's user
	Display  string            // caller's name; empty = the phone's
	Asserted string            // P-Asserted-Identity, as in the header; empty = none
	Codecs   []Codec           // nil = the phone's
	Sound    *Sound            // nil = the phone's
	Headers  map[string]string // further headers of the INVITE
}

// Call places a call and returns as soon as the INVITE is sent; ctx counts up to there only. Challenges for the
// account's password are answered.
func (p *Phone) Call(ctx context.Context, o CallOptions) (*Call, error) {
	var to sip.Uri
	if err := sip.ParseUri(o.To, &to); err != nil || to.Host == "" {
		return nil, fmt.Errorf("place call: %q is no SIP address such as sip:4000@127.0.0.1:5060", o.To)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("place call to %s: %w", o.To, err)
	}
	o = p.defaults(o)
	c := newCall(p, rand.Text()+"@"+p.addr.Addr().String(), false)
	close(c.settled)
	s, err := openStream(p.addr.Addr(), p.options.Pacer, o.Sound, p.options.Remember, c.keyPressed)
	if err != nil {
		return nil, fmt.Errorf("place call to %s: %w", o.To, err)
	}
	c.stream = s
	c.to = to.User
	c.asserted = o.Asserted
	c.from = party{display: o.Display, uri: sipURI(o.From, p.addr), tag: rand.Text()}
	c.dialog = dialog{callID: c.id, local: c.from, remote: party{uri: to}, target: to}
	c.offer = session{addr: s.local, codecs: o.Codecs, dtmf: ownDTMFType, direction: SendRecv}

	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		s.close()
		return nil, fmt.Errorf("place call to %s: %w", o.To, errClosed)
	}
	p.counters.Placed++
	p.add(c, time.Now())
	p.mu.Unlock()

	invite := c.inviteRequest(o)
	tx, err := p.client.TransactionRequest(p.ctx, invite)
	if err != nil {
		c.finish(Failed, 0, "INVITE could not be sent")
		return nil, fmt.Errorf("place call to %s: %w", o.To, err)
	}
	p.spawn(func() { c.runOutgoing(tx, invite, o) })
	return c, nil
}

func (p *Phone) defaults(o CallOptions) CallOptions {
	if o.From == "" {
		o.From = p.options.User
	}
	if o.Display == "" {
		o.Display = p.options.Display
	}
	if len(o.Codecs) == 0 {
		o.Codecs = p.options.Codecs
	}
	if o.Sound == nil {
		o.Sound = p.options.Sound
	}
	return o
}

func (c *Call) inviteRequest(o CallOptions) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := c.dialog.request(sip.INVITE, c.phone.contact())
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	if o.Asserted != "" {
		req.AppendHeader(sip.NewHeader("P-Asserted-Identity", o.Asserted))
	}
	for name, value := range o.Headers {
		req.AppendHeader(sip.NewHeader(name, value))
	}
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(c.offer.marshal(c.version))
	return req
}

// runOutgoing sees an INVITE through to its final response.
func (c *Call) runOutgoing(tx sip.ClientTransaction, invite *sip.Request, o CallOptions) {
	stop := c.stop
	wanted, provisional, cancelled, challenged := false, false, false, false
	var expire <-chan time.Time
	for {
		select {
		case res := <-tx.Responses():
			switch {
			case res.IsProvisional():
				provisional = true
				c.early(res)
			case res.IsSuccess():
				c.confirmed(tx, res)
				return
			case !wanted && !challenged && c.phone.challenge(res):
				challenged, provisional = true, false
				again := c.inviteRequest(o)
				retry, err := c.phone.authorise(again, res)
				if err != nil {
					c.finish(Failed, res.StatusCode, err.Error())
					return
				}
				tx, invite = retry, again
			case cancelled && res.StatusCode == sip.StatusRequestTerminated:
				c.finish(Cancelled, res.StatusCode, res.Reason)
				return
			default:
				c.finish(Refused, res.StatusCode, res.Reason)
				return
			}
		case <-stop:
			stop, wanted = nil, true
		case <-expire:
			tx.Terminate()
			c.finish(Cancelled, 0, "the CANCEL was not followed by a final response")
			return
		case <-tx.Done():
			c.finish(Failed, sip.StatusRequestTimeout, "no answer to the INVITE")
			return
		case <-c.phone.ctx.Done():
			tx.Terminate()
			return
		}
		// A CANCEL may only follow a provisional response (RFC 3261, 9.1).
		if wanted && provisional && !cancelled {
			cancelled, expire = true, time.After(64*sip.T1)
			req := cancelRequest(invite)
			c.phone.spawn(func() { _, _ = c.phone.client.Do(c.phone.ctx, req) })
		}
	}
}

// early takes audio that comes before the answer: announcements, and ringing made by the network.
func (c *Call) early(res *sip.Response) {
	if len(res.Body()) == 0 {
		return
	}
	if theirs, err := parseSDP(res.Body()); err == nil {
		if codec, ok := theirs.agree(c.offer.codecs); ok {
			c.stream.connect(theirs, codec, false)
		}
	}
}

// confirmed acknowledges the 200 and starts the conversation, unless the call was given up meanwhile.
func (c *Call) confirmed(tx sip.ClientTransaction, res *sip.Response) {
	c.mu.Lock()
	c.dialog.confirm(res)
	c.inviteTx = tx
	c.mu.Unlock()
	seq := res.CSeq().SeqNo
	tx.OnRetransmission(func(*sip.Response) { c.ack(seq) })
	c.ack(seq)

	theirs, err := parseSDP(res.Body())
	codec, ok := theirs.agree(c.offer.codecs)
	c.mu.Lock()
	c.status, c.reason = res.StatusCode, res.Reason
	if !c.finishing && !c.hangup && err == nil && ok {
		c.remote, c.codec, c.held = theirs, codec, !theirs.direction.mayReceive()
		send := c.speaks()
		c.mu.Unlock()
		c.stream.connect(theirs, codec, send)
		c.mu.Lock()
	}
	ending := NotEnded
	switch {
	case c.finishing: // their BYE was faster than their 200
		tx.Terminate()
	case c.hangup:
		ending = Cancelled
	case err != nil || !ok:
		ending = Failed
	default:
		c.established = true
		c.wake()
	}
	c.mu.Unlock()
	if ending != NotEnded {
		c.bye(ending)
	}
}

// ack acknowledges the 200 to the INVITE of that number; once more for each time it is repeated.
func (c *Call) ack(seq uint32) {
	c.mu.Lock()
	req := c.dialog.request(sip.ACK, c.phone.contact())
	req.CSeq().SeqNo = seq
	c.mu.Unlock()
	_ = c.phone.client.WriteRequest(req) // lost on the way: the 200 comes again
}

// challenge tells whether a refusal asks for a password that the phone has.
func (p *Phone) challenge(res *sip.Response) bool {
	return p.options.Password != "" &&
		(res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired)
}

// authorise sends a fresh request with the answer to the challenge in it.
func (p *Phone) authorise(req *sip.Request, res *sip.Response) (sip.ClientTransaction, error) {
	ask, answer := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	header := res.GetHeader(ask)
	if header == nil {
		return nil, fmt.Errorf("answer challenge: %d without %s", res.StatusCode, ask)
	}
	challenge, err := digest.ParseChallenge(header.Value())
	if err != nil {
		return nil, fmt.Errorf("answer challenge: %w", err)
	}
	challenge.Algorithm = strings.ToUpper(challenge.Algorithm) // Asterisk writes "md5"
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: req.Method.String(), URI: req.Recipient.String(), Username: p.options.User, Password: p.options.Password,
	})
	if err != nil {
		return nil, fmt.Errorf("answer challenge: %w", err)
	}
	req.AppendHeader(sip.NewHeader(answer, credentials.String()))
	tx, err := p.client.TransactionRequest(p.ctx, req)
	if err != nil {
		return nil, fmt.Errorf("answer challenge: %w", err)
	}
	return tx, nil
}

// Dial calls to (a feature code, say "sip:*11@127.0.0.1:5060"), waits for the answer and listens until the other
// side hangs up, or hangs up itself after listen. The ended call is returned; an error if it was not answered.
func (p *Phone) Dial(ctx context.Context, to string, listen time.Duration) (*Call, error) {
	c, err := p.Call(ctx, CallOptions{To: to})
	if err != nil {
		return nil, err
	}
	if err := c.WaitAnswered(ctx); err != nil {
		c.Hangup()
		return c, err
	}
	patience, cancel := context.WithTimeout(ctx, listen)
	defer cancel()
	if c.WaitEnded(patience) != nil {
		c.Hangup()
	}
	return c, c.WaitEnded(ctx)
}

func (c *Call) keyPressed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}
