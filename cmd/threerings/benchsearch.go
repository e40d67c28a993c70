package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// benchSearch measures how long searches among many recordings take.
func benchSearch(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench-search", flag.ContinueOnError)
	file := flags.String("out", "bench-search.json", "where the figures go as JSON; empty: nowhere")
	n := flags.Int("recordings", 1_000_000, "how many recordings there are; a million takes two minutes and 1 GB to make")
	times := flags.Int("times", 40, "how often each question is asked")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *n < 1000 || *n > 10_000_000 || *times < 1 || *times > 10_000 {
		return fmt.Errorf("give 1000 to 10000000 recordings, and 1 to 10000 times")
	}
	dir, logFile, err := benchFolder()
	if err != nil {
		return err
	}
	defer logFile.Close()
	o := bench.SearchOptions{Dir: dir, N: *n, Times: *times, Progress: func(string) {}}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.Progress = func(what string) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s", what) }
		defer fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	r, err := bench.RunSearch(ctx, o)
	return benchDone(ctx, dir, *file, r, out, err)
}
