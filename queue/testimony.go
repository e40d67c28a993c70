package queue

import "time"

// Testimony is what a leader that was replaced knew of a call and could tell
// nobody: rows folded from the records in its spool.
type Testimony struct {
	Call       Call
	Offers     []Offer
	Parts      []Part
	Violations []Violation
	// Until is when it was written last: what was not over by then it did not
	// see the end of.
	Until time.Time
}

// Against compares it with what the ledger has of a call that is over, nil:
// nothing, and tells what is to be corrected; false: nothing is.
func (t Testimony) Against(before *Call, offers []Offer, parts []Part) (CorrectCall, bool) {
	theirs := t.closed(before)
	e := CallCorrected{Call: t.Call.ID, Before: before, Reason: CorrectedFormerLeader, Violations: t.Violations}
	switch {
	case before == nil:
		e.After = theirs.Call
		e.takeOffers(theirs.Offers, nil)
		e.takeParts(theirs.Parts, nil)
	case before.SpokeAt.IsZero() && !theirs.Call.SpokeAt.IsZero():
		e.After = theirs.Call
		e.After.Order, e.After.Overtaken, e.After.OvertakenAt = before.Order, before.Overtaken, before.OvertakenAt
		if before.Category != "" || before.RegistrationMissed {
			e.After.Registration = before.Registration
		}
		e.takeOffers(theirs.Offers, offers)
		e.takeParts(theirs.Parts, parts)
	default:
		e.After = *before
		if began := theirs.Call.SpokeAt; !began.IsZero() && began.Before(before.SpokeAt) {
			e.beganEarlier(theirs.Call, parts)
		}
		e.takeOffers(t.Offers, offers)
		e.After.Offers += len(e.Offers)
		if e.After.SpokeAt.Equal(before.SpokeAt) && len(e.Offers) == 0 {
			return CorrectCall{}, false
		}
	}
	e.Agent = e.After.Agent
	return CorrectCall{e}, true
}

// takeOffers adds those that are over and are not on record as they were. One
// that the next leader took over is its own, unless the call was taken by it.
func (e *CallCorrected) takeOffers(theirs, known []Offer) {
	for _, o := range theirs {
		if o.open() {
			continue
		}
		var was *Offer
		for i := range known {
			if known[i].ID == o.ID {
				was = &known[i]
			}
		}
		if was == nil || (was.State != OfferTaken && o.State == OfferTaken) {
			e.Offers = append(e.Offers, OfferCorrected{Before: was, After: o})
		}
	}
}

func (e *CallCorrected) takeParts(theirs, known []Part) {
	for _, p := range theirs {
		x := PartCorrected{After: p}
		for i := range known {
			if known[i].N == p.N {
				x.Before = &known[i]
			}
		}
		e.Parts = append(e.Parts, x)
	}
}

// beganEarlier puts the beginning of a conversation on record that the next
// leader found under way and counted from then on.
func (e *CallCorrected) beganEarlier(theirs Call, parts []Part) {
	c := &e.After
	missed := c.SpokeAt.Sub(theirs.SpokeAt)
	c.LineAnsweredAt, c.LineAnsweredBy, c.BudgetSpentAt = theirs.LineAnsweredAt, theirs.LineAnsweredBy, theirs.BudgetSpentAt
	c.AcceptedAt, c.ConnectedAt, c.SpokeAt = theirs.AcceptedAt, theirs.ConnectedAt, theirs.SpokeAt
	c.Wait, c.Rings = theirs.Wait, theirs.Rings
	for i := range parts {
		if p := parts[i]; p.N == 1 && p.Agent == theirs.Agent && theirs.Parts <= 1 {
			p.From, p.Talk = p.From.Add(-missed), p.Talk+missed
			c.Talk += missed
			e.Parts = append(e.Parts, PartCorrected{Before: &parts[i], After: p})
		}
	}
}

// closed is the testimony of a call that was not over when it was written last:
// over when the next leader found it to be, or then.
func (t Testimony) closed(before *Call) Testimony {
	if t.Call.State == CallEnded {
		return t
	}
	c := &t.Call
	end := t.Until
	c.Release, c.Cause = ReleaseSystem, CauseGone
	if before != nil {
		end, c.Release, c.Cause, c.CutAt = before.EndedAt, before.Release, before.Cause, before.CutAt
	}
	if !c.PartAt.IsZero() && end.After(c.PartAt) {
		c.unhold(end)
		c.Parts++
		p := Part{Call: c.ID, N: c.Parts, Agent: c.Agent, Offer: c.Offer, Queue: c.Queue, Day: c.Day,
			From: c.PartAt, To: end, Talk: end.Sub(c.PartAt) - c.PartHold, Hold: c.PartHold, End: "completed"}
		c.Talk += p.Talk
		t.Parts = append(t.Parts[:len(t.Parts):len(t.Parts)], p)
	}
	switch {
	case c.SpokeAt.IsZero(): // found gone, as a caller whom the leader itself misses
		c.Outcome, c.Release = OutcomeAbandoned, ReleaseCaller
		c.Wait = max(end.Sub(c.waitedSince()), 0)
	case c.Callback != nil:
		c.Outcome = OutcomeCalledBack
	default:
		c.Outcome = OutcomeAnswered
	}
	c.State, c.EndedAt, c.Open = CallEnded, end, nil
	c.PartAt, c.PartHold, c.BudgetAt, c.ReachAt, c.DueAt = time.Time{}, 0, time.Time{}, time.Time{}, time.Time{}
	c.Menu, c.Consult, c.RecordingMute = nil, nil, nil
	return t
}
