package ari

import (
	"context"
	"net/http"
	"net/url"
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

// prepareBridge makes a call's bridge if we have not. A failure shows, and is
// mended, when the bridge is used.
func (s *Switch) prepareBridge(ctx context.Context, call queue.CallID) {
	s.mu.Lock()
	made := s.made[call]
	s.mu.Unlock()
	if made {
		return
	}
	if err := s.makeBridge(ctx, call); err != nil {
		s.log.Warn("bridge not made beforehand", "call", call, "error", err)
	}
}

func (s *Switch) makeBridge(ctx context.Context, call queue.CallID) error {
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodPost, "/bridges/"+escape(bridgeOf(call)), url.Values{"type": {"mixing"}}, nil, nil)
	})
	if statusOf(err) == http.StatusConflict {
		err = nil // it exists
	}
	if err == nil {
		s.mu.Lock()
		s.made[call] = true
		s.mu.Unlock()
	}
	return err
}

// bridge lets the legs of a call hear each other.
func (s *Switch) bridge(ctx context.Context, c queue.Bridge) error {
	ids := make([]string, len(c.Legs))
	for i, id := range c.Legs {
		ids[i] = string(id)
	}
	query := url.Values{"channel": {strings.Join(ids, ",")},
		// No re-INVITE with the other's name after every answer.
		"inhibitConnectedLineUpdates": {"true"}}
	inside := s.bridgedOf(c.Legs)
	deadline := time.Now().Add(joinFor)
	for {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodPost, "/bridges/"+escape(bridgeOf(c.Call))+"/addChannel", query, nil, nil)
		})
		switch statusOf(err) {
		case http.StatusBadRequest:
			return errGone // one of the legs has ended; nothing was added
		case http.StatusNotFound:
			if err := s.makeBridge(ctx, c.Call); err != nil {
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

func (s *Switch) bridgedOf(ids []queue.LegID) (inside []queue.LegID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if l := s.legs.alive[id]; l != nil && l.bridged {
			inside = append(inside, id)
		}
	}
	return inside
}

// unbridge removes the bridge; its legs stay. 404 and 409 say that it is gone
// or going (the table of codes in facts 6).
func (s *Switch) unbridge(ctx context.Context, c queue.Unbridge) error {
	s.mu.Lock()
	delete(s.made, c.Call)
	s.mu.Unlock()
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodDelete, "/bridges/"+escape(bridgeOf(c.Call)), nil, nil, nil)
	})
	if isGone(err) || statusOf(err) == http.StatusConflict {
		return errGone
	}
	return err
}
