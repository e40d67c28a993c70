package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/queue"
)

func TestJournalStoresADayAndLoadsIt(t *testing.T) {
	for seed := range uint64(3) {
		db := openDB(t)
		j, acd := openJournal(t, db, t.TempDir())
		d := newDay(seed)
		d.acd = acd
		play(t, d, j, 2000)
		flush(t, j)
		if records, age := j.Lag(); records != 0 || age != 0 {
			t.Errorf("after a flush %d records are said to lag by %s", records, age)
		}
		sameState(t, db, acd)
		closeJournal(t, j)
		sameState(t, db, acd)
		if s := j.Stats(); s.Rejected != 0 || s.Stale != 0 || s.SpoolBytes != 0 || s.Committed != acd.Seq() {
			t.Errorf("seed %d: %+v, want all stored and the spool empty", seed, s)
		}
		var seq uint64
		if err := db.conns.QueryRow(limited(t), "SELECT max(seq) FROM checkpoints").Scan(&seq); err != nil || seq != acd.Seq() {
			t.Errorf("the last checkpoint is at %d (%v), want %d", seq, err, acd.Seq())
		}
	}
}

func TestJournalTakesUpWhereTheLastOneEnded(t *testing.T) {
	db, spool := openDB(t), t.TempDir()
	d := newDay(11)
	for range 3 {
		j, acd := openJournal(t, db, spool)
		if acd.Seq() != d.acd.Seq() {
			t.Fatalf("a new journal begins after record %d, want %d", acd.Seq(), d.acd.Seq())
		}
		d.acd = acd
		play(t, d, j, 300)
		closeJournal(t, j)
	}
	sameState(t, db, d.acd)
}

// TestServerAwayInTheMiddle stops Postgres under the journal and starts it
// again: nothing is missing, nothing doubled.
func TestServerAwayInTheMiddle(t *testing.T) {
	dir, err := os.MkdirTemp("", "tr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := private.Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	db := openURL(t, server.URL())
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(5)
	d.acd = acd
	play(t, d, j, 500)
	cut, cancel := context.WithCancel(context.Background())
	cancel() // the hard way, transactions cut
	if err := server.Stop(cut); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cut stop says %v", err)
	}
	play(t, d, j, 3000)
	until(t, "all is in the spool, on disk", func() bool { return j.Stats().Spooled == acd.Seq() && !j.spool.unsynced() })
	if records, age := j.Lag(); records == 0 || age == 0 {
		t.Errorf("without a server %d records lag by %s, want some", records, age)
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := j.Flush(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a flush without a server: %v, want that time ran out", err)
	}
	again, err := private.Start(limited(t), dir, "fsync=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Stop(context.Background()) })
	play(t, d, j, 500)
	flush(t, j)
	sameState(t, db, acd)
	closeJournal(t, j)
	if n := j.spool.path; fileSize(t, n) != 0 {
		t.Errorf("the spool still has %d bytes", fileSize(t, n))
	}
}

func TestCloseWithoutServerLeavesTheSpool(t *testing.T) {
	db, spool := openDB(t), t.TempDir()
	other := openURL(t, db.conns.Config().ConnString())
	j, acd := openJournal(t, db, spool)
	d := newDay(6)
	d.acd = acd
	play(t, d, j, 200)
	flush(t, j)
	db.Close() // from here it cannot reach the server
	play(t, d, j, 200)
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := j.Close(short); err == nil || !strings.Contains(err.Error(), "delivered at the next start") {
		t.Errorf("close says %v, want how much waits in the spool", err)
	}
	tear(t, filepath.Join(spool, "main.spool"))
	j, loaded := openJournal(t, other, spool)
	if loaded.Seq() != acd.Seq() {
		t.Errorf("after the spool's delivery the log ends at %d, want %d", loaded.Seq(), acd.Seq())
	}
	sameState(t, other, acd)
	closeJournal(t, j)
	if size := fileSize(t, filepath.Join(spool, "main.spool")); size != 0 {
		t.Errorf("the delivered spool still has %d bytes", size)
	}
}

// tear appends the beginning of a line, as a write cut off by a crash.
func tear(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(`1234abcd {"seq":99999,"at":"2026-`); err != nil {
		t.Fatal(err)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come true that %s", what)
		}
	}
}

func TestFencedWriterStops(t *testing.T) {
	db := openDB(t)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(7)
	d.acd = acd
	play(t, d, j, 100)
	flush(t, j)
	stored := acd.Seq()
	if _, err := db.TakeEpoch(limited(t), "main", "other node"); err != nil {
		t.Fatal(err)
	}
	play(t, d, j, 10)
	select {
	case <-j.Failed():
	case <-limited(t).Done():
		t.Fatal("the fenced journal did not fail")
	}
	for what, err := range map[string]error{"Err": j.Err(), "Flush": j.Flush(limited(t)), "Close": j.Close(limited(t)),
		"SaveCheckpoint": db.SaveCheckpoint(limited(t), "main", j.cfg.Epoch, acd)} {
		if !errors.Is(err, ErrFenced) {
			t.Errorf("%s says %v, want ErrFenced", what, err)
		}
	}
	loaded, err := db.Load(limited(t), "main")
	if err != nil || loaded.Seq() != stored {
		t.Errorf("the log ends at %d (%v), want %d: a fenced writer wrote", loaded.Seq(), err, stored)
	}
}

// TestSpoolOfADeposedLeaderIsSetAside: its records lost against those of
// another leader; they must neither be written nor be lost.
func TestSpoolOfADeposedLeaderIsSetAside(t *testing.T) {
	db := openDB(t)
	here, there := t.TempDir(), t.TempDir()
	j, acd := openJournal(t, db, here)
	d := newDay(8)
	d.acd = acd
	play(t, d, j, 100)
	flush(t, j)
	other, otherACD := openJournal(t, db, there)
	play(t, d, j, 50) // refused: fenced
	<-j.Failed()
	until(t, "the refused records are in the spool", func() bool { return j.spool.bytes() > 0 })
	if err := j.Close(limited(t)); !errors.Is(err, ErrFenced) {
		t.Fatal(err)
	}
	o := newDay(9)
	o.acd, o.now = otherACD, d.now
	play(t, o, other, 60)
	closeJournal(t, other)

	again, loaded := openJournal(t, db, here)
	defer closeJournal(t, again)
	if loaded.Seq() != otherACD.Seq() {
		t.Errorf("the log ends at %d, want %d", loaded.Seq(), otherACD.Seq())
	}
	sameState(t, db, otherACD)
	var told int
	if err := db.conns.QueryRow(limited(t), "SELECT count(*) FROM testimony").Scan(&told); err != nil || told < 50 || again.spool.bytes() != 0 {
		t.Errorf("%d records are testimony (%v) and %d bytes are left in the spool, want 50 or more and none", told, err, again.spool.bytes())
	}
}

// TestPoisonedRecordDoesNotHoldUpTheLedger: one record that Postgres refuses
// for its content is kept beside the spool, all others are stored, and the
// state can still be loaded.
func TestPoisonedRecordDoesNotHoldUpTheLedger(t *testing.T) {
	db, spool := openDB(t), t.TempDir()
	if _, err := db.conns.Exec(limited(t), "ALTER TABLE events ADD CHECK (seq <> 150)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.conns.Exec(limited(t), "ALTER TABLE calls ADD CHECK (arrival <> 3)"); err != nil {
		t.Fatal(err)
	}
	j, acd := openJournal(t, db, spool)
	d := newDay(10)
	d.acd = acd
	play(t, d, j, 400)
	flush(t, j)
	s := j.Stats()
	if s.Rejected != 1 || s.Stale == 0 {
		t.Errorf("rejected %d, without rows %d; want 1 and some", s.Rejected, s.Stale)
	}
	var stored uint64
	if err := db.conns.QueryRow(limited(t), "SELECT count(*) FROM events").Scan(&stored); err != nil || stored != acd.Seq()-1 {
		t.Errorf("%d records are stored (%v), want all %d but one", stored, err, acd.Seq())
	}
	if kept, err := os.ReadFile(filepath.Join(spool, "main.spool.rejected")); err != nil || !strings.Contains(string(kept), `"seq":150,`) {
		t.Errorf("the refused record is not kept: %q, %v", kept, err)
	}
	want := storable(t, acd)
	loaded, err := db.Load(limited(t), "main")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, storable(t, loaded)); d != "" {
		t.Errorf("the state loaded across the hole differs (-live +loaded):\n%s", d)
	}
	closeJournal(t, j)
}

// TestLogOfANewerProgramIsRefused at once: waiting would not mend it.
func TestLogOfANewerProgramIsRefused(t *testing.T) {
	for what, data := range map[string]string{"OfOtherTimes": "{}", "OfferAlerting": `{"offer":"nobody's"}`} {
		db, acd := storedDay(t, 12, 50)
		if _, err := db.conns.Exec(limited(t), `INSERT INTO events VALUES ('main', $1, now(), 1, '', '', '', $2, $3::text::jsonb)`,
			acd.Seq()+1, what, data); err != nil {
			t.Fatal(err)
		}
		_, _, err := db.OpenJournal(limited(t), JournalConfig{Pool: "main", Epoch: 1, Spool: t.TempDir()})
		if !errors.Is(err, errBadLog) {
			t.Errorf("a log with %s: %v, want a refusal", what, err)
		}
	}
}

func TestSpoolRefusesASecondOwner(t *testing.T) {
	db, spool := openDB(t), t.TempDir()
	j, _ := openJournal(t, db, spool)
	defer closeJournal(t, j)
	if _, _, err := db.OpenJournal(limited(t), JournalConfig{Pool: "main", Epoch: 1, Spool: spool}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second journal on the same spool: %v, want a refusal", err)
	}
}

func TestParseSpool(t *testing.T) {
	var file []byte
	for seq := range uint64(3) {
		e, err := newEntry(queue.Record{Seq: seq + 1, At: dayStart, Epoch: 2, Event: queue.DayBegan{Day: "2026-11-22"}})
		if err != nil {
			t.Fatal(err)
		}
		line, err := e.line()
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, line...)
	}
	line := len(file) / 3
	damaged := append([]byte{}, file...)
	damaged[line+20] ^= 1
	lastDamaged := append([]byte{}, file...)
	lastDamaged[len(file)-5] ^= 1
	for name, c := range map[string]struct {
		file    []byte
		records int
		damage  bool
	}{
		"empty":                 {nil, 0, false},
		"whole":                 {file, 3, false},
		"torn last line":        {file[:len(file)-9], 2, false},
		"no last newline":       {file[:len(file)-1], 3, false},
		"damaged last line":     {lastDamaged, 2, false},
		"damaged in the middle": {damaged, 1, true},
	} {
		records, damage := parseSpool(c.file)
		if len(records) != c.records || (damage != nil) != c.damage {
			t.Errorf("%s: %d records, damage %v; want %d, %t", name, len(records), damage, c.records, c.damage)
		}
	}
}
