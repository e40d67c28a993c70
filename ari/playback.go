package ari

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"github.com/threerings/threerings/queue"
)

// sound is what we know of the playback on a leg. Its end matters as much as a
// leg's: the caller hears nothing after a greeting until the core, told of the
// end, lets music play.
type sound int

const (
	soundNone   sound = iota // nothing of ours, or not known
	soundAsked               // Play is under way
	soundPlays               // Asterisk took it, its end has not been told
	soundMadeUp              // its end was told by a check
)

// playbackOf names what plays on a leg.
func playbackOf(id queue.LegID) string { return string(id) + "~play" }

// sounding notes that a sound is asked for, before it is: its end may be told
// before the request is answered (facts 6.2).
func (t *table) sounding(id queue.LegID) {
	if l := t.alive[id]; l != nil {
		l.sound, l.silent = soundAsked, time.Time{}
	}
}

// sounds notes what became of the request.
func (t *table) sounds(now time.Time, id queue.LegID, err error) {
	l := t.alive[id]
	switch {
	case l == nil || l.sound != soundAsked: // ended already
	case err != nil:
		l.sound = soundNone
	default:
		l.sound, l.soundAt = soundPlays, now
	}
}

// played: the end of what we played on a leg, told once although it comes both
// by the leg and by its endpoint.
func (t *table) played(e *ari.PlaybackFinished) []queue.Input {
	channel, ok := strings.CutPrefix(e.Playback.TargetURI, "channel:")
	id := queue.LegID(channel)
	l, at := t.alive[id], time.Time(e.Timestamp)
	if !ok || l == nil || e.Playback.ID != playbackOf(id) || (!at.IsZero() && at.Equal(l.played)) {
		return nil
	}
	told := l.sound == soundMadeUp
	l.played, l.sound = at, soundNone
	if told {
		return nil
	}
	return []queue.Input{queue.PlaybackFinished{Leg: id}}
}

// playing are the legs on which a sound should be heard.
func (t *table) playing() (ids []queue.LegID) {
	for id, l := range t.alive {
		if l.sound == soundPlays {
			ids = append(ids, id)
		}
	}
	return ids
}

// isSilent tells whether Asterisk says that nothing of ours plays on a leg. Any
// other fault says nothing of the sound.
func (s *Switch) isSilent(ctx context.Context, id queue.LegID) bool {
	return isGone(s.rest.do(ctx, http.MethodGet, "/playbacks/"+escape(playbackOf(id)), nil, nil, nil))
}

// healSound makes up for the end of a sound that a check finds ended, and
// found ended before, when the event had its time to come.
func (t *table) healSound(id queue.LegID, l *leg, now snapshot) (inputs []queue.Input, suspect bool) {
	switch {
	case l.sound != soundPlays || !l.soundAt.Before(now.began):
	case !now.silent[id]:
		l.silent = time.Time{}
	case l.silent.IsZero():
		l.silent = now.began
		return nil, true
	case now.began.Sub(l.silent) < suspectFor/2:
		return nil, true
	default:
		l.sound = soundMadeUp
		return []queue.Input{queue.PlaybackFinished{Leg: id}}, false
	}
	return nil, false
}
