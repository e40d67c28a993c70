package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"

	"golang.org/x/term"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/settings"
)

// apply puts a centre.yaml in force on the node that runs on this machine:
// judged as a whole, shown as a diff first, all or nothing.
func apply(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("apply", flag.ContinueOnError)
	data := dataFlag(flags)
	dryRun := flags.Bool("dry-run", false, "only say what would change, also for the calls that are there now; exit code 1 if it would be refused")
	asJSON := flags.Bool("json", false, "with --dry-run: say it as JSON")
	yes := flags.Bool("yes", false, "do not ask before applying (asked on a terminal only)")
	check := flags.Bool("check", false, "only judge the file; no running node is needed")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings apply [flags] centre.yaml")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("give one centre.yaml, after the flags")
	}
	file := flags.Arg(0)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := centre.Parse(file, text); err != nil {
		return err
	}
	if *check {
		fmt.Fprintf(out, "%s is in order\n", file)
		return nil
	}
	if *asJSON && !*dryRun {
		return fmt.Errorf("--json has a meaning only with --dry-run")
	}
	control, err := node.Dial(*data)
	if *dryRun && errors.Is(err, node.ErrNotRunning) {
		return writeDryRun(out, node.Applied{Warning: fmt.Sprintf("no threerings runs with the data folder %s, so only the file was checked: it is in order", *data)}, *asJSON)
	}
	if err != nil {
		return err
	}
	would, err := control.Apply(ctx, file, text, who(), true)
	if err != nil {
		return err
	}
	if *dryRun {
		return writeDryRun(out, would, *asJSON)
	}
	terminal := isTerminal(out)
	if err := writeApply(out, would, terminal); err != nil {
		return err
	}
	changes := len(would.Changes) > 0
	if changes && terminal && !*yes && !agreed(ctx, out) {
		fmt.Fprintln(out, "nothing was changed")
		return nil
	}
	// Also if nothing changes: an earlier apply may have left something undone.
	done, err := control.Apply(ctx, file, text, who(), false)
	if err != nil {
		return err
	}
	if done.Warning != "" {
		fmt.Fprintln(out, "warning:", done.Warning)
	}
	if changes {
		fmt.Fprintln(out, "applied; running calls are not disturbed")
	}
	return nil
}

// writeDryRun says what an apply would do. Being refused is an error.
func writeDryRun(out io.Writer, would node.Applied, asJSON bool) error {
	if !asJSON {
		if would.Changes != nil || would.Warning == "" {
			if err := writeApply(out, would, isTerminal(out)); err != nil {
				return err
			}
		}
		if would.Warning != "" {
			fmt.Fprintln(out, would.Warning)
		}
		return nil
	}
	text, err := json.MarshalIndent(would, "", "  ")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s\n", text); err != nil {
		return err
	}
	if would.Preview != nil && would.Preview.Refused != "" {
		return errSaid
	}
	return nil
}

// writeApply shows the differences, and what they mean for who is there now.
func writeApply(out io.Writer, would node.Applied, color bool) error {
	if err := centre.WriteDiff(out, would.Changes, color); err != nil || would.Preview == nil {
		return err
	}
	for i, f := range would.Preview.Facts {
		if i == 0 {
			fmt.Fprintln(out, "for who is there now:")
		}
		fmt.Fprintln(out, "  "+f.String())
	}
	if reason := would.Preview.Refused; reason != "" {
		return fmt.Errorf("would be refused: %s", reason)
	}
	return nil
}

// agreed asks on the terminal.
func agreed(ctx context.Context, out io.Writer) bool {
	fmt.Fprint(out, "apply? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		var text string
		_, _ = fmt.Scanln(&text) // an end of input is a no
		answer <- text
	}()
	select {
	case text := <-answer:
		return text == "y" || text == "Y" || text == "yes"
	case <-ctx.Done():
		return false
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// who is the account that gives the command, for the ledger.
func who() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}

// dataFlag is the flag of the commands that talk to a node: its data folder.
func dataFlag(flags *flag.FlagSet) *string {
	def := settings.Default("data")
	if v := os.Getenv("THREERINGS_DATA"); v != "" {
		def = v
	}
	value := flags.String("data", def, "data folder of the node")
	return value
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
