package chaos

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/cmd/internal/bench"
)

// Options of a run. Dir and Binary must be given.
type Options struct {
	Dir    string   // an empty folder; all that is started lives in it; absolute
	Binary string   // the program under test, whose `serve` is run
	Kinds  []string // empty: all but the longest
	Times  int      // how often each; default 20
	Seed   uint64
	Worlds int  // so many centres side by side, each with robots of its own; default 1
	Brief  bool // little pause between faults, and short drains: for tests
	// Progress, if set, is told what was done last, and how many faults of all.
	Progress func(what string, done, of int)
	// Judged, if set, is given the report after each portion, so that a long run
	// that is ended has not been for nothing.
	Judged func(*Report)
}

const (
	atOnce     = 14               // calls
	fewAtOnce  = 9                // in the short form: some wait, and they are through sooner
	warmUp     = 4 * time.Second  // of calls before the first fault
	coolDown   = 3 * time.Second  // of calls after the last
	drainLimit = 90 * time.Second // for talks to end as planned
)

// portion is how many faults of a kind are played before they are judged: a
// failure can be played again without the whole run.
const portion = 25

// job is what a world plays at a time: kinds under the same calls, so often,
// from a seed.
type job struct {
	together []kind
	times    int
	seed     uint64
}

// Run starts centres, breaks them as often as asked, judges, and ends
// everything that it started. What was found before an error is in the report.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Times == 0 {
		o.Times = 20
	}
	jobs, redis, err := o.jobs()
	if err != nil {
		return nil, err
	}
	r := &Report{At: time.Now().UTC().Truncate(time.Second), Seed: o.Seed}
	if r.Machine, err = bench.ThisMachine(ctx); err != nil {
		return nil, err
	}
	p := &progress{tell: o.Progress}
	next := make(chan job, len(jobs))
	for _, j := range jobs {
		p.of += j.times * len(j.together)
		next <- j
	}
	close(next)
	p.step("starting", 0)
	var mu sync.Mutex // r.Faults
	worlds, ctx := errgroup.WithContext(ctx)
	for i := range max(min(o.Worlds, len(jobs)), 1) {
		worlds.Go(func() (err error) {
			dir := filepath.Join(o.Dir, "w"+strconv.Itoa(i+1))
			if err := os.Mkdir(dir, 0o755); err != nil { // Asterisk and Postgres run as users of their own
				return fmt.Errorf("folder of a centre: %w", err)
			}
			w, err := build(ctx, dir, o.Binary, redis)
			if err != nil {
				return err
			}
			w.brief, w.people.brief = o.Brief, o.Brief
			defer func() { err = errors.Join(err, w.close()) }()
			for j := range next {
				f := &Fault{Kind: j.name(), Repeat: fmt.Sprintf("make chaos KINDS=%s TIMES=%d SEED=%d", strings.ReplaceAll(j.name(), "+", ","), j.times, j.seed)}
				if err := w.play(ctx, j, f, p); ctx.Err() != nil {
					return err // not judged, so not counted
				} else if err != nil {
					f.Trouble = append(f.Trouble, "ended early: "+err.Error())
				}
				mu.Lock()
				r.add(f)
				if o.Judged != nil {
					o.Judged(r)
				}
				mu.Unlock()
			}
			return nil
		})
	}
	return r, worlds.Wait()
}

// jobs are what there is to play, in the order of kinds, and whether it needs
// a Redis.
func (o *Options) jobs() (all []job, redis bool, err error) {
	names := o.Kinds
	if len(names) == 0 {
		for _, k := range kinds {
			if !k.named {
				names = append(names, k.name)
			}
		}
	}
	var chosen []kind
	for _, name := range names {
		i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
		if i < 0 {
			return nil, false, fmt.Errorf("there is no kind %q; choose from %s", name, strings.Join(Kinds(), ", "))
		}
		chosen = append(chosen, kinds[i])
		redis = redis || kinds[i].redis
	}
	for _, ks := range sessions(chosen, o.Brief) {
		seed := o.Seed
		for left := o.Times; left > 0; left -= portion {
			all = append(all, job{ks, min(left, portion), seed})
			seed++
		}
	}
	return all, redis, nil
}

// name is of the kinds, the first first.
func (j job) name() string {
	var names []string
	for _, k := range j.together {
		names = append(names, k.name)
	}
	return strings.Join(names, "+")
}

// progress counts what all worlds have done.
type progress struct {
	tell func(what string, done, of int) // may be nil
	of   int
	mu   sync.Mutex
	done int
}

func (p *progress) step(what string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.tell != nil {
		p.tell(what, p.done, p.of)
	}
}

// sessions are the kinds that are played one after the other under the same
// calls and judged together: each by itself, in the short form as many as can.
func sessions(chosen []kind, brief bool) (all [][]kind) {
	for _, k := range chosen {
		i := slices.IndexFunc(all, func(s []kind) bool {
			return brief && len(s) < together && s[0].nodes == k.nodes && s[0].small == k.small
		})
		if i < 0 {
			i = len(all)
			all = append(all, nil)
		}
		all[i] = append(all[i], k)
	}
	return all
}

// together is how many kinds the short form plays under the same calls.
const together = 8

// source is the chance of one kind, the same whatever other kinds are played.
func source(seed uint64, what string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// play does kinds of faults, under calls, as often as asked.
func (w *world) play(ctx context.Context, todo job, f *Fault, p *progress) (err error) {
	if err := w.serve(ctx, max(todo.together[0].nodes, 1), todo.together[0].small); err != nil {
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
	most := atOnce
	if w.brief {
		most = fewAtOnce
	}
	go func() {
		defer close(crowd)
		w.people.crowd(calling, ctx, source(todo.seed, "calls"), most)
	}()
	failed := pause(ctx, warmUp)
	for _, k := range todo.together {
		if failed == nil {
			failed = j.strikes(ctx, k, todo, p)
		}
	}
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
func (j *judge) strikes(ctx context.Context, k kind, todo job, p *progress) error {
	r := source(todo.seed, k.name)
	for range todo.times {
		most := 4 * time.Second
		if j.w.brief {
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
		p.step(k.name, 1)
	}
	return nil
}
