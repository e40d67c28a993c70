package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
)

// The measurements by name.
const (
	RouteIdle    = "route_idle"
	Dispatch     = "dispatch"
	Cancel       = "cancel"
	ConnectAudio = "connect_audio"
	Wallboard    = "wallboard"
)

// Required p99 of each.
const (
	requiredCall  = 50 * time.Millisecond
	requiredAudio = 80 * time.Millisecond
	requiredFrame = 100 * time.Millisecond
)

// Options of a run. Dir must be given.
type Options struct {
	Dir   string  // an empty folder; all that is started lives in it; absolute
	Calls int     // samples of route_idle, dispatch and connect_audio; the others take two thirds. Default 300
	Rate  float64 // calls per second, default 5
	Log   *slog.Logger
	// Only, if set, tells whether a measurement is wanted.
	Only func(name string) bool
	// Progress, if set, is told what is going on.
	Progress func(what string, done, of int)
}

// Run starts a centre, measures, and ends everything that it started.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Calls == 0 {
		o.Calls = 300
	}
	if o.Rate == 0 {
		o.Rate = 5
	}
	if o.Only == nil {
		o.Only = func(string) bool { return true }
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r := &Report{At: time.Now().UTC().Truncate(time.Second)}
	if r.Machine, err = ThisMachine(ctx); err != nil {
		return nil, err
	}
	o.Progress("starting a centre", 0, 0)
	p, err := hire()
	if err != nil {
		return nil, err
	}
	defer p.close()
	if p.box, err = box.Start(ctx, box.Options{Dir: o.Dir, Centre: p.centre(), Log: o.Log}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.box.Close()) }()
	if err := p.measure(ctx, o, r); err != nil {
		return nil, err
	}
	return r, nil
}

// warmUp are calls before the first that counts: connections are made, and
// the first page of everything is touched.
const warmUp = 10

func (p *people) measure(ctx context.Context, o Options, r *Report) error {
	fewer := (2*o.Calls + 2) / 3
	steps := func(what string, of int) func() {
		o.Progress(what, 0, of)
		var mu sync.Mutex
		n := 0
		return func() { // by many calls at once
			mu.Lock()
			defer mu.Unlock()
			n++
			o.Progress(what, n, of)
		}
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	if _, _, err := p.path(ctx, warmUp, o.Rate, steps("warming up", warmUp)); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	if o.Only(RouteIdle) || o.Only(ConnectAudio) {
		if err := p.settle(ctx); err != nil {
			return err
		}
		from := time.Now()
		route, audio, err := p.path(ctx, o.Calls, o.Rate, steps(RouteIdle+", "+ConnectAudio, o.Calls))
		if err == nil {
			err = p.recorded(ctx, from, o.Calls)
		}
		if err != nil {
			return fmt.Errorf("%s, %s: %w", RouteIdle, ConnectAudio, err)
		}
		r.RouteIdle, r.ConnectAudio = summed(route, requiredCall), summed(audio, requiredAudio)
	}
	for _, m := range []struct {
		name     string
		into     **Figure
		n        int
		required time.Duration
		run      func(context.Context, int, float64, func()) ([]time.Duration, error)
	}{
		{Dispatch, &r.Dispatch, o.Calls, requiredCall, func(ctx context.Context, n int, _ float64, step func()) ([]time.Duration, error) {
			return p.dispatch(ctx, n, step)
		}},
		{Cancel, &r.Cancel, fewer, requiredCall, p.cancel},
		{Wallboard, &r.Wallboard, fewer, requiredFrame, p.wallboard},
	} {
		if !o.Only(m.name) {
			continue
		}
		if err := p.settle(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		found, err := m.run(ctx, m.n, o.Rate, steps(m.name, m.n))
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		*m.into = summed(found, m.required)
	}
	return nil
}

func summed(found []time.Duration, required time.Duration) *Figure {
	f := figure(found, required)
	return &f
}
