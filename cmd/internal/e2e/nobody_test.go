package e2e

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// energy is the mean loudness of what was heard, on the 16-bit scale.
func energy(samples []int16) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += max(float64(s), -float64(s))
	}
	return sum / float64(max(len(samples), 1))
}

// audible is far below any prompt or music and far above a silent line.
const audible = 100

// speaks waits until something is heard: more than a silent line.
func speaks(t *testing.T, what string, c *robot.Call) {
	t.Helper()
	until(t, what, func() bool { return energy(c.Heard(400*time.Millisecond)) > audible })
}

// TestNobodyFree: within the caller's three rings nobody is free. Only then is
// the line answered, with a greeting and then music; and a person who comes
// later is still heard (R1.2).
func TestNobodyFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rules string
		budget      time.Duration
	}{{"rings of 3 s", fast, 9 * time.Second}, {"rings of 5 s", "wrap_up: 0, ", 15 * time.Second}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := theFloor(t).open(t, c.rules+"fine: 0", robot.Behaviour{})
			a := d.agents[0]
			d.set(t, a.id, queue.NotReady)
			v := d.call(t)
			must(t, v.WaitRinging(inTime(t)))
			must(t, v.WaitAnswered(inTime(t)))
			times := v.Times()
			rang := times.Answered.Sub(times.Ringing)
			t.Logf("the line was answered after %s of %s", rang, c.budget)
			if rang < c.budget-300*time.Millisecond || rang > c.budget+time.Second || !times.EarlyMedia.IsZero() {
				t.Errorf("answered after %s of ringing, want %s; 183 at %v", rang, c.budget, times.EarlyMedia)
			}
			speaks(t, "the greeting to be heard", v.Call)
			var live queue.Call
			until(t, "music after the greeting", func() bool {
				live, _ = v.live()
				return live.Media == queue.MediaMusic
			})
			packets := v.Audio().Packets
			until(t, "half a second of music", func() bool { return v.Audio().Packets > packets+25 })
			speaks(t, "the music to be heard", v.Call)
			if live.LineAnsweredBy != queue.AnsweredByGreeting || live.BudgetSpentAt.IsZero() {
				t.Errorf("the waiting call: %+v", live)
			}
			d.set(t, a.id, queue.Ready)
			r := d.takes(t, v, a)
			if c := r.Call; c.Rings.Heard != 3 || c.Rings.Within || c.Rings.Strict || c.Wait <= c.Rings.For || c.LineAnsweredBy != queue.AnsweredByGreeting {
				t.Errorf("on record: wait %s, %+v", c.Wait, c.Rings)
			}
			if count(r, "LineAnswered") != 1 || count(r, "GreetingEnded") != 1 {
				t.Errorf("timeline: %+v", r.Events)
			}
			stereo, rec := d.kept(t, r.Call.ID)
			sides(t, stereo, rec, a.tone)
			v.clean(t)
		})
	}
}

// TestRingOn: a house that does not greet lets it ring on.
func TestRingOn(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "ring: {country: uk, budget: 1, then: ring}, wrap_up: 0", robot.Behaviour{Answer: time.Second})
	a := d.agents[0]
	d.set(t, a.id, queue.NotReady)
	v := d.call(t)
	until(t, "the budget to be spent", func() bool {
		c, there := v.live()
		return there && !c.BudgetSpentAt.IsZero()
	})
	if live, _ := v.live(); !live.LineAnsweredAt.IsZero() || !v.Times().Answered.IsZero() {
		t.Errorf("the line was answered: %+v", live)
	}
	d.set(t, a.id, queue.Ready)
	in := a.next(t)
	talk(t, v, in, a.tone)
	realRinging(t, v, in)
	v.Hangup()
	over(t, v.Call, in)
	if r := v.record(t); r.Call.LineAnsweredBy != queue.AnsweredByAgent || r.Call.Rings.Heard != 2 || r.Call.Rings.Within {
		t.Errorf("on record: %+v", r.Call)
	}
	v.clean(t)
}

// TestLongestWait: who has waited as long as the house allows is told that all
// are busy, also while a phone rings for them.
func TestLongestWait(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "overflow: {max_wait: {after: 1s}}, wrap_up: 0", robot.Behaviour{NeverAnswer: true})
	a := d.agents[0]
	v := d.call(t)
	in := a.next(t)
	over(t, v.Call, in)
	if code, reason := v.Status(); code != 486 {
		t.Errorf("the caller was told %d %s", code, reason)
	}
	if in.Ending() != robot.Cancelled {
		t.Errorf("the agent's phone: %s", in.Ending())
	}
	r := v.record(t)
	ended(t, r, queue.OutcomeOverflowed, queue.ReleaseSystem)
	offered(t, r, offer{a.id, queue.OfferTakenBack, "max_wait"})
	if r.Call.Wait < time.Second || r.Call.Wait > 5*time.Second {
		t.Errorf("waited %s", r.Call.Wait)
	}
	d.agentIs(t, a.id, "ready at once", isFree)
	v.clean(t)
}
