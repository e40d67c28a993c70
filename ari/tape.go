package ari

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/threerings/threerings/queue"
)

// tapeVariable is a channel's variable that says whether its recording is
// muted, a [queue.Tape]: whoever takes over finds it in every channel object.
const tapeVariable = "TR_TAPE"

// tapeRetry is after how long a recording that could not be muted is tried
// again, until it can or nobody wants it any more.
const tapeRetry = 2 * time.Second

// wantTape notes what was asked of a recording last.
func (s *Switch) wantTape(c queue.Command) {
	on, is := mutes(c)
	if !is {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.tapes {
		if s.legs.alive[id] == nil {
			delete(s.tapes, id) // ended while muted
		}
	}
	s.tapes[legOfCommand(c)] = on
}

func mutes(c queue.Command) (on, is bool) {
	switch c.(type) {
	case queue.MuteRecording:
		return true, true
	case queue.UnmuteRecording:
		return false, true
	}
	return false, false
}

// muteRecording lets a recording go on in silence on both channels, or be heard
// again (facts 3.4). The variable says "unsure" meanwhile, so that who takes over
// in between does it once more.
func (s *Switch) muteRecording(ctx context.Context, id queue.LegID, on bool) error {
	s.mu.Lock()
	wanted, asked := s.tapes[id]
	s.mu.Unlock()
	if asked && wanted != on {
		return errGone // meanwhile the other is wanted
	}
	ctx, cancel := context.WithTimeout(ctx, managerTimeout)
	defer cancel()
	if err := s.setTape(ctx, id, queue.TapeUnsure); err != nil {
		return err
	}
	state, tape := "0", queue.TapeRuns
	if on {
		state, tape = "1", queue.TapeMuted
	}
	err := s.manager.Do(ctx, "MixMonitorMute", url.Values{"Channel": {string(id)}, "Direction": {"both"}, "State": {state}})
	if errors.Is(err, errNoChannel) {
		err = errGone
	}
	if err == nil {
		err = s.setTape(ctx, id, tape)
	}
	if err != nil {
		return err
	}
	s.send(queue.RecordingSwitched{Leg: id, On: on})
	return nil
}

func (s *Switch) setTape(ctx context.Context, id queue.LegID, tape queue.Tape) error {
	return s.toLeg(ctx, id, http.MethodPost, "/variable", url.Values{"variable": {tapeVariable}, "value": {string(tape)}})
}

// tapeAgain tries once more what failed, later.
func (s *Switch) tapeAgain(c queue.Command) {
	on, is := mutes(c)
	if !is {
		return
	}
	id := legOfCommand(c)
	time.AfterFunc(tapeRetry, func() {
		s.mu.Lock()
		wanted, asked := s.tapes[id]
		s.mu.Unlock()
		if !s.done.Load() && asked && wanted == on {
			s.lanes.add(laneOf(c), c)
		}
	})
}
