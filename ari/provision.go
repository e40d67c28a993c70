package ari

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"
)

// pushed is what one run of Asterisk has been told.
type pushed struct {
	asterisk string                     // its start; another one has to be told anew (facts 7.2)
	objects  map[objectName][]attribute // nil fields: left by an earlier run of this program
	quiet    map[string]bool            // unrecorded numbers
}

func (p pushed) accounts() (n int) {
	for name := range p.objects {
		if name.kind == "endpoint" {
			n++
		}
	}
	return n
}

// pushers is how many objects are pushed at a time.
const pushers = 8

// pushOrder is that of the kinds; deletion has the opposite one, so that
// nothing points to what is not there. All of a kind go before the next: for
// each new aor Asterisk reads every endpoint it has, and with 1000 accounts
// pushed one after the other a phone that wanted to sign on waited 5 to 20 s;
// in this order 40 ms at most (measured).
var pushOrder = []string{"auth", "aor", "endpoint"}

// Provision puts the plan in place of the former one: at once if connected,
// with the next connection otherwise. The first fault is returned; the rest is
// in place nevertheless. Phones in calls are not disturbed.
func (s *Switch) Provision(ctx context.Context, p Plan) error {
	if err := p.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	old := s.homes
	s.plan, s.homes = p, p.devices()
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

// provisionAll pushes what this Asterisk has not been told, after a connection.
func (s *Switch) provisionAll(ctx context.Context) {
	if err := s.push(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("SIP accounts not all in place", "error", err)
	}
}

func (s *Switch) push(ctx context.Context) error {
	s.provisioning.Lock()
	defer s.provisioning.Unlock()
	s.mu.Lock()
	plan := s.plan
	s.mu.Unlock()
	run, err := s.asteriskRun(ctx)
	if err != nil {
		return err
	}
	if s.pushed.asterisk != run {
		s.pushed = pushed{asterisk: run, objects: map[objectName][]attribute{}, quiet: map[string]bool{}}
		if err := s.findOurs(ctx, plan); err != nil {
			return err
		}
	}
	wanted := map[objectName][]attribute{}
	for _, a := range plan.Accounts {
		maps.Copy(wanted, a.objects())
	}
	for _, f := range plan.Fixed {
		maps.Copy(wanted, f.objects())
	}
	err = errors.Join(s.pushObjects(ctx, wanted), s.pushNumbers(ctx, plan.Unrecorded))
	s.stats.provisioned(s.pushed.accounts(), err)
	return err
}

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

// findOurs enters endpoints of ours that an earlier run of this program left
// and the plan does not have, so that they are deleted.
func (s *Switch) findOurs(ctx context.Context, plan Plan) error {
	var endpoints []endpointNow
	if err := s.rest.do(ctx, http.MethodGet, "/endpoints/PJSIP", nil, nil, &endpoints); err != nil {
		return fmt.Errorf("list SIP endpoints: %w", err)
	}
	known := map[string]bool{reservedEndpoint: true}
	for _, a := range plan.Accounts {
		known[a.ID] = true
	}
	for _, f := range plan.Fixed {
		known[fixedPrefix+string(f.Agent)] = true
	}
	for _, e := range endpoints {
		if known[e.Resource] {
			continue
		}
		var attributes []attribute
		err := s.rest.do(ctx, http.MethodGet, objectName{"endpoint", e.Resource}.path(), nil, nil, &attributes)
		if isGone(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at SIP endpoint %s: %w", e.Resource, err)
		}
		for _, a := range attributes {
			if a.Attribute == "accountcode" && a.Value == ownerMark {
				for _, kind := range pushOrder {
					s.pushed.objects[objectName{kind, e.Resource}] = nil
				}
			}
		}
	}
	return nil
}

func (n objectName) path() string {
	return "/asterisk/config/dynamic/res_pjsip/" + n.kind + "/" + escape(n.id)
}

// pushObjects makes Asterisk's objects the wanted ones: differences only.
func (s *Switch) pushObjects(ctx context.Context, wanted map[objectName][]attribute) error {
	var first error
	for _, kind := range slices.Backward(pushOrder) {
		var gone []objectName
		for name := range s.pushed.objects {
			if _, keep := wanted[name]; name.kind == kind && !keep {
				gone = append(gone, name)
			}
		}
		err := s.each(gone, func(name objectName) error { return s.remove(ctx, name) }, func(name objectName) {
			delete(s.pushed.objects, name)
		})
		first = cmp.Or(first, err)
	}
	for _, kind := range pushOrder {
		var other []objectName
		for name, fields := range wanted {
			if there := s.pushed.objects[name]; name.kind == kind && (there == nil || !slices.Equal(there, fields)) {
				other = append(other, name)
			}
		}
		err := s.each(other, func(name objectName) error { return s.put(ctx, name, wanted[name]) }, func(name objectName) {
			s.pushed.objects[name] = wanted[name]
		})
		first = cmp.Or(first, err)
	}
	return first
}

// each does the work for all names, a few at a time, then tells which are done.
func (s *Switch) each(names []objectName, work func(objectName) error, done func(objectName)) error {
	var group errgroup.Group
	group.SetLimit(pushers)
	worked := make([]bool, len(names))
	for i, name := range names {
		group.Go(func() error {
			err := work(name)
			worked[i] = err == nil
			return err
		})
	}
	err := group.Wait()
	for i, name := range names {
		if worked[i] {
			done(name)
		}
	}
	return err
}

func (s *Switch) put(ctx context.Context, name objectName, fields []attribute) error {
	body := map[string][]attribute{"fields": fields}
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodPut, name.path(), nil, body, nil)
	})
	if err != nil {
		return fmt.Errorf("put SIP %s %s in place (are the astdb lines in sorcery.conf?): %w", name.kind, name.id, err)
	}
	return nil
}

func (s *Switch) remove(ctx context.Context, name objectName) error {
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodDelete, name.path(), nil, nil, nil)
	})
	if err != nil && !isGone(err) {
		return fmt.Errorf("remove SIP %s %s: %w", name.kind, name.id, err)
	}
	return nil
}

// pushNumbers tells the dialplan which numbers are not recorded.
func (s *Switch) pushNumbers(ctx context.Context, unrecorded []string) error {
	wanted := map[string]bool{}
	for _, n := range unrecorded {
		wanted[n] = true
	}
	set := func(number, value string) error {
		query := url.Values{"variable": {"TR_NOREC_" + number}, "value": {value}}
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodPost, "/asterisk/variable", query, nil, nil)
		})
		if err != nil {
			return fmt.Errorf("set whether calls to %s are recorded: %w", number, err)
		}
		return nil
	}
	for n := range maps.Clone(s.pushed.quiet) {
		if wanted[n] {
			continue
		}
		if err := set(n, ""); err != nil {
			return err
		}
		delete(s.pushed.quiet, n)
	}
	for _, n := range unrecorded {
		if s.pushed.quiet[n] {
			continue
		}
		if err := set(n, "1"); err != nil {
			return err
		}
		s.pushed.quiet[n] = true
	}
	return nil
}
