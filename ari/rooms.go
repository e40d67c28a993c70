package ari

import (
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// bridged: a leg came into a room of its call, and is in no other. Only the main
// room is told of: in the side room nobody waits for it.
func (t *table) bridged(now time.Time, channel, bridge string) []queue.Input {
	id := queue.LegID(channel)
	call, _ := callOf(id)
	l := t.alive[id]
	switch {
	case l == nil:
	case bridge == roomOf(call, queue.SideRoom):
		t.unbridged(now, id, bridgeOf(call))
		l.aside = true
	case bridge == bridgeOf(call) && !l.bridged:
		l.bridged, l.aside = true, false
		return []queue.Input{queue.LegBridged{Leg: id}}
	}
	return nil
}

// unbridged: a leg left a room, or we took it out of it. To note the latter at
// once keeps a check from taking an older look for a lost event.
func (t *table) unbridged(now time.Time, id queue.LegID, bridge string) {
	call, _ := callOf(id)
	l := t.alive[id]
	switch {
	case l == nil:
	case bridge == bridgeOf(call):
		l.bridged, l.left = false, now
	case bridge == roomOf(call, queue.SideRoom):
		l.aside = false
	}
}

// digit: every key of a leg of ours is told, although it comes both by the leg
// and by its endpoint: the same at the same millisecond is the same key, and no
// telephone sends two that fast.
func (t *table) digit(e *ari.ChannelDtmfReceived) []queue.Input {
	id := queue.LegID(e.Channel.ID)
	l, at := t.alive[id], time.Time(e.Timestamp)
	if l == nil || !isKey(e.Digit) || (!at.IsZero() && at.Equal(l.pressed)) {
		return nil
	}
	l.pressed = at
	return []queue.Input{queue.Digit{Leg: id, Key: e.Digit}}
}

func isKey(key string) bool {
	if len(key) != 1 {
		return false
	}
	c := key[0]
	return c >= '0' && c <= '9' || c == '*' || c == '#' || c >= 'A' && c <= 'D'
}

// hold: a phone that we dialled put its call on hold by its own keys, or took it
// back.
func (t *table) hold(id queue.LegID, on bool) []queue.Input {
	l := t.alive[id]
	if _, dialled := callOf(id); !dialled || l == nil || (l.held == on && !l.unsure) {
		return nil
	}
	l.held, l.unsure = on, false
	return []queue.Input{queue.HoldChanged{Leg: id, On: on}}
}
