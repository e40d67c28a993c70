package queue

import "fmt"

// States of a queue that are set by hand.
const (
	ByHandOpen   = "open"
	ByHandClosed = "closed"
	ByHandHours  = "hours" // as its hours say
)

// setQueue opens or closes a queue by hand, or leaves it to its hours again.
// Calls that wait already are still served, as when the hours end.
func (a *ACD) setQueue(in SetQueue) {
	l := a.queues[in.Queue]
	switch {
	case l == nil:
		a.refused(in.Asked, "", "unknown_queue", fmt.Sprintf("there is no queue %q", in.Queue))
	case in.State != ByHandOpen && in.State != ByHandClosed && in.State != ByHandHours:
		a.refused(in.Asked, "", "unknown_state", fmt.Sprintf("state must be open, closed or hours, not %q", in.State))
	default:
		a.emit(QueueSet(in))
	}
}

func (a *ACD) applyQueueSet(e QueueSet) {
	l := a.queues[e.Queue]
	if l.byHand = e.State; e.State == ByHandHours {
		l.byHand = ""
	}
}

// shut tells whether a queue takes no calls: closed by hand or by the plan of an
// emergency, or by its hours unless somebody opened it.
func (l *line) shut() bool {
	return l.byHand == ByHandClosed || l.byPlan || (l.closed && l.byHand != ByHandOpen)
}
