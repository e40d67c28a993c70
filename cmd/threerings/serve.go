package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/settings"
)

// serve runs one node of a centre until it is told to end.
func serve(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	takeOver := flags.Bool("takeover", false, "take over from the threerings that runs with the same data folder, which ends when this one leads:\n        an upgrade on one machine without a missed ring. It goes on if this one fails; if none runs, this is a usual start")
	set, err := settings.Load(flags, args, os.Environ())
	if err != nil {
		return err
	}
	log := newLog(os.Stderr, set.Log)
	slog.SetDefault(log)
	start := node.Start
	if *takeOver {
		start = node.TakeOver
	}
	n, err := start(ctx, *set, log)
	if err != nil {
		return err
	}
	for _, addr := range n.Addrs() {
		fmt.Fprintf(out, "wallboard: http://%s/wallboard\n", addr)
	}
	select {
	case <-ctx.Done():
		log.Info("stopping; conversations go on in Asterisk")
	case <-n.Ended():
	}
	return n.Close()
}

func newLog(w io.Writer, l settings.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
