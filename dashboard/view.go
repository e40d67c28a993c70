package dashboard

import (
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// Centre names the house on screens, and says in which zone its days are.
type Centre struct {
	Name     string
	NameEN   string
	Location *time.Location // nil: Asia/Shanghai
	// SecondFactor lists the roles that must have one.
	SecondFactor []Role
	Teams        []Team
}

// maxWaitingShown is how many waiting calls a frame lists.
const maxWaitingShown = 50

// Frame is what a wallboard shows; GET /api/v1/wallboard and every text frame
// of /ws/v1/wallboard are one of these.
type Frame struct {
	Type      string        `json:"type"`
	Seq       uint64        `json:"seq"`        // of this frame, in this process
	LedgerSeq uint64        `json:"ledger_seq"` // of the last record it reflects
	At        stamp         `json:"at"`         // when it was built: its age comes from it
	Since     stamp         `json:"since"`      // when this process started
	Day       string        `json:"day"`
	Timezone  string        `json:"timezone"`
	Centre    frameCentre   `json:"centre"`
	Switch    bool          `json:"switch"`
	Silent    stamp         `json:"silent_since"` // null: this is the present; else when this node last heard of it
	Queues    []frameQueue  `json:"queues"`
	Agents    []frameAgent  `json:"agents"`
	Calls     []frameCaller `json:"calls"`
	// Alerts are open, oldest first; Emergency is the plan in force, or null.
	Alerts    []frameAlert    `json:"alerts"`
	Emergency *frameEmergency `json:"emergency"`
}

type frameCentre struct {
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
}

type frameQueue struct {
	ID             queue.QueueID            `json:"id"`
	Name           string                   `json:"name"`
	NameEN         string                   `json:"name_en"`
	Waiting        int                      `json:"waiting"`
	WaitingSince   stamp                    `json:"waiting_since"`
	Talking        int                      `json:"talking"`
	Callbacks      int                      `json:"callbacks"` // customers to be called back
	Agents         map[queue.AgentState]int `json:"agents"`
	Offered        int                      `json:"offered"`
	Answered       int                      `json:"answered"`
	Abandoned      int                      `json:"abandoned"`
	ShortAbandoned int                      `json:"short_abandoned"`
	RingsAgents    wireShare                `json:"rings_agents"`  // R1.1
	RingsCallers   wireShare                `json:"rings_callers"` // R1.2
	ServiceLevel   wireLevel                `json:"service_level"`
	ASAMS          *int64                   `json:"asa_ms"`
	LongestWaitMS  int64                    `json:"longest_wait_ms"`
	Violations     int                      `json:"violations"`
	Closed         bool                     `json:"closed"`      // by its hours, by hand or by a plan
	ByHand         string                   `json:"by_hand"`     // open or closed; empty: neither
	HoursUntil     stamp                    `json:"hours_until"` // when that changes
	Thresholds     wireThresholds           `json:"thresholds"`
}

// wireLevel is a service level with the name of its formula.
type wireLevel struct {
	Formula  queue.Formula `json:"formula"`
	WithinMS int64         `json:"within_ms"`
	wireShare
}

type wireThresholds struct {
	WaitingWarn  int     `json:"waiting_warn"`
	WaitingAlarm int     `json:"waiting_alarm"`
	WaitWarnMS   int64   `json:"wait_warn_ms"`
	WaitAlarmMS  int64   `json:"wait_alarm_ms"`
	RingsWarn    float64 `json:"rings_warn"`
	RingsAlarm   float64 `json:"rings_alarm"`
}

type frameAgent struct {
	ID           queue.AgentID    `json:"id"`
	Name         string           `json:"name"`
	NameEN       string           `json:"name_en"`
	Queues       []queue.QueueID  `json:"queues"`
	State        queue.AgentState `json:"state"`
	Reason       string           `json:"reason"`
	ReasonName   string           `json:"reason_name"`
	ReasonNameEN string           `json:"reason_name_en"`
	Since        stamp            `json:"since"`
	Pending      *queue.Pending   `json:"pending"`
	Phone        queue.PhoneState `json:"phone"`
	Queue        queue.QueueID    `json:"queue"`
	Caller       string           `json:"caller"`
	Ring         *frameRing       `json:"ring"`
	Talk         *frameTalk       `json:"talk"` // null: no call
	Today        frameAgentDay    `json:"today"`
}

// frameRing lets the screen count rings by itself (R1.3).
type frameRing struct {
	Since   stamp `json:"since"`
	OnMS    int64 `json:"on_ms"`
	CycleMS int64 `json:"cycle_ms"`
	Limit   int   `json:"limit"`
}

type frameAgentDay struct {
	Offers     int   `json:"offers"`
	Answered   int   `json:"answered"`
	Missed     int   `json:"missed"`
	Violations int   `json:"violations"`
	TalkMS     int64 `json:"talk_ms"`
	Rung       int   `json:"rung"`
	RungWithin int   `json:"rung_within"`
}

type frameCaller struct {
	Queue  queue.QueueID   `json:"queue"`
	Since  stamp           `json:"since"`
	State  queue.CallState `json:"state"`
	Caller string          `json:"caller"`
	Ring   *frameRing      `json:"ring"`
}

// wallboard builds the frame number seq from a present. since is when this
// process started, at is now.
func wallboard(s *queue.Snapshot, c Centre, since, at time.Time, seq uint64) Frame {
	f := Frame{Type: "wallboard", Seq: seq, LedgerSeq: s.Seq, At: stamp(at), Since: stamp(since), Day: s.Day,
		Timezone: c.location().String(), Centre: frameCentre{c.Name, c.NameEN}, Switch: s.Switch, Silent: stamp(s.Silent),
		Queues: make([]frameQueue, 0, len(s.Queues)), Agents: make([]frameAgent, 0, len(s.Agents)),
		Calls: []frameCaller{}}
	p := look(s)
	f.Alerts, f.Emergency = make([]frameAlert, 0, len(s.Alerts)), p.emergency(s.Emergency)
	for i := range s.Alerts {
		f.Alerts = append(f.Alerts, p.alert(&s.Alerts[i]))
	}
	for i := range s.Queues {
		f.Queues = append(f.Queues, p.queue(&s.Queues[i]))
	}
	for i := range s.Agents {
		f.Agents = append(f.Agents, p.agent(&s.Agents[i]))
	}
	for i := range s.Calls { // in order of arrival: oldest first
		if c := &s.Calls[i]; waits(c) && len(f.Calls) < maxWaitingShown {
			f.Calls = append(f.Calls, p.caller(c))
		}
	}
	return f
}

func (c Centre) location() *time.Location {
	if c.Location == nil {
		return houseZone
	}
	return c.Location
}

// houseZone is where a house is that does not say; China has no summer time,
// so the offset alone is right even where no zone files are installed.
var houseZone = time.FixedZone("Asia/Shanghai", 8*3600)

func waits(c *queue.Call) bool {
	return c.State == queue.CallWaiting || c.State == queue.CallOffered || c.State == queue.CallConnecting
}

// present is a snapshot with what a view looks up in it.
type present struct {
	cfg    *queue.Config
	queues map[queue.QueueID]*queue.QueueConfig
	agents map[queue.AgentID]*queue.AgentConfig
	calls  map[queue.CallID]*queue.Call
	offers map[queue.OfferID]*queue.Offer
}

func look(s *queue.Snapshot) present {
	p := present{cfg: s.Config, queues: map[queue.QueueID]*queue.QueueConfig{}, agents: map[queue.AgentID]*queue.AgentConfig{},
		calls: map[queue.CallID]*queue.Call{}, offers: map[queue.OfferID]*queue.Offer{}}
	if p.cfg == nil {
		p.cfg = &queue.Config{}
	}
	for i := range p.cfg.Queues {
		p.queues[p.cfg.Queues[i].ID] = &p.cfg.Queues[i]
	}
	for i := range p.cfg.Agents {
		p.agents[p.cfg.Agents[i].ID] = &p.cfg.Agents[i]
	}
	for i := range s.Calls {
		p.calls[s.Calls[i].ID] = &s.Calls[i]
	}
	for i := range s.Offers {
		p.offers[s.Offers[i].ID] = &s.Offers[i]
	}
	return p
}

// queueConfig never returns nil: a queue that left the configuration shows
// under its id.
func (p present) queueConfig(id queue.QueueID) *queue.QueueConfig {
	if q := p.queues[id]; q != nil {
		return q
	}
	return &queue.QueueConfig{ID: id, Name: string(id)}
}

func (p present) agentConfig(id queue.AgentID) *queue.AgentConfig {
	if g := p.agents[id]; g != nil {
		return g
	}
	return &queue.AgentConfig{ID: id, Name: string(id)}
}

func (p present) queue(n *queue.QueueNow) frameQueue {
	q, t := p.queueConfig(n.Queue), n.Today
	return frameQueue{
		ID: q.ID, Name: q.Name, NameEN: english(q.NameEN, q.Name),
		Waiting: n.Waiting, WaitingSince: stamp(n.WaitingSince), Talking: n.Talking, Callbacks: n.Callbacks, Agents: byState(n.Agents),
		Offered: t.Offered, Answered: t.Answered, Abandoned: t.Abandoned, ShortAbandoned: t.ShortAbandoned,
		RingsAgents: shareOf(t.AgentsWithin()), RingsCallers: shareOf(t.CallersWithinRings()),
		ServiceLevel:  levelOf(t, q.ServiceLevel.Formula, q.ServiceLevel.Within),
		ASAMS:         asaOf(t),
		LongestWaitMS: ms(t.LongestWait), Violations: t.Violations,
		Closed: n.Closed, ByHand: n.ByHand, HoursUntil: stamp(n.HoursUntil),
		Thresholds: thresholdsOf(q.Thresholds),
	}
}

func (p present) agent(g *queue.Agent) frameAgent {
	c := p.agentConfig(g.ID)
	f := frameAgent{ID: g.ID, Name: c.Name, NameEN: english(c.NameEN, c.Name), Queues: notNil(c.Queues),
		State: g.State, Reason: g.Reason, Since: stamp(g.Since), Pending: g.Pending, Phone: g.Phone,
		Today: frameAgentDay{g.Today.Offers, g.Today.Answered, g.Today.Missed, g.Today.Violations,
			ms(g.Today.Talk), g.Today.Rung, g.Today.RungWithin}}
	f.ReasonName, f.ReasonNameEN = p.reason(g.Reason)
	if g.State == queue.Reserved || g.State == queue.OnCall { // wrap-up keeps the call's id, but it is over
		if call := p.calls[g.Call]; call != nil {
			f.Queue, f.Caller, f.Talk = call.Queue, mask(call.Caller), talkOf(call)
		}
	}
	if o := p.offers[g.Offer]; o != nil && o.State == queue.OfferRinging {
		f.Ring = p.ring(o.Queue, o.AlertingAt, p.queueConfig(o.Queue).AgentRings)
	}
	return f
}

func (p present) caller(c *queue.Call) frameCaller {
	f := frameCaller{Queue: c.Queue, Since: stamp(c.ArrivedAt), State: c.State, Caller: mask(c.Caller)}
	if c.LineAnsweredAt.IsZero() { // from the line's answer no rings are heard (R1.3)
		f.Ring = p.ring(c.Queue, c.ArrivedAt, p.queueConfig(c.Queue).BudgetRings)
	}
	return f
}

func (p present) ring(id queue.QueueID, since time.Time, limit int) *frameRing {
	country := p.queueConfig(id).Country
	if country == "" {
		country = p.cfg.Country
	}
	cad, ok := queue.CadenceOf(strings.ToLower(country))
	if !ok {
		cad, _ = queue.CadenceOf(queue.DefaultCountry)
	}
	return &frameRing{Since: stamp(since), OnMS: ms(cad.On), CycleMS: ms(cad.Cycle), Limit: limit}
}

// reason names a not-ready reason: the house's own, or one the ACD sets.
func (p present) reason(code string) (name, nameEN string) {
	for _, r := range p.cfg.Reasons {
		if r.Code == code {
			return r.Name, english(r.NameEN, r.Name)
		}
	}
	switch code {
	case queue.ReasonRONA:
		return "超时未接", "Rang out"
	case queue.ReasonRefused:
		return "拒接", "Refused"
	}
	return code, code
}
