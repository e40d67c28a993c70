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

// Oldest names the first versions of Asterisk that have all we use: MixMonitor's option D, without
// which a recording has one channel, and PJSIP_TRANSFER_HANDLING, without which a phone's transfer key
// moves a call behind our back. Ubuntu 24.04 has 20.6, which has neither (tried).
const Oldest = "20.13, 21.8, 22.3"

// Enough tells whether a version such as "22.10.1~dfsg" or "GIT-23-abc" is one of those or later.
func Enough(version string) bool {
	m := numberPattern.FindStringSubmatch(version)
	if m == nil {
		return false
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	if strings.HasPrefix(version, "GIT-") { // the tip of a branch
		return major >= 20
	}
	switch major {
	case 20:
		return minor >= 13
	case 21:
		return minor >= 8
	case 22:
		return minor >= 3
	}
	return major > 22
}

var numberPattern = regexp.MustCompile(`^(?:GIT-|certified[/-])?(\d{1,4})(?:\.(\d{1,4}))?(?:\D|$)`)

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

// Version asks the program which version it is, for example "22.10.1".
func (p Prefix) Version(ctx context.Context) (string, error) {
	argv := p.Argv("-V")
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", p.Binary, err)
	}
	m := versionPattern.FindStringSubmatch(string(out))
	if m == nil {
		return "", fmt.Errorf("%s says %q, which names no version of Asterisk", p.Binary, strings.TrimSpace(string(out)))
	}
	return m[1], nil
}

var versionPattern = regexp.MustCompile(`Asterisk ((?:certified[/-]|GIT-)?\d[^\s]*)`)

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
		if version, err := p.Version(ctx); err == nil && Enough(version) {
			return p, nil
		}
	}
	if cacheDir == "" {
		cacheDir = CacheDir()
	}
	root := filepath.Join(cacheDir, "asterisk-root")
	if _, err := os.Stat(filepath.Join(root, ".complete")); err != nil {
		return Prefix{}, fmt.Errorf("%w: no asterisk %s or later is on this system, and none in %s: run 'make deps' (or scripts/install-asterisk.sh %s)",
			ErrNotInstalled, Oldest, root, cacheDir)
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
