package ari

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
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
	soundNone   sound = iota // nothing of ours
	soundAsked               // Play is under way
	soundPlays               // Asterisk took it, its end has not been told
	soundMadeUp              // its end was told by a check
)

// slots is how many playbacks of a leg take turns. One is stopped before the
// next begins, and the end of one that we stopped comes late and is nobody's
// news: so the next needs another id. They are few, so that a process that did
// not start them can still find the one that plays.
const slots = 4

// playbackOf names what plays on a leg.
func playbackOf(id queue.LegID, slot int) string { return string(id) + "~play" + strconv.Itoa(slot) }

// playbacks are what may play on a leg; all slots if we do not know.
func (t *table) playbacks(id queue.LegID) (ids []string) {
	l := t.alive[id]
	for slot := range slots {
		if l == nil || l.adopted || l.slot == slot {
			ids = append(ids, playbackOf(id, slot))
		}
	}
	return ids
}

// sounding notes that a sound is asked for, before it is: its end may be told
// before the request is answered (facts 6.2). It returns the playback to make.
func (t *table) sounding(id queue.LegID, n int) string {
	l := t.alive[id]
	if l == nil {
		return playbackOf(id, 0)
	}
	l.slot = (l.slot + 1) % slots
	l.sound, l.silent, l.adopted, l.n = soundAsked, time.Time{}, false, n
	return playbackOf(id, l.slot)
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

// quieting notes that we stop what plays on a leg, whose end is no news then. It
// returns what to stop.
func (t *table) quieting(id queue.LegID) []string {
	ids := t.playbacks(id)
	if l := t.alive[id]; l != nil {
		l.sound, l.adopted = soundNone, false
	}
	return ids
}

// quiet notes which playback it was that we stopped: the next is another.
func (t *table) quiet(id queue.LegID, playback string) {
	for slot := range slots {
		if l := t.alive[id]; l != nil && playback == playbackOf(id, slot) {
			l.slot = slot
		}
	}
}

// played: the end of what we played on a leg, told once although it comes both
// by the leg and by its endpoint.
func (t *table) played(e *ari.PlaybackFinished) []queue.Input {
	channel, ok := strings.CutPrefix(e.Playback.TargetURI, "channel:")
	id := queue.LegID(channel)
	l := t.alive[id]
	if !ok || l == nil || (l.sound == soundNone && !l.adopted) {
		return nil
	}
	for _, playing := range t.playbacks(id) {
		if e.Playback.ID == playing {
			told := l.sound == soundMadeUp
			l.sound, l.adopted = soundNone, false
			if told {
				return nil
			}
			return []queue.Input{queue.PlaybackFinished{Leg: id, N: l.n}}
		}
	}
	return nil
}

// playing are the legs on which a sound should be heard, and by which playbacks.
func (t *table) playing() map[queue.LegID][]string {
	playing := map[queue.LegID][]string{}
	for id, l := range t.alive {
		if l.sound == soundPlays {
			playing[id] = t.playbacks(id)
		}
	}
	return playing
}

// areSilent tells whether Asterisk says that none of these plays. Any other
// fault says nothing of the sound.
func (s *Switch) areSilent(ctx context.Context, playbacks []string) bool {
	for _, id := range playbacks {
		if !isGone(s.rest.do(ctx, http.MethodGet, "/playbacks/"+escape(id), nil, nil, nil)) {
			return false
		}
	}
	return true
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
		return []queue.Input{queue.PlaybackFinished{Leg: id, N: l.n}}, false
	}
	return nil, false
}

// play lets a leg hear sounds instead of what it hears. Music that runs gives
// way by itself (measured): Asterisk has one source of sound for a channel.
func (s *Switch) play(ctx context.Context, c queue.Play) error {
	media := make([]string, len(c.Sounds))
	for i, sound := range c.Sounds {
		if scheme, _, ok := strings.Cut(sound, ":"); !ok || scheme == "" {
			sound = "sound:" + sound
		}
		media[i] = sound
	}
	if err := s.quiet(ctx, c.Leg); err != nil {
		return err
	}
	s.mu.Lock()
	playback := s.legs.sounding(c.Leg, c.N)
	s.mu.Unlock()
	err := s.toLeg(ctx, c.Leg, http.MethodPost, "/play/"+escape(playback), url.Values{"media": {strings.Join(media, ",")}})
	s.mu.Lock()
	s.legs.sounds(time.Now(), c.Leg, err)
	s.mu.Unlock()
	return err
}

// startMusic ends a sound first: both would be heard, one in the gaps of the
// other.
func (s *Switch) startMusic(ctx context.Context, c queue.StartMusic) error {
	if err := s.quiet(ctx, c.Leg); err != nil {
		return err
	}
	return s.toLeg(ctx, c.Leg, http.MethodPost, "/moh", url.Values{"mohClass": {c.Class}})
}

// quiet stops a sound that plays, or may play, on a leg; it costs nothing if
// none does.
func (s *Switch) quiet(ctx context.Context, id queue.LegID) error {
	s.mu.Lock()
	var playbacks []string
	if l := s.legs.alive[id]; l != nil && (l.sound != soundNone || l.adopted) {
		playbacks = s.legs.quieting(id)
	}
	s.mu.Unlock()
	return s.stop(ctx, id, playbacks)
}

func (s *Switch) stop(ctx context.Context, id queue.LegID, playbacks []string) error {
	var all error
	for _, playback := range playbacks {
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodDelete, "/playbacks/"+escape(playback), nil, nil, nil)
		})
		switch {
		case err == nil:
			s.mu.Lock()
			s.legs.quiet(id, playback)
			s.mu.Unlock()
		case !isGone(err):
			all = errors.Join(all, err)
		}
	}
	return all
}

// stopMedia stops both kinds at once: after an adoption we do not know which plays.
func (s *Switch) stopMedia(ctx context.Context, c queue.StopMedia) error {
	s.mu.Lock()
	playbacks := s.legs.quieting(c.Leg)
	s.mu.Unlock()
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop(ctx, c.Leg, playbacks) }()
	err := s.toLeg(ctx, c.Leg, http.MethodDelete, "/moh", nil)
	if perr := <-stopped; perr != nil {
		err = errors.Join(err, perr)
	}
	if errors.Is(err, errGone) {
		return errGone
	}
	return err
}
