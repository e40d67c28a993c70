package queue

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// house returns a house with n agents 1001 … and one queue "support" behind
// 4000; "sales" behind 4001 is served by the last agent as well. Options:
//
//	agents=2 wrap=0s budget=2 then=ring greeting=none country=us
//	maxwait=30s,sales full=2,busy noagents=10s,sales notready=20s closed=sales: after or at, and to which queue
//	salesfull=1,busy
//
// A way may also lead to number:10086, voicemail:leave or announcement:sorry.
// See heard_test.go for menus behind 4009, announcements and the survey.
func house(opts ...string) (Config, error) {
	support, sales := NewQueue("support"), NewQueue("sales")
	support.WrapUp, sales.WrapUp = 0, 0
	agents := 2
	skills, ranks := map[string]int{}, map[string]int{}
	cfg := Config{Country: DefaultCountry, Reasons: DefaultReasons(), Numbers: map[string]QueueID{"4000": "support", "4001": "sales"}}
	for _, o := range opts {
		key, value, _ := strings.Cut(o, "=")
		var err error
		switch key {
		case "agents":
			agents, err = strconv.Atoi(value)
		case "wrap":
			support.WrapUp, err = time.ParseDuration(value)
		case "kind": // kind=required, kind=optional
			support.WrapUpKind = WrapUpKind(value)
		case "most":
			support.WrapUpMax, err = time.ParseDuration(value)
		case "plan": // plan=flood:2:closed or plan=flood:2:maxwait=5s,sales;greeting=threerings/flood
			cfg.Plans, err = append(cfg.Plans, parsePlan(value)), nil
		case "budget":
			support.BudgetRings, err = strconv.Atoi(value)
		case "then":
			support.OnBudget = BudgetPolicy(value)
		case "maxwait", "full", "noagents", "notready", "closed", "salesfull":
			var way Overflow
			way, err = parseWay(key, value)
			if key == "salesfull" {
				sales.Overflows = append(sales.Overflows, way)
			} else {
				support.Overflows = append(support.Overflows, way)
			}
		case "missed": // missed=busy:ready:30s, missed=rona:ready
			parts := append(strings.Split(value, ":"), "0s")
			r := MissRule{Reason: MissReason(parts[0]), Then: AgentState(parts[1])}
			r.Pause, err = time.ParseDuration(parts[2])
			support.Missed = append(support.Missed, r)
		case "signout":
			support.SignOutAfter, err = strconv.Atoi(value)
		case "strategy":
			support.Routing.Strategy = Strategy(value)
		case "widen":
			support.Routing.WidenRings, err = strconv.Atoi(value)
		case "last":
			support.Routing.LastAgent, err = time.ParseDuration(value)
		case "backup": // backup=0.95 or backup=0.95,3,0.5
			parts := append(strings.Split(value, ","), "0", "0")
			b := &support.Routing.Backup
			b.Target, _ = strconv.ParseFloat(parts[0], 64)
			b.Phones, _ = strconv.Atoi(parts[1])
			b.InVain, err = strconv.ParseFloat(parts[2], 64)
		case "skill": // skill=english:5:required,10s:3,20s:0
			var r SkillRule
			if r, err = parseSkill(value); err == nil {
				support.Routing.Skills = append(support.Routing.Skills, r)
			}
		case "has": // has=1001:english:6
			parts := strings.Split(value, ":")
			level, _ := strconv.Atoi(parts[2])
			skills[parts[0]+":"+parts[1]] = level
		case "rank": // rank=1002:2
			agent, n, _ := strings.Cut(value, ":")
			ranks[agent], err = strconv.Atoi(n)
		case "vip": // vip=13800000009:10
			number, n, _ := strings.Cut(value, ":")
			level := Level{Name: "vip"}
			level.Priority, err = strconv.Atoi(n)
			cfg.Levels, cfg.Customers = []Level{level}, map[string]string{number: "vip"}
		case "overtake": // overtake=2,20s
			n, wait, _ := strings.Cut(value, ",")
			cfg.Overtaking.Calls, _ = strconv.Atoi(n)
			cfg.Overtaking.Wait, err = time.ParseDuration(wait)
		case "back": // back=customer,2,30s or back=agent,3,1m or back=abandoned,3,1m
			parts := append(strings.Split(value, ","), "0", "0s")
			b := &support.Callback
			b.CustomerFirst, b.Abandoned = parts[0] == "customer", parts[0] == "abandoned"
			b.Attempts, _ = strconv.Atoi(parts[1])
			b.Pause, err = time.ParseDuration(parts[2])
			b.Goodbye = "threerings/goodbye"
		case "shown":
			support.Talking.Shown = value
		case "oldplace":
			cfg.OldPlace, err = time.ParseDuration(value)
		case "limits": // limits=second:5,trunk:3,caller:2,minute:4,waiting:6,ban:3
			cfg.Limits, err = parseLimits(value)
		case "priority":
			sales.Priority, err = strconv.Atoi(value)
		case "country":
			support.Country = value
		case "greeting":
			support.Greeting = ""
		case "drop":
			cfg.Numbers = map[string]QueueID{"4001": "sales"}
		default:
			err = heardOption(&cfg, &support, key, value)
		}
		if err != nil {
			return cfg, fmt.Errorf("%s: %w", o, err)
		}
	}
	for i := range agents {
		id := strconv.Itoa(1001 + i)
		g := AgentConfig{ID: AgentID(id), Name: id, Phone: Phone{Kind: PhoneAccount, Value: id}, Queues: []QueueID{"support"}}
		if i == agents-1 {
			g.Queues = append(g.Queues, "sales")
		}
		if r := ranks[id]; r > 0 {
			g.Ranks = map[QueueID]int{"support": r}
		}
		for key, level := range skills {
			if agent, skill, _ := strings.Cut(key, ":"); agent == id {
				if g.Skills == nil {
					g.Skills = map[string]int{}
				}
				g.Skills[skill] = level
			}
		}
		cfg.Agents = append(cfg.Agents, g)
	}
	cfg.Queues = []QueueConfig{support, sales}
	return cfg, cfg.Validate()
}

// parsePlan reads "flood:2:closed", "flood:2:maxwait=5s,sales;greeting=x": what a
// plan makes of the queue support.
func parsePlan(text string) Plan {
	parts := strings.SplitN(text, ":", 3)
	p := Plan{ID: parts[0], Name: parts[0], Alert: []string{"1001"}, Queues: map[QueueID]PlanChange{}}
	p.Level, _ = strconv.Atoi(parts[1])
	var x PlanChange
	for change := range strings.SplitSeq(parts[2], ";") {
		switch key, value, _ := strings.Cut(change, "="); key {
		case "closed":
			x.Closed = true
		case "greeting":
			x.Greeting = value
		case "then":
			x.OnBudget = BudgetPolicy(value)
		case "strategy":
			x.Routing = &Routing{Strategy: Strategy(value)}
		default:
			way, _ := parseWay(key, value)
			x.Overflows = append(x.Overflows, way)
		}
	}
	p.Queues["support"] = x
	return p
}

// parseWay reads "10s,sales", "2,busy", "sales".
func parseWay(key, value string) (Overflow, error) {
	way := Overflow{Cause: map[string]OverflowCause{"maxwait": OverflowMaxWait, "full": OverflowFull, "salesfull": OverflowFull,
		"noagents": OverflowNoAgents, "notready": OverflowNotReady, "closed": OverflowClosed}[key]}
	var err error
	when, to, _ := strings.Cut(value, ",")
	switch way.Cause {
	case OverflowFull:
		way.At, err = strconv.Atoi(when)
	case OverflowClosed:
		to = when
	default:
		way.After, err = time.ParseDuration(when)
	}
	if kind, _, ok := strings.Cut(to, ":"); ok && kind != "" {
		way.Out = parseTarget(to)
	} else if to != "busy" {
		way.To = QueueID(to)
	}
	return way, err
}

func parseSkill(text string) (r SkillRule, err error) {
	head, relax, _ := strings.Cut(text, ",")
	parts := append(strings.Split(head, ":"), "")
	r.Skill, r.Required = parts[0], parts[2] == "required"
	if r.Level, err = strconv.Atoi(parts[1]); err != nil {
		return r, err
	}
	for part := range strings.SplitSeq(relax, ",") {
		after, level, ok := strings.Cut(part, ":")
		if !ok {
			continue
		}
		var x Relax
		x.Level, _ = strconv.Atoi(level)
		if x.After, err = time.ParseDuration(after); err != nil {
			return r, err
		}
		r.Relax = append(r.Relax, x)
	}
	return r, nil
}

// parseInput knows the verbs of the scripts.
func parseInput(a *ACD, w []string) (Input, error) {
	arg := func(i int) string {
		if i < len(w) {
			return w[i]
		}
		return ""
	}
	switch w[0] {
	case "house": // house agents=2 wrap=10s
		cfg, err := house(w[1:]...)
		return Configure{Config: cfg, By: "script"}, err
	case "day": // day 2026-11-23
		return NewDay{Day: arg(1)}, nil
	case "switch": // switch up | switch lost
		if arg(1) == "lost" {
			return SwitchLost{}, nil
		}
		return found(a, w[2:])
	case "opens", "closes": // opens support 9h   (until 9 h from now)
		in := QueueHours{Queue: QueueID(arg(1)), Open: w[0] == "opens"}
		if d, err := time.ParseDuration(arg(2)); err == nil {
			in.Until = a.now.Add(d)
		}
		return in, nil
	case "arrive": // arrive c1 4000 13800000001 [account]
		return CallArrived{Leg: LegID(arg(1)), Number: arg(2), Caller: arg(3), Endpoint: cmp.Or(arg(4), "trunk")}, nil
	case "rings": // rings c1~1
		return LegRinging{Leg: LegID(arg(1))}, nil
	case "answers": // answers c1~1
		return LegAnswered{Leg: LegID(arg(1))}, nil
	case "bridged": // bridged c1
		return LegBridged{Leg: LegID(arg(1))}, nil
	case "ends": // ends c1~1 busy
		cause := Cause(arg(2))
		if cause == "" {
			cause = CauseNormal
		}
		return LegEnded{Leg: LegID(arg(1)), Cause: cause}, nil
	case "played": // played c1
		n, _ := strconv.Atoi(arg(2)) // which sound; zero: not known
		return PlaybackFinished{Leg: LegID(arg(1)), N: n}, nil
	case "fails": // fails DialAgent c1~1 unregistered
		leg := LegID(arg(2))
		call, _, _ := strings.Cut(arg(2), "~")
		return CommandFailed{Command: arg(1), Leg: leg, Call: CallID(call), Cause: Cause(arg(3))}, nil
	case "digit": // digit c1 1
		return Digit{Leg: LegID(arg(1)), Key: arg(2)}, nil
	case "close": // close c1 called back
		return CloseCase{Case: CallID(arg(1)), Note: strings.Join(w[2:], " "), Asked: Asked{By: "script"}}, nil
	case "phone": // phone 1001 idle
		return PhoneChanged{Agent: AgentID(arg(1)), State: PhoneState(arg(2))}, nil
	case "dials": // dials f1 *11 1001
		return FeatureDialled{Leg: LegID(arg(1)), Code: arg(2), Endpoint: arg(3)}, nil
	case "register": // register 1001 repair [call] [note]
		return Register{Agent: AgentID(arg(1)), Category: arg(2), Call: CallID(arg(3)), Note: arg(4), Asked: Asked{By: "script"}}, nil
	case "extend": // extend 1001 30s
		d, err := time.ParseDuration(cmp.Or(arg(2), "0s"))
		return Extend{Agent: AgentID(arg(1)), For: d, Asked: Asked{By: "script"}}, err
	case "wrapup": // wrapup 1001: asks for it during the call
		return SetAgent{Agent: AgentID(arg(1)), State: WrapUp, By: "script"}, nil
	case "declare": // declare flood [drill] [10m]
		in := Declare{Plan: arg(1), Drill: arg(2) == "drill", Asked: Asked{By: "script"}}
		if d, err := time.ParseDuration(w[len(w)-1]); err == nil {
			in.Until = a.now.Add(d)
		}
		return in, nil
	case "over":
		return EndEmergency{Asked{By: "script"}}, nil
	case "set": // set support closed
		return SetQueue{Queue: QueueID(arg(1)), State: arg(2), Asked: Asked{By: "script"}}, nil
	case "ban": // ban 13800000001 [10m] [why]
		d, err := time.ParseDuration(cmp.Or(arg(2), "0s"))
		return BanNumber{Number: arg(1), For: d, Note: arg(3), Asked: Asked{By: "script"}}, err
	case "lift": // lift 13800000001
		return LiftBan{Number: arg(1), Asked: Asked{By: "script"}}, nil
	case "ack": // ack 7
		return AckAlert{Alert: AlertID(arg(1)), Asked: Asked{By: "script"}}, nil
	case "ready":
		return SetAgent{Agent: AgentID(arg(1)), State: Ready, By: "script"}, nil
	case "notready": // notready 1001 meal
		return SetAgent{Agent: AgentID(arg(1)), State: NotReady, Reason: arg(2), By: "script"}, nil
	case "act": // act 1001 transfer agent:1002 | queue:sales | number:13900000002
		kind, value, _ := strings.Cut(arg(3), ":")
		to := map[string]Target{"agent": {Agent: AgentID(value)}, "queue": {Queue: QueueID(value)}, "number": {Number: value}}[kind]
		in := Act{Agent: AgentID(arg(1)), Deed: Deed(arg(2)), Target: to, Asked: Asked{By: "script"}}
		if value == "" {
			in.Reason = kind
		}
		return in, nil
	case "place": // place 1001 13900000001 [queue]
		return Place{Agent: AgentID(arg(1)), Number: arg(2), Queue: QueueID(arg(3)), Asked: Asked{By: "script"}}, nil
	case "callback": // callback c1 [number]
		return CallBack{Call: CallID(arg(1)), Number: arg(2), Asked: Asked{By: "caller"}}, nil
	case "tape": // tape c1 muted | runs: what the switch did at last
		return RecordingSwitched{Leg: LegID(arg(1)), On: arg(2) == "muted"}, nil
	case "holds", "resumes": // holds c1~1: by the phone's own keys
		return HoldChanged{Leg: LegID(arg(1)), On: w[0] == "holds"}, nil
	case "refers": // refers c1~1 4001 [other leg]
		return PhoneTransfer{Leg: LegID(arg(1)), Number: arg(2), Other: LegID(arg(3))}, nil
	case "signout":
		return SetAgent{Agent: AgentID(arg(1)), State: LoggedOut, By: "script"}, nil
	}
	return nil, fmt.Errorf("no such verb")
}

// found reads "switch up c1:caller:up c1~1:agent:ringing"; without legs, all
// phones are idle.
func found(a *ACD, legs []string) (Input, error) {
	in := Reconciled{Phones: map[AgentID]PhoneState{}}
	for _, g := range a.staff {
		in.Phones[g.ID] = PhoneIdle
	}
	for _, text := range legs {
		if run, ok := strings.CutPrefix(text, "run="); ok {
			in.Run = run
			continue
		}
		parts := strings.Split(text, ":")
		if len(parts) == 2 && parts[1] == "rescued" {
			if in.Rescued == nil {
				in.Rescued = map[LegID]bool{}
			}
			in.Rescued[LegID(parts[0])] = true
			continue
		}
		f := LegFact{Leg: LegID(parts[0])}
		for _, p := range parts[1:] {
			switch p {
			case "caller", "agent", "feature":
				f.Kind = LegKind(p)
			case "up":
				f.Up = true
			case "muted", "unsure": // its recording
				f.Tape = Tape(p)
			case "ringing":
				f.Ringing = true
			case "bridged":
				f.Up, f.Bridged = true, true
			default:
				of, ok := strings.CutPrefix(p, "of=") // whose phone
				if !ok {
					return nil, fmt.Errorf("%s: no such mark", p)
				}
				f.Agent = AgentID(of)
			}
		}
		if f.Kind == LegCaller {
			f.Arrival = CallArrived{Leg: f.Leg, Number: "4000", Caller: "13900000000", Endpoint: "trunk"}
		}
		in.Legs = append(in.Legs, f)
	}
	return in, nil
}
