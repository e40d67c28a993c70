package queue

import (
	"fmt"
	"math"
	"time"
)

// Announce is what callers of a queue are told while they wait, between the
// music. Nothing is said before the line is answered, and whatever is said ends
// the instant an agent answers.
type Announce struct {
	// First is how long after the music began (zero: at once), Every how often
	// then. Every zero: once.
	First time.Duration `json:"first,omitempty"`
	Every time.Duration `json:"every,omitempty"`
	// Position are the sounds for the places 1, 2 … in the queue, Wait for an
	// expected wait of up to 1, 2 … minutes; the last stands for more.
	Position []string `json:"position,omitempty"`
	Wait     []string `json:"wait,omitempty"`
	// Offer says that OfferKey asks to be called back (R7.2).
	Offer    string `json:"offer,omitempty"`
	OfferKey string `json:"offer_key,omitempty"`
}

func (n *Announce) says() bool { return len(n.Position) > 0 || len(n.Wait) > 0 || n.Offer != "" }

func (n Announce) validate() error {
	switch {
	case n.First < 0 || n.Every < 0:
		return fmt.Errorf("announce: first %s and every %s cannot be negative", n.First, n.Every)
	case n.Every > 0 && n.Every < 5*time.Second:
		return fmt.Errorf("announce: every %s: leave at least 5 s between", n.Every)
	case (n.Offer == "") != (n.OfferKey == ""):
		return fmt.Errorf("announce: offer and offer_key belong together")
	case n.OfferKey != "" && (len(n.OfferKey) != 1 || !isKey(n.OfferKey)):
		return fmt.Errorf("announce: offer_key %q: must be one of 0-9, * and #", n.OfferKey)
	}
	return nil
}

// Estimate is what a caller was told first about the wait.
type Estimate struct {
	At    time.Time     `json:"at"`
	Place int           `json:"place"`
	Wait  time.Duration `json:"wait"` // from At
}

// handling is how long calls of a queue keep an agent, ringing and after-call
// work included: a mean in which older ones fade.
type handling struct {
	Mean float64 `json:"mean"` // seconds
	N    int     `json:"n"`
}

// handlingFade is the weight of a new call once there were enough.
const handlingFade = 0.05

func (h *handling) add(d time.Duration) {
	h.N++
	h.Mean += (d.Seconds() - h.Mean) * max(1/float64(h.N), handlingFade)
}

// enoughHandled is from how many calls on a mean is worth telling.
const enoughHandled = 5

// announceAt is when a waiting caller is told something; zero: not.
func (a *ACD) announceAt(c *Call) time.Time {
	if c.State != CallWaiting || c.Callback != nil || c.Media != MediaMusic {
		return time.Time{}
	}
	n := &a.queues[c.Queue].cfg.Announce
	switch {
	case !n.says():
		return time.Time{}
	case c.ToldAt.Before(c.WaitFrom): // nothing since it waits here
		return later(c.MusicAt, c.WaitFrom).Add(n.First)
	case n.Every == 0:
		return time.Time{}
	}
	return c.ToldAt.Add(n.Every)
}

// announceAll tells everybody whose time has come, last in a step: then they
// know whom a phone is rung for.
func (a *ACD) announceAll() {
	for _, c := range a.order {
		if at := a.announceAt(c); !at.IsZero() && !at.After(a.now) {
			a.announceDue(c)
		}
	}
}

func (a *ACD) announceDue(c *Call) {
	n := a.queues[c.Queue].cfg.Announce
	place := a.placeOf(c)
	wait, known := a.estimate(c, place)
	var sounds []string
	if len(n.Position) > 0 {
		sounds = append(sounds, SplitSounds(n.Position[min(place, len(n.Position))-1])...)
	}
	if known && len(n.Wait) > 0 {
		minutes := max(int(math.Ceil(wait.Minutes())), 1)
		sounds = append(sounds, SplitSounds(n.Wait[min(minutes, len(n.Wait))-1])...)
	}
	if n.Offer != "" && c.mayAskBack() {
		sounds = append(sounds, SplitSounds(n.Offer)...)
	}
	a.emit(WaitAnnounced{Call: c.ID, Sounds: sounds})
	if known && len(n.Wait) > 0 {
		a.emit(EstimateGiven{Call: c.ID, Place: place, Wait: wait})
	}
	if len(sounds) == 0 {
		a.soundOver(c)
		return
	}
	a.do(Play{Leg: c.Leg, Sounds: sounds})
}

// placeOf is a call's place among those who wait in its queue, counted from 1.
func (a *ACD) placeOf(c *Call) int {
	place := 1
	for _, x := range a.order {
		if x != c && x.Queue == c.Queue && x.waits() && a.ahead(x, c) {
			place++
		}
	}
	return place
}

// estimate is how long a call at a place will wait for an agent: so many agents
// must come free before, and n of them who are at work come free n times as
// often as one. An agent who also serves other queues where callers wait counts
// for a part. False: not enough is known to say anything.
func (a *ACD) estimate(c *Call, place int) (time.Duration, bool) {
	l := a.queues[c.Queue]
	atWork := 0.0
	for _, g := range l.serving {
		switch g.State {
		case Ready, Reserved, OnCall, WrapUp:
			atWork += 1 / float64(a.claims(g, l))
		}
	}
	if atWork == 0 || l.handled.N < enoughHandled {
		return 0, false
	}
	seconds := float64(place) * l.handled.Mean / atWork
	return time.Duration(seconds * float64(time.Second)).Round(time.Second), true
}

// claims counts the queues whose callers wait for an agent, l itself included.
func (a *ACD) claims(g *Agent, l *line) int {
	n := 1
	for _, q := range a.agentConfig(g.ID).Queues {
		if other := a.queues[q]; other != nil && other != l && len(other.waiting) > 0 {
			n++
		}
	}
	return n
}

// mayAskBack: the caller's number is one that can be called.
func (c *Call) mayAskBack() bool { return validNumber(c.Caller) && c.Callback == nil && c.Parts == 0 }

// waitKey: a waiting caller asks to be called back.
func (a *ACD) waitKey(c *Call, key string) {
	n := a.queues[c.Queue].cfg.Announce
	if n.Offer != "" && key == n.OfferKey && !c.LineAnsweredAt.IsZero() && c.mayAskBack() {
		a.askBack(c, c.Caller, Asked{By: "caller"})
	}
}

func isKey(key string) bool {
	return key >= "0" && key <= "9" || key == "*" || key == "#"
}

// estimateHeld counts in the figures how right an estimate was: the real wait is
// at most half as long again as was said, or within a minute of it.
func (t *Tally) estimateHeld(e *Estimate, real time.Duration) {
	off := (real - e.Wait).Abs()
	t.Estimates++
	t.EstimateError += off
	if real*2 <= e.Wait*3 || off <= time.Minute {
		t.EstimateWithin++
	}
}

// estimated counts the first estimate that a call was given, when an agent has
// answered it; or when its caller gave up later than was said, which proves it
// wrong. Who gave up earlier proves nothing.
func (t *Tally) estimated(c *Call, answered bool) {
	e := c.Estimate
	if e == nil {
		return
	}
	real := c.waitedSince().Add(c.Wait).Sub(e.At)
	if answered || real > e.Wait {
		t.estimateHeld(e, real)
	}
}
