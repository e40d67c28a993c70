package prompts

import (
	"bytes"
	"context"
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
