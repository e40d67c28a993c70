package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one `threerings serve`.
type process struct {
	name   string
	binary string
	ways   *ways
	wrap   []string // a command that runs the binary; empty: none
	args   []string
	env    []string
	url    string // of its pages
	log    io.Writer

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
}

// start runs it and returns when the process is there, not when it is ready.
func (p *process) start() error { return p.startWith() }

// takeOver starts a second process in the place of the one that runs, waits
// for the end of that one, and returns since when it did not lead.
func (p *process) takeOver(ctx context.Context) (stopped time.Time, err error) {
	now := func() (*exec.Cmd, chan struct{}) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.cmd, p.ended
	}
	cmd, first := now()
	if err := p.startWith("--takeover"); err != nil {
		return stopped, err
	}
	_, second := now()
	ctx, cancel := context.WithTimeout(ctx, backLimit)
	defer cancel()
	for {
		if asked := time.Now(); stopped.IsZero() && !p.ready(ctx) {
			stopped = asked
		}
		select {
		case <-first:
			if stopped.IsZero() { // too fast to be seen
				stopped = time.Now()
			}
			return stopped, nil
		case <-second:
			p.mu.Lock()
			p.cmd, p.ended = cmd, first // it goes on, and is the one to end
			p.mu.Unlock()
			return stopped, fmt.Errorf("%s did not take over", p.name)
		case <-ctx.Done():
			return stopped, fmt.Errorf("wait until %s has handed over: %w", p.name, ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (p *process) startWith(flags ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := slices.Concat(p.wrap, []string{p.binary, "serve"}, p.args, flags)
	cmd := exec.Command(line[0], line[1:]...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "THREERINGS_") && !strings.HasPrefix(v, "DATABASE_URL=") && !strings.HasPrefix(v, "REDIS_URL=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, p.env...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	fmt.Fprintf(p.log, "=== %s starts at %s\n", p.name, time.Now().Format(time.RFC3339Nano))
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is seen by what follows
		close(ended)
	}()
	p.cmd, p.ended = cmd, ended
	return nil
}

// signal sends a signal to the process; one that is gone is no error.
func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil
	}
	fmt.Fprintf(p.log, "=== %s gets %v at %s\n", p.name, s, time.Now().Format(time.RFC3339Nano))
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%v to %s: %w", s, p.name, err)
	}
	return nil
}

func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// alive tells whether it was started and has not ended.
func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// gone waits until the process has ended.
func (p *process) gone(ctx context.Context) error {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended == nil {
		return nil
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of %s: %w", p.name, ctx.Err())
	}
}

func (p *process) kill(ctx context.Context) error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	return p.gone(ctx)
}

// end asks it to end, and kills it when it does not.
func (p *process) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_ = p.signal(syscall.SIGCONT)
	err := p.signal(syscall.SIGTERM)
	if gone := p.gone(ctx); gone != nil {
		err = errors.Join(err, gone, p.kill(context.Background()))
	}
	return err
}

// asker asks a process over HTTP, with a connection for each question: a
// process that was killed leaves nothing to be reused.
var asker = &http.Client{Timeout: 700 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}

// ready tells whether the process leads its pool and hears the switch. The
// ledger may be away: records are kept aside then, and calls go on.
func (p *process) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := asker.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return true
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	return err == nil && inControl(body)
}
