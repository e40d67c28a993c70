package queue

import (
	"encoding/json"
	"fmt"
	"time"
)

// saved is the whole state of a pool in a form that can be stored. Lookups are
// built anew from it.
type saved struct {
	Now      time.Time            `json:"now"`
	Seq      uint64               `json:"seq"`
	Epoch    uint64               `json:"epoch"`
	Day      string               `json:"day"`
	Switch   bool                 `json:"switch"`
	Config   *Config              `json:"config"`
	Agents   []*Agent             `json:"agents"`
	Arrivals uint64               `json:"arrivals"`
	Calls    []*Call              `json:"calls"`
	Offers   map[OfferID]Offer    `json:"offers"`
	Features map[LegID]AgentID    `json:"features"`
	Recent   []CallID             `json:"recent"`
	Spoke    []spoken             `json:"spoke"`
	PickUps  map[AgentID]PickUps  `json:"pick_ups"`
	RungLast map[QueueID]AgentID  `json:"rung_last"`
	Today    map[QueueID]Tally    `json:"today"`
	Hours    map[QueueID]hoursNow `json:"hours"`

	Run     string    `json:"run,omitempty"`
	Heard   time.Time `json:"heard,omitzero"`
	Restart restart   `json:"restart,omitzero"`
	Places  []place   `json:"places,omitempty"`

	GateFull time.Time         `json:"gate_full,omitzero"`
	Sources  []origin          `json:"sources,omitempty"`
	TurnedBy map[string]uint64 `json:"turned_by,omitempty"`
	Bans     []NumberBan       `json:"bans,omitempty"`
	Turned   []Turned          `json:"turned,omitempty"`

	Worked    []worked             `json:"worked,omitempty"`
	Emergency *Emergency           `json:"emergency,omitempty"`
	Alerts    []Alert              `json:"alerts,omitempty"`
	Handled   map[QueueID]handling `json:"handled"`
	Cases     []Case               `json:"cases"`
}

// Checkpoint is the whole state as JSON, so that a takeover need not fold the
// log from its beginning.
func (a *ACD) Checkpoint() ([]byte, error) {
	s := saved{Now: a.now, Seq: a.seq, Epoch: a.epoch, Day: a.day, Switch: a.switchUp, Config: a.cfg,
		Agents: a.staff, Arrivals: a.arrivals, Calls: a.order, Offers: map[OfferID]Offer{},
		Features: a.features, Recent: a.recent, Today: map[QueueID]Tally{}, Hours: map[QueueID]hoursNow{}, Handled: map[QueueID]handling{},
		Run: a.run, Heard: a.heard, Restart: a.restart, Places: a.places,
		GateFull: a.gate.full, Sources: a.gate.list(), TurnedBy: a.gate.refused, Bans: a.gate.bans, Turned: a.gate.last,
		Worked: a.worked, Emergency: a.emergency, Alerts: a.alerts}
	for id, o := range a.offers {
		s.Offers[id] = *o
	}
	s.Spoke, s.PickUps, s.RungLast = a.spoke.list(), map[AgentID]PickUps{}, map[QueueID]AgentID{}
	for id, g := range a.agents {
		if g.PickUps != (PickUps{}) {
			s.PickUps[id] = g.PickUps
		}
	}
	for _, l := range a.lines {
		s.Today[l.cfg.ID] = l.today
		if l.rungLast != "" {
			s.RungLast[l.cfg.ID] = l.rungLast
		}
		s.Hours[l.cfg.ID] = hoursNow{Closed: l.closed, Until: l.until, ByHand: l.byHand}
		s.Handled[l.cfg.ID] = l.handled
	}
	for _, id := range sortedKeys(a.cases) {
		s.Cases = append(s.Cases, *a.cases[id])
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return data, nil
}

// Restore is the inverse of Checkpoint.
func Restore(data []byte) (*ACD, error) {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("restore checkpoint: %w", err)
	}
	if s.Config == nil {
		return nil, fmt.Errorf("restore checkpoint: it holds no configuration")
	}
	a := New()
	a.now, a.seq, a.epoch, a.day, a.switchUp = s.Now, s.Seq, s.Epoch, s.Day, s.Switch
	a.cfg, a.arrivals, a.recent = s.Config, s.Arrivals, s.Recent
	a.run, a.heard, a.restart, a.places = s.Run, s.Heard, s.Restart, s.Places
	a.worked, a.emergency, a.alerts = s.Worked, s.Emergency, s.Alerts
	a.gate.restore(s.GateFull, s.Sources, s.TurnedBy, s.Bans, s.Turned)
	if s.Features != nil {
		a.features = s.Features
	}
	for _, x := range s.Spoke {
		a.spoke.note(x.Caller, x.Agent)
	}
	agents := map[AgentID]*Agent{}
	for _, g := range s.Agents {
		g.PickUps = s.PickUps[g.ID]
		agents[g.ID] = g
	}
	a.index(agents)
	for id, last := range s.RungLast {
		if l := a.queues[id]; l != nil {
			l.rungLast = last
		}
	}
	for id, o := range s.Offers {
		a.offers[id] = &o
	}
	for _, c := range s.Calls {
		l := a.queues[c.Queue]
		if l == nil {
			return nil, fmt.Errorf("restore checkpoint: call %s is in queue %q, which does not exist", c.ID, c.Queue)
		}
		if c.Leg == "" && c.Callback == nil && c.Direction == Inbound {
			c.Leg = LegID(c.ID) // saved by a version that knew no other
		}
		if c.State == CallTalking && c.PartAt.IsZero() { // the same
			c.PartAt, c.SpokeAt = c.ConnectedAt, c.ConnectedAt
		}
		a.calls[c.ID] = c
		a.order = append(a.order, c)
		if c.State == CallWaiting {
			l.enqueue(c)
		}
	}
	for id, t := range s.Today {
		if l := a.queues[id]; l != nil {
			l.today = t
		}
	}
	for id, h := range s.Hours {
		if l := a.queues[id]; l != nil {
			l.closed, l.until, l.byHand = h.Closed, h.Until, h.ByHand
		}
	}
	for id, h := range s.Handled {
		if l := a.queues[id]; l != nil {
			l.handled = h
		}
	}
	for _, x := range s.Cases {
		a.cases[x.ID] = &x
	}
	return a, nil
}
