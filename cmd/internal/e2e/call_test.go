package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// visit is one caller's call.
type visit struct {
	*robot.Call
	desk   *desk
	caller string
}

// call has a new caller dial the desk.
func (d *desk) call(t *testing.T) *visit {
	t.Helper()
	phone, from := d.customer(t)
	return d.callFrom(t, phone, from)
}

// customer is a new caller's phone and number, for who calls more than once.
func (d *desk) customer(t *testing.T) (phone *robot.Phone, from string) {
	t.Helper()
	from = fmt.Sprintf("138%08d", callers.Add(1))
	return newPhone(t, robot.PhoneOptions{User: from, Sound: robot.Tone(callerTone)}), from
}

func (d *desk) callFrom(t *testing.T, phone *robot.Phone, from string) *visit {
	t.Helper()
	c, err := phone.Call(inTime(t), robot.CallOptions{To: "sip:" + d.number + "@" + d.box.SIP, From: from})
	must(t, err)
	return &visit{c, d, from}
}

// live is the call as the core has it now; false when it is not there.
func (v *visit) live() (queue.Call, bool) {
	for _, c := range v.desk.box.Node.Snapshot().Calls {
		if c.Caller == v.caller {
			return c, true
		}
	}
	return queue.Call{}, false
}

func (v *visit) is(t *testing.T, state queue.CallState) queue.Call {
	t.Helper()
	var c queue.Call
	until(t, fmt.Sprintf("the call of %s to be %s", v.caller, state), func() bool {
		var there bool
		c, there = v.live()
		return there && c.State == state
	})
	return c
}

// record is what stands in the ledger once the call is over: exactly one row.
func (v *visit) record(t *testing.T) postgres.CallDetail {
	t.Helper()
	ctx := inTime(t)
	db := v.desk.box.Node.Ledger()
	var found []queue.Call
	until(t, "the call of "+v.caller+" to be on record as ended", func() bool {
		must(t, v.desk.box.Node.Flush(ctx))
		var err error
		found, err = db.Calls(ctx, postgres.Filter{Caller: v.caller})
		must(t, err)
		return len(found) > 0 && found[0].State == queue.CallEnded
	})
	if len(found) != 1 {
		t.Fatalf("%d calls of %s on record", len(found), v.caller)
	}
	d, err := db.Call(ctx, found[0].ID)
	must(t, err)
	for _, ended := range []string{"CallCompleted", "CallAbandoned", "CallTurnedAway"} {
		if n := count(d, ended); n > 1 {
			t.Errorf("call %s: %d times %s", d.Call.ID, n, ended)
		}
	}
	return d
}

func count(d postgres.CallDetail, kind string) (n int) {
	for _, e := range d.Events {
		if e.Type == kind {
			n++
		}
	}
	return n
}

// ended checks how a call ended.
func ended(t *testing.T, d postgres.CallDetail, outcome queue.Outcome, release queue.Release) {
	t.Helper()
	if d.Call.Outcome != outcome || d.Call.Release != release {
		t.Errorf("call ended as %s, released by %s; want %s, %s", d.Call.Outcome, d.Call.Release, outcome, release)
	}
}

// offer is one attempt as stored: who, how it ended and why.
type offer struct {
	agent  queue.AgentID
	state  queue.OfferState
	reason string
}

func offered(t *testing.T, d postgres.CallDetail, want ...offer) {
	t.Helper()
	var got []offer
	for _, o := range d.Offers {
		got = append(got, offer{o.Agent, o.State, o.Reason})
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("offers %v, want %v", got, want)
	}
}

// talk waits until each side hears the other's tone, and only that.
func talk(t *testing.T, v *visit, in *robot.Call, tone float64) {
	t.Helper()
	must(t, v.WaitAnswered(inTime(t)))
	if _, err := v.WaitTone(inTime(t), tone); err != nil {
		t.Fatalf("the caller does not hear the agent: %v", err)
	}
	if _, err := in.WaitTone(inTime(t), callerTone); err != nil {
		t.Fatalf("the agent does not hear the caller: %v", err)
	}
	const window = 200 * time.Millisecond
	until(t, "clean tones both ways", func() bool {
		return v.ToneLevel(tone, window) > robot.ToneAmplitude*0.8 && v.ToneLevel(callerTone, window) < robot.ToneAmplitude*0.05 &&
			in.ToneLevel(callerTone, window) > robot.ToneAmplitude*0.8 && in.ToneLevel(tone, window) < robot.ToneAmplitude*0.05
	})
}

// realRinging: the caller heard 180 and nothing else before a person answered.
func realRinging(t *testing.T, v *visit, in *robot.Call) {
	t.Helper()
	caller, answer := v.Times(), in.Times()
	if caller.Ringing.IsZero() || !caller.EarlyMedia.IsZero() || caller.Answered.Before(answer.Answered) {
		t.Errorf("caller's 180 %v, 183 %v, 200 %v; the agent answered %v", caller.Ringing, caller.EarlyMedia, caller.Answered, answer.Answered)
	}
	for _, m := range v.Trace() {
		if strings.HasPrefix(m.Line, "183") {
			t.Errorf("caller was sent %s", m.Line)
		}
	}
}

// over waits until the calls have ended.
func over(t *testing.T, calls ...*robot.Call) {
	t.Helper()
	for _, c := range calls {
		if err := c.WaitEnded(inTime(t)); err != nil {
			t.Fatalf("a call does not end: %v\n%v", err, c.Trace())
		}
	}
}

// heard is a WAV file of a call's recording.
func (f *floor) heard(t *testing.T, id queue.CallID) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "heard.wav")
	must(t, os.WriteFile(file, web(t, "GET", f.box.URL+"/api/v1/calls/"+string(id)+"/recording?why=test&format=wav", supervisor, "", http.StatusOK, nil), 0o600))
	return file
}

// kept waits for a call's recording and reads it.
func (f *floor) kept(t *testing.T, id queue.CallID) (samples []int16, r postgres.Recording) {
	t.Helper()
	ctx := inTime(t)
	until(t, "the recording of "+string(id)+" to be kept", func() bool {
		var err error
		r, err = f.box.Node.Ledger().Recording(ctx, id)
		if errors.Is(err, postgres.ErrNotFound) {
			return false
		}
		must(t, err)
		return true
	})
	if r.State != string(recording.Kept) {
		t.Fatalf("recording of %s is %s: %s", id, r.State, r.GapReason)
	}
	samples, channels, rate, err := robot.ReadWAV(f.heard(t, id))
	must(t, err)
	if channels != 2 || rate != 8000 {
		t.Fatalf("the recording has %d channels of %d Hz", channels, rate)
	}
	return samples, r
}

// stall is how much shorter than the conversation a recording may be: what
// Asterisk did not get to on a machine that does other things meanwhile.
const stall = time.Second

// sides: in the conversation the left channel has the caller's tone and no
// other, the right channel the agent's.
func sides(t *testing.T, stereo []int16, r postgres.Recording, tone float64) {
	t.Helper()
	from, to := r.TalkOffset, r.TalkOffset+r.Talk
	length := time.Duration(len(stereo)/2) * time.Second / 8000
	if to > length+stall {
		t.Errorf("a talk of %s from %s on in a recording of %s", r.Talk, from, length)
	}
	to = min(to, length)
	middle := func(channel int) []int16 {
		side := robot.Deinterleave(stereo, 2, channel)
		margin := min((to-from)/4, 200*time.Millisecond)
		first, last := int((from+margin).Seconds()*8000), int((to-margin).Seconds()*8000)
		if first < 0 || first >= last {
			t.Fatalf("talk from %s to %s in a recording of %s", from, to, length)
		}
		return side[first:last]
	}
	left, right := middle(0), middle(1)
	for _, m := range []struct {
		name    string
		samples []int16
		tone    float64
		there   bool
	}{{"left", left, callerTone, true}, {"left", left, tone, false}, {"right", right, tone, true}, {"right", right, callerTone, false}} {
		level, levels := toneLevel(m.samples, m.tone)
		if m.there != (level > robot.ToneAmplitude*0.7) || (!m.there && level > robot.ToneAmplitude*0.05) {
			t.Errorf("%s channel: %.0f Hz at %.0f of %d; should be there: %v\nevery tenth of a second: %.0f", m.name, m.tone, level, robot.ToneAmplitude, m.there, levels)
		}
	}
}

// toneLevel is the median over tenths of a second: where the machine stood still
// for a moment a tone goes on at another phase, and over the whole it would
// cancel itself.
func toneLevel(samples []int16, tone float64) (median float64, levels []float64) {
	for window := range slices.Chunk(samples, 800) {
		if len(window) == 800 || len(levels) == 0 {
			levels = append(levels, robot.MeasureTone(window, 8000, tone))
		}
	}
	sorted := slices.Sorted(slices.Values(levels))
	return sorted[len(sorted)/2], levels
}

// clean: nothing of the call is left in Asterisk.
func (v *visit) clean(t *testing.T) {
	t.Helper()
	id := string(v.record(t).Call.ID)
	for _, kind := range []string{"channels", "bridges"} {
		until(t, "Asterisk to have no "+kind+" of call "+id, func() bool {
			ids, err := asteriskHas(v.desk.box, kind)
			must(t, err)
			return !slices.ContainsFunc(ids, func(there string) bool { return there == id || strings.HasPrefix(there, id+"~") })
		})
	}
}
