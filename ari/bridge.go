package ari

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	// A leg that has just answered may not be in Stasis yet (facts 6.1: up
	// to some ms); for so long we try.
	joinFor   = time.Second
	joinPause = 5 * time.Millisecond
)

// prepareBridge makes a call's main bridge if we have not. A failure shows, and
// is mended, when the bridge is used.
func (s *Switch) prepareBridge(ctx context.Context, call queue.CallID) {
	id := bridgeOf(call)
	if s.isMade(id) {
		return
	}
	if err := s.makeBridge(ctx, id); err != nil {
		s.log.Warn("bridge not made beforehand", "call", call, "error", err)
	}
}

func (s *Switch) isMade(bridge string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[bridge]
}

// bridgeType makes Asterisk mix the audio of two parties as it does of three. By
// itself it passes packets of the one on to the other, and the recorder on the
// caller's channel then decodes them by their sequence numbers: with the next
// agent, whose numbers are others, it decodes nothing, and the house's side of
// the recording is silent to the end (asterisk/asterisk issue 507, and measured:
// docs/asterisk.md, 3.11). Nothing else that ARI has makes it mix; there is no video.
const bridgeType = "mixing,video_sfu"

func (s *Switch) makeBridge(ctx context.Context, id string) error {
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodPost, "/bridges/"+escape(id), url.Values{"type": {bridgeType}}, nil, nil)
	})
	if statusOf(err) == http.StatusConflict {
		err = nil // it exists
	}
	if err == nil {
		s.mu.Lock()
		s.made[id] = true
		s.mu.Unlock()
	}
	return err
}

// bridge lets legs of a call hear each other. To add a channel that is in
// another bridge moves it (measured).
func (s *Switch) bridge(ctx context.Context, c queue.Bridge) error {
	ids := make([]string, len(c.Legs))
	for i, id := range c.Legs {
		ids[i] = string(id)
	}
	query := url.Values{"channel": {strings.Join(ids, ",")},
		// No re-INVITE with the other's name after every answer.
		"inhibitConnectedLineUpdates": {"true"}}
	room := roomOf(c.Call, c.Room)
	if c.Room != queue.MainRoom && !s.isMade(room) {
		if err := s.makeBridge(ctx, room); err != nil {
			return err
		}
	}
	inside := s.inside(c)
	deadline := time.Now().Add(joinFor)
	for {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodPost, "/bridges/"+escape(room)+"/addChannel", query, nil, nil)
		})
		switch statusOf(err) {
		case http.StatusBadRequest:
			return errGone // one of the legs has ended; nothing was added
		case http.StatusNotFound:
			if err := s.makeBridge(ctx, room); err != nil {
				return err
			}
		case http.StatusConflict, http.StatusUnprocessableEntity:
			// Not in Stasis: not yet, or no more. Or a bridge of that
			// name is just being destroyed.
			for _, id := range c.Legs {
				if s.isOver(id) {
					return errGone
				}
			}
		default:
			if err == nil {
				// Who was in already causes no event.
				for _, id := range inside {
					s.send(queue.LegBridged{Leg: id})
				}
			}
			return err
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(joinPause):
		}
	}
}

// inside are those of a bridge's legs that are in the main room already, which
// is where it is to be told.
func (s *Switch) inside(c queue.Bridge) (inside []queue.LegID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range c.Legs {
		if l := s.legs.alive[id]; l != nil && l.bridged && c.Room == queue.MainRoom {
			inside = append(inside, id)
		}
	}
	return inside
}

// unhook takes a leg out of the room in which it is. We may not know in which:
// the events of a move come later than its answer.
func (s *Switch) unhook(ctx context.Context, c queue.Unhook) error {
	rooms := []string{bridgeOf(c.Call)}
	if side := roomOf(c.Call, queue.SideRoom); s.isMade(side) {
		rooms = append(rooms, side)
		s.mu.Lock()
		if l := s.legs.alive[c.Leg]; l != nil && l.aside {
			slices.Reverse(rooms)
		}
		s.mu.Unlock()
	}
	for _, room := range rooms {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodPost, "/bridges/"+escape(room)+"/removeChannel", url.Values{"channel": {string(c.Leg)}}, nil, nil)
		})
		switch statusOf(err) {
		case http.StatusBadRequest:
			return errGone // the leg has ended
		case http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
			continue // it is not in that room, or the room is not there
		}
		if err == nil {
			s.mu.Lock()
			s.legs.unbridged(time.Now(), c.Leg, room)
			s.mu.Unlock()
		}
		return err
	}
	return nil // it is in none
}

// roomMusic plays music in a room. Asterisk does so by itself where two are in a
// bridge that does not mix (facts 4.10), and not in ours.
func (s *Switch) roomMusic(ctx context.Context, c queue.RoomMusic) error {
	method, query := http.MethodDelete, url.Values(nil)
	if c.On {
		method, query = http.MethodPost, url.Values{"mohClass": {c.Class}}
	}
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, method, "/bridges/"+escape(bridgeOf(c.Call))+"/moh", query, nil, nil)
	})
	if statusOf(err) == http.StatusConflict { // it plays none
		return nil
	}
	if isGone(err) {
		return errGone
	}
	return err
}

// unbridge removes the bridges; their legs stay. 404 and 409 say that one is
// gone or going (the table of codes in facts 6).
func (s *Switch) unbridge(ctx context.Context, c queue.Unbridge) error {
	rooms := []string{bridgeOf(c.Call)}
	if side := roomOf(c.Call, queue.SideRoom); s.isMade(side) {
		rooms = append(rooms, side)
	}
	gone := 0
	for _, room := range rooms {
		s.mu.Lock()
		delete(s.made, room)
		s.mu.Unlock()
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodDelete, "/bridges/"+escape(room), nil, nil, nil)
		})
		switch {
		case isGone(err) || statusOf(err) == http.StatusConflict:
			gone++
		case err != nil:
			return err
		}
	}
	if gone == len(rooms) {
		return errGone
	}
	return nil
}
