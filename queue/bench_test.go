package queue

import (
	"strconv"
	"testing"
	"time"
)

// BenchmarkStep is a busy house at work: 30 agents, all in conversation, 50
// callers waiting. One round is one call's life: a conversation ends, its
// agent's phone is on the hook again and rings for the caller who waits
// longest, is answered and connected, and a new caller arrives. The switch
// tells nothing else, so a round is as many steps as a call costs the loop.
func BenchmarkStep(b *testing.B) {
	const agents, waiting = 30, 50
	cfg, err := house("agents="+strconv.Itoa(agents), "then=ring")
	if err != nil {
		b.Fatal(err)
	}
	a := New()
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	var commands []Command
	steps := 0
	step := func(in Input) {
		now = now.Add(time.Millisecond)
		steps++
		commands = append(commands, a.Step(now, in).Commands...)
	}
	// serve plays the phones: whoever is rung answers.
	var talking []LegID
	serve := func() {
		for len(commands) > 0 {
			c := commands[0]
			commands = commands[1:]
			switch c := c.(type) {
			case DialAgent:
				step(PhoneChanged{Agent: c.Agent, State: PhoneRinging})
				step(LegRinging{Leg: c.Leg})
				step(PhoneChanged{Agent: c.Agent, State: PhoneInUse})
				step(LegAnswered{Leg: c.Leg})
				talking = append(talking, c.CallerLeg)
			case HangUp:
				step(LegEnded{Leg: c.Leg, Cause: CauseNormal})
			case Bridge:
				for _, leg := range c.Legs {
					step(LegBridged{Leg: leg})
				}
			}
		}
	}
	arrivals := 0
	arrive := func() {
		arrivals++
		step(CallArrived{Leg: LegID("call-" + strconv.Itoa(arrivals)), Number: "4000", Caller: "13800000001"})
	}
	step(Configure{Config: cfg})
	step(Reconciled{})
	for _, g := range cfg.Agents {
		step(PhoneChanged{Agent: g.ID, State: PhoneIdle})
		step(SetAgent{Agent: g.ID, State: Ready})
	}
	for range agents + waiting {
		arrive()
	}
	serve()
	busy := func() {
		for _, l := range a.lines {
			if l.cfg.ID == "support" && len(l.waiting) != waiting {
				b.Fatalf("%d callers wait, want %d", len(l.waiting), waiting)
			}
		}
		if len(talking) != agents {
			b.Fatalf("%d conversations, want %d", len(talking), agents)
		}
	}
	busy()
	b.ReportAllocs()
	steps = 0
	for b.Loop() {
		ended := talking[0]
		talking = talking[1:]
		agent := a.calls[CallID(ended)].Agent
		step(LegEnded{Leg: ended, Cause: CauseNormal})
		serve() // the agent's leg is hung up
		step(PhoneChanged{Agent: agent, State: PhoneIdle})
		arrive()
		serve()
	}
	b.StopTimer()
	busy()
	if err := a.Check(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
	b.ReportMetric(float64(steps)/float64(b.N), "steps/op")
}
