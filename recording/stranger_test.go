package recording

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// shelved sweeps twice, an hour apart: what is of no known call is old then.
func (b *bench) shelved() {
	b.t.Helper()
	now := time.Now()
	b.Now = func() time.Time { return now }
	for range 2 {
		if err := b.Sweep(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
		now = now.Add(strangerAge + time.Minute)
	}
}

// A conversation that the switch made while no node was connected is kept, and
// told once; only what holds no sound goes.
func TestStrangersAreKept(t *testing.T) {
	b := newBench(t)
	var log bytes.Buffer
	b.Log = slog.New(slog.NewTextHandler(&log, nil))
	audio := tones(3*time.Second, 440, 700)
	b.write("fallback", audio)
	b.write("empty", nil)
	b.write("crumbs", []byte{1, 2, 3})
	b.shelved()
	files := b.files()
	if len(files) != 1 || filepath.Base(files[0]) != "fallback.wav.sealed" || !strings.HasPrefix(files[0], "unclaimed/2") {
		t.Fatalf("the store has %q, want the conversation under unclaimed", files)
	}
	a, err := b.unclaimedAudio(t.Context(), "fallback", files[0])
	var data bytes.Buffer
	if err == nil {
		err = a.read(t.Context(), &data)
	}
	if err != nil || !bytes.Equal(data.Bytes(), audio) {
		t.Errorf("%d bytes, %v; want the audio of %d", data.Len(), err, len(audio))
	}
	if b.hasRaw("fallback") || b.hasRaw("empty") || b.hasRaw("crumbs") || b.Unclaimed() != 1 || b.Trouble() != nil || len(b.index.rows) != 0 {
		t.Errorf("%d unclaimed, trouble %v, %d rows; want one, none, none, and an empty spool", b.Unclaimed(), b.Trouble(), len(b.index.rows))
	}
	if text := log.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, "store="+b.Store) || !strings.Contains(text, files[0]) {
		t.Errorf("the log has\n%swant a warning that names the file", text)
	}
	if err := os.Remove(filepath.Join(b.Store, files[0])); err != nil {
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context()); err != nil || b.Unclaimed() != 0 {
		t.Errorf("%d unclaimed after it was taken away, %v", b.Unclaimed(), err)
	}
}

// A stranger that cannot be kept stays where it is and is told; it neither
// stops the sweep nor is told for ever.
func TestStrangerStaysWhileTheStoreIsOutOfOrder(t *testing.T) {
	b := newBench(t)
	b.write("fallback", tones(time.Second, 440, 700))
	if err := os.MkdirAll(b.Store, 0o750); err != nil {
		t.Fatal(err)
	}
	inTheWay := filepath.Join(b.Store, Unclaimed)
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.shelved()
	if !b.hasRaw("fallback") || b.Trouble() == nil {
		t.Fatalf("raw file there: %t, trouble %v; want both", b.hasRaw("fallback"), b.Trouble())
	}
	if err := os.Remove(b.raw("fallback")); err != nil {
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context()); err != nil || b.Trouble() != nil {
		t.Errorf("%v, trouble %v although a person took the file", err, b.Trouble())
	}
}

// The call comes on record after all: its recording is taken back.
func TestClaimed(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", time.Second, 3*time.Second)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	b.shelved()
	if b.Unclaimed() != 1 {
		t.Fatalf("%d unclaimed, want one", b.Unclaimed())
	}
	b.index.put(c)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(c.ID); r.State != Kept || r.Path != place(c)+sealedWAV || len(b.files()) != 1 || b.Unclaimed() != 0 {
		t.Errorf("%+v, store has %q, %d unclaimed; want it kept in its place", r, b.files(), b.Unclaimed())
	}
}

// What is to be recorded was decided when the call came: whatever the house
// wants by now, no row says that something is missing.
func TestOldUnrecordedCallsAreNotMissing(t *testing.T) {
	b := newBench(t)
	old, recorded := answered("a1-1.1", 0, time.Second), answered("a1-1.2", 0, time.Second)
	old.Queue, old.Unrecorded, recorded.Queue = "private", true, queue.QueueID("private")
	b.index.put(old, recorded)
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, has := b.index.row(old.ID); has {
		t.Error("a call that was not to be recorded is said to lack a recording")
	}
	if r, _ := b.index.row(recorded.ID); r.State != Missing {
		t.Errorf("a call that was to be recorded is %q, want missing", r.State)
	}
	if _, err := b.Keep(t.Context(), old); !errors.Is(err, ErrNotRecorded) {
		t.Errorf("%v, want ErrNotRecorded", err)
	}
}

// A leader that could tell nobody may have had a conversation which is on
// record as none: while that is possible its audio is not thrown away.
func TestDoubtfulAudioWaits(t *testing.T) {
	b := newBench(t)
	took := true
	b.Doubtful = func(context.Context, queue.Call) bool { return took }
	c := answered("a1-1.1", time.Second, 3*time.Second)
	gone := c
	gone.SpokeAt, gone.ConnectedAt, gone.AcceptedAt, gone.Outcome = time.Time{}, time.Time{}, time.Time{}, queue.OutcomeAbandoned
	b.index.put(gone)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	sweep := func() {
		t.Helper()
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if sweep(); !b.hasRaw(c.ID) {
		t.Fatal("the audio is gone before the former leader was heard")
	}
	b.index.put(c)
	if sweep(); b.hasRaw(c.ID) {
		t.Error("the conversation came on record and was not kept")
	}
	if r, _ := b.index.row(c.ID); r.State != Kept {
		t.Errorf("%+v, want it kept", r)
	}
	c.ID, gone.ID = "a1-1.2", "a1-1.2"
	took = false
	b.index.put(gone)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	if sweep(); b.hasRaw(c.ID) {
		t.Error("audio of a caller who spoke with nobody stays although nothing more can be known")
	}
}
