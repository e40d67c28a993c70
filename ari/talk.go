package ari

import (
	"context"
	"net/http"
	"net/url"

	"github.com/threerings/threerings/queue"
)

// mute keeps what a leg says from the others by turning its volume down to
// nothing. ARI's own mute would do the same with no packet going to the others
// any more (facts 4.5), and telephones hang up when none come for a while; thus
// silence goes on flowing to them, packet by packet.
func (s *Switch) mute(ctx context.Context, c queue.Mute) error {
	volume := "0" // as it is
	if c.On {
		volume = "-32767" // divided by so much
	}
	return s.toLeg(ctx, c.Leg, http.MethodPost, "/variable", url.Values{"variable": {"VOLUME(RX)"}, "value": {volume}})
}

// answerTransfer tells a phone what became of its REFER.
func (s *Switch) answerTransfer(ctx context.Context, c queue.AnswerTransfer) error {
	state := "channel_declined"
	if c.OK {
		state = "channel_answered"
	}
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodPost, "/channels/"+escape(string(c.Leg))+"/transfer_progress", url.Values{"states": {state}}, nil, nil)
	})
	if isGone(err) || statusOf(err) == http.StatusConflict {
		return errGone // on its way out; or a call of the dialplan's alone, where Asterisk takes no answer
	}
	return err
}

// refuseTransfer answers a REFER that is not the core's business.
func (s *Switch) refuseTransfer(e *transferEvent) {
	id := queue.LegID(e.ReferredBy.Source.ID)
	s.log.Info("a phone's transfer refused: its call is none of ours", "leg", id)
	s.lanes.add(queue.CallID(id), queue.AnswerTransfer{Leg: id})
}
