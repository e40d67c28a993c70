package queue

import (
	"fmt"
	"time"
)

// Backup rings one more phone when those that ring are not likely enough to be
// answered before the caller's fourth ring (R1.2): deadline-aware ringing.
type Backup struct {
	// Target is the chance that is wanted, such as 0.95; zero: no backup.
	Target float64 `json:"target"`
	// Phones is how many may ring for one call; zero: 2.
	Phones int `json:"phones"`
	// InVain bounds the phones rung for another's answer, as a share of the
	// queue's offers of the day; zero: 0.2.
	InVain float64 `json:"in_vain"`
}

func (b Backup) phones() int {
	if b.Phones == 0 {
		return 2
	}
	return b.Phones
}

func (b Backup) inVain() float64 {
	if b.InVain == 0 {
		return 0.2
	}
	return b.InVain
}

func (b Backup) validate() error {
	if !(b.Target >= 0 && b.Target < 1) || b.Phones < 0 || b.Phones == 1 || b.Phones > 20 || !(b.InVain >= 0 && b.InVain <= 1) {
		return fmt.Errorf("backup: target %v must be below 1, phones %d 2 to 20, in_vain %v a share", b.Target, b.Phones, b.InVain)
	}
	return nil
}

// Pick-up times are counted in bins of half a second up to fifteen; what is
// later, or never, is in the last.
const (
	pickUpBin  = 500 * time.Millisecond
	pickUpBins = 31
)

// PickUps is how long an agent's phone rang until it was answered: counts per
// bin, older ones fading.
type PickUps [pickUpBins]float64

// fade is the weight that former pick-ups keep when a new one is counted, so
// that about the last fifty matter.
const fade = 0.98

func (p *PickUps) add(rang time.Duration, answered bool) {
	for i := range p {
		p[i] *= fade
	}
	bin := pickUpBins - 1
	if answered {
		bin = min(int(rang/pickUpBin), bin)
	}
	p[bin]++
}

// usualPickUps stands for ten answers of somebody about whom nothing is known:
// most people answer within two rings, one in twenty does not.
var usualPickUps = func() (p PickUps) {
	for i := 2; i < 18; i++ { // 1 s to 9 s
		p[i] = 9.5 / 16
	}
	p[pickUpBins-1] = 0.5
	return p
}()

// ringsOn is the estimated chance that a phone still rings after t.
func (p *PickUps) ringsOn(t time.Duration) float64 {
	var after, all float64
	bin := int(t / pickUpBin)
	for i := range p {
		n := p[i] + usualPickUps[i]
		all += n
		if i >= bin {
			after += n
		}
	}
	return after / all
}

// unanswered is the chance that nobody answers a call before a moment, as seen
// from another one at which its phones still ring.
func (a *ACD) unanswered(c *Call, from, before time.Time) float64 {
	chance := 1.0
	for _, id := range c.Open {
		o := a.offers[id]
		began := o.AlertingAt
		if began.IsZero() {
			began = o.MadeAt
		}
		g := a.agents[o.Agent]
		if still := g.PickUps.ringsOn(max(from.Sub(began), 0)); still > 0 {
			chance *= g.PickUps.ringsOn(max(before.Sub(began), 0)) / still
		}
	}
	return chance
}

// backupAt is when one more phone should be rung for a call, if none answers
// until then; zero means not at all.
func (a *ACD) backupAt(c *Call) time.Time {
	l := a.queues[c.Queue]
	b := l.cfg.Routing.Backup
	if b.Target == 0 || c.State != CallOffered || c.BudgetAt.IsZero() || len(c.Open) >= b.phones() {
		return time.Time{}
	}
	if t := &l.today; float64(t.InVain+len(c.Open)) > b.inVain()*float64(max(t.Rung, 20)) {
		return time.Time{}
	}
	for at := a.now; at.Before(c.BudgetAt); at = at.Add(pickUpBin) {
		if 1-a.unanswered(c, at, c.BudgetAt) < b.Target {
			return at
		}
	}
	return time.Time{}
}
