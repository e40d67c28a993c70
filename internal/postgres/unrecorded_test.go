package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// TestMigrationOfUnrecorded: conversations of before, which have no recording
// by now, were not to have one; those since are looked for.
func TestMigrationOfUnrecorded(t *testing.T) {
	url := postgrestest.New(t)
	db := openBefore(t, url, 4)
	old := func(id, connected, ended string) {
		t.Helper()
		if _, err := db.conns.Exec(limited(t), `INSERT INTO calls (pool, call, arrival, day, queue, passed, number, caller, name, endpoint, addr, by_agent,
			state, line_answered_by, offers, offer, agent, outcome, release, cause, short, wait_ms, ring_ms, rings, rings_within, rings_strict, talk_ms, connected_at, ended_at)
			VALUES ('main', $1, 1, '', '', '[]', '', '', '', '', '', '', '', '', 0, '', '', CASE WHEN $3 = '' THEN '' ELSE 'answered' END, '', '', false, 0, 0, 0, true, true, 0,
			nullif($2, '')::timestamptz, nullif($3, '')::timestamptz)`, id, connected, ended); err != nil {
			t.Fatal(err)
		}
	}
	old("without", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z")
	old("kept", "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z")
	old("talking", "2026-11-22T01:00:00Z", "")
	if _, err := db.conns.Exec(limited(t), `INSERT INTO recordings (call, path, length_ms, bytes, sha256, talk_offset_ms, talk_ms, state, gap_reason) VALUES ('kept', '', 0, 0, '', 0, 0, 'kept', '')`); err != nil {
		t.Fatal(err)
	}
	db = openURL(t, url)
	rows, err := db.Calls(limited(t), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var unrecorded []queue.CallID
	for _, c := range rows {
		if c.Unrecorded {
			unrecorded = append(unrecorded, c.ID)
		}
	}
	if len(rows) != 3 || !slices.Equal(unrecorded, []queue.CallID{"without"}) {
		t.Errorf("of %d calls %v are unrecorded, want the one without alone", len(rows), unrecorded)
	}
	missing, err := db.RecordingsMissing(limited(t), time.Time{}, time.Time{}, 10)
	if err != nil || len(missing) != 0 {
		t.Errorf("%d calls are said to lack a recording (%v), want none", len(missing), err)
	}
}

// openBefore is a database as it was before a migration.
func openBefore(t *testing.T, url string, version int) *DB {
	t.Helper()
	conns, err := pgxpool.New(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conns.Close)
	list, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	sql := "CREATE TABLE migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
	for _, m := range list[:version-1] {
		sql += m.sql + fmt.Sprintf(";INSERT INTO migrations (version, name) VALUES (%d, '%s');", m.version, m.name)
	}
	if _, err := conns.Exec(limited(t), sql); err != nil {
		t.Fatal(err)
	}
	return &DB{conns: conns}
}

// TestMissingRecordingsAreFoundByAnIndex: the search runs each minute, over a
// table that only grows.
func TestMissingRecordingsAreFoundByAnIndex(t *testing.T) {
	db, _ := storedDay(t, 32, 300)
	conn, err := db.conns.Acquire(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(limited(t), "SET enable_seqscan = off"); err != nil { // which a small table would get
		t.Fatal(err)
	}
	defer conn.Exec(limited(t), "RESET enable_seqscan")
	w := missingRecordings(dayStart, dayStart.Add(time.Hour))
	rows, err := conn.Query(limited(t), "EXPLAIN "+calls.selectFrom()+w.String(), w.args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if rows.Err() != nil || !strings.Contains(plan.String(), "calls_to_keep") {
		t.Errorf("the index is not used (%v):\n%s", rows.Err(), &plan)
	}
}
