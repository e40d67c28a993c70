package robot

// Vanish is what happens to a phone whose plug is pulled, in whatever it is doing: from now on nothing leaves it and
// nothing reaches it: no BYE, no answer, no sound. Its calls are not told of it; Close, which then only frees what the
// phone holds, ends them as Failed. Its ports stay taken until then, so that no other phone gets what was meant for it.
func (p *Phone) Vanish() {
	p.mu.Lock()
	p.vanished = true
	calls := append([]*Call(nil), p.order...)
	a := p.account
	p.account = nil // nothing renews it, nothing signs it off
	p.mu.Unlock()
	if a != nil {
		a.stop()
	}
	for _, c := range calls {
		c.mu.Lock()
		s := c.stream
		c.mu.Unlock()
		if s != nil {
			s.vanish()
		}
	}
}

// gone tells whether the phone has vanished.
func (p *Phone) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.vanished
}

// vanish keeps the port and neither sends nor hears on it.
func (s *stream) vanish() {
	s.pacer.remove(s)
	s.mu.Lock()
	s.sending, s.vanished = false, true
	s.mu.Unlock()
}
