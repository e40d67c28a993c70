package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/queue"
)

// process is `threerings serve` in a process of its own, in the place of the
// box's node.
type process struct {
	box   *box.Box
	cmd   *exec.Cmd
	log   *lockedBuffer
	ended chan struct{}
	err   error // valid when ended
}

// settingsOf spreads the settings of a box's node over the three places that
// they may come from: a file, the environment, flags.
func settingsOf(t *testing.T, b *box.Box) (env, args []string) {
	t.Helper()
	dir := filepath.Dir(b.Settings.Data)
	secret, file := filepath.Join(dir, "ari-password"), filepath.Join(dir, "threerings.yaml")
	must(t, os.WriteFile(secret, []byte(b.Settings.Asterisk.Password.Reveal()+"\n"), 0o600))
	must(t, os.WriteFile(file, fmt.Appendf(nil, `data: %s
node: from-file
asterisk:
  url: %s
  user: nobody
  password_file: %s
  recordings: %s
`, b.Settings.Data, b.Settings.Asterisk.URL, secret, b.Settings.Asterisk.Recordings), 0o600))
	env = []string{"THREERINGS_ASTERISK_USER=" + b.Settings.Asterisk.User, "THREERINGS_ASTERISK_SOUNDS=" + b.Settings.Asterisk.Sounds,
		"THREERINGS_RECORDINGS=" + b.Settings.Recordings, "THREERINGS_NODE=from-env"}
	return env, []string{"--config", file, "--http-addr", b.Settings.HTTP.Addr[0], "--node", "from-flag"}
}

// program prepares a command of the binary; no settings come from outside.
func program(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := all.binary()
	must(t, err)
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "THREERINGS_") && !strings.HasPrefix(v, "DATABASE_URL=") && !strings.HasPrefix(v, "REDIS_URL=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// serve starts the program and waits until it is ready.
func serve(t *testing.T, b *box.Box) *process {
	t.Helper()
	p := launch(t, b)
	until(t, "the program to be ready", func() bool {
		select {
		case <-p.ended:
			t.Fatalf("the program ended: %v\n%s", p.err, p.log)
		default:
		}
		return p.ready(inTime(t))
	})
	return p
}

// launch starts the program, with flags more than the settings.
func launch(t *testing.T, b *box.Box, flags ...string) *process {
	t.Helper()
	env, args := settingsOf(t, b)
	args = append(args, flags...)
	p := &process{box: b, log: &lockedBuffer{}, ended: make(chan struct{})}
	p.cmd = program(t, env, append([]string{"serve"}, args...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	must(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of the program:\n%s", tail(p.log, 20_000))
		}
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended long since
		select {
		case <-p.ended:
		case <-inTime(t).Done():
			t.Error("the program does not end")
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
	return p
}

func (p *process) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.box.URL+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Kill())
	<-p.ended
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) || exit.ExitCode() != -1 {
		t.Errorf("killed: %v", p.err)
	}
}

// end asks it to end and expects that it does so in order.
func (p *process) end(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Signal(syscall.SIGTERM))
	<-p.ended
	if p.err != nil {
		t.Errorf("after SIGTERM: %v\n%s", p.err, tail(p.log, 2000))
	}
}

func (p *process) setAgent(t *testing.T, id queue.AgentID, state queue.AgentState) {
	t.Helper()
	web(t, "POST", fmt.Sprintf("%s/api/v1/agents/%s/state", p.box.URL, id), supervisor, fmt.Sprintf(`{"state":%q}`, state), http.StatusOK, nil)
}
