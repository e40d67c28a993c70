package robot

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Crowd is a centre's people: callers who arrive at random and agents who sign in by feature code and take
// their calls. All chance comes from the seed. Fill it in, then Run it once.
type Crowd struct {
	Server  string // host:port of the switch
	Host    string // IP address of the robots; empty = 127.0.0.1
	Seed    uint64
	Callers CallerCrowd
	Agents  AgentCrowd

	pacer    Pacer
	mu       sync.Mutex
	chance   *rand.Rand
	counters CrowdCounters
}

// CallerCrowd is who calls.
type CallerCrowd struct {
	Lines     int           // callers at a time at most; arrivals beyond are counted as Blocked
	PerMinute float64       // mean arrivals, a Poisson process
	Numbers   []string      // dialled with equal chance, one may stand there more than once; "4000"
	Prefix    string        // of the callers' numbers, followed by four digits of the line; empty = "1380000"
	Patience  time.Duration // mean of an exponential distribution: who waits longer hangs up
	Talk      time.Duration // mean of an exponential distribution, at least 1 s
	Sound     *Sound        // nil = a tone of 440 Hz
}

// AgentCrowd is who answers.
type AgentCrowd struct {
	Phones    []AgentPhone
	PickUp    time.Duration // mean from the 180 to the answer, exponential, at least PickUpMin
	PickUpMin time.Duration
	Ignore    float64       // share of calls that an agent lets ring
	HangUp    float64       // share of calls that the agent ends, not the caller (R2.4)
	Talk      time.Duration // mean of the talk in those
	WrapUp    time.Duration // mean of the after-call work; then the agent dials ReadyCode
	ReadyCode string        // "*11"; dialled at the start and after each call; empty = never
	LeaveCode string        // "*13"; dialled at the end; empty = never
	Sound     *Sound        // nil = a tone of 700 Hz
}

// AgentPhone is one agent's telephone.
type AgentPhone struct {
	User     string
	Password string // empty = it does not register: the switch knows its address
	Addr     string // IP:port; empty = a free port on Crowd.Host
}

// CrowdCounters is what has happened so far.
type CrowdCounters struct {
	Arrived   int // callers
	Blocked   int // of these, without a free line
	Answered  int // callers who were connected
	Abandoned int // callers who lost patience
	Refused   int // callers who were turned away or cut off before an answer
	Taken     int // calls that agents answered
	Ignored   int // calls that agents let ring
	Codes     int // feature codes that were accepted
	CodesLost int // feature codes that were refused or not answered
}

// Counters returns the counts so far.
func (c *Crowd) Counters() CrowdCounters {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counters
}

func (c *Crowd) count(f func(*CrowdCounters)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.counters)
}

// Run signs the agents in, lets callers arrive until ctx ends, then ends all calls, signs out and closes
// everything. It fails if it cannot start; what goes wrong later is counted.
func (c *Crowd) Run(ctx context.Context) error {
	c.fill()
	var agents []*crowdAgent
	var lines []*Phone
	var staff sync.WaitGroup
	working, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		staff.Wait()
		c.disperse(agents, lines)
	}()
	for _, phone := range c.Agents.Phones {
		a, err := c.hire(working, phone)
		if err != nil {
			return fmt.Errorf("run crowd: agent %s: %w", phone.User, err)
		}
		agents = append(agents, a)
	}
	for n := range c.Callers.Lines {
		p, err := NewPhone(PhoneOptions{
			Addr: c.Host + ":0", User: fmt.Sprintf("%s%04d", c.Callers.Prefix, n+1), Sound: c.Callers.Sound, Pacer: &c.pacer, KeepCalls: 4,
		})
		if err != nil {
			return fmt.Errorf("run crowd: caller %d: %w", n+1, err)
		}
		lines = append(lines, p)
	}
	for _, a := range agents {
		staff.Go(func() { a.work(working) })
	}
	c.arrivals(working, lines)
	return nil
}

func (c *Crowd) fill() {
	c.chance = rand.New(rand.NewPCG(c.Seed, c.Seed^0x9e3779b97f4a7c15))
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.Callers.Prefix == "" {
		c.Callers.Prefix = "1380000"
	}
	if c.Callers.Sound == nil {
		c.Callers.Sound = Tone(440)
	}
	if c.Agents.Sound == nil {
		c.Agents.Sound = Tone(700)
	}
}

// exponential draws a duration with the mean; a mean of 0 is 0.
func (c *Crowd) exponential(mean time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Duration(min(c.chance.ExpFloat64(), 1000) * float64(mean))
}

func (c *Crowd) chosen(share float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chance.Float64() < share
}

// arrivals lets callers come until ctx ends and waits for the last of them.
func (c *Crowd) arrivals(ctx context.Context, lines []*Phone) {
	if c.Callers.PerMinute <= 0 || len(lines) == 0 || len(c.Callers.Numbers) == 0 {
		<-ctx.Done()
		return
	}
	free := make(chan *Phone, len(lines))
	for _, p := range lines {
		free <- p
	}
	var callers sync.WaitGroup
	defer callers.Wait()
	mean := time.Duration(math.Min(float64(time.Minute)/c.Callers.PerMinute, float64(24*time.Hour)))
	for next := time.Now(); ; {
		next = next.Add(c.exponential(mean))
		if pause(ctx, time.Until(next)) != nil {
			return
		}
		c.mu.Lock()
		number := c.Callers.Numbers[c.chance.IntN(len(c.Callers.Numbers))]
		c.counters.Arrived++
		c.mu.Unlock()
		patience, talk := c.exponential(c.Callers.Patience), max(c.exponential(c.Callers.Talk), time.Second)
		select {
		case p := <-free:
			callers.Go(func() {
				c.visit(ctx, p, number, patience, talk)
				free <- p
			})
		default:
			c.count(func(n *CrowdCounters) { n.Blocked++ })
		}
	}
}

// visit is one caller's call, from dialling to hanging up.
func (c *Crowd) visit(ctx context.Context, p *Phone, number string, patience, talk time.Duration) {
	call, err := p.Call(ctx, CallOptions{To: "sip:" + number + "@" + c.Server})
	if err != nil {
		c.count(func(n *CrowdCounters) { n.Refused++ })
		return
	}
	// Hanging up is followed to its end even if the crowd is told to stop: no phone may ring for nobody.
	defer func() { _ = call.WaitEnded(p.ctx) }()
	defer call.Hangup()
	waiting := ctx
	if c.Callers.Patience > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	switch err := call.WaitAnswered(waiting); {
	case err == nil:
		c.count(func(n *CrowdCounters) { n.Answered++ })
	case ctx.Err() != nil: // closing time is nobody's fault
		return
	case errors.Is(err, context.DeadlineExceeded):
		c.count(func(n *CrowdCounters) { n.Abandoned++ })
		return
	default:
		c.count(func(n *CrowdCounters) { n.Refused++ })
		return
	}
	talking, cancel := context.WithTimeout(ctx, talk)
	defer cancel()
	_ = call.WaitEnded(talking) // or the agent hangs up first
}

// disperse signs everyone out and closes the phones.
func (c *Crowd) disperse(agents []*crowdAgent, lines []*Phone) {
	var all sync.WaitGroup
	for _, a := range agents {
		all.Go(func() {
			if c.Agents.LeaveCode != "" {
				ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
				defer cancel()
				a.dial(ctx, c.Agents.LeaveCode)
			}
			_ = a.phone.Close() // the switch may be gone already
		})
	}
	for _, p := range lines {
		all.Go(func() { _ = p.Close() })
	}
	all.Wait()
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
