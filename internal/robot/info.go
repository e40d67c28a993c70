package robot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// SendDTMFInfo presses keys by SIP INFO (application/dtmf-relay), one request for each, as phones do that are set to
// "INFO". It returns when all are acknowledged.
func (c *Call) SendDTMFInfo(ctx context.Context, keys string) error {
	presses, err := parseDigits(keys)
	if err != nil {
		return err
	}
	for _, press := range presses {
		c.mu.Lock()
		if err := c.mustBeUp(); err != nil {
			c.mu.Unlock()
			return fmt.Errorf("send DTMF: %w", err)
		}
		req := c.dialog.request(sip.INFO, c.phone.contact())
		c.mu.Unlock()
		req.AppendHeader(sip.NewHeader("Content-Type", "application/dtmf-relay"))
		req.SetBody(fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", dtmfKeys[press.event], dtmfDuration.Milliseconds()))
		res, err := c.request(ctx, req)
		if err != nil {
			return fmt.Errorf("send DTMF on call %s: %w", c.id, err)
		}
		if res.StatusCode != sip.StatusOK {
			return fmt.Errorf("send DTMF on call %s: INFO was refused with %d %s", c.id, res.StatusCode, res.Reason)
		}
	}
	return nil
}

// onInfo takes a key that the other side pressed by INFO; it counts among Digits.
func (p *Phone) onInfo(req *sip.Request, tx sip.ServerTransaction) {
	c := p.find(callID(req))
	if c == nil {
		respond(req, tx, sip.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		return
	}
	if key, ok := infoKey(req.Body()); ok {
		if s := c.media(); s != nil {
			s.mu.Lock()
			s.reader.digits = append(s.reader.digits, key)
			s.mu.Unlock()
			c.keyPressed()
		}
	}
	respond(req, tx, sip.StatusOK, "OK")
}

func infoKey(body []byte) (byte, bool) {
	for line := range strings.Lines(string(body)) {
		name, value, _ := strings.Cut(line, "=")
		value = strings.ToUpper(strings.TrimSpace(value))
		if strings.EqualFold(strings.TrimSpace(name), "Signal") && len(value) == 1 && slices.Contains([]byte(dtmfKeys), value[0]) {
			return value[0], true
		}
	}
	return 0, false
}
