package asteriskconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/threerings/threerings/internal/privileges"
)

const (
	bootLimit    = 60 * time.Second // takes about one; a loaded machine may need much longer
	stopLimit    = 10 * time.Second // for Asterisk to hang up all calls and finish the recordings
	commandLimit = 10 * time.Second
)

// Instance is a running Asterisk of ours.
type Instance struct {
	params Params // with defaults filled in
	attr   *syscall.SysProcAttr
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process is gone

	mu  sync.Mutex
	err error // of the process, valid when ended is closed
}

// Start renders the configuration and runs Asterisk until Stop or Kill; ctx only limits the start. It
// returns when ARI answers and all modules are loaded. An Asterisk that a crashed run left behind in the
// same folder is ended first. Anything that keeps it from starting is in the error, with the end of
// Asterisk's log.
func Start(ctx context.Context, p Params) (*Instance, error) {
	p = p.filled()
	if err := p.check(); err != nil {
		return nil, err
	}
	attr, uid, gid, err := privileges.Unprivileged("asterisk")
	if err != nil {
		return nil, fmt.Errorf("starting Asterisk: %w", err)
	}
	if err := endStale(ctx, p); err != nil {
		return nil, err
	}
	in := &Instance{params: p, attr: attr, ended: make(chan struct{})}
	if err := free(p.sipHostPort(), loopback(p.HTTPPort)); err != nil {
		return nil, fmt.Errorf("starting Asterisk: %w", err)
	}
	if err := Render(p); err != nil {
		return nil, err
	}
	for _, folder := range []string{p.confDir(), p.dir("run"), p.dir("db"), p.dir("log"), p.dir("spool"), p.RecordingDir} {
		if err := privileges.Give(folder, uid, gid); err != nil {
			return nil, fmt.Errorf("starting Asterisk: %w", err)
		}
	}
	for _, folder := range []string{p.confDir(), p.RecordingDir, p.Prefix.Binary} {
		if err := privileges.Reachable(attr, folder); err != nil {
			return nil, fmt.Errorf("starting Asterisk: %w", err)
		}
	}
	if err := in.launch(); err != nil {
		return nil, err
	}
	if err := in.waitReady(ctx); err != nil {
		in.Kill()
		return nil, fmt.Errorf("Asterisk did not start: %w%s", err, in.lastWords())
	}
	return in, nil
}

func (in *Instance) launch() error {
	p := in.params
	output, err := os.Create(p.dir("log/output"))
	if err != nil {
		return fmt.Errorf("starting Asterisk: %w", err)
	}
	defer output.Close() // the process has its own
	in.cmd = in.program(context.Background(), "-f", "-C", p.mainConf())
	in.cmd.Stdout, in.cmd.Stderr = output, output
	if err := in.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Prefix.Binary, err)
	}
	go func() {
		err := in.cmd.Wait()
		in.mu.Lock()
		in.err = err
		in.mu.Unlock()
		close(in.ended)
	}()
	return nil
}

func (p Params) mainConf() string { return p.dir("etc/asterisk/asterisk.conf") }

// program prepares the asterisk program with args, as the account it has to run under.
func (in *Instance) program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := privileges.Command(ctx, in.attr, "/", in.params.Prefix.Argv(args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=" + in.params.dir("run")}
	if zone, set := os.LookupEnv("TZ"); set {
		cmd.Env = append(cmd.Env, "TZ="+zone)
	}
	return cmd
}

// waitReady polls ARI's ping, then waits for the last module: ARI answers before all are loaded.
func (in *Instance) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		err := in.ping(ctx, client)
		if err == nil {
			break
		}
		select {
		case <-in.ended:
			return fmt.Errorf("it ended by itself: %w", in.exitError())
		case <-ctx.Done():
			return fmt.Errorf("ARI does not answer: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if _, err := in.Command(ctx, "core waitfullybooted"); err != nil {
		return err
	}
	return nil
}

func (in *Instance) ping(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, in.ARIURL()+"/asterisk/ping", nil)
	if err != nil {
		return fmt.Errorf("asking ARI: %w", err)
	}
	req.SetBasicAuth(in.params.ARIUser, in.params.ARIPassword)
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("asking ARI: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("asking ARI: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("asking ARI: %s", resp.Status)
	}
	return nil
}

// ARIURL is where ARI is served, without a slash at the end: http://127.0.0.1:PORT/ari
func (in *Instance) ARIURL() string { return "http://" + loopback(in.params.HTTPPort) + "/ari" }

// Params are the settings it runs with, defaults filled in.
func (in *Instance) Params() Params { return in.params }

// PID is Asterisk's process id.
func (in *Instance) PID() int { return in.cmd.Process.Pid }

// Ended is closed when the process is gone, for whatever reason.
func (in *Instance) Ended() <-chan struct{} { return in.ended }

func (in *Instance) exitError() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err == nil {
		return errors.New("exit status 0")
	}
	return in.err
}

// Command runs one command of Asterisk's console ("core show version") and returns what it prints.
func (in *Instance) Command(ctx context.Context, cli string) (string, error) {
	if strings.ContainsAny(cli, "\r\n") {
		return "", fmt.Errorf("console command %q: give one line", cli)
	}
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	out, err := in.program(ctx, "-C", in.params.mainConf(), "-rx", cli).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("console command %q: %w: %s", cli, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}

// Stop ends Asterisk in order: all calls are hung up with a BYE, recordings are complete (facts 3.8).
// What does not end within ten seconds, or by the end of ctx, is killed. Only this process is touched.
func (in *Instance) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	select {
	case <-in.ended:
		return nil
	default:
	}
	if _, err := in.Command(ctx, "core stop now"); err != nil {
		_ = in.cmd.Process.Signal(syscall.SIGTERM) // already gone: just what is wanted
	}
	select {
	case <-in.ended:
		return nil
	case <-ctx.Done():
		in.Kill()
		return fmt.Errorf("Asterisk (pid %d) did not stop in order and was killed: %w", in.PID(), ctx.Err())
	}
}

// Kill ends the process at once, as a crash would, and waits until it is gone.
func (in *Instance) Kill() {
	_ = in.cmd.Process.Kill() // already gone: just what is wanted
	<-in.ended
}
