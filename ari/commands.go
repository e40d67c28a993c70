package ari

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// errGone says that what a command was about has ended: not a failure, since
// the end itself is reported.
var errGone = errors.New("already gone")

// carryOut does one command and reports a real failure.
func (s *Switch) carryOut(o order) {
	name := queue.Name(o.command)
	s.waitOurs(o.at)
	if s.done.Load() {
		s.stats.command(name, "dropped", 0)
		return
	}
	err := s.command(s.base, o.command)
	took := time.Since(o.at)
	d, dials := diallingOf(o.command)
	if dials {
		s.dialled(d.leg, err)
	}
	switch {
	case err == nil:
		s.stats.command(name, "ok", took)
		return
	case errors.Is(err, errGone):
		s.stats.command(name, "gone", took)
		if dials {
			s.neverMade(d)
		}
		return
	case s.done.Load():
		s.stats.command(name, "dropped", 0)
		return
	}
	s.stats.command(name, "failed", took)
	cause := queue.CauseFailed
	if _, agent := o.command.(queue.DialAgent); agent && isUnregistered(err) {
		cause = queue.CauseUnregistered
	}
	call, leg := callOfCommand(o.command), legOfCommand(o.command)
	s.tapeAgain(o.command)
	s.log.Warn("command failed", "command", name, "call", call, "leg", leg, "error", err)
	s.send(queue.CommandFailed{Command: name, Call: call, Leg: leg, Cause: cause, Message: err.Error()})
}

// waitOurs holds back what is due before we are connected for the first time:
// until then whoever led before has not been told that it is replaced, and one
// call must not get the commands of two. When Asterisk does not answer, the
// command finds out by itself.
func (s *Switch) waitOurs(since time.Time) {
	limit := time.NewTimer(time.Until(since.Add(s.opts.Timeout)))
	defer limit.Stop()
	select {
	case <-s.ours:
	case <-s.base.Done():
	case <-limit.C:
	}
}

func (s *Switch) command(ctx context.Context, c queue.Command) error {
	switch c := c.(type) {
	case queue.IndicateRinging:
		return s.toLeg(ctx, c.Leg, http.MethodPost, "/ring", nil)
	case queue.Answer:
		return s.answer(ctx, c.Leg)
	case queue.Play:
		return s.play(ctx, c)
	case queue.StartMusic:
		return s.startMusic(ctx, c)
	case queue.StopMedia:
		return s.stopMedia(ctx, c)
	case queue.DialAgent:
		return s.dialAgent(ctx, c)
	case queue.DialNumber:
		return s.dialNumber(ctx, c)
	case queue.Bridge:
		return s.bridge(ctx, c)
	case queue.Unhook:
		return s.unhook(ctx, c)
	case queue.RoomMusic:
		return s.roomMusic(ctx, c)
	case queue.Mute:
		return s.mute(ctx, c)
	case queue.MuteRecording:
		return s.muteRecording(ctx, c.Leg, true)
	case queue.UnmuteRecording:
		return s.muteRecording(ctx, c.Leg, false)
	case queue.AnswerTransfer:
		return s.answerTransfer(ctx, c)
	case queue.Unbridge:
		return s.unbridge(ctx, c)
	case queue.HangUp:
		return s.hangUp(ctx, c)
	}
	return fmt.Errorf("no way known to carry out %s: this program is newer in one part than in the other", queue.Name(c))
}

// again repeats a request that got no answer or a server's fault: with our own
// ids a second time is as good as once. Pauses grow from 50 ms.
func (s *Switch) again(ctx context.Context, times int, do func() error) error {
	pause := 50 * time.Millisecond
	for {
		err := do()
		times--
		if err == nil || times <= 0 || !worthRepeating(err) {
			return err
		}
		s.log.Debug("request repeated", "error", err, "after", pause)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause *= 3
	}
}

func worthRepeating(err error) bool {
	status := statusOf(err)
	return (status == 0 || status >= 500) && !errors.Is(err, errGone) && !isUnregistered(err)
}

// isUnregistered: the endpoint does not exist or no phone is registered for it
// (facts 1.11; the table of codes in facts 6).
func isUnregistered(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusInternalServerError &&
		strings.Contains(status.Message, "Allocation failed")
}

const usualTries = 3

// answer answers a caller's line, once: behind a sound that a process before us
// let play on it a second request would wait for the sound's end, and whatever
// the call needs next with it.
func (s *Switch) answer(ctx context.Context, id queue.LegID) error {
	s.mu.Lock()
	l := s.legs.alive[id]
	done := l != nil && l.up
	s.mu.Unlock()
	if done {
		return nil
	}
	err := s.toLeg(ctx, id, http.MethodPost, "/answer", nil)
	if err == nil {
		s.mu.Lock()
		if l := s.legs.alive[id]; l != nil {
			l.up = true
		}
		s.mu.Unlock()
	}
	return err
}

// toLeg does something to a leg in Stasis. 409 says that it is not there: not
// quite yet (facts 6.1), or on its way out.
func (s *Switch) toLeg(ctx context.Context, id queue.LegID, method, what string, query url.Values) error {
	deadline := time.Now().Add(joinFor)
	for {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, method, "/channels/"+escape(string(id))+what, query, nil, nil)
		})
		if isGone(err) || (err != nil && s.isOver(id)) {
			return errGone
		}
		if statusOf(err) != http.StatusConflict || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(joinPause):
		}
	}
}

func (s *Switch) isOver(id queue.LegID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.legs.over(id)
}

// hangUp ends a leg. A leg that cannot be ended now is tried again by the check.
func (s *Switch) hangUp(ctx context.Context, c queue.HangUp) error {
	s.mu.Lock()
	if l := s.legs.alive[c.Leg]; l != nil {
		l.hangUp, l.reason, l.hangUpAt = true, c.Reason, time.Now()
	}
	s.mu.Unlock()
	const tries = 5
	query := url.Values{"reason_code": {strconv.Itoa(reasonCode(c.Reason))}}
	err := s.again(ctx, tries, func() error {
		return s.rest.do(ctx, http.MethodDelete, "/channels/"+escape(string(c.Leg)), query, nil, nil)
	})
	if isGone(err) {
		return errGone
	}
	return err
}
