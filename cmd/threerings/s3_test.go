package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/store/s3test"
)

// TestRestoreIntoABucket: a backup of a folder is restored into a bucket, all
// of it or nothing, and backed up from there again.
func TestRestoreIntoABucket(t *testing.T) {
	from := houseToBackUp(t)
	place(t, filepath.Join(from, "recordings/roots/2026-11-22.json"), "{}")
	file := filepath.Join(t.TempDir(), "house.tar.gz")
	says(t, "backup", "--data", from, file)
	server := s3test.New(t)
	_, config, _ := emptyHouse(t)
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	b := server.Bucket
	place(t, config, string(text)+"s3: {endpoint: \""+b.Endpoint+"\", bucket: "+b.Bucket+", region: "+b.Region+", access_key: "+b.AccessKey+", secret_key: "+b.SecretKey+"}\n")

	cut := filepath.Join(t.TempDir(), "cut.tar.gz")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	place(t, cut, string(data[:len(data)-100]))
	fails(t, "damaged", "restore", "--config", config, cut)
	if err := server.Store().List(t.Context(), "", func(i store.Info) error { return errors.New(i.Name) }); err != nil {
		t.Errorf("a restore that failed left %v", err)
	}
	says(t, "restore", "--config", config, file)
	for name, want := range map[string]string{"2026/11/22/a.wav": "audio of a", "2026/11/22/b.wav": "audio of X", "roots/2026-11-22.json": "{}"} {
		if got, err := os.ReadFile(server.File(name)); err != nil || string(got) != want {
			t.Errorf("%s in the bucket: %q, %v", name, got, err)
		}
	}
	fails(t, "is not empty", "restore", "--config", config, file)
	again := filepath.Join(t.TempDir(), "again.tar.gz")
	if out := says(t, "backup", "--config", config, again); !strings.Contains(out, "3 recordings (") {
		t.Errorf("from the bucket: %s", out)
	}
}
