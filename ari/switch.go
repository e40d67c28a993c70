package ari

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/queue"
)

// ErrReplaced is returned by Run when another process has connected with the
// same application name. That process leads now: do not connect again.
var ErrReplaced = errors.New("another process has taken over this ARI application: end this one, or give it another application name")

// Options say which Asterisk and how.
type Options struct {
	URL      string // of ARI, such as http://127.0.0.1:8088/ari
	User     string
	Password string
	App      string       // name of the Stasis application
	Trunk    string       // host:port by which numbers outside are called; empty: the contact of Asterisk's endpoint "trunk"
	Phones   Limits       // of phones that say nothing
	Log      *slog.Logger // nil: slog.Default()
	// Leads, if set, is asked before each connection. An error ends Run with it:
	// another process leads, and to connect would take the application from it.
	// Who cannot know for lack of an answer returns nil soon.
	Leads func(context.Context) error

	PingEvery  time.Duration // default 2 s
	DeadAfter  time.Duration // no sign of life for so long ends a connection; default 5 s
	CheckEvery time.Duration // search for lost events; default 15 s
	// Timeout limits one request, from sending to the answer's headers; default 3 s.
	Timeout time.Duration
	// BackOffMin and BackOffMax bound the pause between connection attempts; default 0.1 and 2 s.
	BackOffMin, BackOffMax time.Duration

	silent *atomic.Bool                                                      // tests: no signs of life while it is true
	dial   func(ctx context.Context, network, addr string) (net.Conn, error) // tests: another way than TCP
}

func (o Options) filled() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.PingEvery, 2*time.Second)
	def(&o.DeadAfter, 5*time.Second)
	def(&o.CheckEvery, 15*time.Second)
	def(&o.Timeout, 3*time.Second)
	def(&o.BackOffMin, 100*time.Millisecond)
	def(&o.BackOffMax, 2*time.Second)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.silent == nil {
		o.silent = new(atomic.Bool)
	}
	if o.dial == nil {
		o.dial = (&net.Dialer{Timeout: o.Timeout, KeepAlive: 15 * time.Second}).DialContext
	}
	o.Phones = o.Phones.filled()
	o.URL = strings.TrimRight(o.URL, "/")
	return o
}

// Switch is one Asterisk as the core sees it: inputs come from it, commands go
// to it.
type Switch struct {
	opts    Options
	log     *slog.Logger
	send    func(queue.Input)
	rest    *client
	manager *Manager
	stats   *counters
	lanes   *lanes

	connected atomic.Bool
	lingering atomic.Bool            // see Linger
	lingers   atomic.Pointer[socket] // open although Run has ended
	done      atomic.Bool            // replaced or ended: nothing is carried out any more
	base      context.Context
	cancel    context.CancelFunc

	mu       sync.Mutex // guards what follows; held shortly, never over I/O
	legs     *table
	tapes    map[queue.LegID]bool // recordings that were to be muted (true) or not last
	lag      lag
	lateEnds lateEnds
	stamps   stamps
	plan     Plan
	homes    devices         // of plan
	planned  int             // how many plans there were; 0: none yet, which is not an empty one
	placed   int             // which of them is in place, wholly; 0: none
	made     map[string]bool // bridges that are there, as far as we know

	wanted chan struct{} // one slot: a check is wanted soon
	ours   chan struct{} // closed when Asterisk's application is ours for the first time
	taken  sync.Once     // closes ours

	nextSentinel time.Time // belongs to the session's signs of life

	provisioning chan struct{} // one slot: a push is under way
	pushed       pushed        // belongs to that push
}

// New returns a switch that sends its inputs to send, which must not block.
// Nothing happens before Run.
func New(opts Options, send func(queue.Input)) *Switch {
	opts = opts.filled()
	base, cancel := context.WithCancel(context.Background())
	s := &Switch{
		opts: opts, log: opts.Log.With("app", opts.App), send: send, stats: newCounters(),
		base: base, cancel: cancel, legs: newTable(), made: map[string]bool{}, tapes: map[queue.LegID]bool{},
		wanted: make(chan struct{}, 1), ours: make(chan struct{}), provisioning: make(chan struct{}, 1),
	}
	s.rest = newClient(opts, s.stats)
	s.manager = &Manager{URL: opts.URL, User: opts.User, Password: opts.Password, HTTP: s.rest.http}
	s.lanes = newLanes(s.carryOut)
	return s
}

// Connected tells whether events reach us.
func (s *Switch) Connected() bool { return s.connected.Load() }

// Stats are the counts since New.
func (s *Switch) Stats() Stats {
	st := s.stats.snapshot()
	st.Connected = s.Connected()
	return st
}

// ending is how long commands may still take when Run ends in order: what the
// core has put on record is carried out, so that whoever takes over finds it.
const ending = time.Second

// Abandon drops the commands that are not under way yet, and all to come:
// another process leads, and one call must not get the commands of two.
func (s *Switch) Abandon() { s.done.Store(true) }

// Linger lets the connection stay open when Run ends in order, until Release:
// so the application is there for new callers until another process connects
// and finds them (facts 6.14). Nothing is heard and nothing done meanwhile.
func (s *Switch) Linger() { s.lingering.Store(true) }

// Release closes what Linger has kept open. It is called after Run.
func (s *Switch) Release() {
	if sock := s.lingers.Swap(nil); sock != nil {
		sock.close()
	}
}

// Run connects and stays connected until ctx ends (it returns nil) or another
// process takes over (ErrReplaced, or what Leads says). It may be called once.
func (s *Switch) Run(ctx context.Context) error {
	defer s.end()
	// What the core remembers of a former run is not what it hears now.
	s.send(queue.SwitchLost{})
	pause := s.opts.BackOffMin
	for {
		if s.opts.Leads != nil {
			if err := s.opts.Leads(ctx); err != nil && ctx.Err() == nil {
				s.done.Store(true)
				return fmt.Errorf("not connected to Asterisk again: %w", err)
			}
		}
		reached, err := s.session(ctx)
		switch {
		case errors.Is(err, ErrReplaced):
			s.log.Error("replaced by another process")
			return ErrReplaced
		case ctx.Err() != nil:
			return nil
		}
		if reached {
			s.stats.lost(why(err))
			pause = s.opts.BackOffMin
		}
		s.log.Warn("not connected to Asterisk", "error", err, "again_in", pause)
		jitter := time.Duration(rand.Int64N(int64(pause)/2 + 1))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause - jitter):
		}
		pause = min(2*pause, s.opts.BackOffMax)
	}
}

func (s *Switch) end() {
	s.lanes.wait(ending)
	s.done.Store(true)
	s.cancel()
	s.lanes.wait(s.opts.Timeout)
	s.rest.close()
}

// Execute carries out commands, in order for each call, and returns at once.
// Failures come back as queue.CommandFailed.
func (s *Switch) Execute(commands []queue.Command) {
	for _, c := range commands {
		if s.done.Load() {
			s.stats.command(queue.Name(c), "dropped", 0)
			continue
		}
		if d, ok := diallingOf(c); ok {
			// Before anything is sent: a snapshot taken now must not
			// miss the leg that is about to be.
			s.mu.Lock()
			s.legs.dialling[d.leg] = true
			s.mu.Unlock()
		}
		s.wantTape(c)
		s.lanes.add(laneOf(c), c)
	}
}

func (s *Switch) eventsURL() (string, error) {
	u, err := url.Parse(s.opts.URL)
	if err != nil {
		return "", err
	}
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path += "/events"
	u.RawQuery = url.Values{"app": {s.opts.App}}.Encode()
	return u.String(), nil
}
