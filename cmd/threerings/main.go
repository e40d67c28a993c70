// Threerings is a call centre for Asterisk: one program with a command for
// each job. `threerings help` lists them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	_ "time/tzdata" // the house's time zone must load on any machine
)

// command is one job of the program.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"serve", "run a centre: Asterisk's calls, the ledger, the wallboard", serve},
	{"demo", "start a whole centre on this machine, with robot callers and agents", demo},
	{"apply", "put queues, agents, numbers and ring rules in place: apply centre.yaml", apply},
	{"schema", "print the JSON Schema of centre.yaml, with which an editor completes and checks it", schema},
	{"doctor", "check everything a deployment needs, and say how to mend what is wrong", examine},
	{"simulate", "play calls and agents on a virtual clock: how many people do we need?", simulate},
	{"bench-path", "measure the path of a call on a real Asterisk: bench-path --out bench-path.json", benchPath},
	{"chaos", "break each part while calls run, and compare what robots lived through with the ledger: chaos --kinds kill --times 20", breakThings},
	{"bench-search", "measure how long searches among a million recordings take: bench-search [--recordings N] [--times N] [--out FILE]", benchSearch},
	{"bench-cost", "measure what a centre takes of this machine, for sizing: bench-cost --out bench-cost.json", benchCost},
	{"export", "write calls, offers or events of the ledger as CSV or JSON", export},
	{"backup", "write ledger, configuration, users and recordings into one file, while calls go on: backup FILE", backUp},
	{"restore", "fill an empty centre from a backup, or verify one: restore [--check] FILE", restore},
	{"sample", "list the samples of quality checks, and draw them again: sample [--verify DRAW|FILE|all] [--export DRAW]", sample},
	{"audit", "verify that recordings are what they were when their day was closed: audit [--day DAY] [--call ID] [--file FILE]", audit},
	{"rebuild", "fold calls, offers and violations again from the ledger's events", rebuild},
	{"user", "add a user of the pages, change a password, disable one: user add|passwd|disable|list", users},
	{"prompt", "take a recording for callers to hear, list those taken: prompt add NAME FILE.wav", promptCommand},
	{"asterisk-conf", "write the configuration of an Asterisk into a folder", renderAsterisk},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program without the process around it.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		usage(out)
		return 0
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		fmt.Fprintf(errOut, "threerings: there is no command %q\n\n", args[0])
		usage(errOut)
		return 2
	}
	err := commands[i].run(ctx, args[1:], out)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errSaid):
		return 1
	}
	fmt.Fprintf(errOut, "threerings %s: %v\n", args[0], err)
	return 1
}

// errSaid ends a command with exit code 1 after it has said all there is to say.
var errSaid = errors.New("already said")

func usage(w io.Writer) {
	fmt.Fprint(w, "Threerings, a call centre for Asterisk that answers within three rings.\n\nusage: threerings COMMAND [flags]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-14s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\n`threerings COMMAND --help` lists a command's flags.\n")
}
