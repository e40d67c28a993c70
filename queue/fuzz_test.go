package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// FuzzStep plays any sequence of inputs, sensible or not, over a handful of
// calls, agents and legs. Whatever comes: no panic, all invariants, and the
// folded log is the state.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
	f.Add([]byte("\x00\x00\x03\x00\x10\x01\x20\x02\x30\x03\x40\x04\x50\x05\x60"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := New()
		now := scriptStart
		var log []Record
		feed := func(in Input) {
			out := a.Step(now, in)
			most, _ := a.cfg.Overtaking.limits()
			for _, r := range out.Records {
				if made, ok := r.Event.(OfferMade); ok {
					for _, id := range made.Overtook {
						if c := a.calls[id]; c != nil && c.Overtaken > most {
							t.Fatalf("call %s was overtaken %d times", id, c.Overtaken)
						}
					}
				}
			}
			checkLetIn(t, a, in, out.Records)
			log = append(log, out.Records...)
			if err := a.Check(); err != nil {
				t.Fatalf("after %#v:\n%v", in, err)
			}
			if next := a.Next(); !next.IsZero() && !next.After(now) {
				t.Fatalf("after %#v: a deadline at %s is due at %s and was not carried out", in, stamp(next), stamp(now))
			}
		}
		cfg, err := house("agents=3", "wrap=4s", "maxwait=40s,sales", "full=3,sales", "noagents=2s,sales", "notready=0s,busy", "salesfull=2,announcement:sorry", "closed=sales", "vip=13800000001:5",
			"menu=1>queue:support,2>queue:sales,12>menu:more,3>voicemail:leave,4>number:10086,5>announcement:a,otherwise>queue:support,closed.sales>queue:support,vip>queue:sales",
			"more=1>menu:menu,2>end", "tries=2", "limit=4s", "announce=0s,5s,1", "survey=always",
			"plan=flood:1:maxwait=5s,sales", "plan=fire:3:closed", "kind=required", "limits=second:3,trunk:4,caller:2,minute:3,waiting:3,ban:2")
		if err != nil {
			t.Fatal(err)
		}
		feed(Configure{Config: cfg})
		feed(NewDay{Day: "2026-11-23"})
		for len(data) >= 2 {
			kind, x := data[0], data[1]
			data = data[2:]
			now = now.Add(time.Duration(x) * 37 * time.Millisecond)
			for next := a.Next(); !next.IsZero() && next.Before(now); next = a.Next() {
				saved := now
				now = next
				feed(nil)
				now = saved
			}
			feed(fuzzInput(a, kind, x))
		}
		mustEqual(t, a, withNow(Replay(slices.Values(log)), a.now))
	})
}

// checkLetIn: whoever is let in is within every limit.
func checkLetIn(t *testing.T, a *ACD, in Input, records []Record) {
	t.Helper()
	arrived, ok := in.(CallArrived)
	l, c := a.cfg.Limits, a.calls[CallID(arrived.Leg)]
	if !ok || c == nil || len(records) == 0 || c.ArrivedAt.Before(a.now) || c.Restored != "" || c.ByAgent != "" {
		return
	}
	for _, r := range records {
		if e, ok := r.Event.(CallTurnedAway); ok {
			t.Fatalf("call %s was turned away (%s) and is there", e.Call, e.Reason)
		}
	}
	waiting, same, trunk := 0, 0, 0
	for _, x := range a.order {
		if x.Direction != Inbound || x.CallbackOf != "" || x.Leg == "" || x.ByAgent != "" {
			continue
		}
		if x.State == CallMenu || x.State == CallWaiting || x.State == CallOffered {
			waiting++
		}
		if x.Caller == c.Caller && x.Leg == LegID(x.ID) {
			same++
		}
		if x.Endpoint == c.Endpoint && x.Leg == LegID(x.ID) {
			trunk++
		}
	}
	waits := c.State == CallMenu || c.State == CallWaiting || c.State == CallOffered
	if l.Waiting > 0 && waits && waiting > l.Waiting {
		t.Fatalf("call %s was let in, and %d wait", c.ID, waiting)
	}
	if l.PerCaller > 0 && c.Level == "" && same > l.PerCaller {
		t.Fatalf("call %s was let in, the %dth of %s", c.ID, same, c.Caller)
	}
	if most := l.OfTrunk(c.Endpoint); most > 0 && trunk > most {
		t.Fatalf("call %s was let in, the %dth of its trunk", c.ID, trunk)
	}
	if s := a.gate.sources[c.Caller]; l.CallerPerMinute > 0 && s != nil && s.lastMinute(a.now) > l.CallerPerMinute {
		t.Fatalf("call %s was let in, the %dth of %s in a minute", c.ID, s.lastMinute(a.now), c.Caller)
	}
	if a.banned(c.Caller) {
		t.Fatalf("call %s was let in, and %s is banned", c.ID, c.Caller)
	}
}

// withNow lets a folded ACD know the time of the last step, which left no
// record if nothing happened.
func withNow(a *ACD, now time.Time) *ACD { a.now = now; return a }

func fuzzInput(a *ACD, kind, x byte) Input {
	call := LegID(fmt.Sprintf("c%d", x%5))
	agent := AgentID(fmt.Sprint(1001 + int(x)%4)) // one of them does not exist
	leg := LegID(fmt.Sprintf("%s~%d", call, 1+x/5%4))
	if kind&0x80 != 0 {
		leg = call
	}
	number := []string{"4000", "4001", "x", "4009"}[(x/3)%4]
	causes := []Cause{CauseNormal, CauseBusy, CauseRefused, CauseNoAnswer, CauseUnregistered, CauseMediaLost, CauseGone, CauseSwitchLost}
	switch kind % 40 {
	case 0, 1:
		return CallArrived{Leg: call, Number: number, Caller: fmt.Sprintf("1380000000%d", x%3), Endpoint: "trunk"}
	case 38, 39:
		number := []string{"13800000000", "13800000002", "?"}[x%3]
		return []Input{BanNumber{Number: number, For: time.Duration(x) * time.Second / 5}, LiftBan{Number: number}}[x/3%2]
	case 2:
		return LegRinging{Leg: leg}
	case 3, 4:
		return LegAnswered{Leg: leg}
	case 5, 6:
		return LegBridged{Leg: leg}
	case 7, 8:
		return LegEnded{Leg: leg, Cause: causes[x%8]}
	case 9:
		return PlaybackFinished{Leg: leg}
	case 10:
		return CommandFailed{Command: []string{"DialAgent", "Bridge", "Play", "Answer", "DialNumber"}[x%5], Leg: leg, Call: CallID(call), Cause: causes[x%8]}
	case 11:
		return PhoneChanged{Agent: agent, State: []PhoneState{PhoneIdle, PhoneIdle, PhoneInUse, PhoneOffline}[x/4%4]}
	case 12, 13:
		return SetAgent{Agent: agent, State: []AgentState{Ready, Ready, NotReady, LoggedOut, "?"}[x/4%5], Reason: []string{"", "meal", "?"}[x%3]}
	case 14:
		return SwitchLost{}
	case 19, 20, 21:
		targets := []Target{{Agent: "1001"}, {Agent: "1002"}, {Queue: "sales"}, {Number: "13900000001"}, {Queue: "?"}, {}}
		return Act{Agent: agent, Deed: Deeds()[int(x)%len(Deeds())], Target: targets[int(x/12)%len(targets)]}
	case 27, 28:
		return Register{Agent: agent, Category: []string{"repair", "other", "?"}[x/4%3], Call: []CallID{"", CallID(call)}[x/12%2]}
	case 29:
		return Extend{Agent: agent, For: time.Duration(x%3) * time.Second}
	case 30:
		in := Declare{Plan: []string{"flood", "fire", "?"}[x%3], Drill: x&8 != 0}
		if x&16 != 0 {
			in.Until = a.now.Add(time.Duration(x) * time.Second / 9)
		}
		return in
	case 31:
		return EndEmergency{}
	case 32:
		return SetQueue{Queue: []QueueID{"support", "sales", "?"}[x%3], State: []string{"open", "closed", "hours", "?"}[x/3%4]}
	case 33:
		if len(a.alerts) == 0 {
			return AckAlert{Alert: "?"}
		}
		return AckAlert{Alert: a.alerts[int(x)%len(a.alerts)].ID}
	case 34:
		return SetAgent{Agent: agent, State: WrapUp}
	case 22:
		return Place{Agent: agent, Number: "13900000002", Queue: []QueueID{"", "sales", "?"}[x/4%3]}
	case 23:
		return CallBack{Call: CallID(call), Number: []string{"", "13800000009"}[x/5%2]}
	case 24:
		return HoldChanged{Leg: leg, On: x&1 != 0}
	case 25:
		return PhoneTransfer{Leg: leg, Number: []string{"4001", "1002", "139", "?"}[x/5%4], Other: []LegID{"", leg}[x/20%2]}
	case 26: // of any leg that there is: those of placed calls too
		var legs []LegID
		for _, c := range a.order {
			for i := range c.Offers + c.OtherLegs {
				legs = append(legs, LegID(fmt.Sprintf("%s~%d", c.ID, i+1)))
			}
		}
		if len(legs) == 0 {
			return nil
		}
		any := legs[int(x/3)%len(legs)]
		return []Input{LegAnswered{Leg: any}, LegEnded{Leg: any, Cause: causes[x%8]}, LegBridged{Leg: any}}[x%3]
	case 15:
		return FeatureDialled{Leg: LegID(fmt.Sprintf("f%d", x%3)), Code: []string{"*11", "*121", "*12", "*13", "*1299", "*143", "*15"}[x%7], Endpoint: string(agent)}
	case 35, 36:
		return Digit{Leg: call, Key: string("0123456789*#"[x/5%12])}
	case 37:
		return CloseCase{Case: CallID(call)}
	case 17:
		return QueueHours{Queue: []QueueID{"support", "sales", "?"}[x%3], Open: x&8 != 0, Until: a.now.Add(time.Duration(x) * time.Minute)}
	case 16:
		wrap := fmt.Sprintf("wrap=%ds", x%7)
		strategy := "strategy=" + string(Strategies()[int(x)%len(Strategies())])
		options := []string{fmt.Sprintf("agents=%d", 1+x%4), wrap, strategy, "rank=1002:2", "last=3s", "vip=13800000001:5", "widen=1",
			[]string{"back=customer,2,2s", "back=agent,2,3s", "back=abandoned,1,1s"}[x%3]}
		options = append(options, "kind="+string(WrapUpKinds()[int(x/2)%4]), "most=9s", "signout=2", "plan=flood:1:strategy=ring_all;maxwait=3s,sales")
		if x&8 != 0 {
			options = append(options, "plan=fire:3:closed;greeting=threerings/fire")
		}
		if x&32 != 0 {
			options = append(options, "menu=1>queue:sales,2>voicemail:leave,otherwise>end", "maxwait=6s,voicemail:leave", "survey=agent", "announce=1s,5s,2", "greeting=none", "then=ring")
		}
		if x&64 != 0 {
			options = append(options, "limits=second:2,trunk:5,caller:1,minute:2,waiting:2,ban:1")
		}
		if x&16 != 0 {
			options = append(options, "backup=0.9,3,1", "skill=english:5:required,4s:2,8s:0", "has=1001:english:5")
		}
		cfg, err := house(options...)
		if err != nil {
			panic(err)
		}
		return Configure{Config: cfg}
	}
	in := Reconciled{Phones: map[AgentID]PhoneState{agent: PhoneIdle}, Run: []string{"", "1", "1", "2"}[x%4]}
	for i, c := range a.order {
		if x>>(i%8)&1 == 0 {
			in.Legs = append(in.Legs, LegFact{Leg: LegID(c.ID), Kind: LegCaller, Up: x&2 != 0, Bridged: x&4 != 0,
				Tape:    []Tape{TapeRuns, TapeMuted, TapeUnsure, TapeRuns}[x>>3&3],
				Arrival: CallArrived{Leg: LegID(c.ID), Number: "4000"}})
		}
		rung := append(slices.Clone(c.Open), c.Offer)
		if c.Consult != nil {
			rung = append(rung, OfferID(c.Consult.Leg))
		}
		if c.Outside != nil {
			rung = append(rung, OfferID(c.Outside.Leg))
		}
		for _, id := range rung {
			if id == "" || x>>((i+3)%8)&1 != 0 {
				continue
			}
			in.Legs = append(in.Legs, LegFact{Leg: LegID(id), Kind: LegAgent, Up: x&8 != 0, Ringing: x&16 != 0, Bridged: x&4 != 0})
		}
		if x&64 != 0 { // a conversation that is on record nowhere
			in.Legs = append(in.Legs, LegFact{Leg: LegID(c.ID) + "~7", Kind: LegAgent, Up: true, Bridged: x&8 != 0, Agent: agent})
		}
	}
	in.Legs = append(in.Legs, LegFact{Leg: call, Kind: LegCaller, Up: x&32 != 0, Arrival: CallArrived{Leg: call, Number: number}})
	return in
}
