package recording

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/queue"
)

// safe is Custody in memory, beside a bench's ledger.
type safe struct {
	*ledger
	ahead time.Duration // of the database's clock
	used  int64
}

func (s *safe) change(id queue.CallID, f func(*Recording) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rows[id]
	if !ok {
		return ErrNoRecording
	}
	if err := f(&r); err != nil {
		return err
	}
	s.rows[id] = r
	return nil
}

func (s *safe) HoldRecording(_ context.Context, id queue.CallID, m Mark) (bool, error) {
	err := s.change(id, func(r *Recording) error { r.Held = m; return nil })
	return err == nil, nil
}

func (s *safe) ReleaseRecording(_ context.Context, id queue.CallID) (bool, error) {
	err := s.change(id, func(r *Recording) error { r.Held = Mark{}; return nil })
	return err == nil, nil
}

func (s *safe) EraseRecording(_ context.Context, id queue.CallID, m Mark) (r Recording, _ error) {
	err := s.change(id, func(x *Recording) error {
		switch {
		case !x.Erased.At.IsZero():
			return ErrErased
		case !x.Held.At.IsZero():
			return ErrHeld
		}
		x.Erased, x.Sealed.Key = m, Sealed{}.Key
		r = *x
		return nil
	})
	return r, err
}

func (s *safe) RecordingGone(_ context.Context, id queue.CallID) error {
	return s.change(id, func(r *Recording) error { r.Path = ""; return nil })
}

func (s *safe) ErasedWithObject(context.Context, int) (out []Recording, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if !r.Erased.At.IsZero() && r.Path != "" {
			out = append(out, r)
		}
	}
	return out, nil
}

func (s *safe) Expired(_ context.Context, p Retention, at time.Time, _ int) (out []queue.CallID, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.rows {
		if p.Days > 0 && r.Path != "" && r.Erased.At.IsZero() && r.Held.At.IsZero() && r.StartedAt.Before(at.AddDate(0, 0, -p.Days)) {
			out = append(out, id)
		}
	}
	return out, nil
}

func (s *safe) RecordingsBytes(context.Context) (int64, error) { return s.used, nil }

func (s *safe) Clock(context.Context) (time.Time, error) { return time.Now().Add(s.ahead), nil }

func (s *safe) FiledOn(context.Context, queue.CallID) (string, error) { return "2026-11-22", nil }

// guarded is a bench with custody and a recording.
func guarded(t *testing.T) (*bench, *safe, queue.Call) {
	b := newBench(t)
	s := &safe{ledger: b.index}
	b.Custody = s
	c := answered("a1-1.1", time.Second, 3*time.Second)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	b.mustKeep(c)
	return b, s, c
}

// Erased is erased: even who has kept a copy of the object, and the master key,
// hears nothing of it, and what is left says when, by whom and why.
func TestErasedCannotBeDecoded(t *testing.T) {
	b, _, c := guarded(t)
	path := b.index.rows[c.ID].Path
	sealed, err := os.ReadFile(filepath.Join(b.Store, path))
	if err != nil {
		t.Fatal(err)
	}
	who := Mark{At: time.Now(), By: "root", Why: "客户要求删除"}
	if err := b.Erase(t.Context(), c.ID, who); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(b.Store, path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the object is there still: %v", err)
	}
	if _, err := b.Open(t.Context(), c.ID); !errors.Is(err, ErrErased) || !strings.Contains(err.Error(), "by root: 客户要求删除") {
		t.Errorf("to open it: %v", err)
	}
	// From a backup the object comes back, and the row as it was erased.
	if err := b.Keeper.Store.Put(t.Context(), path, int64(len(sealed)), bytes.NewReader(sealed)); err != nil {
		t.Fatal(err)
	}
	r := b.index.rows[c.ID]
	r.Path, r.Erased = path, Mark{}
	b.index.put(c)
	b.index.rows[c.ID] = r
	s, err := b.Open(t.Context(), c.ID)
	if err == nil {
		_, err = io.ReadAll(s)
		s.Close()
	}
	if err == nil {
		t.Error("a copy of an erased recording is decoded without its key")
	}
	if err := b.Erase(t.Context(), "none", who); !errors.Is(err, ErrNoRecording) {
		t.Errorf("to erase what is not there: %v", err)
	}
}

// What is held is not erased, by nobody and by no rule, until the hold ends.
func TestHeldIsKept(t *testing.T) {
	b, s, c := guarded(t)
	who := Mark{At: time.Now(), By: "boss", Why: "诉讼"}
	if ok, err := s.HoldRecording(t.Context(), c.ID, who); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := b.Erase(t.Context(), c.ID, who); !errors.Is(err, ErrHeld) {
		t.Errorf("a held recording: %v", err)
	}
	b.Retention = func() Retention { return Retention{Days: 1} }
	b.later(t, 48*time.Hour, s)
	if _, ok := b.index.rows[c.ID]; !ok || !b.index.rows[c.ID].Erased.At.IsZero() {
		t.Error("a held recording expired")
	}
	if ok, _ := s.ReleaseRecording(t.Context(), c.ID); !ok {
		t.Error("not released")
	}
	b.later(t, 48*time.Hour, s)
	if b.index.rows[c.ID].Erased.By != byRetention {
		t.Errorf("released, and kept for longer than the house wants: %+v", b.index.rows[c.ID].Erased)
	}
}

// later looks after recordings as if so much time had gone by.
func (b *bench) later(t *testing.T, by time.Duration, s *safe) {
	t.Helper()
	b.init()
	b.Now = func() time.Time { return time.Now().Add(by) }
	b.Elapsed = func() time.Duration { return by }
	s.ahead = by
	if err := b.expire(t.Context()); err != nil {
		t.Error(err)
	}
}

// A clock that was set is not believed: what is erased by it is gone for good.
func TestAClockThatWasSetErasesNothing(t *testing.T) {
	b, s, c := guarded(t)
	b.Retention = func() Retention { return Retention{Days: 30} }
	b.init()
	b.Now = func() time.Time { return time.Now().AddDate(1, 0, 0) }
	if err := b.expire(t.Context()); err == nil || !strings.Contains(err.Error(), "from the database's") {
		t.Errorf("a year ahead of the database: %v", err)
	}
	s.ahead = 365 * 24 * time.Hour // both machines' clocks were set
	if err := b.expire(t.Context()); err == nil || !strings.Contains(err.Error(), "set forward") {
		t.Errorf("set forward while it runs: %v", err)
	}
	if !b.index.rows[c.ID].Erased.At.IsZero() {
		t.Error("erased by a clock that is wrong")
	}
}

// A store that is away, or a crash, between the two steps of an erasure: the
// key is gone at once, the object later.
func TestErasureIsFinishedLater(t *testing.T) {
	b, _, c := guarded(t)
	whole := b.Keeper.Store
	b.Keeper.Store = store.Broken{Err: errors.New("the store is away")}
	if err := b.Erase(t.Context(), c.ID, Mark{At: time.Now(), By: "root", Why: "x"}); err == nil || !strings.Contains(err.Error(), "cannot be removed yet") {
		t.Errorf("with the store away: %v", err)
	}
	if r := b.index.rows[c.ID]; r.Erased.At.IsZero() || r.Path == "" {
		t.Errorf("the row is %+v", r)
	}
	b.Keeper.Store = whole
	if err := b.finishErasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := b.index.rows[c.ID]; r.Path != "" {
		t.Errorf("the object is on record still: %s", r.Path)
	}
}

// The quota is an alarm and no limit.
func TestQuotaIsAnAlarm(t *testing.T) {
	b, s, _ := guarded(t)
	b.Quota, s.used = 1000, 899
	if err := b.weigh(t.Context()); err != nil {
		t.Error(err)
	}
	s.used = 900
	if err := b.weigh(t.Context()); err == nil || !strings.Contains(err.Error(), "recordings_quota") || b.Used() != 900 {
		t.Errorf("at 90 %%: %v, %d", err, b.Used())
	}
	c := answered("a1-1.2", time.Second, 3*time.Second)
	b.write(c.ID, tones(4*time.Second, 440, 700))
	if r := b.mustKeep(c); r.State != Kept {
		t.Errorf("beyond the quota a recording is %s", r.State)
	}
}

// Where a recording is can be seen at each step.
func TestWhereItIs(t *testing.T) {
	b, s, c := guarded(t)
	w, err := b.Where(t.Context(), c.ID)
	if err != nil || w.Object != "there" || w.Raw || w.Filed == "" || w.Steps.Stored.IsZero() || w.Steps.Stored.Before(w.Steps.Captured) {
		t.Errorf("kept: %+v, %v", w, err)
	}
	if err := os.Truncate(filepath.Join(b.Store, w.Path), 100); err != nil {
		t.Fatal(err)
	}
	if w, _ = b.Where(t.Context(), c.ID); w.Object != "cut" {
		t.Errorf("cut: %s", w.Object)
	}
	raw := answered("a1-1.3", time.Second, time.Second)
	s.put(raw)
	b.write(raw.ID, tones(2*time.Second, 440, 700))
	if w, err = b.Where(t.Context(), raw.ID); err != nil || !w.Raw || w.Path != "" {
		t.Errorf("only captured: %+v, %v", w, err)
	}
	if _, err = b.Where(t.Context(), "a1-1.9"); !errors.Is(err, ErrNoRecording) {
		t.Errorf("nothing: %v", err)
	}
}
