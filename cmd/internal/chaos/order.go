package chaos

import "time"

const (
	// closeBy: who comes less than this apart may be served in either order,
	// since the order of two datagrams is nobody's.
	closeBy = 300 * time.Millisecond
	// between is how long a place in the queue may be in motion from one
	// telephone to the next.
	between = 700 * time.Millisecond
)

// order counts callers who were overtaken: a telephone rang for a later one
// while they waited and none rang for them. Who came while nobody was in
// control is left out: the dialplan has no queue.
func (j *judge) order() {
	for _, later := range j.lives {
		for _, r := range later.rings {
			at := r.call.Times().Invited
			for _, earlier := range j.lives {
				if earlier == later || !j.overtaken(earlier, later, at) {
					continue
				}
				j.f.Inversions++
				j.say(earlier, "was overtaken by %s, for whom %s rang at %s", later.number, r.agent.id, at.Format("15:04:05.000"))
			}
		}
	}
}

func (j *judge) overtaken(earlier, later *life, at time.Time) bool {
	came := earlier.caller.Times().Invited
	if came.After(later.caller.Times().Invited.Add(-closeBy)) || earlier.guarded || j.taken(earlier) ||
		j.duringFault(came) || j.duringFault(later.caller.Times().Invited) {
		return false
	}
	if left := earlier.left(); !left.IsZero() && left.Before(at.Add(between)) {
		return false
	}
	for _, r := range earlier.rings {
		t := r.call.Times()
		if t.Invited.Before(at.Add(closeBy)) && (t.Ended.IsZero() || t.Ended.After(at.Add(-between))) {
			return false // a telephone rings for it, or it talks
		}
	}
	return true
}
