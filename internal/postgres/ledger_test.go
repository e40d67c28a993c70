package postgres

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// storedDay is a database with a random day in it.
func storedDay(t *testing.T, seed uint64, records int) (*DB, *queue.ACD) {
	t.Helper()
	db := openDB(t)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(seed)
	d.acd = acd
	play(t, d, j, records)
	closeJournal(t, j)
	return db, acd
}

func TestMigrations(t *testing.T) {
	url := postgrestest.New(t)
	openURL(t, url).Close()
	db := openURL(t, url) // a second time, nothing to do
	var n, distinct int
	if err := db.conns.QueryRow(limited(t), "SELECT count(*), count(DISTINCT version) FROM migrations").Scan(&n, &distinct); err != nil {
		t.Fatal(err)
	}
	list, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	if n != len(list) || distinct != n {
		t.Errorf("%d migrations are on record, want each of %d once", n, len(list))
	}
	if _, err := db.conns.Exec(limited(t), "INSERT INTO migrations (version, name) VALUES ($1, 'of the future')", n+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(limited(t), url); err == nil || !strings.Contains(err.Error(), "newer threerings") {
		t.Errorf("a newer database: got %v, want a refusal that says so", err)
	}
}

// TestMigrationsLeaveOlderProgramsRunning: the next version changes the schema
// while this one still writes (docs/adr/0012).
func TestMigrationsLeaveOlderProgramsRunning(t *testing.T) {
	const firstBeside = 13 // before it nobody could take over
	list, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	takes := regexp.MustCompile(`(?i)\b(DROP|RENAME|TRUNCATE|SET NOT NULL|SET DATA TYPE|ALTER COLUMN \S+ TYPE)\b`)
	column := regexp.MustCompile(`(?i)\bADD COLUMN [^,;]*\bNOT NULL\b[^,;]*`)
	for _, m := range list[firstBeside-1:] {
		for _, line := range strings.Split(m.sql, "\n") {
			if code, _, _ := strings.Cut(line, "--"); takes.MatchString(code) && !strings.HasPrefix(code, "CREATE TRIGGER") {
				t.Errorf("%03d_%s takes something away that an older program may use: %s", m.version, m.name, code)
			}
		}
		for _, add := range column.FindAllString(m.sql, -1) {
			if !strings.Contains(strings.ToUpper(add), "DEFAULT") {
				t.Errorf("%03d_%s: an older program cannot insert rows any more: %s", m.version, m.name, add)
			}
		}
	}
}

// TestMigrationWaitsAside: a program whose migration must wait for somebody
// does not hold up those who write.
func TestMigrationWaitsAside(t *testing.T) {
	url := postgrestest.New(t)
	db := openBefore(t, url, 13)
	ctx := limited(t)
	long, err := db.conns.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Exec(ctx, "SELECT * FROM users"); err != nil { // as a backup does, for as long as it takes
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		newer, err := Open(ctx, url)
		if err == nil {
			newer.Close()
		}
		opened <- err
	}()
	waits := func() (n int) {
		if err := db.conns.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for waits() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := db.conns.Exec(ctx, "UPDATE users SET name = name"); err != nil { // it waits in the queue, and gets its turn
		t.Error("who writes meanwhile: ", err)
	}
	select {
	case err := <-opened:
		t.Error("it did not wait: ", err)
	default:
	}
	if err := long.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error("in the end: ", err)
	}
}

func TestMigrationsOfManyProgramsAtOnce(t *testing.T) {
	url := postgrestest.New(t)
	errs := make(chan error)
	for range 4 {
		go func() {
			db, err := Open(limited(t), url)
			if err == nil {
				db.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenFailsAtOnceWhereWaitingIsOfNoUse(t *testing.T) {
	for url, says := range map[string]string{
		"postgres://%zz": "database URL",
		strings.Replace(postgrestest.New(t), "threerings_test_", "no_such_", 1): "does not exist",
	} {
		if _, err := Open(limited(t), url); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("open %s: %v, want %q", url, err, says)
		}
	}
	short, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := Open(short, "postgres://u@127.0.0.1:1/x"); err == nil || short.Err() == nil {
		t.Errorf("nobody there: %v, want that it waits as long as it may", err)
	}
}

func TestEventsAreAppendOnly(t *testing.T) {
	db, acd := storedDay(t, 1, 100)
	for _, sql := range []string{"UPDATE events SET agent = 'x'", "DELETE FROM events WHERE seq = 1", "TRUNCATE events"} {
		_, err := db.conns.Exec(limited(t), sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || !strings.Contains(pg.Message, "append-only") {
			t.Errorf("%s: got %v, want a refusal", sql, err)
		}
	}
	sameState(t, db, acd)
}

func dump(t *testing.T, db *DB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range []string{"calls", "offers", "agent_intervals", "violations"} {
		rows, err := db.conns.Query(limited(t), "SELECT to_jsonb(x)::text FROM "+table+" x ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			all[table] = append(all[table], row)
		}
		if rows.Err() != nil || len(all[table]) == 0 {
			t.Fatalf("%s: no rows (%v): the day shows nothing", table, rows.Err())
		}
	}
	return all
}

func TestRebuildMakesTheSameRows(t *testing.T) {
	db, acd := storedDay(t, 2, 3000)
	want := dump(t, db)
	if _, err := db.conns.Exec(limited(t), "DELETE FROM calls WHERE arrival % 2 = 0; UPDATE offers SET rings = 99; DELETE FROM violations; DELETE FROM agent_intervals"); err != nil {
		t.Fatal(err)
	}
	if err := db.Rebuild(limited(t), "main"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, dump(t, db)); d != "" {
		t.Errorf("rows differ (-folded live +rebuilt):\n%s", d)
	}
	// Folding each record by itself must end in the same rows too.
	var changed changes
	single := queue.New()
	if err := db.eachRecord(limited(t), "main", 0, func(r queue.Record) error {
		rows, err := fold(single, r)
		changed.add(rows)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n := len(changed.calls.rows); n != len(want["calls"]) {
		t.Errorf("%d calls in the fold, %d in the table", n, len(want["calls"]))
	}
	if single.Seq() != acd.Seq() {
		t.Errorf("the log ends at %d, want %d", single.Seq(), acd.Seq())
	}
}

// TestRowsKeepEveryField writes what the core says of a call and reads the
// same back, names with forbidden characters aside.
func TestRowsKeepEveryField(t *testing.T) {
	db, _ := storedDay(t, 3, 1500)
	var changed changes
	acd := queue.New()
	if err := db.eachRecord(limited(t), "main", 0, func(r queue.Record) error {
		rows, err := fold(acd, r)
		changed.add(rows)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := map[queue.CallID]queue.Call{}
	for _, c := range changed.calls.rows {
		c.Name, c.Note = text(c.Name), text(c.Note)
		c.Open, c.BudgetAt, c.WaitFrom, c.Media, c.CallerBridged, c.AgentBridged = nil, time.Time{}, time.Time{}, "", false, false // state only
		c.HeldAt, c.Muted, c.Consult, c.Kept, c.PartAt, c.PartHold, c.ReachAt = time.Time{}, false, nil, nil, time.Time{}, 0, time.Time{}
		c.RecordingMute, c.UnmuteFailed = nil, false
		c.Menu, c.SurveyTries, c.DueAt, c.Plays, c.MusicAt, c.ToldAt = nil, 0, time.Time{}, 0, time.Time{}, time.Time{}
		want[c.ID] = c
	}
	late := 0
	for _, r := range changed.registered.rows {
		c := want[r.Call]
		c.Registration = r.Registration
		c.Note = text(c.Note)
		want[r.Call] = c
		if r.Category != "" {
			late++
		}
	}
	if late < 3 {
		t.Errorf("only %d calls were registered after they ended", late)
	}
	got, pages := map[queue.CallID]queue.Call{}, 0
	for f := (Filter{Limit: 7}); ; pages++ {
		page, err := db.Calls(limited(t), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			got[c.ID] = c
			f.AfterArrival, f.AfterCall = c.ArrivedAt, c.ID
		}
		if len(page) < f.Limit {
			break
		}
	}
	if d := cmp.Diff(want, got); d != "" || pages < 2 {
		t.Errorf("%d pages; calls differ (-core +table):\n%s", pages, d)
	}
	offersWant := map[queue.OfferID]queue.Offer{}
	for _, o := range changed.offers.rows {
		o.DeadlineAt = time.Time{}
		offersWant[o.ID] = o
	}
	list, err := db.Offers(limited(t), Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	offersGot := map[queue.OfferID]queue.Offer{}
	for _, o := range list {
		offersGot[o.ID] = o
	}
	if d := cmp.Diff(offersWant, offersGot); d != "" {
		t.Errorf("offers differ (-core +table):\n%s", d)
	}
	states, err := db.Intervals(limited(t), Filter{Limit: 1000, Agent: "1001"})
	if err != nil || len(states) < 2 {
		t.Fatalf("%d intervals, %v", len(states), err)
	}
	for i := 1; i < len(states); i++ {
		if !states[i-1].To.Equal(states[i].From) {
			t.Errorf("agent 1001: a state ends at %s, the next begins at %s", states[i-1].To, states[i].From)
		}
	}
	fines, err := db.Violations(limited(t), Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, v := range changed.violations.rows {
		sum += v.Fine
	}
	if len(fines.Violations) != 1 || fines.Count != len(changed.violations.rows) || fines.Fine != sum || sum == 0 {
		t.Errorf("violations: %d listed, %d counted, %d fen; want 1, %d, %d", len(fines.Violations), fines.Count, fines.Fine, len(changed.violations.rows), sum)
	}
}

func TestFiltersAndDetail(t *testing.T) {
	db, _ := storedDay(t, 5, 1500)
	page, err := db.Calls(limited(t), Filter{Outcome: queue.OutcomeAnswered, Queue: "support", Limit: 1000})
	if err != nil || len(page) == 0 {
		t.Fatalf("%d answered calls, %v", len(page), err)
	}
	for _, c := range page {
		if c.Outcome != queue.OutcomeAnswered || c.Queue != "support" {
			t.Errorf("call %s (%s, %s) is not what was asked for", c.ID, c.Outcome, c.Queue)
		}
	}
	one := page[len(page)/2]
	around, err := db.Calls(limited(t), Filter{Since: one.ArrivedAt, Until: one.ArrivedAt.Add(time.Microsecond)})
	if err != nil || len(around) != 1 || around[0].ID != one.ID {
		t.Errorf("since is inclusive, until is not: got %v, %v", around, err)
	}
	d, err := db.Call(limited(t), one.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Offers) != one.Offers || d.Events[0].Type != "CallQueued" || !slices.ContainsFunc(d.Events, func(e LogEntry) bool { return e.Type == "CallCompleted" }) {
		t.Errorf("call %s: %d offers, events %v", one.ID, len(d.Offers), d.Events)
	}
	if len(d.Parts) != one.Parts || len(d.Parts) == 0 || d.Parts[0].Agent == "" || d.Parts[0].Talk == 0 {
		t.Errorf("call %s with %d parts: %+v", one.ID, one.Parts, d.Parts)
	}
	rang := func(one queue.Call) bool { // not every phone of this day rings before it is answered
		d, err := db.Call(limited(t), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, e := range d.Events {
			types = append(types, e.Type)
		}
		return strings.Contains(strings.Join(types, " "), "OfferMade OfferAlerting OfferAccepted")
	}
	if !slices.ContainsFunc(page, rang) {
		t.Error("no timeline has the phone's ringing")
	}
	if _, err := db.Call(limited(t), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown call: %v", err)
	}
}

func TestExport(t *testing.T) {
	db, acd := storedDay(t, 5, 800)
	for _, kind := range ExportKinds() {
		columns, err := ExportColumns(kind)
		if err != nil {
			t.Fatal(err)
		}
		var asCSV, asJSON bytes.Buffer
		if err := db.Export(limited(t), &asCSV, kind, time.Time{}, time.Time{}, "csv", time.UTC); err != nil {
			t.Fatal(err)
		}
		if err := db.Export(limited(t), &asJSON, kind, dayStart, dayStart.Add(48*time.Hour), "json", time.UTC); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&asCSV).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var objects []map[string]any
		if err := json.Unmarshal(asJSON.Bytes(), &objects); err != nil {
			t.Fatalf("%s: the JSON is not valid: %v", kind, err)
		}
		if len(objects) == 0 || len(lines) != len(objects)+1 {
			t.Fatalf("%s: %d lines of CSV with the head, %d objects", kind, len(lines), len(objects))
		}
		if kind == "events" && uint64(len(objects)) != acd.Seq() {
			t.Errorf("%d events exported, want %d", len(objects), acd.Seq())
		}
		for i, c := range columns {
			if lines[0][i] != c.Name || c.Doc == "" {
				t.Errorf("%s column %d: head %q, documented as %q: %q", kind, i, lines[0][i], c.Name, c.Doc)
			}
			for n, o := range objects {
				v, ok := o[c.Name]
				cell := lines[n+1][i]
				if !ok || (v == nil) != (cell == "") && v != "" {
					t.Errorf("%s row %d %s: JSON %v, CSV %q", kind, n, c.Name, v, cell)
				}
				if strings.HasSuffix(c.Name, "_at") && cell != "" {
					if _, err := time.Parse("2006-01-02T15:04:05.000Z", cell); err != nil {
						t.Errorf("%s row %d %s: %v", kind, n, c.Name, err)
					}
				}
				if strings.HasSuffix(c.Name, "_ms") && fmt.Sprintf("%.0f", v) != cell {
					t.Errorf("%s row %d %s: JSON %v, CSV %q", kind, n, c.Name, v, cell)
				}
			}
		}
	}
	var empty bytes.Buffer
	if err := db.Export(limited(t), &empty, "calls", dayStart.Add(-time.Hour), dayStart.Add(-time.Minute), "json", time.UTC); err != nil || strings.TrimSpace(empty.String()) != "[\n]" {
		t.Errorf("nothing as JSON: %q, %v", empty.String(), err)
	}
	if err := db.Export(limited(t), io.Discard, "cats", time.Time{}, time.Time{}, "csv", time.UTC); err == nil {
		t.Error("an unknown kind was exported")
	}
	if err := db.Export(limited(t), io.Discard, "calls", time.Time{}, time.Time{}, "pdf", time.UTC); err == nil {
		t.Error("an unknown format was exported")
	}
}

// TestTalliesEqualTheWallboard: one ledger, one number.
func TestTalliesEqualTheWallboard(t *testing.T) {
	for seed := range uint64(4) {
		db, acd := storedDay(t, 20+seed, 2500)
		got, err := db.Tallies(limited(t), "main", "2026-11-22")
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range acd.Snapshot().Queues {
			if q.Today.Answered == 0 || q.Today.Abandoned == 0 {
				t.Errorf("queue %s: %+v: the day shows too little", q.Queue, q.Today)
			}
			if d := cmp.Diff(q.Today, got[q.Queue]); d != "" {
				t.Errorf("seed %d queue %s: (-wallboard +ledger)\n%s", seed, q.Queue, d)
			}
		}
	}
}
