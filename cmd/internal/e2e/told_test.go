package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/g711"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// says waits until a phone has heard a line of the house, sample by sample:
// what is in the middle of the file reaches a phone of the same law untouched.
func (f *floor) says(t *testing.T, v *visit, line prompts.Line) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(f.box.Settings.Asterisk.Sounds, line.Sound()+".ulaw"))
	must(t, err)
	if v.Codec() != robot.PCMU {
		t.Fatalf("the caller's phone speaks %v", v.Codec())
	}
	const tenth = 800
	from, loudest := 0, 0.0
	sound := make([]int16, len(file))
	for i, b := range file {
		sound[i] = g711.ULawToPCM[b]
	}
	for i := 0; i+tenth <= len(sound); i += tenth {
		if e := energy(sound[i : i+tenth]); e > loudest {
			from, loudest = i, e
		}
	}
	if loudest < audible {
		t.Fatalf("nothing is said in %q", line.Text)
	}
	part := sound[from : from+tenth]
	until(t, "the caller to hear "+line.Text, func() bool {
		heard := v.Heard(3 * time.Second)
		for i := 0; i+tenth <= len(heard); i++ {
			if heard[i] == part[0] && slices.Equal(heard[i:i+tenth], part) {
				return true
			}
		}
		return false
	})
}

// TestToldPlaceAndWait: who is not answered in time hears the greeting, then the
// place and how long it will be, then music; and it is on record what was said.
func TestToldPlaceAndWait(t *testing.T) {
	t.Parallel()
	d := theFloor(t).open(t, "wrap_up: 1s, ring: {country: jp, budget: 1}, greeting: house/second, announce: {first: 100ms, every: 1m, position: true, wait: true}", quick)
	a := d.agents[0]
	for range 5 { // from then on the house knows how long calls last
		d.takes(t, d.call(t), a)
		d.agentIs(t, a.id, "free", isFree)
	}
	first := d.call(t)
	in := a.next(t)
	talk(t, first, in, a.tone)
	v := d.call(t)
	hears(t, "the greeting", v.Call, tones{secondTone}, nil)
	d.says(t, v, prompts.Position(prompts.Chinese, 1))
	d.says(t, v, prompts.Wait(prompts.Chinese, 1))
	until(t, "music after it", func() bool { c, ok := v.live(); return ok && c.Media == queue.MediaMusic && !c.ToldAt.IsZero() })
	speaks(t, "the music to be heard", v.Call)
	first.Hangup()
	over(t, first.Call, in)
	r := d.takes(t, v, a)
	if e := r.Call.Estimate; e == nil || e.Place != 1 || e.Wait <= 0 || count(r, "EstimateGiven") != 1 || count(r, "WaitAnnounced") != 1 {
		t.Errorf("on record: %+v, %d times", e, count(r, "EstimateGiven"))
	}
	d.seen(t, "the estimate in the day's figures", func(s *queue.Snapshot) bool { return d.today(s).Estimates == 1 })
	v.clean(t)
}

// today is the day of the desk's queue.
func (d *desk) today(s *queue.Snapshot) queue.Tally {
	for _, q := range s.Queues {
		if q.Queue == d.queue {
			return q.Today
		}
	}
	return queue.Tally{}
}

// TestAnnouncementGivesWay: an agent answers in the middle of an announcement.
// From the connection on the caller hears the agent and nothing of it, and the
// agent never hears any.
func TestAnnouncementGivesWay(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "wrap_up: 0s, ring: {country: jp, budget: 1}, greeting: none, announce: {first: 100ms, every: 5s, offer: {key: '1', prompt: {sound: house/ask}}}", quick)
	a := d.agents[0]
	v := d.call(t)
	hears(t, "the announcement", v.Call, tones{askTone}, nil)
	d.set(t, a.id, queue.Ready)
	in := a.next(t)
	talk(t, v, in, a.tone)
	v.presses(t, "1") // what was offered is over
	until(t, "two seconds of talk", func() bool { return in.Audio().Packets > 100 })
	if n := in.ToneLevel(askTone, 2*time.Second); n > robot.ToneAmplitude*0.05 {
		t.Errorf("the agent heard the announcement: %.0f", n)
	}
	in.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ended(t, r, queue.OutcomeAnswered, queue.ReleaseAgent)
	if r.Call.Callback != nil {
		t.Errorf("a key in the conversation asked to be called back: %+v", r.Call.Callback)
	}
	stereo, rec := d.kept(t, r.Call.ID)
	heard := robot.Deinterleave(stereo, 2, 1)
	at := func(d time.Duration) int { return min(int(d.Seconds()*8000), len(heard)) }
	if before := heard[:at(rec.TalkOffset)]; robot.MeasureTone(before[max(0, len(before)-8000):], 8000, askTone) < robot.ToneAmplitude*0.3 {
		t.Error("the recording lacks the announcement before the conversation")
	}
	// A tenth of a second is for the sound's last packets and the recording's clock.
	for i := at(rec.TalkOffset + 100*time.Millisecond); i+800 <= at(rec.TalkOffset+rec.Talk); i += 800 {
		if n := robot.MeasureTone(heard[i:i+800], 8000, askTone); n > robot.ToneAmplitude*0.1 {
			t.Errorf("the caller heard the announcement %s into the conversation: %.0f", time.Duration(i)*time.Second/8000-rec.TalkOffset, n)
		}
	}
	v.clean(t)
}

// TestMessageIsKept: what the caller says after the tone is in the recording,
// also if they hang up; who is gone before has left no message, and no case.
func TestMessageIsKept(t *testing.T) {
	t.Parallel()
	d := theFloor(t).prepare(t, "overflow: {no_agents: {to: {voicemail: {sound: house/ask}}}}", quick)
	v := d.call(t)
	hears(t, "the invitation", v.Call, tones{askTone}, nil)
	v.presses(t, "#") // enough of it
	until(t, "three seconds of message", func() bool {
		now, ok := v.live()
		return ok && !now.MessageAt.IsZero() && time.Since(now.MessageAt) > 3*time.Second
	})
	v.Hangup()
	over(t, v.Call)
	r := v.record(t)
	ended(t, r, queue.OutcomeVoicemail, queue.ReleaseCaller)
	stereo, rec := d.kept(t, r.Call.ID)
	said, heard := robot.Deinterleave(stereo, 2, 0), robot.Deinterleave(stereo, 2, 1)
	from := int(r.Call.MessageAt.Sub(rec.StartedAt).Seconds() * 8000)
	to := from + int(r.Call.Message.Seconds()*8000)
	const margin = 2000 // a quarter of a second: two clocks
	if from <= 0 || to > len(said)+2*margin {
		t.Fatalf("a message from sample %d to %d in a recording of %d", from, to, len(said))
	}
	to = min(to, len(said))
	if n, levels := toneLevel(said[from+margin:to-margin], callerTone); n < robot.ToneAmplitude*0.7 {
		t.Errorf("the caller's tone in the message: %.0f of %.0f", n, levels)
	}
	if n, levels := toneLevel(heard[from+margin:to-margin], askTone); n > robot.ToneAmplitude*0.05 {
		t.Errorf("the invitation goes on over the message: %.0f of %.0f", n, levels)
	}
	w := d.call(t)
	hears(t, "the invitation", w.Call, tones{askTone}, nil)
	w.Hangup()
	over(t, w.Call)
	empty := w.record(t)
	ended(t, empty, queue.OutcomeNoMessage, queue.ReleaseCaller)
	cases := map[queue.CallID]bool{}
	for _, c := range d.box.Node.Snapshot().Cases {
		cases[c.ID] = true
	}
	if !cases[r.Call.ID] || cases[empty.Call.ID] {
		t.Errorf("open cases: of the message %t, of none %t", cases[r.Call.ID], cases[empty.Call.ID])
	}
	v.clean(t)
	w.clean(t)
}

// TestOverflowToNobody: a number outside that is not answered is given up, and
// the call has ended.
func TestOverflowToNobody(t *testing.T) {
	t.Parallel()
	f := theFloor(t)
	number := f.outside.number("480")
	d := f.prepare(t, "overflow: {no_agents: {to: {number: '"+number+"'}}}, outbound: {ring: 2s}", quick)
	v := d.call(t)
	far := f.outside.rung(t, number)
	over(t, v.Call, far)
	if far.Ending() != robot.Cancelled {
		t.Errorf("the number outside: %s", far.Ending())
	}
	ended(t, v.record(t), queue.OutcomeForwarded, queue.ReleaseSystem)
	v.clean(t)
}
