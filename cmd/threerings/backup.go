package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/backup"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/recording"
)

// ownSounds is where the house's own recordings for callers are, in the
// switch's sounds folder.
var ownSounds = filepath.Dir(prompts.OwnSound("any"))

// backUp writes a backup.
func backUp(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	force := flags.Bool("force", false, "replace FILE if it is there")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings backup [flags] FILE\n"+
			"Ledger, configuration, users, recordings and the house's own prompts, as they are at one moment; a node may\n"+
			"run meanwhile, and calls go on. FILE is a tar.gz, or - for standard output. It holds passwords: keep it safe.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("give one file to write, after the flags (- is standard output)")
	}
	file := flags.Arg(0)
	say := out
	if file == "-" {
		say = os.Stderr // the backup itself goes out
	}
	return withDatabase(ctx, ledger, func(url string, running *node.Control) error {
		folders, err := foldersOf(ctx, ledger, running)
		if err != nil {
			return err
		}
		moment, err := postgres.OpenMoment(ctx, url)
		if err != nil {
			return err
		}
		defer moment.Close()
		b := &backingUp{moment: moment, folders: folders, say: say, shown: newCounter(say)}
		if file == "-" {
			return b.write(ctx, out)
		}
		if err := writeNew(file, *force, func(w io.Writer) error { return b.write(ctx, w) }); err != nil {
			return err
		}
		_, err = fmt.Fprintf(say, "%s is whole. It holds passwords: keep it where only you can read it\n", file)
		return err
	})
}

// foldersOf are the folders of the running node, or those of the settings.
func foldersOf(ctx context.Context, l ledgerFlags, running *node.Control) (node.Folders, error) {
	if running != nil {
		return running.Folders(ctx)
	}
	set, err := l.settings()
	if err != nil {
		return node.Folders{}, err
	}
	return node.FoldersOf(*set), nil
}

// backingUp is a backup under way.
type backingUp struct {
	moment  *postgres.Moment
	folders node.Folders
	say     io.Writer
	shown   *counter
	told    int
}

func (b *backingUp) write(ctx context.Context, w io.Writer) error {
	defer b.shown.clear()
	files, bytes, err := b.moment.RecordingsSize(ctx)
	if err != nil {
		return err
	}
	head := backup.Head{Program: programVersion(), Schema: b.moment.Schema, Centre: houseName(b.moment.Centre), Taken: b.moment.At,
		Pools: b.moment.Pools, Recordings: backup.Files{Files: files, Bytes: bytes}}
	for _, t := range b.moment.Tables {
		head.Tables = append(head.Tables, backup.Table(t))
	}
	to, err := backup.NewWriter(b.shown.writer(ctx, w), head)
	if err != nil {
		return err
	}
	for _, t := range b.moment.Tables {
		b.shown.at("table " + t.Name)
		table := to.Table(t.Name)
		if _, err := b.moment.Copy(ctx, t, table); err != nil {
			return err
		}
		if err := table.Close(); err != nil {
			return err
		}
	}
	recordings, err := b.moment.Recordings(ctx)
	if err != nil {
		return err
	}
	b.moment.Close() // files take long, and need no moment of the database
	if err := b.sounds(ctx, to); err != nil {
		return err
	}
	if err := b.recordings(ctx, to, recordings); err != nil {
		return err
	}
	seal, err := to.Close()
	if err != nil {
		return err
	}
	b.shown.clear()
	if more := b.told - mostProblems; more > 0 {
		fmt.Fprintf(b.say, "and %d more recordings\n", more)
	}
	return summary(b.say, head, seal)
}

// sounds adds the house's own recordings for callers.
func (b *backingUp) sounds(ctx context.Context, to *backup.Writer) error {
	if b.folders.Sounds == "" {
		return nil
	}
	b.shown.at("prompts")
	folder := os.DirFS(filepath.Join(b.folders.Sounds, ownSounds))
	entries, err := fs.ReadDir(folder, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("own prompts: %w", err)
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name, _, _ := strings.Cut(e.Name(), ".")
		if !e.Type().IsRegular() || prompts.CheckName(name) != nil {
			continue
		}
		data, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return fmt.Errorf("own prompts: %w", err)
		}
		if err := to.Sound(e.Name(), data); err != nil {
			return err
		}
	}
	return nil
}

func (b *backingUp) recordings(ctx context.Context, to *backup.Writer, all []postgres.Recording) error {
	from := b.folders.Store()
	// The days' roots too, which no row speaks of by name.
	err := from.List(ctx, recording.RootsFolder+"/", func(i store.Info) error {
		all = append(all, postgres.Recording{Path: i.Name})
		return nil
	})
	if err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	for i, r := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.shown.at(fmt.Sprintf("recording %d of %d", i+1, len(all)))
		problem, err := b.recording(ctx, to, from, r)
		if err != nil {
			return err
		}
		if problem == nil {
			continue
		}
		if b.told++; b.told <= mostProblems {
			b.shown.clear()
			fmt.Fprintf(b.say, "recording %s of call %s: %s\n", r.Path, r.Call, problem.What)
		}
	}
	return nil
}

// mostProblems are told one by one; all of them are in the backup.
const mostProblems = 20

// recording adds one recording, or the reason why it cannot.
func (b *backingUp) recording(ctx context.Context, to *backup.Writer, from store.Store, r postgres.Recording) (*backup.Problem, error) {
	missing := func(what string) (*backup.Problem, error) {
		p := &backup.Problem{Path: r.Path, What: what}
		return p, to.Problem(*p)
	}
	f, err := from.Open(ctx, r.Path)
	if err != nil {
		return missing("it is not in the backup: " + err.Error())
	}
	defer f.Close()
	return to.Recording(r.Path, f.Info().Size, f.Info().Changed, r.SHA256, f)
}

// summary says what a backup has.
func summary(out io.Writer, head backup.Head, seal backup.Seal) error {
	fmt.Fprintf(out, "%s, %s, schema %d\n", orNone(head.Centre, "no centre configured"), head.Taken.Format("2006-01-02 15:04:05 UTC"), head.Schema)
	for _, pool := range slices.Sorted(maps.Keys(head.Pools)) {
		fmt.Fprintf(out, "pool %s: up to record %d\n", pool, head.Pools[pool])
	}
	_, err := fmt.Fprintf(out, "%d calls, %d events, %d users, %d recordings (%s), %d files of own prompts\n", seal.Rows["calls"], seal.Rows["events"],
		seal.Rows["users"], seal.Recordings.Files, disk.Size(uint64(max(0, seal.Recordings.Bytes))), seal.Sounds.Files)
	if seal.Problems > 0 {
		_, err = fmt.Fprintf(out, "WARNING: %d recordings of the index are missing, or not what the index says\n", seal.Problems)
	}
	return err
}

func orNone(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// houseName is the name in a centre.yaml, also in one that this version would
// refuse.
func houseName(source string) string {
	var c struct {
		Centre struct {
			Name string `yaml:"name"`
		} `yaml:"centre"`
	}
	if yaml.Unmarshal([]byte(source), &c) != nil {
		return ""
	}
	return c.Centre.Name
}

// programVersion is what the build says of itself.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(version, s.Value[:min(12, len(s.Value))]) {
			version += " " + s.Value
		}
	}
	return strings.TrimSpace(version)
}
