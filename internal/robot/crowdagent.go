package robot

import (
	"context"
	"time"
)

// crowdAgent is an agent of a Crowd. Like a person with a plain telephone, it knows the centre only by what it
// dials and what rings.
type crowdAgent struct {
	crowd *Crowd
	phone *Phone
	calls chan *Call
}

// hire opens the agent's phone and registers it if it has an account.
func (c *Crowd) hire(ctx context.Context, p AgentPhone) (*crowdAgent, error) {
	if p.Addr == "" {
		p.Addr = c.Host + ":0"
	}
	phone, err := NewPhone(PhoneOptions{
		Addr: p.Addr, User: p.User, Password: p.Password, Sound: c.Agents.Sound, Pacer: &c.pacer, KeepCalls: 4,
	})
	if err != nil {
		return nil, err
	}
	a := &crowdAgent{crowd: c, phone: phone, calls: make(chan *Call, 16)}
	phone.SetBehaviourFunc(a.receive)
	phone.OnCall(func(call *Call) {
		select {
		case a.calls <- call:
		default: // the agent has gone home
		}
	})
	if p.Password != "" {
		if err := phone.Register(ctx, "sip:"+c.Server, time.Minute); err != nil {
			_ = phone.Close() // the first error says it
			return nil, err
		}
	}
	return a, nil
}

// receive decides what becomes of a call.
func (a *crowdAgent) receive(*Call) Behaviour {
	c := a.crowd
	b := Behaviour{Lines: 1, Answer: max(c.exponential(c.Agents.PickUp), c.Agents.PickUpMin)}
	if c.chosen(c.Agents.Ignore) {
		b.NeverAnswer = true
		c.count(func(n *CrowdCounters) { n.Ignored++ })
	} else if c.chosen(c.Agents.HangUp) {
		b.Talk = max(c.exponential(c.Agents.Talk), time.Second)
	}
	return b
}

// work signs in and then, after each call and its wrap-up, reports ready again: also after one that was missed,
// for the centre has set the agent not ready then.
func (a *crowdAgent) work(ctx context.Context) {
	a.ready(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case call := <-a.calls:
			if call.WaitEnded(ctx) != nil {
				return
			}
			if call.Times().Answered.IsZero() && call.Ending() == Refused {
				continue // a second call, refused beside the first, changes nothing
			}
			if !call.Times().Answered.IsZero() {
				a.crowd.count(func(n *CrowdCounters) { n.Taken++ })
			}
			if pause(ctx, a.crowd.exponential(a.crowd.Agents.WrapUp)) != nil {
				return
			}
			a.ready(ctx)
		}
	}
}

// codeRetry is how long an agent waits before dialling a feature code again.
const codeRetry = 3 * time.Second

// ready dials the ready code until the centre has confirmed it, or a call comes, which says as much.
func (a *crowdAgent) ready(ctx context.Context) {
	code := a.crowd.Agents.ReadyCode
	for code != "" && len(a.calls) == 0 && !a.dial(ctx, code) {
		if pause(ctx, codeRetry) != nil {
			return
		}
	}
}

// confirmation is the longest that an agent listens to a feature code's announcement.
const confirmation = 15 * time.Second

func (a *crowdAgent) dial(ctx context.Context, code string) bool {
	call, err := a.phone.Dial(ctx, "sip:"+code+"@"+a.crowd.Server, confirmation)
	heard := err == nil && call.Audio().Packets > 0
	a.crowd.count(func(n *CrowdCounters) {
		if heard {
			n.Codes++
		} else {
			n.CodesLost++
		}
	})
	return heard
}
