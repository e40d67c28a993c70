package postgres

import (
	"bytes"
	"encoding/csv"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// TestExportOverSummerTime: when clocks change in mid-call, lengths are what was
// lived through, UTC goes on, and the hour that comes twice is told apart by its
// offset.
func TestExportOverSummerTime(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct {
		at    time.Time // the clocks change
		local []string  // of calls half an hour before, a minute before and half an hour after
	}{
		{time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), []string{"2026-03-08T01:30:00.000-05:00", "2026-03-08T01:59:00.000-05:00", "2026-03-08T03:30:00.000-04:00"}},
		{time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC), []string{"2026-11-01T01:30:00.000-04:00", "2026-11-01T01:59:00.000-04:00", "2026-11-01T01:30:00.000-05:00"}},
	} {
		db := openDB(t)
		j, acd := openJournal(t, db, t.TempDir())
		step := func(at time.Time, in queue.Input) { j.Append(acd.Step(at, in).Records) }
		cfg := dayConfig()
		step(change.at.Add(-time.Hour), queue.Configure{Config: cfg})
		step(change.at.Add(-time.Hour), queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle}})
		for i, after := range []time.Duration{-30 * time.Minute, -time.Minute, 30 * time.Minute} {
			call, at := queue.LegID([]string{"c1", "c2", "c3"}[i]), change.at.Add(after)
			step(at, queue.CallArrived{Leg: call, Number: "4000", Caller: "13800000001", Endpoint: "trunk"})
			step(at.Add(5*time.Second), queue.SetAgent{Agent: "1001", State: queue.Ready})
			phone := call + "~1"
			step(at.Add(6*time.Second), queue.LegRinging{Leg: phone})
			step(at.Add(9*time.Second), queue.LegAnswered{Leg: phone})
			step(at.Add(9*time.Second), queue.LegBridged{Leg: call})
			step(at.Add(9*time.Second), queue.LegBridged{Leg: phone})
			step(at.Add(129*time.Second), queue.LegEnded{Leg: call, Cause: queue.CauseNormal}) // c2 talks over the change
			step(at.Add(129*time.Second), queue.LegEnded{Leg: phone, Cause: queue.CauseNormal})
			step(at.Add(130*time.Second), queue.SetAgent{Agent: "1001", State: queue.NotReady, Reason: "break"})
		}
		closeJournal(t, j)
		var out bytes.Buffer
		if err := db.Export(limited(t), &out, "calls", time.Time{}, time.Time{}, "csv", newYork); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		at := map[string]int{}
		for i, name := range rows[0] {
			at[name] = i
		}
		for i, row := range rows[1:] {
			if got := row[at["local"]]; got != change.local[i] {
				t.Errorf("%s: local %s, want %s", row[at["call"]], got, change.local[i])
			}
			arrived, err := time.Parse(time.RFC3339, row[at["arrived_at"]])
			if err != nil {
				t.Fatal(err)
			}
			if local, err := time.Parse(time.RFC3339, row[at["local"]]); err != nil || !local.Equal(arrived) {
				t.Errorf("%s: local %s is not %s (%v)", row[at["call"]], row[at["local"]], arrived, err)
			}
			ended, err := time.Parse(time.RFC3339, row[at["ended_at"]])
			if err != nil || ended.Sub(arrived) != 129*time.Second || row[at["talk_ms"]] != "120000" || row[at["wait_ms"]] != "9000" {
				t.Errorf("%s: from %s to %s, wait %s ms, talk %s ms (%v)", row[at["call"]], arrived, ended, row[at["wait_ms"]], row[at["talk_ms"]], err)
			}
		}
	}
}
