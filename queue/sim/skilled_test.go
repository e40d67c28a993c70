package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// skilledHouse has three queues that share agents of different skills and
// ranks, each with another strategy, and two levels of customers.
func skilledHouse(seed uint64) *queue.Config {
	all := queue.Strategies()
	q := func(id queue.QueueID, priority int, r queue.Routing, ways ...queue.Overflow) queue.QueueConfig {
		q := queue.NewQueue(id)
		q.WrapUp, q.Priority, q.Routing, q.Overflows = 4*time.Second, priority, r, ways
		r.Strategy = all[(seed+uint64(len(id)))%uint64(len(all))]
		q.Routing = r
		return q
	}
	cfg := &queue.Config{Version: "skilled", Country: queue.DefaultCountry, Reasons: queue.DefaultReasons(),
		Numbers:    map[string]queue.QueueID{"4000": "support", "4001": "sales", "4002": "english", "4009": "support"},
		Priorities: map[string]int{"4009": 10},
		Levels:     []queue.Level{{Name: "gold", Priority: 20}, {Name: "silver", Priority: 8}},
		Queues: []queue.QueueConfig{
			q("support", 5, queue.Routing{LastAgent: 6 * time.Second, Skills: []queue.SkillRule{{Skill: "billing", Level: 2}}},
				queue.Overflow{Cause: queue.OverflowMaxWait, After: 90 * time.Second, To: "sales"}),
			q("sales", 0, queue.Routing{WidenRings: 1, Backup: queue.Backup{Target: 0.9, Phones: 2, InVain: 0.3}}),
			q("english", 0, queue.Routing{Skills: []queue.SkillRule{{Skill: "english", Level: 5, Required: true,
				Relax: []queue.Relax{{After: 15 * time.Second, Level: 2}, {After: 40 * time.Second, Level: 0}}}, {Skill: "billing", Level: 1}}}),
		}}
	for i := range 9 {
		id := strconv.Itoa(1001 + i)
		g := queue.AgentConfig{ID: queue.AgentID(id), Name: id, Phone: queue.Phone{Kind: queue.PhoneAccount, Value: id},
			Queues: []queue.QueueID{"support", "english"}, Ranks: map[queue.QueueID]int{"support": 1 + i%3}, Skills: map[string]int{}}
		if i%2 == 0 {
			g.Queues, g.Ranks["sales"] = append(g.Queues, "sales"), 1+i%4
		}
		if i%3 > 0 {
			g.Skills["english"] = []int{5, 2}[i%2]
		}
		if i < 4 {
			g.Skills["billing"] = 1 + i
		}
		cfg.Agents = append(cfg.Agents, g)
	}
	return cfg
}

// skilled is a rough day of that house, with more callers than it can serve at
// once, a quarter of them customers with a level.
func skilled(seed uint64) Settings {
	s := rough(seed)
	s.House, s.Agents, s.VIP, s.WrapUp = skilledHouse(seed), 0, 0.25, nil
	s.Mix = map[queue.QueueID]float64{"support": 3, "sales": 1, "english": 2}
	s.Arrivals = steady(4 * time.Minute)
	s.Faults.Walkouts, s.Faults.Closings = 10, 4
	return s
}

func TestSkilledDays(t *testing.T) {
	var seeds []uint64
	for seed := range uint64(20) {
		seeds = append(seeds, seed+1)
	}
	overtaken, limit, relaxed := 0, 0, 0
	for _, seed := range append(seeds, freshSeed(t)) {
		for name, s := range map[string]Settings{"rough": skilled(seed), "calm": calmly(skilled(seed))} {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				if err := s.validate(); err != nil {
					t.Fatal(err)
				}
				w := newWorld(s)
				if err := w.run(); err != nil {
					t.Fatal(err)
				}
				for _, p := range w.problems() {
					t.Errorf("seed %d: %s", seed, p)
				}
				if w.witness.completed < dayCalls/4 {
					t.Errorf("seed %d: only %d of %d calls were served: the day does not test much", seed, w.witness.completed, dayCalls)
				}
				if s.Faults.Takeovers > 0 && w.witness.takeovers == 0 {
					t.Errorf("seed %d: nobody took over", seed)
				}
				r, sum := w.result(), 0
				for _, q := range r.Queues {
					sum += q.Served
				}
				if len(r.Queues) != 3 || sum != r.Served {
					t.Errorf("seed %d: %d queues served %d, in all %d", seed, len(r.Queues), sum, r.Served)
				}
				overtaken, limit, relaxed = overtaken+w.guard.overtaken, limit+w.guard.limit, relaxed+w.guard.relaxed
			})
		}
	}
	t.Logf("overtaken %d times, %d calls as often as they may; %d offers after a skill was relaxed", overtaken, limit, relaxed)
	if overtaken == 0 || limit == 0 || relaxed == 0 {
		t.Errorf("overtaken %d times, %d calls to the limit, %d offers by relaxed skill: these days do not test routing", overtaken, limit, relaxed)
	}
}

func calmly(s Settings) Settings { s.Faults = Faults{}; return s }

// TestGuardSees: the guard finds what it is there for, in records that no ACD
// may write.
func TestGuardSees(t *testing.T) {
	at := epochStart
	queued := queue.CallQueued{Call: "a", Queue: "english"}
	over := func(after time.Duration) queue.Record {
		return queue.Record{At: at.Add(after), Event: queue.OfferMade{Call: "b", Agent: "1001", Overtook: []queue.CallID{"a"}}}
	}
	for want, records := range map[string][]queue.Record{
		"overtaken 4 times": {over(1), over(2), over(3), over(4)},
		"again 30s after":   {over(0), over(30 * time.Second)},
		"does not wait":     {{At: at, Event: queue.CallAbandoned{Call: "a"}}, over(1)},
		"5 was required":    {{At: at, Event: queue.OfferMade{Call: "a", Agent: "1001"}}},
		"does not serve it": {{At: at, Event: queue.CallOverflowed{Call: "a", To: "sales"}}, {At: at, Event: queue.OfferMade{Call: "a", Agent: "1002"}}},
	} {
		g := newGuard(skilledHouse(1))
		err := g.see(queue.Record{At: at, Event: queued})
		for _, r := range records {
			if err == nil {
				err = g.see(r)
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestVIPsGoFirst: customers with a level wait less, and everybody is served
// as before.
func TestVIPsGoFirst(t *testing.T) {
	s := calm(3)
	s.Agents, s.VIP = 6, 0.1
	waits := map[bool]*Figures{true: {}, false: {}}
	level := map[queue.CallID]bool{}
	s.Tap = func(r queue.Record) {
		switch e := r.Event.(type) {
		case queue.CallQueued:
			level[e.Call] = e.Level != ""
		case queue.OfferAccepted:
			waits[level[e.Call]].Answered++
			waits[level[e.Call]].WaitAnswered += e.Wait
		}
	}
	if _, err := Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	vip, other := waits[true].Row(), waits[false].Row()
	if vip.Served == 0 || vip.Served > other.Served/4 || vip.MeanWait > 0.7*other.MeanWait {
		t.Errorf("%d with a level waited %.1f s, %d others %.1f s", vip.Served, vip.MeanWait, other.Served, other.MeanWait)
	}
}
