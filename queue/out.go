package queue

import "fmt"

// target is where a call goes on; none: out, with a busy answer.
func (o Overflow) target() Target {
	if o.Out != (Target{}) {
		return o.Out
	}
	return Target{Queue: o.To}
}

// goesOut takes a call out of its queues by another way than a busy answer;
// false if the way is another queue, or that answer.
func (a *ACD) goesOut(c *Call, way Overflow) bool {
	switch to, reason := way.target(), string(way.Cause); {
	case to.Number != "":
		a.forward(c, to.Number, reason)
	case to.Voicemail != "" && !c.Unrecorded:
		a.voicemail(c, to.Voicemail, reason)
	case to.Announcement != "":
		a.announcement(c, to.Announcement, reason)
	default:
		return false
	}
	return true
}

func (c *Config) validateOut(o Overflow) error {
	if o.To != "" && o.Out != (Target{}) {
		return fmt.Errorf("to queue %s and to %v: give one place only", o.To, o.Out)
	}
	if o.Out.Menu != "" {
		return fmt.Errorf("to %v: a call that has waited is not asked again where it wants to go", o.Out)
	}
	return c.validateTarget(o.target())
}

// nowhere is the queue of calls that have none yet: it has no name, no agents
// and no figures, and the usual policy.
func nowhere() *line {
	q := NewQueue("")
	return &line{cfg: &q, cadence: (&Config{}).cadence(&q)}
}
