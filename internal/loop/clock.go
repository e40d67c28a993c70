package loop

import (
	"log/slog"
	"time"
)

// clock is wall time at the start plus what the monotonic clock has counted
// since: a clock that is set forward or back makes no ring longer or shorter.
type clock struct {
	start time.Time     // with its monotonic reading
	ahead time.Duration // of the wall clock at the start
	wall  func() time.Time
	log   *slog.Logger
}

// step is how far the wall clock must have gone ahead to be followed.
const step = 2 * time.Second

// newClock goes on from the ledger's last record if the wall clock was set back
// meanwhile: to the ACD time never runs backwards, and until the wall clock had
// caught up no deadline would fall due.
func newClock(last time.Time, log *slog.Logger) clock {
	c := clock{start: time.Now(), wall: func() time.Time { return time.Now().Round(0) }, log: log}
	if c.ahead = last.Sub(c.start.Round(0)); c.ahead < 0 {
		c.ahead = 0
	}
	if c.ahead > step {
		log.Warn("the ledger's last record is in the future: the clock was set back; times are recorded ahead of it", "ahead", c.ahead)
	}
	return c
}

func (c *clock) now() time.Time { return c.start.Add(time.Since(c.start) + c.ahead) }

// set follows a wall clock that has gone ahead: the machine slept, or was set
// right. Only while there are no calls, whose durations it would falsify. A
// clock that was set back is not followed, see newClock.
func (c *clock) set() {
	if by := c.wall().Sub(c.now().Round(0)); by > step {
		c.log.Warn("the clock has gone ahead: the machine slept, or was set", "by", by)
		c.ahead += by
	}
}
