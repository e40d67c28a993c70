package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/robot"
)

// limit is how long any condition may take to come true; generous, since it is
// only ever used up by a failure.
const limit = 30 * time.Second

// sideBySide is how many tests run at a time: they wait for phones to ring,
// which takes no processor.
const sideBySide = "12"

// shared is what the tests of one process have in common.
type shared struct {
	dir   string
	pacer robot.Pacer

	sounds func() (string, error)
	binary func() (string, error)
	floor  func() (*floor, error)
	began  *floor // nil until a test needs it
}

var all *shared // made by TestMain, as there is no other way to hand it on

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", sideBySide); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(testAll(m))
}

func testAll(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "e2e") // short: sockets have long names
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // Asterisk and Postgres have accounts of their own
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	all = &shared{dir: dir}
	all.sounds = sync.OnceValues(func() (string, error) {
		folder := filepath.Join(dir, "sounds")
		return folder, errors.Join(toneSounds(folder), prompts.Maker{}.Generate(context.Background(), folder)) // without a voice the tests say so
	})
	all.binary = sync.OnceValues(func() (string, error) {
		path := filepath.Join(dir, "threerings")
		out, err := exec.Command("go", "build", "-o", path, "github.com/threerings/threerings/cmd/threerings").CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("build the program: %w\n%s", err, out)
		}
		return path, nil
	})
	all.floor = sync.OnceValues(openFloor)
	code = m.Run()
	if all.began == nil {
		return code
	}
	for _, err := range []error{leftovers(all.began.box), all.began.box.Close()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, "after all tests:", err)
			code = 1
		}
	}
	if err := all.began.outside.phone.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "after all tests:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "log of the floor's node, from its end:\n%s\n", tail(all.began.log, 20_000))
	}
	return code
}

// newBox starts a centre of a test's own and ends it with the test.
func newBox(t *testing.T, o box.Options) *box.Box {
	t.Helper()
	var err error
	if o.Dir, err = os.MkdirTemp(all.dir, "b"); err != nil {
		t.Fatal(err)
	}
	must(t, os.Chmod(o.Dir, 0o755))
	if o.Sounds, err = all.sounds(); err != nil {
		t.Fatal(err)
	}
	log := &lockedBuffer{}
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	b, err := box.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("end the centre: %v", err)
		}
		if t.Failed() {
			t.Logf("log of the node, from its end:\n%s", tail(log, 20_000))
		}
	})
	return b
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func tail(b *lockedBuffer, n int) string {
	text := b.String()
	return text[max(0, len(text)-n):]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inTime is a context that ends when a condition has taken too long.
func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(limit)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("waited %s in vain for %s", limit, what)
		}
	}
}
