package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/internal/prompts"
)

// world is all that a run starts: what threerings lives with, and threerings.
type world struct {
	dir    string
	binary string
	people *people
	brief  bool // faults last a short time
	log    *os.File

	params   asteriskconf.Params
	ports    asteriskconf.Ports
	postgres *private.Server
	db       *postgres.DB // straight, past the proxy
	redis    *exec.Cmd    // nil: none

	ways []*ways  // of each node to the parts
	said commands // of all nodes to Asterisk

	mu       sync.Mutex
	asterisk *asteriskconf.Instance
	procs    []*process
	small    bool // they write on a small disk
}

// build starts everything but threerings itself.
func build(ctx context.Context, dir, binary string, withRedis bool) (w *world, err error) {
	w = &world{dir: dir, binary: binary}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.log, err = os.Create(filepath.Join(dir, "threerings.log")); err != nil {
		return w, fmt.Errorf("log: %w", err)
	}
	if w.people, err = hire(); err != nil {
		return w, err
	}
	prefix, err := asteriskconf.Find(asteriskconf.CacheDir())
	if err != nil {
		return w, err
	}
	if w.ports, err = asteriskconf.FreePorts(); err != nil {
		return w, err
	}
	instance := filepath.Join(dir, "asterisk")
	sounds := filepath.Join(instance, "data", "sounds")
	if err := os.MkdirAll(filepath.Dir(sounds), 0o755); err != nil {
		return w, fmt.Errorf("folder of sounds: %w", err)
	}
	if err := (prompts.Maker{}).Generate(ctx, sounds); err != nil && !errors.Is(err, prompts.ErrNoVoice) {
		return w, err
	}
	w.params = asteriskconf.Params{Dir: instance, Prefix: prefix, ARIPassword: rand.Text(),
		MusicDir: filepath.Join(sounds, "moh", "default"), FallbackMembers: []string{"PJSIP/trunk/" + w.people.guard.URI()}}
	w.ports.Apply(&w.params)
	if err := w.startAsterisk(ctx); err != nil {
		return w, err
	}
	w.params = w.asterisk.Params()
	w.people.sip = net.JoinHostPort(w.params.SIPHost, strconv.Itoa(w.params.SIPPort))
	if w.postgres, err = private.Start(ctx, filepath.Join(dir, "postgres")); err != nil {
		return w, err
	}
	if w.db, err = postgres.Open(ctx, w.postgres.URL()); err != nil {
		return w, err
	}
	if withRedis {
		if err := w.startRedis(); err != nil {
			return w, err
		}
	}
	return w, w.openWays()
}

func (w *world) startAsterisk(ctx context.Context) error {
	in, err := asteriskconf.Start(ctx, w.params)
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.asterisk = in
	w.mu.Unlock()
	return nil
}

func (w *world) nodes() []*process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.procs
}

// serve starts so many nodes, the first of them to lead, and waits until one
// is in control.
func (w *world) serve(ctx context.Context, n int, small bool) error {
	w.said.forget()
	var procs []*process
	file := filepath.Join(w.dir, "centre.yaml")
	if err := os.WriteFile(file, w.people.centre(), 0o600); err != nil {
		return fmt.Errorf("centre: %w", err)
	}
	for i := range n {
		name, v := nodeName(i), w.ways[i]
		page, err := freeAddr()
		if err != nil {
			return err
		}
		data := filepath.Join(w.dir, name)
		if small {
			data = w.smallDisk()
		}
		p := &process{name: name, binary: w.binary, ways: v, url: "http://" + page, log: w.log}
		p.args = []string{"--http-addr", page, "--data", data, "--node", name, "--centre", file,
			"--recordings", w.recordings(small), "--recordings-key", w.keyFile(), "--asterisk-url", "http://" + v.ari.Addr(), "--asterisk-user", w.params.ARIUser,
			"--asterisk-app", w.params.App, "--asterisk-recordings", w.params.RecordingDir, "--asterisk-sounds", filepath.Join(w.params.Dir, "data", "sounds")}
		p.env = []string{"THREERINGS_ASTERISK_PASSWORD=" + w.params.ARIPassword, "THREERINGS_DATABASE_URL=" + w.databaseURL(v)}
		if n > 1 { // one alone needs no Redis
			p.env = append(p.env, "THREERINGS_REDIS_URL=redis://"+v.wire.Addr()+"/0")
		}
		if small {
			if err := os.MkdirAll(data, 0o755); err != nil {
				return fmt.Errorf("folder for a small disk: %w", err)
			}
			p.wrap = onSmallDisk(data)
		}
		procs = append(procs, p)
	}
	w.mu.Lock()
	w.procs, w.small = procs, small
	w.mu.Unlock()
	for _, p := range procs {
		if err := p.start(); err != nil {
			return err
		}
		if err := w.waitControl(ctx); err != nil { // the first leads, the second finds a leader
			return err
		}
	}
	return nil
}

// dismiss ends all nodes.
func (w *world) dismiss() error {
	var errs []error
	for _, p := range w.nodes() {
		errs = append(errs, p.end())
	}
	w.mu.Lock()
	w.procs = nil
	w.mu.Unlock()
	return errors.Join(errs...)
}

func (w *world) close() error {
	errs := []error{w.dismiss()}
	if w.people != nil {
		w.people.close()
	}
	w.closeWays()
	if w.db != nil {
		w.db.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if w.redis != nil {
		_ = w.redis.Process.Kill() // it keeps nothing
		_ = w.redis.Wait()
	}
	if w.postgres != nil {
		errs = append(errs, w.postgres.Stop(ctx))
	}
	if w.asterisk != nil {
		errs = append(errs, w.asterisk.Stop(ctx))
	}
	w.ports.Close()
	if w.log != nil {
		errs = append(errs, w.log.Close())
	}
	return errors.Join(errs...)
}

func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("a free port: %w", err)
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}
