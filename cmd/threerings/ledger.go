package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/internal/settings"
)

// ledgerFlags say whose ledger a command means.
type ledgerFlags struct{ data, config *string }

func newLedgerFlags(flags *flag.FlagSet) ledgerFlags {
	return ledgerFlags{
		data:   flags.String("data", "", "data folder of the node; default: as the settings have it"),
		config: flags.String("config", "", "settings file of the node; default: "+settings.ConfigVariable),
	}
}

// settings are those the node would have with these flags.
func (l ledgerFlags) settings() (*settings.Settings, error) {
	var args []string
	if *l.config != "" {
		args = append(args, "--config", *l.config)
	}
	if *l.data != "" {
		args = append(args, "--data", *l.data)
	}
	return settings.Load(flag.NewFlagSet("", flag.ContinueOnError), args, os.Environ())
}

// withLedger opens the ledger of the node that runs with the data folder, or,
// if none runs, the one that it would have. The running node comes first: a
// DATABASE_URL that lies about in the environment may belong to another
// program, and opening a ledger makes tables.
func withLedger(ctx context.Context, l ledgerFlags, do func(*postgres.DB) error) error {
	return withDatabase(ctx, l, func(url string, _ *node.Control) error {
		db, err := postgres.Open(ctx, url)
		if err != nil {
			return err
		}
		defer db.Close()
		return do(db)
	})
}

// withDatabase is withLedger for who opens the database otherwise; running is
// nil if no node runs.
func withDatabase(ctx context.Context, l ledgerFlags, do func(url string, running *node.Control) error) error {
	err := error(node.ErrNotRunning)
	var running *node.Control
	if *l.data != "" {
		running, err = node.Dial(*l.data)
	}
	if errors.Is(err, node.ErrNotRunning) {
		set, bad := l.settings()
		if bad != nil {
			return bad
		}
		running, err = node.Dial(set.Data)
		if errors.Is(err, node.ErrNotRunning) {
			return withDatabaseOf(ctx, set, func(url string) error { return do(url, nil) })
		}
	}
	if err != nil {
		return err
	}
	url, err := running.DatabaseURL(ctx)
	if err != nil {
		return err
	}
	return do(url, running)
}

// withDatabaseOf has the database that a node with these settings would have,
// for as long as none runs.
func withDatabaseOf(ctx context.Context, set *settings.Settings, do func(url string) error) error {
	if url := set.DatabaseURL.Reveal(); url != "" {
		return do(url)
	}
	folder := filepath.Join(set.Data, "postgres")
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("there is no ledger in %s: give the node's data folder (--data) or its settings (--config)", set.Data)
	}
	server, err := private.Start(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }() // only read, or committed
	return do(server.URL())
}

// rebuild folds the projections again.
func rebuild(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("rebuild", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	pool := flags.String("pool", "", "pool whose projections are rebuilt; default: as the settings have it")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings rebuild [flags]\nCalls, offers, intervals and violations are thrown away and folded again from the events.\nA node may run meanwhile: calls go on, and what happens is stored afterwards.")
		flags.PrintDefaults()
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	if *pool == "" {
		set, err := ledger.settings()
		if err != nil {
			return err
		}
		*pool = set.Pool
	}
	return withLedger(ctx, ledger, func(db *postgres.DB) error {
		state, err := db.Load(ctx, *pool)
		if err != nil {
			return err
		}
		if state.Seq() == 0 {
			return fmt.Errorf("there are no events of pool %q: give the right one with --pool", *pool)
		}
		if err := db.Rebuild(ctx, *pool); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "pool %s: rebuilt from %d events\n", *pool, state.Seq())
		return err
	})
}

// export writes rows of the ledger.
func export(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	since := flags.String("since", "", "from this time on: 2026-11-22 or 2026-11-22T08:00 by the centre's clocks, 2026-11-22T08:00:00Z, or 24h for the last 24 hours")
	until := flags.String("until", "", "until before this time; default: all")
	format := flags.String("format", "csv", strings.Join(postgres.ExportFormats(), " or "))
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: threerings export %s [flags]\n\nTimes are UTC with milliseconds; the column local is by the centre's clocks.\n\n", strings.Join(postgres.ExportKinds(), "|"))
		flags.PrintDefaults()
		for _, kind := range postgres.ExportKinds() {
			columns, err := postgres.ExportColumns(kind)
			if err != nil {
				continue
			}
			fmt.Fprintf(flags.Output(), "\ncolumns of %s:\n", kind)
			for _, c := range columns {
				fmt.Fprintf(flags.Output(), "  %-22s %s\n", c.Name, c.Doc)
			}
		}
	}
	if len(args) == 0 || !slices.Contains(postgres.ExportKinds(), args[0]) {
		if len(args) > 0 && strings.HasPrefix(args[0], "-") {
			return flags.Parse(args)
		}
		return fmt.Errorf("say what to export: %s", strings.Join(postgres.ExportKinds(), ", "))
	}
	kind := args[0]
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	for name, text := range map[string]string{"since": *since, "until": *until} {
		if _, err := moment(text, time.UTC); err != nil { // before a database is asked for
			return fmt.Errorf("--%s: %w", name, err)
		}
	}
	return withLedger(ctx, ledger, func(db *postgres.DB) error {
		if err := note(ctx, db, "export", kind, args[1:]...); err != nil { // R14.1: it shows everybody's numbers
			return err
		}
		zone, err := time.LoadLocation(cmp.Or(zoneApplied(ctx, db), centre.DefaultTimeZone))
		if err != nil {
			return fmt.Errorf("the centre's time zone: %w", err)
		}
		from, _ := moment(*since, zone)
		to, _ := moment(*until, zone)
		w := bufio.NewWriter(out)
		if err := db.Export(ctx, w, kind, from, to, *format, zone); err != nil {
			return err
		}
		return w.Flush()
	})
}

// moment reads a date or a time, which are those of zone unless they say
// otherwise, or a length of time before now.
func moment(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return time.Now().Add(-d).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is not understood: give 2026-11-22, 2026-11-22T08:00:00Z, or 24h", text)
}
