package robot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/threerings/threerings/internal/g711"
)

// Sound is what a phone says, repeated for as long as the call lasts. It is encoded once and never
// changed, so any number of calls may share one.
type Sound struct {
	ulaw, alaw []byte
}

// Tone is a pure tone of a whole number of Hz at ToneAmplitude. One second of it repeats without a seam.
func Tone(freq int) *Sound {
	pcm := make([]int16, sampleRate)
	for i := range pcm {
		pcm[i] = int16(math.Round(ToneAmplitude * math.Sin(2*math.Pi*float64(freq)*float64(i)/sampleRate)))
	}
	return PCM(pcm)
}

// Silence is audio with nothing in it: packets flow, nobody is heard.
func Silence() *Sound { return PCM(make([]int16, packetSamples)) }

// PCM makes a Sound of linear samples at 8000 per second.
func PCM(samples []int16) *Sound {
	if len(samples) == 0 {
		return Silence()
	}
	s := &Sound{ulaw: make([]byte, len(samples)), alaw: make([]byte, len(samples))}
	for i, x := range samples {
		s.ulaw[i], s.alaw[i] = g711.EncodeULaw(x), g711.EncodeALaw(x)
	}
	return s
}

// LoadSound reads a WAV file (PCM, 16 bits, 8000 Hz; of two channels the left) or, by the endings
// .sln, .slin, .sln8 and .raw, headerless 16-bit little-endian samples at 8000 Hz.
func LoadSound(path string) (*Sound, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load sound: %w", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".sln", ".slin", ".sln8", ".raw":
		return PCM(littleEndian(data)), nil
	}
	samples, channels, rate, err := ParseWAV(data)
	if err != nil {
		return nil, fmt.Errorf("load sound %s: %w", path, err)
	}
	if rate != sampleRate {
		return nil, fmt.Errorf("load sound %s: it has %d samples a second; convert it to %d", path, rate, sampleRate)
	}
	return PCM(Deinterleave(samples, channels, 0)), nil
}

// payload fills dst with the audio from position pos on and returns the position after it.
func (s *Sound) payload(codec Codec, pos int, dst []byte) int {
	data := s.ulaw
	if codec == PCMA {
		data = s.alaw
	}
	pos %= len(data)
	for n := 0; n < len(dst); {
		copied := copy(dst[n:], data[pos:])
		n += copied
		pos = (pos + copied) % len(data)
	}
	return pos
}

// ReadWAV reads a WAV file of 16-bit PCM. The samples of several channels are interleaved.
func ReadWAV(path string) (samples []int16, channels, rate int, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("read WAV: %w", err)
	}
	if samples, channels, rate, err = ParseWAV(data); err != nil {
		err = fmt.Errorf("read WAV %s: %w", path, err)
	}
	return samples, channels, rate, err
}

// ParseWAV is ReadWAV of bytes in memory. A data chunk that claims no length, or more than there is, runs to
// the end of the file: a recorder that was killed leaves such a header behind (facts 3.8).
func ParseWAV(data []byte) (samples []int16, channels, rate int, err error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return nil, 0, 0, errors.New("it is no WAV file: the RIFF/WAVE mark is missing")
	}
	for rest := data[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		switch name {
		case "fmt ":
			if size < 16 || len(rest) < 16 {
				return nil, 0, 0, errors.New("its format chunk is cut short")
			}
			format, bits := binary.LittleEndian.Uint16(rest), binary.LittleEndian.Uint16(rest[14:])
			channels, rate = int(binary.LittleEndian.Uint16(rest[2:])), int(binary.LittleEndian.Uint32(rest[4:]))
			if (format != 1 && format != 0xfffe) || bits != 16 || channels < 1 {
				return nil, 0, 0, fmt.Errorf("format %d with %d bits and %d channels is not read; convert it to 16-bit PCM", format, bits, channels)
			}
		case "data":
			if channels == 0 {
				return nil, 0, 0, errors.New("its data come before its format")
			}
			if size > 0 && size <= uint64(len(rest)) {
				rest = rest[:size]
			}
			return littleEndian(rest), channels, rate, nil
		}
		if size += size & 1; size > uint64(len(rest)) {
			break
		}
		rest = rest[size:]
	}
	return nil, 0, 0, errors.New("it has no data chunk")
}

func littleEndian(data []byte) []int16 {
	samples := make([]int16, len(data)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
	}
	return samples
}
