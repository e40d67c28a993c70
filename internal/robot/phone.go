package robot

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// PhoneOptions says what kind of phone it is. The zero value is a silent phone on a free port of loopback.
type PhoneOptions struct {
	Addr      string        // IP:port of the SIP socket; port 0 = a free one; empty = 127.0.0.1:0
	User      string        // user part of its address, and the account's name; empty = "robot"
	Password  string        // of the account; empty = challenges are not answered
	Display   string        // name shown with the number
	Sound     *Sound        // what it says; nil = Silence()
	Codecs    []Codec       // offered, best first; nil = PCMU, PCMA
	Behaviour Behaviour     // what it does with incoming calls
	Remember  time.Duration // how much of what was heard each call keeps; 0 = 3 s (48 KB)
	KeepCalls int           // how many ended calls Calls still lists; 0 = 1000
	Pacer     *Pacer        // who sends its audio; nil = its own
}

// Phone is one telephone: a SIP socket, perhaps an account, and any number of calls. Its methods may be called
// from any goroutine.
type Phone struct {
	options PhoneOptions
	addr    netip.AddrPort
	ua      *sipgo.UserAgent
	client  *sipgo.Client
	conn    *net.UDPConn
	ctx     context.Context // ends when the phone is torn down
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu        sync.Mutex
	closed    bool // no new calls
	torn      bool // nothing new may start at all
	vanished  bool // see Vanish
	behaviour Behaviour
	behave    func(*Call) Behaviour
	onCall    func(*Call)
	referred  func(*Call, string) int
	calls     map[string]*Call
	order     []*Call // oldest first
	counters  Counters
	account   *account
}

// NewPhone opens the socket and starts to listen.
func NewPhone(options PhoneOptions) (*Phone, error) {
	return openPhone(options, (*Phone).handle)
}

// openPhone is NewPhone with the handlers of requests to choose: they must stand before the first one comes.
func openPhone(options PhoneOptions, handle func(*Phone, *sipgo.Server)) (*Phone, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	addr, err := netip.ParseAddrPort(options.Addr)
	if err != nil || addr.Addr().IsUnspecified() {
		return nil, fmt.Errorf("open phone: address %q must be one IP address and a port, such as 127.0.0.1:0", options.Addr)
	}
	if options.User == "" {
		options.User = "robot"
	}
	if options.Sound == nil {
		options.Sound = Silence()
	}
	if len(options.Codecs) == 0 {
		options.Codecs = []Codec{PCMU, PCMA}
	}
	if options.Remember <= 0 {
		options.Remember = 3 * time.Second
	}
	if options.KeepCalls <= 0 {
		options.KeepCalls = 1000
	}
	if options.Pacer == nil {
		options.Pacer = new(Pacer)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("open phone on %s: %w", addr, err)
	}
	p := &Phone{options: options, behaviour: options.Behaviour, conn: conn, calls: make(map[string]*Call)}
	p.addr = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	p.ctx, p.cancel = context.WithCancel(context.Background())
	if err := p.listen(handle); err != nil {
		p.cancel()
		conn.Close()
		return nil, fmt.Errorf("open phone on %s: %w", addr, err)
	}
	return p, nil
}

func (p *Phone) listen(handle func(*Phone, *sipgo.Server)) error {
	// The stack's log is about single messages; Call.Trace has them, so it is not wanted here.
	quiet := slog.New(slog.DiscardHandler)
	var err error
	p.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("threerings-robot"), sipgo.WithUserAgentHostname(p.addr.Addr().String()),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})),
	)
	if err != nil {
		return fmt.Errorf("start SIP stack: %w", err)
	}
	server, err := sipgo.NewServer(p.ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		return fmt.Errorf("start SIP server: %w", err)
	}
	p.client, err = sipgo.NewClient(p.ua, sipgo.WithClientLogger(quiet),
		sipgo.WithClientAddr(p.addr.String()), sipgo.WithClientConnectionAddr(p.addr.String()))
	if err != nil {
		return fmt.Errorf("start SIP client: %w", err)
	}
	handle(p, server)
	w := &wire{UDPConn: p.conn, phone: p, ready: make(chan struct{})}
	p.wg.Go(func() { server.ServeUDP(w) }) // ends with the socket
	<-w.ready
	return nil
}

// Addr is the phone's SIP address and port; URI the same as a sip: address with its user.
func (p *Phone) Addr() netip.AddrPort { return p.addr }

// URI is where the phone can be called directly.
func (p *Phone) URI() string {
	uri := sipURI(p.options.User, p.addr)
	return uri.String()
}

func (p *Phone) contact() *sip.ContactHeader {
	return &sip.ContactHeader{Address: sipURI(p.options.User, p.addr)}
}

// SetBehaviour changes what the phone does with calls that come from now on. Silent takes effect at once.
func (p *Phone) SetBehaviour(b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behaviour, p.behave = b, nil
}

// SetBehaviourFunc decides anew for each call; its Silent is not looked at.
func (p *Phone) SetBehaviourFunc(f func(*Call) Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behaviour, p.behave = Behaviour{}, f
}

// OnCall has f run, in a goroutine of its own, for each call that comes in, beside the Behaviour.
func (p *Phone) OnCall(f func(*Call)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onCall = f
}

// Calls are the phone's calls, oldest first, the ended ones too as far as KeepCalls allows.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*Call(nil), p.order...)
}

// Counters returns the counts so far.
func (p *Phone) Counters() Counters {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counters
}

// begin enters work that Close must wait for; every true needs a wg.Done.
func (p *Phone) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.torn {
		return false
	}
	p.wg.Add(1)
	return true
}

// spawn runs f in a goroutine that Close waits for, unless it is too late.
func (p *Phone) spawn(f func()) {
	if p.begin() {
		go func() {
			defer p.wg.Done()
			f()
		}()
	}
}

// count changes the counters under the lock.
func (p *Phone) count(f func(*Counters)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.counters)
}

// absorbs is how long a call id is remembered at least: a late retransmission of its INVITE must not pass for a
// new call (RFC 3261, timer H: 32 s).
const absorbs = 40 * time.Second

// add enters a call; the caller holds the lock.
func (p *Phone) add(c *Call, now time.Time) {
	for len(p.order) > p.options.KeepCalls && p.order[0].endedBefore(now.Add(-absorbs)) {
		delete(p.calls, p.order[0].id)
		p.order = p.order[1:]
	}
	p.calls[c.id] = c
	p.order = append(p.order, c)
	p.counters.Live++
	p.counters.PeakLive = max(p.counters.PeakLive, p.counters.Live)
}

func (p *Phone) find(callID string) *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[callID]
}

// seen is told of every message at the socket and says whether it passes.
func (p *Phone) seen(h head, sent bool, at time.Time) bool {
	p.mu.Lock()
	if p.vanished || h.callID == "" {
		defer p.mu.Unlock()
		return !p.vanished
	}
	deaf := p.behaviour.Silent && !sent && h.status == 0
	c := p.calls[h.callID]
	if c == nil && !sent && h.status == 0 && h.method == "INVITE" && !h.inDialog {
		p.counters.Invites++
		if p.busy() {
			p.counters.InvitesWhileBusy++
		}
		c = newCall(p, h.callID, true)
		c.deaf = deaf
		p.add(c, at)
	}
	p.mu.Unlock()
	if c != nil {
		c.note(h, sent, at)
	}
	return !deaf
}

// busy tells whether a call is going on; the caller holds the lock.
func (p *Phone) busy() bool {
	for _, c := range p.order {
		if c.live() {
			return true
		}
	}
	return false
}
