package dashboard

import (
	"cmp"
	"net/http"

	"github.com/threerings/threerings/queue"
)

type wireConfig struct {
	Version    string                   `json:"version"`
	Centre     wireHouse                `json:"centre"`
	Country    string                   `json:"country"`
	Queues     []wireQueueConfig        `json:"queues"`
	Agents     []wireAgentConfig        `json:"agents"`
	Numbers    map[string]queue.QueueID `json:"numbers"`
	Priorities map[string]int           `json:"number_priorities"`
	Menus      []wireMenu               `json:"menus"`
	MessageMS  int64                    `json:"message_limit_ms"`
	Levels     []wireCustomerLevel      `json:"levels"`
	Overtaking wireOvertaking           `json:"overtaking"`
	OldPlaceMS int64                    `json:"old_place_ms"` // 0: the default; negative: none is kept
	Limits     wireLimits               `json:"limits"`
	Reasons    []wireReason             `json:"reasons"`
	Categories []wireCategory           `json:"categories"`
	Plans      []wirePlan               `json:"plans"`
}

type wireHouse struct {
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	Zone   string `json:"timezone"`
}

type wireQueueConfig struct {
	ID             queue.QueueID      `json:"id"`
	Name           string             `json:"name"`
	NameEN         string             `json:"name_en"`
	Priority       int                `json:"priority"`
	Country        string             `json:"country"`
	AgentRings     int                `json:"agent_rings"`
	BudgetRings    int                `json:"budget_rings"`
	OnBudget       queue.BudgetPolicy `json:"on_budget"`
	Greeting       string             `json:"greeting"`
	Music          string             `json:"music"`
	WrapUpMS       int64              `json:"wrap_up_ms"`
	WrapUpKind     queue.WrapUpKind   `json:"wrap_up_kind"`
	WrapUpMaxMS    int64              `json:"wrap_up_max_ms"`
	DialTimeoutMS  int64              `json:"dial_timeout_ms"`
	BackOffMS      int64              `json:"back_off_ms"`
	Overflows      []wireOverflow     `json:"overflows"`
	Hours          *wireHours         `json:"hours"` // null: always open
	Record         bool               `json:"record"`
	Fine           int64              `json:"fine"`
	ShortAbandonMS int64              `json:"short_abandon_ms"`
	ServiceLevel   wireLevelConfig    `json:"service_level"`
	Thresholds     wireThresholds     `json:"thresholds"`
	Routing        wireRouting        `json:"routing"`
	Missed         []wireMissRule     `json:"missed"`
	SignOutAfter   int                `json:"sign_out_after"`
	Transfer       wireTransferRule   `json:"transfer"`
	Outbound       wireOutboundRule   `json:"outbound"`
	Recording      wireRecordingRule  `json:"recording"`
	Callback       wireCallbackRule   `json:"callback"`
	Announce       wireAnnounce       `json:"announce"`
	Survey         wireSurvey         `json:"survey"`
}

// wireOverflow is one way out of a queue; an empty To is a busy answer.
type wireOverflow struct {
	Cause   queue.OverflowCause `json:"cause"`
	AfterMS int64               `json:"after_ms"`
	At      int                 `json:"at"`
	To      queue.QueueID       `json:"to"`
	Out     wireWay             `json:"out"`
}

// wireHours are opening hours: spans of minutes from midnight for each day of
// the week (Sunday first) and for dates that differ.
type wireHours struct {
	Name string                  `json:"name"`
	Zone string                  `json:"timezone"` // empty: the house's
	Week [7][]queue.Span         `json:"week"`
	Days map[string][]queue.Span `json:"days"`
}

func overflowsOf(ways []queue.Overflow) []wireOverflow {
	out := make([]wireOverflow, 0, len(ways))
	for _, o := range ways {
		out = append(out, wireOverflow{o.Cause, ms(o.After), o.At, o.To, wayOf(o.Out)})
	}
	return out
}

func hoursOf(h *queue.Hours) *wireHours {
	if h == nil {
		return nil
	}
	out := &wireHours{Name: h.Name, Zone: h.Zone, Days: map[string][]queue.Span{}}
	for d, spans := range h.Week {
		out.Week[d] = notNil(spans)
	}
	for date, spans := range h.Days {
		out.Days[date] = notNil(spans)
	}
	return out
}

type wireLevelConfig struct {
	Formula  queue.Formula `json:"formula"`
	WithinMS int64         `json:"within_ms"`
}

type wireAgentConfig struct {
	ID     queue.AgentID   `json:"id"`
	Name   string          `json:"name"`
	NameEN string          `json:"name_en"`
	Phone  wirePhone       `json:"phone"`
	Queues []queue.QueueID `json:"queues"`
	// Ranks other than 1, and skills with their levels.
	Ranks  map[queue.QueueID]int `json:"ranks"`
	Skills map[string]int        `json:"skills"`
}

type wirePhone struct {
	Kind  queue.PhoneKind `json:"kind"`
	Value string          `json:"value"`
}

type wireReason struct {
	Digit  string `json:"digit"`
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEN string `json:"name_en"`
	// LimitMS is how long the absence may last before the supervisor is called;
	// zero: for ever (R5.4).
	LimitMS int64 `json:"limit_ms"`
}

func reasonsOf(list []queue.Reason) []wireReason {
	out := make([]wireReason, 0, len(list))
	for _, r := range list {
		out = append(out, wireReason{r.Digit, r.Code, r.Name, english(r.NameEN, r.Name), ms(r.Limit)})
	}
	return out
}

func queueConfigOf(q *queue.QueueConfig) wireQueueConfig {
	return wireQueueConfig{ID: q.ID, Name: q.Name, NameEN: q.NameEN, Priority: q.Priority, Country: q.Country,
		AgentRings: q.AgentRings, BudgetRings: q.BudgetRings, OnBudget: q.OnBudget, Greeting: q.Greeting, Music: q.Music,
		WrapUpMS: ms(q.WrapUp), WrapUpKind: cmp.Or(q.WrapUpKind, queue.WrapUpTimed), WrapUpMaxMS: ms(q.WrapUpMax), DialTimeoutMS: ms(q.DialTimeout), BackOffMS: ms(q.BackOff),
		Overflows: overflowsOf(q.Overflows), Hours: hoursOf(q.Hours), Record: q.Record, Fine: q.Fine, ShortAbandonMS: ms(q.ShortAbandon),
		ServiceLevel: wireLevelConfig{q.ServiceLevel.Formula, ms(q.ServiceLevel.Within)},
		Thresholds:   thresholdsOf(q.Thresholds),
		Routing:      routingOf(&q.Routing), Missed: missedOf(q.Missed), SignOutAfter: q.SignOutAfter,
		Transfer: wireTransferRule{ms(q.Talking.TransferWait), ms(q.Talking.Recall)},
		Outbound: wireOutboundRule{q.Talking.Shown, ms(q.Talking.Reach)}, Recording: wireRecordingRule{ms(q.Talking.MuteLimit)},
		Callback: callbackOf(q.Callback), Announce: announceOf(q.Announce), Survey: surveyOf(q.Survey)}
}

// config is the applied centre; never nil.
func (s *Server) config() *queue.Config {
	if c := s.opts.Core.Snapshot().Config; c != nil {
		return c
	}
	return &queue.Config{}
}

// showConfig is GET /api/v1/config. What it copies is named field by field, so
// that nothing appears here by accident; the core's configuration holds no
// secrets in any case.
func (s *Server) showConfig(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	writeJSON(w, http.StatusOK, configOf(s.config(), s.opts.Centre()))
	return nil
}

func configOf(c *queue.Config, house Centre) wireConfig {
	out := wireConfig{Version: c.Version, Centre: wireHouse{house.Name, english(house.NameEN, house.Name), house.location().String()},
		Country: c.Country, Numbers: orEmpty(c.Numbers), Priorities: orEmpty(c.Priorities),
		Queues: make([]wireQueueConfig, 0, len(c.Queues)), Agents: make([]wireAgentConfig, 0, len(c.Agents)),
		Levels: levelsOf(c), Overtaking: wireOvertaking{c.Overtaking.Calls, ms(c.Overtaking.Wait)}, OldPlaceMS: ms(c.OldPlace), Limits: limitsOf(c.Limits), Reasons: reasonsOf(c.Reasons),
		Menus: menusOf(c), MessageMS: ms(c.MessageLimit),
		Categories: categoriesOf(c.Categories), Plans: plansOf(c.Plans)}
	for i := range c.Queues {
		out.Queues = append(out.Queues, queueConfigOf(&c.Queues[i]))
	}
	for _, g := range c.Agents {
		out.Agents = append(out.Agents, wireAgentConfig{g.ID, g.Name, g.NameEN, wirePhone{g.Phone.Kind, g.Phone.Value},
			notNil(g.Queues), orEmpty(g.Ranks), orEmpty(g.Skills)})
	}
	return out
}

// listReasons is GET /api/v1/reasons.
func (s *Server) listReasons(w http.ResponseWriter, r *http.Request, _ identity) error {
	if q := s.query(r); q.err != nil {
		return q.err
	}
	writeJSON(w, http.StatusOK, map[string]any{"reasons": reasonsOf(s.config().Reasons)})
	return nil
}
