package recording

import (
	"slices"
	"time"
)

const (
	// swapSpeech is how much of each must be there to tell: of time in which the
	// house is heard (greeting, music), and of conversation.
	swapSpeech = 2 * time.Second
	// swapChange is by how much a line's background changes, in dB, when another
	// sends on it; swapSame is by how much that of one line varies.
	swapChange, swapSame = 12, 6
)

// sidesOf tells whether the channels are exchanged. The caller's line is the
// same line all the time. What the caller hears is another with each change:
// music or a greeting, then an agent's line, then music again. So the channel
// whose background changes with what is on record is the house's, and should be
// the right one.
func sidesOf(sides [channels][]level, t Timeline) Sides {
	var house, talk [channels][]float64
	for _, s := range t.Stretches {
		into := &house
		switch {
		case s.Kind.spoken():
			into = &talk
		case s.Kind != Waiting && s.Kind != OnHold:
			continue
		}
		for i := range sides {
			for _, l := range between(sides[i], s.From+settleTime, s.To-settleTime/5) {
				into[i] = append(into[i], l.dBFS())
			}
		}
	}
	if need := int(swapSpeech / pieceTime); len(house[0]) < need || len(talk[0]) < need {
		return SidesUnknown
	}
	left, right := apart(house[0], talk[0]), apart(house[1], talk[1])
	switch {
	case right >= swapChange && left <= swapSame:
		return SidesRight
	case left >= swapChange && right <= swapSame:
		return SidesSwapped
	}
	return SidesUnknown
}

// apart is how far apart the backgrounds of two stretches are, in dB: what is
// there when nobody speaks.
func apart(a, b []float64) float64 {
	low := func(list []float64) float64 {
		slices.Sort(list)
		return list[len(list)/10]
	}
	d := low(a) - low(b)
	return max(d, -d)
}
