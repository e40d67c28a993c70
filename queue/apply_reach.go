package queue

import (
	"slices"
	"time"
)

// applyReach makes events of calls to customers true: placed ones and
// call-backs.
func (a *ACD) applyReach(at time.Time, e Event) {
	switch e := e.(type) {
	case CallPlaced:
		c := &Call{ID: e.Call, Order: a.arrivals + 1, Day: a.day, Queue: e.Queue, Number: e.Number, Caller: e.Number, Direction: Outbound,
			Agent: e.Agent, State: CallReaching, ArrivedAt: at, Unrecorded: e.Unrecorded}
		a.arrivals++
		a.calls[c.ID] = c
		a.order = append(a.order, c)
		if e.Before.State == NotReady {
			before := e.Before
			a.agents[e.Agent].Pending = &before
		}
		a.touchCall(c)
	case CallbackAsked:
		c := a.calls[e.Call]
		c.Callback = &Callback{Number: e.Number, AskedAt: at, By: e.By}
		c.BudgetAt = time.Time{}
		if !c.LineAnsweredAt.IsZero() {
			c.hear(MediaPrompt, at.Add(longestSound)) // the goodbye
		}
		if l := a.tallied(c); l != nil && c.CallbackOf == "" {
			l.today.Callbacks++
		}
		a.touchCall(c)
	case CallbackQueued:
		c := &Call{ID: e.Call, Order: e.Order, Day: a.day, Number: a.queueNumber(e.Queue), Caller: e.Number, Name: e.Name, State: CallWaiting,
			ArrivedAt: at, QueuedAt: e.Arrived, Level: e.Level, Extra: e.Extra, LastAgent: e.LastAgent, Unrecorded: e.Unrecorded, CallbackOf: e.Of,
			Callback: &Callback{Number: e.Number, AskedAt: at, By: "abandoned"}}
		a.calls[c.ID] = c
		i, _ := slices.BinarySearchFunc(a.order, c, func(x, y *Call) int { return int(x.Order) - int(y.Order) })
		a.order = slices.Insert(a.order, i, c)
		a.enterQueue(at, c, a.queues[e.Queue])
		a.touchCall(c)
	case CustomerLeft:
		c := a.calls[e.Call]
		c.Leg = ""
		a.touchCall(c)
	case CustomerDialled:
		c := a.calls[e.Call]
		l := a.queues[c.Queue]
		l.dequeue(c)
		c.Leg, c.State, c.ReachAt = e.Leg, CallReaching, at.Add(l.cfg.Talking.reach())
		c.OtherLegs++
		c.skipTo(e.Leg)
		if c.Callback != nil {
			b := *c.Callback
			b.Attempts, b.NextAt = b.Attempts+1, time.Time{}
			c.Callback = &b
		}
		a.touchCall(c)
	case CustomerAnswered:
		c := a.calls[e.Call]
		c.ReachAt, c.LineAnsweredAt, c.LineAnsweredBy = time.Time{}, at, AnsweredByCustomer
		c.State = CallConnecting
		if c.Offer == "" {
			c.Media, c.WaitFrom = MediaMusic, at
			c.Front = true // we have called them: they do not wait for others (R7.2)
			a.waitAgain(c)
		}
		a.touchCall(c)
	case CustomerNotReached:
		a.applyNotReached(at, e)
	case CallClosed:
		a.applyClosed(at, e)
	}
}

// queueNumber is a number that leads to a queue: the first in order.
func (a *ACD) queueNumber(q QueueID) string {
	for _, number := range sortedKeys(a.cfg.Numbers) {
		if a.cfg.Numbers[number] == q {
			return number
		}
	}
	return ""
}

func (a *ACD) applyNotReached(at time.Time, e CustomerNotReached) {
	c := a.calls[e.Call]
	c.Leg, c.ReachAt = "", time.Time{}
	a.freeAgent(at, c)
	if c.Callback != nil {
		b := *c.Callback
		b.NextAt = e.Next
		c.Callback = &b
	}
	a.waitAgain(c)
	a.touchCall(c)
}

// freeAgent lets go the agent of a call that did not become a conversation.
func (a *ACD) freeAgent(at time.Time, c *Call) {
	o := a.offers[c.Offer]
	if o == nil {
		return
	}
	delete(a.offers, o.ID)
	c.Offer = ""
	if c.Direction != Outbound {
		c.Agent, c.AcceptedAt = "", time.Time{}
	}
	a.release(at, a.agents[o.Agent], Ready, "")
}

func (a *ACD) applyClosed(at time.Time, e CallClosed) {
	c := a.calls[e.Call]
	a.freeAgent(at, c)
	c.Release, c.Cause = e.Release, e.Cause
	if c.Outside != nil {
		x := *c.Outside
		x.Talk = e.Talk
		c.Outside = &x
	}
	if l := a.tallied(c); l != nil && e.Outcome == OutcomeAnswered && c.counts() {
		l.today.completed(0, e.Release) // its parts are counted already
	}
	a.endCall(at, c, e.Outcome)
}
