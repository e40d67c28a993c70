package queue

import (
	"fmt"
	"slices"
	"time"
)

// Ids are chosen by the house (queues, agents), by the switch (the caller's
// leg, which also names the call) or by the ACD (offers and the legs it dials).
type (
	// QueueID names a queue, as in the configuration.
	QueueID string
	// AgentID names an agent; by convention the agent's work number.
	AgentID string
	// CallID names a call: the id of the caller's leg.
	CallID string
	// LegID names one channel of the switch.
	LegID string
	// OfferID names one attempt to give one call to one agent. It is also the
	// id of the leg that is dialled for it.
	OfferID string
)

// Config is everything the ACD must know of the house. It holds no secrets: it
// is stored in the event log, so that a replay decides as the first run did.
type Config struct {
	// Version is any text that changes when the configuration does.
	Version string `json:"version"`
	// Country is the key of the cadence used where a queue names none (R1.3).
	Country string        `json:"country"`
	Queues  []QueueConfig `json:"queues"`
	Agents  []AgentConfig `json:"agents"`
	// Numbers maps dialled numbers to queues.
	Numbers map[string]QueueID `json:"numbers"`
	// Entrances maps dialled numbers to menus, Menus are those.
	Entrances map[string]MenuID `json:"entrances,omitempty"`
	Menus     []Menu            `json:"menus,omitempty"`
	// MessageLimit is the longest message at voicemail; zero: 3 min.
	MessageLimit time.Duration `json:"message_limit,omitempty"`
	// Priorities of dialled numbers, added to their queue's.
	Priorities map[string]int `json:"priorities,omitempty"`
	// Levels of customers, and who has one, by the number they call from.
	Levels     []Level           `json:"levels,omitempty"`
	Customers  map[string]string `json:"customers,omitempty"`
	Overtaking Overtaking        `json:"overtaking,omitzero"`
	// OldPlace is how long the place of a caller is kept who was dropped; zero:
	// DefaultOldPlace, negative: not at all.
	OldPlace time.Duration `json:"old_place,omitempty"`
	Limits   Limits        `json:"limits,omitzero"`
	// Reasons are the not-ready reasons that *12 + digit select.
	Reasons []Reason `json:"reasons"`
	// Categories of calls (R3.1), empty: DefaultCategories; Plans for
	// emergencies (R12).
	Categories []Category `json:"categories,omitempty"`
	Plans      []Plan     `json:"plans,omitempty"`
}

// Reason is one selectable cause of not being ready (R5.4).
type Reason struct {
	Digit  string `json:"digit"` // "1" … "9", dialled after *12
	Code   string `json:"code"`  // stored, stable
	Name   string `json:"name"`  // shown, zh-CN
	NameEN string `json:"name_en"`
	// Limit is how long the absence may last before the supervisor is called
	// (R5.4); zero: for ever.
	Limit time.Duration `json:"limit,omitempty"`
}

// BudgetPolicy says what happens when the caller's ring budget is spent and
// nobody has answered (R1.2).
type BudgetPolicy string

// Policies for a spent ring budget.
const (
	BudgetGreet BudgetPolicy = "greet" // answer, greeting, music
	BudgetRing  BudgetPolicy = "ring"  // let it ring on
)

// QueueConfig is a queue with its policy.
type QueueConfig struct {
	ID     QueueID `json:"id"`
	Name   string  `json:"name"`
	NameEN string  `json:"name_en"`
	// Priority orders queues that share agents: higher first.
	Priority int `json:"priority"`
	// Country picks the cadence; empty means the house's.
	Country string `json:"country"`
	// AgentRings is the ring limit of one offer, BudgetRings the caller's
	// budget over all offers, both in cycles of the cadence (R1.1, R1.2).
	AgentRings  int          `json:"agent_rings"`
	BudgetRings int          `json:"budget_rings"`
	OnBudget    BudgetPolicy `json:"on_budget"`
	// Greeting and Music are names the switch knows: a sound and a music class.
	Greeting string `json:"greeting"`
	Music    string `json:"music"`
	// WrapUp is how long an agent has after a call; zero means none. What it
	// means exactly is the kind's matter; empty: timed. WrapUpMax is the most
	// that it may last when extended or required; zero: DefaultWrapUpMax.
	WrapUp     time.Duration `json:"wrap_up"`
	WrapUpKind WrapUpKind    `json:"wrap_up_kind,omitempty"`
	WrapUpMax  time.Duration `json:"wrap_up_max,omitempty"`
	// DialTimeout ends an offer whose phone never began to ring.
	DialTimeout time.Duration `json:"dial_timeout"`
	// BackOff keeps an agent whose phone was busy or failed out of routing.
	BackOff time.Duration `json:"back_off"`
	// Overflows are the ways out of the queue, at most one for each cause; a
	// call for which there is none waits on.
	Overflows []Overflow `json:"overflows,omitempty"`
	// Hours are when the queue is open; nil: always.
	Hours *Hours `json:"hours,omitempty"`
	// Record says whether conversations are kept (R9.1).
	Record bool `json:"record"`
	// Fine is entered in the violations ledger for a fourth ring, in fen
	// (1/100 yuan) (R1.1).
	Fine int64 `json:"fine"`
	// ShortAbandon: callers who leave earlier are counted apart.
	ShortAbandon time.Duration `json:"short_abandon"`
	// ServiceLevel is the formula and threshold shown for this queue.
	ServiceLevel ServiceLevelConfig `json:"service_level"`
	// Thresholds colour the wallboard (R13.1).
	Thresholds Thresholds   `json:"thresholds"`
	Routing    Routing      `json:"routing,omitzero"`
	Talking    Talking      `json:"talking,omitzero"`
	Callback   CallbackRule `json:"callback,omitzero"`
	// Announce is what waiting callers are told, Survey what they are asked
	// after a conversation (R8).
	Announce Announce `json:"announce,omitzero"`
	Survey   Survey   `json:"survey,omitzero"`
	// Missed are the consequences of missed offers that differ from the usual
	// ones; SignOutAfter is after how many unanswered ringings in a row an agent
	// is signed out, zero: never.
	Missed       []MissRule `json:"missed,omitempty"`
	SignOutAfter int        `json:"sign_out_after,omitempty"`
}

// ServiceLevelConfig names a formula of measure.go and its threshold.
type ServiceLevelConfig struct {
	Formula Formula       `json:"formula"`
	Within  time.Duration `json:"within"`
}

// Thresholds are the values from which a figure is shown as warning or alarm.
// Zero or negative means "never".
type Thresholds struct {
	WaitingWarn  int           `json:"waiting_warn"`
	WaitingAlarm int           `json:"waiting_alarm"`
	WaitWarn     time.Duration `json:"wait_warn"`
	WaitAlarm    time.Duration `json:"wait_alarm"`
	// Shares within three rings below these (0…1) warn and alarm.
	RingsWarn  float64 `json:"rings_warn"`
	RingsAlarm float64 `json:"rings_alarm"`
}

// PhoneKind says how an agent's phone is reached.
type PhoneKind string

// Kinds of phone.
const (
	PhoneAccount PhoneKind = "account" // registers with us; Value is the account
	PhoneFixed   PhoneKind = "fixed"   // a fixed SIP address; Value is host:port
)

// Phone is where an agent is called.
type Phone struct {
	Kind  PhoneKind `json:"kind"`
	Value string    `json:"value"`
}

// AgentConfig is an agent as the house knows them.
type AgentConfig struct {
	ID     AgentID   `json:"id"`
	Name   string    `json:"name"`
	NameEN string    `json:"name_en"`
	Phone  Phone     `json:"phone"`
	Queues []QueueID `json:"queues"`
	// Ranks in queues, 1 to MaxRank; those not named are 1, the first.
	Ranks map[QueueID]int `json:"ranks,omitempty"`
	// Skills with levels, 1 to MaxSkill.
	Skills map[string]int `json:"skills,omitempty"`
}

// Defaults of a queue: what the regulations say, or common practice where
// they are silent.
const (
	DefaultCountry      = "cn"
	DefaultRings        = 3
	DefaultFine         = 1500 // fen: 15 yuan a time (R1.1)
	DefaultWrapUp       = 15 * time.Second
	DefaultDialTimeout  = 5 * time.Second
	DefaultBackOff      = 10 * time.Second
	DefaultShortAbandon = 5 * time.Second
	DefaultServiceLevel = 15 * time.Second
)

// NewQueue returns a queue with the default policy.
func NewQueue(id QueueID) QueueConfig {
	return QueueConfig{
		ID: id, Name: string(id), AgentRings: DefaultRings, BudgetRings: DefaultRings,
		OnBudget: BudgetGreet, Greeting: "threerings/greeting", Music: "default",
		WrapUp: DefaultWrapUp, DialTimeout: DefaultDialTimeout, BackOff: DefaultBackOff,
		Record: true, Fine: DefaultFine, ShortAbandon: DefaultShortAbandon,
		Talking:      Talking{TransferWait: defaultTransferWait, Recall: defaultTransferWait, Reach: defaultReach, MuteLimit: defaultMuteLimit},
		Callback:     CallbackRule{Attempts: defaultAttempts, Pause: defaultPause},
		ServiceLevel: ServiceLevelConfig{Formula: FormulaStrict, Within: DefaultServiceLevel},
		Thresholds: Thresholds{WaitingWarn: 3, WaitingAlarm: 6, WaitWarn: 10 * time.Second,
			WaitAlarm: 15 * time.Second, RingsWarn: 0.95, RingsAlarm: 0.90},
	}
}

// DefaultReasons are the not-ready reasons of a house that names none.
func DefaultReasons() []Reason {
	return []Reason{
		{"1", "break", "小休", "Break", DefaultAbsence},
		{"2", "meal", "用餐", "Meal", 45 * time.Minute},
		{"3", "meeting", "会议", "Meeting", time.Hour},
		{"4", "training", "培训", "Training", 0},
		{"5", "desk", "处理工单", "Desk work", DefaultAbsence},
	}
}

// Validate reports the first thing in the configuration that cannot work.
func (c *Config) Validate() error {
	if _, ok := CadenceOf(c.Country); !ok {
		return fmt.Errorf("country %q: no such cadence; known are %s", c.Country, Countries())
	}
	queues := map[QueueID]bool{}
	for i := range c.Queues {
		q := &c.Queues[i]
		if q.ID == "" || queues[q.ID] {
			return fmt.Errorf("queue %q: an id must be given, and once only", q.ID)
		}
		queues[q.ID] = true
		if err := q.validate(); err != nil {
			return fmt.Errorf("queue %s: %w", q.ID, err)
		}
	}
	if c.OldPlace > MostOldPlace {
		return fmt.Errorf("old_place %s: at most %s", c.OldPlace, MostOldPlace)
	}
	if err := c.Limits.validate(); err != nil {
		return err
	}
	if err := c.validateWays(); err != nil {
		return err
	}
	for _, number := range sortedKeys(c.Numbers) {
		if !queues[c.Numbers[number]] {
			return fmt.Errorf("number %s: leads to queue %q, which does not exist", number, c.Numbers[number])
		}
	}
	if err := c.validateAgents(queues); err != nil {
		return err
	}
	if err := c.validateRouting(); err != nil {
		return err
	}
	if err := c.validateCategories(); err != nil {
		return err
	}
	if err := c.validateMenus(); err != nil {
		return err
	}
	return c.validatePlans()
}

func (c *Config) validateAgents(queues map[QueueID]bool) error {
	agents, phones := map[AgentID]bool{}, map[Phone]AgentID{}
	for _, g := range c.Agents {
		if g.ID == "" || agents[g.ID] {
			return fmt.Errorf("agent %q: an id must be given, and once only", g.ID)
		}
		agents[g.ID] = true
		if g.Phone.Value == "" || (g.Phone.Kind != PhoneAccount && g.Phone.Kind != PhoneFixed) {
			return fmt.Errorf("agent %s: needs a phone: an account or a SIP address", g.ID)
		}
		if other, taken := phones[g.Phone]; taken {
			return fmt.Errorf("agent %s: phone %s is already the phone of agent %s", g.ID, g.Phone.Value, other)
		}
		phones[g.Phone] = g.ID
		for _, q := range g.Queues {
			if !queues[q] {
				return fmt.Errorf("agent %s: queue %q does not exist", g.ID, q)
			}
		}
	}
	digits := map[string]bool{}
	for _, r := range c.Reasons {
		if len(r.Digit) != 1 || r.Digit < "0" || r.Digit > "9" || digits[r.Digit] {
			return fmt.Errorf("reason %s: digit %q must be one of 0-9, each used once", r.Code, r.Digit)
		}
		digits[r.Digit] = true
		if r.Limit < 0 {
			return fmt.Errorf("reason %s: limit %s cannot be negative", r.Code, r.Limit)
		}
	}
	return nil
}

func (q *QueueConfig) validate() error {
	if q.Country != "" {
		if _, ok := CadenceOf(q.Country); !ok {
			return fmt.Errorf("country %q: no such cadence; known are %s", q.Country, Countries())
		}
	}
	switch {
	case q.AgentRings < 1 || q.AgentRings > 20:
		return fmt.Errorf("agent_rings %d: must be 1 to 20", q.AgentRings)
	case q.BudgetRings < 1 || q.BudgetRings > 100:
		return fmt.Errorf("budget_rings %d: must be 1 to 100", q.BudgetRings)
	case q.OnBudget != BudgetGreet && q.OnBudget != BudgetRing:
		return fmt.Errorf("on_budget %q: must be %q or %q", q.OnBudget, BudgetGreet, BudgetRing)
	case q.WrapUp < 0, q.BackOff < 0, q.ShortAbandon < 0, q.Fine < 0:
		return fmt.Errorf("durations and fines cannot be negative")
	case q.DialTimeout <= 0:
		return fmt.Errorf("dial_timeout %s: must be positive", q.DialTimeout)
	case !slices.Contains(Formulas(), q.ServiceLevel.Formula):
		return fmt.Errorf("service_level formula %q: known are %v", q.ServiceLevel.Formula, Formulas())
	case q.ServiceLevel.Within <= 0:
		return fmt.Errorf("service_level within %s: must be positive", q.ServiceLevel.Within)
	}
	if q.Hours != nil {
		if err := q.Hours.validate(); err != nil {
			return err
		}
	}
	if err := q.validateWrapUp(); err != nil {
		return err
	}
	if err := q.validateMissed(); err != nil {
		return err
	}
	if err := q.Talking.validate(); err != nil {
		return err
	}
	if err := q.Callback.validate(); err != nil {
		return err
	}
	if err := q.Announce.validate(); err != nil {
		return err
	}
	if err := q.Survey.validate(); err != nil {
		return err
	}
	return q.validateOverflows()
}
