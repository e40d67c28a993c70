package ari

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/threerings/threerings/queue"
)

// What Asterisk says of itself; only what we read of it. The library's types
// lack the dialplan's data (facts 2.13).
type (
	channelNow struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		State  string `json:"state"`
		Since  string `json:"creationtime"` // all in one form and zone, to the millisecond
		Caller struct {
			Name   string `json:"name"`
			Number string `json:"number"`
		} `json:"caller"`
		Dialplan struct {
			Context string `json:"context"`
			AppName string `json:"app_name"`
			AppData string `json:"app_data"`
		} `json:"dialplan"`
		Vars map[string]string `json:"channelvars"`
	}
	bridgeNow struct {
		ID       string   `json:"id"`
		Channels []string `json:"channels"`
	}
	endpointNow struct {
		Resource string   `json:"resource"`
		State    string   `json:"state"`
		Channels []string `json:"channel_ids"`
	}
)

// snapshot is Asterisk at a moment between began and its arrival.
type snapshot struct {
	began     time.Time
	dialling  map[queue.LegID]bool // at began
	silent    map[queue.LegID]bool // where a sound should play and none does
	channels  []channelNow
	watched   bool // by a sentinel
	bridges   []bridgeNow
	endpoints []endpointNow
}

// lookers is how many questions of a look are asked at a time.
const lookers = 8

// look asks Asterisk for all that is there. A 404 says that our application is
// not registered.
func (s *Switch) look(ctx context.Context) (snapshot, error) {
	now := snapshot{began: time.Now(), dialling: map[queue.LegID]bool{}, silent: map[queue.LegID]bool{}}
	s.mu.Lock()
	for id := range s.legs.dialling {
		now.dialling[id] = true
	}
	playing := s.legs.playing()
	s.mu.Unlock()
	var app struct{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookers)
	for path, out := range map[string]any{
		"/applications/" + escape(s.opts.App): &app,
		"/channels":                           &now.channels,
		"/bridges":                            &now.bridges,
		"/endpoints/PJSIP":                    &now.endpoints,
	} {
		group.Go(func() error { return s.rest.do(ctx, http.MethodGet, path, nil, nil, out) })
	}
	var mu sync.Mutex // guards now.silent
	for id, playbacks := range playing {
		group.Go(func() error {
			if s.areSilent(ctx, playbacks) {
				mu.Lock()
				now.silent[id] = true
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return now, fmt.Errorf("look at what Asterisk has: %w", err)
	}
	all := len(now.channels)
	now.channels = slices.DeleteFunc(now.channels, channelNow.isSentinel)
	now.watched = len(now.channels) < all
	return now, nil
}

// facts are the legs of our application in a snapshot.
func (now *snapshot) facts(app string) []queue.LegFact {
	inside := map[string]bool{} // "bridge channel"; of main rooms only those are asked for
	for _, b := range now.bridges {
		for _, id := range b.Channels {
			inside[b.ID+" "+id] = true
		}
	}
	var facts []queue.LegFact
	for _, c := range slices.SortedStableFunc(slices.Values(now.channels), byAge) {
		id := queue.LegID(c.ID)
		call, agent := callOf(id)
		f := queue.LegFact{Leg: id, Bridged: inside[bridgeOf(call)+" "+c.ID], Tape: queue.Tape(c.Vars[tapeVariable])}
		args := stasisArgs(c, app)
		f.Kind, f.Arrival = entrance(queue.CallArrived{Leg: id, Caller: c.Caller.Number, Name: c.Caller.Name}, args)
		f.Up = c.State == "Up" && f.Kind != ""
		switch {
		case agent:
			// Answered but not in Stasis yet: its StasisStart will come.
			f.Kind, f.Ringing = queue.LegAgent, c.State == "Ringing"
			if len(args) > 2 {
				f.Agent = queue.AgentID(args[2])
			}
		case f.Kind == "":
			continue // not ours, or not yet
		}
		facts = append(facts, f)
	}
	return facts
}

// byAge puts who came first before who came later: whoever is new to us waits
// in the order of arrival. Asterisk lists channels in no order; its ids end in
// ".n", counted up.
func byAge(a, b channelNow) int {
	count := func(id string) int {
		n, _ := strconv.Atoi(id[strings.LastIndexByte(id, '.')+1:]) // 0 for ids of ours
		return n
	}
	return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(count(a.ID), count(b.ID)))
}

// rescued are the callers whom the dialplan's fallback has; nil if none.
func (now *snapshot) rescued() map[queue.LegID]bool {
	var rescued map[queue.LegID]bool
	for _, c := range now.channels {
		if c.Dialplan.Context == fallbackContext {
			if rescued == nil {
				rescued = map[queue.LegID]bool{}
			}
			rescued[queue.LegID(c.ID)] = true
		}
	}
	return rescued
}

// stasisArgs are the arguments with which a channel entered our application;
// none if it is not there.
func stasisArgs(c channelNow, app string) []string {
	all := strings.Split(c.Dialplan.AppData, ",")
	if c.Dialplan.AppName != "Stasis" || all[0] != app {
		return nil
	}
	return all[1:]
}

// ours are the endpoints of phones in a snapshot. One that Asterisk does not
// have is offline.
func (now *snapshot) ours(homes devices) map[string]*endpoint {
	states := make(map[string]string, len(now.channels))
	for _, c := range now.channels {
		states[c.ID] = c.State
	}
	ours := make(map[string]*endpoint, len(homes))
	for name := range homes {
		ours[name] = &endpoint{state: "offline", at: now.began}
	}
	for _, e := range now.endpoints {
		o := ours[e.Resource]
		if o == nil {
			continue
		}
		o.state, o.channels = e.State, make(map[string]string, len(e.Channels))
		for _, id := range e.Channels {
			o.channels[id] = states[id]
		}
	}
	return ours
}

// reconcile starts the table anew from what this run of Asterisk has, and tells
// the core.
func (s *Switch) reconcile(now snapshot, run string) {
	s.mu.Lock()
	old := s.legs
	t := newTable()
	t.ended, t.pruned, t.dialling = old.ended, old.pruned, old.dialling
	var legs []queue.LegFact
	for _, f := range now.facts(s.opts.App) {
		if t.over(f.Leg) {
			continue
		}
		legs = append(legs, f)
		l := &leg{kind: f.Kind, up: f.Up, here: f.Up || f.Kind != queue.LegAgent, rang: f.Ringing, bridged: f.Bridged, seen: now.began}
		if before := old.alive[f.Leg]; before != nil {
			l.cause, l.hangUp, l.reason, l.hangUpAt = before.cause, before.hangUp, before.reason, before.hangUpAt
			l.sound, l.n, l.slot, l.adopted, l.soundAt, l.silent = before.sound, before.n, before.slot, before.adopted, before.soundAt, before.silent
			l.held, l.unsure, l.pressed, l.referred = before.held, before.unsure, before.pressed, before.referred
		} else if l.here {
			// Of a process before us: a sound's end may have been told to
			// nobody. All that a feature's leg is for is to hear the
			// confirmation; of others we do not know whether one plays.
			l.adopted, l.unsure = true, true
			if f.Kind == queue.LegFeature {
				l.sound, l.soundAt = soundPlays, now.began
			}
		}
		t.alive[f.Leg] = l
	}
	for _, pending := range []map[queue.LegID]bool{now.dialling, t.dialling} {
		for id := range pending {
			// Being dialled at this moment: it may come to be, and its
			// failure would be reported.
			if t.alive[id] == nil && !t.over(id) {
				t.alive[id] = &leg{kind: queue.LegAgent, seen: now.began}
				legs = append(legs, queue.LegFact{Leg: id, Kind: queue.LegAgent})
			}
		}
	}
	t.endpoints = now.ours(s.homes)
	phones := make(map[queue.AgentID]queue.PhoneState, len(s.homes))
	for name, home := range s.homes {
		state := t.endpoints[name].phone(home.fixed != "")
		phones[home.agent] = state
		t.phones[home.agent] = phone{state, now.began}
	}
	s.legs = t
	clear(s.made)
	for _, b := range now.bridges {
		if _, ours := callOfBridge(b.ID); ours {
			s.made[b.ID] = true
		}
	}
	s.mu.Unlock()
	s.send(queue.Reconciled{Run: run, Legs: legs, Phones: phones, Rescued: now.rescued()})
	s.sweep(now)
}

// sweep removes bridges of calls that are over (facts 5.3).
func (s *Switch) sweep(now snapshot) {
	here := make(map[queue.CallID]bool, len(now.channels))
	for _, c := range now.channels {
		call, _ := callOf(queue.LegID(c.ID))
		here[call] = true
	}
	s.mu.Lock() // what came since, and what is just being dialled
	for id := range s.legs.alive {
		call, _ := callOf(id)
		here[call] = true
	}
	for id := range s.legs.dialling {
		call, _ := callOf(id)
		here[call] = true
	}
	s.mu.Unlock()
	swept := map[queue.CallID]bool{}
	for _, b := range now.bridges {
		call, ours := callOfBridge(b.ID)
		if !ours || len(b.Channels) > 0 || here[call] || swept[call] {
			continue
		}
		swept[call] = true
		s.lanes.add(call, queue.Unbridge{Call: call})
	}
}
