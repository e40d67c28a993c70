package queue

import (
	"fmt"
	"time"
)

// CallbackRule is how callers of a queue are called back (R7.2).
type CallbackRule struct {
	// CustomerFirst: the customer is called when an agent is free, and then
	// given to whoever is; otherwise an agent is called first and waits.
	CustomerFirst bool `json:"customer_first,omitempty"`
	// Attempts and Pause between them; zero: 3, and 2 min.
	Attempts int           `json:"attempts,omitempty"`
	Pause    time.Duration `json:"pause,omitempty"`
	// Abandoned: callers who gave up take their place again and are called back,
	// short abandons and hidden numbers left out.
	Abandoned bool `json:"abandoned,omitempty"`
	// Goodbye is said to a caller who asked for it.
	Goodbye string `json:"goodbye,omitempty"`
}

const (
	defaultAttempts = 3
	defaultPause    = 2 * time.Minute
)

func (r CallbackRule) attempts() int {
	if r.Attempts == 0 {
		return defaultAttempts
	}
	return r.Attempts
}

func (r CallbackRule) pause() time.Duration { return orDefault(r.Pause, defaultPause) }

func (r CallbackRule) validate() error {
	if r.Attempts < 0 || r.Attempts > 20 || r.Pause < 0 {
		return fmt.Errorf("callback: attempts %d must be 1 to 20, pause %s not negative", r.Attempts, r.Pause)
	}
	return nil
}

// callBack takes a request to call a waiting caller back.
func (a *ACD) callBack(in CallBack) {
	c := a.calls[in.Call]
	switch {
	case c == nil || c.Callback != nil || c.Direction == Outbound || (c.State != CallWaiting && c.State != CallOffered) || c.Parts > 0:
		a.refused(in.Asked, "", "not_now", "only a caller who waits can be called back")
	default:
		number := in.Number
		if number == "" {
			number = c.Caller
		}
		if !validNumber(number) {
			a.refused(in.Asked, "", "bad_number", "the caller's number is hidden: say which one to call")
			return
		}
		a.askBack(c, number, in.Asked)
	}
}

// askBack lets a waiting caller go and keeps their place: it counts in the order
// like a caller's (R7.2).
func (a *ACD) askBack(c *Call, number string, by Asked) {
	a.withdrawAll(c, "call_back")
	answered := !c.LineAnsweredAt.IsZero()
	a.emit(CallbackAsked{Call: c.ID, Number: number, Asked: by})
	goodbye := a.queues[c.Queue].cfg.Callback.Goodbye
	if goodbye == "" || !answered {
		a.do(HangUp{Leg: c.Leg, Reason: HangUpNormal})
		return
	}
	a.do(StopMedia{Leg: c.Leg})
	a.do(Play{Leg: c.Leg, Sounds: SplitSounds(goodbye)})
}

// leaving: a caller who asked to be called back is still on the line.
func (c *Call) leaving() bool { return c.Callback != nil && c.Leg == LegID(c.ID) }

// callbackReady: somebody may be called for a call-back now.
func (a *ACD) callbackReady(c *Call) bool {
	b := c.Callback
	return b == nil || (!c.leaving() && !b.NextAt.After(a.now))
}

// customerFirst: of this call the customer is called before any agent is.
func (a *ACD) customerFirst(c *Call) bool {
	return c.Callback != nil && c.Leg == "" && a.queues[c.Queue].cfg.Callback.CustomerFirst
}

// enoughReached: as many customers are being called already as there are agents
// for them; it is not yet this one's turn.
func (a *ACD) enoughReached(c *Call, who []*Agent) bool {
	return a.customerFirst(c) && a.reaching(c.Queue) >= len(who)
}

// reaching counts the customers of a queue who are being called with no agent
// in reserve: no more than there are agents free for them.
func (a *ACD) reaching(q QueueID) (n int) {
	for _, c := range a.order {
		if c.Queue == q && c.Offer == "" && (c.State == CallReaching || (c.State == CallWaiting && c.Callback != nil && c.Leg != "")) {
			n++
		}
	}
	return n
}

// abandonedBack queues the call-back of a caller who has just given up.
func (a *ACD) abandonedBack(c *Call) {
	l := a.queues[c.Queue]
	if !l.cfg.Callback.Abandoned || c.Short || !validNumber(c.Caller) || c.ByAgent != "" {
		return
	}
	for _, other := range a.order {
		if other.Callback != nil && other.Callback.Number == c.Caller && other.Queue == c.Queue {
			return // once is enough
		}
	}
	arrived := c.ArrivedAt
	if c.Restored != "" {
		arrived = c.QueuedAt
	}
	a.emit(CallbackQueued{Call: "b-" + c.ID, Of: c.ID, Number: c.Caller, Order: c.Order, Arrived: arrived, Queue: c.Queue, Name: c.Name,
		Level: c.Level, Extra: c.Extra, LastAgent: c.LastAgent, Unrecorded: c.Unrecorded})
}
