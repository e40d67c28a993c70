package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// mode is what a proxy does with what passes through it.
type mode int

const (
	pass    mode = iota
	refuse       // new connections are closed at once, those that are there are cut
	swallow      // half-open: new connections are taken; nothing passes, nothing ends
	slow         // each piece is held back for a while, in both directions
	stall        // a few more bytes pass to threerings, in the middle of a frame, then nothing; what it says arrives
	commits      // pieces with a COMMIT in them are held back
)

const (
	slowBy    = 400 * time.Millisecond
	commitBy  = 2 * time.Second
	stallOnly = 7 // bytes: more than a frame's head, less than any event
)

// proxy stands between threerings and one of the parts, on TCP.
type proxy struct {
	network, addr string // of the part
	ln            net.Listener
	// overhear, unless nil, gives an ear to each connection, for what threerings says.
	overhear func() *requests

	mu      sync.Mutex
	mode    mode
	changed chan struct{} // closed and made anew with each change of mode
	conns   map[net.Conn]struct{}
	closed  bool
	wg      sync.WaitGroup
}

// newProxy makes one. overhear may be nil.
func newProxy(network, addr string, overhear func() *requests) (*proxy, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy to %s: %w", addr, err)
	}
	p := &proxy{network: network, addr: addr, ln: ln, overhear: overhear, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is where threerings finds the part: host:port.
func (p *proxy) Addr() string { return p.ln.Addr().String() }

// set changes what happens from now on. What was held back by an earlier mode
// is lost with its connection: half of a frame cannot be continued.
func (p *proxy) set(m mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.mode
	p.mode = m
	close(p.changed)
	p.changed = make(chan struct{})
	if m == refuse || old == stall || old == swallow {
		p.cutAll()
	}
}

// cut ends all connections; new ones are taken.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutAll()
}

func (p *proxy) cutAll() {
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, as a switch that drops a flow sends
		}
		c.Close()
	}
}

func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.ln.Close()
	p.cutAll()
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	p.wg.Wait()
}

func (p *proxy) now() (mode, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode, p.changed
}

// keep notes a connection so that it can be cut; false when it must not live.
func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.mode == refuse {
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *proxy) drop(c net.Conn) {
	c.Close()
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
}

func (p *proxy) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return // closed
		}
		if !p.keep(c) {
			c.Close()
			continue
		}
		p.wg.Go(func() {
			defer p.drop(c)
			p.serve(c)
		})
	}
}

// dialWithin limits how long the part may take to accept.
const dialWithin = 5 * time.Second

func (p *proxy) serve(near net.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), dialWithin)
	far, err := (&net.Dialer{}).DialContext(ctx, p.network, p.addr)
	cancel()
	if err != nil {
		return // the part is away itself
	}
	if !p.keep(far) {
		far.Close()
		return
	}
	defer p.drop(far)
	var both sync.WaitGroup
	both.Go(func() { p.carry(far, near, true) })
	both.Go(func() { p.carry(near, far, false) })
	both.Wait()
}

// carry moves what comes from one side to the other, as the mode has it.
func (p *proxy) carry(to, from net.Conn, toPart bool) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	begun := mode(-1) // of this connection's stall
	var ear *requests
	if toPart && p.overhear != nil {
		ear = p.overhear()
	}
	for {
		n, err := from.Read(buf)
		piece := buf[:n]
		for n > 0 {
			m, changed := p.now()
			if m == stall && begun != stall && !toPart {
				begun = stall
				_, _ = to.Write(piece[:min(stallOnly, n)]) // the connection ends with the mode
			}
			if m == swallow || m == stall && !toPart {
				<-changed // then the connection is cut
				continue
			}
			hold := time.Duration(0)
			switch {
			case m == slow:
				hold = slowBy
			case m == commits && toPart && bytes.Contains(bytes.ToLower(piece), []byte("commit")):
				hold = commitBy
			}
			if hold > 0 {
				timer := time.NewTimer(hold)
				select {
				case <-timer.C:
				case <-changed:
					timer.Stop()
				}
			}
			at := time.Now()
			if _, werr := to.Write(piece); werr != nil {
				return
			}
			if ear != nil {
				ear.feed(at, piece)
			}
			break
		}
		if err != nil {
			return
		}
	}
}
