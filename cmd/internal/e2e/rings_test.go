package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// TestRingsOnRecord: what the robots counted by ear is what is stored, for the
// agent's phone and for the caller, in both readings (R1.3). The rings of this
// queue have 1 s of sound and 2 s of pause, so that each answer is told apart
// by both readings: in the tone or in the pause, of ring 1, 2 and 3.
func TestRingsOnRecord(t *testing.T) {
	t.Parallel()
	const on, off = time.Second, 2 * time.Second
	for _, c := range []struct {
		name   string
		answer time.Duration
		rings  int
		strict bool
	}{
		{"fast, in ring 1", 400 * time.Millisecond, 1, true},
		{"fast, in the pause after ring 1", 2 * time.Second, 1, true},
		{"slow, in ring 2", 3500 * time.Millisecond, 2, true},
		{"slow, in the pause after ring 2", 5 * time.Second, 2, true},
		{"late, in ring 3", 6500 * time.Millisecond, 3, true},
		{"late, in the pause after ring 3", 8 * time.Second, 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).open(t, "ring: {country: jp}, wrap_up: 0", robot.Behaviour{Answer: c.answer})
			v := d.call(t)
			in := d.agents[0].next(t)
			talk(t, v, in, d.agents[0].tone)
			realRinging(t, v, in)
			v.Hangup()
			over(t, v.Call, in)
			r := v.record(t)
			if len(r.Offers) != 1 {
				t.Fatalf("%d offers", len(r.Offers))
			}
			for _, side := range []struct {
				who    string
				heard  *robot.Call
				stored queue.Rings
			}{{"agent", in, r.Offers[0].Rings}, {"caller", v.Call, r.Call.Rings}} {
				heard := side.heard.RingsHeard(on, off)
				strict := side.heard.RingsHeardStrict(on, off) <= 3
				if heard != c.rings || strict != c.strict {
					t.Errorf("%s: the robot heard %d rings, strictly within three: %v; the case wants %d, %v", side.who, heard, strict, c.rings, c.strict)
				}
				if side.stored.Heard != heard || !side.stored.Within || side.stored.Strict != strict {
					t.Errorf("%s: on record %+v; the robot heard %d, strictly within three: %v", side.who, side.stored, heard, strict)
				}
				times := side.heard.Times()
				rang := times.Answered.Sub(times.Ringing)
				if off := (side.stored.For - rang).Abs(); off > 200*time.Millisecond {
					t.Errorf("%s: on record %s of ringing, at the phone %s", side.who, side.stored.For, rang)
				}
			}
		})
	}
}
