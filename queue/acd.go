package queue

import (
	"iter"
	"slices"
	"time"
)

// Output is what a step brought about.
type Output struct {
	Records  []Record  // what is now true, to be stored in this order
	Commands []Command // what the switch must do, in this order
}

// ACD is the state of one pool. It is not safe for concurrent use: one
// goroutine owns it.
type ACD struct {
	now      time.Time // of the last step or record
	seq      uint64
	epoch    uint64
	day      string
	switchUp bool      // events of the switch reach us
	run      string    // of the switch, as far as known
	heard    time.Time // when the switch was heard last; zero: it is heard now
	before   time.Time // until when the leader before this one wrote; zero once the switch was heard
	restart  restart
	cut      time.Time // while calls end that the switch took with it: since when

	cfg    *Config // immutable, replaced as a whole
	queues map[QueueID]*line
	lines  []*line // in the configuration's order
	agents map[AgentID]*Agent
	staff  []*Agent // in the configuration's order
	people map[AgentID]*AgentConfig

	arrivals uint64           // counts calls, gives Call.Order
	calls    map[CallID]*Call // live ones
	order    []*Call          // the same, by arrival
	offers   map[OfferID]*Offer
	cases    map[CallID]*Case  // open ones
	features map[LegID]AgentID // legs of feature codes being confirmed
	spoke    memory            // who spoke to which caller last
	recent   []CallID          // calls that ended lately, see reconcile.go
	dialled  map[CallID]int    // highest number of a leg that the switch had, see legs.go
	worked   []worked          // conversations that ended lately, see register.go
	places   []place           // of callers who were dropped, see oldplace.go
	gate     gate              // what limits are counted by, see limit.go

	emergency *Emergency // the plan in force; nil: none
	alerts    []Alert    // open ones, oldest first

	next      time.Time // the earliest deadline, if known
	nextKnown bool

	out  Output
	rows *Rows // where apply notes what changed; nil when nobody asks
}

// restart is when the switch was found started anew, and since when it was gone.
type restart struct {
	At   time.Time `json:"at"`
	Lost time.Time `json:"lost"`
}

// line is a queue at work.
type line struct {
	cfg     *QueueConfig
	cadence Cadence
	waiting []*Call  // CallWaiting only, by arrival
	serving []*Agent // in the configuration's order
	today   Tally
	// closed is told by QueueHours, and until when it stays so.
	closed  bool
	until   time.Time
	byHand  string // ByHandOpen or ByHandClosed; empty: neither
	byPlan  bool   // closed by the plan in force
	handled handling
	// rungLast is whose phone was rung last for one of its calls.
	rungLast AgentID
}

// New returns an empty pool: no queues, no agents, the switch not yet heard.
func New() *ACD {
	return &ACD{
		cfg:      &Config{Country: DefaultCountry},
		queues:   map[QueueID]*line{"": nowhere()},
		agents:   map[AgentID]*Agent{},
		calls:    map[CallID]*Call{},
		offers:   map[OfferID]*Offer{},
		cases:    map[CallID]*Case{},
		features: map[LegID]AgentID{},
	}
}

// Step takes one input at a time: deadlines that have passed first, then the
// input, then calls that may not wait on, then whatever calls and agents can now be brought together. A nil
// input only lets time pass. Time never runs backwards here: an earlier now is
// taken as the last one.
func (a *ACD) Step(now time.Time, in Input) Output {
	now = now.UTC().Truncate(time.Microsecond) // what the ledger can store
	if now.After(a.now) {
		a.now = now
	}
	if next := a.Next(); !next.IsZero() && !next.After(a.now) {
		a.expire()
	}
	a.nextKnown = false
	if in != nil {
		a.handle(in)
	}
	if a.switchUp {
		a.overflowDue()
		a.match()
		a.announceAll()
	}
	out := a.out
	a.out = Output{}
	return out
}

// Next is the earliest deadline, zero if there is none. Step(Next(), nil)
// always makes progress.
func (a *ACD) Next() time.Time {
	if !a.nextKnown {
		a.next, a.nextKnown = a.earliest(), true
	}
	return a.next
}

// seen are the calls about which something can be decided: while the switch is
// not heard nobody knows who has answered or hung up, and a phone whose ringing
// ended with the switch would be charged with it.
func (a *ACD) seen() []*Call {
	if !a.switchUp {
		return nil
	}
	return a.order
}

func (a *ACD) earliest() time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range a.seen() {
		sooner(c.BudgetAt)
		sooner(a.heardAt(c))
		sooner(a.announceAt(c))
		out, _ := a.wayOut(c)
		sooner(out)
		sooner(a.routeChanges(c))
		for _, id := range c.Open {
			sooner(a.offers[id].DeadlineAt)
		}
		sooner(c.ReachAt)
		sooner(a.talkDue(c))
		sooner(c.muteDue())
	}
	sooner(a.emergencyUntil())
	sooner(a.bansUntil())
	for _, g := range a.staff {
		sooner(g.WrapUpAt)
		sooner(a.absentAt(g))
		if g.BackOffAt.After(a.now) { // once past it only permits, it asks for nothing
			sooner(g.BackOffAt)
		}
	}
	return next
}

// expire carries out every deadline that has passed, in order of arrival of
// the calls, then of the agents.
func (a *ACD) expire() {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(a.now) }
	for _, c := range slices.Clone(a.seen()) {
		for _, id := range slices.Clone(c.Open) {
			if o := a.offers[id]; due(o.DeadlineAt) {
				a.offerDue(c, o)
			}
		}
		if due(c.BudgetAt) {
			a.budgetDue(c)
		}
		if due(c.ReachAt) {
			a.reachDue(c)
		}
		if due(a.talkDue(c)) {
			a.talkExpired(c)
		}
		if due(c.muteDue()) {
			a.unmuteRecording(c, MuteEndedLimit, Asked{})
		}
		if due(a.heardAt(c)) {
			a.heardDue(c)
		}
	}
	if due(a.emergencyUntil()) {
		a.emergencyOver(EndedUntil, Asked{})
	}
	if due(a.bansUntil()) {
		a.bansDue()
	}
	for _, g := range a.staff {
		if due(g.WrapUpAt) {
			a.wrapUpDue(g)
		}
		if due(a.absentAt(g)) {
			a.absentDue(g)
		}
	}
}

func (a *ACD) handle(in Input) {
	switch in := in.(type) {
	case Configure:
		a.configure(in)
	case NewDay:
		if in.Day != a.day {
			a.emit(DayBegan(in))
		}
	case QueueHours:
		a.queueHours(in)
	case CallArrived:
		a.callArrived(in, false)
	case FeatureDialled:
		a.featureDialled(in)
	case LegRinging:
		a.legRinging(in.Leg)
	case LegAnswered:
		a.legAnswered(in.Leg)
	case LegBridged:
		a.legBridged(in.Leg)
	case LegEnded:
		a.legEnded(in.Leg, in.Cause)
		a.legGone(in.Leg)
	case PlaybackFinished:
		a.playbackFinished(in)
	case CommandFailed:
		a.commandFailed(in)
		if in.Command == Name(DialAgent{}) {
			a.legGone(in.Leg) // it never was
		}
	case Digit:
		a.digit(in)
	case CloseCase:
		a.closeCase(in)
	case PhoneChanged:
		a.phoneChanged(in)
	case SetAgent:
		a.setAgent(in)
	case RecordingSwitched:
		a.recordingSwitched(in)
	case HoldChanged:
		a.holdChanged(in)
	case PhoneTransfer:
		a.phoneTransfer(in)
	case Act:
		a.act(in)
	case Place:
		a.place(in)
	case CallBack:
		a.callBack(in)
	case Register:
		a.register(in)
	case Extend:
		a.extend(in)
	case Declare:
		a.declare(in)
	case EndEmergency:
		a.endEmergency(in)
	case SetQueue:
		a.setQueue(in)
	case AckAlert:
		a.ackAlert(in)
	case BanNumber:
		a.banNumber(in)
	case LiftBan:
		a.liftBan(in)
	case CorrectCall:
		a.correct(in)
	case SwitchLost:
		if a.switchUp {
			a.emit(SwitchGone{Since: a.before})
		}
	case Reconciled:
		a.before = time.Time{}
		wasUp := a.switchUp
		if a.reconciled(in); !wasUp {
			a.expire() // what fell due while nothing could be decided
		}
	}
}

// emit makes an event true: it is numbered, kept for the ledger and applied.
func (a *ACD) emit(e Event) {
	r := Record{Seq: a.seq + 1, At: a.now, Epoch: a.epoch, Event: e}
	a.out.Records = append(a.out.Records, r)
	a.fold(r)
}

func (a *ACD) do(c Command) {
	if !a.cut.IsZero() {
		return // the legs are gone
	}
	if p, plays := c.(Play); plays {
		if call, part := a.find(p.Leg); part == customerPart {
			p.N = call.Plays
			c = p
		}
	}
	a.out.Commands = append(a.out.Commands, c)
}

// Apply folds one stored record into a replica and returns the projection rows
// that it changed.
func (a *ACD) Apply(r Record) Rows {
	a.rows = &Rows{}
	a.fold(r)
	rows := *a.rows
	a.rows = nil
	return rows
}

func (a *ACD) fold(r Record) {
	a.seq, a.epoch = r.Seq, r.Epoch
	a.nextKnown = false
	if r.At.After(a.now) {
		a.now = r.At
	}
	a.apply(r.At, r.Event)
}

// SetEpoch sets the term under which the next records are written.
func (a *ACD) SetEpoch(epoch uint64) {
	a.epoch = epoch
	a.before = a.now // whatever the leader before us heard, it heard until then
}

// Live is how many calls there are now.
func (a *ACD) Live() int { return len(a.calls) }

// Seq is the number of the last record.
func (a *ACD) Seq() uint64 { return a.seq }

// Config is the configuration in force; it must not be changed.
func (a *ACD) Config() *Config { return a.cfg }

// Replay folds a log from its beginning.
func Replay(log iter.Seq[Record]) *ACD {
	a := New()
	for r := range log {
		a.fold(r)
	}
	return a
}
