package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

func leading() bool { return true }
func waiting() bool { return false }

// TestStandbyFoldsWhatLoadFolds: folded in pieces while it is written, random
// days end in the state that the whole log has, also behind a checkpoint.
func TestStandbyFoldsWhatLoadFolds(t *testing.T) {
	for seed := range uint64(3) {
		db, spool := openDB(t), t.TempDir()
		s := db.NewStandby("main")
		j, acd := openJournal(t, db, spool)
		d := newDay(100 + seed)
		d.acd = acd
		for range 12 {
			play(t, d, j, 150)
			if err := s.look(limited(t), waiting); err != nil { // the journal is in the middle of it
				t.Fatal(err)
			}
		}
		flush(t, j)
		next, live := takeOver(t, db, s)
		if diff := cmp.Diff(storable(t, acd), storable(t, live)); diff != "" {
			t.Errorf("seed %d: taken over another state (-leader +standby):\n%s", seed, diff)
		}
		sameState(t, db, live)
		d.acd = live
		play(t, d, next, 200) // and it goes on from there
		closeJournal(t, next)
		sameState(t, db, d.acd)
		if err := j.Close(limited(t)); err != nil { // fenced, but nothing was left to write
			t.Error(err)
		}
	}
}

// takeOver opens a journal with what a standby has folded.
func takeOver(t *testing.T, db *DB, s *Standby) (*Journal, *queue.ACD) {
	t.Helper()
	epoch, err := db.TakeEpoch(limited(t), "main", "standby")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	j, live, err := db.OpenJournal(limited(t), JournalConfig{Pool: "main", Epoch: epoch, Spool: t.TempDir(), Standby: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("taken over at record %d in %s", live.Seq(), time.Since(began))
	return j, live
}

// TestStandbyOfAnotherPast: a database put back to an earlier state while a
// node stands by is what counts, not what the node remembers.
func TestStandbyOfAnotherPast(t *testing.T) {
	db := openDB(t)
	s := db.NewStandby("main")
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(7)
	d.acd = acd
	play(t, d, j, 100)
	flush(t, j)
	closeJournal(t, j)
	if err := s.look(limited(t), waiting); err != nil {
		t.Fatal(err)
	}
	s.db = openDB(t) // what was put back knows nothing of that
	next, live := takeOver(t, s.db, s)
	if live.Seq() != 0 {
		t.Errorf("taken over at record %d of an empty log", live.Seq())
	}
	closeJournal(t, next)
}

// TestStandbyHoldsNothingWhileItLeads: nor after it was handed over.
func TestStandbyHoldsNothingWhileItLeads(t *testing.T) {
	db := openDB(t)
	s := db.NewStandby("main")
	for _, c := range []struct {
		idle func() bool
		has  bool
	}{{waiting, true}, {leading, false}, {waiting, true}} {
		if err := s.look(limited(t), c.idle); err != nil || (s.acd != nil) != c.has {
			t.Errorf("holds a state: %t, want %t (%v)", s.acd != nil, c.has, err)
		}
	}
	if _, err := s.take(limited(t)); err != nil || s.acd != nil {
		t.Errorf("handed over and still there (%v)", err)
	}
}
