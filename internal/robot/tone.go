package robot

import (
	"math"
	"time"
)

const (
	sampleRate    = 8000                  // Hz, G.711
	packetSamples = 160                   // 20 ms, the ptime we offer
	packetTime    = 20 * time.Millisecond // of one packet
)

// ToneAmplitude is the peak of a Tone on the 16-bit scale, as in the measured facts (part 4).
const ToneAmplitude = 7000

// heardAmplitude is the least amplitude that counts as hearing a tone, and heardShare the least share of
// the packet's energy that must be in it, so that speech, music or another tone cannot pass for it.
const (
	heardAmplitude = 2000
	heardShare     = 0.5
)

// MeasureTone returns the amplitude (peak, in the samples' own scale; 0 = not there) of one frequency in
// samples taken at rate per second. It is a single-bin Fourier transform by Goertzel's recurrence, exact
// at any frequency; over n samples it tells apart tones more than rate/n Hz from each other.
func MeasureTone(samples []int16, rate int, freq float64) float64 {
	if len(samples) == 0 || rate <= 0 {
		return 0
	}
	omega := 2 * math.Pi * freq / float64(rate)
	coefficient := 2 * math.Cos(omega)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = float64(x)+coefficient*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	return 2 * math.Sqrt(max(power, 0)) / float64(len(samples))
}

// Deinterleave returns one channel (0 = left) of interleaved samples, as in a stereo recording.
func Deinterleave(samples []int16, channels, channel int) []int16 {
	if channels < 1 || channel < 0 || channel >= channels {
		return nil
	}
	out := make([]int16, 0, len(samples)/channels)
	for i := channel; i < len(samples); i += channels {
		out = append(out, samples[i])
	}
	return out
}

// hears tells whether one packet's samples are mostly the tone.
func hears(samples []int16, freq float64) bool {
	amplitude := MeasureTone(samples, sampleRate, freq)
	return amplitude >= heardAmplitude && amplitude*amplitude/2 >= heardShare*meanSquare(samples)
}

func meanSquare(samples []int16) float64 {
	if len(samples) == 0 {
		return 0
	}
	var sum float64
	for _, x := range samples {
		sum += float64(x) * float64(x)
	}
	return sum / float64(len(samples))
}
