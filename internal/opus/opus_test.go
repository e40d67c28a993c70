package opus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// voice is something like speech on one side at a time: syllables of noise
// and tone. who says which side talks in a second: 0, 1, 2 both, 3 nobody.
func voice(seconds int, who func(second int) int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	p := make([]byte, 0, seconds*rate*frameBytes)
	for i := range seconds * rate {
		at, w := float64(i)/rate, who(i/rate)
		envelope := math.Max(0, math.Sin(2*math.Pi*3*at))
		for side, hz := range []float64{180, 230} {
			v := 0.0
			if w == side || w == 2 {
				v = envelope * (3000*math.Sin(2*math.Pi*hz*at) + 2000*math.Sin(2*math.Pi*hz*5*at) + 700*random.NormFloat64())
			}
			p = binary.LittleEndian.AppendUint16(p, uint16(int16(max(-32000, min(32000, v)))))
		}
	}
	return p
}

func sines(seconds int, left, right float64) []byte {
	p := make([]byte, 0, seconds*rate*frameBytes)
	for i := range seconds * rate {
		for _, hz := range []float64{left, right} {
			p = binary.LittleEndian.AppendUint16(p, uint16(int16(7000*math.Sin(2*math.Pi*hz*float64(i)/rate))))
		}
	}
	return p
}

func from(p []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p)), nil }
}

func codec(t testing.TB) *Codec {
	c, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// amplitude of a tone on one side, by correlation.
func amplitude(p []byte, side int, hz float64) float64 {
	var re, im float64
	n := 0
	for i := 2 * side; i+1 < len(p); i += frameBytes {
		v := float64(int16(binary.LittleEndian.Uint16(p[i:])))
		re += v * math.Cos(2*math.Pi*hz*float64(n)/rate)
		im += v * math.Sin(2*math.Pi*hz*float64(n)/rate)
		n++
	}
	return 2 * math.Hypot(re, im) / float64(n)
}

// TestSidesStayApart: a tone on the left and another on the right, and people
// who take turns: neither is heard on the other side above -40 dB, and the
// length is the original's to 20 ms.
func TestSidesStayApart(t *testing.T) {
	c := codec(t)
	for name, pcm := range map[string][]byte{
		"tones":                 sines(10, 440, 1000),
		"tones an octave apart": sines(10, 440, 880),
		"left alone":            sines(10, 440, 0),
		"turns":                 voice(20, func(s int) int { return s / 2 % 2 }),
		"both at once":          voice(10, func(int) int { return 2 }),
		"an odd length":         voice(3, func(s int) int { return s % 2 })[:9999*frameBytes],
		"a packet":              sines(1, 440, 1000)[:160*frameBytes],
		"nothing":               {},
		"silence":               make([]byte, 5*rate*frameBytes),
	} {
		encoded, err := c.Encode(t.Context(), int64(len(pcm)), from(pcm))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var decoded bytes.Buffer
		cmp := NewComparison(bytes.NewReader(pcm))
		if err := c.Decode(t.Context(), bytes.NewReader(encoded), io.MultiWriter(&decoded, cmp)); err != nil {
			t.Fatal(err)
		}
		err = cmp.Result()
		db, measured := cmp.Leak()
		differ := (decoded.Len() - len(pcm)) / frameBytes
		t.Logf("%s: %d bytes of %d (1 in %.1f), %d samples longer, leak %.0f dB (%t)", name, len(encoded), len(pcm), float64(len(pcm))/float64(len(encoded)), differ, db, measured)
		if err != nil || max(differ, -differ) > length || measured && db > -40 {
			t.Errorf("%s: %v, %d samples longer, %.0f dB", name, err, differ, db)
		}
		if strings.HasPrefix(name, "tones") {
			p, other := decoded.Bytes(), 1000.0
			if name != "tones" {
				other = 880
			}
			for side, hz := range []float64{440, other} {
				wrong := 440 + other - hz
				if db := 20 * math.Log10(amplitude(p, side, wrong)/amplitude(p, 1-side, wrong)); db > -40 {
					t.Errorf("%s: %.0f Hz is on the wrong side at %.1f dB", name, wrong, db)
				} else {
					t.Logf("%s: %.0f Hz is on the wrong side at %.1f dB", name, wrong, db)
				}
			}
		}
	}
}

// TestDifferencesAreFound: what is not the original is found, whatever it is.
func TestDifferencesAreFound(t *testing.T) {
	pcm := voice(20, func(s int) int { return s % 2 })
	swapped := bytes.Clone(pcm)
	for i := 0; i < len(swapped); i += 4 {
		copy(swapped[i:], []byte{pcm[i+2], pcm[i+3], pcm[i], pcm[i+1]})
	}
	mixed := bytes.Clone(pcm)
	for i := 0; i < len(mixed); i += 4 {
		l, r := int16(binary.LittleEndian.Uint16(pcm[i:])), int16(binary.LittleEndian.Uint16(pcm[i+2:]))
		binary.LittleEndian.PutUint16(mixed[i+2:], uint16(r+l/50))
	}
	muted := bytes.Clone(pcm)
	clear(muted[5*rate*frameBytes : 7*rate*frameBytes])
	for name, c := range map[string]struct {
		decoded []byte
		want    string
	}{
		"the same":                 {pcm, ""},
		"sides swapped":            {swapped, "louder or softer"},
		"one leaks":                {mixed, "one side is heard on the other, at -3"},
		"two seconds muted":        {muted, "louder or softer"},
		"21 ms short":              {pcm[:len(pcm)-168*frameBytes], "too short"},
		"20 ms short":              {pcm[:len(pcm)-160*frameBytes], ""},
		"25 ms long":               {append(bytes.Clone(pcm), make([]byte, 200*frameBytes)...), "too long"},
		"none":                     {nil, "too short"},
		"shifted by half a second": {append(make([]byte, window*frameBytes), pcm[:len(pcm)-window*frameBytes]...), "louder or softer"},
	} {
		cmp := NewComparison(bytes.NewReader(pcm))
		if _, err := io.CopyBuffer(struct{ io.Writer }{cmp}, struct{ io.Reader }{bytes.NewReader(c.decoded)}, make([]byte, 777)); err != nil {
			t.Fatal(err)
		}
		err := cmp.Result()
		if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestEncoderFails: a program that fails, or is not there, is an error of its
// own and no audio.
func TestEncoderFails(t *testing.T) {
	pcm := sines(1, 440, 1000)
	for name, c := range map[string]*Codec{"fails": {"false", "false"}, "is gone": {"/nonexistent/opusenc", "/nonexistent/opusdec"}, "says nothing": {"true", "true"}} {
		if got, err := c.Encode(t.Context(), int64(len(pcm)), from(pcm)); err == nil || got != nil {
			t.Errorf("an encoder that %s: %d bytes, %v", name, len(got), err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), "apt install opus-tools") {
		t.Errorf("without the programs: %v", err)
	}
}

// BenchmarkEncode encodes and proves a minute.
func BenchmarkEncode(b *testing.B) {
	c := codec(b)
	pcm := voice(60, func(s int) int { return s / 3 % 2 })
	b.SetBytes(int64(len(pcm)))
	for b.Loop() {
		if _, err := c.Encode(b.Context(), int64(len(pcm)), from(pcm)); err != nil {
			b.Fatal(err)
		}
	}
}
