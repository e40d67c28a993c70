package prompts

import "math"

// musicSeconds is how long the loop is.
const musicSeconds = 60

// Eight chords of 7.5 s, as semitones from middle C: C maj9, A min7, F maj7,
// G sus, E min7, A min7, D min9, G sus. Two notes of the next are in each.
var chords = [][]int{
	{-12, 0, 4, 7, 11}, {-15, -3, 0, 4, 7}, {-19, -7, -3, 0, 4}, {-17, -5, 0, 2, 7},
	{-20, -8, -1, 4, 7}, {-15, -3, 0, 4, 7}, {-22, -10, -3, 0, 5}, {-17, -5, 0, 2, 7},
}

// music is made, not taken from anybody: soft chords that swell into each
// other and a slow bell above them. All notes are laid on a ring of sixty
// seconds and begin and end in silence, so that the loop has no seam.
func music() []float64 {
	ring := make([]float64, musicSeconds*sampleRate)
	each := musicSeconds / float64(len(chords))
	for i, chord := range chords {
		start := float64(i) * each
		for j, semitone := range chord {
			pad(ring, start-1, each+2, pitch(semitone), 0.5/float64(j+2))
		}
		for j := range 5 {
			semitone := chord[1+(2*j+i)%4] + 12
			bell(ring, start+float64(j)*each/5, pitch(semitone), 0.09)
		}
	}
	return leveled(ring, MusicLevel)
}

func pitch(semitone int) float64 { return 261.63 * math.Pow(2, float64(semitone)/12) }

// pad adds a note that swells and fades, slightly out of tune with itself.
func pad(ring []float64, start, length, hz, loud float64) {
	add(ring, start, length, func(t float64) float64 {
		swell := math.Sin(math.Pi * t / length)
		tone := math.Sin(2*math.Pi*hz*t) + 0.6*math.Sin(2*math.Pi*hz*1.003*t) + 0.15*math.Sin(4*math.Pi*hz*t)
		return loud * swell * swell * tone
	})
}

// bell adds a struck note.
func bell(ring []float64, start, hz, loud float64) {
	const length = 3.0
	add(ring, start, length, func(t float64) float64 {
		body := math.Min(t/0.02, 1) * math.Exp(-1.6*t) * math.Min((length-t)/0.2, 1)
		return loud * body * (math.Sin(2*math.Pi*hz*t) + 0.2*math.Exp(-4*t)*math.Sin(2*math.Pi*3*hz*t))
	})
}

func add(ring []float64, start, length float64, f func(t float64) float64) {
	from := int(start * sampleRate)
	for i := range int(length * sampleRate) {
		at := (from + i + len(ring)) % len(ring)
		ring[at] += f(float64(i) / sampleRate)
	}
}

// beep is the tone after which a message is spoken: half a second, with a pause
// before it.
func beep() []float64 {
	out := make([]float64, sampleRate/5)
	n := sampleRate / 2
	for j := range n {
		edge := math.Min(1, math.Min(float64(j), float64(n-1-j))/(0.01*sampleRate))
		out = append(out, edge*math.Sin(2*math.Pi*1000*float64(j)/sampleRate))
	}
	return leveled(out, SpeechLevel)
}

// pattern is a prompt without words: as many beeps as its place in the table,
// rising, so that no two are alike.
func pattern(place int) []float64 {
	var out []float64
	for i := range place + 1 {
		hz := 440 * math.Pow(2, float64((place+2*i)%12)/12)
		n := sampleRate * 15 / 100
		for j := range n {
			edge := math.Min(1, math.Min(float64(j), float64(n-1-j))/(0.01*sampleRate))
			out = append(out, edge*math.Sin(2*math.Pi*hz*float64(j)/sampleRate))
		}
		out = append(out, make([]float64, sampleRate/10)...)
	}
	return out
}
