package queue

import (
	"strconv"
	"strings"
)

// legPart is what a leg is in its call.
type legPart int

const (
	noPart       legPart = iota
	customerPart         // the customer's
	agentPart            // of an open offer, or of who has the call
	consultPart          // of who was called in a conversation
	outsidePart          // of a number outside
)

// CallOf is the call that a leg's id names: legs that we dial are named
// "<call>~<n>".
func CallOf(leg LegID) CallID {
	i := strings.LastIndexByte(string(leg), '~')
	if i <= 0 || i == len(leg)-1 || strings.Trim(string(leg[i+1:]), "0123456789") != "" {
		return CallID(leg)
	}
	return CallID(leg[:i])
}

// find tells which live call a leg belongs to, and as what.
func (a *ACD) find(leg LegID) (*Call, legPart) {
	c := a.calls[CallOf(leg)]
	switch {
	case c == nil:
		return nil, noPart
	case leg == c.Leg:
		return c, customerPart
	case c.Consult != nil && leg == c.Consult.Leg:
		return c, consultPart
	case c.Outside != nil && leg == c.Outside.Leg:
		return c, outsidePart
	case a.offers[OfferID(leg)] != nil:
		return c, agentPart
	}
	return nil, noPart
}

// nextLeg names the next leg that is dialled for a call: the id is chosen here,
// so that a repeated command cannot ring a phone twice and a leg tells what it
// belongs to. A number that the switch has seen is not used again, though we
// may know nothing of that leg: a leader whose last records never came to the
// ledger dialled it, and its end would be taken for that of ours.
func (a *ACD) nextLeg(c *Call) LegID {
	return LegID(string(c.ID) + "~" + strconv.Itoa(max(c.Offers+c.OtherLegs, a.dialled[c.ID])+1))
}

// legNumber is the n of "<call>~<n>"; 0 for a leg that we did not dial.
func legNumber(leg LegID) int {
	n, err := strconv.Atoi(strings.TrimPrefix(string(leg[len(CallOf(leg)):]), "~"))
	if err != nil {
		return 0
	}
	return n
}

// skipTo counts in the legs that were skipped to come to this one's number.
func (c *Call) skipTo(leg LegID) {
	if n := legNumber(leg); n > c.Offers+c.OtherLegs {
		c.OtherLegs = n - c.Offers
	}
}

// dialledBefore notes the numbers of legs that the switch has.
func (a *ACD) dialledBefore(legs []LegFact) {
	for id := range a.dialled {
		if a.calls[id] == nil {
			delete(a.dialled, id)
		}
	}
	for _, f := range legs {
		id := CallOf(f.Leg)
		if n := legNumber(f.Leg); n > a.dialled[id] {
			if a.dialled == nil {
				a.dialled = map[CallID]int{}
			}
			a.dialled[id] = n
		}
	}
}

// agentLeg is the leg of the agent who has the call; empty: none has.
func (c *Call) agentLeg() LegID { return LegID(c.Offer) }

// Ends tells whether an event ends a call in which somebody spoke, and which:
// its recording is to be kept (R9.1).
func Ends(e Event) (CallID, bool) {
	switch e := e.(type) {
	case CallCompleted:
		return e.Call, true
	case CallClosed:
		return e.Call, true
	case VoicemailLeft:
		return e.Call, true
	case SurveyEnded:
		return e.Call, true
	}
	return "", false
}
