package robot

import (
	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER"

// handle binds the requests a telephone gets. NOTIFY tells how transfers go; switches also send it unasked.
func (p *Phone) handle(server *sipgo.Server) {
	server.OnInvite(p.onInvite)
	server.OnAck(p.onAck)
	server.OnBye(p.onBye)
	server.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) { // one that matches no INVITE
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
	})
	ok := func(req *sip.Request, tx sip.ServerTransaction) { respond(req, tx, sip.StatusOK, "OK") }
	server.OnOptions(ok)
	server.OnInfo(p.onInfo)
	server.OnRefer(p.onRefer)
	server.OnNotify(p.onNotify)
	server.OnNoRoute(func(req *sip.Request, tx sip.ServerTransaction) {
		respond(req, tx, sip.StatusMethodNotAllowed, "Method Not Allowed")
	})
}

func respond(req *sip.Request, tx sip.ServerTransaction, code int, reason string) {
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	_ = tx.Respond(res) // if it is lost the request comes again
}

func callID(req *sip.Request) string {
	if h := req.CallID(); h != nil {
		return h.Value()
	}
	return ""
}

// response is one to an INVITE of the call.
func (c *Call) response(req *sip.Request, code int, reason string, body []byte) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reason, body)
	if code > 100 && code < 300 {
		res.AppendHeader(c.phone.contact())
		res.AppendHeader(sip.NewHeader("Allow", allowed))
	}
	if len(body) > 0 {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

func (i *invitation) respond(code int, reason string, body []byte) error {
	return i.tx.Respond(i.response(i.req, code, reason, body))
}

func (p *Phone) onAck(req *sip.Request, _ sip.ServerTransaction) {
	c := p.find(callID(req))
	if c == nil || req.CSeq() == nil {
		return
	}
	c.mu.Lock()
	c.acked = req.CSeq().SeqNo
	// The answer to an offer that was ours to make comes here.
	theirs, err := parseSDP(req.Body())
	late := len(req.Body()) > 0 && err == nil && c.established && !c.finishing
	if late {
		late = c.take(theirs) == nil
	}
	codec, send := c.codec, c.speaks()
	c.wake()
	c.mu.Unlock()
	if late {
		c.stream.connect(theirs, codec, send)
	}
}

func (p *Phone) onBye(req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(callID(req))
	if c == nil {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	respond(req, tx, sip.StatusOK, "OK")
	c.finish(Remote, 0, "")
}

// reinvited answers a re-INVITE: hold, resume, or a new place to send to.
func (c *Call) reinvited(req *sip.Request, tx sip.ServerTransaction) {
	c.mu.Lock()
	if !c.established || c.finishing {
		c.mu.Unlock()
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	if c.inviting {
		c.mu.Unlock()
		respond(req, tx, sip.StatusRequestPending, "Request Pending")
		return
	}
	if len(req.Body()) > 0 {
		theirs, err := parseSDP(req.Body())
		if err == nil {
			err = c.take(theirs)
		}
		if err != nil {
			c.mu.Unlock()
			respond(req, tx, sip.StatusNotAcceptableHere, "Not Acceptable Here")
			return
		}
	}
	if contact := req.Contact(); contact != nil {
		c.dialog.target = *contact.Address.Clone()
	}
	c.version++
	offer := c.offer
	if len(req.Body()) == 0 {
		offer.direction = wish(c.holding, false) // an offer of ours: whether they still hold us, their answer says
	}
	body := offer.marshal(c.version)
	c.answeredSeq = req.CSeq().SeqNo
	theirs, codec, send := c.remote, c.codec, c.speaks()
	c.mu.Unlock()
	_ = tx.Respond(c.response(req, sip.StatusOK, "OK", body)) // repeated below
	c.stream.connect(theirs, codec, send)
	c.repeat(req, tx, body)
}

func reasonOf(code int) string {
	switch code {
	case sip.StatusTemporarilyUnavailable:
		return "Temporarily Unavailable"
	case sip.StatusBusyHere:
		return "Busy Here"
	case sip.StatusServiceUnavailable:
		return "Service Unavailable"
	case sip.StatusGlobalDecline:
		return "Decline"
	}
	return "Refused"
}
