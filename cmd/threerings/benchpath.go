package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// benchPath measures the path of a call on a real Asterisk and writes what
// came out. A figure that is missed is reported as missed and is no error.
func benchPath(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench-path", flag.ContinueOnError)
	file := flags.String("out", "bench-path.json", "where the figures go as JSON; empty: nowhere")
	calls := flags.Int("calls", 300, "samples of route_idle, dispatch and connect_audio; cancel and wallboard take two thirds of the calls")
	rate := flags.Float64("rate", 5, "calls per second")
	only := flags.String("only", "", "measure only these, with commas between: route_idle, dispatch, cancel, connect_audio, wallboard")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *calls < 1 || *calls > 10_000 || *rate < 0.1 || *rate > 50 {
		return fmt.Errorf("--calls %d --rate %g: give 1 to 10000 calls at 0.1 to 50 per second", *calls, *rate)
	}
	o := bench.Options{Calls: *calls, Rate: *rate}
	all := []string{bench.RouteIdle, bench.Dispatch, bench.Cancel, bench.ConnectAudio, bench.Wallboard}
	if *only != "" {
		wanted := strings.Split(*only, ",")
		for _, name := range wanted {
			if !slices.Contains(all, name) {
				return fmt.Errorf("--only %s: there is no %q; choose from %s", *only, name, strings.Join(all, ", "))
			}
		}
		o.Only = func(name string) bool { return slices.Contains(wanted, name) }
	}
	dir, logFile, err := benchFolder()
	if err != nil {
		return err
	}
	defer logFile.Close()
	o.Dir, o.Log = dir, slog.New(slog.NewTextHandler(logFile, nil))
	slog.SetDefault(o.Log)
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Progress = func(what string, done, of int) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s %d/%d", what, done, of) }
	}
	r, err := bench.Run(ctx, o)
	if o.Progress != nil {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	return benchDone(ctx, dir, *file, r, out, err)
}

// benchFolder is where a measured centre lives, and its log.
func benchFolder() (dir string, log *os.File, err error) {
	if dir, err = os.MkdirTemp("", "threerings-bench-"); err != nil {
		return "", nil, fmt.Errorf("folder for the centre: %w", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Asterisk and Postgres run as users of their own
		return "", nil, fmt.Errorf("folder for the centre: %w", err)
	}
	if log, err = os.Create(filepath.Join(dir, "threerings.log")); err != nil {
		return "", nil, fmt.Errorf("log: %w", err)
	}
	return dir, log, nil
}

// figures are what a measurement brings.
type figures interface {
	JSON() ([]byte, error)
	Table(io.Writer) error
}

// benchDone clears up after a measurement and tells what came out, or where to
// look for why not.
func benchDone(ctx context.Context, dir, file string, r figures, out io.Writer, err error) error {
	if err != nil {
		if ctx.Err() != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
		return fmt.Errorf("%w (logs are in %s)", err, dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the centre's folder: %w", err)
	}
	if file != "" {
		data, err := r.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	return r.Table(out)
}
