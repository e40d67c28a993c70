package loop

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// newDay tells the ACD the house's date when it has changed.
func (l *Loop) newDay() {
	loc := l.location.Load()
	now := l.clock.now().In(loc)
	if now.Before(l.midnight) {
		return
	}
	y, m, d := now.Date()
	l.midnight = time.Date(y, m, d+1, 0, 0, 0, 0, loc)
	l.step(queue.NewDay{Day: now.Format(time.DateOnly)})
	l.hoursOf = nil // what was more than a year away may have come near
}

// hours tells the ACD which queues are open, when that changes: by the clock,
// or by the configuration.
func (l *Loop) hours() {
	cfg, house, now := l.acd.Config(), l.location.Load(), l.clock.now()
	if cfg == l.hoursOf && house == l.hoursBy && (l.hoursAt.IsZero() || now.Before(l.hoursAt)) {
		return
	}
	l.hoursOf, l.hoursBy, l.hoursAt = cfg, house, time.Time{}
	for i := range cfg.Queues {
		in := l.hoursNow(&cfg.Queues[i], now, house)
		if !in.Until.IsZero() && (l.hoursAt.IsZero() || in.Until.Before(l.hoursAt)) {
			l.hoursAt = in.Until
		}
		l.step(in)
	}
}

// hoursNow tells whether a queue is open, and until when.
func (l *Loop) hoursNow(q *queue.QueueConfig, now time.Time, house *time.Location) queue.QueueHours {
	in := queue.QueueHours{Queue: q.ID, Open: true}
	if q.Hours != nil {
		in.Open, in.Until = q.Hours.At(now, l.zone(q.Hours, house))
	}
	return in
}

// zone is the clock that hours are meant by. The configuration was refused if
// there were no such zone; should it be gone since, the house's own will do.
func (l *Loop) zone(h *queue.Hours, house *time.Location) *time.Location {
	if h.Zone != "" {
		if loc, err := time.LoadLocation(h.Zone); err == nil {
			return loc
		}
		l.opts.Log.Warn("no such time zone here; the house's is used", "hours", h.Name, "zone", h.Zone)
	}
	return house
}
