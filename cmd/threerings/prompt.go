package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
)

// promptCommand takes the house's own recordings into the folder where
// Asterisk looks for sounds. No running node is needed.
func promptCommand(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("prompt", flag.ContinueOnError)
	sounds := flags.String("sounds", "", "folder where Asterisk looks for sounds; default: asterisk.sounds of the settings")
	config := flags.String("config", "", "settings file of the node; default: "+settings.ConfigVariable)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings prompt add [flags] NAME FILE.wav\n       threerings prompt list [flags]\n"+
			"FILE.wav has samples of 16 bits, 8 to 48 kHz, mono or stereo; - is standard input.\n"+
			"NAME (a-z, 0-9, -) is how centre.yaml calls the recording; one of that name is replaced.")
		flags.PrintDefaults()
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		flags.SetOutput(out)
		flags.Usage()
		return errSaid
	}
	verb := args[0]
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	want := map[string]int{"add": 2, "list": 0}
	n, known := want[verb]
	switch {
	case !known:
		return fmt.Errorf("prompt %s: there are add and list", verb)
	case flags.NArg() != n && verb == "add":
		return errors.New("prompt add: give a name and a WAV file, after the flags")
	case flags.NArg() != n:
		return errors.New("prompt list: give nothing after the flags")
	}
	if *sounds == "" {
		var more []string
		if *config != "" {
			more = []string{"--config", *config}
		}
		set, err := settings.Load(flag.NewFlagSet("", flag.ContinueOnError), more, os.Environ())
		if err != nil {
			return err
		}
		if *sounds = set.Asterisk.Sounds; *sounds == "" {
			return errors.New("asterisk.sounds is not set: give the folder where Asterisk looks for sounds (--sounds), or the node's settings (--config)")
		}
	}
	if verb == "list" {
		return listPrompts(*sounds, out)
	}
	return addPrompt(ctx, *sounds, flags.Arg(0), flags.Arg(1), out)
}

func addPrompt(ctx context.Context, sounds, name, file string, out io.Writer) error {
	if info, err := os.Stat(sounds); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s: give the one where Asterisk looks for sounds", sounds)
	}
	var in io.Reader = os.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	replaced := prompts.Uploaded(sounds, name)
	if err := prompts.Import(ctx, sounds, name, in); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	what := "added"
	if replaced {
		what = "replaced"
	}
	_, err := fmt.Fprintf(out, "%s %s: Asterisk plays it as %s\n", name, what, prompts.OwnSound(name))
	return err
}

func listPrompts(sounds string, out io.Writer) error {
	all, err := prompts.Recordings(sounds)
	for _, o := range all {
		fmt.Fprintf(out, "%-40s %6.1f s  %s\n", o.Name, o.Duration.Seconds(), prompts.OwnSound(o.Name))
	}
	return err
}
