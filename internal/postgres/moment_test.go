package postgres

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
	"github.com/threerings/threerings/recording/qa"
)

// copied is a moment as it travels.
type copied struct {
	schema int
	pools  map[string]uint64
	tables []Table
	text   map[string]string
}

func copyOf(t *testing.T, url string) copied {
	t.Helper()
	m, err := OpenMoment(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	c := copied{m.Schema, m.Pools, m.Tables, map[string]string{}}
	for _, table := range m.Tables {
		var b strings.Builder
		rows, err := m.Copy(limited(t), table, &b)
		if err != nil {
			t.Fatal(err)
		}
		if c.text[table.Name] = b.String(); strings.Count(b.String(), "\n") != int(rows) {
			t.Errorf("table %s: %d lines, %d rows", table.Name, strings.Count(b.String(), "\n"), rows)
		}
	}
	return c
}

func (c copied) restore(ctx context.Context, url string) error {
	r, err := Restore(ctx, url, c.schema)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, table := range c.tables {
		if _, err := r.Load(ctx, table, strings.NewReader(c.text[table.Name])); err != nil {
			return err
		}
	}
	return r.Commit(ctx, c.pools)
}

// fullHouse is a stored day with everything that a house has beside it.
func fullHouse(t *testing.T) (url string, db *DB, acd *queue.ACD) {
	t.Helper()
	url = postgrestest.New(t)
	db = openURL(t, url)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(31)
	d.acd = acd
	play(t, d, j, 2500)
	closeJournal(t, j)
	ctx := limited(t)
	for _, err := range []error{
		db.SaveUser(ctx, User{Name: "安娜", Role: "supervisor", PasswordHash: "hash\\with\tall"}),
		db.SaveCentre(ctx, Centre{Version: "1", Source: "centre: {name: 三声}\n\tsecond \\line\r\n", AppliedBy: "test"}),
		db.SaveCentre(ctx, Centre{Version: "2", Source: "centre: {name: 三声二}", AppliedBy: "test"}),
		db.SaveRecording(ctx, Recording{Call: "c1", Path: "2026/11/22/c1.wav", StartedAt: dayStart, Bytes: 7, SHA256: "ab", State: "kept"}),
		added(db.AddToken(ctx, Token{ID: [32]byte{1, 255}, Name: "wall", Scopes: []string{"wallboard", "read"}, CreatedBy: "安娜", CreatedAt: dayStart})),
		db.SaveFactor(ctx, Factor{User: "安娜", Secret: []byte{0, 255}, ConfirmedAt: dayStart, Step: 7, Recovery: [][32]byte{{2, 254}}}),
		func() error {
			_, err := db.AddComment(ctx, recording.Comment{Call: "c1", At: 3 * time.Second, Comment: "语速太快", Who: "安娜"})
			return err
		}(),
		db.Note(ctx, Noted{At: dayStart, Who: "安娜", Action: "recording.play", Subject: "c1", Outcome: "done"}),
		db.SaveRecording(ctx, Recording{Call: "c2", State: "missing", GapReason: "no file"}),
		db.SaveProof(ctx, "c1", proved()),
		db.SaveForm(ctx, qa.FormVersion{Form: qa.Standard(), Author: "安娜", Reason: "first", SavedAt: dayStart}),
		judged(ctx, db, "e1", "c1"),
		db.AddCoaching(ctx, qa.Coaching{ID: "k1", Agent: "1001", Owner: "安娜", Text: "a\tb", Due: "2026-11-30", At: dayStart}),
		db.AddCalibration(ctx, qa.Calibration{ID: "s1", Name: "11", At: dayStart}),
		db.AddPlan(ctx, qa.Plan{ID: "p1", Name: "每天", Per: qa.Day, Form: "standard", Count: 1, DueDays: 1, At: dayStart}, time.UTC),
		func() error {
			draws, err := db.Draws(ctx, "p1", 2)
			if err == nil {
				_, err = db.MakeDraw(ctx, draws[1].ID, draws[1].Until, "安娜", time.UTC)
			}
			return err
		}(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.conns.Exec(ctx, `INSERT INTO cases (pool, id, kind, queue, caller, note, closed_by) VALUES ('main', 'k1', 'voicemail', 'support', '1', '', '');
		INSERT INTO recording_roots VALUES ('2026-11-22', 1, 'ab', '', 'cd', now());
		INSERT INTO recording_leaves VALUES ('2026-11-22', 0, 'c1', '2026-11-22', 'ab', 'ab', 1, 1, 'kept');
		INSERT INTO qa_tasks (id, draw, call, agent, reason, scorer, due, body) VALUES ('t1', 'd1', 'c1', '1001', 'random', 'qa1', '2026-11-30', '{}');
		INSERT INTO testimony (pool, epoch, seq, at, call, type, data) VALUES ('main', 1, 9999, now(), 'c1', 'CallConnected', '{}')`); err != nil {
		t.Fatal(err)
	}
	return url, db, acd
}

// figures are what people see of a ledger.
func figures(t *testing.T, db *DB) (exports map[string]string, tallies map[queue.QueueID]queue.Tally) {
	t.Helper()
	exports = map[string]string{}
	for _, kind := range ExportKinds() {
		for _, format := range ExportFormats() {
			var b bytes.Buffer
			if err := db.Export(limited(t), &b, kind, time.Time{}, time.Time{}, format, time.UTC); err != nil {
				t.Fatal(err)
			}
			exports[kind+" "+format] = b.String()
		}
	}
	tallies, err := db.Tallies(limited(t), "main", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	return exports, tallies
}

// TestRestoredIsTheSame: every row, every figure, the state folded from the
// log, and the numbers that go on, in an empty database and in one that a
// command has already been in.
func TestRestoredIsTheSame(t *testing.T) {
	url, db, acd := fullHouse(t)
	from := copyOf(t, url)
	wantExports, wantTallies := figures(t, db)
	for _, used := range []bool{false, true} {
		to := postgrestest.New(t)
		if used {
			openURL(t, to).Close()
		}
		if err := from.restore(limited(t), to); err != nil {
			t.Fatal(err)
		}
		got := copyOf(t, to)
		if d := cmp.Diff(from, got, cmp.AllowUnexported(copied{})); d != "" {
			t.Errorf("rows differ (-first +restored):\n%s", d)
		}
		restored := openURL(t, to)
		sameState(t, restored, acd)
		exports, tallies := figures(t, restored)
		if d := cmp.Diff(wantExports, exports); d != "" {
			t.Errorf("exports differ:\n%s", d)
		}
		if d := cmp.Diff(wantTallies, tallies); d != "" {
			t.Errorf("figures differ:\n%s", d)
		}
		for _, sql := range []string{"UPDATE events SET agent = 'x'", "DELETE FROM events"} {
			if _, err := restored.conns.Exec(limited(t), sql); err == nil {
				t.Errorf("%s works in a restored ledger", sql)
			}
		}
		if err := restored.SaveCentre(limited(t), Centre{Version: "3", Source: "next"}); err != nil {
			t.Fatal(err)
		}
		if c, err := restored.Centre(limited(t)); err != nil || c.Version != "3" {
			t.Errorf("a centre applied after the restore: %+v, %v", c, err)
		}
		j, next := openJournal(t, restored, t.TempDir())
		d := newDay(77)
		d.acd, d.now = next, d.now.Add(12*time.Hour)
		play(t, d, j, 50)
		closeJournal(t, j)
		sameState(t, restored, next)
		if next.Seq() <= acd.Seq() {
			t.Errorf("the log does not go on behind record %d", acd.Seq())
		}
	}
	// What was restored is not overwritten, and is as before.
	other := postgrestest.New(t)
	if err := openURL(t, other).SaveUser(limited(t), User{Name: "only", Role: "agent", PasswordHash: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := from.restore(limited(t), other); err == nil || !strings.Contains(err.Error(), "rows in its table users") {
		t.Errorf("into a centre with a user: %v", err)
	}
}

// TestNoTableIsForgotten: every table that the migrations make is in a backup,
// with rows in the test above, so that a new one is seen.
func TestNoTableIsForgotten(t *testing.T) {
	url, db, _ := fullHouse(t)
	from := copyOf(t, url)
	rows, err := db.conns.Query(limited(t), "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' AND tablename <> ALL($1) ORDER BY 1", leftOut)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	if got := slices.Sorted(maps.Keys(from.text)); !slices.Equal(got, want) {
		t.Errorf("a backup has the tables\n%v, the database\n%v", got, want)
	}
	for name, text := range from.text {
		if text == "" {
			t.Errorf("table %s has no row here: nothing is shown of it", name)
		}
	}
}

// TestMomentWhileRecordsAreWritten: a copy is one moment, whatever goes on.
func TestMomentWhileRecordsAreWritten(t *testing.T) {
	url := postgrestest.New(t)
	db := openURL(t, url)
	j, acd := openJournal(t, db, t.TempDir())
	d := newDay(5)
	d.acd = acd
	play(t, d, j, 300)
	flush(t, j)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				j.Append(d.more(40))
				_ = j.Flush(context.Background())
			}
		}
	}()
	defer func() { close(stop); <-stopped; closeJournal(t, j) }()
	m, err := OpenMoment(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	// Written meanwhile: the copy begins when the log has grown.
	for n := m.Pools["main"]; n < m.Pools["main"]+100; {
		if err := db.conns.QueryRow(limited(t), "SELECT max(seq) FROM events").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	c := copied{m.Schema, m.Pools, m.Tables, map[string]string{}}
	for _, table := range m.Tables {
		var b strings.Builder
		if _, err := m.Copy(limited(t), table, &b); err != nil {
			t.Fatal(err)
		}
		c.text[table.Name] = b.String()
	}
	next := uint64(1)
	for line := range strings.Lines(c.text["events"]) {
		if seq, _ := strconv.ParseUint(strings.Split(line, "\t")[1], 10, 64); seq != next {
			t.Fatalf("record %d where %d is expected", seq, next)
		}
		next++
	}
	if next-1 != m.Pools["main"] || m.Pools["main"] < 300 {
		t.Errorf("the copy ends at record %d, the moment at %d", next-1, m.Pools["main"])
	}
	// The rows of calls are of the same moment as the events.
	to := postgrestest.New(t)
	if err := c.restore(limited(t), to); err != nil {
		t.Fatal(err)
	}
	restored := openURL(t, to)
	before := dump(t, restored)
	if err := restored.Rebuild(limited(t), "main"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, dump(t, restored)); d != "" {
		t.Errorf("rows are not those of the events (-copied +rebuilt):\n%s", d)
	}
}

// TestRestoreOfAnOlderSchema: a backup of an older program is loaded as it was
// and then brought up to date, as an upgrade would have done.
func TestRestoreOfAnOlderSchema(t *testing.T) {
	url := postgrestest.New(t)
	old := openBefore(t, url, 7) // schema 6: calls without leg, no parts, no cases
	if _, err := old.conns.Exec(limited(t), `INSERT INTO calls (pool, call, arrival, day, queue, passed, number, caller, name, endpoint, addr, by_agent,
		state, line_answered_by, offers, offer, agent, outcome, release, cause, short, wait_ms, ring_ms, rings, rings_within, rings_strict, talk_ms, arrived_at)
		VALUES ('main', 'c1', 1, '', 'support', '[]', '', '', '', '', '', '', '', '', 0, '', '', 'answered', '', '', false, 0.1, 0, 0, true, true, 0, now())`); err != nil {
		t.Fatal(err)
	}
	from := copyOf(t, url)
	if from.schema != 6 {
		t.Fatalf("schema %d: a backup must not migrate what it reads", from.schema)
	}
	to := postgrestest.New(t)
	openURL(t, to).Close() // empty, of today's schema
	if err := from.restore(limited(t), to); err != nil {
		t.Fatal(err)
	}
	openURL(t, url).Close() // the upgrade in place
	if d := cmp.Diff(copyOf(t, url), copyOf(t, to), cmp.AllowUnexported(copied{})); d != "" {
		t.Errorf("restored and migrated is not migrated in place:\n%s", d)
	}
}

// TestRestoreIsAllOrNothing: what cannot be right leaves the database as it was.
func TestRestoreIsAllOrNothing(t *testing.T) {
	url, _, _ := fullHouse(t)
	good := copyOf(t, url)
	firstLine, _, _ := strings.Cut(good.text["events"], "\n")
	for name, spoil := range map[string]func(*copied){
		"a hole in the log":      func(c *copied) { c.text["events"] = strings.TrimPrefix(good.text["events"], firstLine+"\n") },
		"another end of the log": func(c *copied) { c.pools = map[string]uint64{"main": c.pools["main"] + 1} },
		"a pool without records": func(c *copied) { c.pools = map[string]uint64{"main": c.pools["main"], "other": 3} },
		"a line that is no row":  func(c *copied) { c.text["users"] += "nonsense\n" },
		"a table of others":      func(c *copied) { c.tables = append(slices.Clone(c.tables), Table{"pg_authid", []string{"rolname"}}) },
		"a column of others":     func(c *copied) { c.tables[0].Columns = []string{`pool"; DROP TABLE users; --`} },
		"a newer schema":         func(c *copied) { c.schema = 999 },
	} {
		t.Run(name, func(t *testing.T) {
			bad := copyOf(t, url)
			spoil(&bad)
			to := postgrestest.New(t)
			if err := bad.restore(limited(t), to); err == nil {
				t.Fatal("it was restored")
			}
			db := openURL(t, to)
			for _, table := range tables {
				var n int
				if err := db.conns.QueryRow(limited(t), fmt.Sprintf("SELECT count(*) FROM %s", table)).Scan(&n); err != nil || n > 0 {
					t.Errorf("table %s has %d rows, %v", table, n, err)
				}
			}
		})
	}
	if _, err := OpenMoment(limited(t), postgrestest.New(t)); err == nil || !strings.Contains(err.Error(), "no ledger") {
		t.Errorf("a backup of an empty database: %v", err)
	}
}

// added is AddToken as an error alone.
func added(_ bool, err error) error { return err }
