package chaos

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

const (
	piece = 100 * time.Millisecond
	// edges of a conversation are not to be measured: it begins and ends in the
	// middle of a piece, and the way through Asterisk takes a packet or two.
	edges = 500 * time.Millisecond
	// salvage is what a killed Asterisk may not have written yet (facts 3.8).
	salvage = time.Second
)

// recorded waits until recordings are kept, and measures what of each
// conversation is not in its file: both tones must be there, each on its side.
func (j *judge) recorded(ctx context.Context, since time.Time) error {
	deadline := time.Now().Add(keepWithin)
	for {
		missing, err := j.w.db.RecordingsMissing(ctx, since, time.Time{}, 1)
		if err != nil && time.Now().After(deadline) {
			return fmt.Errorf("recordings: %w", err)
		}
		if err == nil && len(missing) == 0 || time.Now().After(deadline) {
			break
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	for _, l := range j.lives {
		if len(l.talks) == 0 || len(j.rows[l.number]) == 0 {
			continue // lost is counted as that
		}
		if err := j.recording(ctx, l, j.rows[l.number][0]); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) recording(ctx context.Context, l *life, c queue.Call) error {
	var wanted time.Duration
	allowed := time.Duration(0)
	for _, t := range l.talks {
		until := t.until
		for _, at := range j.killed {
			if at.After(t.from) && at.Before(until) {
				until = at
				allowed += salvage
			}
		}
		wanted += until.Sub(t.from)
		allowed += edges + t.gaps // what did not arrive at a telephone is a gap, counted as that
	}
	rec, err := j.w.db.Recording(ctx, c.ID)
	if err != nil || rec.Path == "" {
		j.unrecorded(l, max(wanted-allowed, 0), fmt.Sprintf("there is no recording (%v, %s)", err, rec.State))
		return nil
	}
	samples, channels, rate, err := j.heard(ctx, c.ID)
	if err != nil || channels != 2 {
		j.unrecorded(l, max(wanted-allowed, 0), fmt.Sprintf("%s cannot be read: %v, %d channels", rec.Path, err, channels))
		return nil
	}
	left, right := robot.Deinterleave(samples, 2, 0), robot.Deinterleave(samples, 2, 1)
	n := int(piece.Seconds() * float64(rate))
	var found time.Duration
	for i := 0; i+n <= min(len(left), len(right)); i += n {
		if robot.MeasureTone(left[i:i+n], rate, l.tone) < toneOfVoice {
			continue
		}
		for _, t := range l.talks {
			if robot.MeasureTone(right[i:i+n], rate, t.agent.tone) >= toneOfVoice {
				found += piece
				break
			}
		}
	}
	if missing := wanted - found - allowed; missing <= 0 && rec.State != string(recording.Kept) && !j.taken(l) {
		j.f.FalseGaps++
	} else if missing > 0 {
		j.unrecorded(l, missing, fmt.Sprintf("%v of %v are in %s (%s %s)", found, wanted.Round(time.Millisecond), rec.Path, rec.State, rec.GapReason))
	}
	return nil
}

// heard is the sound of a recording as it is kept.
func (j *judge) heard(ctx context.Context, call queue.CallID) (samples []int16, channels, rate int, err error) {
	k := node.NewKeeper(settings.Settings{Recordings: j.w.seen(j.w.recordings(j.w.small)), RecordingsKey: j.w.keyFile()}, j.w.db, slog.New(slog.DiscardHandler))
	sound, err := k.OpenWAV(ctx, call)
	if err != nil {
		return nil, 0, 0, err
	}
	defer sound.Close()
	data, err := io.ReadAll(sound)
	if err != nil {
		return nil, 0, 0, err
	}
	return robot.ParseWAV(data)
}

func (j *judge) unrecorded(l *life, d time.Duration, why string) {
	if d <= 0 {
		return
	}
	j.f.UnrecordedS += d.Seconds()
	j.say(l, "%.1f s of the conversation are not recorded: %s", d.Seconds(), why)
}
