package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/threerings/threerings/queue"
)

// vipLevel is the level of VIP callers in a house that has none, with the
// priority that the example configuration gives it.
var vipLevel = queue.Level{Name: "vip", Priority: 20}

// longestWrapUp is the ACD's limit where the agent says when it is over.
const longestWrapUp = 4 * time.Hour

// house is the configuration that is played: the given one, or one queue with
// agents who are all alike.
func (w *world) house() queue.Config {
	var cfg queue.Config
	if w.s.House != nil {
		cfg = *w.s.House
		cfg.Queues, cfg.Agents = slices.Clone(cfg.Queues), slices.Clone(cfg.Agents)[:w.s.Agents]
		cfg.Levels, cfg.Customers = slices.Clone(cfg.Levels), maps.Clone(cfg.Customers)
		for i := range cfg.Queues {
			w.adapt(&cfg.Queues[i])
		}
	} else {
		cfg = w.plainHouse()
	}
	if w.s.VIP > 0 || w.s.Arrivals.vips() {
		if len(cfg.Levels) == 0 {
			cfg.Levels = []queue.Level{vipLevel}
		}
		if cfg.Customers == nil {
			cfg.Customers = map[string]string{}
		}
		for _, l := range cfg.Levels {
			if !slices.Contains(slices.Collect(maps.Values(cfg.Customers)), l.Name) {
				for i := range 10 { // some of them call again
					cfg.Customers[l.Name+"-"+strconv.Itoa(i)] = l.Name
				}
			}
		}
	}
	for _, g := range cfg.Agents {
		w.staff[g.ID] = &person{phone: queue.PhoneIdle}
	}
	return cfg
}

// adapt puts what the settings say of every queue into one.
func (w *world) adapt(q *queue.QueueConfig) {
	switch d := w.s.WrapUp.(type) {
	case nil:
	case Fixed:
		q.WrapUp = time.Duration(d)
	default:
		q.WrapUp = longestWrapUp
	}
	if w.s.Strategy != "" {
		q.Routing.Strategy = w.s.Strategy
	}
	if w.s.WaitTarget > 0 {
		q.ServiceLevel.Within = w.s.WaitTarget
	}
	if w.s.ShortAbandon > 0 {
		q.ShortAbandon = w.s.ShortAbandon
	}
}

func (w *world) plainHouse() queue.Config {
	q := queue.NewQueue("support")
	q.WrapUp, q.ShortAbandon, q.Greeting = 0, 0, "greeting"
	w.adapt(&q)
	cfg := queue.Config{Country: queue.DefaultCountry, Queues: []queue.QueueConfig{q}, Reasons: queue.DefaultReasons(),
		Numbers: map[string]queue.QueueID{"4000": "support"}}
	if w.s.Overflow {
		cfg.Queues[0].Overflows = []queue.Overflow{{Cause: queue.OverflowClosed, To: "behind"}, {Cause: queue.OverflowFull, At: 6, To: "behind"},
			{Cause: queue.OverflowNoAgents, After: 5 * time.Second}, {Cause: queue.OverflowNotReady, To: "behind"},
			{Cause: queue.OverflowMaxWait, After: 45 * time.Second, To: "behind"}}
		behind := q
		behind.ID, behind.Overflows = "behind", []queue.Overflow{{Cause: queue.OverflowFull, At: 4},
			{Cause: queue.OverflowNoAgents}, {Cause: queue.OverflowNotReady, After: 10 * time.Second}, {Cause: queue.OverflowMaxWait, After: time.Minute}}
		cfg.Queues = append(cfg.Queues, behind)
	}
	if w.s.Heard {
		heardHouse(&cfg)
	}
	for i := range w.s.Agents {
		id := strconv.Itoa(1001 + i)
		cfg.Agents = append(cfg.Agents, queue.AgentConfig{ID: queue.AgentID(id), Name: id,
			Phone: queue.Phone{Kind: queue.PhoneAccount, Value: id}, Queues: []queue.QueueID{"support"}})
		if w.s.Overflow && i >= w.s.Agents*3/4 {
			cfg.Agents[i].Queues = append(cfg.Agents[i].Queues, "behind")
		}
	}
	return cfg
}

// validHouse completes and checks what the settings say of a given house.
func (s *Settings) validHouse() error {
	if !(s.VIP >= 0 && s.VIP <= 1) {
		return fmt.Errorf("vip %v: must be a share from 0 to 1", s.VIP)
	}
	if s.House == nil {
		if len(s.Mix) > 0 {
			return fmt.Errorf("mix: is for a house with several queues")
		}
		return nil
	}
	if s.Agents == 0 {
		s.Agents = len(s.House.Agents)
	}
	if s.Agents > len(s.House.Agents) {
		return fmt.Errorf("agents %d: the configuration has %d", s.Agents, len(s.House.Agents))
	}
	for q, weight := range s.Mix {
		if !slices.Contains(slices.Collect(maps.Values(s.House.Numbers)), q) {
			return fmt.Errorf("mix: no number leads to a queue %q", q)
		}
		if !(weight >= 0) || weight > 1e9 {
			return fmt.Errorf("mix: %v callers for queue %s: must be a weight such as 3", weight, q)
		}
	}
	if len(s.House.Numbers) == 0 {
		return fmt.Errorf("the configuration has no number that callers could dial")
	}
	return nil
}

// dialler says whom a caller is and what they dial, from a source of chance of
// its own, so that two houses meet the same callers.
type dialler struct {
	rng     *rand.Rand
	vip     float64
	queues  []queue.QueueID
	until   []float64 // running sum of the weights
	numbers map[queue.QueueID][]string
	vips    []string
}

func newDialler(s *Settings, cfg *queue.Config) *dialler {
	d := &dialler{rng: stream(s.Seed, "who calls"), vip: s.VIP, numbers: map[queue.QueueID][]string{}}
	for _, number := range slices.Sorted(maps.Keys(cfg.Numbers)) {
		d.numbers[cfg.Numbers[number]] = append(d.numbers[cfg.Numbers[number]], number)
	}
	sum := 0.0
	for _, q := range slices.Sorted(maps.Keys(d.numbers)) {
		weight := 1.0
		if len(s.Mix) > 0 {
			weight = s.Mix[q]
		}
		sum += weight
		d.queues, d.until = append(d.queues, q), append(d.until, sum)
	}
	d.vips = slices.Sorted(maps.Keys(cfg.Customers))
	return d
}

// next is the number that a caller dials, and the one they call from if they
// are a customer with a level.
func (d *dialler) next(c *Caller) (dials, from string) {
	to, number, lot, who := d.rng.Float64(), d.rng.Float64(), d.rng.Float64(), d.rng.Float64()
	i, _ := slices.BinarySearch(d.until, to*d.until[len(d.until)-1])
	all := d.numbers[c.Queue]
	if len(all) == 0 {
		all = d.numbers[d.queues[min(i, len(d.queues)-1)]]
	}
	if (c.VIP || lot < d.vip) && len(d.vips) > 0 {
		from = d.vips[int(who*float64(len(d.vips)))]
	}
	return all[int(number*float64(len(all)))], from
}

// hours tells the ACD which queues are open, when that changes. Virtual time
// is that of every queue's own calendar.
func (w *world) hours(cfg *queue.Config) {
	for i := range cfg.Queues {
		q := &cfg.Queues[i]
		if q.Hours == nil {
			continue
		}
		in := queue.QueueHours{Queue: q.ID}
		in.Open, in.Until = q.Hours.At(w.now, w.now.Location())
		w.step(in)
		if !in.Until.IsZero() {
			w.at(in.Until, func() {
				if !w.over() {
					w.hours(&queue.Config{Queues: []queue.QueueConfig{*q}})
				}
			})
		}
	}
}
