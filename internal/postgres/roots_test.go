package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// TestRoots: days are closed behind each other, once; what is in no tree is
// known; rows that change are in none again; nothing is changed or removed.
func TestRoots(t *testing.T) {
	db := openURL(t, postgrestest.New(t))
	ctx := limited(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	row := func(call, day string) Recording {
		return Recording{Call: queue.CallID(call), Day: day, Path: "2026/11/22/" + call + ".ogg.sealed", SHA256: "s" + call, State: "kept", Length: 5 * time.Second, Talk: 4 * time.Second,
			Sealed: recording.Sealed{Form: recording.Opus, Bytes: 9, SHA256: "o" + call, Key: vault.Wrapped{Master: "m", Key: "k"}}}
	}
	for _, r := range []Recording{row("b", "2026-11-22"), row("a", "2026-11-22"), row("c", "2026-11-23"),
		{Call: "old", Path: "2026/01/01/old.wav", SHA256: "plain", State: "kept"}} {
		must(db.SaveRecording(ctx, r))
	}
	days, err := db.DaysToClose(ctx, "2026-11-24")
	if err != nil || fmt.Sprint(days) != "[2026-11-22 2026-11-23]" {
		t.Fatalf("days %v, %v", days, err)
	}
	if n, err := db.Unfinished(ctx, "2026-11-22"); err != nil || n != 0 {
		t.Errorf("%d unfinished, %v", n, err)
	}
	if _, had, err := db.LastRoot(ctx); had || err != nil {
		t.Errorf("a root before the first: %v", err)
	}
	leaves, err := db.LeavesToClose(ctx, "2026-11-22")
	must(err)
	var calls []string
	for _, l := range leaves {
		calls = append(calls, string(l.Call)+" "+l.Object)
	}
	if got := strings.Join(calls, ", "); got != "old plain, a oa, b ob" {
		t.Errorf("leaves %s", got)
	}
	first := recording.NewRoot("2026-11-22", leaves, "", time.Now().Truncate(time.Millisecond))
	must(db.SaveRoot(ctx, first, leaves))
	if err := db.SaveRoot(ctx, recording.NewRoot("2026-11-23", leaves, "", time.Now()), leaves); err == nil {
		t.Error("the chain was forked")
	}
	if last, had, err := db.LastRoot(ctx); err != nil || !had || cmp.Diff(first, last) != "" {
		t.Errorf("the last root: %+v, %v", last, err)
	}
	must(db.SaveRecording(ctx, row("a", "2026-11-22"))) // as it was: it stays where it is
	b := row("b", "2026-11-22")
	b.Sealed.SHA256 = "sealed again"
	must(db.SaveRecording(ctx, b))
	leaves, err = db.LeavesToClose(ctx, "2026-11-23")
	if err != nil || len(leaves) != 2 || leaves[0].Call != "b" || leaves[1].Call != "c" {
		t.Fatalf("leaves %+v, %v", leaves, err)
	}
	must(db.SaveRoot(ctx, recording.NewRoot("2026-11-23", leaves, first.Hash, time.Now()), leaves))
	all, err := db.Leaves(ctx, "2026-11-22")
	must(err)
	for i, want := range []bool{false, false, true} {
		if f := all[i]; f.Superseded != want || !f.HasRow {
			t.Errorf("leaf %d: %+v", i, f)
		}
		if i < 2 && recording.LeafOf(all[i].Row) != all[i].Leaf {
			t.Errorf("row %+v is not leaf %+v", all[i].Row, all[i].Leaf)
		}
	}
	paths, err := db.RecordingPaths(ctx, "2026/11/22/")
	if err != nil || len(paths) != 3 || !paths["2026/11/22/a.ogg.sealed"] {
		t.Errorf("names %v, %v", paths, err)
	}
	must(db.SaveRecording(ctx, row("d", "2026-11-24")))
	var open []queue.CallID
	must(db.RecordingsOpen(ctx, func(r recording.Recording) error { open = append(open, r.Call); return nil }))
	if fmt.Sprint(open) != "[d]" {
		t.Errorf("in no tree: %v", open)
	}
	for _, sql := range []string{"DELETE FROM recording_leaves", "UPDATE recording_roots SET root = ''", "TRUNCATE recording_leaves"} {
		if _, err := db.conns.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
