package recording

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// Ended after any step, the work done again gives the same as if it had not.
func TestKilledBetweenSteps(t *testing.T) {
	want := newBench(t)
	c := answered("a1-1.1", time.Second, 3*time.Second)
	audio := tones(4*time.Second, 440, 700)
	want.write(c.ID, audio)
	row := want.mustKeep(c)

	for name, before := range map[string]func(b *bench){
		"while writing": func(b *bench) {
			b.write(c.ID, audio)
			dir := filepath.Join(b.Store, "2026/11/22")
			if err := os.MkdirAll(dir, 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, ".a1-1.1.wav.sealed.part"), tones(9*time.Second, 0, 0), 0o640); err != nil {
				t.Fatal(err)
			}
		},
		"before the row": func(b *bench) {
			b.write(c.ID, audio)
			b.index.failWith(errors.New("the database is away"))
			if _, err := b.Keep(t.Context(), c); err == nil || !b.hasRaw(c.ID) {
				t.Errorf("without a database: %v, raw file there: %t; want an error and the raw file", err, b.hasRaw(c.ID))
			}
			if trouble := b.Trouble(); trouble == nil || !strings.Contains(trouble.Error(), "the database is away") {
				t.Errorf("trouble %v, want it to name the database", trouble)
			}
			b.index.failWith(nil)
		},
		"before the raw file went": func(b *bench) {
			b.write(c.ID, audio)
			b.mustKeep(c)
			b.write(c.ID, audio)
		},
		"as a version before encryption left it, the row lost": func(b *bench) {
			b.plain(c, audio)
		},
		"as it left it, with its row": func(b *bench) {
			b.plain(c, audio)
			b.index.rows[c.ID] = Recording{Call: c.ID, Path: place(c) + wavSuffix, StartedAt: row.StartedAt, Length: row.Length, Bytes: row.Bytes, SHA256: row.SHA256,
				TalkOffset: row.TalkOffset, Talk: row.Talk, State: row.State, Coverage: row.Coverage, Sealed: Sealed{Note: row.Sealed.Note}}
			if err := b.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			before(b)
			if got := b.mustKeep(c); noKey(got) != noKey(row) || string(b.played(c.ID)[headerSize:]) != string(audio) {
				t.Errorf("%+v\nwant %+v", got, row)
			}
			if files := b.files(); len(files) != 1 || files[0] != row.Path || b.hasRaw(c.ID) {
				t.Errorf("store has %q, raw file there: %t; want %s alone", files, b.hasRaw(c.ID), row.Path)
			}
			if b.Trouble() != nil {
				t.Errorf("trouble %v after all went right", b.Trouble())
			}
		})
	}
}

// plain puts a recording where a version before encryption put it.
func (b *bench) plain(c queue.Call, audio []byte) {
	b.t.Helper()
	header, err := wavHeader(int64(len(audio)))
	name := filepath.Join(b.Store, place(c)+wavSuffix)
	if err = errors.Join(err, os.MkdirAll(filepath.Dir(name), 0o750)); err == nil {
		err = os.WriteFile(name, append(header, audio...), 0o640)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// A recording that is kept is never replaced by less of it.
func TestShorterRawFileIsNotBetter(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 4*time.Second)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	row := b.mustKeep(c)
	b.write(c.ID, tones(time.Second, 440, 700))
	if got := b.mustKeep(c); noKey(got) != noKey(row) || b.hasRaw(c.ID) || len(b.played(c.ID)) != headerSize+4*secondSize {
		t.Errorf("%+v, want %+v and no raw file", got, row)
	}
}

// The audio came after we had given up on it.
func TestLateRawFile(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 4*time.Second)
	b.index.put(c)
	if r := b.mustKeep(c); r.State != Missing {
		t.Fatalf("without a file: %s", r.State)
	}
	b.write(c.ID, tones(4*time.Second, 440, 700))
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(c.ID); r.State != Kept || b.hasRaw(c.ID) {
		t.Errorf("after the sweep: %+v, want it kept", r)
	}
}

func TestStoreOutOfOrder(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 2*time.Second)
	b.index.put(c)
	b.write(c.ID, tones(2*time.Second, 440, 700))
	if err := os.WriteFile(b.Store, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	_, err := b.Keep(t.Context(), c)
	if err == nil || !b.hasRaw(c.ID) || b.Trouble() == nil || b.index.saves != 0 {
		t.Fatalf("store unusable: %v, trouble %v, %d rows; want errors, no row, the raw file kept", err, b.Trouble(), b.index.saves)
	}
	if err := os.Remove(b.Store); err != nil {
		t.Fatal(err)
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(c.ID); r.State != Kept || b.Trouble() != nil {
		t.Errorf("after the sweep: %s, trouble %v; want it kept", r.State, b.Trouble())
	}

	// No spool is no proof that there was no recording.
	b.Spool = filepath.Join(b.Spool, "gone")
	if _, err := b.Keep(t.Context(), answered("a1-1.2", 0, time.Second)); err == nil {
		t.Error("without a spool folder a row was made")
	}
	if err := b.Sweep(t.Context()); err == nil || b.Trouble() == nil {
		t.Error("without a spool folder the sweep is content")
	}
}

// What is read and written keeps the whole file although the switch writes its
// last block after the call's end.
func TestLastBlockIsWaitedFor(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 3*time.Second)
	moved := time.Since(c.EndedAt) // the call ends now
	c.LineAnsweredAt, c.AcceptedAt, c.SpokeAt, c.EndedAt = c.LineAnsweredAt.Add(moved), c.AcceptedAt.Add(moved), c.SpokeAt.Add(moved), c.EndedAt.Add(moved)
	audio := tones(3*time.Second, 440, 700)
	f, err := os.Create(b.raw(c.ID))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(audio[:2*secondSize]); err != nil {
		t.Fatal(err)
	}
	kept := make(chan Recording, 1)
	go func() {
		r, err := b.Keep(t.Context(), c)
		if err != nil {
			t.Error(err)
		}
		kept <- r
	}()
	select {
	case r := <-kept:
		t.Fatalf("taken with %s of 3 s", r.Length)
	case <-time.After(2 * DefaultSettle): // much longer than it would take a whole file
	}
	if _, err := f.Write(audio[2*secondSize:]); err != nil {
		t.Fatal(err)
	}
	if r := <-kept; r.Length != 3*time.Second || r.State != Kept {
		t.Errorf("kept %s, %s; want 3 s", r.Length, r.State)
	}
}

func TestUnrecordedQueue(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, time.Second)
	c.Unrecorded = true
	if _, err := b.Keep(t.Context(), c); !errors.Is(err, ErrNotRecorded) || b.index.saves != 0 || b.Trouble() != nil {
		t.Errorf("%v, %d rows, trouble %v; want ErrNotRecorded alone", err, b.index.saves, b.Trouble())
	}
}

func TestSameCallManyTimesAtOnce(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 2*time.Second)
	b.write(c.ID, tones(2*time.Second, 440, 700))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if r, err := b.Keep(t.Context(), c); err != nil || r.State != Kept {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if b.index.saves != 1 || b.hasRaw(c.ID) {
		t.Errorf("%d rows written, want 1", b.index.saves)
	}
}

func TestCancelled(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", 0, 2*time.Second)
	b.write(c.ID, tones(2*time.Second, 440, 700))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Keep(ctx, c); !errors.Is(err, context.Canceled) || !b.hasRaw(c.ID) {
		t.Errorf("%v, raw file there: %t; want it untouched", err, b.hasRaw(c.ID))
	}
	if b.Trouble() != nil {
		t.Errorf("stopping is called trouble: %v", b.Trouble())
	}
}
