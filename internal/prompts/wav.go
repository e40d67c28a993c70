package prompts

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// largest is how many bytes a WAV file may have. One that announces more audio
// than this was written to a pipe, by a program that did not know its length.
const largest = 20 << 20

// audio is what a WAV file holds: 16-bit samples, of both channels in turn if
// there are two.
type audio struct {
	samples  []int16
	rate     int // Hz
	channels int
}

const (
	plainPCM   = 1
	extensible = 0xfffe // the format is told further on, by a GUID that begins with it
)

// decode reads a WAV file of any origin: nothing in it is believed.
func decode(wav []byte) (audio, error) {
	le := binary.LittleEndian
	if len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return audio{}, errors.New("not a WAV file: save the recording as WAV, 16-bit PCM")
	}
	var a audio
	for rest := wav[12:]; len(rest) >= 8; {
		kind, told, body := string(rest[:4]), int64(le.Uint32(rest[4:])), rest[8:]
		size := min(told, int64(len(body)))
		switch {
		case kind == "fmt ":
			if err := a.format(body[:size]); err != nil {
				return audio{}, err
			}
		case kind == "data" && a.rate == 0:
			return audio{}, errors.New("a damaged WAV file: the audio comes before its format")
		case kind == "data":
			if told == 0 || told > largest {
				size = int64(len(body))
			} else if told > size {
				return audio{}, fmt.Errorf("the WAV file is cut short: %d of %d bytes of audio are there", size, told)
			}
			frame := int64(2 * a.channels)
			body = body[:size/frame*frame]
			a.samples = make([]int16, len(body)/2)
			for i := range a.samples {
				a.samples[i] = int16(le.Uint16(body[2*i:]))
			}
			return a, nil
		}
		rest = body[min(size+size&1, int64(len(body))):]
	}
	return audio{}, errors.New("a WAV file without audio")
}

// format reads the part that says what the samples are.
func (a *audio) format(b []byte) error {
	le := binary.LittleEndian
	if len(b) < 16 {
		return errors.New("a damaged WAV file: its format is cut short")
	}
	format, channels, rate, bits := le.Uint16(b), le.Uint16(b[2:]), le.Uint32(b[4:]), le.Uint16(b[14:])
	if format == extensible && len(b) >= 26 {
		format = le.Uint16(b[24:])
	}
	switch {
	case format != plainPCM:
		return fmt.Errorf("the WAV file is compressed or has another coding (format %#04x): save it as 16-bit PCM", format)
	case bits != 16:
		return fmt.Errorf("the WAV file has samples of %d bits: save it as 16-bit PCM", bits)
	case channels != 1 && channels != 2:
		return fmt.Errorf("the WAV file has %d channels: save it in mono or stereo", channels)
	case rate < 8000 || rate > 48000:
		return fmt.Errorf("the WAV file has %d samples a second: save it with 8000 to 48000", rate)
	}
	a.rate, a.channels = int(rate), int(channels)
	return nil
}

// mono is the mean of the channels.
func (a audio) mono() []int16 {
	if a.channels != 2 {
		return a.samples
	}
	out := make([]int16, len(a.samples)/2)
	for i := range out {
		out[i] = int16((int(a.samples[2*i]) + int(a.samples[2*i+1])) / 2)
	}
	return out
}

// parse reads a WAV stream of one channel.
func parse(wav []byte) (samples []int16, rate int, err error) {
	a, err := decode(wav)
	if err == nil && a.channels != 1 {
		err = errors.New("not one channel")
	}
	return a.samples, a.rate, err
}

// file is a WAV file of one channel at the switch's rate.
func file(samples []float64) []byte {
	le := binary.LittleEndian
	size := uint32(2 * len(samples))
	b := make([]byte, 0, 44+int(size))
	b = le.AppendUint32(append(b, "RIFF"...), 36+size)
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, sampleRate), 2*sampleRate)
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	b = le.AppendUint32(append(b, "data"...), size)
	for _, x := range samples {
		b = le.AppendUint16(b, uint16(int16(max(-1, min(1, x))*32767)))
	}
	return b
}
