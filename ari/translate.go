package ari

import (
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// translate turns one event into what it means for the core, given what was
// told before; it changes nothing but the table. Doubled events tell nothing
// new, events out of order at most what is still true.
func (t *table) translate(now time.Time, homes devices, event ari.Event) []queue.Input {
	switch e := event.(type) {
	case *ari.StasisStart:
		return t.stasisStart(now, e)
	case *ari.Dial:
		if e.Dialstatus == "RINGING" {
			return t.ringing(now, e.Peer.ID)
		}
	case *ari.ChannelCreated:
		return t.channel(now, homes, e.Channel)
	case *ari.ChannelStateChange:
		inputs := t.channel(now, homes, e.Channel)
		if e.Channel.State == "Ringing" {
			inputs = append(t.ringing(now, e.Channel.ID), inputs...)
		}
		return inputs
	case *ari.ChannelHangupRequest:
		if l := t.alive[queue.LegID(e.Channel.ID)]; l != nil && l.cause == 0 {
			l.cause = requestCause(e.Cause, e.Soft)
		}
	case *ari.StasisEnd:
		inputs := t.gone(now, e.Channel.ID, 0, true)
		if e.Channel.ChannelVars["TR_RESCUED"] == "1" {
			for i := range inputs {
				inputs[i] = queue.LegEnded{Leg: queue.LegID(e.Channel.ID), Cause: queue.CauseRescued}
			}
		}
		return inputs
	case *ari.ChannelDestroyed:
		return append(t.gone(now, e.Channel.ID, e.Cause, false), t.channelGone(now, homes, e.Channel)...)
	case *ari.ChannelEnteredBridge:
		return t.bridged(now, e.Channel.ID, e.Bridge.ID)
	case *ari.ChannelLeftBridge:
		t.unbridged(now, queue.LegID(e.Channel.ID), e.Bridge.ID)
	case *ari.PlaybackFinished:
		return t.played(e)
	case *ari.EndpointStateChange:
		return t.endpoint(now, homes, e.Endpoint)
	case *ari.ChannelDtmfReceived:
		return t.digit(e)
	case *ari.ChannelHold:
		return t.hold(queue.LegID(e.Channel.ID), true)
	case *ari.ChannelUnhold:
		return t.hold(queue.LegID(e.Channel.ID), false)
	case *transferEvent:
		return t.transfer(e)
	}
	return nil
}

// stasisStart: a caller or a feature code arrived, or an agent answered.
func (t *table) stasisStart(now time.Time, e *ari.StasisStart) []queue.Input {
	in := queue.CallArrived{Leg: queue.LegID(e.Channel.ID)}
	if c := e.Channel.Caller; c != nil {
		in.Caller, in.Name = c.Number, c.Name
	}
	kind, in := entrance(in, e.Args)
	return t.enter(now, queue.LegID(e.Channel.ID), kind, in)
}

// Arguments that tell a leg's part: the dialplan's and ours.
const (
	argCall    = "call"
	argFeature = "feature"
	argAgent   = "agent"
)

// entrance reads the arguments with which a leg entered our application: those
// of the dialplan and of our own originate. in tells who it is, and comes back
// with where it came from; of a feature the number is its code. No kind: none
// of ours.
func entrance(in queue.CallArrived, args []string) (queue.LegKind, queue.CallArrived) {
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	_, agent := callOf(in.Leg)
	part := arg(0)
	switch {
	case in.Leg == "":
	case part == argAgent && agent:
		return queue.LegAgent, queue.CallArrived{}
	case part == argCall && !agent:
		in.Number, in.Endpoint, in.Addr = arg(1), arg(2), arg(3)
		return queue.LegCaller, in
	case part == argFeature && !agent:
		return queue.LegFeature, queue.CallArrived{Leg: in.Leg, Number: arg(1), Endpoint: arg(2), Addr: arg(3)}
	}
	return "", queue.CallArrived{}
}

// enter notes a leg in Stasis, and tells it if it is news.
func (t *table) enter(now time.Time, id queue.LegID, kind queue.LegKind, in queue.CallArrived) []queue.Input {
	if kind == "" {
		return nil
	}
	l := t.get(now, id, kind)
	if l == nil || l.here {
		return nil
	}
	l.kind, l.here = kind, true
	switch kind {
	case queue.LegCaller:
		return []queue.Input{in}
	case queue.LegFeature:
		return []queue.Input{queue.FeatureDialled{Leg: id, Code: in.Number, Endpoint: in.Endpoint, Addr: in.Addr}}
	}
	return []queue.Input{queue.LegAnswered{Leg: id}}
}

// ringing comes doubled and in either order, as a state and as a dial (facts 6.2).
func (t *table) ringing(now time.Time, channel string) []queue.Input {
	id := queue.LegID(channel)
	if _, agent := callOf(id); !agent {
		return nil
	}
	l := t.get(now, id, queue.LegAgent)
	if l == nil || l.rang || l.here {
		return nil
	}
	l.rang = true
	return []queue.Input{queue.LegRinging{Leg: id}}
}

// gone: StasisEnd and ChannelDestroyed may both come, or one of them, in
// either order (facts 6.3, 6.5). The first is the end.
// Channels that never were in Stasis are none of ours, unless we dialled them.
func (t *table) gone(now time.Time, channel string, cause int, inStasis bool) []queue.Input {
	id := queue.LegID(channel)
	if id == "" {
		return nil
	}
	l := t.alive[id]
	if !t.end(now, id) {
		return nil
	}
	_, agent := callOf(id)
	talked := inStasis || !agent
	switch {
	case l != nil:
		if cause == 0 {
			cause = l.cause
		}
		talked = l.kind != queue.LegAgent || l.here
	case !agent && !inStasis:
		return nil
	}
	return []queue.Input{queue.LegEnded{Leg: id, Cause: causeOf(cause, talked)}}
}
