package ari

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/threerings/threerings/queue"
)

// looked is what a check found.
type looked struct {
	now snapshot
	err error
}

// watch runs checks beside the session, one at a time.
type watch struct {
	looked chan looked // one slot
	wg     sync.WaitGroup
	mu     sync.Mutex
	busy   bool
}

// checkSoon asks for a check, if there is a session.
func (s *Switch) checkSoon() {
	select {
	case s.wanted <- struct{}{}:
	default:
	}
}

func (w *watch) start(ctx context.Context, s *Switch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy {
		return
	}
	w.busy = true
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		now, err := s.look(ctx)
		w.mu.Lock()
		w.busy = false
		w.mu.Unlock()
		select {
		case w.looked <- looked{now, err}:
		case <-ctx.Done():
		}
	}()
}

// suspectFor is how long the end of a leg that a check misses may still be on
// its way to us as an event.
const suspectFor = 2 * time.Second

// again checks once more when suspects have had their time.
func (w *watch) again(ctx context.Context, s *Switch) {
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		select {
		case <-ctx.Done():
		case <-time.After(suspectFor):
			s.checkSoon()
		}
	}()
}

func (w *watch) wait() { w.wg.Wait() }

// heal sends what lost events would have told. A lost event is only a very
// late one, so the core can be told it as such; the table keeps the true one,
// should it still come, from being told twice. It returns true if there are
// suspects to look at again.
func (s *Switch) heal(now snapshot) (suspects bool) {
	s.mu.Lock()
	inputs, hangUps, suspects := s.legs.heal(time.Now(), now, s.opts.App, s.homes)
	s.mu.Unlock()
	for _, in := range inputs {
		name := inputName(in)
		s.stats.healed(name)
		if name != "PhoneChanged" {
			s.log.Warn("an event of Asterisk was lost, made up for", "kind", name, "input", in)
		}
		s.send(in)
	}
	for _, c := range hangUps {
		s.lanes.add(callOfCommand(c), c)
	}
	s.sweep(now)
	return suspects
}

// heal compares the table with a snapshot. What was heard after the snapshot
// began stands above it.
func (t *table) heal(at time.Time, now snapshot, app string, homes devices) (inputs []queue.Input, hangUps []queue.HangUp, suspects bool) {
	there := make(map[queue.LegID]bool, len(now.channels))
	for _, c := range now.channels {
		there[queue.LegID(c.ID)] = c.Dialplan.Context != fallbackContext
	}
	rescued, strange := now.rescued(), map[queue.LegID]time.Time{}
	for _, f := range now.facts(app) {
		if t.over(f.Leg) {
			continue
		}
		if t.behind(f, now.began) {
			since, before := t.strange[f.Leg]
			if before && now.began.Sub(since) >= suspectFor/2 {
				inputs = append(inputs, t.late(at, f)...)
			} else {
				// Its events may be on their way to us.
				suspects = true
				if !before {
					since = now.began
				}
				strange[f.Leg] = since
			}
		}
		l := t.alive[f.Leg]
		if l == nil {
			continue
		}
		l.missed = time.Time{}
		ends, suspect := t.healSound(f.Leg, l, now)
		inputs, suspects = append(inputs, ends...), suspects || suspect
		if l.hangUp && at.Sub(l.hangUpAt) > suspectFor {
			hangUps = append(hangUps, queue.HangUp{Leg: f.Leg, Reason: l.reason})
		}
	}
	t.strange = strange
	for id, l := range t.alive {
		switch {
		case there[id] || t.dialling[id] || now.dialling[id] || !l.seen.Before(now.began):
		case l.missed.IsZero():
			l.missed = now.began
			suspects = true
		case now.began.Sub(l.missed) < suspectFor/2:
			suspects = true
		default:
			cause := queue.CauseGone
			if rescued[id] {
				cause = queue.CauseRescued
			} else if l.cause != 0 {
				cause = causeOf(l.cause, l.kind != queue.LegAgent || l.here)
			}
			t.end(at, id)
			inputs = append(inputs, queue.LegEnded{Leg: id, Cause: cause})
		}
	}
	for name, e := range now.ours(homes) {
		if known := t.endpoints[name]; known == nil || known.at.Before(now.began) {
			t.endpoints[name] = e
			inputs = append(inputs, t.tell(at, homes[name].agent, e.phone(homes[name].fixed != ""))...)
		}
	}
	return inputs, hangUps, suspects
}

// behind tells whether a snapshot knows more of a leg than we were told.
func (t *table) behind(f queue.LegFact, began time.Time) bool {
	l := t.alive[f.Leg]
	if l == nil {
		l = &leg{}
	}
	entered := f.Up || f.Kind != queue.LegAgent
	return entered && !l.here || f.Ringing && !l.rang && !l.here || f.Bridged && !l.bridged && l.left.Before(began)
}

// late tells of a leg what its events would have told.
func (t *table) late(at time.Time, f queue.LegFact) (inputs []queue.Input) {
	switch {
	case f.Ringing:
		inputs = t.ringing(at, string(f.Leg))
	case f.Up || f.Kind != queue.LegAgent:
		inputs = t.enter(at, f.Leg, f.Kind, f.Arrival)
	}
	if f.Bridged {
		call, _ := callOf(f.Leg)
		inputs = append(inputs, t.bridged(at, string(f.Leg), bridgeOf(call))...)
	}
	return inputs
}

func inputName(in queue.Input) string { return reflect.TypeOf(in).Name() }
