package robot

import (
	"context"
	"errors"
	"fmt"

	"github.com/emiago/sipgo/sip"
)

// OnRefer has f answer the transfers that the other side asks for (REFER): it gets the Refer-To header and returns
// the status, 202 to accept. The phone calls nobody by itself; f, or who set it, places the call and tells
// the outcome by NotifyRefer. Without f, and after OnRefer(nil), transfers are declined (603).
func (p *Phone) OnRefer(f func(c *Call, referTo string) (status int)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.referred = f
}

func (p *Phone) onRefer(req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(callID(req))
	if c == nil || req.CSeq() == nil {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	p.mu.Lock()
	f := p.referred
	p.mu.Unlock()
	status := sip.StatusGlobalDecline
	if f != nil {
		c.mu.Lock()
		c.transfer.asked = req.CSeq().SeqNo
		c.mu.Unlock()
		status = f(c, headerOf(req, "Refer-To"))
	}
	reason := reasonOf(status)
	if status < 300 {
		reason = "Accepted"
	}
	respond(req, tx, status, reason)
}

// NotifyRefer tells the other side how the transfer that it asked for goes: 100, 180, and with 200 or more the
// outcome, after which there is nothing more to tell. An answer other than 200 is an error.
func (c *Call) NotifyRefer(ctx context.Context, status int) error {
	c.mu.Lock()
	if c.transfer.asked == 0 {
		c.mu.Unlock()
		return fmt.Errorf("notify of call %s: %w", c.id, errors.New("no transfer was asked for on it"))
	}
	req := c.dialog.request(sip.NOTIFY, c.phone.contact())
	id := c.transfer.asked
	c.mu.Unlock()
	state := "active;expires=60"
	if status >= 200 {
		state = "terminated;reason=noresource"
	}
	req.AppendHeader(sip.NewHeader("Event", fmt.Sprintf("refer;id=%d", id)))
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	req.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	req.SetBody(fmt.Appendf(nil, "SIP/2.0 %d Progress\r\n", status))
	res, err := c.request(ctx, req)
	if err == nil && res.StatusCode != sip.StatusOK {
		err = fmt.Errorf("refused with %d %s", res.StatusCode, res.Reason)
	}
	if err != nil {
		return fmt.Errorf("notify of call %s: %w", c.id, err)
	}
	return nil
}
