package prompts

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Decoding as ITU-T G.711 has it, written apart from the encoder.
func fromULaw(code byte) float64 {
	code = ^code
	value := math.Ldexp(float64(code&15)*2+33, int(code>>4&7)) - 33
	if code > 127 {
		value = -value
	}
	return value * 4 / 32768
}

func fromALaw(code byte) float64 {
	code ^= 0x55
	value := float64(code&15)*2 + 1
	if segment := int(code >> 4 & 7); segment > 0 {
		value = math.Ldexp(value+32, segment-1)
	}
	if code < 128 {
		value = -value
	}
	return value * 8 / 32768
}

// heard reads a sound as the switch would, checks that its three forms are one
// sound, and returns it on the scale of one.
func heard(t *testing.T, dir, name string) []float64 {
	t.Helper()
	var data [3][]byte
	for i, form := range forms {
		path := filepath.Join(dir, name+form)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o644 {
			t.Errorf("%s: mode %v; the switch must be able to read it", path, info.Mode())
		}
		if data[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	ulaw, alaw, sln := data[0], data[1], data[2]
	if len(ulaw) != len(alaw) || len(sln) != 2*len(ulaw) {
		t.Fatalf("%s: %d, %d and %d bytes", name, len(ulaw), len(alaw), len(sln))
	}
	out := make([]float64, len(ulaw))
	for i := range out {
		out[i] = float64(int16(binary.LittleEndian.Uint16(sln[2*i:]))) / 32768
		// Half a step of either law: 1/32 of the value, and half the smallest step.
		if limit := math.Abs(out[i])/31 + 9.0/32768; math.Abs(fromULaw(ulaw[i])-out[i]) > limit || math.Abs(fromALaw(alaw[i])-out[i]) > limit {
			t.Fatalf("%s at %d: %.5f, mu-law %.5f, A-law %.5f", name, i, out[i], fromULaw(ulaw[i]), fromALaw(alaw[i]))
		}
	}
	return out
}

func say(t *testing.T, m Maker, dir string, lines ...Line) {
	t.Helper()
	if err := m.Say(t.Context(), dir, lines); err != nil {
		t.Fatal(err)
	}
}

func standards() (lines []Line) {
	for _, s := range Standards() {
		lines = append(lines, s.In(Chinese), s.In(English))
	}
	return lines
}

func TestSay(t *testing.T) {
	dir := t.TempDir()
	lines := append(standards(), Position(Chinese, 4), Position(English, 4), Wait(Chinese, 3), Wait(English, 31))
	say(t, Maker{}, dir, append(lines, lines[0])...)
	for _, l := range lines {
		s := heard(t, dir, l.Sound())
		// Speech takes 0.1 to 0.5 s for a syllable, which is about one sign or four letters.
		syllables := float64(len([]rune(l.Text)))
		if l.Lang == English {
			syllables /= 4
		}
		if sec := seconds(s); sec < 0.1*syllables || sec > 0.5*syllables+0.5 {
			t.Errorf("%q lasts %.1f s", l.Text, sec)
		}
		if lev := level(s); math.Abs(lev-SpeechLevel) > 1 {
			t.Errorf("%q is at %.1f dB, want %.0f", l.Text, lev, SpeechLevel)
		}
		if p := peak(s); p > 0.95 || p < 0.2 || silence(s) > 200*time.Millisecond { // a soft "th" comes first
			t.Errorf("%q peaks at %.2f after %s of silence", l.Text, p, silence(s))
		}
	}
	before := stamps(t, dir)
	if len(before) != 3*len(lines) {
		t.Errorf("%d files for %d lines", len(before), len(lines))
	}
	// All is there: nothing is written, and no voice is needed.
	say(t, Maker{Espeak: missing}, dir, lines...)
	if after := stamps(t, dir); !maps.Equal(before, after) {
		t.Error("the second run wrote files")
	}
	// A form that is gone, or not whole, is made again.
	gone := filepath.Join(dir, lines[0].Sound()+".alaw")
	if err := os.Truncate(gone, 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, lines[1].Sound()+".sln")); err != nil {
		t.Fatal(err)
	}
	say(t, Maker{}, dir, lines...)
	heard(t, dir, lines[0].Sound())
	heard(t, dir, lines[1].Sound())
}

func TestLineTonesUntilThereIsAVoice(t *testing.T) {
	dir := t.TempDir()
	lines := []Line{Closed.In(Chinese), Closed.In(English)}
	for range 2 {
		if err := (Maker{Espeak: missing}).Say(t.Context(), dir, lines); !errors.Is(err, ErrNoVoice) {
			t.Fatalf("%v, want ErrNoVoice each time", err)
		}
	}
	before := stamps(t, dir)
	for _, l := range lines {
		if s := heard(t, dir, l.Sound()); seconds(s) > 3 || math.Abs(level(s)-SpeechLevel) > 1 {
			t.Errorf("tones of %.1f s at %.1f dB", seconds(s), level(s))
		}
	}
	say(t, Maker{}, dir, lines...)
	for name, at := range stamps(t, dir) {
		if at.Equal(before[name]) {
			t.Errorf("%s still holds tones", name)
		}
	}
}

// What cannot be said does not keep the other lines from being made.
func TestUnspeakable(t *testing.T) {
	dir := t.TempDir()
	good, dots := AllBusy.In(English), Line{Chinese, "……"}
	bad := []Line{{"../../etc", "x"}, {English, " "}, {"fr", "Bonjour"}, dots, {"", "x"}}
	err := Maker{}.Say(t.Context(), dir, append(bad, good))
	if err == nil || !strings.Contains(err.Error(), "and 2 more lines") || !strings.Contains(err.Error(), "no voice for the language") {
		t.Errorf("%v, want to be told of what cannot be said", err)
	}
	heard(t, dir, good.Sound())
	heard(t, dir, dots.Sound()) // tones
	if n := len(stamps(t, dir)); n != 6 {
		t.Errorf("%d files, want those of two lines", n)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Maker{}).Say(stopped, dir, standards()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want it to stop", err)
	}
	if err := (Maker{}).Say(t.Context(), filepath.Join(dir, good.Sound()+".sln"), standards()); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a file for a folder: %v", err)
	}
}

// Several nodes make lines in one folder; each has at most two voices.
func TestSayTogether(t *testing.T) {
	real, err := exec.LookPath("espeak-ng")
	if err != nil {
		t.Fatal(err)
	}
	dir, tally := t.TempDir(), t.TempDir()
	lines := append(Positions(Chinese)[:4], Waits(English)[:4]...)
	var voices []string
	for i := range 3 { // all before the first is run: a file that a fork has open for writing cannot be run
		// A voice that leaves a mark when it begins and when it ends.
		voice := filepath.Join(tally, fmt.Sprintf("voice%d", i))
		script := fmt.Sprintf("#!/bin/sh\nprintf + >>%[1]s.log\n%[2]s \"$@\"\nsleep 0.05\nprintf - >>%[1]s.log\n", voice, real)
		if err := os.WriteFile(voice, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		voices = append(voices, voice)
	}
	var group sync.WaitGroup
	for _, voice := range voices {
		group.Go(func() {
			if err := (Maker{Espeak: voice}).Say(t.Context(), dir, lines); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, l := range lines {
		heard(t, dir, l.Sound())
	}
	if n := len(stamps(t, dir)); n != 3*len(lines) {
		t.Errorf("%d files of %d lines: something was left behind", n, len(lines))
	}
	logs, _ := filepath.Glob(filepath.Join(tally, "*.log"))
	most := 0
	for _, log := range logs {
		marks, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		now := 0
		for _, mark := range marks {
			now += map[byte]int{'+': 1, '-': -1}[mark]
			most = max(most, now)
		}
	}
	if most != voicesAtOnce {
		t.Errorf("up to %d voices at once, want %d", most, voicesAtOnce)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	if err := Prune(dir, nil, 0); err != nil {
		t.Errorf("nothing made yet: %v", err)
	}
	kept, old, young := AllBusy.In(Chinese), Closed.In(Chinese), MenuInvalid.In(Chinese)
	_ = Maker{Espeak: missing}.Say(t.Context(), dir, []Line{kept, old, young})
	foreign := filepath.Join(dir, sayDir, "notes.txt")
	if err := os.WriteFile(foreign, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour)
	for name := range stamps(t, dir) {
		if !strings.HasPrefix(name, young.Sound()) {
			if err := os.Chtimes(filepath.Join(dir, name), past, past); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := Prune(dir, []Line{kept}, time.Minute); err != nil {
		t.Fatal(err)
	}
	heard(t, dir, kept.Sound())
	heard(t, dir, young.Sound())
	if n := len(stamps(t, dir)); n != 7 {
		t.Errorf("%d files are left, want two lines and what is not ours", n)
	}
}
