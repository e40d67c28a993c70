package chaos

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

const (
	agentCount  = 4
	callerCount = 6 // phones; each has any number of calls
	firstAgent  = 2001
	dialled     = "4000"
	// Tones are 100 Hz apart and callers' differ from agents', so that each
	// side is known by its own (one packet resolves 50 Hz).
	callerTone = 500
	agentTone  = 1300
	// supervisorPassword of a centre that lives for minutes, on loopback.
	supervisorPassword = "chaos-supervisor"
)

// people are the robots: some who call, some who answer.
type people struct {
	sip     string // where calls go
	brief   bool   // short talks, little patience
	callers []*robot.Phone
	agents  []*agent
	guard   *robot.Phone // the fallback group of the dialplan

	mu      sync.Mutex
	numbers int
	lives   map[string]*life // by number
	wg      sync.WaitGroup   // lives under way
}

type agent struct {
	id    queue.AgentID
	phone *robot.Phone
	tone  float64
}

// plan is what a caller and whoever answers are going to do, from the seed.
type plan struct {
	Patience time.Duration // then the caller leaves, if nobody answered
	PickUp   time.Duration // the agent, from the ringing
	Talk     time.Duration // from hearing each other
	ByAgent  bool          // who hangs up
}

func draw(r *rand.Rand) plan {
	span := func(from, to time.Duration) time.Duration { return from + time.Duration(r.Int64N(int64(to-from))) }
	p := plan{Patience: span(25*time.Second, 60*time.Second), PickUp: span(200*time.Millisecond, 2200*time.Millisecond),
		Talk: span(2*time.Second, 12*time.Second), ByAgent: r.IntN(3) == 0}
	if r.IntN(5) == 0 { // leaves early: while waiting, or while a telephone rings
		p.Patience = span(300*time.Millisecond, 9*time.Second)
	}
	return p
}

func hire() (p *people, err error) {
	p = &people{lives: map[string]*life{}}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	pacer := &robot.Pacer{}
	for i := range callerCount {
		phone, err := robot.NewPhone(robot.PhoneOptions{User: "caller" + strconv.Itoa(i), Pacer: pacer, Sound: robot.Tone(callerTone + 100*i)})
		if err != nil {
			return p, fmt.Errorf("callers' phones: %w", err)
		}
		p.callers = append(p.callers, phone)
	}
	for i := range agentCount {
		a := &agent{id: queue.AgentID(strconv.Itoa(firstAgent + i)), tone: float64(agentTone + 100*i)}
		if a.phone, err = robot.NewPhone(robot.PhoneOptions{User: string(a.id), Pacer: pacer, Sound: robot.Tone(int(a.tone))}); err != nil {
			return p, fmt.Errorf("agents' phones: %w", err)
		}
		a.phone.SetBehaviourFunc(func(c *robot.Call) robot.Behaviour { return robot.Behaviour{Answer: p.pickUp(c.From())} })
		a.phone.OnCall(func(c *robot.Call) { p.arrived(a, c) })
		p.agents = append(p.agents, a)
	}
	p.guard, err = robot.NewPhone(robot.PhoneOptions{User: "guard", Pacer: pacer, Sound: robot.Tone(guardTone),
		Behaviour: robot.Behaviour{Answer: time.Second, Talk: 3 * time.Second}})
	if err != nil {
		return p, fmt.Errorf("the fallback group's phone: %w", err)
	}
	p.guard.OnCall(p.guarded)
	return p, nil
}

// giveUp has all who are in a call hang up, as people do whose line is dead.
// A telephone that went on would send its sound to a port that the next
// Asterisk gives to another call, which then does not hear its own caller.
func (p *people) giveUp() {
	phones := slices.Clone(p.callers)
	for _, a := range p.agents {
		phones = append(phones, a.phone)
	}
	for _, phone := range append(phones, p.guard) {
		for _, c := range phone.Calls() {
			if c.Times().Ended.IsZero() {
				c.Hangup() // its sound stops at once; the BYE is answered by nobody
			}
		}
	}
}

const guardTone = 2500

func (p *people) close() {
	var wg sync.WaitGroup
	for _, phone := range p.callers {
		wg.Go(func() { _ = phone.Close() })
	}
	for _, a := range p.agents {
		if a.phone != nil {
			wg.Go(func() { _ = a.phone.Close() })
		}
	}
	if p.guard != nil {
		wg.Go(func() { _ = p.guard.Close() })
	}
	wg.Wait()
	p.wg.Wait()
}

// centre is the house they work in: one plain queue, so that order is arrival.
func (p *people) centre() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "queues:\n  chaos:\n    name: chaos\n    numbers: [%q]\n    ring: {agent: 3, budget: 1, then: greet}\n    wrap_up: 0s\n    record: true\nagents:\n", dialled)
	for _, a := range p.agents {
		fmt.Fprintf(&b, "  - {id: %q, phone: %q, queues: [chaos]}\n", a.id, "sip:"+a.phone.Addr().String())
	}
	fmt.Fprintf(&b, "users:\n  - {name: supervisor, role: supervisor, password: %q}\n", supervisorPassword)
	return b.Bytes()
}

// dial begins a life: a caller who calls, waits, talks and goes as planned.
func (p *people) dial(ctx context.Context, how plan) (*life, error) {
	p.mu.Lock()
	p.numbers++
	n := p.numbers
	l := &life{number: fmt.Sprintf("139%08d", n), plan: how, tone: callerTone + 100*float64(n%callerCount)}
	p.lives[l.number] = l
	p.mu.Unlock()
	l.mu.Lock() // whoever is rung for this life waits until it has its caller
	c, err := p.callers[n%callerCount].Call(ctx, robot.CallOptions{To: "sip:" + dialled + "@" + p.sip, From: l.number})
	l.caller, l.ended = c, err != nil
	l.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("place a call: %w", err)
	}
	p.wg.Go(func() { l.live(ctx) })
	return l, nil
}

func (p *people) life(number string) *life {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lives[number]
}

func (p *people) pickUp(number string) time.Duration {
	if l := p.life(number); l != nil {
		return l.plan.PickUp
	}
	return time.Second
}

func (p *people) arrived(a *agent, c *robot.Call) {
	if l := p.life(c.From()); l != nil {
		l.rung(a, c)
	}
}

func (p *people) guarded(c *robot.Call) {
	if l := p.life(c.From()); l != nil {
		l.mu.Lock()
		l.guarded = true
		l.mu.Unlock()
	}
}

// taken forgets and returns all lives so far, which must be over.
func (p *people) taken() []*life {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*life
	for _, l := range p.lives {
		if l.caller != nil {
			all = append(all, l)
		}
	}
	p.lives = map[string]*life{}
	sortLives(all)
	return all
}

// calm waits until all lives are over; those that do not end are hung up.
func (p *people) calm(ctx context.Context, limit time.Duration) {
	done := make(chan struct{})
	go func() { p.wg.Wait(); close(done) }()
	select {
	case <-done:
		return
	case <-time.After(limit):
	case <-ctx.Done():
	}
	for _, phone := range p.callers {
		for _, c := range phone.Calls() {
			c.Hangup()
		}
	}
	<-done
}

// crowd places calls until cancelled: about one each 1.3 seconds, in bursts,
// with at most so many at a time. Four agents cannot take that many, so some wait.
func (p *people) crowd(ctx, calls context.Context, r *rand.Rand, atOnce int) {
	for {
		pause := time.Duration(r.ExpFloat64() * float64(1300*time.Millisecond))
		how := draw(r)
		if p.brief {
			how.Talk, how.Patience = how.Talk/2, how.Patience/2
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(pause, 5*time.Second)):
		}
		if p.living() < atOnce {
			_, _ = p.dial(calls, how) // a phone that is closed: the run is over
		}
	}
}

func (p *people) living() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lives {
		if !l.over() {
			n++
		}
	}
	return n
}
