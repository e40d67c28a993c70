package asteriskconf

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

// Render writes the whole configuration to DIR/etc/asterisk and makes the folders that Asterisk needs.
// Bad parameters are refused before anything is written. Each file is replaced at once, so an
// Asterisk that reloads in between never reads half a file.
func Render(p Params) error {
	p = p.filled()
	if err := p.check(); err != nil {
		return err
	}
	if err := makeFolders(p); err != nil {
		return err
	}
	files, err := renderAll(p)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := replaceFile(filepath.Join(p.confDir(), name), text); err != nil {
			return fmt.Errorf("writing Asterisk's configuration: %w", err)
		}
	}
	return nil
}

func (p Params) confDir() string { return filepath.Join(p.Dir, "etc", "asterisk") }

// view is what the templates see besides the parameters.
type view struct {
	Params
	Modules           []string
	SIPHostPort       string
	RTPTimeoutSeconds int
	HoldSeconds       int
	// See the dialplan's sentinel.
	RescueSeconds, ForgetSeconds, RetrySeconds, SentinelSeconds int
}

// SentinelLives is how long a sentinel of the dialplan runs while the application is there, which lets a
// new one run in less than that.
const SentinelLives = 60 * time.Second

// forgetAfter is how many times RescueAfter a sentinel goes on without an application.
const forgetAfter = 30

func renderAll(p Params) (map[string][]byte, error) {
	modules := presentModules(p.Prefix.Modules)
	if len(modules) == 0 {
		return nil, fmt.Errorf("the modules folder %s holds none of the modules that are needed: install Asterisk again", p.Prefix.Modules)
	}
	v := view{
		Params:            p,
		Modules:           modules,
		SIPHostPort:       p.sipHostPort(),
		RTPTimeoutSeconds: int(p.RTPTimeout / time.Second),
		HoldSeconds:       int(p.HoldTimeout / time.Second),
		RescueSeconds:     int(p.RescueAfter / time.Second),
		ForgetSeconds:     int(forgetAfter * p.RescueAfter / time.Second),
		RetrySeconds:      int(p.RetryFor / time.Second),
		SentinelSeconds:   int(SentinelLives / time.Second),
	}
	all, err := template.New("").Funcs(template.FuncMap{"join": strings.Join}).ParseFS(templateFiles, "templates/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of Asterisk's configuration: %w", err)
	}
	files := make(map[string][]byte)
	for _, t := range all.Templates() {
		name, isFile := strings.CutSuffix(t.Name(), ".tmpl")
		if !isFile {
			continue
		}
		var text bytes.Buffer
		fmt.Fprintln(&text, "; Written by Threerings at every start: change its settings, not this file.")
		if err := t.Execute(&text, v); err != nil {
			return nil, fmt.Errorf("rendering %s: %w", name, err)
		}
		files[name] = text.Bytes()
	}
	return files, nil
}

// makeFolders lays out the instance. Sounds, documentation and music are links into the installed
// Asterisk; data/sounds itself is ours, so prompts can be put beside the package's.
func makeFolders(p Params) error {
	for _, dir := range []string{
		p.confDir(), p.dir("run"), p.dir("db"), p.dir("log"), p.dir("data/sounds/threerings"), p.dir("data/agi-bin"), p.dir("data/keys"),
		p.dir("spool/recording"), p.dir("spool/tmp"), p.RecordingDir,
	} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("making the instance folder of Asterisk: %w", err)
		}
	}
	if err := os.Chmod(p.confDir(), 0o750); err != nil { // passwords are in it
		return fmt.Errorf("closing Asterisk's configuration to others: %w", err)
	}
	links := map[string]string{"data/moh": musicDir(p)}
	for _, name := range []string{"documentation", "rest-api", "static-http"} {
		links["data/"+name] = filepath.Join(p.Prefix.Data, name)
	}
	if dir, ok := p.Prefix.inRoot(filepath.Join(p.Prefix.Data, "sounds", "en")); ok {
		links["data/sounds/en"] = dir
	}
	for name, target := range links {
		if err := link(target, p.dir(name)); err != nil {
			return fmt.Errorf("linking Asterisk's data: %w", err)
		}
	}
	return nil
}

func (p Params) dir(name string) string { return filepath.Join(p.Dir, filepath.FromSlash(name)) }

// musicDir prefers music of ours, made by scripts/make-music.sh, over the package's.
func musicDir(p Params) string {
	if p.MusicDir != "" {
		return p.MusicDir
	}
	own := filepath.Join(CacheDir(), "music")
	if made, err := filepath.Glob(filepath.Join(own, "*.wav")); err == nil && len(made) > 0 {
		if abs, err := filepath.Abs(own); err == nil {
			return abs
		}
	}
	return filepath.Join(p.Prefix.Data, "moh")
}

// link makes or corrects a symbolic link. A folder that somebody put in its place is kept.
func link(target, path string) error {
	if old, err := os.Readlink(path); err == nil {
		if old == target {
			return nil
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	err := os.Symlink(target, path)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func replaceFile(path string, text []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, text, 0o640); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
