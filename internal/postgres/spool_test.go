package postgres

import (
	"fmt"
	"os"
	"testing"

	"github.com/threerings/threerings/queue"
)

// TestSyncIsTriedAgain: what a failed sync leaves is not called synced.
func TestSyncIsTriedAgain(t *testing.T) {
	s, _, _, err := openSpool(t.TempDir(), "main")
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	e, err := newEntry(queue.Record{Seq: 1, At: dayStart, Epoch: 1, Event: queue.DayBegan{Day: "2026-11-22"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.write([]entry{e}); err != nil {
		t.Fatal(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // cannot be synced
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	disk := s.file
	s.file = null
	if err := s.sync(); err == nil {
		t.Fatal("the null device was synced")
	}
	s.file = disk
	if !s.unsynced() {
		t.Error("after a sync that failed nothing is left to sync")
	}
	if err := s.sync(); err != nil || s.unsynced() {
		t.Errorf("synced again: %v, unsynced %t", err, s.unsynced())
	}
}

// TestLongSpoolIsRecoveredInPieces: a spool of which Postgres has all already
// is compared in transactions that stay small, however long it is.
func TestLongSpoolIsRecoveredInPieces(t *testing.T) {
	db, acd := storedDay(t, 31, 2*groupLimit+100)
	dir := t.TempDir()
	s, _, _, err := openSpool(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.eachRecord(limited(t), "main", 0, func(r queue.Record) error {
		e, err := newEntry(r)
		if err != nil {
			return err
		}
		return s.write([]entry{e})
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	// Postgres counts the rows that one transaction brings, also those it has.
	if _, err := db.conns.Exec(limited(t), fmt.Sprintf(`CREATE FUNCTION limit_rows() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM set_config('test.rows', (coalesce(nullif(current_setting('test.rows', true), ''), '0')::int + 1)::text, true);
			IF current_setting('test.rows')::int > %d THEN
				RAISE EXCEPTION 'too much for one transaction' USING ERRCODE = 'check_violation';
			END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER limit_rows BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION limit_rows()`, groupLimit)); err != nil {
		t.Fatal(err)
	}
	j, loaded := openJournal(t, db, dir)
	defer closeJournal(t, j)
	aside, err := os.ReadDir(dir)
	if loaded.Seq() != acd.Seq() || err != nil || len(aside) != 1 {
		t.Errorf("the log ends at %d, want %d; in the folder %v (%v), want the spool alone", loaded.Seq(), acd.Seq(), aside, err)
	}
}
