package robot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// command is Ring, Answer or Reject on its way to the goroutine that owns the INVITE.
type command struct {
	code   int
	result chan error
}

// Ring sends the 180 of an incoming call.
func (c *Call) Ring() error { return c.command(sip.StatusRinging) }

// Answer answers an incoming call.
func (c *Call) Answer() error { return c.command(sip.StatusOK) }

// Reject refuses an incoming call with a final code: 486, 480, 603 …
func (c *Call) Reject(code int) error {
	if code < 300 || code > 699 {
		return fmt.Errorf("reject call %s: %d refuses nothing; give a code from 300 to 699", c.id, code)
	}
	return c.command(code)
}

func (c *Call) command(code int) error {
	if !c.incoming {
		return fmt.Errorf("call %s is an outgoing one: only the other side can do that", c.id)
	}
	cmd := command{code, make(chan error, 1)}
	select {
	case c.commands <- cmd:
		return <-cmd.result
	case <-c.settled:
		return fmt.Errorf("call %s was answered, refused or cancelled before", c.id)
	case <-c.over:
		return fmt.Errorf("call %s is over", c.id)
	case <-c.phone.ctx.Done():
		return errClosed
	}
}

// onInvite handles an INVITE until it has its final response: the stack ends the transaction of a handler that
// returns before.
func (p *Phone) onInvite(req *sip.Request, tx sip.ServerTransaction) {
	if !p.begin() {
		return
	}
	defer p.wg.Done()
	c := p.find(callID(req))
	if to := req.To(); c != nil && to != nil && to.Params.Has("tag") {
		c.reinvited(req, tx)
		return
	}
	if c == nil || !c.claim() {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	i := &invitation{Call: c, req: req, tx: tx, cancelled: make(chan struct{})}
	i.run()
}

// claim makes sure that one INVITE is handled once, even if it comes by two ways.
func (c *Call) claim() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.incoming && !c.taken && !c.finishing
	c.taken = true
	return first
}

// take agrees to what the other side wrote; the caller holds the lock.
func (c *Call) take(theirs session) error {
	codec, ok := theirs.agree(c.phone.options.Codecs)
	if !ok {
		return errors.New("no codec in common")
	}
	c.remote, c.codec = theirs, codec
	c.offer.codecs, c.offer.dtmf = []Codec{codec}, theirs.dtmf
	c.held = !theirs.direction.mayReceive()
	c.offer.direction = wish(c.holding, c.held)
	if !theirs.direction.maySend() {
		c.offer.direction = theirs.direction.reversed() // we cannot hear who does not send
	}
	return nil
}

// repeat sends a 200 again until its ACK comes, which the transaction leaves to us (RFC 3261, 13.3.1.4).
func (c *Call) repeat(req *sip.Request, tx sip.ServerTransaction, body []byte) {
	seq := req.CSeq().SeqNo
	c.phone.spawn(func() {
		for wait, total := sip.T1, time.Duration(0); total < 64*sip.T1; wait = min(2*wait, sip.T2) {
			ctx, cancel := context.WithTimeout(c.phone.ctx, wait)
			err := c.await(ctx, "the ACK", func() (bool, error) { return c.acked == seq || c.finishing, nil })
			cancel()
			if err == nil || c.phone.ctx.Err() != nil {
				return
			}
			_ = tx.Respond(c.response(req, sip.StatusOK, "OK", body)) // tried again in a moment
			total += wait
		}
		c.bye(Failed)
	})
}

// welcome decides how to receive a call.
func (p *Phone) welcome(c *Call) (b Behaviour, onCall func(*Call), lines int) {
	p.mu.Lock()
	b, decide, onCall := p.behaviour, p.behave, p.onCall
	for _, other := range p.order {
		if other.live() {
			lines++
		}
	}
	closed := p.closed
	p.mu.Unlock()
	if decide != nil {
		b = decide(c)
	}
	if closed {
		b = Behaviour{NoRing: true, Reject: sip.StatusServiceUnavailable}
	}
	return b, onCall, lines
}
