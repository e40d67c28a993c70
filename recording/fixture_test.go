package recording

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
)

// ledger is an Index in memory whose writes and reads can be made to fail.
type ledger struct {
	mu     sync.Mutex
	rows   map[queue.CallID]Recording
	calls  map[queue.CallID]queue.Call
	proofs map[queue.CallID]Proof
	saves  int
	fail   error
}

func (l *ledger) SaveRecording(_ context.Context, r Recording) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.saves++
	l.rows[r.Call] = r
	return nil
}

func (l *ledger) SaveProof(_ context.Context, id queue.CallID, p Proof) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.proofs[id] = p
	return nil
}

func (l *ledger) Recording(_ context.Context, id queue.CallID) (Recording, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.rows[id]
	return r, ok, nil
}

func (l *ledger) RecordingsMissing(_ context.Context, since, until time.Time, limit int) (found []queue.Call, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.calls {
		if _, ok := l.rows[c.ID]; !ok && !c.EndedAt.Before(since) && c.EndedAt.Before(until) && !c.SpokeAt.IsZero() && !c.Unrecorded {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b queue.Call) int { return a.EndedAt.Compare(b.EndedAt) })
	return found[:min(limit, len(found))], nil
}

func (l *ledger) RecordingRemoved(_ context.Context, id queue.CallID, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rows[id]
	r.Steps.Removed = at
	l.rows[id] = r
	return nil
}

func (l *ledger) RecordingsToConvert(_ context.Context, after queue.CallID, limit int) (found []Recording, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(l.rows)) {
		r := l.rows[id]
		if id > after && r.Path != "" && (r.Sealed.Form == Plain || r.Sealed.Form == WAV && r.Sealed.Note == "") {
			found = append(found, r)
		}
	}
	return found[:min(limit, len(found))], nil
}

func (l *ledger) Call(_ context.Context, id queue.CallID) (queue.Call, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.calls[id]
	return c, ok, nil
}

func (l *ledger) put(calls ...queue.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range calls {
		l.calls[c.ID] = c
	}
}

func (l *ledger) row(id queue.CallID) (Recording, bool) {
	r, ok, _ := l.Recording(context.Background(), id)
	return r, ok
}

func (l *ledger) failWith(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = err
}

type bench struct {
	*Keeper
	Store string // folder of the store
	t     testing.TB
	index *ledger
}

func newBench(t testing.TB) *bench {
	index := &ledger{rows: map[queue.CallID]Recording{}, calls: map[queue.CallID]queue.Call{}, proofs: map[queue.CallID]Proof{}}
	folder, ring := filepath.Join(t.TempDir(), "store"), &vault.Ring{Path: filepath.Join(t.TempDir(), "recordings.key")}
	if err := vault.Create(ring.Path); err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, index: index, Store: folder, Keeper: &Keeper{
		Spool: t.TempDir(), Store: store.Folder(folder), Keys: ring, Index: index,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}}
}

// answered is a call of one hour ago: answered by the greeting, an agent after
// wait, ended by the caller after talk.
func answered(id queue.CallID, wait, talk time.Duration) queue.Call {
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	return queue.Call{ID: id, Day: "2026-11-22", State: queue.CallEnded, Outcome: queue.OutcomeAnswered,
		Release: queue.ReleaseCaller, ArrivedAt: at.Add(-5 * time.Second), LineAnsweredAt: at,
		LineAnsweredBy: queue.AnsweredByGreeting, AcceptedAt: at.Add(wait), SpokeAt: at.Add(wait),
		EndedAt: at.Add(wait + talk), Talk: talk}
}

// tones is stereo audio; a frequency of 0 is silence.
func tones(d time.Duration, left, right float64) []byte {
	frames := int(d * rate / time.Second)
	p := make([]byte, 0, frames*frameBytes)
	for i := range frames {
		for _, hz := range []float64{left, right} {
			p = binary.LittleEndian.AppendUint16(p, uint16(int16(7000*math.Sin(2*math.Pi*hz*float64(i)/rate))))
		}
	}
	return p
}

func (b *bench) write(id queue.CallID, parts ...[]byte) {
	b.t.Helper()
	// It gets its age before it gets its name: a keeper that runs takes it at once.
	whole := b.raw(id) + ".new"
	at := time.Now().Add(-59 * time.Minute)
	err := os.WriteFile(whole, slices.Concat(parts...), 0o640)
	if err == nil {
		err = os.Chtimes(whole, at, at)
	}
	if err == nil {
		err = os.Rename(whole, b.raw(id))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) age(id queue.CallID, d time.Duration) {
	b.t.Helper()
	at := time.Now().Add(-d)
	if err := os.Chtimes(b.raw(id), at, at); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) raw(id queue.CallID) string { return filepath.Join(b.Spool, rawName(id)) }

func (b *bench) hasRaw(id queue.CallID) bool {
	_, err := os.Stat(b.raw(id))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.t.Fatal(err)
	}
	return err == nil
}

func (b *bench) mustKeep(c queue.Call) Recording {
	b.t.Helper()
	r, err := b.Keep(b.t.Context(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// played is all of a recording, as the pages would play it.
func (b *bench) played(id queue.CallID) []byte {
	b.t.Helper()
	s, err := b.Open(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	defer s.Close()
	data, err := io.ReadAll(s)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// noKey is a row without what is another each time.
func noKey(r Recording) Recording {
	r.CreatedAt, r.Steps, r.Sealed.Key, r.Sealed.SHA256 = time.Time{}, Steps{}, vault.Wrapped{}, ""
	return r
}

// files lists what is in the store, hidden files too.
func (b *bench) files() (names []string) {
	b.t.Helper()
	err := filepath.WalkDir(b.Store, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(b.Store, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.t.Fatal(err)
	}
	return names
}

// tone is a frequency's amplitude in samples, by Goertzel's recurrence.
func tone(samples []int16, hz float64) float64 {
	coefficient := 2 * math.Cos(2*math.Pi*hz/rate)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = float64(x)+coefficient*s1-s2, s1
	}
	return 2 * math.Sqrt(max(s1*s1+s2*s2-coefficient*s1*s2, 0)) / float64(len(samples))
}

func near(a, b, within time.Duration) bool { return (a - b).Abs() <= within }
