package robot

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// ReferProgress is what the other side has told about the newest transfer of a call (RFC 3515, 2.4.4).
type ReferProgress struct {
	Response int   // to the REFER: 202 = it is being tried, 603 and others = refused; 0 = none yet
	Codes    []int // status codes in the NOTIFYs, in the order they were sent: 100, 180, 200
	Done     bool  // the other side says that there will be no more
}

// Final is the outcome: the last code from 200 on, 0 as long as there is none.
func (r ReferProgress) Final() int {
	for _, code := range slices.Backward(r.Codes) {
		if code >= 200 {
			return code
		}
	}
	return 0
}

// transfer is the newest REFER of a call.
type transfer struct {
	seq      uint32 // of our REFER; 0 = none
	response int
	told     []toldStatus
	done     bool
	asked    uint32 // number of the REFER that came to us; 0 = none
}

// toldStatus is one NOTIFY. Their numbers give the order: the stack hands two that come at once to two goroutines.
type toldStatus struct {
	seq  uint32
	code int
}

func (t *transfer) progress() ReferProgress {
	p := ReferProgress{Response: t.response, Done: t.done}
	for _, told := range t.told {
		p.Codes = append(p.Codes, told.code)
	}
	return p
}

// Refer transfers the other side blindly: it is asked (REFER, RFC 3515) to call target, such as
// sip:4001@127.0.0.1:5060. The response to the REFER is returned; 202 only says that it is being tried, the
// outcome comes by NOTIFY: see ReferProgress and WaitReferred. The call itself stays until somebody hangs up.
func (c *Call) Refer(ctx context.Context, target string) (final int, err error) {
	var uri sip.Uri
	if err := sip.ParseUri(target, &uri); err != nil || uri.Host == "" {
		return 0, fmt.Errorf("transfer call %s: %q is no SIP address such as sip:4001@127.0.0.1:5060", c.id, target)
	}
	return c.refer(ctx, target)
}

// ReferTo transfers with consultation: the other side of this call is asked to take the place of this phone in
// the other call (REFER with Replaces, RFC 3891). Both must be answered. For the rest it is as Refer.
func (c *Call) ReferTo(ctx context.Context, other *Call) (final int, err error) {
	target, err := other.replaceURI()
	if err != nil {
		return 0, fmt.Errorf("transfer call %s: %w", c.id, err)
	}
	return c.refer(ctx, target)
}

// replaceURI is an address whose INVITE takes this phone's place in the call. Its tags are named from the point of
// view of who gets that INVITE: to-tag is the other side's (RFC 3891, 3).
func (c *Call) replaceURI() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.mustBeUp(); err != nil {
		return "", err
	}
	target := c.dialog.target.Clone()
	target.Headers = nil
	replaces := fmt.Sprintf("%s;to-tag=%s;from-tag=%s", c.dialog.callID, c.dialog.remote.tag, c.dialog.local.tag)
	// QueryEscape escapes all that RFC 3261, 25.1 forbids there; call ids and tags have no spaces.
	return target.String() + "?Replaces=" + url.QueryEscape(replaces), nil
}

// mustBeUp is an error unless the call is in conversation; the caller holds the lock.
func (c *Call) mustBeUp() error {
	switch {
	case c.ended:
		return fmt.Errorf("call %s is over: %s", c.id, c.outcome())
	case !c.established || c.finishing:
		return fmt.Errorf("call %s is not in conversation; wait for its answer", c.id)
	}
	return nil
}

func (c *Call) refer(ctx context.Context, target string) (int, error) {
	c.mu.Lock()
	if err := c.mustBeUp(); err != nil {
		c.mu.Unlock()
		return 0, fmt.Errorf("transfer: %w", err)
	}
	req := c.dialog.request(sip.REFER, c.phone.contact())
	seq := req.CSeq().SeqNo
	c.transfer = transfer{seq: seq, asked: c.transfer.asked}
	c.mu.Unlock()
	by := sipURI(c.phone.options.User, c.phone.addr)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+target+">"))
	req.AppendHeader(sip.NewHeader("Referred-By", "<"+by.String()+">"))
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	res, err := c.request(ctx, req)
	if err != nil {
		return 0, fmt.Errorf("transfer call %s: %w", c.id, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.transfer.seq == seq {
		c.transfer.response = res.StatusCode
		c.wake()
	}
	return res.StatusCode, nil
}

// request sends a request inside the call and returns its final response.
func (c *Call) request(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.phone.ctx, func() { cancel(errClosed) })()
	res, err := c.phone.client.Do(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("no answer to %s: %w", req.Method, err)
	}
	return res, nil
}

// ReferProgress returns what is known of the newest Refer or ReferTo.
func (c *Call) ReferProgress() ReferProgress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.transfer.progress()
}

// WaitReferred waits for the outcome of the newest transfer: the status the other side got from its new call, as
// told by NOTIFY. It is an error when the transfer was refused or the other side ended its reports without one.
// The call may end before: its last NOTIFY may come after the BYE.
func (c *Call) WaitReferred(ctx context.Context) (int, error) {
	var final int
	err := c.await(ctx, "the outcome of the transfer", func() (bool, error) {
		progress := c.transfer.progress()
		final = progress.Final()
		switch {
		case final != 0:
			return true, nil
		case c.transfer.seq == 0:
			return false, fmt.Errorf("call %s was not transferred", c.id)
		case progress.Response >= 300:
			return false, fmt.Errorf("transfer of call %s was refused with %d", c.id, progress.Response)
		case progress.Done:
			return false, fmt.Errorf("transfer of call %s has no outcome: %v", c.id, progress.Codes)
		}
		return false, nil
	})
	return final, err
}

// onNotify takes the progress of a transfer; other NOTIFYs, which switches send unasked, are answered too.
func (p *Phone) onNotify(req *sip.Request, tx sip.ServerTransaction) {
	if c := p.find(callID(req)); c != nil {
		c.notified(req)
	}
	respond(req, tx, sip.StatusOK, "OK")
}

func (c *Call) notified(req *sip.Request) {
	event, parameters, _ := strings.Cut(headerOf(req, "Event"), ";")
	if strings.TrimSpace(event) != "refer" || req.CSeq() == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &c.transfer
	// The id, where there is one, is the REFER's number: news of an earlier transfer is none of this one's.
	if id, ok := strings.CutPrefix(strings.TrimSpace(parameters), "id="); ok && id != strconv.FormatUint(uint64(t.seq), 10) {
		return
	}
	if code, ok := sipfrag(req.Body()); ok {
		told := toldStatus{req.CSeq().SeqNo, code}
		at, _ := slices.BinarySearchFunc(t.told, told, func(a, b toldStatus) int { return int(a.seq) - int(b.seq) })
		t.told = slices.Insert(t.told, at, told)
	}
	t.done = t.done || strings.HasPrefix(headerOf(req, "Subscription-State"), "terminated")
	c.wake()
}

// sipfrag reads the status line that a transfer's NOTIFY carries.
func sipfrag(body []byte) (int, bool) {
	rest, ok := strings.CutPrefix(string(body), "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0, false
	}
	code, err := strconv.Atoi(rest[:3])
	return code, err == nil && code >= 100 && code < 700
}

func headerOf(req *sip.Request, name string) string {
	if h := req.GetHeader(name); h != nil {
		return strings.TrimSpace(h.Value())
	}
	return ""
}
