package recording

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); !ok(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited 30 s for: %s", what)
		}
	}
}

// Calls handed over, calls only the index knows, and calls that spoke with
// nobody: all are dealt with, and nobody waits for the disk.
func TestRun(t *testing.T) {
	b := newBench(t)
	lost := answered("a1-0.1", 0, time.Second)
	b.index.put(lost)
	b.write(lost.ID, tones(time.Second, 440, 700))

	ctx, cancel := context.WithCancel(t.Context())
	ended, done := make(chan queue.Call), make(chan struct{})
	go func() { defer close(done); b.Run(ctx, ended) }()

	const calls = 40
	for i := range calls {
		c := answered(queue.CallID(fmt.Sprintf("a1-1.%d", i)), 0, time.Second)
		if i%10 == 9 {
			c.SpokeAt, c.Outcome = time.Time{}, queue.OutcomeAbandoned
		}
		b.index.put(c)
		b.write(c.ID, tones(time.Second, 440, 700))
		select {
		case ended <- c:
		case <-time.After(10 * time.Second):
			t.Fatal("Run does not take an ended call")
		}
	}
	until(t, "all rows", func() bool {
		b.index.mu.Lock()
		defer b.index.mu.Unlock()
		return len(b.index.rows) == calls-calls/10+1
	})
	until(t, "raw files of conversations gone", func() bool {
		entries, err := os.ReadDir(b.Spool)
		return err == nil && len(entries) <= calls/10
	})
	cancel()
	<-done
	for id, r := range b.index.rows {
		if r.State != Kept {
			t.Errorf("call %s: %s %s", id, r.State, r.Reason)
		}
	}
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(b.Spool); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left in the spool after the sweep, %v", len(entries), err)
	}
}

// Hundreds of calls that cannot be kept do not hide one that can.
func TestSweepGoesBehindFailing(t *testing.T) {
	b := newBench(t)
	for i := range 2*page + 10 {
		c := answered(queue.CallID(fmt.Sprintf("a1-1.%d", i)), 0, time.Second)
		c.EndedAt = c.EndedAt.Add(time.Duration(i) * time.Millisecond)
		b.index.put(c)
		if err := os.Mkdir(b.raw(c.ID), 0o700); err != nil { // no file to read
			t.Fatal(err)
		}
	}
	last := answered("a1-2.0", 0, time.Minute)
	b.index.put(last)
	b.write(last.ID, tones(time.Minute, 440, 700))
	if _, err := b.sweepCalls(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, _ := b.index.row(last.ID); r.State != Kept || len(b.index.rows) != 1 {
		t.Errorf("%d rows, the call's state is %q; want it alone, kept", len(b.index.rows), r.State)
	}
}

func TestSpoolSweep(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.Now = func() time.Time { return now }
	abandoned := answered("abandoned", 0, time.Second)
	abandoned.SpokeAt = time.Time{}
	live := answered("live", 0, time.Second)
	live.EndedAt, live.SpokeAt = time.Time{}, time.Time{}
	b.index.put(abandoned, live)
	for _, id := range []queue.CallID{abandoned.ID, live.ID, "stranger", "young-stranger"} {
		b.write(id, tones(time.Second, 440, 700))
	}
	b.age("stranger", 48*time.Hour)
	b.age("young-stranger", -30*time.Minute)
	if err := os.WriteFile(b.Spool+"/notes.txt", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		left  []queue.CallID
		gone  []queue.CallID
	}{
		{0, []queue.CallID{"live", "stranger", "young-stranger"}, []queue.CallID{"abandoned"}},
		{59 * time.Minute, []queue.CallID{"live", "stranger", "young-stranger"}, nil}, // not yet watched for an hour
		{2 * time.Minute, []queue.CallID{"live", "young-stranger"}, []queue.CallID{"stranger"}},
		{time.Hour, []queue.CallID{"live"}, []queue.CallID{"young-stranger"}},
	} {
		now = now.Add(step.after)
		if err := b.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, id := range step.left {
			if !b.hasRaw(id) {
				t.Errorf("after %s: %s is gone", step.after, id)
			}
		}
		for _, id := range step.gone {
			if b.hasRaw(id) {
				t.Errorf("after %s: %s is still there", step.after, id)
			}
		}
	}
	day := func(age time.Duration) string { return time.Now().Add(-age).UTC().Format(time.DateOnly) }
	want := []string{"unclaimed/" + day(48*time.Hour) + "/stranger.wav.sealed", "unclaimed/" + day(-30*time.Minute) + "/young-stranger.wav.sealed"}
	if got := b.files(); !slices.Equal(got, want) || b.Unclaimed() != 2 {
		t.Errorf("the store has %q, %d unclaimed; want %q", got, b.Unclaimed(), want)
	}
	if _, err := os.Stat(b.Spool + "/notes.txt"); err != nil || len(b.index.rows) != 0 {
		t.Errorf("%d rows, %v; a file that is not ours must stay", len(b.index.rows), err)
	}
}

// BenchmarkKeep keeps five minutes of conversation.
func BenchmarkKeep(b *testing.B) {
	k := newBench(b)
	audio := tones(5*time.Minute, 440, 700)
	b.SetBytes(int64(len(audio)))
	for i := 0; b.Loop(); i++ {
		c := answered(queue.CallID(fmt.Sprintf("a1-1.%d", i)), 0, 5*time.Minute)
		b.StopTimer()
		k.write(c.ID, audio)
		b.StartTimer()
		k.mustKeep(c)
	}
}
