package chaos

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// Options of a run. Dir and Binary must be given.
type Options struct {
	Dir    string   // an empty folder; all that is started lives in it; absolute
	Binary string   // the program under test, whose `serve` is run
	Kinds  []string // empty: all
	Times  int      // how often each; default 20
	Seed   uint64
	Brief  bool // little pause between faults, and short drains: for tests
	// Progress, if set, is told what is going on.
	Progress func(what string, done, of int)
}

const (
	atOnce     = 14               // calls
	warmUp     = 4 * time.Second  // of calls before the first fault
	coolDown   = 3 * time.Second  // of calls after the last
	drainLimit = 90 * time.Second // for talks to end as planned
)

// Run starts a world for each kind, breaks it as often as asked, judges, and
// ends everything that it started. What was found before an error is in the
// report.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Times == 0 {
		o.Times = 20
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if len(o.Kinds) == 0 {
		o.Kinds = Kinds()
	}
	var chosen []kind
	redis := false
	for _, name := range o.Kinds {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no kind %q; choose from %s", name, strings.Join(Kinds(), ", "))
		}
		chosen = append(chosen, kinds[i])
		redis = redis || kinds[i].redis
	}
	r := &Report{At: time.Now().UTC().Truncate(time.Second), Seed: o.Seed}
	if r.Machine, err = bench.ThisMachine(ctx); err != nil {
		return nil, err
	}
	o.Progress("starting a centre", 0, 0)
	w, err := build(ctx, o.Dir, o.Binary, redis)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, together := range sessions(chosen, o.Brief) {
		var names []string
		for _, k := range together {
			names = append(names, k.name)
		}
		f := &Fault{Kind: strings.Join(names, "+"), Repeat: fmt.Sprintf("make chaos KINDS=%s TIMES=%d SEED=%d", strings.Join(names, ","), o.Times, o.Seed)}
		r.Faults = append(r.Faults, f)
		if err := play(ctx, w, together, o, f); err != nil {
			if ctx.Err() != nil {
				return r, err
			}
			f.Trouble = append(f.Trouble, "ended early: "+err.Error())
		}
	}
	return r, nil
}

// sessions are the kinds that are played one after the other under the same
// calls and judged together: each by itself, in the short form as many as can.
func sessions(chosen []kind, brief bool) (all [][]kind) {
	for _, k := range chosen {
		if n := len(all); brief && n > 0 && all[n-1][0].nodes == k.nodes && all[n-1][0].small == k.small {
			all[n-1] = append(all[n-1], k)
		} else {
			all = append(all, []kind{k})
		}
	}
	return all
}

// source is the chance of one kind, the same whatever other kinds are played.
func source(seed uint64, what string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// play does kinds of faults, under calls, as often as asked.
func play(ctx context.Context, w *world, together []kind, o Options, f *Fault) (err error) {
	w.brief, w.people.brief = o.Brief, o.Brief
	if err := w.serve(ctx, max(together[0].nodes, 1), together[0].small); err != nil {
		return errors.Join(err, w.dismiss())
	}
	defer func() { err = errors.Join(err, w.dismiss()) }()
	attending, leave := context.WithCancel(ctx)
	defer leave()
	go w.attend(attending)
	if err := w.allReady(ctx); err != nil {
		return err
	}
	since := time.Now()
	j := &judge{w: w, f: f}
	calling, enough := context.WithCancel(ctx)
	crowd := make(chan struct{})
	go func() {
		defer close(crowd)
		w.people.crowd(calling, ctx, source(o.Seed, "calls"), atOnce)
	}()
	failed := pause(ctx, warmUp)
	for _, k := range together {
		if failed == nil {
			failed = j.strikes(ctx, k, o)
		}
	}
	f.Control = spread(f.back)
	if failed == nil {
		failed = pause(ctx, coolDown)
	}
	enough()
	<-crowd
	w.people.calm(ctx, drainLimit)
	j.lives = w.people.taken()
	if err := errors.Join(failed, j.run(ctx, since)); err != nil {
		return err
	}
	leave()
	return j.oneMore(ctx)
}

// strikes does the faults, and measures when control is back.
func (j *judge) strikes(ctx context.Context, k kind, o Options) error {
	r := source(o.Seed, k.name)
	defer func(before int) { o.Progress(k.name, j.f.Times-before, o.Times) }(j.f.Times)
	for n := range o.Times {
		o.Progress(k.name, n, o.Times)
		most := 4 * time.Second
		if o.Brief {
			most = time.Second
		}
		if err := pause(ctx, span(r, 300*time.Millisecond, most)); err != nil {
			return err
		}
		from := time.Now()
		j.f.Air += j.w.people.living()
		if k.name == "asterisk-kill" {
			j.killed = append(j.killed, from)
		}
		took, err := j.w.control(ctx, func() (time.Time, error) { return k.strike(ctx, j.w, r) })
		j.windows = append(j.windows, window{from, time.Now().Add(-steadyFor)})
		if err != nil {
			return err
		}
		j.f.Times++
		j.f.back = append(j.f.back, took)
	}
	return nil
}
