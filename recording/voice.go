package recording

import (
	"math"
	"time"
)

// The rules by which somebody counts as speaking. They are simple and work on
// loudness alone, since telephone audio is narrow, compressed and of unknown
// origin; what they are worth is measured in voice_test.go.
const (
	// aboveNoise is how much louder than the line's noise speech is, in dB.
	aboveNoise = 9
	// noiseShare of the last and next pieces that are not digital silence are
	// taken to be noise: people who speak pause for more than that.
	noiseShare = 0.1
	// noiseWindow is how much of the line is looked at on either side.
	noiseWindow = 5 * time.Second
	// mostNoise: what is louder is no noise, however steady (dBFS).
	mostNoise = -40
	// leastVoice: what is softer is no speech, however quiet the line (dBFS).
	leastVoice = -52
	// echoBelow: what comes so much softer than the other side, while that speaks, is its echo (dB).
	echoBelow = 25
	// echoTail is how long an echo takes.
	echoTail = 100 * time.Millisecond
	// shortest speech; what is shorter is a click.
	shortest = 60 * time.Millisecond
	// hangover: a pause that is shorter belongs to speech: between syllables, in a stop.
	hangover = 300 * time.Millisecond
)

// voice says of each piece of a channel whether somebody speaks.
type voice struct {
	on    []bool
	loud  []bool // without the pauses that count as speech
	level []level
}

// voices tells who speaks when.
func voices(sides [channels][]level) (out [channels]voice) {
	var loudness [channels][]float64
	for i, side := range sides {
		loudness[i] = make([]float64, len(side))
		for j, l := range side {
			loudness[i][j] = l.dBFS()
		}
	}
	for i, side := range sides {
		out[i] = voice{loud: louder(loudness[i], side, loudness[1-i]), level: side}
		out[i].on = smooth(out[i].loud)
	}
	return out
}

// louder marks the pieces of a side that stand out from its noise and are no
// echo of the other side.
func louder(own []float64, side []level, other []float64) []bool {
	on := make([]bool, len(own))
	tail := int(echoTail / pieceTime)
	window := newNoise(own, side)
	for i, db := range own {
		if db < leastVoice || db < window.at(i)+aboveNoise {
			continue
		}
		loudest := float64(lowest)
		for j := max(0, i-tail); j <= i; j++ {
			loudest = max(loudest, other[j])
		}
		on[i] = db > loudest-echoBelow
	}
	return on
}

// smooth drops clicks and fills short pauses.
func smooth(loud []bool) []bool {
	on := make([]bool, len(loud))
	clicks, pause := int(shortest/pieceTime), int(hangover/pieceTime)
	last := -1 // end of the speech before
	for i := 0; i < len(loud); {
		if !loud[i] {
			i++
			continue
		}
		end := i
		for end < len(loud) && loud[end] {
			end++
		}
		if end-i >= clicks {
			from := i
			if last >= 0 && i-last < pause {
				from = last
			}
			for j := from; j < end; j++ {
				on[j] = true
			}
			last = end
		}
		i = end
	}
	return on
}

// noise is the loudness of a line while nobody speaks: a low percentile of a
// window that moves along. Digital silence is no noise.
type noise struct {
	db       []float64
	side     []level
	bins     [-lowest + 1]int // by decibel
	n        int
	from, to int
	floor    float64
}

func newNoise(db []float64, side []level) *noise { return &noise{db: db, side: side, floor: mostNoise} }

// at is the noise around a piece; pieces are asked for in order.
func (w *noise) at(i int) float64 {
	const half = int(noiseWindow / pieceTime)
	const step = 25 // the percentile moves slowly
	if i%step != 0 && i > 0 {
		return w.floor
	}
	for ; w.to < min(len(w.db), i+half); w.to++ {
		w.count(w.to, 1)
	}
	for ; w.from < i-half; w.from++ {
		w.count(w.from, -1)
	}
	if w.n < half/10 { // hardly anything but digital silence: what there is was sent on purpose
		w.floor = lowest
		return w.floor
	}
	left := int(math.Ceil(noiseShare * float64(w.n)))
	for bin, n := range w.bins {
		if left -= n; left <= 0 {
			w.floor = min(float64(bin+lowest), mostNoise)
			break
		}
	}
	return w.floor
}

func (w *noise) count(i, by int) {
	if !w.side[i].silent() {
		w.bins[int(w.db[i])-lowest] += by
		w.n += by
	}
}
