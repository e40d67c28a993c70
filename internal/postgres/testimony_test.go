package postgres

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// TestFormerLeaderIsHeard: a leader that can reach nobody goes on for a while
// and is replaced. Conversations that it alone knew of come on record when it
// is back: the rows are those that it would have written, the day's figures
// are those of the rows, and hearing it again changes nothing.
func TestFormerLeaderIsHeard(t *testing.T) {
	heard := 0
	for seed := range uint64(4) {
		url, spool := postgrestest.New(t), t.TempDir()
		db, alone := openURL(t, url), openURL(t, url)
		j, acd := openJournal(t, alone, spool)
		d := newDay(300 + seed)
		d.acd = acd
		play(t, d, j, 900)
		flush(t, j)
		fork := clone(t, acd)
		alone.Close()
		lost := d.more(250)
		j.Append(lost)
		until(t, "what it did alone is in its spool", func() bool { return j.Stats().Spooled == acd.Seq() })

		next, live := takeOver(t, db, nil)
		n := newDay(700 + seed)
		n.acd, n.now, n.calls = live, d.now.Add(3*time.Second), 10_000
		next.Append(n.step(queue.SwitchLost{}))
		next.Append(n.step(queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{}})) // all that was is over
		for _, a := range live.Config().Agents {
			next.Append(n.step(queue.PhoneChanged{Agent: a.ID, State: queue.PhoneIdle}))
		}
		play(t, n, next, 300)
		flush(t, next)
		if err := db.Testify(limited(t), "main", spool); err == nil {
			t.Fatal("a spool in use was read")
		}
		j.cut()
		_ = j.Close(limited(t)) // its records stay
		for range 2 {
			if err := db.Testify(limited(t), "main", spool); err != nil {
				t.Fatal(err)
			}
		}
		corrections, err := db.Testimonies(limited(t), "main")
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range corrections {
			records := n.step(in)
			next.Append(records)
			if e, ok := records[0].Event.(queue.Refused); ok {
				t.Errorf("seed %d: call %s: %s", seed, in.Call, e.Reason)
			}
			flush(t, next)
			if err := db.Settle(limited(t), "main", in.Call); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := db.Testimonies(limited(t), "main"); err != nil || len(again) != 0 {
			t.Errorf("seed %d: heard once, there are %d corrections still (%v)", seed, len(again), err)
		}
		heard += wantTold(t, db, fork, lost)
		if err := live.Check(); err != nil {
			t.Error(err)
		}
		sameState(t, db, live)
		got, err := db.Tallies(limited(t), "main", "2026-11-22")
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range live.Snapshot().Queues {
			today := q.Today
			today.LongestWait = got[q.Queue].LongestWait // one that was is not forgotten
			if diff := cmp.Diff(today, got[q.Queue]); diff != "" {
				t.Errorf("seed %d queue %s: (-wallboard +ledger)\n%s", seed, q.Queue, diff)
			}
		}
		closeJournal(t, next)
		want := dump(t, db)
		if err := db.Rebuild(limited(t), "main"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, dump(t, db)); diff != "" {
			t.Errorf("seed %d: the rows are not the fold of the log:\n%s", seed, diff)
		}
	}
	if heard < 4 {
		t.Errorf("%d conversations were with a former leader alone: the days show too little", heard)
	}
}

func clone(t *testing.T, acd *queue.ACD) *queue.ACD {
	t.Helper()
	state, err := acd.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	other, err := queue.Restore(state)
	if err != nil {
		t.Fatal(err)
	}
	return other
}

// wantTold compares the conversations that began and ended in lost with the
// ledger, and counts them.
func wantTold(t *testing.T, db *DB, fork *queue.ACD, lost []queue.Record) (conversations int) {
	t.Helper()
	changed := changes{}
	for _, r := range lost {
		rows, err := fold(fork, r)
		if err != nil {
			t.Fatal(err)
		}
		changed.add(rows)
	}
	for _, c := range changed.calls.rows {
		if c.State != queue.CallEnded || c.SpokeAt.IsZero() {
			continue
		}
		got, err := db.Call(limited(t), c.ID)
		if err != nil {
			t.Errorf("call %s: %v", c.ID, err)
			continue
		}
		conversations++
		if !got.Call.SpokeAt.Equal(c.SpokeAt) || got.Call.Outcome != c.Outcome || !got.Call.EndedAt.Equal(c.EndedAt) && c.SpokeAt.Before(got.Call.SpokeAt) || got.Call.Agent != c.Agent {
			t.Errorf("call %s: on record %s by %s, spoke at %v until %v, want %s by %s, %v until %v", c.ID, got.Call.Outcome, got.Call.Agent, got.Call.SpokeAt, got.Call.EndedAt,
				c.Outcome, c.Agent, c.SpokeAt, c.EndedAt)
		}
	}
	return conversations
}

// TestSpoolThatCanFollowStays: while nobody has written in its place, what a
// leader left is its own to deliver.
func TestSpoolThatCanFollowStays(t *testing.T) {
	url, spool := postgrestest.New(t), t.TempDir()
	db, alone := openURL(t, url), openURL(t, url)
	j, acd := openJournal(t, alone, spool)
	d := newDay(5)
	d.acd = acd
	play(t, d, j, 200)
	flush(t, j)
	alone.Close()
	j.Append(d.more(50))
	until(t, "it is in the spool", func() bool { return j.Stats().Spooled == acd.Seq() })
	j.cut()
	if err := j.Close(limited(t)); errors.Is(err, ErrFenced) {
		t.Fatal(err)
	}
	if _, err := db.TakeEpoch(limited(t), "main", "other"); err != nil { // and it did nothing
		t.Fatal(err)
	}
	if err := db.Testify(limited(t), "main", spool); err != nil {
		t.Fatal(err)
	}
	again, loaded := openJournal(t, db, spool)
	defer closeJournal(t, again)
	if loaded.Seq() != acd.Seq() {
		t.Errorf("the log ends at %d, want %d: what was left was not delivered", loaded.Seq(), acd.Seq())
	}
}

// TestSpoolThatIsKnownIsEmptied: a leader that was killed after its last commit
// and before it could empty the spool has nothing to tell.
func TestSpoolThatIsKnownIsEmptied(t *testing.T) {
	db, spool := openDB(t), t.TempDir()
	j, acd := openJournal(t, db, spool)
	d := newDay(6)
	d.acd = acd
	play(t, d, j, 200)
	closeJournal(t, j)
	s, _, _, err := openSpool(spool, "main")
	if err != nil {
		t.Fatal(err)
	}
	var entries []entry
	if err := db.eachRecord(limited(t), "main", 150, func(r queue.Record) error {
		e, err := newEntry(r)
		entries = append(entries, e)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.write(entries), s.close()); err != nil {
		t.Fatal(err)
	}
	next, live := takeOver(t, db, nil)
	d.acd = live
	play(t, d, next, 50)
	closeJournal(t, next)
	if err := db.Testify(limited(t), "main", spool); err != nil {
		t.Fatal(err)
	}
	if size := fileSize(t, filepath.Join(spool, "main.spool")); size != 0 {
		t.Errorf("%d bytes are left in the spool, and all of it is in the log", size)
	}
	var told int
	if err := db.conns.QueryRow(limited(t), "SELECT count(*) FROM testimony").Scan(&told); err != nil || told != 0 {
		t.Errorf("%d records are testimony although the log has them (%v)", told, err)
	}
}
