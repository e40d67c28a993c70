package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

func place(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// under lists all files under a folder, but for sockets.
func under(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// house is a centre to be backed up: its data folder has recordings and own
// prompts, and a node serves it.
func houseToBackUp(t *testing.T) (data string) {
	t.Helper()
	url, db := houseWith(t, "anna")
	data = folder(t)
	runningWith(t, data, url)
	if err := db.SaveCentre(inTime(t), postgres.Centre{Version: "1", Source: "centre: {name: 三声}\n", AppliedBy: "test"}); err != nil {
		t.Fatal(err)
	}
	for call, content := range map[string]string{"a": "audio of a", "b": "audio of b", "gone": ""} {
		path := "2026/11/22/" + call + ".wav"
		sum := sha256.Sum256([]byte(content))
		if err := db.SaveRecording(inTime(t), postgres.Recording{Call: queue.CallID(call), Path: path, Bytes: int64(len(content)),
			SHA256: hex.EncodeToString(sum[:]), State: "kept"}); err != nil {
			t.Fatal(err)
		}
		if content != "" {
			place(t, filepath.Join(data, "recordings", path), content)
		}
	}
	place(t, filepath.Join(data, "recordings/2026/11/22/b.wav"), "audio of X")
	place(t, filepath.Join(data, "recordings/2026/11/22/.c.wav.part"), "not whole")
	for _, form := range []string{"ulaw", "alaw", "sln"} {
		place(t, filepath.Join(data, "sounds/threerings/own/welcome."+form), form)
	}
	place(t, filepath.Join(data, "sounds/threerings/own/.new-1"), "half a file")
	return data
}

// emptyHouse is the settings of a centre that is still to be.
func emptyHouse(t *testing.T) (data, config, url string) {
	t.Helper()
	url = postgrestest.New(t)
	dir := folder(t)
	data, config = filepath.Join(dir, "data"), filepath.Join(dir, "threerings.yaml")
	place(t, config, "data: "+data+"\ndatabase_url: \""+url+"\"\nasterisk: {sounds: "+filepath.Join(dir, "sounds")+"}\n")
	t.Setenv("DATABASE_URL", "")
	return data, config, url
}

func fails(t *testing.T, want string, args ...string) {
	t.Helper()
	var out, errOut strings.Builder
	if code := run(inTime(t), args, &out, &errOut); code == 0 || !strings.Contains(errOut.String(), want) {
		t.Errorf("threerings %s: exit code %d, %s%s; want %q", strings.Join(args, " "), code, out.String(), errOut.String(), want)
	}
}

// TestBackupAndRestore goes all the way by the commands: files, rows, rights,
// and what is said of recordings that are not as they should be.
func TestBackupAndRestore(t *testing.T) {
	from := houseToBackUp(t)
	when := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(from, "recordings/2026/11/22/a.wav"), when, when); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "house.tar.gz")
	out := says(t, "backup", "--data", from, file)
	for _, want := range []string{"三声, ", "2026/11/22/gone.wav of call gone: it is not in the backup", "b.wav of call b: its content is not what the index says",
		"2 recordings (", "3 files of own prompts", "WARNING: 2 recordings"} {
		if !strings.Contains(out, want) {
			t.Errorf("backup says\n%s, not %q", out, want)
		}
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the backup: %v, %v: others must not read it", info.Mode(), err)
	}
	if left := under(t, filepath.Dir(file)); len(left) != 1 {
		t.Errorf("beside the backup: %d files", len(left))
	}
	fails(t, "is there already", "backup", "--data", from, file)
	says(t, "backup", "--data", from, "--force", file)
	if out := says(t, "restore", "--check", file); !strings.Contains(out, "verified") || !strings.Contains(out, "WARNING: 2 recordings") {
		t.Errorf("restore --check says %s", out)
	}
	if out := says(t, "backup", "--data", from, "-"); !strings.HasPrefix(out, "\x1f\x8b") {
		t.Errorf("backup - writes %.20q", out)
	}

	to, config, url := emptyHouse(t)
	fails(t, "a threerings serves", "restore", "--data", from, file)
	if out := says(t, "restore", "--config", config, file); !strings.Contains(out, "restored") {
		t.Errorf("restore says %s", out)
	}
	want := map[string]string{"2026/11/22/a.wav": "audio of a", "2026/11/22/b.wav": "audio of X"}
	got := under(t, filepath.Join(to, "recordings"))
	if len(got) != len(want) || got["2026/11/22/a.wav"] != want["2026/11/22/a.wav"] || got["2026/11/22/b.wav"] != want["2026/11/22/b.wav"] {
		t.Errorf("recordings: %q", got)
	}
	if info, err := os.Stat(filepath.Join(to, "recordings/2026/11/22/a.wav")); err != nil || !info.ModTime().Equal(when) {
		t.Errorf("a recording's time: %v, %v", info, err)
	}
	sounds := filepath.Join(filepath.Dir(to), "sounds/threerings/own")
	if got := under(t, sounds); len(got) != 3 || got["welcome.alaw"] != "alaw" {
		t.Errorf("own prompts: %q", got)
	}
	if info, err := os.Stat(filepath.Join(sounds, "welcome.sln")); err != nil || info.Mode() != 0o644 {
		t.Errorf("an own prompt, which Asterisk must be able to read: %v, %v", info, err)
	}
	db, err := postgres.Open(inTime(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if u, err := db.User(inTime(t), "anna"); err != nil || u.PasswordHash != "x" {
		t.Errorf("the user: %+v, %v", u, err)
	}
	fails(t, "recordings folder "+filepath.Join(to, "recordings")+" is not empty", "restore", "--config", config, file)
	fails(t, "rows in its table", "restore", "--config", config, "--data", filepath.Join(folder(t), "other"), file)
}

// TestRestoreLeavesNothing: whatever goes wrong, nothing of it stays.
func TestRestoreLeavesNothing(t *testing.T) {
	from := houseToBackUp(t)
	file := filepath.Join(t.TempDir(), "house.tar.gz")
	says(t, "backup", "--data", from, file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	to, config, url := emptyHouse(t)
	dir := filepath.Dir(to)
	before := under(t, dir)
	nothing := func(when string) {
		t.Helper()
		if after := under(t, dir); len(after) != len(before) {
			t.Errorf("%s: there is %q", when, after)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s: the data folder is there", when)
		}
		m, err := postgres.OpenMoment(inTime(t), url)
		if err == nil {
			m.Close()
			t.Errorf("%s: there are tables", when)
		}
	}
	for _, n := range []int{0, len(whole) / 2, len(whole) - 1} {
		cut := filepath.Join(t.TempDir(), "cut.tar.gz")
		place(t, cut, string(whole[:n]))
		fails(t, "damaged or cut off", "restore", "--config", config, cut)
		fails(t, "damaged or cut off", "restore", "--check", cut)
		nothing("cut off")
	}
	own := filepath.Join(dir, "sounds/threerings/own/welcome.sln")
	place(t, own, "another welcome")
	fails(t, "is there already, and is not the one of the backup", "restore", "--config", config, file)
	if err := os.RemoveAll(filepath.Join(dir, "sounds")); err != nil {
		t.Fatal(err)
	}
	nothing("another prompt of that name")

	// Ended in the middle, by whoever waits for it.
	ctx, cancel := context.WithCancel(inTime(t))
	cancel()
	var out, errOut bytes.Buffer
	if code := run(ctx, []string{"restore", "--config", config, file}, &out, &errOut); code == 0 {
		t.Error("it was restored although it was told to end")
	}
	nothing("ended")
	target := filepath.Join(t.TempDir(), "never.tar.gz")
	if code := run(ctx, []string{"backup", "--data", from, target}, &out, &errOut); code == 0 {
		t.Error("it was backed up although it was told to end")
	}
	if left := under(t, filepath.Dir(target)); len(left) > 0 {
		t.Errorf("a backup that was ended leaves %d files", len(left))
	}
	says(t, "restore", "--config", config, file) // and now it works
}

// TestRestoreWithoutFoldersForPrompts says what was left out.
func TestRestoreWithoutFolderForPrompts(t *testing.T) {
	from := houseToBackUp(t)
	file := filepath.Join(t.TempDir(), "house.tar.gz")
	says(t, "backup", "--data", from, file)
	t.Setenv("DATABASE_URL", "")
	data := filepath.Join(folder(t), "data")
	out := says(t, "restore", "--data", data, file) // a private Postgres
	if !strings.Contains(out, "3 files of own prompts were left out, as asterisk.sounds is not set") {
		t.Errorf("restore says %s", out)
	}
	if out := says(t, "user", "list", "--data", data); !strings.Contains(out, "anna") {
		t.Errorf("users: %s", out)
	}
	again := filepath.Join(t.TempDir(), "again.tar.gz")
	says(t, "backup", "--data", data, again) // of a centre that nobody serves
	var names []string
	for name := range under(t, filepath.Join(data, "recordings")) {
		names = append(names, name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"2026/11/22/a.wav", "2026/11/22/b.wav"}) {
		t.Errorf("recordings: %v", names)
	}
	fails(t, "is not empty", "restore", "--data", data, file)
}
