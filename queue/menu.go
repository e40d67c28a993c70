package queue

import (
	"slices"
	"strings"
	"time"
)

// Menu is what a caller is asked before there is a queue.
type Menu struct {
	ID     MenuID `json:"id"`
	Name   string `json:"name,omitempty"`
	NameEN string `json:"name_en,omitempty"`
	// Prompt are the sounds of the question.
	Prompt []string `json:"prompt"`
	// Wait is how long a key is waited for after the prompt, zero: 5 s; Between
	// for the next of several digits, zero: 2 s.
	Wait    time.Duration `json:"wait,omitempty"`
	Between time.Duration `json:"between,omitempty"`
	// Tries is how often it is asked; zero: 3. Invalid is played before it is
	// asked again.
	Tries   int      `json:"tries,omitempty"`
	Invalid []string `json:"invalid,omitempty"`
	// Keys lead somewhere: one or several of 0-9, * and #. No target: the call
	// is ended.
	Keys map[string]Target `json:"keys"`
	// Otherwise is where a caller goes who chose nothing.
	Otherwise Target `json:"otherwise"`
	// Branches are looked at on entry, before anything is said; the first that
	// holds decides.
	Branches []Branch `json:"branches,omitempty"`
}

// Branch sends a call on without asking. What is given must hold.
type Branch struct {
	Closed QueueID `json:"closed,omitempty"` // this queue is closed now
	Level  string  `json:"level,omitempty"`  // the customer's
	To     Target  `json:"to"`
}

// InMenu is where a call is in a menu.
type InMenu struct {
	ID    MenuID `json:"id"`
	Tries int    `json:"tries,omitempty"` // that are over
	Keys  string `json:"keys,omitempty"`  // pressed, and not yet a choice
}

// Chosen is one step of a call's way through menus.
type Chosen struct {
	Menu MenuID `json:"menu"`
	Keys string `json:"keys,omitempty"`
	Why  string `json:"why,omitempty"` // if not the caller: branch, otherwise
}

func (m *Menu) wait() time.Duration {
	return orDefault(m.Wait, 5*time.Second)
}

func (m *Menu) between() time.Duration {
	return orDefault(m.Between, 2*time.Second)
}

func (m *Menu) tries() int {
	if m.Tries == 0 {
		return 3
	}
	return m.Tries
}

// longer tells whether more keys could make another choice of these.
func (m *Menu) longer(keys string) bool {
	for k := range m.Keys {
		if len(k) > len(keys) && strings.HasPrefix(k, keys) {
			return true
		}
	}
	return false
}

func (c *Call) menu() MenuID {
	if c.Menu == nil {
		return ""
	}
	return c.Menu.ID
}

// menu finds a menu; one that was taken out of the configuration leads nowhere.
func (a *ACD) menu(id MenuID) *Menu {
	for i := range a.cfg.Menus {
		if a.cfg.Menus[i].ID == id {
			return &a.cfg.Menus[i]
		}
	}
	return &Menu{ID: id, Tries: 1}
}

// enterMenu takes in a call that came to a number with a menu.
func (a *ACD) enterMenu(in CallArrived, id MenuID, level string, extra int) {
	a.emit(CallEntered{Call: CallID(in.Leg), Menu: id, Number: in.Number, Caller: in.Caller, Name: in.Name, Endpoint: in.Endpoint,
		Addr: in.Addr, Unrecorded: !a.cfg.Recorded(in.Number), Level: level, Extra: extra, LastAgent: a.spoke.with(in.Caller)})
	a.toMenu(a.calls[CallID(in.Leg)], id)
}

// toMenu asks the menu's question, or sends the call on at once. Ways that
// lead in a circle without a key are refused with the configuration.
func (a *ACD) toMenu(c *Call, id MenuID) {
	m := a.menu(id)
	for _, b := range m.Branches {
		if (b.Closed == "" || a.queues[b.Closed].shut()) && (b.Level == "" || b.Level == c.Level) {
			a.emit(MenuChosen{Call: c.ID, Menu: id, Why: ChoiceBranch, To: b.To})
			a.send(c, b.To)
			return
		}
	}
	a.emit(MenuBegan{Call: c.ID, Menu: id})
	a.lineAnswered(c, AnsweredByMenu)
	a.do(Play{Leg: c.Leg, Sounds: m.Prompt})
}

// menuKey: a key cuts the prompt at once and is acted on, or kept for the next.
func (a *ACD) menuKey(c *Call, key string) {
	m := a.menu(c.menu())
	keys := c.Menu.Keys + key
	if c.Media == MediaPrompt {
		a.do(StopMedia{Leg: c.Leg})
	}
	_, exact := m.Keys[keys]
	_, done := m.Keys[c.Menu.Keys]
	switch {
	case exact && !m.longer(keys):
		a.choose(c, m, keys)
	case exact || m.longer(keys):
		a.emit(KeysPressed{Call: c.ID, Keys: keys})
	case key == "#" && done: // that was all
		a.choose(c, m, c.Menu.Keys)
	default:
		a.menuMissed(c, m, keys)
	}
}

func (a *ACD) choose(c *Call, m *Menu, keys string) {
	a.emit(MenuChosen{Call: c.ID, Menu: m.ID, Keys: keys, To: m.Keys[keys]})
	a.send(c, m.Keys[keys])
}

// menuDue: the prompt's end was lost, or no (further) key came.
func (a *ACD) menuDue(c *Call) {
	m := a.menu(c.menu())
	switch _, exact := m.Keys[c.Menu.Keys]; {
	case c.Media == MediaPrompt:
		a.soundOver(c)
	case exact:
		a.choose(c, m, c.Menu.Keys)
	default:
		a.menuMissed(c, m, c.Menu.Keys)
	}
}

func (a *ACD) menuMissed(c *Call, m *Menu, keys string) {
	try := c.Menu.Tries + 1
	a.emit(MenuMissed{Call: c.ID, Menu: m.ID, Keys: keys, Try: try})
	if try < m.tries() {
		a.do(Play{Leg: c.Leg, Sounds: slices.Concat(m.Invalid, m.Prompt)})
		return
	}
	a.emit(MenuChosen{Call: c.ID, Menu: m.ID, Why: ChoiceOtherwise, To: m.Otherwise})
	a.send(c, m.Otherwise)
}

// send lets a call that has no queue go where a menu says.
func (a *ACD) send(c *Call, to Target) {
	switch {
	case to.Queue != "":
		a.routed(c, to.Queue)
	case to.Menu != "":
		a.toMenu(c, to.Menu)
	case to.Number != "":
		if c.LineAnsweredAt.IsZero() {
			a.do(IndicateRinging{Leg: c.Leg})
		}
		a.forward(c, to.Number, ReasonMenu)
	case to.Voicemail != "" && !c.Unrecorded:
		a.voicemail(c, to.Voicemail, ReasonMenu)
	case to.Announcement != "":
		a.announcement(c, to.Announcement, ReasonMenu)
	default:
		reason := HangUpNormal
		if c.LineAnsweredAt.IsZero() {
			reason = HangUpBusy
		}
		a.emit(MenuLeft{Call: c.ID, Menu: c.menu(), Release: ReleaseSystem, Cause: CauseNormal})
		a.letGo(c, reason)
	}
}

// routed gives a call from a menu its place in a queue. An answered line hears
// no real ringing any more: the tone stands for it until the budget is spent.
func (a *ACD) routed(c *Call, q QueueID) {
	a.emit(CallRouted{Call: c.ID, Queue: q})
	if way, ok := a.onArrival(c, a.queues[q]); ok {
		a.overflow(c, way)
	}
	switch {
	case c.State != CallWaiting:
	case c.LineAnsweredAt.IsZero():
		a.do(IndicateRinging{Leg: c.Leg})
	default:
		a.do(Play{Leg: c.Leg, Sounds: []string{RingTone}})
	}
}

// greetLate greets a caller who heard the tone until the budget was spent.
func (a *ACD) greetLate(c *Call, q *QueueConfig) {
	a.emit(GreetingBegan{Call: c.ID})
	a.do(StopMedia{Leg: c.Leg})
	if q.Greeting == "" {
		a.soundOver(c)
		return
	}
	a.do(Play{Leg: c.Leg, Sounds: SplitSounds(q.Greeting)})
}
