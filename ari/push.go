package ari

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"
)

// pushers is how many objects are pushed at a time.
const pushers = 8

// pushOrder is that of the kinds; deletion has the opposite one, so that
// nothing points to what is not there. All of a kind go before the next: for
// each new aor Asterisk reads every endpoint it has, and with 1000 accounts
// pushed one after the other a phone that wanted to sign on waited 5 to 20 s;
// in this order 40 ms at most (measured).
var pushOrder = []string{"auth", "aor", "endpoint"}

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
		err := each(ctx, gone, s.remove, func(name objectName) {
			delete(s.pushed.objects, name)
		})
		if first = cmp.Or(first, err); unreachable(err) {
			return first
		}
	}
	for _, kind := range pushOrder {
		var other []objectName
		for name, fields := range wanted {
			if there := s.pushed.objects[name]; name.kind == kind && (there == nil || !slices.Equal(there, fields)) {
				other = append(other, name)
			}
		}
		err := each(ctx, other, func(ctx context.Context, name objectName) error { return s.put(ctx, name, wanted[name]) }, func(name objectName) {
			s.pushed.objects[name] = wanted[name]
		})
		if first = cmp.Or(first, err); unreachable(err) {
			return first
		}
	}
	return first
}

// each does the work for all names, a few at a time, then tells which are
// done. A refusal concerns one name; when no answer comes at all the rest is
// left, or 1000 accounts would wait for a stalled Asterisk one after the other.
func each[T any](ctx context.Context, names []T, work func(context.Context, T) error, done func(T)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group errgroup.Group
	group.SetLimit(pushers)
	worked := make([]bool, len(names))
	for i, name := range names {
		group.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err := work(ctx, name)
			worked[i] = err == nil
			if unreachable(err) {
				stop(err) // the first one tells why; the others were only cut off
				return context.Cause(ctx)
			}
			return err
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	for i, name := range names {
		if worked[i] {
			done(name)
		}
	}
	return err
}

func (s *Switch) put(ctx context.Context, name objectName, fields []attribute) error {
	if err := s.forgetContact(ctx, name, fields); err != nil {
		return err
	}
	body := map[string][]attribute{"fields": fields}
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodPut, name.path(), nil, body, nil)
	})
	if err != nil {
		return fmt.Errorf("put SIP %s %s in place (are the astdb lines in sorcery.conf?): %w", name.kind, name.id, err)
	}
	return nil
}

// forgetContact removes an aor whose contact is another one than we want: to put
// a contact in place adds it to those that are there, and keeps the first.
func (s *Switch) forgetContact(ctx context.Context, name objectName, fields []attribute) error {
	i := slices.IndexFunc(fields, func(a attribute) bool { return a.Attribute == "contact" })
	if name.kind != "aor" || i < 0 {
		return nil
	}
	var there []attribute
	err := s.again(ctx, usualTries, func() error {
		return s.rest.do(ctx, http.MethodGet, name.path(), nil, nil, &there)
	})
	if isGone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at SIP %s %s: %w", name.kind, name.id, err)
	}
	if slices.Contains(there, fields[i]) {
		return nil
	}
	return s.remove(ctx, name)
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

// pushNumbers tells the dialplan of each number whether its calls are recorded.
// Both are said: an Asterisk that outlived us still has what it was told then.
func (s *Switch) pushNumbers(ctx context.Context, recorded map[string]bool) error {
	value := func(number string) string {
		if record, ours := recorded[number]; ours && !record {
			return "1"
		}
		return ""
	}
	var other []string
	for n, record := range recorded {
		if told, ok := s.pushed.recorded[n]; !ok || told != record {
			other = append(other, n)
		}
	}
	for n, record := range s.pushed.recorded {
		if _, ours := recorded[n]; !ours && !record {
			other = append(other, n)
		}
	}
	return each(ctx, other, func(ctx context.Context, n string) error {
		err := s.again(ctx, usualTries, func() error { return s.setGlobal(ctx, "TR_NOREC_"+n, value(n)) })
		if err != nil {
			return fmt.Errorf("set whether calls to %s are recorded: %w", n, err)
		}
		return nil
	}, func(n string) {
		s.pushed.recorded[n] = value(n) == ""
	})
}
