package queue

import (
	"maps"
	"slices"
	"time"
)

// Snapshot is the present of a pool, copied out of the ACD: safe to read
// anywhere, never changed. Slices are in the configuration's order (queues,
// agents) and in order of arrival (calls).
type Snapshot struct {
	Seq    uint64    `json:"seq"` // of the last record
	At     time.Time `json:"at"`
	Day    string    `json:"day"`
	Switch bool      `json:"switch"` // events of the switch reach us
	Config *Config   `json:"-"`      // shared, immutable
	// Silent is when a node that does not lead last heard of the pool; zero: this
	// is the present.
	Silent time.Time `json:"-"`
	Queues []QueueNow
	Agents []Agent
	Calls  []Call  // live calls
	Offers []Offer // open and accepted offers of live calls
	Cases  []Case  // open ones, by the call's id
	// Alerts are the open ones, oldest first; Emergency is the plan in force,
	// nil: none.
	Alerts    []Alert
	Emergency *Emergency
	// Bans are the numbers banned, oldest first; TurnedAway counts the calls that
	// were not let in, by reason, since the pool's beginning.
	Bans       []NumberBan
	TurnedAway map[string]uint64
	// TurnedLast are the last of them, oldest first; GateFull is when a whole
	// second's calls can be let in again.
	TurnedLast []Turned
	GateFull   time.Time
}

// QueueNow is a queue's present and its day.
type QueueNow struct {
	Queue        QueueID            `json:"queue"`
	Waiting      int                `json:"waiting"` // waiting or offered: no agent has answered yet
	WaitingSince time.Time          `json:"waiting_since"`
	Talking      int                `json:"talking"`
	Callbacks    int                `json:"callbacks"`   // customers to be called back
	Agents       map[AgentState]int `json:"agents"`      // of those who serve it
	Closed       bool               `json:"closed"`      // by its hours, by hand or by a plan
	ByHand       string             `json:"by_hand"`     // ByHandOpen or ByHandClosed; empty: neither
	HoursUntil   time.Time          `json:"hours_until"` // when that changes; zero: not within a year
	Today        Tally              `json:"today"`
}

// Snapshot copies the present out of the ACD.
func (a *ACD) Snapshot() *Snapshot {
	s := &Snapshot{Seq: a.seq, At: a.now, Day: a.day, Switch: a.switchUp, Config: a.cfg,
		Queues: make([]QueueNow, 0, len(a.lines)), Agents: make([]Agent, 0, len(a.staff)),
		Calls: make([]Call, 0, len(a.order)), Offers: make([]Offer, 0, len(a.offers))}
	s.Alerts = slices.Clone(a.alerts)
	s.Bans, s.TurnedAway = slices.Clone(a.gate.bans), maps.Clone(a.gate.refused)
	s.TurnedLast, s.GateFull = slices.Clone(a.gate.last), a.gate.full
	if a.emergency != nil {
		m := *a.emergency
		s.Emergency = &m
	}
	at := make(map[QueueID]int, len(a.lines))
	for i, l := range a.lines {
		at[l.cfg.ID] = i
		q := QueueNow{Queue: l.cfg.ID, Agents: map[AgentState]int{}, Today: l.today, Closed: l.shut(), ByHand: l.byHand, HoursUntil: l.until}
		for _, g := range l.serving {
			q.Agents[g.State]++
		}
		s.Queues = append(s.Queues, q)
	}
	for _, g := range a.staff {
		copied := *g
		if g.Pending != nil {
			p := *g.Pending
			copied.Pending = &p
		}
		s.Agents = append(s.Agents, copied)
	}
	for _, c := range a.order {
		s.Calls = append(s.Calls, *c)
		for _, id := range c.Open {
			s.Offers = append(s.Offers, *a.offers[id])
		}
		if o := a.offers[c.Offer]; o != nil {
			s.Offers = append(s.Offers, *o)
		}
		if c.Consult != nil && a.offers[c.Consult.Offer] != nil {
			s.Offers = append(s.Offers, *a.offers[c.Consult.Offer])
		}
		if c.Direction == Outbound || c.Queue == "" { // the latter: in a menu
			continue
		}
		q := &s.Queues[at[c.Queue]]
		switch c.State {
		case CallTalking, CallOutside:
			q.Talking++
		case CallReaching:
			q.Callbacks++
		case CallWaiting, CallOffered, CallConnecting:
			if c.Callback != nil && c.Leg == "" {
				q.Callbacks++ // a place in the queue, and nobody on the line
				continue
			}
			q.Waiting++
			if q.WaitingSince.IsZero() {
				q.WaitingSince = c.waitedSince()
			}
		}
	}
	for _, id := range sortedKeys(a.cases) {
		s.Cases = append(s.Cases, *a.cases[id])
	}
	return s
}
