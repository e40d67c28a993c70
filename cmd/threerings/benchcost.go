package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// asCrowd makes this program the robots of another one: an argument, so that
// it is no command of the user's.
const asCrowd = "--as-robots"

// benchCost measures what a centre takes of a machine. The robots are another
// process of the same program.
func benchCost(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench-cost", flag.ContinueOnError)
	file := flags.String("out", "bench-cost.json", "where the figures go as JSON; empty: nowhere")
	each := flags.Duration("for", 40*time.Second, "how long each of the five measurements lasts")
	robots := flags.Bool(asCrowd[2:], false, "used by the program itself")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *robots {
		return bench.Crowd(ctx, os.Stdin, io.Discard)
	}
	if *each < time.Second || *each > time.Hour {
		return fmt.Errorf("--for %s: give 1s to 1h", *each)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program: %w", err)
	}
	dir, logFile, err := benchFolder()
	if err != nil {
		return err
	}
	defer logFile.Close()
	o := bench.CostOptions{For: *each, Crowd: []string{self, "bench-cost", asCrowd}}
	o.Dir, o.Log = dir, slog.New(slog.NewTextHandler(logFile, nil))
	slog.SetDefault(o.Log)
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Progress = func(what string, done, of int) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s %d/%d", what, done, of) }
		defer fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	c, err := bench.RunCost(ctx, o)
	return benchDone(ctx, dir, *file, c, out, err)
}
