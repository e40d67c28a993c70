package chaos

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestJudgeSees: what the driver says of a healthy product would be worth
// nothing if it said the same of a sick one. Calls are hung up behind
// everybody's back, a row and half a recording are taken away, a caller hears
// nothing: each is found.
func TestJudgeSees(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := folder(t)
	w, err := build(ctx, dir, binary(t, dir), false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	}()
	sabotage := kind{name: "sabotage", strike: func(ctx context.Context, w *world, _ *rand.Rand) (time.Time, error) {
		for w.people.talking() == 0 {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return time.Time{}, err
			}
		}
		_, err := w.asterisk.Command(ctx, "channel request hangup all")
		return time.Now(), err
	}}
	f := &Fault{}
	w.brief, w.people.brief = true, true
	if err := w.play(ctx, job{[]kind{sabotage}, 1, 1}, f, &progress{}); err != nil {
		t.Fatal(err)
	}
	if f.Dropped == 0 {
		t.Errorf("calls were hung up, and none was seen to be dropped: %+v", f)
	}
	if f.Lost+f.Doubled+f.Stuck > 0 || f.UnrecordedS > 0 {
		t.Errorf("nothing was lost: %+v", f)
	}

	if err := w.serve(ctx, 1, false); err != nil {
		t.Fatal(err)
	}
	if err := w.allReady(ctx); err != nil {
		t.Fatal(err)
	}
	since := time.Now()
	for range 3 {
		if err := pause(ctx, 2*closeBy); err != nil {
			t.Fatal(err)
		}
		if _, err := w.people.dial(ctx, plan{Patience: time.Minute, PickUp: 100 * time.Millisecond, Talk: 3 * time.Second}); err != nil {
			t.Fatal(err)
		}
	}
	w.people.calm(ctx, drainLimit)
	j := &judge{w: w, f: &Fault{}, lives: w.people.taken()}
	if err := j.run(ctx, since); err != nil || j.f.Failed() || j.f.Talks != 3 {
		t.Fatalf("three plain calls: %v, %+v", err, j.f)
	}
	conn, err := pgx.Connect(ctx, w.postgres.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	first, second := j.rows[j.lives[0].number][0], j.rows[j.lives[1].number][0]
	rec, err := w.db.Recording(ctx, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(w.recordings(false), rec.Path), rec.Bytes/2); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "DELETE FROM calls WHERE call = $1", string(first.ID)); err != nil {
		t.Fatal(err)
	}
	j.f = &Fault{}
	j.lives[2].silence = silenceLimit + time.Second
	short, cancelShort := context.WithTimeout(ctx, 20*time.Second) // the row will not come
	defer cancelShort()
	j.ledgerWithin = 2 * time.Second
	if err := j.run(short, since); err != nil {
		t.Fatal(err)
	}
	if j.f.Lost != 1 || j.f.UnrecordedS < 0.5 || j.f.Silent != 1 {
		t.Errorf("a row, half a recording and a voice were taken away; found %+v", j.f)
	}
	rings := j.lives[0].rings
	j.lives[0].rings = nil // as if none had rung for it, while some did for those after it
	if j.order(); j.f.Inversions != 2 {
		t.Errorf("the first caller was overtaken twice; found %d times", j.f.Inversions)
	}
	j.lives[0].rings = rings
	if _, err := conn.Exec(ctx, "UPDATE calls SET caller = $1 WHERE call = $2", j.lives[2].number, string(second.ID)); err != nil {
		t.Fatal(err)
	}
	if err := j.run(ctx, since); err != nil {
		t.Fatal(err)
	}
	if j.f.Doubled != 1 || j.f.Lost != 3 { // one was lost before
		t.Errorf("one call is on record twice, two are not; found %+v", j.f)
	}
	if text := strings.Join(j.f.Trouble, "\n"); !strings.Contains(text, j.lives[0].number) {
		t.Errorf("the lost call is not named:\n%s", text)
	}
}

func (p *people) talking() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lives {
		l.mu.Lock()
		if k := len(l.talks); k > 0 && !l.talks[k-1].closed {
			n++
		}
		l.mu.Unlock()
	}
	return n
}
