package prompts

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// ErrNoVoice: espeak-ng is not here, so there are tones in the place of words.
var ErrNoVoice = errors.New("espeak-ng is not installed, so tones stand in for the spoken prompts: install the package espeak-ng (apt-get install espeak-ng) and run this again")

// voices are tried in this order. The plain Mandarin voice of espeak-ng 1.51
// reads its own pinyin as English, letters and tone number and all; the pinyin
// voice of the same version speaks Mandarin. Version 1.50 has only the first,
// and there it is right.
var (
	mandarin = []string{"cmn-latn-pinyin", "cmn", "zh"}
	english  = []string{"en-gb", "en"}
)

const (
	wordsPerMinute = "160" // unhurried: R2.3 asks it of people too
	speakingLimit  = 30 * time.Second
)

// speak returns text as samples, and their rate.
func (m Maker) speak(ctx context.Context, voices []string, text string) ([]int16, int, error) {
	program := m.Espeak
	if program == "" {
		program = "espeak-ng"
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, 0, ErrNoVoice
	}
	ctx, cancel := context.WithTimeout(ctx, speakingLimit)
	defer cancel()
	var failed error
	for _, voice := range voices {
		cmd := exec.CommandContext(ctx, path, "-v", voice, "-s", wordsPerMinute, "-b", "1", "--stdin", "--stdout")
		cmd.Stdin = strings.NewReader(text)
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			failed = fmt.Errorf("let espeak-ng speak with the voice %s: %w: %s", voice, err, strings.TrimSpace(complaint.String()))
			continue
		}
		samples, rate, err := parse(out.Bytes())
		if err == nil && len(samples) > 0 {
			return samples, rate, nil
		}
		failed = fmt.Errorf("read what espeak-ng says with the voice %s: %w", voice, errors.Join(err, errors.New("no audio: is its voice data installed (package espeak-ng-data)?")))
	}
	return nil, 0, failed
}

// parse reads a WAV stream of one channel of 16-bit samples. Written to a pipe
// it does not know its length, so whatever follows the header of the data is
// audio.
func parse(wav []byte) (samples []int16, rate int, err error) {
	le := binary.LittleEndian
	if len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return nil, 0, errors.New("not a WAV stream")
	}
	for at := 12; at+8 <= len(wav); {
		kind, size, body := string(wav[at:at+4]), int64(le.Uint32(wav[at+4:])), wav[at+8:]
		if size = min(size, int64(len(body))); kind == "data" && size == 0 {
			size = int64(len(body))
		}
		switch {
		case kind == "fmt " && size >= 16:
			if le.Uint16(body) != 1 || le.Uint16(body[2:]) != 1 || le.Uint16(body[14:]) != 16 {
				return nil, 0, errors.New("not one channel of 16-bit PCM")
			}
			rate = int(le.Uint32(body[4:]))
		case kind == "data" && rate > 0:
			for i := int64(0); i+2 <= size; i += 2 {
				samples = append(samples, int16(le.Uint16(body[i:])))
			}
			return samples, rate, nil
		}
		at += 8 + int(size+size&1)
	}
	return nil, 0, errors.New("a WAV stream without audio")
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
