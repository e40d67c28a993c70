package ari

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threerings/threerings/ari/aritest"
	"github.com/threerings/threerings/queue"
)

// The model below plays leaders that follow one another, each with a real
// Switch, and cuts them off: from Asterisk, from the ledger and from the lease,
// one or two at a time. It shows that the effects of two leaders do not meet on
// a call (docs/adr/0011).

const (
	modelCalls   = 5
	modelLatency = 100 * time.Millisecond // of a request, and of an event, at most
	leaseLasts   = 3 * time.Second
)

// effect is a command that Asterisk has carried out.
type effect struct {
	at    time.Time
	epoch int
	call  string
}

// model is what all leaders share.
type model struct {
	plan  *rand.Rand // of the schedule
	r     *rand.Rand // of latencies
	deaf  bool       // mutation: nobody is told that they are replaced
	blind bool       // mutation: nobody asks the ledger before connecting

	under   sync.WaitGroup
	mu      sync.Mutex
	epoch   int // the ledger's newest
	owner   *leader
	opened  []effect // of the application
	effects []effect
	log     []string
}

func (m *model) note(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf("%8s ", time.Since(modelStart).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

// modelStart is when every bubble's clock begins.
var modelStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (m *model) latency() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Duration(m.r.Int64N(int64(modelLatency)))
}

// leader is a term of one node.
type leader struct {
	m      *model
	epoch  int
	server *aritest.Server // Asterisk, as this leader reaches it
	pipes  *aritest.Pipes
	sw     *Switch
	stop   context.CancelFunc
	ended  chan struct{}

	mu       sync.Mutex
	asterisk bool // cut off
	ledger   bool
	lease    bool
	conns    []net.Conn
}

var errFollowed = errors.New("the ledger knows a newer leader")

func (m *model) lead() *leader {
	m.mu.Lock()
	m.epoch++
	l := &leader{m: m, epoch: m.epoch, pipes: aritest.Pipe(), ended: make(chan struct{})}
	m.note("epoch %d begins", l.epoch)
	m.mu.Unlock()
	l.server = aritest.NewServer(l.pipes)
	l.server.Handle(l.answer)
	l.sw = New(Options{URL: "http://asterisk/ari", App: testApp, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), dial: l.dial, Leads: l.leads}, func(queue.Input) {})
	l.sw.opts.silent.Store(true)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() { defer close(l.ended); defer stop(); _ = l.sw.Run(ctx) }()
	m.under.Go(func() { l.command(ctx) })
	return l
}

func (l *leader) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	cut := l.asterisk
	l.mu.Unlock()
	if cut {
		return nil, errors.New("cut off")
	}
	c, err := l.pipes.Dial(ctx, network, addr)
	if err == nil {
		l.mu.Lock()
		l.conns = append(l.conns, c)
		l.mu.Unlock()
	}
	return c, err
}

// leads is what the node asks the ledger: without an answer it goes on.
func (l *leader) leads(context.Context) error {
	l.mu.Lock()
	cut := l.ledger
	l.mu.Unlock()
	if cut || l.m.blind {
		return nil
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if l.m.epoch != l.epoch {
		return errFollowed
	}
	return nil
}

// answer is Asterisk: the filter comes first on a new socket, so the one before
// is replaced by then.
func (l *leader) answer(r aritest.Request) (aritest.Answer, bool) {
	time.Sleep(l.m.latency())
	m := l.m
	switch {
	case strings.HasSuffix(r.Path, "/eventFilter"):
		m.mu.Lock()
		old := m.owner
		m.owner = l
		m.opened = append(m.opened, effect{time.Now(), l.epoch, ""})
		m.note("epoch %d has Asterisk's application", l.epoch)
		m.mu.Unlock()
		if old != nil && old != l && !m.deaf {
			m.under.Go(func() {
				time.Sleep(m.latency())
				_ = old.server.Emit(`{"type":"ApplicationReplaced","application":"` + testApp + `"}`) // gone, if it is cut off
			})
		}
	case strings.HasSuffix(r.Path, "/ring"):
		m.mu.Lock()
		m.effects = append(m.effects, effect{time.Now(), l.epoch, r.Path})
		m.mu.Unlock()
	}
	return aritest.Answer{}, false
}

// command commands calls, as a core does that has not been told to end, and
// ends when the ledger or the lease tells of another.
func (l *leader) command(ctx context.Context) {
	for ctx.Err() == nil {
		l.m.mu.Lock()
		call, pause := l.m.r.IntN(modelCalls), time.Duration(20+l.m.r.IntN(180))*time.Millisecond
		followed := l.m.epoch != l.epoch
		l.m.mu.Unlock()
		l.mu.Lock()
		quiet := l.asterisk                                   // nothing happens, so there is nothing to record
		told := followed && (!l.lease || !l.ledger && !quiet) // Redis names another, or the ledger refuses a record
		l.mu.Unlock()
		if told {
			l.sw.Abandon()
			l.stop()
			return
		}
		if !quiet {
			l.sw.Execute([]queue.Command{queue.IndicateRinging{Leg: queue.LegID(fmt.Sprintf("c%d", call))}})
		}
		time.Sleep(pause)
	}
}

// cut takes ways from a leader, or gives them back.
func (l *leader) cut(asterisk, ledger, lease bool) {
	l.mu.Lock()
	l.asterisk, l.ledger, l.lease = asterisk, ledger, lease
	conns := l.conns
	if asterisk {
		l.conns = nil
	}
	l.mu.Unlock()
	if asterisk {
		for _, c := range conns {
			c.Close()
		}
	}
}

func (l *leader) close() {
	l.stop()
	l.server.Close()
	l.pipes.Close()
	<-l.ended
}

// play runs one schedule and says what is wrong with it.
func (m *model) play() (wrong []string) {
	leaders := []*leader{m.lead()}
	for range 6 {
		now := leaders[len(leaders)-1]
		time.Sleep(time.Duration(1+m.plan.IntN(3000)) * time.Millisecond)
		ways := [][3]bool{{true, false, false}, {false, true, false}, {false, false, true}, {true, true, false}, {true, false, true}, {false, true, true}}
		w := ways[m.plan.IntN(len(ways))]
		m.mu.Lock()
		m.note("epoch %d is cut off: Asterisk %t, ledger %t, lease %t", now.epoch, w[0], w[1], w[2])
		m.mu.Unlock()
		now.cut(w[0], w[1], w[2])
		lasts := time.Duration(500+m.plan.IntN(10_000)) * time.Millisecond
		if w[2] && lasts > leaseLasts { // another takes the lease
			time.Sleep(leaseLasts)
			leaders = append(leaders, m.lead())
			time.Sleep(lasts - leaseLasts)
		} else {
			time.Sleep(lasts)
		}
		// The ways come back one after the other, in any order.
		for _, i := range m.plan.Perm(3) {
			w[i] = false
			now.cut(w[0], w[1], w[2])
			time.Sleep(time.Duration(m.plan.IntN(1000)) * time.Millisecond)
		}
	}
	last := leaders[len(leaders)-1]
	m.mu.Lock()
	before := len(m.effects)
	m.mu.Unlock()
	time.Sleep(10 * time.Second)
	for _, l := range leaders {
		l.close()
	}
	m.under.Wait()
	time.Sleep(2 * modelLatency) // for the last requests
	m.mu.Lock()
	defer m.mu.Unlock()
	alive := false
	for _, e := range m.effects[before:] {
		alive = alive || e.epoch == last.epoch
	}
	if !alive {
		wrong = append(wrong, fmt.Sprintf("epoch %d, the last, commands nothing", last.epoch))
	}
	return append(wrong, m.met()...)
}

// met finds effects of a leader after a newer one had the application: what was
// under way may still arrive, no more.
func (m *model) met() (wrong []string) {
	const underWay = 2 * modelLatency // the event that it is replaced, and its last request
	for i, o := range m.opened {
		for _, before := range m.opened[:i] {
			if before.epoch > o.epoch {
				wrong = append(wrong, fmt.Sprintf("epoch %d took the application back from epoch %d", o.epoch, before.epoch))
			}
		}
		for _, e := range m.effects {
			if e.epoch < o.epoch && e.at.Sub(o.at) > underWay {
				wrong = append(wrong, fmt.Sprintf("epoch %d commands %s %v after epoch %d had the application", e.epoch, e.call, e.at.Sub(o.at), o.epoch))
			}
		}
	}
	return wrong
}

func playModel(t *testing.T, seed uint64, change func(*model)) (wrong, log []string) {
	synctest.Test(t, func(t *testing.T) {
		m := &model{plan: rand.New(rand.NewPCG(seed, 11)), r: rand.New(rand.NewPCG(seed, 12))}
		change(m)
		wrong = m.play()
		log = m.log
	})
	return wrong, log
}

// TestTwoLeadersNeverMeet: effects of two leaders do not meet on a call, over
// random schedules of cuts, but for what was under way (200 ms here) when the
// newer one had Asterisk's application.
func TestTwoLeadersNeverMeet(t *testing.T) {
	schedules := uint64(60)
	if testing.Short() {
		schedules = 30
	}
	for seed := range schedules {
		if wrong, log := playModel(t, seed, func(*model) {}); len(wrong) > 0 {
			t.Fatalf("seed %d: %s\n%s", seed, strings.Join(wrong[:min(len(wrong), 5)], "\n"), strings.Join(log, "\n"))
		}
	}
}

// TestTheModelSees: without each of the fences the model fails.
func TestTheModelSees(t *testing.T) {
	for name, change := range map[string]func(*model){
		"nobody is told that they are replaced":      func(m *model) { m.deaf = true },
		"nobody asks the ledger before they connect": func(m *model) { m.blind = true },
	} {
		seen := false
		for seed := uint64(0); seed < 100 && !seen; seed++ {
			wrong, _ := playModel(t, seed, change)
			seen = len(wrong) > 0
		}
		if !seen {
			t.Errorf("%s, and 100 schedules see nothing", name)
		}
	}
}
