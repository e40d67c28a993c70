package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// witness watches the run from outside: it counts what happened and notes
// what must never happen.
type witness struct {
	deaf      bool
	lost      int
	takeovers int
	live      int

	queued, answered, abandoned, completed, overflowed int
	made, accepted, missed, withdrawn, dropped         int
	ringsInVain                                        int
	last                                               uint64
	broken                                             string
	causes                                             map[string]int // of overflows
}

func (v *witness) see(r queue.Record) {
	if r.Seq != v.last+1 {
		v.broken = fmt.Sprintf("record %d follows %d", r.Seq, v.last)
	}
	v.last = r.Seq
	switch e := r.Event.(type) {
	case queue.CallQueued, queue.CallEntered:
		v.queued++
		v.live++
	case queue.SurveyEnded:
		v.completed++
		v.live--
	case queue.MenuLeft, queue.AnnouncementEnded, queue.VoicemailLeft, queue.VoicemailEmpty:
		v.overflowed++
		v.live--
	case queue.AnnouncementBegan:
		v.wayOut(e.Reason)
	case queue.VoicemailBegan:
		v.wayOut(e.Reason)
	case queue.CallConnected:
		v.answered++
	case queue.CallAbandoned, queue.CallLost:
		v.abandoned++
		v.live--
	case queue.CallCompleted:
		v.completed++
		v.live--
	case queue.CallOverflowed:
		v.wayOut(e.Reason)
		if e.To == "" {
			v.overflowed++
			v.live--
		}
	case queue.OfferMade:
		v.made++
	case queue.OfferAccepted:
		v.accepted++
	case queue.OfferMissed:
		v.missed++
		if e.Reason == queue.MissedDropped {
			v.dropped++ // it had been accepted
		}
	case queue.OfferWithdrawn:
		v.withdrawn++
	}
}

func (v *witness) wayOut(cause string) {
	if v.causes == nil {
		v.causes = map[string]int{}
	}
	v.causes[cause]++
}

// callerLeft: a phone that rings for this call must be stopped soon; the
// bound is generous where faults delay the news.
func (v *witness) callerLeft(w *world, caller *leg) {
	if w.s.Faults.any() || w.s.Faults.SwitchLosses > 0 {
		return
	}
	w.after(4*w.s.Latency+time.Millisecond, func() {
		for _, l := range w.legs {
			if l.kind == queue.LegAgent && l.call == caller.call && !l.up {
				v.ringsInVain++
			}
		}
	})
}

// Share is a share that a name stands beside.
type Share struct {
	Formula string  `json:"formula"`
	Value   float64 `json:"value"`
}

// Row is the figures of a set of calls as they are shown. Shares are 0…1;
// shares of nothing are 0.
type Row struct {
	Calls     int `json:"calls"`
	Served    int `json:"served"`
	Abandoned int `json:"abandoned"`
	// Overflowed left the house by policy, with a busy answer.
	Overflowed int `json:"overflowed,omitempty"`
	// MeanWait is of the served, MeanWaitAll of those who left as well, seconds.
	MeanWait    float64 `json:"mean_wait_s"`
	MeanWaitAll float64 `json:"mean_wait_all_s"`
	Within15    float64 `json:"within_15s"` // share of the served who waited at most 15 s
	Level       float64 `json:"service_level"`
	Formula     string  `json:"service_level_formula"`
	Levels      []Share `json:"service_levels"` // by every formula that has a name
	Rings       float64 `json:"within_rings"`   // share of callers within the ring budget (R1.2)
	Occupancy   float64 `json:"occupancy"`      // talk and wrap-up over time on duty
	Violations  int     `json:"violations"`     // phones left to ring to the limit (R1.1)
	AgentHours  float64 `json:"agent_hours"`
	LongestWait float64 `json:"longest_wait_s"`
}

// Row shows the figures.
func (f *Figures) Row() Row {
	r := Row{Calls: f.Offered, Served: f.Answered, Abandoned: f.Abandoned, Overflowed: f.Overflowed, Formula: string(queue.FormulaStrict),
		Violations: f.Violations, AgentHours: f.OnDuty.Hours(), LongestWait: f.LongestWait.Seconds()}
	if f.Answered > 0 {
		r.MeanWait = f.WaitAnswered.Seconds() / float64(f.Answered)
		r.Within15 = float64(f.WithinFifteen) / float64(f.Answered)
	}
	if n := f.Answered + f.Abandoned; n > 0 {
		r.MeanWaitAll = (f.WaitAnswered + f.WaitAbandoned).Seconds() / float64(n)
	}
	for _, formula := range queue.Formulas() {
		v, _ := f.ServiceLevel(formula).Value()
		r.Levels = append(r.Levels, Share{string(formula), v})
	}
	r.Level, _ = f.ServiceLevel(queue.FormulaStrict).Value()
	r.Rings, _ = f.CallersWithinRings().Value()
	if f.OnDuty > 0 {
		r.Occupancy = f.Busy.Seconds() / f.OnDuty.Seconds()
	}
	return r
}

// Interval is the figures of a time of the day, over all days of the run.
type Interval struct {
	From string `json:"from"` // 08:15
	Row
	// Agents is how many were on duty on average.
	Agents float64 `json:"agents"`
}

// QueueRow is the figures of a queue.
type QueueRow struct {
	Queue queue.QueueID `json:"queue"`
	Row

	figures Figures
}

// Result is what came out of a run.
type Result struct {
	Row
	Simulated float64    `json:"seconds_simulated"`
	Offers    int        `json:"offers"`
	Missed    int        `json:"missed"`
	Intervals []Interval `json:"intervals,omitempty"`
	// Queues are the figures of each queue, if there are several, of the calls
	// that ended in it or went on from it.
	Queues []QueueRow `json:"queues,omitempty"`

	Figures Figures   `json:"-"`
	Batches []Figures `json:"-"` // the run in pieces of equal length
	Slots   []Figures `json:"-"` // by interval of the day
}

func (w *world) result() Result {
	v, f := &w.witness, &w.figures
	for _, g := range w.staff {
		if g.onDuty {
			f.onDuty(g.since, w.last)
			g.since = w.last
		}
	}
	simulated := w.last.Sub(w.start)
	r := Result{Row: f.all.Row(), Offers: v.made, Missed: v.missed, Simulated: simulated.Seconds(),
		Figures: f.all, Batches: f.pieces[:], Slots: f.slots}
	if len(f.queues) > 1 {
		for _, id := range slices.Sorted(maps.Keys(f.queues)) {
			q := f.queues[id]
			r.Queues = append(r.Queues, QueueRow{id, q.all.Row(), q.all})
		}
	}
	days := max(int((simulated+Day-1)/Day), 1)
	if w.s.Shifts != nil {
		days = max(daysOf(w.s.Shifts), 1)
	}
	for i := range f.slots {
		g := &f.slots[i]
		at := time.Duration(i) * f.slot
		r.Intervals = append(r.Intervals, Interval{From: clock(at), Row: g.Row(),
			Agents: g.OnDuty.Seconds() / f.slot.Seconds() / float64(days)})
	}
	return r
}

// clock writes a time of the day.
func clock(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(at.Hours()), int(at.Minutes())%60)
}

// problems lists what must never be, once everything is over.
func (w *world) problems() []string {
	v := &w.witness
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if v.broken != "" {
		bad("%s", v.broken)
	}
	if v.queued != v.completed+v.abandoned+v.overflowed || v.live != 0 {
		bad("%d calls queued, %d completed + %d abandoned + %d overflowed, %d live", v.queued, v.completed, v.abandoned, v.overflowed, v.live)
	}
	if v.made != v.accepted-v.dropped+v.missed+v.withdrawn {
		bad("%d offers made, %d accepted (%d dropped) + %d missed + %d withdrawn", v.made, v.accepted, v.dropped, v.missed, v.withdrawn)
	}
	if len(w.legs) > 0 {
		bad("%d legs are left in the switch", len(w.legs))
	}
	if v.ringsInVain > 0 {
		bad("%d phones rang on after their caller had left", v.ringsInVain)
	}
	for id, g := range w.staff {
		if g.leg != "" {
			bad("agent %s is stuck with leg %s", id, g.leg)
		}
	}
	return out
}
