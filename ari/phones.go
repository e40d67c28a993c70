package ari

import (
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// The phones' states are followed by their endpoints and channels, as Asterisk
// itself derives device states, and not by its device state events: an
// application that is subscribed to those can lock up the whole of ARI when
// its connection ends (asterisk/asterisk issue 2170; with 22.10.1 the same was
// seen here once in some two hundred connections cut under load, and no more
// in over four hundred since).

// device is whose phone an endpoint is, and where it is at a fixed address. To
// the core another address is another phone, of which it knows nothing yet.
type device struct {
	agent queue.AgentID
	fixed string // host:port; empty: it registers
}

// devices maps names of PJSIP endpoints, such as 1001, to agents.
type devices map[string]device

// phone is what was last told of an agent's phone, and when.
type phone struct {
	state queue.PhoneState
	at    time.Time
}

// endpoint is what is known of one of our endpoints.
type endpoint struct {
	state    string            // online, offline, unknown
	channels map[string]string // their states by id
	at       time.Time         // of the last news
}

// phone derives the state of the phone. A phone at a fixed address is not
// watched, so "unknown" is no reason not to try it. One that went away while it
// rang rings for nobody; one that talks is ended by its silence.
func (e *endpoint) phone(fixed bool) queue.PhoneState {
	state := queue.PhoneOffline
	if e.state == "online" || (e.state == "unknown" && fixed) {
		state = queue.PhoneIdle
	}
	away := e.state == "offline"
	for _, channel := range e.channels {
		switch channel {
		case "", "Down", "Ringing", "Pre-ring": // not known yet, about to ring, ringing
			if state != queue.PhoneInUse && !away {
				state = queue.PhoneRinging
			}
		default:
			state = queue.PhoneInUse
		}
	}
	return state
}

// tell tells a phone's state if it is news.
func (t *table) tell(now time.Time, agent queue.AgentID, state queue.PhoneState) []queue.Input {
	last, told := t.phones[agent]
	t.phones[agent] = phone{state, now}
	if told && last.state == state {
		return nil
	}
	return []queue.Input{queue.PhoneChanged{Agent: agent, State: state}}
}

// endpoint takes news of an endpoint: its state and which channels it has.
func (t *table) endpoint(now time.Time, homes devices, data ari.EndpointData) []queue.Input {
	home, ours := homes[data.Resource]
	if !ours || data.Technology != "PJSIP" {
		return nil
	}
	e := &endpoint{state: data.State, channels: make(map[string]string, len(data.ChannelIDs)), at: now}
	old := t.endpoints[data.Resource]
	for _, id := range data.ChannelIDs {
		e.channels[id] = ""
		if old != nil {
			e.channels[id] = old.channels[id]
		}
	}
	t.endpoints[data.Resource] = e
	return t.tell(now, home.agent, e.phone(home.fixed != ""))
}

// channel takes news of a channel of an endpoint.
func (t *table) channel(now time.Time, homes devices, c ari.ChannelData) []queue.Input {
	name := endpointOfChannel(c.Name)
	home, ours := homes[name]
	if !ours || c.ID == "" || t.over(queue.LegID(c.ID)) {
		return nil
	}
	e := t.endpoints[name]
	if e == nil {
		e = &endpoint{state: "online", channels: map[string]string{}}
		t.endpoints[name] = e
	}
	e.channels[c.ID], e.at = c.State, now
	return t.tell(now, home.agent, e.phone(home.fixed != ""))
}

func (t *table) channelGone(now time.Time, homes devices, c ari.ChannelData) []queue.Input {
	name := endpointOfChannel(c.Name)
	e := t.endpoints[name]
	if e == nil {
		return nil
	}
	delete(e.channels, c.ID)
	e.at = now
	home, ours := homes[name]
	if !ours {
		return nil
	}
	return t.tell(now, home.agent, e.phone(home.fixed != ""))
}

// endpointOfChannel is the endpoint in a channel's name: PJSIP/1001-0000002a.
func endpointOfChannel(name string) string {
	name, ok := strings.CutPrefix(name, "PJSIP/")
	i := strings.LastIndexByte(name, '-')
	if !ok || i < 0 {
		return ""
	}
	return name[:i]
}
