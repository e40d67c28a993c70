package robot

import "time"

// Behaviour is what a phone does with the calls that come to it. The zero value rings and answers at once and
// talks until the other side hangs up.
type Behaviour struct {
	RingAfter   time.Duration // from the INVITE to the 180
	NoRing      bool          // no 180 at all: the answer comes without one
	Answer      time.Duration // from the 180 (with NoRing: from RingAfter) to the answer or the refusal
	Reject      int           // refuse with this code instead: 486 busy, 603 declined, 480 unavailable
	NeverAnswer bool          // ring until the caller gives up
	Silent      bool          // dead: hears and answers no SIP request, as a phone that lost its network
	Lines       int           // calls at a time; more are refused with 486. 0 = any number
	Talk        time.Duration // from the answer to our BYE; 0 = wait for the other side
}

// ByNumber is for SetBehaviourFunc: a phone that plays all the numbers outside, each with a behaviour of its own by
// what was dialled (Call.To); other for those that have none.
func ByNumber(numbers map[string]Behaviour, other Behaviour) func(*Call) Behaviour {
	return func(c *Call) Behaviour {
		if b, ok := numbers[c.To()]; ok {
			return b
		}
		return other
	}
}

// Counters is how often things happened to a phone since it was made.
type Counters struct {
	Invites          int // calls that came in, retransmissions not counted
	InvitesWhileBusy int // of these, while another call was ringing, in conversation or being dialled
	Answered         int // incoming calls that were answered
	Rejected         int // incoming calls refused by this phone
	Missed           int // incoming calls that the caller took back
	Placed           int // outgoing calls
	Failed           int // outgoing calls that nobody answered
	Live             int // calls now
	PeakLive         int // most calls at a time
}
