package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/store/s3test"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestStores: a folder and a bucket of a real S3 server do the same.
func TestStores(t *testing.T) {
	for name, s := range map[string]store.Store{"folder": store.Folder(filepath.Join(t.TempDir(), "made", "when needed")), "s3": s3test.New(t).Store()} {
		t.Run(name, func(t *testing.T) {
			data := make([]byte, 300_000)
			random := rand.NewChaCha8([32]byte{1})
			_, _ = random.Read(data)
			const object = "2026/11/22/a1-1.1~2.ogg.sealed"
			names := func(prefix string) (all []string) {
				t.Helper()
				must(t, s.List(t.Context(), prefix, func(i store.Info) error {
					all = append(all, fmt.Sprintf("%s %d", i.Name, i.Size))
					return nil
				}))
				slices.Sort(all)
				return all
			}
			if got := names(""); len(got) != 0 {
				t.Errorf("an empty store has %v", got)
			}
			if _, err := s.Open(t.Context(), object); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an object that is not there: %v", err)
			}
			must(t, s.Remove(t.Context(), object))
			must(t, s.Put(t.Context(), object, 3, strings.NewReader("old")))
			must(t, s.Put(t.Context(), object, int64(len(data)), iotest.HalfReader(bytes.NewReader(data))))
			must(t, s.Put(t.Context(), "roots/2026-11-22.json", 2, strings.NewReader("{}")))
			o, err := s.Open(t.Context(), object)
			must(t, err)
			defer o.Close()
			if i := o.Info(); i.Size != int64(len(data)) || i.Changed.IsZero() || i.Name != object {
				t.Errorf("info %+v", i)
			}
			if err := iotest.TestReader(struct{ io.ReadSeeker }{o}, data); err != nil {
				t.Error(err)
			}
			if got := names(""); fmt.Sprint(got) != "[2026/11/22/a1-1.1~2.ogg.sealed 300000 roots/2026-11-22.json 2]" {
				t.Errorf("it lists %v", got)
			}
			if got := names("2026/11/22/"); len(got) != 1 {
				t.Errorf("a day has %v", got)
			}
			if got := names("unclaimed/"); len(got) != 0 {
				t.Errorf("a folder that is not there has %v", got)
			}
			enough := errors.New("enough")
			if err := s.List(t.Context(), "", func(store.Info) error { return enough }); !errors.Is(err, enough) {
				t.Errorf("a list that is ended: %v", err)
			}
			// What does not come whole leaves what was there.
			broken := errors.New("the disk below is broken")
			for _, r := range []io.Reader{io.MultiReader(bytes.NewReader(data[:1000]), iotest.ErrReader(broken)), bytes.NewReader(data[:1000])} {
				if err := s.Put(t.Context(), object, int64(len(data)), r); err == nil {
					t.Error("half an object was stored")
				}
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Put(ended, object, 3, strings.NewReader("new")); err == nil {
				t.Error("stored after the end")
			}
			if got := names(""); len(got) != 2 {
				t.Errorf("pieces are left: %v", got)
			}
			again, err := s.Open(t.Context(), object)
			must(t, err)
			defer again.Close()
			if got, err := io.ReadAll(again); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes are left of it, %v", len(got), err)
			}
			must(t, s.Remove(t.Context(), object))
			must(t, s.Remove(t.Context(), object))
			if got := names(""); len(got) != 1 {
				t.Errorf("it lists %v after the removal", got)
			}
		})
	}
}

// TestS3Trouble: what is wrong with a bucket is said, without its secret, and
// never taken for an object that is not there.
func TestS3Trouble(t *testing.T) {
	server := s3test.New(t)
	good := server.Store()
	must(t, good.Put(t.Context(), "a", 1, strings.NewReader("a")))
	for name, c := range map[string]struct {
		change func(*store.Bucket)
		want   string
	}{
		"wrong secret": {func(b *store.Bucket) { b.SecretKey = "another-secret-than-that" }, "check s3.access_key, s3.secret_key"},
		"wrong key":    {func(b *store.Bucket) { b.AccessKey = "somebody" }, "access key"},
		"no bucket":    {func(b *store.Bucket) { b.Bucket = "elsewhere" }, "there is no bucket elsewhere"},
		"nobody there": {func(b *store.Bucket) { b.Endpoint = "http://127.0.0.1:1" }, "127.0.0.1:1"},
	} {
		b := server.Bucket
		c.change(&b)
		s, err := store.NewS3(b)
		must(t, err)
		_, open := s.Open(t.Context(), "a")
		for what, err := range map[string]error{
			"open": open, "put": s.Put(t.Context(), "b", 1, strings.NewReader("b")),
			"list": s.List(t.Context(), "", func(store.Info) error { return nil }),
		} {
			if err == nil || errors.Is(err, fs.ErrNotExist) || what != "open" && !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), b.SecretKey) {
				t.Errorf("%s, %s: %v, want %q", name, what, err, c.want)
			}
		}
	}
	for _, bad := range []string{"", "s3.example.com", "ftp://s3", "https://s3/bucket"} {
		if _, err := store.NewS3(store.Bucket{Endpoint: bad}); err == nil || !strings.Contains(err.Error(), "s3.endpoint") {
			t.Errorf("endpoint %q: %v", bad, err)
		}
	}
}

// TestFolderIsLeftAlone: what is not ours is not listed, and no link leads out.
func TestFolderIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := store.Folder(dir)
	must(t, os.WriteFile(filepath.Join(dir, ".a.part"), []byte("x"), 0o600))
	must(t, os.Mkdir(filepath.Join(dir, ".trash"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, ".trash", "b"), []byte("x"), 0o600))
	must(t, os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	must(t, s.List(t.Context(), "", func(i store.Info) error { t.Errorf("listed %s", i.Name); return nil }))
	for _, name := range []string{"link", "../x", "/etc/passwd", "."} {
		if o, err := s.Open(t.Context(), name); err == nil {
			o.Close()
			t.Errorf("opened %s", name)
		}
	}
}
