package prompts

import (
	"math"
	"time"
)

// sampleRate is the telephone's.
const sampleRate = 8000

// Loudness, in dB of full scale, root mean square.
const (
	SpeechLevel = -20.0 // where there is speech, pauses not counted
	MusicLevel  = -26.0
)

const (
	leading  = 40 * time.Millisecond // of silence before the first sound
	trailing = 120 * time.Millisecond
	between  = 350 * time.Millisecond // between the two languages
	window   = sampleRate / 50        // samples in 20 ms
	audible  = 0.01                   // -40 dB: below it speech has not begun
)

func count(d time.Duration) int { return int(d * sampleRate / time.Second) }

// resample brings samples to the telephone's rate: a windowed sinc that lets
// pass what a telephone does, 3.4 kHz.
func resample(in []int16, rate int) []float64 {
	const cutoff, lobes = 3400.0, 24
	step := float64(rate) / sampleRate
	scale := 2 * cutoff / float64(rate) // of the sinc's argument
	half := int(math.Ceil(lobes / scale))
	// The kernel is the same each time the fraction of the position is.
	kernels := map[int][]float64{}
	out := make([]float64, int(float64(len(in))/step))
	for n := range out {
		at := n * rate / sampleRate
		phase := n * rate % sampleRate
		kernel, ok := kernels[phase]
		if !ok {
			kernel = make([]float64, 2*half+1)
			var sum float64
			for i := range kernel {
				x := float64(i-half) - float64(phase)/sampleRate
				kernel[i] = sinc(scale*x) * hann(x/float64(half+1))
				sum += kernel[i]
			}
			for i := range kernel {
				kernel[i] /= sum
			}
			kernels[phase] = kernel
		}
		for i := max(0, half-at); i < len(kernel) && at-half+i < len(in); i++ {
			out[n] += kernel[i] * float64(in[at-half+i]) / 32768
		}
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func hann(x float64) float64 {
	if math.Abs(x) >= 1 {
		return 0
	}
	return 0.5 + 0.5*math.Cos(math.Pi*x)
}

// trimmed leaves the agreed silence before and after the sound, and fades
// into it.
func trimmed(s []float64) []float64 {
	limit := audible * peak(s)
	first, last := -1, -1
	for i, x := range s {
		if math.Abs(x) > limit {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return nil
	}
	out := make([]float64, 0, last-first+count(leading+trailing)+1)
	for i := first - count(leading); i <= last+count(trailing); i++ {
		if i < 0 || i >= len(s) {
			out = append(out, 0)
		} else {
			out = append(out, s[i])
		}
	}
	fade := count(5 * time.Millisecond)
	for i := range min(fade, len(out)) {
		out[i] *= float64(i) / float64(fade)
		out[len(out)-1-i] *= float64(i) / float64(fade)
	}
	return out
}

func peak(s []float64) (p float64) {
	for _, x := range s {
		p = max(p, math.Abs(x))
	}
	return p
}

// level is the root mean square, in dB of full scale, of the windows that are
// not pauses: within 30 dB of the loudest.
func level(s []float64) float64 {
	var powers []float64
	var loudest float64
	for i := 0; i+window <= len(s); i += window {
		var p float64
		for _, x := range s[i : i+window] {
			p += x * x / window
		}
		powers = append(powers, p)
		loudest = max(loudest, p)
	}
	var sum, n float64
	for _, p := range powers {
		if p > loudest/1000 {
			sum, n = sum+p, n+1
		}
	}
	if n == 0 {
		return math.Inf(-1)
	}
	return 10 * math.Log10(sum/n)
}

// leveled brings sound to a level. Peaks that would not fit are bent, not cut;
// what that takes away is given back.
func leveled(s []float64, target float64) []float64 {
	out := make([]float64, len(s))
	copy(out, s)
	for range 4 {
		gain := math.Pow(10, (target-level(out))/20)
		for i, x := range out {
			out[i] = bend(gain * x)
		}
	}
	return out
}

// bend lets pass what is below 0.7 and brings the rest below 0.9.
func bend(x float64) float64 {
	const knee, room = 0.7, 0.2
	if math.Abs(x) <= knee {
		return x
	}
	return math.Copysign(knee+room*math.Tanh((math.Abs(x)-knee)/room), x)
}
