package recording

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func TestPathTricks(t *testing.T) {
	b := newBench(t)
	for _, id := range []queue.CallID{"", ".", "..", "../x", "a/../../x", "/etc/passwd", `a\b`, "a/b", ".hidden", "-rf", "a\x00b", "a\nb",
		"a b", "a..b", "呼叫", queue.CallID(strings.Repeat("a", 129))} {
		c := answered(id, time.Second, time.Second)
		if _, err := b.Keep(t.Context(), c); !errors.Is(err, ErrBadID) {
			t.Errorf("Keep(%q): %v, want ErrBadID", id, err)
		}
		if _, err := b.Open(t.Context(), id); !errors.Is(err, ErrBadID) {
			t.Errorf("Open(%q): %v, want ErrBadID", id, err)
		}
	}

	// A row that points out of the store, a link out of it, a raw file that is a link: none is followed.
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, tones(time.Second, 440, 700), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(b.Store, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(b.Store, "link.wav")); err != nil {
		t.Fatal(err)
	}
	rel, _ := filepath.Rel(b.Store, secret)
	for _, path := range []string{secret, rel, "link.wav", "."} {
		b.index.rows["a1-1.1"] = Recording{Call: "a1-1.1", Path: path, State: Kept}
		if f, err := b.Open(t.Context(), "a1-1.1"); err == nil {
			f.Close()
			t.Errorf("Open followed the path %q", path)
		}
	}
	c := answered("a1-1.9", 0, time.Second)
	if err := os.Symlink(secret, b.raw(c.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keep(t.Context(), c); err == nil {
		t.Error("a raw file that is a link was kept")
	}
}

func FuzzIDs(f *testing.F) {
	for _, id := range []string{"a1-1764000000.12", "a1-1764000000.12~2", "../../etc/passwd", "a/b", "", "a\x00"} {
		f.Add(id, "2026-11-22")
	}
	f.Add("a1-1.1", "../../../tmp")
	f.Fuzz(func(t *testing.T, id, day string) {
		if checkID(queue.CallID(id)) != nil {
			return
		}
		c := answered(queue.CallID(id), time.Second, time.Second)
		c.Day = day
		name := place(c)
		if !filepath.IsLocal(name) || filepath.ToSlash(filepath.Clean(name)) != name || strings.Count(name, "/") != 3 {
			t.Errorf("id %q of %q is put at %q", id, day, name)
		}
		if back, ok := rawID(rawName(c.ID)); !ok || back != c.ID || filepath.Base(rawName(c.ID)) != rawName(c.ID) {
			t.Errorf("id %q comes back from the spool as %q", id, back)
		}
	})
}
