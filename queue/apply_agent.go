package queue

import "time"

// setState moves an agent to a state, for a call or none, which closes one
// interval and opens the next. The same state again changes nothing.
func (a *ACD) setState(at time.Time, g *Agent, s AgentState, reason string, call CallID) {
	if g.State == s && g.Reason == reason {
		g.Call = call
		return
	}
	if a.rows != nil && !g.Since.IsZero() {
		a.rows.Intervals = append(a.rows.Intervals, AgentInterval{Agent: g.ID, State: g.State, Reason: g.Reason,
			Call: g.Call, From: g.Since, To: at})
	}
	a.keptBusy(at, g, s)
	if s == Ready {
		g.IdleSince = at
	}
	if s != WrapUp {
		g.WrapUpAt, g.WrapUpMost, g.Unregistered = time.Time{}, time.Time{}, false
	}
	a.alertsOver(g, s)
	if s != Reserved && s != OnCall {
		g.WrapUpAsked = false
	}
	g.State, g.Reason, g.Since, g.Call, g.Alerted = s, reason, at, call, false
	if s == LoggedOut {
		g.InARow = 0
	}
	if a.rows != nil {
		a.rows.Intervals = append(a.rows.Intervals, AgentInterval{Agent: g.ID, State: s, Reason: reason,
			Call: g.Call, From: at})
	}
}

// release frees an agent from an offer into a state, or into what was asked
// for meanwhile. A missed call's NotReady gives way only to signing out: who
// let it ring must say that they are there again.
func (a *ACD) release(at time.Time, g *Agent, s AgentState, reason string) {
	g.Offer = ""
	if p := g.Pending; p != nil && (s == Ready || p.State == LoggedOut) {
		s, reason = p.State, p.Reason
	}
	g.Pending = nil
	a.setState(at, g, s, reason, "")
	if s == Ready {
		g.IdleSince = at
	}
}

// afterCall frees an agent from a call or from wrap-up.
func (a *ACD) afterCall(at time.Time, g *Agent) { a.release(at, g, Ready, "") }

func (a *ACD) applyStateSet(at time.Time, e AgentStateSet) {
	g := a.agents[e.Agent]
	if e.State == WrapUp {
		g.WrapUpAsked = true
		return
	}
	if e.Pending {
		g.Pending = &Pending{State: e.State, Reason: e.Reason}
		if e.State == Ready {
			g.Pending = nil // which is what happens anyway
		}
		return
	}
	g.Pending = nil
	if e.State == Ready {
		g.BackOffAt = time.Time{} // they say that they are there
	}
	a.setState(at, g, e.State, e.Reason, "")
}

// applyConfig replaces the configuration as a whole and keeps every call,
// agent and figure that goes on under it.
func (a *ACD) applyConfig(at time.Time, cfg Config) {
	old := a.cfg
	phones := map[AgentID]Phone{}
	for _, g := range old.Agents {
		phones[g.ID] = g.Phone
	}
	before := a.agents
	a.cfg = &cfg
	a.index(before)
	for _, g := range a.staff {
		if before[g.ID] == nil {
			g.Since = at
			if a.rows != nil {
				a.rows.Intervals = append(a.rows.Intervals, AgentInterval{Agent: g.ID, State: g.State, From: at})
			}
		} else if phones[g.ID] != a.agentConfig(g.ID).Phone {
			g.Phone = PhoneUnknown // another phone; the switch will tell
		}
	}
	for _, id := range sortedKeys(before) {
		if g := before[id]; a.agents[id] == nil && a.rows != nil {
			a.rows.Intervals = append(a.rows.Intervals, AgentInterval{Agent: id, State: g.State, Reason: g.Reason, From: g.Since, To: at})
		}
	}
	a.clearAlerts(func(x *Alert) bool { return x.Agent != "" && a.agents[x.Agent] == nil })
	if p := a.plan(); p != nil {
		a.emergency.Queues = sortedKeys(p.Queues)
	}
}

// index builds the lookups that follow from the configuration and the calls.
func (a *ACD) index(agents map[AgentID]*Agent) {
	lines := a.queues
	a.queues, a.lines = map[QueueID]*line{"": nowhere()}, nil
	plan := a.plan()
	for i := range a.cfg.Queues {
		q := &a.cfg.Queues[i]
		l := &line{cfg: q, cadence: a.cfg.cadence(q)}
		if plan != nil {
			l.cfg, l.byPlan = plan.change(q), plan.Queues[q.ID].Closed
		}
		if was := lines[q.ID]; was != nil {
			l.today, l.waiting = was.today, was.waiting
			l.closed, l.until, l.rungLast, l.byHand, l.handled = was.closed, was.until, was.rungLast, was.byHand, was.handled
		}
		a.queues[q.ID] = l
		a.lines = append(a.lines, l)
	}
	a.agents, a.staff, a.people = map[AgentID]*Agent{}, nil, map[AgentID]*AgentConfig{}
	for i := range a.cfg.Agents {
		id := a.cfg.Agents[i].ID
		g := agents[id]
		if g == nil {
			g = &Agent{ID: id, State: LoggedOut}
		}
		a.agents[id] = g
		a.staff = append(a.staff, g)
		a.people[id] = &a.cfg.Agents[i]
		for _, q := range a.cfg.Agents[i].Queues {
			if l := a.queues[q]; l != nil {
				l.serving = append(l.serving, g)
			}
		}
	}
}
