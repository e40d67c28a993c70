package e2e

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// hush is a stretch of digital silence on both channels of a recording.
type hush struct{ from, to time.Duration }

func (h hush) long() time.Duration { return h.to - h.from }

// hushes finds such stretches of half a second or more. Of A-law and μ-law
// silence becomes a sample of at most 8, a tone of the robots is a thousand times that.
func hushes(stereo []int16) (out []hush) {
	quiet := func(s int16) bool { return s >= -8 && s <= 8 }
	at := func(i int) time.Duration { return time.Duration(i/2) * time.Second / 8000 }
	first := -1
	for i := 0; i <= len(stereo)-2 || first >= 0; i += 2 {
		if i < len(stereo)-1 && quiet(stereo[i]) && quiet(stereo[i+1]) {
			if first < 0 {
				first = i
			}
			continue
		}
		if first >= 0 {
			if h := (hush{at(first), at(min(i, len(stereo)))}); h.long() >= 500*time.Millisecond {
				out = append(out, h)
			}
		}
		first = -1
	}
	return out
}

// raw is what Asterisk has written of a call's recording until now.
func (d *desk) raw(t *testing.T, id queue.CallID) []int16 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(d.box.Settings.Asterisk.Recordings, string(id)+".raw"))
	must(t, err)
	samples := make([]int16, len(data)/4*2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return samples
}

// mutedIs waits until the call's recording is muted, or not, and returns the call.
func (v *visit) mutedIs(t *testing.T, muted bool) (c queue.Call) {
	t.Helper()
	until(t, fmt.Sprintf("the recording to be muted: %t", muted), func() bool {
		c, _ = v.live()
		return c.State == queue.CallTalking && muted == (c.RecordingMute != nil)
	})
	return c
}

// talks lets a call go on for so long, by the packets that arrive.
func (v *visit) talks(t *testing.T, d time.Duration) {
	t.Helper()
	heard := v.Audio().Packets
	until(t, fmt.Sprintf("%s of talk", d), func() bool {
		return v.Audio().Packets >= heard+uint64(d/(20*time.Millisecond))
	})
}

// mutes are the stretches that are on record as muted: how each ended, and its length.
func mutes(t *testing.T, r postgres.CallDetail) (ends []queue.MuteEnd, long []time.Duration) {
	t.Helper()
	for _, e := range r.Events {
		switch e.Type {
		case "RecordingUnmuted":
			x, err := queue.DecodeEvent(e.Type, e.Data)
			must(t, err)
			u := x.(queue.RecordingUnmuted)
			ends, long = append(ends, u.Why), append(long, u.For)
		case "RecordingMuteFailed":
			t.Errorf("a mute failed: %s", e.Data)
		}
	}
	return ends, long
}

// TestMuteRecording: while card data is spoken both hear each other and neither
// channel of the recording has anything, for as long as on record and no shorter;
// what was forgotten ends by itself.
func TestMuteRecording(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s, recording: {mute_limit: 3s}", quick)
	a := d.agents[0]
	v.talks(t, time.Second)
	d.act(t, a, queue.DeedMuteRecording, queue.Target{})
	if c := v.mutedIs(t, true); c.RecordingMute.By != "test" || c.RecordingMute.Agent != a.id {
		t.Errorf("muted by %+v", c.RecordingMute)
	}
	talk(t, v, in, a.tone)
	v.talks(t, 2*time.Second)
	d.act(t, a, queue.DeedUnmuteRecording, queue.Target{})
	v.talks(t, 1500*time.Millisecond)
	d.act(t, a, queue.DeedMuteRecording, queue.Target{}) // and forgotten
	talk(t, v, in, a.tone)
	v.mutedIs(t, false)
	v.talks(t, 2500*time.Millisecond) // Asterisk writes a second at a time
	c, _ := v.live()
	stereo := d.raw(t, c.ID)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ends, long := mutes(t, r)
	if len(ends) != 2 || ends[0] != queue.MuteEndedByAgent || ends[1] != queue.MuteEndedLimit {
		t.Fatalf("muted stretches on record end by %v", ends)
	}
	found := hushes(stereo)
	if len(found) != 2 {
		t.Fatalf("digital silence in the raw recording of %s: %v, on record %v", time.Duration(len(stereo)/2)*time.Second/8000, found, long)
	}
	const slack = 400 * time.Millisecond // commands take their time on a busy machine
	for i, h := range found {
		t.Logf("muted for %s on record, silent for %s from %s on", long[i], h.long(), h.from)
		if (h.long() - long[i]).Abs() > slack {
			t.Errorf("muted for %s on record, and %v is silent", long[i], h)
		}
	}
	for i, tone := range []float64{callerTone, a.tone} {
		side := robot.Deinterleave(stereo, 2, i)
		for name, part := range map[string]hush{"before": {found[0].from - time.Second, found[0].from}, "between": {found[0].to, found[1].from}, "after": {found[1].to, found[1].to + time.Second}} {
			window := side[int((part.from+100*time.Millisecond).Seconds()*8000):min(int((part.to-100*time.Millisecond).Seconds()*8000), len(side))]
			if level, levels := toneLevel(window, tone); level < robot.ToneAmplitude*0.7 {
				t.Errorf("channel %d %s: the tone is at %.0f of %.0f", i, name, level, levels)
			}
		}
	}
	kept, rec := d.kept(t, r.Call.ID)
	if length := time.Duration(len(kept)/2) * time.Second / 8000; length+stall < rec.TalkOffset+rec.Talk {
		t.Errorf("the recording lasts %s, the conversation from %s on %s: muting has shortened it", length, rec.TalkOffset, rec.Talk)
	}
	v.clean(t)
}

// TestMuteRecordingHandedOn: the next agent is recorded.
func TestMuteRecordingHandedOn(t *testing.T) {
	t.Parallel()
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick)
	a, b := d.agents[0], d.agents[1]
	d.act(t, a, queue.DeedMuteRecording, queue.Target{})
	v.mutedIs(t, true)
	v.talks(t, time.Second)
	d.act(t, a, queue.DeedTransfer, queue.Target{Agent: b.id})
	over(t, in)
	second := b.next(t)
	talk(t, v, second, b.tone)
	v.talks(t, 2500*time.Millisecond)
	c, _ := v.live()
	stereo := d.raw(t, c.ID)
	if level, levels := toneLevel(robot.Deinterleave(stereo, 2, 1)[max(len(stereo)/2-8000, 0):], b.tone); level < robot.ToneAmplitude*0.7 {
		t.Errorf("the second agent's tone is at %.0f in the recording: %.0f", level, levels)
	}
	v.Hangup()
	over(t, v.Call, second)
	r := v.record(t)
	if ends, _ := mutes(t, r); len(ends) != 1 || ends[0] != queue.MuteEndedPart {
		t.Errorf("muted stretches end by %v", ends)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}

// TestMutedLeaderKilled: the program dies while a recording is muted. It stays
// muted, the next one knows of it and ends it when it is told to.
func TestMutedLeaderKilled(t *testing.T) {
	_, err := all.binary() // before anybody calls: it takes a while
	must(t, err)
	f := own(t, box.Options{})
	d := f.open(t, "wrap_up: 0s", robot.Behaviour{})
	must(t, f.box.StopNode())
	p := serve(t, f.box)
	a := d.agents[0]
	p.setAgent(t, a.id, queue.Ready)
	v := d.call(t)
	in := a.next(t)
	talk(t, v, in, a.tone)
	web(t, "POST", fmt.Sprintf("%s/api/v1/agents/%s/conversation", f.box.URL, a.id), supervisor, `{"do":"mute_recording","reason":"card"}`, http.StatusOK, nil)
	v.talks(t, 1500*time.Millisecond)
	p.kill(t)
	v.talks(t, time.Second)
	must(t, f.box.StartNode(inTime(t)))
	until(t, "control to be back", func() bool { return f.box.Node.Snapshot().Switch })
	if c := v.mutedIs(t, true); c.RecordingMute.Reason != "card" || c.RecordingMute.Failed {
		t.Errorf("the next one has %+v", c.RecordingMute)
	}
	talk(t, v, in, a.tone)
	d.act(t, a, queue.DeedUnmuteRecording, queue.Target{})
	v.talks(t, 2500*time.Millisecond)
	c, _ := v.live()
	stereo := d.raw(t, c.ID)
	v.Hangup()
	over(t, v.Call, in)
	r := v.record(t)
	ends, long := mutes(t, r)
	found := hushes(stereo)
	if len(ends) != 1 || ends[0] != queue.MuteEndedByAgent || len(found) != 1 || (found[0].long()-long[0]).Abs() > 400*time.Millisecond {
		t.Errorf("on record %v %v, silent %v", ends, long, found)
	}
	d.kept(t, r.Call.ID)
	v.clean(t)
}
