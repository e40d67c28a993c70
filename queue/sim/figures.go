package sim

import (
	"time"

	"github.com/threerings/threerings/queue"
)

// Figures are the counts of a set of calls, by the code that makes every
// figure of the product, and the agents' time.
type Figures struct {
	queue.Tally
	WithinFifteen int           // of the answered: at most 15 s
	OnDuty        time.Duration // agents' time on duty, overtime included
	Busy          time.Duration // of it in talk and wrap-up
}

// Add adds another set of calls.
func (f *Figures) Add(g *Figures) {
	t, u := &f.Tally, &g.Tally
	for _, p := range []struct {
		to   *int
		from int
	}{{&t.Offered, u.Offered}, {&t.Answered, u.Answered}, {&t.Abandoned, u.Abandoned}, {&t.ShortAbandoned, u.ShortAbandoned},
		{&t.Overflowed, u.Overflowed}, {&t.AnsweredWithin, u.AnsweredWithin}, {&t.AbandonedWithin, u.AbandonedWithin},
		{&t.CallersWithin, u.CallersWithin}, {&t.CallersStrict, u.CallersStrict}, {&t.Rung, u.Rung}, {&t.RungWithin, u.RungWithin},
		{&t.RungStrict, u.RungStrict}, {&t.InVain, u.InVain}, {&t.Violations, u.Violations}, {&t.AgentRelease, u.AgentRelease},
		{&t.Completed, u.Completed}, {&f.WithinFifteen, g.WithinFifteen}} {
		*p.to += p.from
	}
	t.WaitAnswered += u.WaitAnswered
	t.WaitAbandoned += u.WaitAbandoned
	t.Talk += u.Talk
	t.LongestWait = max(t.LongestWait, u.LongestWait)
	f.OnDuty += g.OnDuty
	f.Busy += g.Busy
}

// Batches is into how many pieces of equal length a run is cut to learn how
// sure its figures are.
const Batches = 20

// byQueue is a queue, and the figures of the calls that ended there.
type byQueue struct {
	cfg queue.QueueConfig
	all Figures
}

// figures are kept as the run goes: over all, by interval of the day, and by
// batch of the run. A call counts where it arrived.
type figures struct {
	start  time.Time
	queues map[queue.QueueID]*byQueue
	of     map[queue.CallID]*byQueue // where each live call is
	slot   time.Duration
	slots  []Figures
	piece  time.Duration
	pieces [Batches]Figures
	all    Figures
	taken  map[queue.AgentID]queue.OfferAccepted
}

func (f *figures) begin(w *world, cfg *queue.Config) {
	f.start, f.queues, f.of = w.start, map[queue.QueueID]*byQueue{}, map[queue.CallID]*byQueue{}
	for i := range cfg.Queues {
		f.queues[cfg.Queues[i].ID] = &byQueue{cfg: cfg.Queues[i]}
	}
	f.taken = map[queue.AgentID]queue.OfferAccepted{}
	_, over := w.s.Arrivals.Expected()
	f.piece = max(over/Batches, 1)
	if f.slot = w.s.Slot; f.slot > 0 {
		f.slots = make([]Figures, Day/f.slot)
	}
}

// over counts a call that ended wherever it belongs, but for the time of the
// day: that it arrived.
func (f *figures) over(id queue.CallID, arrived time.Time, c queue.Call, do func(*Figures)) {
	q := f.of[id]
	if q == nil {
		return
	}
	delete(f.of, id)
	c.Queue = q.cfg.ID
	add := func(g *Figures) {
		g.Tally.Add(&q.cfg, &c)
		if do != nil {
			do(g)
		}
	}
	add(&q.all)
	f.count(arrived, add)
}

// count counts something that belongs to that time.
func (f *figures) count(arrived time.Time, do func(*Figures)) {
	do(&f.all)
	since := arrived.Sub(f.start)
	do(&f.pieces[min(int(since/f.piece), Batches-1)])
	if f.slot > 0 {
		do(&f.slots[f.slotAt(since)])
	}
}

func (f *figures) slotAt(since time.Duration) int { return int(since % Day / f.slot) }

func (f *figures) see(r queue.Record) {
	switch e := r.Event.(type) {
	case queue.CallQueued:
		f.of[e.Call] = f.queues[e.Queue]
	case queue.CallRouted:
		f.of[e.Call] = f.queues[e.Queue]
	case queue.AnnouncementBegan:
		f.over(e.Call, r.At.Add(-e.Wait), queue.Call{Outcome: queue.OutcomeAnnounced, Wait: e.Wait, Rings: e.Rings}, nil)
	case queue.VoicemailBegan:
		f.over(e.Call, r.At.Add(-e.Wait), queue.Call{Outcome: queue.OutcomeNoMessage, Wait: e.Wait, Rings: e.Rings}, nil)
	case queue.CallOverflowed:
		if e.To != "" {
			if q := f.of[e.Call]; q != nil {
				q.all.Offered++
				q.all.Overflowed++
			}
			f.of[e.Call] = f.queues[e.To]
			return
		}
		f.over(e.Call, r.At.Add(-e.Wait), queue.Call{Outcome: queue.OutcomeOverflowed, Wait: e.Wait, Rings: e.Rings}, nil)
	case queue.OfferAccepted:
		f.taken[e.Agent] = e
	case queue.CallCompleted:
		f.talked(r.At, e.Call, e.Agent, e.Talk, e.Release)
	case queue.SurveyBegan:
		f.talked(r.At, e.Call, e.Agent, e.Talk, e.Release)
	case queue.CallAbandoned:
		c := queue.Call{Outcome: queue.OutcomeAbandoned, Wait: e.Wait, Rings: e.Rings, Short: e.Short}
		f.over(e.Call, r.At.Add(-e.Wait), c, nil)
	case queue.OfferMissed:
		if e.Reason == queue.MissedRONA {
			f.count(r.At, func(g *Figures) { g.Violations++ })
		}
	}
}

func (f *figures) talked(at time.Time, call queue.CallID, agent queue.AgentID, talk time.Duration, by queue.Release) {
	a := f.taken[agent]
	c := queue.Call{Outcome: queue.OutcomeAnswered, ConnectedAt: at, Wait: a.Wait, Rings: a.CallerRings, Talk: talk, Release: by}
	f.over(call, at.Add(-talk-a.Wait), c, func(g *Figures) {
		if a.Wait <= queue.DefaultServiceLevel {
			g.WithinFifteen++
		}
	})
	f.busy(at.Add(-talk), at)
}

func (f *figures) busy(from, to time.Time) {
	f.spread(from, to, func(g *Figures, d time.Duration) { g.Busy += d })
}

func (f *figures) onDuty(from, to time.Time) {
	f.spread(from, to, func(g *Figures, d time.Duration) { g.OnDuty += d })
}

// spread shares a stretch of time out among the intervals it lies in.
func (f *figures) spread(from, to time.Time, do func(*Figures, time.Duration)) {
	do(&f.all, to.Sub(from))
	a, b := from.Sub(f.start), to.Sub(f.start)
	for x := a; x < b; {
		i := min(x/f.piece, Batches-1)
		end := min(b, (i+1)*f.piece)
		if i == Batches-1 {
			end = b
		}
		do(&f.pieces[i], end-x)
		x = end
	}
	if f.slot == 0 {
		return
	}
	for x := a; x < b; {
		end := min(b, (x/f.slot+1)*f.slot)
		do(&f.slots[f.slotAt(x)], end-x)
		x = end
	}
}
