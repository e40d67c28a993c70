package ari

import (
	"maps"
	"sync"
	"time"
)

// Bounds are the upper bounds of Histogram's buckets, in ascending order; the
// last bucket has none.
func Bounds() []time.Duration {
	ms := time.Millisecond
	return []time.Duration{ms / 4, ms / 2, ms, 2 * ms, 5 * ms, 10 * ms, 25 * ms, 50 * ms, 100 * ms, 250 * ms, time.Second, 3 * time.Second}
}

var bounds = Bounds()

// Histogram counts durations by the buckets of Bounds, each alone, not
// cumulated.
type Histogram struct {
	Buckets []uint64 // one more than Bounds
	Count   uint64
	Sum     time.Duration
	Max     time.Duration
}

func (h *Histogram) add(d time.Duration) {
	if h.Buckets == nil {
		h.Buckets = make([]uint64, len(bounds)+1)
	}
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.Buckets[i]++
	h.Count++
	h.Sum += d
	h.Max = max(h.Max, d)
}

// clone has its buckets even if nothing was counted yet.
func (h Histogram) clone() Histogram {
	buckets := make([]uint64, len(bounds)+1)
	copy(buckets, h.Buckets)
	h.Buckets = buckets
	return h
}

// CommandResult names what a command came to: ok, gone (nothing left to do it
// to), failed, dropped (after the end of Run).
type CommandResult struct{ Command, Result string }

// Stats are counts since New.
type Stats struct {
	Connected  bool
	Reconnects uint64            // connections after the first; failed attempts are none
	Events     map[string]uint64 // by type, known ones
	Unknown    map[string]uint64 // by type, ones the decoder does not know; at most 64 types
	Undecoded  uint64            // frames that are no event at all
	Lost       map[string]uint64 // connections, by why: socket, no_answers, forgotten
	Refused    map[string]uint64 // requests by the status of Asterisk's refusal; none: no answer came
	Healed     map[string]uint64 // inputs that a check made up for, by type
	Commands   map[CommandResult]uint64
	Carried    map[string]Histogram // by command: from Execute to Asterisk's answer
	Requests   Histogram            // one REST request
	Events2In  Histogram            // from the socket to the input sent
	Accounts   int                  // SIP accounts and fixed phones pushed
	Provision  string               // why the last push failed; empty when it did not
}

type counters struct {
	mu     sync.Mutex
	s      Stats
	before bool // connected at least once
}

func newCounters() *counters {
	return &counters{s: Stats{
		Events: map[string]uint64{}, Unknown: map[string]uint64{}, Healed: map[string]uint64{},
		Lost: map[string]uint64{}, Refused: map[string]uint64{},
		Commands: map[CommandResult]uint64{}, Carried: map[string]Histogram{},
	}}
}

func (c *counters) with(f func(s *Stats)) {
	c.mu.Lock()
	f(&c.s)
	c.mu.Unlock()
}

// typesKept bounds what a hostile peer can make us count by name.
const typesKept = 64

func (c *counters) unknown(kind string) {
	c.with(func(s *Stats) {
		if _, ok := s.Unknown[kind]; !ok && len(s.Unknown) >= typesKept {
			kind = "other"
		}
		s.Unknown[kind]++
	})
}

func (c *counters) event(kind string, took time.Duration) {
	c.with(func(s *Stats) {
		s.Events[kind]++
		s.Events2In.add(took)
	})
}

func (c *counters) undecoded()          { c.with(func(s *Stats) { s.Undecoded++ }) }
func (c *counters) healed(input string) { c.with(func(s *Stats) { s.Healed[input]++ }) }

func (c *counters) lost(why string)       { c.with(func(s *Stats) { s.Lost[why]++ }) }
func (c *counters) refused(status string) { c.with(func(s *Stats) { s.Refused[status]++ }) }

func (c *counters) connected() {
	c.with(func(s *Stats) {
		if c.before {
			s.Reconnects++
		}
		c.before = true
	})
}

func (c *counters) request(took time.Duration) {
	c.with(func(s *Stats) { s.Requests.add(took) })
}

func (c *counters) command(name, result string, took time.Duration) {
	c.with(func(s *Stats) {
		s.Commands[CommandResult{name, result}]++
		if took > 0 {
			h := s.Carried[name]
			h.add(took)
			s.Carried[name] = h
		}
	})
}

func (c *counters) provisioned(n int, err error) {
	c.with(func(s *Stats) {
		s.Accounts, s.Provision = n, ""
		if err != nil {
			s.Provision = err.Error()
		}
	})
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.s
	s.Events, s.Unknown, s.Healed = maps.Clone(s.Events), maps.Clone(s.Unknown), maps.Clone(s.Healed)
	s.Lost, s.Refused = maps.Clone(s.Lost), maps.Clone(s.Refused)
	s.Commands, s.Carried = maps.Clone(s.Commands), maps.Clone(s.Carried)
	for name, h := range s.Carried {
		s.Carried[name] = h.clone()
	}
	s.Requests, s.Events2In = s.Requests.clone(), s.Events2In.clone()
	return s
}
