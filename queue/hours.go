package queue

import (
	"fmt"
	"time"
)

// Hours are when a queue is open: spans for the days of the week, and other
// ones for special days and holidays. The core does not read them: an edge that
// knows the zone's clock tells it when they begin and end (QueueHours).
type Hours struct {
	Name string `json:"name"`
	// Zone is a name of the IANA database; empty means the house's.
	Zone string `json:"zone,omitempty"`
	// Week has the spans of each day, Sunday first as in time.Weekday.
	Week [7][]Span `json:"week"`
	// Days has the spans of dates ("2026-10-01") that differ; none: closed.
	Days map[string][]Span `json:"days,omitempty"`
}

// Span is a stretch of opening, in minutes of the local clock from the day's
// midnight. To may pass 24:00: such a span ends on the next day.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

const (
	dayMinutes = 24 * 60
	// ahead is how many days are looked through for the next change.
	ahead = 370
)

// At tells whether it is open at t by the clocks of loc, and until when that
// stays so; zero means for more than a year.
func (h *Hours) At(t time.Time, loc *time.Location) (open bool, until time.Time) {
	y, m, d := t.In(loc).Date()
	for i := -1; i <= ahead; i++ { // yesterday's span may pass midnight
		day := time.Date(y, m, d+i, 12, 0, 0, 0, loc)
		for _, s := range h.spans(day) {
			from, to := clock(day, s.From), clock(day, s.To)
			switch {
			case !to.After(t):
			case !open && from.After(t):
				return false, from
			case !open:
				open, until = true, to
			case from.After(until):
				return true, until
			case to.After(until):
				until = to
			}
		}
		if open && day.Sub(until) > 24*time.Hour {
			return true, until
		}
	}
	return open, time.Time{}
}

func (h *Hours) spans(day time.Time) []Span {
	if special, ok := h.Days[day.Format(time.DateOnly)]; ok {
		return special
	}
	return h.Week[day.Weekday()]
}

// clock is minutes after midnight as the clocks show them, so that 08:30 stays
// 08:30 on the day on which they are put forward.
func clock(day time.Time, minutes int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minutes, 0, 0, day.Location())
}

func (h *Hours) validate() error {
	check := func(day string, spans []Span) error {
		end := 0
		for _, s := range spans {
			if s.From < end || s.From >= dayMinutes || s.To <= s.From || s.To > s.From+dayMinutes {
				return fmt.Errorf("hours %s: %s: spans must follow each other, begin on the day and last a day at most", h.Name, day)
			}
			end = s.To
		}
		return nil
	}
	for i, spans := range h.Week {
		if err := check(time.Weekday(i).String(), spans); err != nil {
			return err
		}
	}
	for _, date := range sortedKeys(h.Days) {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return fmt.Errorf("hours %s: %q is no date such as 2026-10-01", h.Name, date)
		}
		if err := check(date, h.Days[date]); err != nil {
			return err
		}
	}
	return nil
}

// hoursNow is whether a queue is open, as it was last told.
type hoursNow struct {
	Closed bool      `json:"closed"`
	Until  time.Time `json:"until"`
	ByHand string    `json:"by_hand,omitempty"`
}

// queueHours: the hours of a queue began or ended. Calls that wait already are
// still served; who comes now goes the way out for a closed queue.
func (a *ACD) queueHours(in QueueHours) {
	l := a.queues[in.Queue]
	if l == nil || in.Queue == "" {
		return
	}
	until := in.Until.UTC().Truncate(time.Microsecond)
	switch {
	case in.Open == !l.closed && until.Equal(l.until):
	case in.Open:
		a.emit(QueueOpened{Queue: in.Queue, Until: until})
	default:
		a.emit(QueueClosed{Queue: in.Queue, Until: until})
	}
}
