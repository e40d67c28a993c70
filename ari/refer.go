package ari

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// A phone that transfers by its own keys sends REFER. In calls of agents' phones
// Asterisk only tells us of it (the function PJSIP_TRANSFER_HANDLING, facts 5.11);
// what becomes of the call is the core's to say. It must be all their calls, not
// only those that we dialled: of two calls that a phone has either may be the one
// on which it sends REFER for both. The trunk's is refused by
// Asterisk itself: no customer moves a call of ours.

// transferEvent is Asterisk's ChannelTransfer, which the library does not know.
type transferEvent struct {
	ari.EventData
	State   string `json:"state"` // of an answer of ours, which is told as the same event
	ReferTo struct {
		Requested struct {
			Destination string `json:"destination"` // the user part
			// Call is the SIP name of the call to be replaced. Asterisk may not
			// know that call, and give a destination all the same.
			Call string `json:"protocol_id"`
		} `json:"requested_destination"`
		Replaced struct {
			ID       string          `json:"id"`
			Dialplan ari.DialplanCEP `json:"dialplan"`
		} `json:"destination_channel"`
	} `json:"refer_to"`
	ReferredBy struct {
		Source ari.ChannelData `json:"source_channel"`
	} `json:"referred_by"`
}

// colleagues is the context in which phones stay while they call each other:
// calls to numbers leave it.
const colleagues = "from-agents"

const typeTransfer = "ChannelTransfer"

// Keys is for the library's interface; nobody asks for them.
func (e *transferEvent) Keys() ari.Keys { return nil }

// decodeTransfer decodes what the library cannot; other events are an error.
func decodeTransfer(data []byte) (ari.Event, error) {
	e := &transferEvent{}
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	if e.Type != typeTransfer {
		return nil, fmt.Errorf("decode event: type %q is not known", e.Type)
	}
	return e, nil
}

// transfer: a leg of ours asks to be replaced. The event comes both by the leg
// and by its endpoint, and a phone that gets no answer in time asks again.
func (t *table) transfer(e *transferEvent) []queue.Input {
	id := queue.LegID(e.ReferredBy.Source.ID)
	l, at := t.alive[id], time.Time(e.Timestamp)
	if l == nil || e.State != "" || t.stranger(e) || (!at.IsZero() && at.Equal(l.referred)) {
		return nil
	}
	l.referred = at
	in := queue.PhoneTransfer{Leg: id}
	switch {
	case e.ReferTo.Requested.Call == "":
		in.Number = destination(e.ReferTo.Requested.Destination)
	case e.ReferTo.Replaced.Dialplan.Context == colleagues:
		// An attended transfer to a colleague whom the phone called by itself:
		// that call is the dialplan's, so the colleague is rung once more.
		in.Number = destination(e.ReferTo.Replaced.Dialplan.Exten)
	}
	if other := queue.LegID(e.ReferTo.Replaced.ID); t.alive[other] != nil && other != id {
		in.Other = other
	}
	return []queue.Input{in}
}

// stranger tells of a REFER that no core will answer: it came on a leg that is
// none of those we dialled. Its phone would wait for ever, as it does on a call
// from colleague to colleague, which is not in our hands (facts 5.11).
func (t *table) stranger(e *transferEvent) bool {
	id := queue.LegID(e.ReferredBy.Source.ID)
	_, dialled := callOf(id)
	return e.State == "" && id != "" && (!dialled || t.alive[id] == nil)
}

// destination is the number in what a phone sent. What is written for the eye
// is left out; anything else that a number has not makes it none, rather than
// another number. The core refuses a transfer to nowhere.
func destination(user string) string {
	const longest = 64
	user = strings.NewReplacer("-", "", ".", "", "(", "", ")", "", " ", "").Replace(user)
	for _, r := range user {
		if r != '+' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	if len(user) > longest {
		return ""
	}
	return user
}
