package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/backup"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/internal/settings"
)

// restore fills an empty centre from a backup, or verifies one.
func restore(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	check := flags.Bool("check", false, "verify FILE from its beginning to its end; nothing is written")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings restore [flags] FILE\n"+
			"Fills an empty centre: an empty database (database_url, or the private one of the data folder) and an empty\n"+
			"recordings folder, which no node serves. All of it or nothing. FILE is what backup wrote; - is standard input.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("give one file to read, after the flags (- is standard input)")
	}
	in := os.Stdin
	if file := flags.Arg(0); file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	r := &restoring{say: out, shown: newCounter(out)}
	defer r.shown.clear()
	var err error
	if r.from, err = backup.NewReader(r.shown.reader(ctx, in)); err != nil {
		return err
	}
	if *check {
		if err := r.verify(); err != nil {
			return err
		}
		return r.done("verified: every file is what was written")
	}
	set, err := ledger.settings()
	if err != nil {
		return err
	}
	if err := r.into(ctx, set); err != nil {
		return err
	}
	return r.done("restored. Start it with: threerings serve")
}

// restoring is a restore under way.
type restoring struct {
	say   io.Writer
	shown *counter
	from  *backup.Reader
	told  int
	files *placing
}

func (r *restoring) done(what string) error {
	r.shown.clear()
	if err := summary(r.say, r.from.Head, r.from.Seal); err != nil {
		return err
	}
	_, err := fmt.Fprintln(r.say, what)
	return err
}

// verify reads all of a backup.
func (r *restoring) verify() error {
	for {
		item, err := r.from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.tell(item)
	}
}

// tell says what is wrong with a recording.
func (r *restoring) tell(item *backup.Item) {
	r.shown.at(string(item.Kind) + " " + item.Name)
	if item.Kind != backup.KindProblem {
		return
	}
	if r.told++; r.told <= mostProblems {
		r.shown.clear()
		fmt.Fprintf(r.say, "recording %s: %.200q\n", item.Name, item.Problem.What)
	}
}

// into fills the centre of these settings.
func (r *restoring) into(ctx context.Context, set *settings.Settings) (err error) {
	if _, err := node.Dial(set.Data); err == nil {
		return fmt.Errorf("a threerings serves the data folder %s: a backup is restored into an empty centre that nobody serves; give another folder (--data)", set.Data)
	}
	if _, had := os.Stat(set.Data); errors.Is(had, os.ErrNotExist) {
		defer func() {
			if err != nil {
				_ = os.Remove(set.Data) // if it is empty
			}
		}()
	}
	if r.files, err = newPlacing(set, r.from.Head.Recordings); err != nil {
		return err
	}
	defer func() {
		if bad := r.files.close(); err == nil {
			err = bad
		}
	}()
	if url := set.DatabaseURL.Reveal(); url != "" {
		return r.fill(ctx, url)
	}
	return r.withPrivate(ctx, set.Data)
}

// withPrivate fills the private database of a data folder. One that was made
// for it does not stay when it fails.
func (r *restoring) withPrivate(ctx context.Context, data string) (err error) {
	folder := filepath.Join(data, "postgres")
	if err := node.RoomForLedger(data); err != nil {
		return err
	}
	_, had := os.Stat(folder)
	if err := os.MkdirAll(data, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	defer func() {
		if err != nil && errors.Is(had, os.ErrNotExist) {
			_ = os.RemoveAll(folder)
		}
	}()
	server, err := private.Start(ctx, folder)
	if err != nil {
		return err
	}
	err = r.fill(ctx, server.URL())
	return errors.Join(disk.Suspect(err, data), server.Stop(context.WithoutCancel(ctx)))
}

// fill reads the backup once: rows go into a transaction, files beside their
// place, and when the seal was right both become real.
func (r *restoring) fill(ctx context.Context, url string) error {
	head := r.from.Head
	db, err := postgres.Restore(ctx, url, head.Schema)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, tables := map[string]int64{}, map[string]postgres.Table{}
	for _, t := range head.Tables {
		tables[t.Name] = postgres.Table(t)
	}
	for {
		item, err := r.from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		r.tell(item)
		switch item.Kind {
		case backup.KindTable:
			rows[item.Name], err = db.Load(ctx, tables[item.Name], item)
		case backup.KindSound:
			err = r.files.sound(item)
		case backup.KindRecording:
			err = r.files.recording(ctx, item)
		}
		if err != nil {
			return err
		}
	}
	for name, n := range r.from.Seal.Rows {
		if rows[name] != n {
			return fmt.Errorf("table %s took %d rows of %d: %w", name, rows[name], n, backup.ErrDamaged)
		}
	}
	r.shown.at("writing everything to disk")
	// Files first: rows without their files would be worse than files that
	// another try finds in its way.
	if err := r.files.place(); err != nil {
		return err
	}
	if err := db.Commit(ctx, head.Pools); err != nil {
		return errors.Join(err, r.files.takeBack())
	}
	if n := r.files.unplaced; n > 0 {
		fmt.Fprintf(r.say, "%d files of own prompts were left out, as asterisk.sounds is not set: tar -xzf FILE sounds, and copy them to %s in Asterisk's sounds folder\n", n, ownSounds)
	}
	return nil
}
