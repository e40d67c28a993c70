package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// Holds and erasures are in the rows: what is held is not erased, what was
// erased has no key, and what expires is what the house keeps no longer, by
// class before queue before the rest.
func TestCustody(t *testing.T) {
	db, ctx := searchHouse(t), limited(t)
	who := recording.Mark{At: dayStart, By: "boss", Why: "诉讼"}
	if _, err := db.conns.Exec(ctx, "UPDATE recordings SET path = call || '.ogg', master = 'm', wrapped = 'k', form = 'opus', object_bytes = 10, started_at = $1", dayStart); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]int{dayStart.AddDate(0, 0, 29): 0, dayStart.AddDate(0, 0, 31): 1, dayStart.AddDate(0, 0, 91): 3} {
		p := recording.Retention{Days: 90, Queues: map[queue.QueueID]int{"support": 60}, Classes: map[string]int{"complaint": 30}}
		if want == 3 {
			p.Queues = nil
		}
		got, err := db.Expired(ctx, p, at, 10)
		if err != nil || len(got) != want || want == 1 && got[0] != "c1" {
			t.Errorf("at %s expire %v, want %d (%v)", at, got, want, err)
		}
	}
	if got, err := db.Expired(ctx, recording.Retention{}, dayStart.AddDate(99, 0, 0), 10); err != nil || len(got) != 0 {
		t.Errorf("for ever, and %v expire: %v", got, err)
	}
	if ok, err := db.HoldRecording(ctx, "c1", who); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := db.EraseRecording(ctx, "c1", who); !errors.Is(err, recording.ErrHeld) {
		t.Errorf("held: %v", err)
	}
	if got, _ := db.Expired(ctx, recording.Retention{Days: 1}, dayStart.AddDate(1, 0, 0), 10); len(got) != 2 {
		t.Errorf("held, and %v expire", got)
	}
	if ok, err := db.ReleaseRecording(ctx, "c1"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, _ := db.ReleaseRecording(ctx, "c1"); ok {
		t.Error("released twice")
	}
	if n, err := db.RecordingsBytes(ctx); err != nil || n != 30 {
		t.Errorf("all take %d, %v", n, err)
	}
	r, err := db.EraseRecording(ctx, "c1", who)
	if err != nil || r.Path != "c1.ogg" {
		t.Fatal(r, err)
	}
	if _, err := db.EraseRecording(ctx, "c1", who); !errors.Is(err, recording.ErrErased) {
		t.Errorf("twice: %v", err)
	}
	if _, err := db.EraseRecording(ctx, "none", who); !errors.Is(err, recording.ErrNoRecording) {
		t.Errorf("none: %v", err)
	}
	kept, err := db.Recording(ctx, "c1")
	if err != nil || len(kept.Sealed.Key.Key) != 0 || kept.Erased.Why != "诉讼" {
		t.Errorf("erased: %+v, %v", kept, err)
	}
	if _, err := db.Peaks(ctx, "c1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("its wave form: %v", err)
	}
	if left, err := db.ErasedWithObject(ctx, 10); err != nil || len(left) != 1 {
		t.Errorf("to be removed: %v, %v", left, err)
	}
	if err := db.RecordingGone(ctx, "c1"); err != nil {
		t.Fatal(err)
	}
	if left, _ := db.ErasedWithObject(ctx, 10); len(left) != 0 {
		t.Errorf("removed, and %v", left)
	}
	if at, err := db.Clock(ctx); err != nil || time.Since(at).Abs() > time.Hour {
		t.Errorf("the database's clock: %s, %v", at, err)
	}
}
