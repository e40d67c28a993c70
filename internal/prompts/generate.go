package prompts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/threerings/threerings/queue"
)

const (
	folder   = "threerings"
	musicDir = "moh/default"
	// version is part of every digest: raise it when the sound changes, and
	// files made before are made again.
	version = "1"
)

// Maker makes the prompts of one house. Its zero value is the demonstration's.
type Maker struct {
	Company        string // in Chinese, as said in the greeting (R2.1); default 示例
	CompanyEnglish string // may be empty
	Espeak         string // the program; default espeak-ng, from the path
}

// Generate makes what is missing or out of date in dir: threerings/*.wav, the
// prompts and the tone before a message (dir is then the switch's sounds folder),
// and moh/default/calm.wav.
// The error is ErrNoVoice when there are tones in place of words; everything
// is usable all the same.
func (m Maker) Generate(ctx context.Context, dir string) error {
	for _, sub := range []string{folder, musicDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return fmt.Errorf("make the folder for prompts: %w", err)
		}
	}
	b := batch{dir: dir, manifest: filepath.Join(dir, folder, "manifest.json")}
	if err := b.load(); err != nil {
		return err
	}
	silent := false
	for place, p := range table {
		err := m.make(ctx, &b, place, p.with(m))
		if errors.Is(err, ErrNoVoice) {
			silent = true
		} else if err != nil {
			return fmt.Errorf("make the prompt %s: %w", p.Name, err)
		}
	}
	if err := b.put(queue.Beep+".wav", "beep", func() ([]float64, error) { return beep(), nil }); err != nil {
		return fmt.Errorf("make the tone before a message: %w", err)
	}
	err := b.put(musicDir+"/calm.wav", "music", func() ([]float64, error) { return music(), nil })
	if err != nil {
		return fmt.Errorf("make the music: %w", err)
	}
	if silent {
		return ErrNoVoice
	}
	return nil
}

// make makes one prompt, with words if it can.
func (m Maker) make(ctx context.Context, b *batch, place int, p Prompt) error {
	name := folder + "/" + p.Name + ".wav"
	err := b.put(name, "speech\n"+p.Chinese+"\n"+p.English, func() ([]float64, error) { return m.say(ctx, p) })
	if !errors.Is(err, ErrNoVoice) {
		return err
	}
	tones := func() ([]float64, error) { return leveled(trimmed(pattern(place)), SpeechLevel), nil }
	return errors.Join(err, b.put(name, fmt.Sprintf("tones %d", place), tones))
}

// say speaks both languages, each at the agreed level.
func (m Maker) say(ctx context.Context, p Prompt) ([]float64, error) {
	var out []float64
	for _, part := range []struct {
		voices []string
		text   string
	}{{mandarin, p.Chinese}, {english, p.English}} {
		samples, rate, err := m.speak(ctx, part.voices, part.text)
		if err != nil {
			return nil, err
		}
		if out != nil {
			out = append(out, make([]float64, count(between))...)
		}
		out = append(out, leveled(trimmed(resample(samples, rate)), SpeechLevel)...)
	}
	return out, nil
}

// batch is a folder of sounds and what is known of how they were made.
type batch struct {
	dir, manifest string
	made          map[string]made // by file
}

// made holds digests.
type made struct {
	Source string `json:"source"`        // of what the file was made from
	File   string `json:"file"`          // of the file
	Was    string `json:"was,omitempty"` // of the file before, which is there when making it was cut short
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (b *batch) load() error {
	b.made = map[string]made{}
	data, err := os.ReadFile(b.manifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the list of prompts made: %w", err)
	}
	if err := json.Unmarshal(data, &b.made); err != nil {
		return fmt.Errorf("%s is damaged: remove it, and those WAV files beside it that are not your own, to have them made again: %w", b.manifest, err)
	}
	return nil
}

// put makes a file unless it is there and made from the same source, or was
// put there by somebody else.
func (b *batch) put(name, source string, sound func() ([]float64, error)) error {
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	source = digest([]byte(version + "\n" + source))
	was, ours := b.made[name]
	present := ""
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		present = digest(data)
		if !ours || present != was.File && present != was.Was {
			return nil // the house's own
		}
		if present == was.File && was.Source == source {
			return nil
		}
	}
	samples, err := sound()
	if err != nil {
		return err
	}
	data = file(samples)
	// The list first: a file that it does not describe would be taken for the
	// house's own and never be made again.
	b.made[name] = made{Source: source, File: digest(data), Was: present}
	list, err := json.MarshalIndent(b.made, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(b.manifest, append(list, '\n')); err != nil {
		return err
	}
	return replace(path, data)
}

// replace writes a file that is whole or not there: the switch may read it at
// any moment.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := f.Chmod(0o644); err != nil { // the switch runs as somebody else
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
