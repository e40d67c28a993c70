package ari

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// miniCore plays the core's part, as simply as can be, and keeps a book of
// what it was told of each leg.
type miniCore struct {
	c    *centre
	cuts bool // the wire is being cut
	mu   sync.Mutex
	free []string // agents' accounts
	wait []queue.CallArrived
	leg  map[queue.LegID]*life
	bad  []string
}

type life struct {
	account   string // agent's
	other     queue.LegID
	arrivals  int
	answers   int
	ends      int
	cause     queue.Cause
	gone      bool // absent in a reconciliation
	dialled   time.Time
	heard     bool // anything at all
	withdrawn bool // its caller left: as in the core, over without a word of the switch
}

func (m *miniCore) blame(format string, args ...any) {
	m.bad = append(m.bad, fmt.Sprintf(format, args...))
}

func (m *miniCore) of(id queue.LegID) *life {
	l := m.leg[id]
	if l == nil {
		l = &life{}
		m.leg[id] = l
	}
	return l
}

func (m *miniCore) hear(in queue.Input) {
	m.mu.Lock()
	defer m.mu.Unlock()
	alive := func(id queue.LegID) *life {
		l := m.of(id)
		switch over := l.gone || l.ends > 0; {
		case over && m.cuts:
			// A request that was given up may be carried out later still:
			// like the core, nobody rings for nobody.
			m.c.do(queue.HangUp{Leg: id, Reason: queue.HangUpElsewhere})
		case over:
			m.blame("%T of leg %s after its end", in, id)
		}
		l.heard = true
		return l
	}
	switch in := in.(type) {
	case queue.CallArrived:
		m.arrive(in)
	case queue.LegRinging:
		alive(in.Leg)
	case queue.LegAnswered:
		l := alive(in.Leg)
		l.answers++
		if l.ends > 0 {
			return
		}
		m.c.do(queue.Answer{Leg: l.other}, queue.Bridge{Call: queue.CallID(l.other), Legs: []queue.LegID{l.other, in.Leg}})
	case queue.LegBridged:
		alive(in.Leg)
	case queue.LegEnded:
		l := m.of(in.Leg)
		if l.gone {
			return // its true end was on the way
		}
		l.cause = in.Cause
		m.end(in.Leg, l)
	case queue.CommandFailed:
		if in.Command != "DialAgent" {
			m.blame("%+v", in)
			return
		}
		m.end(in.Leg, m.of(in.Leg))
	case queue.Reconciled:
		m.reconcile(in)
	}
}

func (m *miniCore) arrive(in queue.CallArrived) {
	m.of(in.Leg).arrivals++
	m.c.do(queue.IndicateRinging{Leg: in.Leg})
	m.wait = append(m.wait, in)
	m.match()
}

func (m *miniCore) match() {
	for len(m.free) > 0 && len(m.wait) > 0 {
		in, acc := m.wait[0], m.free[0]
		m.wait, m.free = m.wait[1:], m.free[1:]
		if m.leg[in.Leg].ends > 0 {
			m.free = append(m.free, acc)
			continue
		}
		leg := m.c.dial(in, 1, queue.AgentID("a"+acc), account(acc))
		*m.of(leg) = life{account: acc, other: in.Leg, dialled: time.Now()}
		m.of(in.Leg).other = leg
	}
}

func (m *miniCore) end(id queue.LegID, l *life) {
	l.ends++
	if l.ends > 1 {
		m.blame("leg %s ended %d times", id, l.ends)
		return
	}
	if l.account != "" && !l.withdrawn {
		m.free = append(m.free, l.account)
	}
	if l.other != "" {
		m.c.do(queue.HangUp{Leg: l.other, Reason: queue.HangUpNormal})
		if a := m.leg[l.other]; a.account != "" && a.ends == 0 && !a.withdrawn {
			a.withdrawn = true
			m.free = append(m.free, a.account)
		}
	}
	call, _ := callOf(id)
	m.c.do(queue.Unbridge{Call: call})
	m.match()
}

func (m *miniCore) reconcile(in queue.Reconciled) {
	there := map[queue.LegID]bool{}
	for _, f := range in.Legs {
		there[f.Leg] = true
	}
	// First who is gone: below, new legs are dialled.
	for id, l := range m.leg {
		if !there[id] && l.ends == 0 {
			l.gone = true
		}
	}
	for id, l := range m.leg {
		if l.gone && l.ends == 0 {
			m.end(id, l)
		}
	}
	for _, f := range in.Legs {
		l := m.of(f.Leg)
		switch {
		case l.ends > 0:
			m.c.do(queue.HangUp{Leg: f.Leg})
		case f.Kind == queue.LegCaller && l.arrivals == 0:
			m.arrive(f.Arrival)
		case f.Kind == queue.LegAgent && f.Up && l.answers == 0:
			l.answers++
			m.c.do(queue.Answer{Leg: l.other}, queue.Bridge{Call: queue.CallID(l.other), Legs: []queue.LegID{l.other, f.Leg}})
		}
	}
}

// TestStorm: many calls at once, checks for lost events far too often, and
// (second half) the wire cut now and then. Nothing may be told twice, nothing
// that is there be told gone.
func TestStorm(t *testing.T) {
	const agents, calls = 8, 80
	var plan Plan
	for i := range agents {
		acc := itoa(1100 + i)
		plan.Accounts = append(plan.Accounts, Account{ID: acc, Password: "pw", Agent: queue.AgentID("a" + acc)})
	}
	for _, cuts := range []bool{false, true} {
		t.Run(fmt.Sprintf("cuts=%v", cuts), func(t *testing.T) {
			in := boot(t)
			wire := newProxy(t, strings.TrimSuffix(strings.TrimPrefix(in.ARIURL(), "http://"), "/ari"))
			c := open(t, in, wire.url(in.ARIURL()), plan)
			core := &miniCore{c: c, cuts: cuts, leg: map[queue.LegID]*life{}}
			var phones []*robot.Phone
			for i, a := range plan.Accounts {
				b := robot.Behaviour{Answer: time.Duration(20+5*i) * time.Millisecond, Talk: time.Duration(100+10*i) * time.Millisecond}
				if i == 0 {
					b = robot.Behaviour{Reject: 486}
				}
				phones = append(phones, c.phone(t, a.ID, "pw", b))
				core.free = append(core.free, a.ID)
			}
			c.told.onInput(core.hear)
			caller := newRobot(t, robot.PhoneOptions{User: "13800000001"})
			var placed []*robot.Call
			var leaving sync.WaitGroup
			defer leaving.Wait()
			for i := range calls {
				call, err := caller.Call(t.Context(), robot.CallOptions{To: "sip:4000@" + c.sip()})
				must(t, err)
				placed = append(placed, call)
				if i%5 == 4 {
					leaving.Go(func() { // some give up, once they have arrived
						if call.WaitRinging(limit(t)) == nil {
							time.Sleep(time.Duration(i) * time.Millisecond)
							call.Hangup()
						}
					})
				}
				if cuts && i%20 == 10 {
					wire.set(true)
					time.AfterFunc(30*time.Millisecond, func() { wire.set(false) })
				}
				time.Sleep(25 * time.Millisecond) // the rate of calls
			}
			for _, call := range placed {
				if cuts { // those in the fallback would hear it out
					time.AfterFunc(3*time.Second, call.Hangup)
				}
			}
			for _, call := range placed {
				must(t, call.WaitEnded(limit(t)))
			}
			core.settle(t, len(placed), cuts)
			report(t, c, core, phones)
		})
	}
}

// settle waits until every leg that was told of has ended, and passes judgement.
func (m *miniCore) settle(t *testing.T, calls int, cuts bool) {
	t.Helper()
	defer func() {
		if t.Failed() {
			m.mu.Lock()
			for id, l := range m.leg {
				if l.ends == 0 {
					t.Logf("leg %s has not ended: %+v", id, *l)
				}
			}
			m.mu.Unlock()
			now, err := m.c.sw.look(t.Context())
			t.Logf("Asterisk has %+v %v", now.channels, err)
		}
	}()
	until(t, "every leg to have ended", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, l := range m.leg {
			if l.ends == 0 && (l.heard || !l.withdrawn) {
				return false
			}
		}
		return true
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	arrived, gone := 0, 0
	for id, l := range m.leg {
		arrived += l.arrivals
		if l.arrivals > 1 || l.answers > 1 {
			t.Errorf("leg %s arrived %d times, answered %d times", id, l.arrivals, l.answers)
		}
		if l.gone || (l.cause == queue.CauseGone && !l.withdrawn) { // those of callers who left may never have been dialled
			gone++
		}
	}
	for _, b := range m.bad {
		t.Error(b)
	}
	if !cuts && (arrived != calls || gone != 0) {
		t.Errorf("%d of %d calls arrived, %d legs were told gone", arrived, calls, gone)
	}
	t.Logf("%d calls, %d arrived (the rest met the fallback), %d legs ended in a gap", calls, arrived, gone)
}

func report(t *testing.T, c *centre, m *miniCore, phones []*robot.Phone) {
	t.Helper()
	until(t, "all bridges to be gone", func() bool {
		now, err := c.sw.look(t.Context())
		return err == nil && len(now.bridges) == 0 && len(now.channels) == 0
	})
	st := c.sw.Stats()
	for name, n := range st.Healed {
		if name != "PhoneChanged" && st.Reconnects == 0 {
			t.Errorf("%d %s healed although nothing was lost", n, name)
		}
	}
	var times []time.Time
	for _, p := range phones {
		for _, call := range p.Calls() {
			times = append(times, call.Times().Invited)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	m.mu.Lock()
	var dialled []time.Time
	for _, l := range m.leg {
		if !l.dialled.IsZero() {
			dialled = append(dialled, l.dialled)
		}
	}
	m.mu.Unlock()
	slices.SortFunc(dialled, time.Time.Compare)
	if len(times) == len(dialled) && len(times) > 0 {
		var waits []time.Duration
		for i := range times {
			waits = append(waits, times[i].Sub(dialled[i]))
		}
		slices.Sort(waits)
		t.Logf("dial → INVITE n=%d p50 %v p95 %v max %v", len(waits), waits[len(waits)/2], waits[len(waits)*95/100], waits[len(waits)-1])
	}
	for _, name := range []string{"DialAgent", "HangUp", "Answer", "Bridge"} {
		h := st.Carried[name]
		if h.Count > 0 {
			t.Logf("%-10s n=%d mean %v max %v", name, h.Count, (h.Sum / time.Duration(h.Count)).Round(time.Microsecond), h.Max.Round(time.Microsecond))
		}
	}
	t.Logf("events to inputs mean %v max %v; healed %v; %v", st.Events2In.Sum/time.Duration(st.Events2In.Count), st.Events2In.Max, st.Healed, st.Commands)
}
