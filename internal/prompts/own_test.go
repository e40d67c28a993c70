package prompts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// wavOf is a WAV file of a second of tone, on both channels if there are two.
func wavOf(rate, channels int, hz, loud float64) []byte {
	var body []byte
	for i := range rate {
		x := int16(loud * 32767 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		for range channels {
			body = binary.LittleEndian.AppendUint16(body, uint16(x))
		}
	}
	return wavWith(plainPCM, channels, rate, 16, body)
}

func wavWith(format, channels, rate, bits int, body []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(append([]byte{}, "RIFF"...), uint32(36+len(body)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, uint16(format)), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*channels*bits/8))
	b = le.AppendUint16(le.AppendUint16(b, uint16(channels*bits/8)), uint16(bits))
	b = le.AppendUint32(append(b, "data"...), uint32(len(body)))
	return append(b, body...)
}

// power of a frequency in a sound, 1 for a full tone of it.
func power(s []float64, hz float64) float64 {
	var re, im float64
	for i, x := range s {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / sampleRate)
		re, im = re+x*cos, im+x*sin
	}
	n := float64(len(s))
	return 4 * (re*re + im*im) / (n * n)
}

func TestImport(t *testing.T) {
	dir := t.TempDir()
	for _, rate := range []int{8000, 11025, 16000, 22050, 32000, 44100, 47999, 48000} {
		for channels := 1; channels <= 2; channels++ {
			if err := Import(t.Context(), dir, "tone", bytes.NewReader(wavOf(rate, channels, 1000, 0.3))); err != nil {
				t.Fatalf("%d Hz, %d channels: %v", rate, channels, err)
			}
			s := heard(t, dir, OwnSound("tone"))
			if len(s) != sampleRate {
				t.Errorf("%d Hz, %d channels: %.3f s, want 1", rate, channels, seconds(s))
			}
			// Two of 10^-20/20 is the power of a tone at the level of speech.
			if at, all := power(s[800:7200], 1000), math.Pow(10, SpeechLevel/10)*2; math.Abs(at/all-1) > 0.1 {
				t.Errorf("%d Hz, %d channels: the tone has %.4f, want %.4f", rate, channels, at, all)
			}
		}
	}
	if !Uploaded(dir, "tone") || Uploaded(dir, "other") || Uploaded(dir, "../own/tone") {
		t.Error("what is there is not what was taken")
	}
	// What a program writes that does not know the length, and a format told by GUID.
	streamed := wavOf(8000, 1, 500, 0.3)
	binary.LittleEndian.PutUint32(streamed[40:], math.MaxUint32)
	guid := wavOf(8000, 1, 500, 0.3)
	long := append([]byte{}, guid[:36]...)
	long = append(append(long, 22, 0, 16, 0, 4, 0, 0, 0, plainPCM, 0), make([]byte, 14)...)
	long = append(long, guid[36:]...)
	binary.LittleEndian.PutUint32(long[16:], 40)
	binary.LittleEndian.PutUint16(long[20:], extensible)
	for name, data := range map[string][]byte{"a-streamed": streamed, "b-guid": long} {
		if err := Import(t.Context(), dir, name, bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if s := heard(t, dir, OwnSound(name)); len(s) != sampleRate {
			t.Errorf("%s lasts %.3f s", name, seconds(s))
		}
	}
	all, err := Recordings(dir)
	if err != nil || len(all) != 3 || all[0] != (Own{"a-streamed", time.Second}) || all[2].Name != "tone" {
		t.Errorf("the list is %v, %v", all, err)
	}
	if n := len(stamps(t, dir)); n != 9 {
		t.Errorf("%d files of three recordings", n)
	}
}

func TestImportRefuses(t *testing.T) {
	dir, good := t.TempDir(), wavOf(8000, 1, 500, 0.3)
	opposite := wavOf(8000, 2, 500, 0.3)
	for i := 46; i < len(opposite); i += 4 { // the right channel takes the left away
		x := int16(binary.LittleEndian.Uint16(opposite[i:]))
		binary.LittleEndian.PutUint16(opposite[i:], uint16(-x))
	}
	body := good[44:]
	for why, c := range map[string]struct {
		name string
		wav  []byte
	}{
		"cannot be named":             {"Greeting.wav", good},
		"1 to 40":                     {strings.Repeat("a", 41), good},
		"a-z":                         {"../x", good},
		"not a WAV file":              {"x", []byte("ID3 something else, such as an MP3")},
		"cut short: 8000":             {"x", good[:44+8000]},
		"without audio":               {"x", good[:36]},
		"comes before its format":     {"x", append(append(append([]byte{}, good[:12]...), good[36:44]...), body...)},
		"format is cut short":         {"x", append(append([]byte{}, good[:16]...), 4, 0, 0, 0, 1, 0, 1, 0)},
		"compressed":                  {"x", wavWith(7, 1, 8000, 16, body)},
		"24 bits":                     {"x", wavWith(plainPCM, 1, 8000, 24, body)},
		"6 channels":                  {"x", wavWith(plainPCM, 6, 8000, 16, body)},
		"96000 samples":               {"x", wavWith(plainPCM, 1, 96000, 16, body)},
		"4000 samples":                {"x", wavWith(plainPCM, 1, 4000, 16, body)},
		"only 50 ms":                  {"x", wavWith(plainPCM, 1, 8000, 16, body[:800])},
		"nothing to hear":             {"x", wavOf(8000, 1, 500, 0)},
		"was the microphone on":       {"x", opposite},
		"larger than 20 MB: shorten ": {"x", make([]byte, largest+1)},
	} {
		err := Import(t.Context(), dir, c.name, bytes.NewReader(c.wav))
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(why)) {
			t.Errorf("%q, want %q", err, why)
		}
	}
	broken := errors.New("gone")
	if err := Import(t.Context(), dir, "x", io.MultiReader(bytes.NewReader(good[:100]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("%v, want what the reader said", err)
	}
	if n := len(stamps(t, dir)); n != 0 {
		t.Errorf("%d files of what was refused", n)
	}
}

func FuzzRecorded(f *testing.F) {
	for _, seed := range [][]byte{wavOf(8000, 1, 500, 0.3)[:2000], wavOf(44100, 2, 500, 0.3)[:9000], []byte("RIFF....WAVEdata"),
		wavWith(plainPCM, 2, 8000, 16, make([]byte, 7)), wavWith(extensible, 1, 48000, 16, nil)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decode(data)
		if err == nil && (a.rate < 8000 || a.rate > 48000 || len(a.samples)%a.channels != 0 || 2*len(a.samples) > len(data)) {
			t.Fatalf("%d samples of %d channels at %d Hz in %d bytes", len(a.samples), a.channels, a.rate, len(data))
		}
		if len(data) > 1<<16 {
			return // as many samples as it takes to be slow
		}
		sound, err := recorded(data)
		for i, x := range sound {
			if err != nil || math.IsNaN(x) || math.Abs(x) > 1 {
				t.Fatalf("sample %d is %f, %v", i, x, err)
			}
		}
	})
}
