package recording

import (
	"io"
	"time"
)

// muteMargin is cut off on either side of what is not to be kept: a key is
// pressed, and the switch told, a moment later than somebody begins to speak.
const muteMargin = 300 * time.Millisecond

// without is the audio with silence in some stretches, whatever the switch
// recorded there (R14.1).
func (a audio) without(stretches []Stretch) audio {
	if len(stretches) == 0 {
		return a
	}
	return audio{size: a.size, open: func() (io.ReadCloser, error) {
		in, err := a.open()
		if err != nil {
			return nil, err
		}
		return &muted{ReadCloser: in, stretches: stretches}, nil
	}}
}

// muted reads silence where there is to be none of the audio.
type muted struct {
	io.ReadCloser
	stretches []Stretch
	at        int64
}

func (m *muted) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	for _, s := range m.stretches {
		from := max(sizeOf(s.From-muteMargin)-m.at, 0)
		to := min(sizeOf(s.To+muteMargin)-m.at, int64(n))
		if from < to {
			clear(p[from:to])
		}
	}
	m.at += int64(n)
	return n, err
}
