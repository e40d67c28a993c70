package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// audit compares recordings with what was filed of them.
func audit(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	day := flags.String("day", "", "only the tree of this day, such as 2026-11-22; default: all days, and what is in no tree yet")
	call := flags.String("call", "", "print the proof that this call's recording is in its day's tree, as JSON")
	file := flags.String("file", "", "say whose recording a file is, as it was downloaded, and prove it")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings audit [flags]\n"+
			"Compares each recording in the store with its row, and rows with the days' trees and their chain, in the database and beside\n"+
			"the recordings. What is not as it was filed is named, a line each; the exit code is 1 then. It reads every object.")
		flags.PrintDefaults()
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	if *day != "" {
		if _, err := time.Parse(time.DateOnly, *day); err != nil {
			return fmt.Errorf("--day %s: give a day such as 2026-11-22", *day)
		}
	}
	return withKeeper(ctx, ledger, func(k *recording.Keeper, db *postgres.DB) error {
		switch {
		case *file != "":
			return proveFile(ctx, db, *file, out)
		case *call != "":
			return prove(ctx, db, out, "the recording of call "+*call, func(l recording.Leaf) bool { return l.Call == queue.CallID(*call) })
		}
		found := 0
		sum, err := k.Audit(ctx, db, *day, func(f recording.Finding) {
			found++
			fmt.Fprintf(out, "%-8s %s %s %s: %s\n", f.Fault, orNone(f.Day, "(open)"), orNone(string(f.Call), "-"), f.Name, f.What)
		})
		if err != nil {
			return err
		}
		roots, err := db.Roots(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%d days, %d recordings filed, %d not yet; %d objects read, %s\n", sum.Days, sum.Leaves, sum.Open, sum.Objects, disk.Size(uint64(sum.Bytes)))
		if n := len(roots); n > 0 {
			fmt.Fprintf(out, "last day closed: %s, hash %s\n", roots[n-1].Day, roots[n-1].Hash)
		}
		if found > 0 {
			fmt.Fprintf(out, "%d are not as they were filed\n", found)
			return errSaid
		}
		_, err = fmt.Fprintln(out, "all is as it was filed")
		return err
	})
}

// withKeeper has the recordings of the node that runs with the data folder, or
// that it would have.
func withKeeper(ctx context.Context, ledger ledgerFlags, do func(*recording.Keeper, *postgres.DB) error) error {
	return withDatabase(ctx, ledger, func(url string, running *node.Control) error {
		set, err := ledger.settings()
		if err != nil {
			return err
		}
		if running != nil {
			folders, err := running.Folders(ctx)
			if err != nil {
				return err
			}
			folders.Into(set)
		}
		db, err := postgres.Open(ctx, url)
		if err != nil {
			return err
		}
		defer db.Close()
		return do(node.NewKeeper(*set, db, slog.New(slog.NewTextHandler(os.Stderr, nil))), db)
	})
}

// prove prints the inclusion of a recording that is wanted.
func prove(ctx context.Context, db *postgres.DB, out io.Writer, what string, is func(recording.Leaf) bool) error {
	p, ok, err := recording.Prove(ctx, db, is)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s is in no day's tree: its day is not closed yet, or it is not ours", what)
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s\n", data); err != nil {
		return err
	}
	if err := p.Verify(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	_, err = fmt.Fprintf(out, "%s is leaf %d of %d of %s: its path leads to the root\n", what, p.Index, p.Root.Leaves, p.Root.Day)
	return err
}

// proveFile proves a file by what is in it.
func proveFile(ctx context.Context, db *postgres.DB, file string, out io.Writer) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	hash := hex.EncodeToString(sum.Sum(nil))
	err = prove(ctx, db, out, file, func(l recording.Leaf) bool { return l.SHA256 == hash || l.Object == hash })
	if err != nil && !errors.Is(err, recording.ErrNotProved) {
		err = fmt.Errorf("%w (SHA-256 %s; a file made with format=wav is another than the one kept)", err, hash)
	}
	return err
}
