package prompts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var ownName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

const (
	quietest = -55.0                  // dB: raised from below it, one would hear noise
	shortest = 100 * time.Millisecond // of a recording
)

// Own is a recording of the house's own.
type Own struct {
	Name     string
	Duration time.Duration
}

// OwnSound is the name by which the switch plays a recording of the house.
func OwnSound(name string) string { return ownDir + "/" + name }

// CheckName tells what is wrong with a recording's name.
func CheckName(name string) error {
	if !ownName.MatchString(name) {
		return fmt.Errorf("a recording cannot be named %q: use 1 to 40 of a-z, 0-9 and -", name)
	}
	return nil
}

// Uploaded tells whether dir, the switch's sounds folder, has a recording of
// that name, whole.
func Uploaded(dir, name string) bool {
	return CheckName(name) == nil && length(filepath.Join(dir, filepath.FromSlash(OwnSound(name)))) > 0
}

// Recordings lists those of the house's own, by name.
func Recordings(dir string) ([]Own, error) {
	folder := filepath.Join(dir, filepath.FromSlash(ownDir))
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	var all []Own
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), forms[0])
		if n := length(filepath.Join(folder, name)); is && ownName.MatchString(name) && n > 0 {
			all = append(all, Own{Name: name, Duration: time.Duration(n) * time.Second / sampleRate})
		}
	}
	slices.SortFunc(all, func(a, b Own) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Import takes a recording: a WAV file of 16-bit PCM, 8 to 48 kHz, mono or
// stereo, at most 20 MB. It is brought to the telephone's rate and the level of
// speech, and replaces one of the same name.
func Import(ctx context.Context, dir, name string, wav io.Reader) error {
	if err := CheckName(name); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(wav, largest+1))
	if err != nil {
		return fmt.Errorf("read the recording: %w", err)
	}
	if len(data) > largest {
		return fmt.Errorf("the recording is larger than %d MB: shorten it, or save it in mono with 8000 samples a second", largest>>20)
	}
	sound, err := recorded(data)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("take the recording: %w", err)
	}
	if err := makeFolders(dir, ownDir); err != nil {
		return err
	}
	if err := encode(sound).save(filepath.Join(dir, filepath.FromSlash(OwnSound(name)))); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// recorded is what a WAV file lets hear, ready for the telephone.
func recorded(data []byte) ([]float64, error) {
	a, err := decode(data)
	if err != nil {
		return nil, err
	}
	samples := a.mono()
	if long := time.Duration(len(samples)) * time.Second / time.Duration(a.rate); long < shortest {
		return nil, fmt.Errorf("the recording is only %d ms long: is it the right file?", long.Milliseconds())
	}
	sound := resample(samples, a.rate)
	if level(sound) < quietest {
		return nil, errors.New("there is nothing to hear in the recording: was the microphone on?")
	}
	return leveled(sound, SpeechLevel), nil
}
