package recording

import (
	"context"
	"fmt"
	"slices"

	"github.com/threerings/threerings/queue"
)

// timeline is what a recording of so many bytes is by what is on record of its
// call, before anybody has looked at the audio.
func (k *Keeper) timeline(ctx context.Context, c queue.Call, size int64) (Recording, Timeline, error) {
	var s Story
	if k.Story != nil {
		var err error
		if s, err = k.Story(ctx, c.ID); err != nil {
			return Recording{}, Timeline{}, fmt.Errorf("read what is on record of the call: %w", err)
		}
	}
	if len(s.Records) == 0 {
		s.Records = []queue.Record{{At: c.SpokeAt, Event: queue.CallConnected{Call: c.ID, Agent: c.Agent}}, {At: over(c), Event: queue.CallCompleted{Call: c.ID}}}
	}
	length := lengthOf(size)
	r := Recording{Call: c.ID, Length: length, TalkOffset: talkOffset(c, length), Talk: talk(c)}
	r.StartedAt = c.SpokeAt.Round(0).UTC().Add(-r.TalkOffset)
	if k.Stamped != nil {
		if up, ended := k.Stamped(queue.LegID(rawOf(c))); !up.IsZero() && ended.After(up) {
			r.Coverage.Switch = ended.Sub(up)
		}
	}
	return r, Marks(r.StartedAt, length, s), nil
}

// prove says what was found in the audio of a recording, and with it whether
// it is whole.
func prove(c queue.Call, r *Recording, a *analysis, t Timeline) Proof {
	a.finish()
	bySwitch := r.Coverage.Switch
	from, to := r.TalkOffset, min(r.TalkOffset+r.Talk, r.Length)
	r.Coverage = Coverage{Span: span(c), Drift: r.Length - span(c), Switch: bySwitch,
		Caller: measured(between(a.sides[0], from, to)), Agent: measured(between(a.sides[1], from, to))}
	p := Proof{Coverage: r.Coverage, Gaps: wanting(c, r.Length, r.Coverage), Speech: speech(voices(a.sides), t), Peaks: a.peaks()}
	r.Coverage.Sides = sidesOf(a.sides, t)
	p.Coverage = r.Coverage
	if r.Coverage.Sides == SidesSwapped {
		p.Gaps = append(p.Gaps, Gap{Both, 0, r.Length, GapSwapped, "left and right are exchanged: what the caller hears is left, the caller right"})
	}
	if len(p.Gaps) == 0 {
		p.Gaps = unheardParts(a.sides[1], t)
	}
	r.State, r.Reason = judge(p.Gaps)
	for i, side := range []Side{Left, Right} {
		unheard := func(g Gap) bool { return g.Reason == GapUnheard && (g.Side == side || g.Side == Both) }
		if !slices.ContainsFunc(p.Gaps, unheard) {
			p.Gaps = append(p.Gaps, silences(side, a.sides[i], t)...)
		}
	}
	return p
}
