package sim

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// by is who asks for what people do in a simulation.
var by = queue.Asked{By: "sim"}

// pause draws the time until somebody's next deed.
func (f *floor) pause(mean time.Duration) time.Duration {
	return 100*time.Millisecond + time.Duration(f.rng.ExpFloat64()*float64(mean)/f.deeds)
}

// pick draws one of some things by weights.
type choice struct {
	weight int
	do     func()
}

func (f *floor) pick(of []choice) {
	sum := 0
	for _, c := range of {
		sum += c.weight
	}
	for n := f.rng.IntN(sum); ; of = of[1:] {
		if n -= of[0].weight; n < 0 {
			of[0].do()
			return
		}
	}
}

func (f *floor) begin() {
	f.w.after(f.pause(5*time.Second), f.house)
	f.w.after(inventoryEvery, f.audit.inventory)
	f.w.after(tapeAgain, f.taped)
}

// lives lets whoever is outside press keys, and hang up anywhere.
func (f *floor) lives(l *leg) {
	f.w.after(f.pause(15*time.Second), func() {
		if f.w.legs[l.id] != l {
			return
		}
		switch p := f.rng.Float64(); {
		case p < 0.12 && (l.up || f.rng.IntN(4) == 0):
			f.w.end(l, queue.CauseNormal)
			return
		case p < 0.14 && l.up:
			f.w.end(l, queue.CauseMediaLost)
			return
		case p < 0.5 && l.up:
			f.w.tell(queue.Digit{Leg: l.id, Key: string("0123456789*#"[f.rng.IntN(12)])})
		}
		f.lives(l)
	})
}

// works lets an agent do things while the leg of a call is up.
func (f *floor) works(l *leg) {
	f.w.after(f.pause(8*time.Second), func() {
		if f.w.legs[l.id] != l {
			return
		}
		f.atWork(l)
		f.works(l)
	})
}

func (f *floor) atWork(l *leg) {
	w := f.w
	act := func(d queue.Deed) func() {
		return func() { w.step(queue.Act{Agent: l.agent, Deed: d, Target: f.anyTarget(), Asked: by}) }
	}
	if l.held && f.rng.IntN(3) > 0 {
		f.holds(l, false)
		return
	}
	f.pick([]choice{
		{9, func() { w.end(l, queue.CauseNormal) }}, {1, func() { w.end(l, queue.CauseMediaLost) }}, {5, act(queue.DeedHangUp)},
		{8, act(queue.DeedHold)}, {12, act(queue.DeedRetrieve)}, {3, act(queue.DeedMute)}, {3, act(queue.DeedUnmute)},
		{4, act(queue.DeedMuteRecording)}, {3, act(queue.DeedUnmuteRecording)},
		{8, act(queue.DeedTransfer)}, {18, act(queue.DeedConsult)}, {9, act(queue.DeedToggle)}, {8, act(queue.DeedConference)},
		{8, act(queue.DeedComplete)}, {5, act(queue.DeedCancel)}, {5, act(queue.DeedSurvey)},
		{7, func() { f.holds(l, !l.held) }},
		{5, func() { f.refers(l) }},
		{3, func() { w.step(queue.SetAgent{Agent: l.agent, State: queue.WrapUp, By: "sim"}) }},
		{3, func() { f.registers(l.agent, "") }},
		{3, func() { w.step(queue.SetAgent{Agent: l.agent, State: queue.NotReady, Reason: "break", By: "sim"}) }},
		{1, func() { w.step(queue.SetAgent{Agent: l.agent, State: queue.LoggedOut, By: "sim"}) }},
	})
}

func (f *floor) holds(l *leg, on bool) {
	l.held = on
	f.w.tell(queue.HoldChanged{Leg: l.id, On: on})
	f.changed(l.call)
}

// refers hands a call on with the phone's keys, sometimes to who is in another.
func (f *floor) refers(l *leg) {
	numbers := []string{"4000", "4001", string(f.anyAgent()), "13900000003", "nobody", ""}
	in := queue.PhoneTransfer{Leg: l.id, Number: numbers[f.rng.IntN(len(numbers))]}
	if f.rng.IntN(4) == 0 {
		in.Other = f.anyLeg()
	}
	f.w.tell(in)
}

func (f *floor) anyTarget() queue.Target {
	switch f.rng.IntN(10) {
	case 0, 1, 2, 3:
		return queue.Target{Agent: f.anyAgent()}
	case 4:
		return queue.Target{Queue: f.anyQueue()}
	case 5, 6, 7:
		return queue.Target{Number: "13900000001"}
	case 8:
		return queue.Target{Menu: "main"}
	}
	return []queue.Target{{Agent: "?"}, {Queue: "?"}, {Number: "x"}, {}}[f.rng.IntN(4)]
}

func (f *floor) anyQueue() queue.QueueID {
	all := f.w.acd.Config().Queues
	return all[f.rng.IntN(len(all))].ID
}

func (f *floor) registers(agent queue.AgentID, call queue.CallID) {
	kinds := []string{"consultation", "repair", "complaint", "other", "nonsense"}
	f.w.step(queue.Register{Agent: agent, Call: call, Category: kinds[f.rng.IntN(len(kinds))], Note: "noted", Asked: by})
}

// house is what happens beside conversations: at the pages, at idle phones.
func (f *floor) house() {
	if f.w.over() {
		return
	}
	w := f.w
	agent := f.anyAgent()
	f.pick([]choice{
		{12, func() { f.places(agent) }},
		{6, func() {
			w.step(queue.Act{Agent: agent, Deed: queue.Deeds()[f.rng.IntN(len(queue.Deeds()))], Target: f.anyTarget(), Asked: by})
		}},
		{6, func() {
			w.step(queue.Extend{Agent: agent, For: time.Duration(f.rng.IntN(30)) * time.Second, Asked: by})
		}},
		{6, func() { f.registers(agent, "") }},
		{6, func() {
			f.dials(agent, []string{"*11", "*11", "*121", "*12", "*13", "*143", "*15", "*99"}[f.rng.IntN(8)])
		}},
		{5, func() {
			w.step(queue.SetAgent{Agent: agent, State: queue.NotReady, Reason: []string{"", "meal", "?"}[f.rng.IntN(3)], By: "sim"})
		}},
		{2, func() { w.step(queue.SetAgent{Agent: agent, State: queue.LoggedOut, By: "sim"}) }},
		{8, func() { w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"}) }},
		{3, f.byHand},
		{2, f.declares},
		{2, func() { w.step(queue.EndEmergency{Asked: by}) }},
		{6, f.callsBack},
		{4, func() { f.w.tell(queue.Digit{Leg: f.anyLeg(), Key: string("0123456789*#"[f.rng.IntN(12)])}) }},
	})
	w.after(f.pause(4*time.Second), f.house)
}

func (f *floor) places(agent queue.AgentID) {
	if !f.w.allCame {
		f.w.step(queue.Place{Agent: agent, Number: []string{"13900000002", "x"}[f.rng.IntN(8)/7], Queue: []queue.QueueID{"", f.anyQueue(), "?"}[f.rng.IntN(3)], Asked: by})
	}
}

// byHand opens or closes a queue, and leaves it to its hours again.
func (f *floor) byHand() {
	q := f.anyQueue()
	f.w.step(queue.SetQueue{Queue: q, State: []string{"open", "closed", "?"}[f.rng.IntN(3)], Asked: by})
	f.w.after(f.pause(40*time.Second), func() { f.w.step(queue.SetQueue{Queue: q, State: queue.ByHandHours, Asked: by}) })
}

func (f *floor) declares() {
	in := queue.Declare{Plan: []string{"flood", "fire", "?"}[f.rng.IntN(3)], Drill: f.rng.IntN(2) == 0, Asked: by}
	if f.rng.IntN(2) == 0 {
		in.Until = f.w.now.Add(f.pause(time.Minute))
	}
	f.w.step(in)
	f.w.after(f.pause(time.Minute), func() { f.w.step(queue.EndEmergency{Asked: by}) })
}

// callsBack asks from a page that a caller be called back.
func (f *floor) callsBack() {
	if calls := f.w.acd.Snapshot().Calls; len(calls) > 0 && !f.w.allCame {
		f.w.step(queue.CallBack{Call: calls[f.rng.IntN(len(calls))].ID, Number: []string{"", "13900000004"}[f.rng.IntN(2)], Asked: by})
	}
}

// people react to what became true.
func (f *floor) people(e queue.Event) {
	w := f.w
	switch e := e.(type) {
	case queue.MenuBegan:
		w.chooses(e.Call)
	case queue.MenuMissed:
		w.chooses(e.Call)
	case queue.SurveyBegan:
		w.marks(e.Call)
		f.afterwards(e.Agent, e.Call)
	case queue.SurveyAgain:
		w.marks(e.Call)
	case queue.MessageBegan:
		w.speaks(e.Call)
	case queue.WaitAnnounced:
		w.presses(e.Call, 10*time.Second, "9", "", "", "4")
	case queue.CustomerDialled:
		f.customer[e.Leg] = true
	case queue.CallCompleted:
		f.afterwards(e.Agent, e.Call)
	case queue.CallTransferred:
		f.afterwards(e.Agent, e.Call)
	case queue.ConsultTook:
		f.afterwards(e.Agent, e.Call)
	case queue.OfferMissed:
		f.returns(e.Agent)
	case queue.AgentStateSet:
		if e.State == queue.NotReady || e.State == queue.LoggedOut {
			f.returns(e.Agent)
		}
	case queue.CaseOpened:
		w.after(f.pause(time.Minute), func() { w.step(queue.CloseCase{Case: e.Case, Note: "called", Asked: by}) })
	case queue.AlertRaised:
		w.after(f.pause(30*time.Second), func() {
			if open := w.acd.Snapshot().Alerts; len(open) > 0 {
				w.step(queue.AckAlert{Alert: open[f.rng.IntN(len(open))].ID, Asked: by})
			}
		})
	}
}

// afterwards is what an agent does when a call is done: most register it.
func (f *floor) afterwards(agent queue.AgentID, call queue.CallID) {
	switch f.rng.IntN(6) {
	case 0:
	case 1:
		f.w.after(f.pause(5*time.Second), func() { f.w.step(queue.Extend{Agent: agent, Asked: by}) })
	case 2:
		f.w.after(f.pause(9*time.Second), func() { f.w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"}) })
	default:
		f.w.after(f.pause(5*time.Second), func() { f.registers(agent, []queue.CallID{"", call}[f.rng.IntN(2)]) })
	}
}

// returns lets an agent come back after a while; nobody stays away while there
// is anything left to do.
func (f *floor) returns(agent queue.AgentID) {
	f.w.after(f.pause(15*time.Second), func() {
		if !f.w.over() {
			f.w.step(queue.SetAgent{Agent: agent, State: queue.Ready, By: "sim"})
		}
	})
}
