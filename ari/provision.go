package ari

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// pushed is what one run of Asterisk has been told.
type pushed struct {
	asterisk string                     // its start; another one has to be told anew (facts 7.2)
	objects  map[objectName][]attribute // nil fields: left by an earlier run of this program
	recorded map[string]bool            // numbers told: whether their calls are kept
}

func (p pushed) accounts() (n int) {
	for name := range p.objects {
		if name.kind == "endpoint" {
			n++
		}
	}
	return n
}

// Provision puts the plan in place of the former one: at once if connected,
// with the next connection otherwise. The first fault is returned. The rest is
// in place nevertheless, unless Asterisk could not be reached; what failed is
// tried again with every check. Before the first call nothing is pushed: to
// know of no plan is not to have an empty one, for which every account that is
// there would be taken away. Phones in calls are not disturbed.
func (s *Switch) Provision(ctx context.Context, p Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	old := s.homes
	s.plan, s.homes = p, p.devices()
	s.planned++
	for name, h := range s.homes {
		if old[name] != h {
			delete(s.legs.phones, h.agent) // another phone, another state
			delete(s.legs.endpoints, name)
		}
	}
	s.mu.Unlock()
	if !s.Connected() {
		return nil
	}
	defer s.checkSoon() // which phones are there now
	return s.push(ctx)
}

// keepProvisioned pushes what this Asterisk has not been told, once connected,
// and then with every check what failed before, until the connection ends.
func (s *Switch) keepProvisioned(ctx context.Context) {
	tick := time.NewTicker(s.opts.CheckEvery)
	defer tick.Stop()
	fault := "" // said last
	for connected := true; ; connected = false {
		if connected || s.unplaced() {
			err := s.push(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil && err.Error() != fault:
				fault = err.Error()
				s.log.Error("SIP accounts not all in place", "error", err, "again_in", s.opts.CheckEvery)
			case err == nil && fault != "":
				fault = ""
				s.log.Info("SIP accounts in place after all")
			}
			s.checkSoon() // which phones are there now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unplaced tells whether the plan is not, or not wholly, in place.
func (s *Switch) unplaced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.placed != s.planned
}

// push pushes the plan, one push at a time. What came of it is in Stats.
func (s *Switch) push(ctx context.Context) error {
	select {
	case s.provisioning <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for an earlier push of SIP accounts to end: %w", ctx.Err())
	}
	defer func() { <-s.provisioning }()
	s.mu.Lock()
	plan, which := s.plan, s.planned
	s.mu.Unlock()
	if which == 0 {
		return nil
	}
	err := s.pushPlan(ctx, plan)
	s.mu.Lock()
	if s.placed = which; err != nil {
		s.placed = 0
	}
	s.mu.Unlock()
	s.stats.provisioned(s.pushed.accounts(), err)
	return err
}

func (s *Switch) pushPlan(ctx context.Context, plan Plan) error {
	run, err := s.asteriskRun(ctx)
	if err != nil {
		return err
	}
	if s.pushed.asterisk != run {
		s.pushed = pushed{objects: map[objectName][]attribute{}, recorded: map[string]bool{}}
		if err := s.findOurs(ctx, plan); err != nil {
			return err
		}
		s.pushed.asterisk = run // from here on the differences are enough
	}
	wanted := map[objectName][]attribute{}
	for _, a := range plan.Accounts {
		maps.Copy(wanted, a.objects(s.opts.Phones))
	}
	for _, f := range plan.Fixed {
		maps.Copy(wanted, f.objects(s.opts.Phones))
	}
	// Numbers first, for they are few: until Asterisk knows of one that is not
	// to be recorded, its calls are.
	first := s.pushNumbers(ctx, plan.Recorded)
	if unreachable(first) {
		return first
	}
	return cmp.Or(first, s.pushObjects(ctx, wanted))
}

// unreachable tells of a push that Asterisk did not answer: the next request
// would only wait as long.
func unreachable(err error) bool { return err != nil && statusOf(err) == 0 }

// asteriskRun names one run of Asterisk: accounts pushed to it stay as long as it lives.
func (s *Switch) asteriskRun(ctx context.Context) (string, error) {
	var info struct {
		Status struct {
			Startup string `json:"startup_time"`
		} `json:"status"`
		System struct {
			Entity string `json:"entity_id"`
		} `json:"system"`
	}
	if err := s.rest.do(ctx, http.MethodGet, "/asterisk/info", nil, nil, &info); err != nil {
		return "", fmt.Errorf("ask Asterisk when it started: %w", err)
	}
	return info.System.Entity + " " + info.Status.Startup, nil
}
