package robot

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The switch here is one phone: it answers feature codes with a short tone and puts callers through to itself, and it
// calls the agent like a switch that offers a call.
func TestCrowd(t *testing.T) {
	before := runtime.NumGoroutine()
	server, err := NewPhone(PhoneOptions{User: "switch", Sound: Tone(1000)})
	must(t, err)
	server.SetBehaviourFunc(func(c *Call) Behaviour {
		if strings.HasPrefix(c.To(), "*") {
			return Behaviour{NoRing: true, Talk: 100 * time.Millisecond}
		}
		return Behaviour{Answer: 20 * time.Millisecond}
	})
	agent, err := NewPhone(PhoneOptions{})
	must(t, err)
	agentAddr := agent.Addr().String() // a port that is free once this phone has gone
	must(t, agent.Close())
	crowd := &Crowd{
		Server: server.Addr().String(), Seed: 7,
		Callers: CallerCrowd{Lines: 3, PerMinute: 1200, Numbers: []string{"4000", "4001"}, Talk: 50 * time.Millisecond},
		Agents: AgentCrowd{
			Phones: []AgentPhone{{User: "1001", Addr: agentAddr}}, PickUp: 10 * time.Millisecond, WrapUp: 10 * time.Millisecond,
			ReadyCode: "*11", LeaveCode: "*13",
		},
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- crowd.Run(ctx) }()

	until(t, "the agent to sign in", func() bool { return crowd.Counters().Codes == 1 })
	offer, err := server.Call(t.Context(), CallOptions{To: "sip:1001@" + agentAddr})
	must(t, err)
	must(t, offer.WaitAnswered(limit(t)))
	offer.Hangup()
	until(t, "the agent to report ready again after the call", func() bool {
		n := crowd.Counters()
		return n.Taken == 1 && n.Codes == 2
	})
	until(t, "callers to be answered, and some to find all lines taken", func() bool {
		n := crowd.Counters()
		return n.Answered >= 4 && n.Blocked > 0
	})
	stop()
	must(t, <-done)
	n := crowd.Counters()
	if n.Codes != 3 || n.Arrived < n.Answered+n.Blocked {
		t.Errorf("counters %+v", n)
	}
	dialled := map[string]int{}
	for _, c := range server.Calls() {
		must(t, c.WaitEnded(limit(t)))
		dialled[c.To()]++
	}
	if dialled["*11"] != 2 || dialled["*13"] != 1 || dialled["4000"]+dialled["4001"] != n.Arrived-n.Blocked {
		t.Errorf("dialled %v, counters %+v", dialled, n)
	}
	must(t, server.Close())
	until(t, "all goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func TestCrowdNeedsItsAgentsPhones(t *testing.T) {
	taken := newPhone(t, PhoneOptions{})
	crowd := &Crowd{Server: taken.Addr().String(), Agents: AgentCrowd{Phones: []AgentPhone{{User: "1001", Addr: taken.Addr().String()}}}}
	if err := crowd.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "1001") {
		t.Errorf("a port that is taken: %v", err)
	}
}
