package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
)

// TestJitter is a conversation with an agent whose packets come up to 30 ms
// late, each by chance, as over a poor line: what mixes the two has levelled
// that after a moment, and nothing more is missing of the agent's voice
// (docs/asterisk.md, 3.11).
func TestJitter(t *testing.T) {
	t.Parallel()
	late := lateness(t)
	d := theFloor(t).staffed(t, "wrap_up: 1s", post{Behaviour: quick, pacer: &robot.Pacer{Jitter: 30 * time.Millisecond}})
	a := d.agents[0]
	d.ready(t, a)
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	lasts(t, v.Call, 4*time.Second)
	v.Hangup()
	over(t, v.Call, in)
	stereo, row := d.kept(t, v.record(t).Call.ID)
	settled := int((row.TalkOffset + time.Second).Seconds() * 8000)
	end := int((row.TalkOffset + row.Talk - 100*time.Millisecond).Seconds() * 8000)
	_, levels := toneLevel(robot.Deinterleave(stereo, 2, 1)[settled:end], a.tone)
	holes := 0
	for _, level := range levels {
		if level < robot.ToneAmplitude*0.9 {
			holes++
		}
	}
	// Each time that this machine is later than ever before is one more.
	if allowed := 2 + int(late()/(10*time.Millisecond)); holes > allowed {
		t.Errorf("%d of %d tenths of a second have a hole, %d may (late by %s at worst): %.0f", holes, len(levels), allowed, late(), levels)
	}
}
