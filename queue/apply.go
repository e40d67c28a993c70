package queue

import "time"

// apply is the only place where state changes: it makes one event true. It
// decides nothing and cannot fail, so that folding a stored log gives exactly
// the state that was.
func (a *ACD) apply(at time.Time, e Event) {
	a.toll(e)
	switch e := e.(type) {
	case Configured:
		a.applyConfig(at, e.Config)
	case DayBegan:
		a.day = e.Day
		for _, l := range a.lines {
			l.today = Tally{}
		}
		for _, g := range a.staff {
			g.Today = AgentTally{}
		}
	case QueueOpened:
		a.queues[e.Queue].closed, a.queues[e.Queue].until = false, e.Until
	case QueueClosed:
		a.queues[e.Queue].closed, a.queues[e.Queue].until = true, e.Until
	case CallQueued:
		a.applyQueued(at, e)
	case CallTurnedAway:
		c := &Call{ID: e.Call, Day: a.day, Number: e.Number, Caller: e.Caller, State: CallEnded,
			ArrivedAt: at, EndedAt: at, Outcome: OutcomeTurnedAway, Release: ReleaseSystem}
		a.arrivals++
		c.Order = a.arrivals
		a.touchCall(c)
		a.remember(c.ID)
		a.applyTurnedAway(at, e)
	case RingBudgetSpent:
		c := a.calls[e.Call]
		c.BudgetSpentAt, c.BudgetAt = at, time.Time{}
		a.touchCall(c)
	case LineAnswered:
		c := a.calls[e.Call]
		c.LineAnsweredAt, c.LineAnsweredBy = at, e.By
		if e.By == AnsweredByGreeting {
			c.hear(MediaGreeting, at.Add(longestSound))
		}
		a.touchCall(c)
	case GreetingEnded:
		c := a.calls[e.Call]
		if c.Media == MediaAnnouncement {
			c.ToldAt = at
		}
		c.Media, c.MusicAt, c.DueAt = MediaMusic, at, time.Time{}
	case OfferMade:
		a.applyOfferMade(at, e)
	case OfferAlerting:
		o := a.offers[e.Offer]
		l := a.queues[o.Queue]
		o.State, o.AlertingAt = OfferRinging, at
		o.DeadlineAt = at.Add(l.cadence.Limit(l.cfg.AgentRings))
		a.touchOffer(o)
	case OfferAccepted:
		a.applyAccepted(at, e)
	case OfferMissed:
		a.applyMissed(at, e)
	case OfferWithdrawn:
		g := a.agents[e.Agent]
		idle := g.IdleSince
		a.withdrawn(at, e)
		a.release(at, g, Ready, "")
		g.IdleSince = idle // it costs them nothing
	case LegJoined:
		c := a.calls[e.Call]
		c.CallerBridged, c.AgentBridged = e.Leg == c.Leg, e.Leg != c.Leg
	case CallConnected:
		c := a.calls[e.Call]
		if !e.Since.IsZero() {
			at = e.Since
		}
		c.State, c.PartAt = CallTalking, at
		c.CallerBridged, c.AgentBridged = true, true
		a.spoke.note(c.Caller, c.Agent)
		a.countAnswered(c)
		if c.ConnectedAt.IsZero() {
			c.ConnectedAt = at
		}
		c.spoke(at)
		a.touchCall(c)
	case CallCompleted:
		a.applyCompleted(at, e)
	case CallAbandoned:
		c := a.calls[e.Call]
		c.Short, c.Rings, c.Wait, c.Cause, c.Release = e.Short, e.Rings, e.Wait, e.Cause, ReleaseCaller
		if l := a.tallied(c); l != nil {
			l.today.abandoned(l.cfg, e.Wait, e.Short)
			l.today.estimated(c, false)
		}
		a.endCall(at, c, OutcomeAbandoned)
	case PlaceRestored:
		a.applyRestored(e)
	case CallLost:
		a.applyCallLost(at, e)
	case AgentLost:
		a.applyAgentLost(at, e)
	case CallOverflowed:
		a.applyOverflowed(at, e)
	case ViolationFound:
		a.applyViolation(at, e)
	case AlertRaised:
		a.applyAlert(at, e)
	case AgentStateSet:
		a.applyStateSet(at, e)
	case WrapUpEnded:
		g := a.agents[e.Agent]
		a.afterCall(at, g)
	case PhoneStateChanged:
		if g := a.agents[e.Agent]; g != nil {
			g.Phone = e.State
		}
	case AgentLegGone:
		if g := a.agents[e.Agent]; g != nil && g.Leg == e.Leg {
			g.Leg = ""
		}
	case FeatureUsed:
		a.features[e.Leg] = e.Agent
		a.dialling(e.Agent, 1)
	case FeatureEnded:
		a.dialling(a.features[e.Leg], -1)
		delete(a.features, e.Leg)
	case SwitchGone:
		a.switchUp, a.heard = false, at
		if !e.Since.IsZero() {
			a.heard = e.Since
		}
	case SwitchBack:
		a.switchUp, a.heard = true, time.Time{}
		if e.Run != "" {
			a.run = e.Run
		}
		if e.Restarted {
			a.restart = restart{At: at, Lost: e.Lost}
		}
	case WrapUpExtended:
		a.agents[e.Agent].WrapUpAt = e.Until
	case CallRegistered:
		a.applyRegistered(e)
	case RegistrationMissed:
		a.applyRegistrationMissed(e)
	case EmergencyBegan:
		a.applyEmergencyBegan(at, e)
	case EmergencyEnded:
		a.applyEmergencyEnded()
	case QueueSet:
		a.applyQueueSet(e)
	case AlertCleared:
		a.clearAlerts(func(x *Alert) bool { return x.ID == e.Alert })
	case NumberBanned:
		a.applyBanned(at, e)
	case BanEnded:
		a.applyBanEnded(e)
	case CallCorrected:
		a.applyCorrected(e)
	case Refused: // said, and nothing changed
	default:
		a.applyTalk(at, e)
	}
}
