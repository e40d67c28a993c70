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
	"strings"

	"golang.org/x/term"

	"github.com/threerings/threerings/cmd/internal/chaos"
)

// breakThings plays calls while it kills, stops, cuts and slows each part, and
// says what came of it. It ends with exit code 1 when a promise was broken.
func breakThings(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	file := flags.String("out", "chaos.json", "where the report goes as JSON; empty: nowhere")
	only := flags.String("kinds", "", "only these, with commas between: "+strings.Join(chaos.Kinds(), ", "))
	times := flags.Int("times", 20, "how often each kind is done")
	seed := flags.Uint64("seed", 1, "of all chance: callers, talks, instants of faults")
	worlds := flags.Int("worlds", 4, "so many centres side by side, each with its Asterisk, Postgres, Redis and robots: one takes about an eighth of a core")
	keep := flags.Bool("keep", false, "leave the folder with logs and recordings, and say where it is")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *times < 1 || *times > 100_000 {
		return fmt.Errorf("--times %d: give 1 to 100000", *times)
	}
	if *worlds < 1 || *worlds > 64 {
		return fmt.Errorf("--worlds %d: give 1 to 64", *worlds)
	}
	o := chaos.Options{Times: *times, Seed: *seed, Worlds: *worlds}
	if *only != "" {
		o.Kinds = strings.Split(*only, ",")
	}
	var err error
	if o.Binary, err = os.Executable(); err != nil {
		return fmt.Errorf("the program under test: %w", err)
	}
	if o.Dir, err = os.MkdirTemp("", "threerings-chaos-"); err != nil {
		return fmt.Errorf("folder for the centre: %w", err)
	}
	if err := os.Chmod(o.Dir, 0o755); err != nil { // Asterisk and Postgres run as users of their own
		return fmt.Errorf("folder for the centre: %w", err)
	}
	driver, err := os.Create(filepath.Join(o.Dir, "driver.log"))
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	defer driver.Close()
	slog.SetDefault(slog.New(slog.NewTextHandler(driver, nil)))
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Progress = func(what string, done, of int) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s %d/%d", what, done, of) }
	}
	save := func(r *chaos.Report) error {
		if *file == "" {
			return nil
		}
		data, err := r.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(*file, data, 0o644); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		return nil
	}
	o.Judged = func(r *chaos.Report) { _ = save(r) } // told at the end
	r, err := chaos.Run(ctx, o)
	if o.Progress != nil {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	if r == nil || len(r.Faults) == 0 {
		return fmt.Errorf("%w (logs are in %s)", err, o.Dir)
	}
	if err := save(r); err != nil {
		return err
	}
	if err := r.Table(out); err != nil {
		return err
	}
	if r.Failed() || *keep || err != nil {
		fmt.Fprintf(out, "\nlogs and recordings are in %s, a folder for each centre; threerings' own log is threerings.log in it\n", o.Dir)
	} else if gone := os.RemoveAll(o.Dir); gone != nil {
		return errors.Join(err, fmt.Errorf("remove the centre's folder: %w", gone))
	}
	if err == nil && r.Failed() {
		return errSaid
	}
	return err
}
