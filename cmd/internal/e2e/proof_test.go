package e2e

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// lasts waits until both have talked for a while: the phones' own clocks tell.
func lasts(t *testing.T, c *robot.Call, d time.Duration) {
	t.Helper()
	from := c.Audio().Packets
	until(t, "some talk", func() bool { return time.Duration(c.Audio().Packets-from)*20*time.Millisecond >= d })
}

// packet is the length of what phones send at once, and recorders write.
const packet = 20 * time.Millisecond

// lateness watches how late this machine lets us wake up, at worst, until the
// test has ended: that late are the robots' packets, and Asterisk's.
func lateness(t *testing.T) (worst func() time.Duration) {
	var most atomic.Int64
	go func() {
		for t.Context().Err() == nil {
			began := time.Now()
			time.Sleep(packet)
			if late := int64(time.Since(began) - packet); late > most.Load() {
				most.Store(late)
			}
		}
	}()
	return func() time.Duration { return time.Duration(most.Load()) }
}

// TestCoverage is a call through hold, a conference, two transfers and card
// data, in which each party sends a tone of its own: each of them is found where
// the marks say that they spoke, on the right channel, and nowhere else.
//
// Each phone's packets begin with a number of their own, so that this finds a
// recording that Asterisk writes by the numbers of the agent before (docs/asterisk.md, 3.11).
func TestCoverage(t *testing.T) {
	t.Parallel()
	late := lateness(t)
	d, v, in := inCall(t, "wrap_up: 0s", quick, quick, quick)
	a, b, c := d.agents[0], d.agents[1], d.agents[2]
	lasts(t, v.Call, 2*time.Second)
	d.act(t, a, queue.DeedHold, queue.Target{})
	lasts(t, v.Call, 2*time.Second)
	d.act(t, a, queue.DeedRetrieve, queue.Target{})
	talk(t, v, in, a.tone)
	lasts(t, v.Call, time.Second)
	d.act(t, a, queue.DeedConsult, queue.Target{Agent: b.id})
	asked := b.next(t)
	hears(t, "the colleague", asked, tones{a.tone}, nil)
	d.act(t, a, queue.DeedConference, queue.Target{})
	hears(t, "the customer in the conference", v.Call, tones{a.tone, b.tone}, nil)
	lasts(t, v.Call, 2*time.Second)
	d.act(t, a, queue.DeedComplete, queue.Target{})
	over(t, in)
	talk(t, v, asked, b.tone)
	lasts(t, v.Call, 2*time.Second)
	d.act(t, b, queue.DeedMuteRecording, queue.Target{})
	lasts(t, v.Call, 2*time.Second)
	d.act(t, b, queue.DeedUnmuteRecording, queue.Target{})
	lasts(t, v.Call, 2*time.Second)
	d.act(t, b, queue.DeedTransfer, queue.Target{Agent: c.id})
	over(t, asked)
	third := c.next(t)
	talk(t, v, third, c.tone)
	lasts(t, v.Call, 2*time.Second)
	v.Hangup()
	over(t, v.Call, third)
	r := v.record(t)
	stereo, row := d.kept(t, r.Call.ID)
	t.Logf("in the store %s after the hang-up", row.Steps.Stored.Sub(r.Call.EndedAt))

	cov, err := d.box.Node.Ledger().Coverage(inTime(t), r.Call.ID)
	must(t, err)
	length := time.Duration(len(stereo)/2) * time.Second / 8000
	byPhone := v.Times().Bye.Sub(v.Times().Answered)
	t.Logf("the file has %s; from answer to hang-up were %s by the ledger, %s by the switch, %s by the caller's phone", length, cov.Span, cov.Switch, byPhone)
	t.Logf("this machine was late by %s at worst", late())
	if near := packet + late(); cov.Span+cov.Drift != length || (cov.Switch-byPhone).Abs() > near || (length-cov.Switch).Abs() > near {
		t.Errorf("coverage is %+v", cov)
	}
	gaps, err := d.box.Node.Ledger().Gaps(inTime(t), postgres.GapFilter{Call: r.Call.ID})
	must(t, err)
	if len(gaps) > 0 {
		t.Errorf("gaps of a whole recording: %+v", gaps)
	}
	var m marks
	web(t, "GET", d.box.URL+"/api/v1/calls/"+string(r.Call.ID)+"/recording/marks", supervisor, "", http.StatusOK, &m)
	if m.LengthMS != length.Milliseconds() || len(m.Parts) != 4 || len(m.Private) != 1 {
		t.Errorf("marks of a file of %s: %+v", length, m)
	}
	everyTone(t, stereo, m, late(), map[string][]float64{"talk " + string(a.id): {a.tone}, "talk " + string(b.id): {b.tone}, "talk " + string(c.id): {c.tone},
		"conference " + string(a.id): {a.tone, b.tone}, "hold " + string(a.id): nil})

	var speech struct {
		Speech []struct {
			Agent    string `json:"agent"`
			LengthMS int64  `json:"length_ms"`
		} `json:"speech"`
	}
	web(t, "GET", d.box.URL+"/api/v1/calls/"+string(r.Call.ID)+"/speech", supervisor, "", http.StatusOK, &speech)
	if s := speech.Speech; len(s) != 4 || s[0].Agent != "" || s[1].Agent != string(a.id) || s[2].Agent != string(b.id) || s[3].Agent != string(c.id) ||
		s[1].LengthMS+s[2].LengthMS+s[3].LengthMS != s[0].LengthMS {
		t.Errorf("speech of three agents: %+v", s)
	}
	var peaks struct {
		Rate        int
		Left, Right []int
	}
	web(t, "GET", d.box.URL+"/api/v1/calls/"+string(r.Call.ID)+"/recording/peaks", supervisor, "", http.StatusOK, &peaks)
	if want := int((length + 19*time.Millisecond) / (20 * time.Millisecond)); peaks.Rate != 50 || len(peaks.Left) != want || len(peaks.Right) != want {
		t.Errorf("peaks: %d and %d at %d a second, want %d", len(peaks.Left), len(peaks.Right), peaks.Rate, want)
	}
	v.clean(t)
}

// marks is the answer of /recording/marks.
type marks struct {
	LengthMS  int64     `json:"length_ms"`
	Parts     []stretch `json:"parts"`
	Stretches []stretch `json:"stretches"`
	Private   []stretch `json:"private"`
}

type stretch struct {
	FromMS int64  `json:"from_ms"`
	ToMS   int64  `json:"to_ms"`
	Kind   string `json:"kind"`
	Agent  string `json:"agent"`
}

// everyTone judges a recording in pieces of 20 ms, but for those in which who is
// connected changes: left is the caller and nobody else, right whom the caller is
// connected with, and in card data there is nothing. want is by kind and agent.
//
// Each packet that a machine is late with is a hole of its length, and moves what
// comes after it: on one that was not, a tenth of a second around each change is
// left out, and of a hundred pieces five may be wrong.
func everyTone(t *testing.T, stereo []int16, m marks, late time.Duration, want map[string][]float64) {
	t.Helper()
	change, share := int64(100), 20
	if late > packet {
		change, share = 500, 5
	}
	const piece, margin = 20, 300            // ms
	const hushed = robot.ToneAmplitude / 100 // Opus makes of digital silence a sample of 1 or 2, and more beside a tone
	left, right := robot.Deinterleave(stereo, 2, 0), robot.Deinterleave(stereo, 2, 1)
	edges := []int64{0, m.LengthMS}
	for _, s := range append(slices.Clone(m.Stretches), m.Private...) {
		edges = append(edges, s.FromMS, s.ToMS)
	}
	seen := map[string]int{}
	wrong := map[string]int{}
	for at := int64(0); at+piece <= m.LengthMS; at += piece {
		l, r := left[at*8:(at+piece)*8], right[at*8:(at+piece)*8]
		if slices.ContainsFunc(m.Private, func(s stretch) bool { return at >= s.FromMS-margin+piece && at+piece <= s.ToMS+margin-piece }) {
			seen["card data"]++
			if max(slices.Max(l), -slices.Min(l), slices.Max(r), -slices.Min(r)) > hushed {
				wrong["card data"]++
			}
			continue
		}
		if slices.ContainsFunc(edges, func(e int64) bool { return at > e-change && at < e+change }) {
			continue
		}
		i := slices.IndexFunc(m.Stretches, func(s stretch) bool { return at >= s.FromMS && at < s.ToMS })
		if i < 0 {
			t.Fatalf("nothing is on record of %d ms", at)
		}
		kind := m.Stretches[i].Kind + " " + m.Stretches[i].Agent
		there, known := want[kind]
		if !known {
			t.Fatalf("at %d ms: %s", at, kind)
		}
		seen[kind]++
		good := robot.MeasureTone(l, 8000, callerTone) > robot.ToneAmplitude/2 && robot.MeasureTone(r, 8000, callerTone) < robot.ToneAmplitude/4
		for hz := 700.0; hz <= 900; hz += 100 {
			level := robot.MeasureTone(r, 8000, hz)
			good = good && (level > robot.ToneAmplitude/2) == slices.Contains(there, hz) && robot.MeasureTone(l, 8000, hz) < robot.ToneAmplitude/4
		}
		if !good {
			wrong[kind]++
		}
	}
	for kind := range want {
		if seen[kind] < 20 {
			t.Errorf("%s: only %d pieces of it", kind, seen[kind])
		}
	}
	for kind, n := range seen {
		t.Logf("%s: %d pieces of 20 ms, %d of them otherwise than they should be", kind, n, wrong[kind])
		if kind == "card data" && wrong[kind] > 0 || wrong[kind]*share > n {
			t.Errorf("%s: %d of %d pieces are not as they should be", kind, wrong[kind], n)
		}
	}
}
