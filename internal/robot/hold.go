package robot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"
)

// errGlare is a re-INVITE that met one of the other side's (491).
var errGlare = errors.New("the other side was changing the call, too")

// Hold puts the other side on hold, as the key of a desk phone does: a re-INVITE that says sendonly. While it lasts
// this phone sends no audio at all and wants none. It returns when the other side has agreed; a re-INVITE that
// meets the other side's (491) is tried again until ctx ends.
func (c *Call) Hold(ctx context.Context) error { return c.renegotiate(ctx, "hold", true) }

// Resume takes the other side back from hold: a re-INVITE that says sendrecv, or recvonly as long as the other side
// holds this phone. It returns as Hold does.
func (c *Call) Resume(ctx context.Context) error { return c.renegotiate(ctx, "resume", false) }

// Holding tells whether this phone has the other side on hold. OnHold tells the opposite.
func (c *Call) Holding() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.holding
}

// wish is the direction we offer: who is held may still not send, and who holds does not want to hear.
func wish(holding, held bool) Direction {
	switch {
	case holding && held:
		return Inactive
	case holding:
		return SendOnly
	case held:
		return RecvOnly
	}
	return SendRecv
}

// speaks tells whether audio is sent; the caller holds the lock.
func (c *Call) speaks() bool { return !c.holding && !c.held }

func (c *Call) renegotiate(ctx context.Context, what string, holding bool) error {
	if !c.phone.begin() {
		return fmt.Errorf("%s call %s: %w", what, c.id, errClosed)
	}
	done := make(chan error, 1)
	// Beside ctx: an INVITE that is out must be seen through, or its 200 would go without an ACK.
	go func() {
		defer c.phone.wg.Done()
		done <- c.changeHold(ctx, holding)
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s call %s: %w", what, c.id, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s call %s: %w", what, c.id, context.Cause(ctx))
	}
}

func (c *Call) changeHold(ctx context.Context, holding bool) error {
	for {
		// One INVITE at a time in either direction (RFC 3261, 14.1).
		if err := c.await(ctx, "the turn to change", func() (bool, error) {
			if !c.established || c.finishing {
				return false, fmt.Errorf("it is not up: %s", c.outcome())
			}
			if c.inviting || c.answeredSeq != c.acked {
				return false, nil
			}
			c.inviting = true
			return true, nil
		}); err != nil {
			return err
		}
		err := c.reinvite(holding)
		c.mu.Lock()
		c.inviting = false
		c.wake()
		c.mu.Unlock()
		if !errors.Is(err, errGlare) {
			return err
		}
		// Who made the call waits 2.1 to 4 s, the other up to 2 s (RFC 3261, 14.1).
		wait := rand.N(2 * time.Second)
		if !c.incoming {
			wait = 2100*time.Millisecond + rand.N(1900*time.Millisecond)
		}
		select {
		case <-time.After(wait):
		case <-c.over:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
	}
}

// reinvite offers the new direction and takes the answer.
func (c *Call) reinvite(holding bool) error {
	req, offered := c.reinviteRequest(holding)
	tx, err := c.phone.client.TransactionRequest(c.phone.ctx, req)
	if err != nil {
		return fmt.Errorf("send INVITE: %w", err)
	}
	res, err := c.finalResponse(tx)
	if err == nil && c.phone.challenge(res) {
		req, offered = c.reinviteRequest(holding)
		if tx, err = c.phone.authorise(req, res); err == nil {
			res, err = c.finalResponse(tx)
		}
	}
	switch {
	case err != nil:
		return err
	case res.StatusCode == sip.StatusRequestPending:
		return errGlare
	case !res.IsSuccess():
		return fmt.Errorf("the other side refused with %d %s", res.StatusCode, res.Reason)
	}
	seq := req.CSeq().SeqNo
	tx.OnRetransmission(func(*sip.Response) { c.ack(seq) })
	c.mu.Lock()
	if contact := res.Contact(); contact != nil {
		c.dialog.target = *contact.Address.Clone()
	}
	earlier := c.inviteTx
	c.inviteTx = tx
	over := c.finishing
	c.mu.Unlock()
	c.ack(seq)
	if earlier != nil {
		earlier.Terminate()
	}
	if over {
		tx.Terminate()
		return errors.New("it ended meanwhile")
	}
	return c.agreed(res, holding, offered)
}

func (c *Call) reinviteRequest(holding bool) (*sip.Request, Direction) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	offer := c.offer
	offer.direction = wish(holding, c.held)
	req := c.dialog.request(sip.INVITE, c.phone.contact())
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(offer.marshal(c.version))
	return req, offer.direction
}

func (c *Call) finalResponse(tx sip.ClientTransaction) (*sip.Response, error) {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, errors.New("no answer to the INVITE")
		case <-c.over:
			tx.Terminate()
			return nil, errors.New("it ended meanwhile")
		}
	}
}

// agreed takes the answer to our offer. Only to an offer to send can the answer say that we are held.
func (c *Call) agreed(res *sip.Response, holding bool, offered Direction) error {
	theirs, err := parseSDP(res.Body())
	if err != nil {
		return err
	}
	c.mu.Lock()
	held := c.held
	if err = c.take(theirs); err == nil {
		if !offered.maySend() {
			c.held = held
		}
		c.holding = holding
		c.offer.direction = wish(c.holding, c.held)
		c.wake()
	}
	codec, send := c.codec, c.speaks()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	c.stream.connect(theirs, codec, send)
	return nil
}
