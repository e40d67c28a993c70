package prompts

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/internal/g711"
)

const (
	voicesAtOnce = 2 // a call must not wait for the processor
	mostTold     = 3 // errors of one run: a full disk fails them all alike
)

// The forms in which the switch finds a sound: a call of either law, or a
// bridge that mixes, is given its own, so that nothing is transcoded.
var forms = []string{".ulaw", ".alaw", ".sln"}

// encoded is a sound in these forms, in their order; 8 kHz, .sln in the
// machine's 16 bits, low byte first.
type encoded [3][]byte

func encode(samples []float64) (e encoded) {
	for _, x := range samples {
		v := int16(math.Round(max(-1, min(1, x)) * 32767))
		e[0] = append(e[0], g711.EncodeULaw(v))
		e[1] = append(e[1], g711.EncodeALaw(v))
		e[2] = binary.LittleEndian.AppendUint16(e[2], uint16(v))
	}
	return e
}

// save writes all forms of a sound.
func (e encoded) save(base string) error {
	for i, form := range forms {
		if err := replace(base+form, e[i]); err != nil {
			return err
		}
	}
	return nil
}

// length of a sound whose forms are all there and belong together, or 0.
func length(base string) (samples int64) {
	var size [3]int64
	for i, form := range forms {
		info, err := os.Stat(base + form)
		if err != nil || !info.Mode().IsRegular() {
			return 0
		}
		size[i] = info.Size()
	}
	if size[1] != size[0] || size[2] != 2*size[0] {
		return 0
	}
	return size[0]
}

// is tells whether one of a sound's files holds this one.
func (e encoded) is(base string) bool {
	for i, form := range forms {
		if data, err := os.ReadFile(base + form); err == nil && bytes.Equal(data, e[i]) {
			return true
		}
	}
	return false
}

// Say makes those lines that are not yet in dir, the switch's sounds folder:
// each as [Line.Sound] with .ulaw, .alaw and .sln. It removes nothing. Any
// number of processes may make lines in one folder.
//
// The error is ErrNoVoice when there are tones in place of words; a line that
// cannot be spoken for another reason has tones too. Everything is usable then,
// and the next Say tries again.
func (m Maker) Say(ctx context.Context, dir string, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	if err := makeFolders(dir, sayDir); err != nil {
		return err
	}
	var (
		group  errgroup.Group
		mu     sync.Mutex
		silent bool
		failed []error
		begun  = map[Line]bool{}
		hums   = hums()
	)
	group.SetLimit(voicesAtOnce)
	for _, l := range lines {
		if begun[l] || ctx.Err() != nil {
			continue
		}
		begun[l] = true
		group.Go(func() error {
			err := m.sayLine(ctx, dir, l, hums)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, ErrNoVoice):
				silent = true
			case err != nil:
				failed = append(failed, fmt.Errorf("say %q: %w", l.Text, err))
			}
			return nil
		})
	}
	_ = group.Wait() // each error is in failed
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("make spoken lines: %w", err)
	}
	if more := len(failed) - mostTold; more > 0 {
		failed = append(failed[:mostTold], fmt.Errorf("and %d more lines", more))
	}
	if silent {
		failed = append(failed, ErrNoVoice)
	}
	return errors.Join(failed...)
}

// sayLine makes one line, with words if it can.
func (m Maker) sayLine(ctx context.Context, dir string, l Line, hums []func() encoded) error {
	if err := l.Check(); err != nil {
		return err
	}
	base := filepath.Join(dir, filepath.FromSlash(l.Sound()))
	n := fnv.New32a()
	_, _ = n.Write([]byte(l.Sound()))
	hum := hums[n.Sum32()%uint32(len(hums))]
	there := length(base) > 0
	humming := there && hum().is(base)
	if there && !humming {
		return nil
	}
	samples, rate, err := m.speak(ctx, l.voices(), l.spoken())
	if err == nil {
		sound := leveled(trimmed(resample(samples, rate)), SpeechLevel)
		if len(sound) >= window {
			return encode(sound).save(base)
		}
		err = errors.New("the voice has nothing to say for it: write words")
	}
	if humming || ctx.Err() != nil {
		return err
	}
	if bad := hum().save(base); bad != nil {
		return bad
	}
	return err
}

// hums are patterns of tones that stand in for words; which one is a line's
// follows from its name, so a file that holds it is known to want words.
func hums() []func() encoded {
	all := make([]func() encoded, 8)
	for i := range all {
		all[i] = sync.OnceValue(func() encoded {
			return encode(leveled(trimmed(pattern(i+1)), SpeechLevel))
		})
	}
	return all
}

// makeFolders makes a folder for sounds below dir, readable by the switch
// whatever this process' umask is.
func makeFolders(dir, sub string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the sounds folder: %w", err)
	}
	for _, part := range strings.Split(sub, "/") {
		dir = filepath.Join(dir, part)
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			err = os.Chmod(dir, 0o755)
		}
		if err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make the folder for prompts: %w", err)
		}
	}
	return nil
}

var madeBySay = regexp.MustCompile(`^((zh|en)-[0-9a-f]{16}\.(ulaw|alaw|sln)|\.new-.*)$`)

// Prune removes lines that nobody wants any more: those not to be kept, made
// longer ago than olderThan. Keep what is in force and what was before, as a
// running call may still have it before it.
func Prune(dir string, keep []Line, olderThan time.Duration) error {
	kept := map[string]bool{}
	for _, l := range keep {
		kept[filepath.Base(l.Sound())] = true
	}
	folder := filepath.Join(dir, filepath.FromSlash(sayDir))
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for lines that nobody wants: %w", err)
	}
	var failed []error
	for _, e := range entries {
		name := e.Name()
		if !madeBySay.MatchString(name) || kept[strings.TrimSuffix(name, filepath.Ext(name))] {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > olderThan {
			err = os.Remove(filepath.Join(folder, name))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = append(failed, fmt.Errorf("remove a line that nobody wants: %w", err))
		}
	}
	return errors.Join(failed...)
}
