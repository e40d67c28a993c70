package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/recording/qa"
)

// sample lists draws, writes one out, or draws it again.
func sample(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sample", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	verify := flags.String("verify", "", "draw again, and compare: a draw's name, its file as it was downloaded, or all")
	export := flags.String("export", "", "write the file of a draw, by its name, to the standard output: all that is needed to draw again")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings sample [flags]\n"+
			"Lists the samples: of each period of each plan the hash of its seed, and after the draw the seed. --verify works out from seed,\n"+
			"plan and population what had to be drawn; the exit code is 1 when anything else was. docs/sampling.md says how to do the same\n"+
			"without this program.")
		flags.PrintDefaults()
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	if *verify != "" && *verify != "all" {
		data, err := os.ReadFile(*verify)
		switch {
		case err == nil:
			d, lines, err := qa.ReadFile(data)
			if err != nil {
				return fmt.Errorf("%s: %w", *verify, err)
			}
			return redraw(out, d, lines)
		case !errors.Is(err, os.ErrNotExist):
			return err
		}
	}
	return withLedger(ctx, ledger, func(db *postgres.DB) error {
		switch {
		case *export != "":
			d, lines, err := db.Draw(ctx, *export)
			if err != nil {
				return err
			}
			if d.DrawnAt.IsZero() {
				return fmt.Errorf("draw %s is not drawn yet: its seed is shown after %s", d.ID, d.Until.Format(time.RFC3339))
			}
			file, err := d.File(lines)
			if err == nil {
				_, err = out.Write(file)
			}
			return err
		case *verify != "" && *verify != "all":
			d, lines, err := db.Draw(ctx, *verify)
			if err != nil {
				return err
			}
			return redraw(out, d, lines)
		}
		return samples(ctx, db, out, *verify == "all")
	})
}

const maxSamples = 10_000

// samples lists all draws, and draws them again if so wished.
func samples(ctx context.Context, db *postgres.DB, out io.Writer, verify bool) error {
	all, err := db.Draws(ctx, "", maxSamples)
	if err != nil {
		return err
	}
	wrong := 0
	for _, d := range all {
		switch {
		case !verify && d.DrawnAt.IsZero():
			fmt.Fprintf(out, "%s %s  %s to %s  promised %s\n", d.ID, d.Plan.Name, d.Since.Format(time.RFC3339), d.Until.Format(time.RFC3339), d.Commitment)
		case !verify:
			fmt.Fprintf(out, "%s %s  %s to %s  drawn from %d with %s\n", d.ID, d.Plan.Name, d.Since.Format(time.RFC3339), d.Until.Format(time.RFC3339), d.Population, d.Seed)
		case !d.DrawnAt.IsZero():
			whole, lines, err := db.Draw(ctx, d.ID)
			if err != nil {
				return err
			}
			if redraw(out, whole, lines) != nil {
				wrong++
			}
		}
	}
	if wrong > 0 {
		fmt.Fprintf(out, "%d draws are not what their seeds lead to\n", wrong)
		return errSaid
	}
	return nil
}

// redraw says whether a draw is what its seed, plan and population lead to.
func redraw(out io.Writer, d qa.Draw, lines []byte) error {
	if err := d.Verify(lines); err != nil {
		fmt.Fprintln(out, "WRONG:", err)
		return errSaid
	}
	late := ""
	if d.Late() {
		late = "; the seed was made at " + d.CommittedAt.Format(time.RFC3339) + ", after the period had begun"
	}
	_, err := fmt.Fprintf(out, "draw %s of %s: %d of %d picked as seed %s… leads to, which hashes to the promise%s\n", d.ID, d.Plan.Name, len(d.Picks), d.Population, d.Seed[:8], late)
	return err
}
