package ari

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"
)

// pushed is what one run of Asterisk has been told.
type pushed struct {
	asterisk string              // its start; another one has to be told anew (facts 7.2)
	objects  map[string][]object // by endpoint
	quiet    map[string]bool     // unrecorded numbers
}

// pushers is how many endpoints are pushed at a time.
const pushers = 8

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
		s.pushed = pushed{asterisk: run, objects: map[string][]object{}, quiet: map[string]bool{}}
		if err := s.findOurs(ctx, plan); err != nil {
			return err
		}
	}
	wanted := map[string][]object{}
	for _, a := range plan.Accounts {
		wanted[a.ID] = a.objects()
	}
	for _, f := range plan.Fixed {
		wanted[fixedPrefix+string(f.Agent)] = f.objects()
	}
	err = errors.Join(s.pushObjects(ctx, wanted), s.pushNumbers(ctx, plan.Unrecorded))
	s.stats.provisioned(len(s.pushed.objects), err)
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
		err := s.rest.do(ctx, http.MethodGet, dynamic("endpoint", e.Resource), nil, nil, &attributes)
		if isGone(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at SIP endpoint %s: %w", e.Resource, err)
		}
		for _, a := range attributes {
			if a.Attribute == "accountcode" && a.Value == ownerMark {
				s.pushed.objects[e.Resource] = leftover(e.Resource)
			}
		}
	}
	return nil
}

// leftover are the objects an endpoint of ours may have.
func leftover(id string) []object {
	if strings.HasPrefix(id, fixedPrefix) {
		return []object{{kind: "aor", id: id}, {kind: "endpoint", id: id}}
	}
	return []object{{kind: "auth", id: id}, {kind: "aor", id: id}, {kind: "endpoint", id: id}}
}

func dynamic(kind, id string) string {
	return "/asterisk/config/dynamic/res_pjsip/" + kind + "/" + escape(id)
}

// pushObjects makes Asterisk's accounts the wanted ones: differences only.
func (s *Switch) pushObjects(ctx context.Context, wanted map[string][]object) error {
	var work errgroup.Group
	work.SetLimit(pushers)
	type result struct {
		id      string
		objects []object
	}
	results := make(chan result, len(wanted)+len(s.pushed.objects))
	for id, objects := range s.pushed.objects {
		if _, keep := wanted[id]; keep {
			continue
		}
		work.Go(func() error {
			err := s.remove(ctx, objects)
			if err == nil {
				results <- result{id, nil}
			}
			return err
		})
	}
	for id, objects := range wanted {
		if same(s.pushed.objects[id], objects) {
			continue
		}
		work.Go(func() error {
			err := s.put(ctx, objects)
			if err == nil {
				results <- result{id, objects}
			}
			return err
		})
	}
	err := work.Wait()
	close(results)
	for r := range results {
		if r.objects == nil {
			delete(s.pushed.objects, r.id)
		} else {
			s.pushed.objects[r.id] = r.objects
		}
	}
	return err
}

func (s *Switch) put(ctx context.Context, objects []object) error {
	for _, o := range objects {
		body := map[string][]attribute{"fields": o.fields}
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodPut, dynamic(o.kind, o.id), nil, body, nil)
		})
		if err != nil {
			return fmt.Errorf("put SIP %s %s in place (are the astdb lines in sorcery.conf?): %w", o.kind, o.id, err)
		}
	}
	return nil
}

// remove deletes in the opposite order, so that nothing points to what is gone.
func (s *Switch) remove(ctx context.Context, objects []object) error {
	for i := len(objects) - 1; i >= 0; i-- {
		o := objects[i]
		err := s.again(ctx, usualTries, func() error {
			return s.rest.do(ctx, http.MethodDelete, dynamic(o.kind, o.id), nil, nil, nil)
		})
		if err != nil && !isGone(err) {
			return fmt.Errorf("remove SIP %s %s: %w", o.kind, o.id, err)
		}
	}
	return nil
}

func same(a, b []object) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].kind != b[i].kind || a[i].id != b[i].id || len(a[i].fields) != len(b[i].fields) {
			return false
		}
		for j := range a[i].fields {
			if a[i].fields[j] != b[i].fields[j] {
				return false
			}
		}
	}
	return true
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
