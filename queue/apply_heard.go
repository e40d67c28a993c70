package queue

import (
	"slices"
	"time"
)

// applyHeard makes true what a caller hears and presses keys for.
func (a *ACD) applyHeard(at time.Time, e Event) {
	switch e := e.(type) {
	case CallEntered:
		a.applyEntered(at, e)
	case MenuBegan:
		c := a.calls[e.Call]
		c.Menu = &InMenu{ID: e.Menu}
		c.hear(MediaPrompt, at.Add(longestSound))
	case PromptEnded:
		c := a.calls[e.Call]
		wait := a.queues[c.Queue].cfg.Survey.wait()
		if c.State == CallMenu {
			wait = a.menu(c.menu()).wait()
		}
		c.Media, c.DueAt = MediaQuiet, at.Add(wait)
		if c.leaving() {
			c.DueAt = time.Time{}
		}
	case KeysPressed:
		c := a.calls[e.Call]
		c.hear(MediaQuiet, at.Add(a.menu(c.menu()).between()))
		c.Menu = &InMenu{ID: c.Menu.ID, Tries: c.Menu.Tries, Keys: e.Keys}
	case MenuMissed:
		c := a.calls[e.Call]
		c.Menu = &InMenu{ID: e.Menu, Tries: e.Try}
		c.hear(MediaPrompt, at.Add(longestSound))
	case MenuChosen:
		c := a.calls[e.Call]
		c.Path = append(slices.Clip(c.Path), Chosen{Menu: e.Menu, Keys: e.Keys, Why: e.Why})
		a.touchCall(c)
	case CallRouted:
		a.applyRouted(at, e)
	case MenuLeft:
		c := a.calls[e.Call]
		c.Release, c.Cause = e.Release, e.Cause
		a.endCall(at, c, OutcomeLeftMenu)
	case GreetingBegan:
		c := a.calls[e.Call]
		c.hear(MediaGreeting, at.Add(longestSound))
	case WaitAnnounced:
		c := a.calls[e.Call]
		c.hear(MediaAnnouncement, at.Add(longestSound))
	case EstimateGiven:
		c := a.calls[e.Call]
		if c.Estimate == nil && c.Parts == 0 { // else an agent has answered it, and how right this is counts nowhere
			c.Estimate = &Estimate{At: at, Place: e.Place, Wait: e.Wait}
			a.touchCall(c)
		}
	case AnnouncementBegan:
		c := a.calls[e.Call]
		a.leaveQueue(c, e.From, e.Reason, e.Wait, e.Rings)
		if l := a.tallied(c); l != nil && c.Parts == 0 {
			l.today.Announced++
		}
		c.State = CallAnnounced
		c.hear(MediaPrompt, at.Add(longestSound))
		a.touchCall(c)
	case AnnouncementEnded:
		c := a.calls[e.Call]
		c.Release, c.Cause = e.Release, e.Cause
		a.endHeard(at, c, OutcomeAnnounced)
	case VoicemailBegan:
		c := a.calls[e.Call]
		a.leaveQueue(c, e.From, e.Reason, e.Wait, e.Rings)
		c.State = CallVoicemail
		c.hear(MediaPrompt, at.Add(longestSound))
		a.touchCall(c)
	case MessageBegan:
		c := a.calls[e.Call]
		c.MessageAt = at
		c.hear(MediaQuiet, at.Add(a.cfg.messageLimit()))
		a.touchCall(c)
	case VoicemailLeft:
		c := a.calls[e.Call]
		c.SpokeAt = e.From // the message is kept like a conversation
		c.Message, c.Release, c.Cause = e.Length, e.Release, CauseNormal
		if l := a.tallied(c); l != nil && c.Parts == 0 {
			l.today.Voicemails++
		}
		a.endHeard(at, c, OutcomeVoicemail)
	case VoicemailEmpty:
		c := a.calls[e.Call]
		c.Message, c.Release, c.Cause = e.Length, ReleaseCaller, CauseNormal
		a.endHeard(at, c, OutcomeNoMessage)
	case CaseOpened:
		x := &Case{ID: e.Case, Kind: e.Kind, Queue: e.Queue, Caller: e.Caller, OpenedAt: at}
		a.cases[x.ID] = x
		a.touchCase(x)
	case CaseClosed:
		x := a.cases[e.Case]
		x.ClosedAt, x.Note, x.By = at, e.Note, e.By
		delete(a.cases, x.ID)
		a.touchCase(x)
	default:
		a.applySurvey(at, e)
	}
}

func (a *ACD) touchCase(x *Case) {
	if a.rows != nil {
		a.rows.Cases = append(a.rows.Cases, *x)
	}
}

func (a *ACD) applyEntered(at time.Time, e CallEntered) {
	a.arrivals++
	c := &Call{ID: e.Call, Leg: LegID(e.Call), Order: a.arrivals, Day: a.day, Number: e.Number, Caller: e.Caller, Name: e.Name,
		Endpoint: e.Endpoint, Addr: e.Addr, ByAgent: a.agentAt(e.Endpoint, e.Addr), State: CallMenu, ArrivedAt: at, Media: MediaRinging,
		Unrecorded: e.Unrecorded, Level: e.Level, Extra: e.Extra, LastAgent: e.LastAgent}
	a.dialling(c.ByAgent, 1)
	a.calls[c.ID] = c
	a.order = append(a.order, c)
	a.letIn(at, c)
	a.touchCall(c)
}

func (a *ACD) applyRouted(at time.Time, e CallRouted) {
	c, l := a.calls[e.Call], a.queues[e.Queue]
	c.State, c.Menu = CallWaiting, nil
	media := MediaRinging
	if !c.LineAnsweredAt.IsZero() {
		media = MediaTone
	}
	c.hear(media, time.Time{})
	a.enterQueue(at, c, l)
	c.BudgetAt = at.Add(l.cadence.Limit(l.cfg.BudgetRings))
	if t := a.tallied(c); t != nil {
		t.today.offered()
	}
	a.touchCall(c)
}

// leaveQueue takes a call out of the queue in which it waits, if it is in one.
func (a *ACD) leaveQueue(c *Call, from QueueID, reason string, wait time.Duration, rings Rings) {
	c.Menu, c.BudgetAt = nil, time.Time{}
	if c.Parts == 0 {
		c.Estimate = nil // it led to nothing
	}
	if from == "" {
		return
	}
	a.queues[from].dequeue(c)
	c.Overflow = OverflowCause(reason)
	if c.Parts > 0 {
		return // it was answered once
	}
	c.Wait, c.Rings = wait, rings
	if l := a.tallied(c); l != nil {
		l.today.Overflowed++
	}
}

func (a *ACD) applySurvey(at time.Time, e Event) {
	switch e := e.(type) {
	case SurveyBegan:
		c := a.calls[e.Call]
		c.Release, c.Cause = e.Release, CauseNormal
		a.leavePart(at, c, e.Talk, "completed")
		if e.Asked == (Asked{}) {
			a.agents[e.Agent].Leg = "" // that is how it ended
		}
		c.State, c.Offer, c.Survey = CallSurvey, "", SurveyAsked
		c.hear(MediaPrompt, at.Add(longestSound))
		if l := a.tallied(c); l != nil {
			l.today.SurveyOffered++
			l.today.Talk += e.Talk
		}
		a.touchCall(c)
	case SurveyAgain:
		c := a.calls[e.Call]
		c.SurveyTries++
		c.hear(MediaPrompt, at.Add(longestSound))
	case SurveyAnswered:
		c := a.calls[e.Call]
		c.Score = e.Score
		a.surveyed(at, c, SurveyScored)
	case SurveyDeclined:
		a.surveyed(at, a.calls[e.Call], SurveyRefused)
	case SurveyUnanswered:
		a.surveyed(at, a.calls[e.Call], SurveyNotPressed)
	case SurveyEnded:
		c := a.calls[e.Call]
		if l := a.tallied(c); l != nil {
			l.today.completed(0, c.Release) // its parts are counted already
		}
		a.endCall(at, c, OutcomeAnswered)
	}
}

func (a *ACD) surveyed(at time.Time, c *Call, s SurveyState) {
	c.Survey = s
	c.hear(MediaPrompt, at.Add(longestSound)) // thanks
	if l := a.tallied(c); l != nil {
		l.today.surveyed(c)
	}
	a.touchCall(c)
}

// surveyed counts what became of a call's survey.
func (t *Tally) surveyed(c *Call) {
	switch c.Survey {
	case SurveyScored:
		t.SurveyAnswered++
		t.SurveySum += c.Score
		if c.Score >= SatisfiedFrom {
			t.Satisfied++
		}
	case SurveyRefused:
		t.SurveyDeclined++
	case SurveyNotPressed:
		t.SurveyUnanswered++
	}
}

// endHeard ends a call that was spoken to by the house last. One that an agent
// had talked to is an answered call all the same.
func (a *ACD) endHeard(at time.Time, c *Call, outcome Outcome) {
	if c.Parts > 0 {
		outcome = c.spokenOutcome()
		if l := a.tallied(c); l != nil && c.counts() {
			l.today.completed(0, c.Release)
		}
	}
	a.endCall(at, c, outcome)
}

// keptBusy notes how long a call kept an agent, once they are done with it.
func (a *ACD) keptBusy(at time.Time, g *Agent, s AgentState) {
	if g.TakenAt.IsZero() || s == OnCall || s == WrapUp || s == Reserved {
		return
	}
	if l := a.queues[g.TakenFor]; l != nil {
		l.handled.add(at.Sub(g.TakenAt))
	}
	g.TakenAt, g.TakenFor = time.Time{}, ""
}
