package queue

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// match brings calls and free agents together until no pair is left. While the
// switch is not heard nothing is offered, since nobody would know what became
// of it.
func (a *ACD) match() {
	for a.switchUp && slices.ContainsFunc(a.staff, a.free) {
		c, found := a.nextCall()
		if c == nil {
			return
		}
		a.offer(c, found)
	}
}

// nextCall is the call that a phone is rung for next, and its candidates, best
// first; nil if nobody is free for any.
func (a *ACD) nextCall() (best *Call, found []*Agent) {
	for _, c := range a.order {
		if !a.wantsPhone(c) || (best != nil && !a.precedes(c, best)) {
			continue
		}
		who := a.candidates(c)
		if a.enoughReached(c, who) {
			continue
		}
		if len(who) > 0 {
			best, found = c, who
		}
	}
	return best, found
}

// wantsPhone tells whether a call has a use for one more phone now.
func (a *ACD) wantsPhone(c *Call) bool {
	if c.Direction == Outbound && c.Parts == 0 {
		return false // it has its agent, until it is handed on
	}
	switch c.State {
	case CallWaiting:
		return a.callbackReady(c)
	case CallOffered:
		if a.queues[c.Queue].cfg.Routing.Strategy.parallel() {
			return true
		}
		at := a.backupAt(c)
		return !at.IsZero() && !at.After(a.now)
	}
	return false
}

// precedes orders the calls that want an agent: who has been overtaken enough,
// by arrival; then who was dropped in a conversation; then by priority; then by arrival, over all queues that share
// agents. One more phone for a call comes after the first one of all others.
func (a *ACD) precedes(x, y *Call) bool {
	if first := x.State == CallWaiting; first != (y.State == CallWaiting) {
		return first
	}
	return a.ahead(x, y)
}

// ahead orders two calls by what decides who is served first.
func (a *ACD) ahead(x, y *Call) bool {
	if due := a.overtakenEnough(x); due != a.overtakenEnough(y) {
		return due
	} else if !due {
		if x.Front != y.Front {
			return x.Front
		}
		if p, q := a.priority(x), a.priority(y); p != q {
			return p > q
		}
	}
	return x.Order < y.Order
}

func (a *ACD) priority(c *Call) int { return a.queues[c.Queue].cfg.Priority + c.Extra }

// overtakenEnough: priority has done to this call what it may (R4.1).
func (a *ACD) overtakenEnough(c *Call) bool {
	calls, wait := a.cfg.Overtaking.limits()
	return c.Overtaken >= calls || (c.Overtaken > 0 && a.now.Sub(c.OvertakenAt) >= wait)
}

// overtakes lists the calls that came before c and could have had agent g now.
func (a *ACD) overtakes(c *Call, g *Agent) (passed []CallID) {
	if c.State != CallWaiting {
		return nil
	}
	for _, x := range a.order {
		if x.Order >= c.Order {
			break
		}
		if x.State == CallWaiting && a.callbackReady(x) && a.mayTake(x, g) &&
			!(a.customerFirst(x) && a.enoughReached(x, a.candidates(x))) {
			passed = append(passed, x.ID)
		}
	}
	return passed
}

// mayTake tells whether an agent who is free may be rung for a call.
func (a *ACD) mayTake(c *Call, g *Agent) bool {
	if kept, _ := a.awaitedTransfer(c); kept != nil {
		return kept == g
	}
	l := a.queues[c.Queue]
	if !slices.Contains(l.serving, g) || !a.skilled(l, c, g) {
		return false
	}
	if last := a.awaited(c); last != nil && last != g {
		return false
	}
	return true
}

// skilled tells whether an agent has what the queue requires of this call now.
func (a *ACD) skilled(l *line, c *Call, g *Agent) bool {
	if len(l.cfg.Routing.Skills) == 0 {
		return true
	}
	skills := a.agentConfig(g.ID).Skills
	for i := range l.cfg.Routing.Skills {
		r := &l.cfg.Routing.Skills[i]
		if r.Required && skills[r.Skill] < r.level(a.now.Sub(c.waitedSince())) {
			return false
		}
	}
	return true
}

// awaited is the agent whom a call is kept for: the one its caller spoke to
// last, for a while (R4).
func (a *ACD) awaited(c *Call) *Agent {
	if until := a.keptUntil(c); until.IsZero() || !until.After(a.now) {
		return nil
	}
	return a.agents[c.LastAgent]
}

// keptUntil is until when a call is kept for its last agent; zero: not at all.
func (a *ACD) keptUntil(c *Call) time.Time {
	l := a.queues[c.Queue]
	if l.cfg.Routing.LastAgent == 0 || c.LastAgent == "" {
		return time.Time{}
	}
	g := a.agents[c.LastAgent]
	if g == nil || g.State == LoggedOut || !slices.Contains(l.serving, g) {
		return time.Time{}
	}
	return c.waitedSince().Add(l.cfg.Routing.LastAgent)
}

// candidates are the free agents who may be rung for a call, best first.
func (a *ACD) candidates(c *Call) []*Agent {
	if kept, _ := a.awaitedTransfer(c); kept != nil {
		if !a.free(kept) {
			return nil
		}
		return []*Agent{kept}
	}
	l := a.queues[c.Queue]
	r := &l.cfg.Routing
	rank := MaxRank
	if r.Strategy == Widening {
		rank = a.widened(c, l)
	}
	var found []scored
	for i, g := range l.serving {
		if !a.free(g) || !a.mayTake(c, g) {
			continue
		}
		cfg := a.agentConfig(g.ID)
		s := scored{agent: g, at: i, rank: cfg.rank(l.cfg.ID)}
		if s.rank > rank {
			continue
		}
		for j := range r.Skills {
			want := &r.Skills[j]
			if level := want.level(a.now.Sub(c.waitedSince())); !want.Required && level > 0 && cfg.Skills[want.Skill] >= level {
				s.preferred++
			}
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		return nil
	}
	order := l.order(c)
	slices.SortStableFunc(found, func(x, y scored) int {
		byRank := cmp.Compare(x.rank, y.rank)
		if r.Strategy == WeightedRandom {
			byRank = 0 // the ranks are its weights
		}
		return cmp.Or(cmp.Compare(y.preferred, x.preferred), byRank, order(x, y),
			x.agent.IdleSince.Compare(y.agent.IdleSince))
	})
	out := make([]*Agent, len(found))
	for i, s := range found {
		out[i] = s.agent
	}
	return out
}

// scored is a candidate with what orders it.
type scored struct {
	agent     *Agent
	at        int // place in the configuration
	rank      int
	preferred int // how many preferred skills
}

// order is how the queue's strategy compares two candidates.
func (l *line) order(c *Call) func(x, y scored) int {
	switch l.cfg.Routing.Strategy {
	case FewestCalls:
		return func(x, y scored) int { return cmp.Compare(x.agent.Today.Answered, y.agent.Today.Answered) }
	case LeastTalk:
		return func(x, y scored) int { return cmp.Compare(x.agent.Today.Talk, y.agent.Today.Talk) }
	case FixedOrder:
		return func(x, y scored) int { return cmp.Compare(x.at, y.at) }
	case RoundRobin:
		after := 1 + slices.IndexFunc(l.serving, func(g *Agent) bool { return g.ID == l.rungLast })
		turn := func(s scored) int { return (s.at - after + len(l.serving)) % len(l.serving) }
		return func(x, y scored) int { return cmp.Compare(turn(x), turn(y)) }
	case WeightedRandom:
		return func(x, y scored) int { return cmp.Compare(lot(c, x), lot(c, y)) }
	}
	return func(scored, scored) int { return 0 } // who has been idle longest
}

// lot is the time at which an agent's bell would ring in a race of exponential
// clocks, drawn from the call's id: the first to ring is each agent with a
// chance in proportion to their weight, 1/rank.
func lot(c *Call, s scored) float64 {
	h := fnv.New64a()
	h.Write([]byte(c.ID))
	h.Write([]byte{0, byte(c.Offers)})
	h.Write([]byte(s.agent.ID))
	x := h.Sum64()
	x ^= x >> 33 // short ids leave the upper bits nearly alike
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	u := (float64(x>>11) + 0.5) / (1 << 53)
	return -math.Log(u) * float64(s.rank)
}

// widened is the highest rank that may be rung for a call: one more after every
// so many rings, and at least the lowest of which somebody is free or rings, so
// that nobody waits beside an idle agent.
func (a *ACD) widened(c *Call, l *line) int {
	rank := 1
	if step := l.cadence.Limit(l.widenRings()); step > 0 {
		rank += int(a.now.Sub(c.waitedSince()) / step)
	}
	lowest := MaxRank
	for _, g := range l.serving {
		rings := slices.ContainsFunc(c.Open, func(id OfferID) bool { return a.offers[id].Agent == g.ID })
		if rings || (a.free(g) && a.mayTake(c, g)) {
			lowest = min(lowest, a.agentConfig(g.ID).rank(l.cfg.ID))
		}
	}
	return max(rank, lowest)
}

func (l *line) widenRings() int {
	if l.cfg.Routing.WidenRings == 0 {
		return 2
	}
	return l.cfg.Routing.WidenRings
}

// routeChanges is when time alone will let more agents take a call: a skill is
// wanted less, the last agent is not waited for any more, the next rank joins,
// a backup phone is due; zero: never.
func (a *ACD) routeChanges(c *Call) (next time.Time) {
	if c.State != CallWaiting && c.State != CallOffered {
		return next
	}
	sooner := func(t time.Time) {
		if t.After(a.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, k := range c.Kept {
		sooner(k.Until)
	}
	if c.Callback != nil {
		sooner(c.Callback.NextAt)
	}
	l := a.queues[c.Queue]
	r := &l.cfg.Routing
	for i := range r.Skills {
		for _, x := range r.Skills[i].Relax {
			sooner(c.waitedSince().Add(x.After))
		}
	}
	sooner(a.keptUntil(c))
	if step := l.cadence.Limit(l.widenRings()); r.Strategy == Widening {
		if n := a.now.Sub(c.waitedSince())/step + 1; n < MaxRank {
			sooner(c.waitedSince().Add(n * step))
		}
	}
	sooner(a.backupAt(c))
	return next
}

// enqueue puts a call into its place: by order of arrival, wherever it has
// been in between.
func (l *line) enqueue(c *Call) {
	i, found := slices.BinarySearchFunc(l.waiting, c.Order, func(w *Call, n uint64) int { return cmp.Compare(w.Order, n) })
	if !found {
		l.waiting = slices.Insert(l.waiting, i, c)
	}
}

func (l *line) dequeue(c *Call) {
	if i := slices.Index(l.waiting, c); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}
