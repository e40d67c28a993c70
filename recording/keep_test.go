package recording

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A conversation after three seconds of music: kept where its day is, sides as
// they were, the conversation where the file says it is.
func TestKeep(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1764000000.12", 3*time.Second, 7*time.Second)
	b.write(c.ID, tones(3*time.Second, 0, 1000), tones(7*time.Second, 440, 700))
	r := b.mustKeep(c)
	if r.State != Kept || r.Reason != "" || r.Path != "2026/11/22/a1-1764000000.12.wav.sealed" {
		t.Errorf("kept as %s %q %q", r.State, r.Reason, r.Path)
	}
	if r.Length != 10*time.Second || r.Talk != 7*time.Second || r.TalkOffset != 3*time.Second || !r.StartedAt.Equal(c.LineAnsweredAt) {
		t.Errorf("length %s, talk %s at %s, started %s, want 10 s, 7 s at 3 s, started %s", r.Length, r.Talk, r.TalkOffset, r.StartedAt, c.LineAnsweredAt)
	}
	for name, ch := range map[string]Channel{"caller": r.Coverage.Caller, "agent": r.Coverage.Agent} {
		if ch.RMS < 4900 || ch.RMS > 5000 || ch.Sounding != 7*time.Second || ch.LongestSilence > 2*time.Millisecond {
			t.Errorf("%s measured as %+v, want a tone of 4950 for 7 s", name, ch)
		}
	}
	if b.hasRaw(c.ID) {
		t.Error("the raw file is still there")
	}
	data := b.played(c.ID)
	sum := sha256.Sum256(data)
	if int64(len(data)) != r.Bytes || hex.EncodeToString(sum[:]) != r.SHA256 {
		t.Error("bytes or SHA-256 of the row are not the file's")
	}
	if len(data) != 44+320000 || binary.LittleEndian.Uint32(data[4:]) != 320036 || binary.LittleEndian.Uint32(data[40:]) != 320000 {
		t.Errorf("header of %d bytes is wrong: % x", len(data), data[:44])
	}
	var left, right []int16
	for i := 44 + 5*secondSize; i < len(data); i += 4 {
		left = append(left, int16(binary.LittleEndian.Uint16(data[i:])))
		right = append(right, int16(binary.LittleEndian.Uint16(data[i+2:])))
	}
	if tone(left, 440) < 6900 || tone(right, 700) < 6900 || tone(left, 700) > 50 || tone(right, 440) > 50 {
		t.Error("left is not the caller's 440 Hz alone, or right not the agent's 700 Hz alone")
	}
	if got := b.files(); len(got) != 1 {
		t.Errorf("the store has %q, want the recording only", got)
	}

	again := b.mustKeep(c)
	if noKey(again) != noKey(r) || again.Sealed != r.Sealed || b.index.saves != 1 {
		t.Errorf("kept again: %+v (%d saves), want the same row", again, b.index.saves)
	}
	f, err := b.Open(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Type != TypeWAV || time.Since(f.Changed) > time.Hour {
		t.Errorf("Open gives %s of %s", f.Type, f.Changed)
	}
	if err := os.Remove(filepath.Join(b.Store, r.Path)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), c.ID); !errors.Is(err, ErrNoRecording) {
		t.Errorf("Open of a file that expired: %v, want ErrNoRecording", err)
	}
}

func TestGaps(t *testing.T) {
	const s = time.Second
	both := func(d time.Duration) []byte { return tones(d, 440, 700) }
	for name, c := range map[string]struct {
		raw    [][]byte // nil: no file
		system bool     // the switch ended the call
		state  State
		reason string
		offset time.Duration
	}{
		"whole":                {raw: [][]byte{both(10 * s)}, state: Kept, offset: 2 * s},
		"a packet short":       {raw: [][]byte{both(10*s - 20*time.Millisecond)}, state: Kept, offset: 1980 * time.Millisecond},
		"half a frame at end":  {raw: [][]byte{both(10 * s), {1, 2, 3}}, state: Kept, offset: 2 * s},
		"longer":               {raw: [][]byte{both(12 * s)}, state: Kept, offset: 2 * s},
		"no file":              {state: Missing, reason: "wrote no file"},
		"empty":                {raw: [][]byte{{}}, state: Missing, reason: "is empty"},
		"three bytes":          {raw: [][]byte{{1, 2, 3}}, state: Missing, reason: "is empty"},
		"cut":                  {raw: [][]byte{both(5 * s)}, state: Incomplete, reason: "the file has 5.0 s of 8.0 s of conversation", offset: 2 * s},
		"gap":                  {raw: [][]byte{both(9 * s)}, state: Incomplete, reason: "1.0 s of the 10.0 s between answer", offset: 1 * s},
		"switch died":          {raw: [][]byte{both(9 * s)}, system: true, state: Incomplete, reason: "1.0 s of the 10.0 s", offset: 2 * s},
		"caller silent":        {raw: [][]byte{tones(10*s, 0, 700)}, state: Incomplete, reason: "the caller is not heard", offset: 2 * s},
		"agent silent":         {raw: [][]byte{tones(2*s, 440, 700), tones(8*s, 440, 0)}, state: Incomplete, reason: "the agent is not heard", offset: 2 * s},
		"nobody":               {raw: [][]byte{tones(10*s, 0, 0)}, state: Incomplete, reason: "nobody is heard", offset: 2 * s},
		"caller heard shortly": {raw: [][]byte{tones(9*s, 0, 700), both(s)}, state: Kept, offset: 2 * s},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			call := answered("a1-1.1", 2*s, 8*s)
			if c.system {
				call.Release = "system"
			}
			if c.raw != nil {
				b.write(call.ID, c.raw...)
			}
			r := b.mustKeep(call)
			if r.State != c.state || !strings.Contains(r.Reason, c.reason) || (c.reason == "") != (r.Reason == "") {
				t.Errorf("%s, %q, want %s, %q", r.State, r.Reason, c.state, c.reason)
			}
			if !near(r.TalkOffset, c.offset, time.Millisecond) {
				t.Errorf("talk at %s of %s, want %s", r.TalkOffset, r.Length, c.offset)
			}
			if row, ok := b.index.row(call.ID); !ok || row != r {
				t.Errorf("row %+v, want %+v", row, r)
			}
			if b.hasRaw(call.ID) {
				t.Error("the raw file is still there")
			}
			if r.State == Missing {
				if _, err := b.Open(t.Context(), call.ID); !errors.Is(err, ErrNoRecording) {
					t.Errorf("Open: %v, want ErrNoRecording", err)
				}
			}
			if again := b.mustKeep(call); again != r {
				t.Errorf("kept again as %+v, want %+v", again, r)
			}
		})
	}
}

// A digital silence of A-law is ±8, never 0.
func TestSilenceOfALaw(t *testing.T) {
	a := &analysis{}
	for i := range rate {
		v := int16(8 - 16*(i%2))
		a.Write([]byte{byte(v), byte(v >> 8), 0, 1})
	}
	if l, r := measured(a.sides[0]), measured(a.sides[1]); l.Sounding != 0 || l.LongestSilence != time.Second || r.Sounding != time.Second {
		t.Errorf("left %+v, right %+v; want a second of silence, a second of sound", l, r)
	}
}

func TestNothingToKeep(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.2", time.Second, time.Second)
	c.SpokeAt = time.Time{}
	if _, err := b.Keep(t.Context(), c); !errors.Is(err, ErrNoConversation) {
		t.Errorf("abandoned: %v, want ErrNoConversation", err)
	}
	live := answered("a1-1.3", time.Second, time.Second)
	live.EndedAt = time.Time{}
	if _, err := b.Keep(t.Context(), live); err == nil {
		t.Error("a call that lasts was kept")
	}
	if b.index.saves != 0 || b.Trouble() != nil {
		t.Errorf("%d rows, trouble %v; want none", b.index.saves, b.Trouble())
	}
	// Nothing is opened that has no row.
	if _, err := b.Open(t.Context(), "a1-1.2"); !errors.Is(err, ErrNoRecording) {
		t.Errorf("Open: %v, want ErrNoRecording", err)
	}
}
