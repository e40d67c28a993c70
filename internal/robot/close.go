package robot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errClosed = errors.New("the phone is closed")

// closeGrace is what the other sides get to answer our BYE and CANCEL.
const closeGrace = 2 * time.Second

// signOffGrace is what the registrar gets: a switch that was being given hundreds of accounts on a busy machine
// took three seconds for a REGISTER.
const signOffGrace = 10 * time.Second

// Close ends all calls (BYE, CANCEL, or a refusal), signs off the account and closes the sockets. When it
// returns, nothing of the phone is left running.
func (p *Phone) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	calls := append([]*Call(nil), p.order...)
	p.mu.Unlock()

	ctx, cancel := context.WithTimeout(p.ctx, closeGrace)
	defer cancel()
	if p.gone() {
		calls = nil // whoever has vanished tells nobody
	}
	for _, c := range calls {
		c.Hangup()
	}
	for _, c := range calls {
		if c.WaitEnded(ctx) != nil {
			break
		}
	}
	signOff, cancel := context.WithTimeout(p.ctx, signOffGrace)
	defer cancel()
	err := p.Unregister(signOff)
	p.cancel()
	p.mu.Lock()
	p.torn = true
	calls = append(calls[:0], p.order...)
	p.mu.Unlock()
	for _, c := range calls {
		c.finish(Failed, 0, "phone closed")
	}
	p.conn.Close()
	if closing := p.ua.Close(); err == nil && closing != nil {
		err = fmt.Errorf("close phone %s: %w", p.addr, closing)
	}
	p.wg.Wait()
	return err
}
