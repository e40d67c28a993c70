package robot

import "time"

// Times are the moments of a call, read at the socket. Zero means that it did not happen.
type Times struct {
	Invited    time.Time // first INVITE sent or received
	Trying     time.Time // 100
	Ringing    time.Time // first 180
	EarlyMedia time.Time // first 183
	Answered   time.Time // first 200 to the INVITE
	Acked      time.Time // ACK to it
	Cancelled  time.Time // CANCEL
	Refused    time.Time // final response that is no 200 (a challenge for the password does not count)
	Bye        time.Time // first BYE
	Ended      time.Time // the one of the above that ended the call; set when it is over
}

// note enters one message. Only the first of a kind counts, so retransmissions and re-INVITEs change nothing.
func (t *Times) note(h head, at time.Time) {
	set := func(field *time.Time) {
		if field.IsZero() {
			*field = at
		}
	}
	switch {
	case h.method == "INVITE":
		switch {
		case h.status == 0:
			set(&t.Invited)
		case h.status == 100:
			set(&t.Trying)
		case h.status == 180:
			set(&t.Ringing)
		case h.status == 183:
			set(&t.EarlyMedia)
		case h.status >= 200 && h.status < 300:
			set(&t.Answered)
		case h.status >= 300 && h.status != 401 && h.status != 407 && t.Answered.IsZero():
			set(&t.Refused)
		}
	case h.status != 0:
	case h.method == "ACK" && !t.Answered.IsZero():
		set(&t.Acked)
	case h.method == "CANCEL":
		set(&t.Cancelled)
	case h.method == "BYE":
		set(&t.Bye)
	}
}

// over tells whether the wire has seen the end of the call, though the phone may still be busy with it.
func (t *Times) over() bool {
	if t.Answered.IsZero() {
		return !t.Refused.IsZero() || !t.Cancelled.IsZero()
	}
	return !t.Bye.IsZero()
}

// rung is how long it rang, up to the answer or the end.
func (t *Times) rung(now time.Time) (time.Duration, bool) {
	if t.Ringing.IsZero() {
		return 0, false
	}
	switch {
	case !t.Answered.IsZero():
		now = t.Answered
	case !t.Ended.IsZero():
		now = t.Ended
	}
	return max(now.Sub(t.Ringing), 0), true
}

// rings counts the rings begun by then: ring n starts n-1 cycles after the 180 (R1.3).
func rings(rung, on, off time.Duration) int {
	return 1 + int(rung/(on+off))
}

// ringsStrict counts an answer after a ring's sounding part as the next ring's (R1.3, the strict reading).
func ringsStrict(rung, on, off time.Duration) int {
	n := rings(rung, on, off)
	if rung > time.Duration(n-1)*(on+off)+on {
		n++
	}
	return n
}
