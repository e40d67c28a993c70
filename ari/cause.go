package ari

import "github.com/threerings/threerings/queue"

// Q.850 causes as Asterisk uses them.
const (
	q850Unallocated  = 1
	q850NoRoute      = 3
	q850Normal       = 16
	q850Busy         = 17
	q850NoReply      = 18
	q850NoAnswer     = 19
	q850Absent       = 20
	q850Rejected     = 21
	q850Elsewhere    = 26
	q850Unspecified  = 31
	q850TempFailure  = 41
	q850ChannelLost  = 44 // Asterisk: no RTP within rtp_timeout (facts 1.8)
	q850Interworking = 127
)

// causeOf is the domain's word for a leg's end (facts 5.12, 6.3). talked says
// that the leg was in our hands: a caller's, or one that an agent answered.
// Ends without a cause are ordinary there, and failures of a phone being rung.
func causeOf(cause int, talked bool) queue.Cause {
	switch cause {
	case q850Normal, q850Elsewhere:
		return queue.CauseNormal
	case q850Busy:
		return queue.CauseBusy
	case q850Rejected:
		return queue.CauseRefused
	case q850NoReply, q850NoAnswer:
		return queue.CauseNoAnswer
	case q850Absent, q850NoRoute, q850Unallocated:
		return queue.CauseUnregistered
	case q850ChannelLost:
		return queue.CauseMediaLost
	case 0, q850Unspecified, q850Interworking:
		if talked {
			return queue.CauseNormal
		}
	}
	return queue.CauseFailed
}

// Asterisk's own flags, which stand in a soft hang-up request where others
// carry a Q.850 cause (measured: 1 and soft when RTP stops; the end of Stasis
// that follows has no cause, and the channel's own end is not told any more).
const (
	softDevice   = 1
	softExplicit = 32
)

// requestCause is the Q.850 cause of a hang-up request, 0 if it tells none.
func requestCause(cause int, soft bool) int {
	switch {
	case !soft:
		return cause
	case cause&softDevice != 0:
		return q850ChannelLost // the channel driver gave up: no RTP for too long
	case cause&softExplicit != 0:
		return q850Normal // by us, or by an operator at the console
	}
	return 0
}

// reasonCode is what the far end is told.
func reasonCode(r queue.HangUpReason) int {
	switch r {
	case queue.HangUpElsewhere:
		return q850Elsewhere // CANCEL with "Call completed elsewhere"
	case queue.HangUpBusy:
		return q850Busy
	case queue.HangUpUnknown:
		return q850Unallocated
	case queue.HangUpFailed:
		return q850TempFailure
	}
	return q850Normal
}
