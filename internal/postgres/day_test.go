package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// day plays a random day on an ACD: a switch and people that do anything at
// any time. The same seed makes the same log.
type day struct {
	acd     *queue.ACD
	rnd     *rand.Rand
	now     time.Time
	calls   int
	callers []queue.LegID
	phones  []queue.LegID
	todo    []queue.Input
}

var dayStart = time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)

func newDay(seed uint64) *day {
	return &day{acd: queue.New(), rnd: rand.New(rand.NewPCG(seed, 3)), now: dayStart}
}

func dayConfig() queue.Config {
	support, sales := queue.NewQueue("support"), queue.NewQueue("sales")
	sales.WrapUp, sales.Record = 0, false
	sales.WrapUpKind, sales.WrapUpMax = queue.WrapUpRequired, 20*time.Second
	sales.Priority = 5
	sales.Overflows = []queue.Overflow{{Cause: queue.OverflowMaxWait, After: 40 * time.Second}}
	support.Overflows = []queue.Overflow{{Cause: queue.OverflowMaxWait, After: time.Minute, To: "sales"}}
	cfg := queue.Config{Version: "1", Country: "cn", Queues: []queue.QueueConfig{support, sales},
		Numbers: map[string]queue.QueueID{"4000": "support", "4001": "sales"}, Reasons: queue.DefaultReasons()}
	for i := range 6 {
		serves := []queue.QueueID{"support", "sales"}
		if i >= 4 {
			serves = serves[1:]
		}
		cfg.Agents = append(cfg.Agents, queue.AgentConfig{ID: queue.AgentID(fmt.Sprint(1001 + i)),
			Phone: queue.Phone{Kind: queue.PhoneAccount, Value: fmt.Sprint(1001 + i)}, Queues: serves})
	}
	return cfg
}

func (d *day) step(in queue.Input) []queue.Record {
	var all []queue.Record
	d.todo = append(d.todo, in)
	for len(d.todo) > 0 {
		in := d.todo[0]
		d.todo = d.todo[1:]
		out := d.acd.Step(d.now, in)
		all = append(all, out.Records...)
		for _, c := range out.Commands {
			d.obey(c)
		}
	}
	return all
}

func (d *day) obey(c queue.Command) {
	switch c := c.(type) {
	case queue.DialAgent:
		d.phones = append(d.phones, c.Leg)
	case queue.Bridge:
		if d.rnd.IntN(8) == 0 { // gone before both were connected
			d.todo = append(d.todo, queue.LegEnded{Leg: pick(d.rnd, c.Legs, ""), Cause: queue.CauseNormal})
			return
		}
		for _, leg := range c.Legs {
			d.todo = append(d.todo, queue.LegBridged{Leg: leg})
		}
	case queue.HangUp:
		d.todo = append(d.todo, queue.LegEnded{Leg: c.Leg, Cause: queue.CauseNormal})
	}
}

func pick[T any](r *rand.Rand, from []T, otherwise T) T {
	if len(from) == 0 {
		return otherwise
	}
	return from[max(0, len(from)-1-r.IntN(min(3, len(from))))] // a late one
}

// begin opens the centre with everybody ready.
func (d *day) begin() []queue.Record {
	records := d.step(queue.Configure{Config: dayConfig(), By: "test"})
	records = append(records, d.step(queue.NewDay{Day: "2026-11-22"})...)
	phones := map[queue.AgentID]queue.PhoneState{}
	for _, a := range d.acd.Config().Agents {
		phones[a.ID] = queue.PhoneIdle
	}
	records = append(records, d.step(queue.Reconciled{Phones: phones})...)
	for id := range len(phones) {
		records = append(records, d.step(queue.SetAgent{Agent: queue.AgentID(fmt.Sprint(1001 + id)), State: queue.Ready})...)
	}
	return records
}

// more returns at least n records of the day.
func (d *day) more(n int) []queue.Record {
	var records []queue.Record
	if d.acd.Seq() == 0 {
		records = d.begin()
	}
	for len(records) < n {
		d.now = d.now.Add(time.Duration(d.rnd.IntN(2_500_000)) * time.Microsecond)
		for next := d.acd.Next(); !next.IsZero() && next.Before(d.now); next = d.acd.Next() {
			now := d.now
			d.now = next
			records = append(records, d.step(nil)...)
			d.now = now
		}
		records = append(records, d.step(d.input())...)
	}
	return records
}

func (d *day) input() queue.Input {
	switch d.rnd.IntN(15) {
	case 0, 1:
		d.calls++
		leg := queue.LegID(fmt.Sprintf("node-%d.%d", d.now.Unix(), d.calls))
		d.callers = append(d.callers, leg)
		name := pick(d.rnd, []string{"", "张三", "bad\xffutf8", "zero\x00name", `quote"\u0000`}, "")
		return queue.CallArrived{Leg: leg, Number: pick(d.rnd, []string{"4000", "4001", "4000", "999"}, ""), Caller: "13800000000", Name: name, Endpoint: "trunk"}
	case 2, 3, 4:
		return queue.LegRinging{Leg: pick(d.rnd, d.phones, "none")}
	case 5, 6, 7:
		return queue.LegAnswered{Leg: pick(d.rnd, d.phones, "none")}
	case 8:
		return queue.LegEnded{Leg: pick(d.rnd, d.phones, "none"), Cause: pick(d.rnd, []queue.Cause{queue.CauseNormal, queue.CauseBusy, queue.CauseRefused, queue.CauseNoAnswer}, "")}
	case 9:
		return queue.LegEnded{Leg: pick(d.rnd, d.callers, "none"), Cause: queue.CauseNormal}
	case 10:
		return queue.PlaybackFinished{Leg: pick(d.rnd, d.callers, "none")}
	case 11:
		return queue.Register{Agent: queue.AgentID(fmt.Sprint(1001 + d.rnd.IntN(6))), Category: pick(d.rnd, []string{"repair", "other", "order"}, ""),
			Note: pick(d.rnd, []string{"", "水泵", "bad\xffutf8", "zero\x00note"}, "")}
	default:
		return queue.SetAgent{Agent: queue.AgentID(fmt.Sprint(1001 + d.rnd.IntN(6))), State: queue.Ready, By: "test"}
	}
}

func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func openDB(t testing.TB) *DB { return openURL(t, postgrestest.New(t)) }

func openURL(t testing.TB, url string) *DB {
	t.Helper()
	db, err := Open(limited(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// openJournal takes an epoch and opens the pool's journal.
func openJournal(t testing.TB, db *DB, spool string) (*Journal, *queue.ACD) {
	t.Helper()
	epoch, err := db.TakeEpoch(limited(t), "main", "test")
	if err != nil {
		t.Fatal(err)
	}
	j, acd, err := db.OpenJournal(limited(t), JournalConfig{Pool: "main", Epoch: epoch, Spool: spool, CheckpointEvery: 700})
	if err != nil {
		t.Fatal(err)
	}
	return j, acd
}

// play lets the day go on with the journal's ACD and stores it.
func play(t testing.TB, d *day, j *Journal, records int) {
	t.Helper()
	for written := 0; written < records; {
		more := d.more(40)
		j.Append(more)
		written += len(more)
	}
}

func flush(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Flush(limited(t)); err != nil {
		t.Fatal(err)
	}
}

func closeJournal(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(limited(t)); err != nil {
		t.Fatal(err)
	}
}

// sameState fails unless the database holds the ACD's state, whole log and
// checkpoint alike.
func sameState(t testing.TB, db *DB, acd *queue.ACD) {
	t.Helper()
	want := storable(t, acd)
	loaded, err := db.Load(limited(t), "main")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, storable(t, loaded)); d != "" {
		t.Errorf("the loaded state differs (-live +loaded):\n%s", d)
	}
	folded, next := queue.New(), uint64(1)
	err = db.eachRecord(limited(t), "main", 0, func(r queue.Record) error {
		if r.Seq != next {
			return fmt.Errorf("record %d where %d is expected", r.Seq, next)
		}
		next++
		_, err := fold(folded, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, storable(t, folded)); d != "" {
		t.Errorf("the state folded from the log differs (-live +folded):\n%s", d)
	}
}

// storable is the state in the form in which it can be stored: names with
// broken characters are mended, and what no record tells (the time of a step
// without records, the next term) is left out.
func storable(t testing.TB, acd *queue.ACD) map[string]any {
	t.Helper()
	state, err := acd.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(jsonText(state)), &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "now")
	delete(m, "epoch")
	return m
}
