package prompts

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const missing = "/nonexistent/espeak-ng"

func generate(t *testing.T, m Maker, dir string) {
	t.Helper()
	if err := m.Generate(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
}

// room is a folder with sounds of the house's own, which saves making them.
func room(t *testing.T, own ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range own {
		path := filepath.Join(dir, name+".wav")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file(make([]float64, 80)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const calm = musicDir + "/calm"

// allBut are the sounds beside one.
func allBut(name string) []string {
	return slices.DeleteFunc(append(Names(), calm), func(other string) bool { return other == name })
}

// read returns a file's samples on the scale of one.
func read(t *testing.T, dir, name string) []float64 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name+".wav"))
	if err != nil {
		t.Fatal(err)
	}
	samples, rate, err := parse(data)
	if err != nil || rate != sampleRate || len(data) != 44+2*len(samples) {
		t.Fatalf("%s: %d samples at %d Hz in %d bytes, %v", name, len(samples), rate, len(data), err)
	}
	out := make([]float64, len(samples))
	for i, x := range samples {
		out[i] = float64(x) / 32768
	}
	return out
}

func seconds(s []float64) float64 { return float64(len(s)) / sampleRate }

// silence is how long it is until anything is heard.
func silence(s []float64) time.Duration {
	for i, x := range s {
		if math.Abs(x) > 0.02*peak(s) {
			return time.Duration(i) * time.Second / sampleRate
		}
	}
	return time.Hour
}

// stamps tells which files were written.
func stamps(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			name, _ := filepath.Rel(dir, path)
			found[name] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func changed(before, after map[string]time.Time) (names []string) {
	for name, at := range after {
		if !at.Equal(before[name]) && filepath.Ext(name) == ".wav" {
			names = append(names, filepath.ToSlash(name))
		}
	}
	return names
}

func TestSpoken(t *testing.T) {
	dir := t.TempDir()
	m := Maker{Company: "东方", CompanyEnglish: "Orient"}
	generate(t, m, dir)
	for _, name := range Names() {
		s := read(t, dir, name)
		// Both languages take their time, and neither goes on and on.
		if sec := seconds(s); sec < 1.5 || sec > 15 {
			t.Errorf("%s lasts %.1f s", name, sec)
		}
		if l := level(s); math.Abs(l-SpeechLevel) > 1 {
			t.Errorf("%s is at %.1f dB, want %.0f", name, l, SpeechLevel)
		}
		if p := peak(s); p > 0.95 || p < 0.2 {
			t.Errorf("%s peaks at %.2f", name, p)
		}
		if d := silence(s); d > 60*time.Millisecond {
			t.Errorf("%s begins with %s of silence", name, d)
		}
	}
	if s := read(t, dir, "moh/default/calm"); seconds(s) != musicSeconds {
		t.Errorf("the music lasts %.1f s", seconds(s))
	}
	before := stamps(t, dir)
	if len(before) != len(table)+3 {
		t.Errorf("%d files, want the prompts, the tone, the list and the music: %v", len(before), before)
	}
	for name := range before {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: mode %v, %v; the switch must be able to read it", name, info.Mode(), err)
		}
	}

	generate(t, m, dir)
	if names := changed(before, stamps(t, dir)); len(names) != 0 {
		t.Errorf("the second run wrote %q", names)
	}
	generate(t, Maker{Company: "南方", CompanyEnglish: "Orient"}, dir)
	if names := changed(before, stamps(t, dir)); len(names) != 1 || names[0] != "threerings/greeting.wav" {
		t.Errorf("another company changed %q, want the greeting alone", names)
	}
	// All is up to date: the voice is not needed.
	generate(t, Maker{Company: "南方", CompanyEnglish: "Orient", Espeak: missing}, dir)
}

// Mandarin is spoken as Mandarin: some voices spell each syllable out in
// English, tone number and all, which the phonemes show.
func TestMandarinIsNotSpelledOut(t *testing.T) {
	for _, p := range table {
		p = p.with(Maker{Company: "东方"})
		for _, voice := range mandarin {
			phonemes, err := exec.CommandContext(t.Context(), "espeak-ng", "-v", voice, "-q", "-x", p.Chinese).Output()
			if err != nil {
				continue // as speak does
			}
			if strings.Contains(string(phonemes), "(en)") || strings.TrimSpace(string(phonemes)) == "" {
				t.Errorf("the voice %s says %q for %s", voice, phonemes, p.Chinese)
			}
			break
		}
	}
}

func TestTonesWithoutVoice(t *testing.T) {
	dir := room(t, calm)
	err := Maker{Espeak: missing}.Generate(t.Context(), dir)
	if !errors.Is(err, ErrNoVoice) || !strings.Contains(err.Error(), "apt-get install espeak-ng") {
		t.Fatalf("%v, want ErrNoVoice with what to install", err)
	}
	lengths := map[int]string{}
	for _, name := range Names() {
		s := read(t, dir, name)
		if other, ok := lengths[len(s)]; ok {
			t.Errorf("%s sounds like %s", name, other)
		}
		lengths[len(s)] = name
		if l := level(s); math.Abs(l-SpeechLevel) > 1 || silence(s) > 60*time.Millisecond || seconds(s) > 5 {
			t.Errorf("%s: %.1f dB, %s of silence first, %.1f s", name, l, silence(s), seconds(s))
		}
	}
	before := stamps(t, dir)
	if err := (Maker{Espeak: missing}).Generate(t.Context(), dir); !errors.Is(err, ErrNoVoice) {
		t.Errorf("second run: %v, want it to say so again", err)
	}
	if names := changed(before, stamps(t, dir)); len(names) != 0 {
		t.Errorf("the second run wrote %q", names)
	}
	// The voice is there now.
	generate(t, Maker{}, dir)
	if names := changed(before, stamps(t, dir)); len(names) != len(table) {
		t.Errorf("with a voice %q were made, want all prompts", names)
	}
}

func TestHousesOwnFilesStay(t *testing.T) {
	dir := room(t, allBut("threerings/greeting")...)
	_ = Maker{Espeak: missing}.Generate(t.Context(), dir)
	own := file(make([]float64, 800))
	path := filepath.Join(dir, "threerings/greeting.wav")
	if err := os.WriteFile(path, own, 0o644); err != nil {
		t.Fatal(err)
	}
	generate(t, Maker{}, dir)
	if data, err := os.ReadFile(path); err != nil || string(data) != string(own) {
		t.Error("a greeting of the house's own was overwritten")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	generate(t, Maker{}, dir)
	if sec := seconds(read(t, dir, "threerings/greeting")); sec < 2.5 {
		t.Errorf("removed and made again it lasts %.1f s", sec)
	}
}

// Ended between the list and the file, the next run makes the file.
func TestCutShort(t *testing.T) {
	dir := room(t, allBut("threerings/greeting")...)
	_ = Maker{Espeak: missing}.Generate(t.Context(), dir)
	path := filepath.Join(dir, "threerings/greeting.wav")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	generate(t, Maker{}, dir)
	if err := os.WriteFile(path, old, 0o644); err != nil {
		t.Fatal(err)
	}
	generate(t, Maker{}, dir)
	if sec := seconds(read(t, dir, "threerings/greeting")); sec < 2.5 {
		t.Errorf("still the tones of before: %.1f s", sec)
	}

	list := filepath.Join(dir, "threerings/manifest.json")
	data, err := os.ReadFile(list)
	if err != nil || !json.Valid(data) {
		t.Fatalf("the list: %v", err)
	}
	if err := os.WriteFile(list, data[:len(data)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (Maker{}).Generate(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("with half a list: %v, want it to say so", err)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Maker{}).Generate(ctx, room(t, allBut("threerings/greeting")...)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want it to stop", err)
	}
}
