package bench

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

const (
	agentCount  = 20
	callerCount = 8 // phones; each has any number of calls
	firstAgent  = 2001
	dialled     = "4000"
	// Tones are 100 Hz apart and callers' differ from agents', so that each
	// side is known by its own (one packet resolves 50 Hz).
	callerTone = 400
	agentTone  = 1300
)

// people are the robots: some who call, some who answer.
type people struct {
	box     *box.Box
	callers []*robot.Phone
	agents  []*agent

	mu       sync.Mutex
	numbers  int
	expected map[string]chan rung
}

type agent struct {
	id    queue.AgentID
	phone *robot.Phone
	tone  float64
}

// rung is a call that reached an agent.
type rung struct {
	agent *agent
	call  *robot.Call
}

// hire opens the phones, so that the centre can be told where they are.
func hire() (p *people, err error) {
	p = &people{expected: map[string]chan rung{}}
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
		a.phone.OnCall(func(c *robot.Call) { p.arrived(a, c) })
		p.agents = append(p.agents, a)
	}
	return p, nil
}

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
	wg.Wait()
}

// centre is the house they work in: one queue, no wrap-up, recorded.
func (p *people) centre() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "queues:\n  bench:\n    numbers: [%q]\n    ring: {agent: 3, budget: 3, then: ring}\n    wrap_up: 0s\n    record: true\nagents:\n", dialled)
	for _, a := range p.agents {
		fmt.Fprintf(&b, "  - {id: %q, phone: %q, queues: [bench]}\n", a.id, "sip:"+a.phone.Addr().String())
	}
	return b.Bytes()
}

// behave sets what all agents do with calls.
func (p *people) behave(f func(*robot.Call) robot.Behaviour) {
	for _, a := range p.agents {
		a.phone.SetBehaviourFunc(f)
	}
}

// dial places one call. What reaches an agent of it comes out of the channel.
func (p *people) dial(ctx context.Context) (number string, c *robot.Call, reached <-chan rung, err error) {
	p.mu.Lock()
	p.numbers++
	n := p.numbers
	number = fmt.Sprintf("139%08d", n)
	came := make(chan rung, 1)
	p.expected[number] = came
	p.mu.Unlock()
	c, err = p.callers[n%callerCount].Call(ctx, robot.CallOptions{To: "sip:" + dialled + "@" + p.box.SIP, From: number})
	if err != nil {
		return number, nil, nil, fmt.Errorf("place a call: %w", err)
	}
	return number, c, came, nil
}

// toneOf is the tone of the caller with a number.
func toneOf(number string) float64 {
	n, _ := strconv.Atoi(number[len("139"):])
	return callerTone + 100*float64(n%callerCount)
}

func (p *people) arrived(a *agent, c *robot.Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	number := c.From()
	if came := p.expected[number]; came != nil {
		delete(p.expected, number)
		came <- rung{a, c}
	}
}

// settleWithin limits how long the house may take to become quiet.
const settleWithin = 30 * time.Second

// settle signs in whoever is not and waits until nobody calls and all agents
// wait with their phones on the hook.
func (p *people) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	changed, stop := p.box.Node.Subscribe()
	defer stop()
	for {
		waiting := ""
		snap := p.box.Node.Snapshot()
		for _, g := range snap.Agents {
			switch {
			case g.State == queue.LoggedOut || g.State == queue.NotReady:
				req := fmt.Sprintf("bench-%s-%d", g.ID, snap.Seq)
				if _, err := p.box.Node.Ask(ctx, queue.SetAgent{Agent: g.ID, State: queue.Ready, By: "bench", Req: req}, req); err != nil {
					return fmt.Errorf("sign agent %s in: %w", g.ID, err)
				}
				waiting = fmt.Sprintf("agent %s to be ready", g.ID)
			case g.State != queue.Ready || g.Phone != queue.PhoneIdle:
				waiting = fmt.Sprintf("agent %s, who is %s with the phone %q, to be free", g.ID, g.State, g.Phone)
			}
		}
		if len(snap.Calls) > 0 {
			waiting = fmt.Sprintf("the end of %d calls", len(snap.Calls))
		}
		if waiting == "" && len(snap.Agents) == len(p.agents) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", waiting, ctx.Err())
		}
	}
}
