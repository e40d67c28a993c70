package asteriskconf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// OldestVersion is the first major version of Asterisk whose ARI and dialplan have all we use.
const OldestVersion = 20

// ErrNotInstalled is wrapped by Find's error when there is no Asterisk to run.
var ErrNotInstalled = errors.New("no Asterisk is installed")

// Prefix is an installed Asterisk: where its parts are and how its program is started.
type Prefix struct {
	Root    string   // "/", or the folder of a Debian root
	Binary  string   // the asterisk program, as a path of this machine
	Loader  string   // the root's own dynamic loader; empty when Root is "/"
	Libs    []string // folders the loader takes libraries from
	Modules string   // folder of the *.so modules
	Data    string   // folder with sounds, moh, documentation, rest-api
}

// Argv is the command line that runs the program with args. The libraries of the root are newer than
// the machine's, so the program must run under the root's loader and with nothing of the machine's cache.
func (p Prefix) Argv(args ...string) []string {
	if p.Loader == "" {
		return append([]string{p.Binary}, args...)
	}
	argv := []string{p.Loader, "--inhibit-cache", "--library-path", strings.Join(p.Libs, ":"), p.Binary}
	return append(argv, args...)
}

// Version asks the program which version it is, for example "22.10.1" and 22.
func (p Prefix) Version(ctx context.Context) (version string, major int, err error) {
	argv := p.Argv("-V")
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
	if err != nil {
		return "", 0, fmt.Errorf("asking %s for its version: %w", p.Binary, err)
	}
	m := versionPattern.FindStringSubmatch(string(out))
	if m == nil {
		return "", 0, fmt.Errorf("%s says %q, which names no version of Asterisk", p.Binary, strings.TrimSpace(string(out)))
	}
	major, err = strconv.Atoi(m[2])
	if err != nil {
		return "", 0, fmt.Errorf("reading the version %q of %s: %w", m[1], p.Binary, err)
	}
	return m[1], major, nil
}

var versionPattern = regexp.MustCompile(`Asterisk (?:certified[/-])?((\d+)[^\s]*)`)

// Find locates the Asterisk to run: THREERINGS_ASTERISK_ROOT when set, the system's own when it is
// new enough, else the root that scripts/install-asterisk.sh made in cacheDir. An empty cacheDir
// means THREERINGS_CACHE, or .threerings/cache beside the go.mod of the checkout we are in.
func Find(cacheDir string) (Prefix, error) {
	if root := os.Getenv("THREERINGS_ASTERISK_ROOT"); root != "" {
		p, err := At(root)
		if err != nil {
			return Prefix{}, fmt.Errorf("THREERINGS_ASTERISK_ROOT: %w", err)
		}
		return p, nil
	}
	if p, err := At("/"); err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), versionLimit)
		defer cancel()
		if _, major, err := p.Version(ctx); err == nil && major >= OldestVersion {
			return p, nil
		}
	}
	if cacheDir == "" {
		cacheDir = CacheDir()
	}
	root := filepath.Join(cacheDir, "asterisk-root")
	if _, err := os.Stat(filepath.Join(root, ".complete")); err != nil {
		return Prefix{}, fmt.Errorf("%w: no asterisk of version %d or later is on this system, and none in %s: run 'make deps' (or scripts/install-asterisk.sh %s)",
			ErrNotInstalled, OldestVersion, root, cacheDir)
	}
	return At(root)
}

// CacheDir is where downloaded and built things are kept: THREERINGS_CACHE, or .threerings/cache in
// the checkout around the working folder, or in the working folder itself.
func CacheDir() string {
	if dir := os.Getenv("THREERINGS_CACHE"); dir != "" {
		return dir
	}
	start, err := os.Getwd()
	if err != nil {
		return filepath.Join(os.TempDir(), "threerings-cache")
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".threerings", "cache")
		}
		if dir == filepath.Dir(dir) {
			return filepath.Join(start, ".threerings", "cache")
		}
	}
}

// At describes the Asterisk installed under root: "/" for the system's own.
func At(root string) (Prefix, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Prefix{}, fmt.Errorf("finding the folder %s: %w", root, err)
	}
	p := Prefix{Root: root}
	p.Binary = firstOf(root, "usr/sbin/asterisk", "usr/local/sbin/asterisk")
	if p.Binary == "" && root == "/" {
		p.Binary, _ = exec.LookPath("asterisk")
	}
	if p.Binary == "" {
		return Prefix{}, fmt.Errorf("%w in %s: there is no usr/sbin/asterisk", ErrNotInstalled, root)
	}
	p.Modules = firstOf(root, "usr/lib/*-linux-gnu*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
	p.Data = firstOf(root, "usr/share/asterisk/documentation", "var/lib/asterisk/documentation")
	if p.Modules == "" || p.Data == "" {
		return Prefix{}, fmt.Errorf("the Asterisk in %s is incomplete: its modules or its documentation folder are missing; install it again", root)
	}
	p.Data = filepath.Dir(p.Data)
	if root == "/" {
		return p, nil
	}
	p.Loader = firstOf(root, "lib64/ld-linux*.so.*", "usr/lib64/ld-linux*.so.*", "lib/ld-linux*.so.*", "usr/lib/ld-linux*.so.*")
	if p.Loader == "" {
		return Prefix{}, fmt.Errorf("the root %s has no dynamic loader (lib64/ld-linux*): build it again with scripts/install-asterisk.sh", root)
	}
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib", "lib"} {
		found, _ := filepath.Glob(filepath.Join(root, pattern))
		p.Libs = append(p.Libs, found...)
	}
	return p, nil
}

// firstOf is the first path under root that one of the patterns matches; empty when none does.
func firstOf(root string, patterns ...string) string {
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// inRoot follows symbolic links as a program inside the root would: an absolute target starts at
// the root, not at the machine's "/". Debian's sounds are linked through /etc/alternatives.
func (p Prefix) inRoot(path string) (string, bool) {
	for range 10 {
		info, err := os.Lstat(path)
		if err != nil {
			return "", false
		}
		if info.Mode()&os.ModeSymlink == 0 {
			return path, true
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", false
		}
		if filepath.IsAbs(target) {
			path = filepath.Join(p.Root, target)
		} else {
			path = filepath.Join(filepath.Dir(path), target)
		}
	}
	return "", false
}
