package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// Cost is what a centre takes of a machine, by what goes on in it. CPU is in
// percent of one core, or in milliseconds of one; the robots are another process
// and are not in it.
type Cost struct {
	Machine Machine   `json:"machine"`
	At      time.Time `json:"at"`
	// Idle is a centre in which nothing happens.
	Idle Shares `json:"idle_percent"`
	// Talking is one recorded conversation, Waiting one caller with music, beyond idle.
	Talking Shares `json:"talking_percent"`
	Waiting Shares `json:"waiting_percent"`
	// Call is what one call costs from INVITE to BYE, its talk apart.
	Call Shares `json:"call_ms"`
	// Calls, Talks, Waits are how many were measured.
	Calls int `json:"calls"`
	Talks int `json:"talks"`
	Waits int `json:"waits"`
	// WaitingKB is Asterisk's memory for one waiting caller.
	WaitingKB float64 `json:"waiting_kb"`
	// LedgerKB is what one call takes in Postgres, indexes included; RecordingKB one second of talk.
	LedgerKB    float64 `json:"ledger_kb"`
	RecordingKB float64 `json:"recording_kb"`
}

// Shares of the parts of a centre.
type Shares struct {
	Asterisk   float64 `json:"asterisk"`
	Threerings float64 `json:"threerings"`
	Postgres   float64 `json:"postgres"`
}

func (s Shares) each(o Shares, f func(a, b float64) float64) Shares {
	return Shares{f(s.Asterisk, o.Asterisk), f(s.Threerings, o.Threerings), f(s.Postgres, o.Postgres)}
}

func (s Shares) less(o Shares) Shares {
	return s.each(o, func(a, b float64) float64 { return a - b })
}

func (s Shares) over(n float64) Shares {
	return s.each(s, func(a, _ float64) float64 { return a / n })
}

// CostOptions of a run. Dir must be given.
type CostOptions struct {
	Options
	// Crowd is the command line of a process that calls the function Crowd.
	Crowd []string
	// For is how long each phase lasts; default 40 s.
	For time.Duration
}

const (
	costAgents  = 20
	costWaiting = 100
	costRate    = 180 // calls per minute
	costTalk    = 3 * time.Second
)

// Load is what a crowd process is told.
type Load struct {
	Server string             `json:"server"`
	Phones []robot.AgentPhone `json:"phones"`
	Lines  int                `json:"lines"`
	Minute float64            `json:"per_minute"`
	Talk   time.Duration      `json:"talk"`
}

// Crowd runs a load until its standard input ends.
func Crowd(ctx context.Context, in io.Reader, out io.Writer) error {
	var l Load
	from := json.NewDecoder(in)
	if err := from.Decode(&l); err != nil {
		return fmt.Errorf("read the load: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	crowd := &robot.Crowd{Server: l.Server, Seed: 1,
		Callers: robot.CallerCrowd{Lines: l.Lines, PerMinute: l.Minute, Numbers: []string{dialled}, Talk: l.Talk},
		Agents:  robot.AgentCrowd{Phones: l.Phones, PickUp: 300 * time.Millisecond, PickUpMin: 100 * time.Millisecond}}
	if err := crowd.Run(ctx); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(crowd.Counters())
}

// RunCost starts a centre, measures, and ends everything that it started.
func RunCost(ctx context.Context, o CostOptions) (_ *Cost, err error) {
	if o.For == 0 {
		o.For = 40 * time.Second
	}
	c := &Cost{At: time.Now().UTC().Truncate(time.Second)}
	if c.Machine, err = ThisMachine(ctx); err != nil {
		return nil, err
	}
	phones, err := freePhones()
	if err != nil {
		return nil, err
	}
	house := costHouse(phones)
	b, err := box.Start(ctx, box.Options{Dir: o.Dir, Centre: house, Log: o.Log})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	m := &meter{box: b, o: o, phones: phones}
	return c, m.run(ctx, c)
}

// freePhones are addresses at which nobody listens, below the ports that Linux
// gives to whoever asks for any: the robots' own sound would take them.
func freePhones() (phones []robot.AgentPhone, err error) {
	const first, last = 6000, 9999
	for port := first; len(phones) < costAgents; port++ {
		if port > last {
			return nil, fmt.Errorf("no %d free UDP ports between %d and %d for phones", costAgents, first, last)
		}
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		conn, err := net.ListenPacket("udp4", addr)
		if err != nil {
			continue // somebody else's
		}
		conn.Close()
		phones = append(phones, robot.AgentPhone{User: strconv.Itoa(firstAgent + len(phones)), Addr: addr})
	}
	return phones, nil
}

func costHouse(phones []robot.AgentPhone) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "queues:\n  bench:\n    numbers: [%q]\n    ring: {agent: 3, budget: 3}\n    wrap_up: 0s\n    record: true\nagents:\n", dialled)
	for _, p := range phones {
		fmt.Fprintf(&b, "  - {id: %q, phone: %q, queues: [bench]}\n", p.User, "sip:"+p.Addr)
	}
	return b.Bytes()
}

// meter reads what the parts of a centre take.
type meter struct {
	box    *box.Box
	o      CostOptions
	phones []robot.AgentPhone
}

func (m *meter) run(ctx context.Context, c *Cost) error {
	steps := []struct {
		name string
		do   func(context.Context, *Cost) error
	}{{"idle", m.idle}, {"talking", m.talking}, {"waiting", m.waiting}, {"calls", m.calls}}
	for i, s := range steps {
		if m.o.Progress != nil {
			m.o.Progress(s.name, i, len(steps))
		}
		if err := s.do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (m *meter) idle(ctx context.Context, c *Cost) (err error) {
	c.Idle, err = m.percent(ctx)
	return err
}

func (m *meter) talking(ctx context.Context, c *Cost) error {
	stop, err := m.crowd(ctx, Load{Lines: costAgents, Minute: 600, Talk: time.Hour, Phones: m.phones})
	if err != nil {
		return err
	}
	talks := func(s *queue.Snapshot) int {
		n := 0
		for _, call := range s.Calls {
			if call.State == queue.CallTalking {
				n++
			}
		}
		return n
	}
	if err := m.until(ctx, "conversations", func(s *queue.Snapshot) bool { return talks(s) == costAgents }); err != nil {
		return errors.Join(err, stop())
	}
	if err := pause(ctx, 3*time.Second); err != nil {
		return err
	}
	wav := m.recorded()
	from := time.Now()
	all, err := m.percent(ctx)
	c.Talks, c.Talking = costAgents, all.less(c.Idle).over(costAgents)
	c.RecordingKB = (m.recorded() - wav) / 1024 / costAgents / time.Since(from).Seconds()
	return errors.Join(err, stop(), m.quiet(ctx))
}

func (m *meter) waiting(ctx context.Context, c *Cost) error {
	if err := m.agents(ctx, queue.NotReady); err != nil {
		return err
	}
	before := m.memory(m.box.Asterisk.PID())
	stop, err := m.crowd(ctx, Load{Lines: costWaiting, Minute: 1200, Talk: time.Hour})
	if err != nil {
		return err
	}
	music := func(s *queue.Snapshot) bool {
		n := 0
		for _, call := range s.Calls {
			if call.Media == queue.MediaMusic {
				n++
			}
		}
		return n == costWaiting
	}
	if err := m.until(ctx, "callers with music", music); err != nil {
		return errors.Join(err, stop())
	}
	all, err := m.percent(ctx)
	c.Waits, c.Waiting = costWaiting, all.less(c.Idle).over(costWaiting)
	c.WaitingKB = (m.memory(m.box.Asterisk.PID()) - before) / 1024 / costWaiting
	return errors.Join(err, stop(), m.quiet(ctx), m.agents(ctx, queue.Ready))
}

func (m *meter) calls(ctx context.Context, c *Cost) error {
	if err := m.box.Node.Flush(ctx); err != nil {
		return err
	}
	rows, err := m.ledger(ctx)
	if err != nil {
		return err
	}
	ended := m.ended()
	before, from := m.used(), time.Now()
	stop, err := m.crowd(ctx, Load{Lines: 3 * costAgents, Minute: costRate, Talk: costTalk, Phones: m.phones})
	if err != nil {
		return err
	}
	if err := errors.Join(pause(ctx, 2*m.o.For), stop(), m.quiet(ctx), m.box.Node.Flush(ctx)); err != nil {
		return err
	}
	after, lasted := m.used(), time.Since(from)
	c.Calls = m.ended() - ended
	if c.Calls == 0 {
		return errors.New("no call was answered")
	}
	talked := float64(c.Calls) * (costTalk + 300*time.Millisecond).Seconds()
	rest := after.less(before).less(c.Idle.over(100 / lasted.Seconds())).less(c.Talking.over(100 / talked)) // seconds of a core
	c.Call = rest.over(float64(c.Calls) / 1000)
	now, err := m.ledger(ctx)
	c.LedgerKB = (now - rows) / 1024 / float64(c.Calls)
	return err
}

// crowd starts robots in a process of their own; stop ends them in order.
func (m *meter) crowd(ctx context.Context, l Load) (stop func() error, err error) {
	l.Server = m.box.SIP
	cmd := exec.CommandContext(ctx, m.o.Crowd[0], m.o.Crowd[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("robots: %w", err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("robots: %w", err)
	}
	stop = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	if err := json.NewEncoder(in).Encode(l); err != nil {
		return nil, errors.Join(err, stop())
	}
	if len(l.Phones) == 0 {
		return stop, nil
	}
	return stop, m.agents(ctx, queue.Ready)
}

// agents puts all of them into a state.
func (m *meter) agents(ctx context.Context, state queue.AgentState) error {
	for _, p := range m.phones {
		req := fmt.Sprintf("cost-%s-%d", p.User, time.Now().UnixNano())
		if _, err := m.box.Node.Ask(ctx, queue.SetAgent{Agent: queue.AgentID(p.User), State: state, By: "bench", Req: req}, req); err != nil {
			return fmt.Errorf("agent %s: %w", p.User, err)
		}
	}
	return nil
}

// until waits for something of the present.
func (m *meter) until(ctx context.Context, what string, is func(*queue.Snapshot) bool) error {
	ctx, cancel := context.WithTimeout(ctx, 4*settleWithin) // a hundred greetings
	defer cancel()
	changed, stop := m.box.Node.Subscribe()
	defer stop()
	for !is(m.box.Node.Snapshot()) {
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		}
	}
	return nil
}

func (m *meter) quiet(ctx context.Context) error {
	return m.until(ctx, "the end of all calls", func(s *queue.Snapshot) bool { return len(s.Calls) == 0 })
}

func (m *meter) ended() int {
	n := 0
	for _, q := range m.box.Node.Snapshot().Queues {
		n += q.Today.Answered
	}
	return n
}

// percent of a core that each part takes while nothing changes.
func (m *meter) percent(ctx context.Context) (Shares, error) {
	runtime.GC()
	before, from := m.used(), time.Now()
	if err := pause(ctx, m.o.For); err != nil {
		return Shares{}, err
	}
	return m.used().less(before).over(time.Since(from).Seconds() / 100), nil
}
