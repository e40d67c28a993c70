package queue

import (
	"reflect"
	"time"
)

// CallCorrected: what was on record of a call that is over was not all of it.
// Someone who could tell nobody at the time is heard now.
type CallCorrected struct {
	Call CallID `json:"call"`
	// Agent is who had the call, by what is known now.
	Agent AgentID `json:"agent,omitempty"`
	// Reason is why it is corrected: CorrectedFormerLeader, CorrectedEnd.
	Reason string `json:"reason"`
	// Before is what was on record; nil: nothing. After is what is from now on.
	Before *Call            `json:"before,omitempty"`
	After  Call             `json:"after"`
	Offers []OfferCorrected `json:"offers,omitempty"`
	Parts  []PartCorrected  `json:"parts,omitempty"`
	// Violations were found then, and not on record.
	Violations []Violation `json:"violations,omitempty"`
	Asked
}

// OfferCorrected is an offer of a corrected call that was on record otherwise,
// or (Before is nil) not at all.
type OfferCorrected struct {
	Before *Offer `json:"before,omitempty"`
	After  Offer  `json:"after"`
}

// PartCorrected is the same of an agent's part.
type PartCorrected struct {
	Before *Part `json:"before,omitempty"`
	After  Part  `json:"after"`
}

// CorrectedFormerLeader: a leader that was replaced could tell nobody what it
// did last, and its spool tells now.
const CorrectedFormerLeader = "former_leader"

// CorrectedEnd: the call's end was found, or heard, later than it was. Its
// recording, or the switch's time stamp, tells when it was.
const CorrectedEnd = "end_seen_late"

// EndedEarlier corrects a call that ended while nobody looked; false: there is
// nothing to correct. The time is taken from the part that was the last.
func EndedEarlier(c Call, parts []Part, end time.Time) (CorrectCall, bool) {
	late := c.EndedAt.Sub(end)
	if c.State != CallEnded || late <= 0 || !end.After(c.SpokeAt) || c.SpokeAt.IsZero() {
		return CorrectCall{}, false
	}
	e := CallCorrected{Call: c.ID, Agent: c.Agent, Reason: CorrectedEnd, Before: &c, After: c}
	e.After.EndedAt = end
	for i := range parts {
		p := parts[i]
		if p.N != c.Parts || p.To.Before(end) {
			continue
		}
		less := min(p.To.Sub(end), p.Talk)
		p.To, p.Talk = end, p.Talk-less
		e.After.Talk = max(c.Talk-less, 0)
		e.Parts = []PartCorrected{{Before: &parts[i], After: p}}
	}
	return CorrectCall{e}, true
}

// CorrectCall asks that the record of a call that is over be corrected. It is
// answered by CallCorrected or Refused.
type CorrectCall struct{ CallCorrected }

func (CallCorrected) event() {}
func (CorrectCall) input()   {}

// correct refuses what may be on its way into the ledger otherwise: it is asked
// again when it is there.
func (a *ACD) correct(in CorrectCall) {
	switch {
	case a.calls[in.Call] != nil:
		a.refused(in.Asked, in.Agent, "call_lives", "the call is not over: its record is corrected when it is")
	case in.Before == nil && a.endedLately(in.Call):
		a.refused(in.Asked, in.Agent, "not_written", "the call's end is on its way to the ledger: ask again")
	case in.After.ID != in.Call || in.After.State != CallEnded:
		a.refused(in.Asked, in.Agent, "bad_correction", "a correction is of one call, and of one that is over")
	default:
		a.emit(in.CallCorrected)
	}
}

// applyCorrected counts as if it had been on record all along, as far as the
// day is still counted.
func (a *ACD) applyCorrected(e CallCorrected) {
	c := e.After
	if c.Day == a.day {
		for _, l := range a.lines {
			var was, is Tally
			if e.Before != nil {
				was.Add(l.cfg, e.Before)
			}
			is.Add(l.cfg, &c)
			l.today.shift(was, is)
		}
	}
	if !c.ConnectedAt.IsZero() && (e.Before == nil || e.Before.ConnectedAt.IsZero()) {
		a.correctAnswered(&c)
	}
	for _, o := range e.Offers {
		a.correctOffer(o)
	}
	for _, p := range e.Parts {
		if g := a.agents[p.After.Agent]; g != nil && p.After.Day == a.day {
			g.Today.Talk += p.After.Talk
			if p.Before != nil {
				g.Today.Talk -= p.Before.Talk
			}
		}
	}
	for _, v := range e.Violations {
		if g := a.agents[v.Agent]; g != nil && c.Day == a.day {
			g.Today.Violations++
			g.Today.Fines += v.Fine
		}
	}
	if e.Before == nil {
		a.remember(c.ID)
	}
	a.touchCall(&c)
	if a.rows == nil {
		return
	}
	for _, o := range e.Offers {
		a.rows.Offers = append(a.rows.Offers, o.After)
	}
	for _, p := range e.Parts {
		a.rows.Parts = append(a.rows.Parts, p.After)
	}
	a.rows.Violations = append(a.rows.Violations, e.Violations...)
}

// correctAnswered is for the agent who spoke on a call of which that was not
// known; it can be registered from now on (R3.1).
func (a *ACD) correctAnswered(c *Call) {
	a.spoke.note(c.Caller, c.Agent)
	a.keepWorked(c)
	g := a.agents[c.Agent]
	switch {
	case g == nil || c.Day != a.day:
	case c.Direction == Outbound:
		g.Today.Placed++
	default:
		g.Today.Answered++
	}
}

func (a *ACD) correctOffer(o OfferCorrected) {
	if o.After.Day != a.day {
		return
	}
	var was, is Tally
	var agentWas, agentIs AgentTally
	if o.Before != nil {
		was.AddOffer(o.Before)
		agentWas.addOffer(o.Before)
	}
	is.AddOffer(&o.After)
	agentIs.addOffer(&o.After)
	if l := a.queues[o.After.Queue]; l != nil {
		l.today.shift(was, is)
	}
	if g := a.agents[o.After.Agent]; g != nil {
		shift(&g.Today, agentWas, agentIs)
	}
}

// addOffer counts a closed offer for its agent as the live tally does.
func (t *AgentTally) addOffer(o *Offer) {
	if o.Kind != OfferQueue {
		return
	}
	t.Offers++
	if o.State == OfferLost {
		t.Missed++
	}
	var rung Tally
	if rung.AddOffer(o); rung.Rung > 0 {
		t.Rung++
		t.RungWithin += rung.RungWithin
		t.Rings += o.Rings.Heard
	}
}

// shift replaces one contribution to the counts by another. A longest wait that
// was is not forgotten: it is not known which is the next.
func (t *Tally) shift(from, to Tally) {
	longest := max(t.LongestWait, to.LongestWait)
	shift(t, from, to)
	t.LongestWait = longest
}

// shift adds the difference of two structs of counts to a third.
func shift[T any](t *T, from, to T) {
	v, f, g := reflect.ValueOf(t).Elem(), reflect.ValueOf(from), reflect.ValueOf(to)
	for i := range v.NumField() {
		v.Field(i).SetInt(v.Field(i).Int() + g.Field(i).Int() - f.Field(i).Int())
	}
}
