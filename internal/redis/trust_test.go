package redis

import (
	"errors"
	"testing"
	"time"
)

// step of a leader's life; times in ms since its term began.
type step struct {
	sent, now int
	answer    answer
	sure      bool  // after it, at now
	end       error // what heard or check says
}

func TestTrust(t *testing.T) {
	const ttl, margin = 3000, 500
	for _, c := range []struct {
		name  string
		keep  bool
		steps []step
	}{
		{"counted from before the attempt, not from the answer", false, []step{
			{0, 2400, ours, true, nil}, {1000, 2499, away, true, nil}, {1000, 2500, away, false, ErrUntrusted}}},
		{"each extension counts from its own attempt", false, []step{
			{0, 10, ours, true, nil}, {1000, 1900, ours, true, nil}, {2000, 3499, away, true, nil}, {3000, 3500, away, false, ErrUntrusted}}},
		{"an answer that comes late does not shorten the term", false, []step{
			{1000, 1100, ours, true, nil}, {0, 3400, ours, true, nil}}},
		{"an extension heard after its limit is no trust", false, []step{
			{0, 10, ours, true, nil}, {1000, 3600, ours, false, ErrUntrusted}}},
		{"taken ends the term though it runs", false, []step{
			{0, 10, ours, true, nil}, {1000, 1010, taken, false, ErrTaken}}},
		{"kept: away goes on, unsure, for ever", true, []step{
			{0, 10, ours, true, nil}, {1000, 2400, away, true, nil}, {2000, 2600, away, false, nil}, {9000, 99000, away, false, nil}}},
		{"kept: the first answer makes sure again", true, []step{
			{0, 10, ours, true, nil}, {2000, 9000, away, false, nil}, {9100, 9200, ours, true, nil}}},
		{"kept: taken ends it at once", true, []step{
			{0, 10, ours, true, nil}, {2000, 9000, away, false, nil}, {9100, 9200, taken, false, ErrTaken}}},
		{"kept: an error for us alone is no outage", true, []step{
			{0, 10, ours, true, nil}, {1000, 1010, refuse, true, nil}, {2000, 2600, refuse, false, ErrUntrusted}}},
		{"kept: nor if an outage follows it", true, []step{
			{0, 10, ours, true, nil}, {1000, 1010, refuse, true, nil}, {2000, 2600, away, false, ErrUntrusted}}},
		{"kept: let in again, kept again", true, []step{
			{0, 10, ours, true, nil}, {1000, 1010, refuse, true, nil}, {1100, 1110, ours, true, nil}, {2000, 9000, away, false, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
			tr := trust{terms: terms{ttl * time.Millisecond, margin * time.Millisecond, c.keep}}
			for i, s := range c.steps {
				err := tr.heard(at(s.sent), s.answer)
				if err == nil {
					err = tr.check(at(s.now))
				}
				if !errors.Is(err, s.end) || tr.sure(at(s.now)) != s.sure {
					t.Fatalf("step %d: end %v, sure %v; want %v, %v", i, err, tr.sure(at(s.now)), s.end, s.sure)
				}
			}
		})
	}
}

func TestPatience(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	p := patience{terms: terms{ttl: 3 * time.Second, keep: true}}
	expect := func(ms int, may bool, ripe string) {
		t.Helper()
		if p.may(at(ms)) != may || p.ripe(at(ms)) != ripe {
			t.Errorf("at %d ms: may %v, ripe %q; want %v, %q", ms, p.may(at(ms)), p.ripe(at(ms)), may, ripe)
		}
	}
	expect(0, true, "") // nothing is known to be wrong
	p.missed()
	expect(5000, false, "") // away, however long
	p.answered(at(6000))
	p.answered(at(7000))
	expect(8999, false, "")
	p.missed() // and away again: from the start
	p.answered(at(9500))
	expect(12499, false, "")
	expect(12500, true, "")
	p.marked("a", at(13000))
	p.marked("a", at(15000)) // the same loss
	expect(15999, true, "")
	expect(16000, true, "a")
	p.marked("b", at(16500)) // another loss: a leader may have been between
	expect(19499, true, "")
	expect(19500, true, "b")

	// An attempt is good for its own time-out, counted in Redis's clock.
	if d := p.deadline(at(20000), time.Second); d != 0 {
		t.Errorf("deadline %d before Redis has told its time", d)
	}
	p.told(7_000_000, at(20000))
	if d := p.deadline(at(20500), time.Second); d != 8_500_000 {
		t.Errorf("deadline %d, want 8500000", d)
	}
	p.missed()
	if d := p.deadline(at(20500), time.Second); d != 0 {
		t.Errorf("deadline %d while patience is owed", d)
	}

	strict := patience{terms: terms{ttl: 3 * time.Second}}
	strict.missed()
	if !strict.may(at(0)) {
		t.Error("a leader that stops at its limit is owed no patience after an outage")
	}
}
