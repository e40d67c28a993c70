package prompts

import (
	"math"
	"slices"
	"testing"
)

func TestMusic(t *testing.T) {
	s := music()
	if len(s) != 60*sampleRate {
		t.Fatalf("%.1f s, want 60", seconds(s))
	}
	if l := level(s); math.Abs(l-MusicLevel) > 1 {
		t.Errorf("%.1f dB, want %.0f", l, MusicLevel)
	}
	if p := peak(s); p > 0.5 {
		t.Errorf("peaks at %.2f: not gentle", p)
	}
	// From one sample to the next nothing jumps, and least of all where the loop closes.
	var worst float64
	for i := range s[1:] {
		worst = max(worst, math.Abs(s[i+1]-s[i]))
	}
	if seam := math.Abs(s[0] - s[len(s)-1]); seam > worst || worst > 0.2 {
		t.Errorf("the seam jumps by %.3f, the music by up to %.3f", seam, worst)
	}
	// It never falls silent.
	for at := 0; at+sampleRate <= len(s); at += sampleRate / 2 {
		if l := level(s[at : at+sampleRate]); l < MusicLevel-12 {
			t.Errorf("%.1f dB at %.1f s", l, float64(at)/sampleRate)
		}
	}
	if again := music(); !slices.Equal(again, s) {
		t.Error("made twice it is not the same")
	}
}

// A tone in the telephone's band passes as it is; one above it is gone, and
// not folded back into the band.
func TestResample(t *testing.T) {
	for hz, want := range map[float64]float64{300: 0.5, 1000: 0.5, 3000: 0.5, 3900: 0, 5000: 0, 7500: 0} {
		in := make([]int16, 22050)
		for i := range in {
			in[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(i)/22050))
		}
		out := resample(in, 22050)
		if len(out) != 8000 {
			t.Fatalf("%d samples of one second", len(out))
		}
		var power float64
		for _, x := range out[1000:7000] {
			power += x * x / 6000
		}
		if got := math.Sqrt(2 * power); math.Abs(got-want) > 0.01 {
			t.Errorf("%.0f Hz comes out at %.3f, want %.1f", hz, got, want)
		}
	}
}
