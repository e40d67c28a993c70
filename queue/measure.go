package queue

import (
	"cmp"
	"time"
)

// Formula names a service-level formula. With A answered, At answered within
// the threshold, B abandoned, Bt abandoned within it, Bs short abandons:
type Formula string

// Service-level formulas in use in the trade; a figure is never shown without
// the name of its formula.
const (
	FormulaAnswered    Formula = "answered"     // At / A
	FormulaPositive    Formula = "positive"     // (At + Bt) / (A + B)
	FormulaStrict      Formula = "strict"       // At / (A + B)
	FormulaIgnoreShort Formula = "ignore_short" // At / (A + B - Bs)
	FormulaIgnoreEarly Formula = "ignore_early" // At / (A + B - Bt)
)

// Formulas lists all formulas in display order.
func Formulas() []Formula {
	return []Formula{FormulaAnswered, FormulaPositive, FormulaStrict, FormulaIgnoreShort, FormulaIgnoreEarly}
}

// Share is a part of a whole; without a whole there is no share.
type Share struct {
	Part  int `json:"part"`
	Whole int `json:"whole"`
}

// Value is part/whole, and false if there is no whole.
func (s Share) Value() (float64, bool) {
	if s.Whole <= 0 {
		return 0, false
	}
	return float64(s.Part) / float64(s.Whole), true
}

// Tally is the counts of a queue over a day (or any set of calls): every
// figure on every screen and in every report is computed from one.
type Tally struct {
	Offered        int `json:"offered"`         // calls that took a place
	Answered       int `json:"answered"`        // by an agent
	Abandoned      int `json:"abandoned"`       // left before an agent answered, short ones included
	ShortAbandoned int `json:"short_abandoned"` // of these, under the threshold
	Lost           int `json:"lost,omitempty"`  // were cut off while they waited
	Overflowed     int `json:"overflowed"`
	Forwarded      int `json:"forwarded"`   // of these, to a number outside
	Transferred    int `json:"transferred"` // times that agents handed a call on
	Callbacks      int `json:"callbacks"`   // callers who are, or were to be, called back
	CalledBack     int `json:"called_back"` // call-backs in which an agent spoke to the customer

	AnsweredWithin  int `json:"answered_within"`  // within the service-level threshold
	AbandonedWithin int `json:"abandoned_within"` // the same for abandons

	// Callers who reached a human voice within the ring budget (R1.2).
	CallersWithin int `json:"callers_within"`
	CallersStrict int `json:"callers_strict"`

	// Offers whose phone rang until accepted or to the limit (R1.1).
	Rung               int `json:"rung"`
	RungWithin         int `json:"rung_within"`
	RungStrict         int `json:"rung_strict"`
	Registered         int `json:"registered"`          // conversations whose content is on record (R3.1)
	RegistrationMissed int `json:"registration_missed"` // and those where it was required and did not come in time
	InVain             int `json:"in_vain"`             // phones that rang for another's answer
	Violations         int `json:"violations"`
	AgentRelease       int `json:"agent_release"` // conversations the agent hung up first (R2.4)
	Completed          int `json:"completed"`

	// Of those overflowed: to an announcement, and messages left.
	Announced  int `json:"announced,omitempty"`
	Voicemails int `json:"voicemails,omitempty"`

	// Waits that callers were told and what became of them, see estimated.
	Estimates      int           `json:"estimates,omitempty"`
	EstimateWithin int           `json:"estimate_within,omitempty"`
	EstimateError  time.Duration `json:"estimate_error,omitempty"` // sum, either way

	// The survey (R8.1): SurveySum is of the marks, Satisfied of 4 and 5.
	SurveyOffered    int `json:"survey_offered,omitempty"`
	SurveyAnswered   int `json:"survey_answered,omitempty"`
	SurveyDeclined   int `json:"survey_declined,omitempty"`
	SurveyUnanswered int `json:"survey_unanswered,omitempty"`
	SurveySum        int `json:"survey_sum,omitempty"`
	Satisfied        int `json:"satisfied,omitempty"`

	WaitAnswered  time.Duration `json:"wait_answered"` // sum over answered calls
	WaitAbandoned time.Duration `json:"wait_abandoned"`
	Talk          time.Duration `json:"talk"`
	LongestWait   time.Duration `json:"longest_wait"`
}

// AgentTally is an agent's counts of the day.
type AgentTally struct {
	Offers             int           `json:"offers"`
	Answered           int           `json:"answered"`
	Missed             int           `json:"missed"`
	Violations         int           `json:"violations"`
	Rung               int           `json:"rung"`
	RungWithin         int           `json:"rung_within"`
	Rings              int           `json:"rings"` // heard, over Rung
	Talk               time.Duration `json:"talk"`
	Registered         int           `json:"registered"` // calls by this agent (R3.1)
	RegistrationMissed int           `json:"registration_missed"`
	Placed             int           `json:"placed"` // calls to customers who answered
	Fines              int64         `json:"fines"`  // fen
}

// ServiceLevel is the share by the named formula.
func (t Tally) ServiceLevel(f Formula) Share {
	a, at, b, bt := t.Answered, t.AnsweredWithin, t.Abandoned, t.AbandonedWithin
	switch f {
	case FormulaAnswered:
		return Share{at, a}
	case FormulaPositive:
		return Share{at + bt, a + b}
	case FormulaIgnoreShort:
		return Share{at, a + b - t.ShortAbandoned}
	case FormulaIgnoreEarly:
		return Share{at, a + b - bt}
	default:
		return Share{at, a + b}
	}
}

// AgentsWithin is the share of ringings that agents answered within the limit:
// of the phones that rang until answered or to the limit (R1.1). Phones that
// stopped because the caller left say nothing about the agent.
func (t Tally) AgentsWithin() Share { return Share{t.RungWithin, t.Rung} }

// CallersWithinRings is the share of callers who heard a human voice within the ring
// budget, of all who were answered or gave up, short abandons left out (R1.2).
func (t Tally) CallersWithinRings() Share {
	return Share{t.CallersWithin, t.Answered + t.Abandoned - t.ShortAbandoned}
}

// ASA is the mean wait of answered calls, ringing included.
func (t Tally) ASA() (time.Duration, bool) {
	if t.Answered == 0 {
		return 0, false
	}
	return t.WaitAnswered / time.Duration(t.Answered), true
}

// AbandonRate is the share of offered calls that were abandoned, short ones
// left out of both.
func (t Tally) AbandonRate() Share {
	return Share{t.Abandoned - t.ShortAbandoned, t.Offered - t.ShortAbandoned}
}

// Add counts a call in the figures of queue q as the live tally does: reports
// built from rows agree with the wallboard because it is the same code. A call
// that overflowed counts as offered in each queue it passed through, and as
// overflowed in those it left.
func (t *Tally) Add(q *QueueConfig, c *Call) {
	for _, passed := range c.Passed {
		if passed == q.ID {
			t.offered()
			t.Overflowed++
		}
	}
	home := cmp.Or(c.Home, c.Queue)
	if home != q.ID || c.Outcome == OutcomeTurnedAway || c.Direction == Outbound {
		return
	}
	if c.Category != "" {
		t.Registered++
	}
	if c.RegistrationMissed {
		t.RegistrationMissed++
	}
	if c.CallbackOf == "" {
		t.offered()
	}
	if c.Callback != nil {
		if c.CallbackOf == "" {
			t.Callbacks++
		}
		if !c.ConnectedAt.IsZero() || c.Outcome == OutcomeCalledBack { // the latter: gone as the two were brought together
			t.CalledBack++
		}
		return
	}
	t.Transferred += c.Transfers
	if c.Outcome == OutcomeAnswered || !c.ConnectedAt.IsZero() {
		t.answered(q, c.Wait, c.Rings)
		t.estimated(c, true)
	}
	if c.Survey != SurveyNone {
		t.SurveyOffered++
		t.surveyed(c)
	}
	switch c.Outcome {
	case OutcomeAnswered:
		t.completed(c.Talk, c.Release)
	case OutcomeAbandoned:
		t.abandoned(q, c.Wait, c.Short)
		t.estimated(c, false)
	case OutcomeLost:
		t.lost(c.Wait)
	case OutcomeOverflowed, OutcomeNoMessage:
		t.Overflowed++
	case OutcomeForwarded:
		t.Overflowed++
		t.Forwarded++
	case OutcomeAnnounced:
		t.Overflowed++
		t.Announced++
	case OutcomeVoicemail:
		t.Overflowed++
		t.Voicemails++
	case OutcomeNone: // still lasts
		switch {
		case c.Parts > 0:
		case c.State == CallAnnounced:
			t.Overflowed++
			t.Announced++
		case c.State == CallVoicemail:
			t.Overflowed++
		}
	}
}

// AddOffer counts a closed offer.
func (t *Tally) AddOffer(o *Offer) {
	switch {
	case o.AlertingAt.IsZero() || o.Kind != OfferQueue:
	case o.State == OfferTaken:
		t.rang(o.Rings)
	case o.State == OfferTakenBack && o.Reason == AnsweredElsewhere:
		t.InVain++
	case o.State == OfferLost && (o.Reason == string(MissedRONA) || o.Reason == string(MissedDropped)):
		t.rang(o.Rings)
	}
	if o.Reason == string(MissedRONA) && o.Kind == OfferQueue {
		t.Violations++
	}
}

func (t *Tally) offered() { t.Offered++ }

func (t *Tally) answered(q *QueueConfig, wait time.Duration, r Rings) {
	t.Answered++
	t.WaitAnswered += wait
	t.LongestWait = max(t.LongestWait, wait)
	if wait <= q.ServiceLevel.Within {
		t.AnsweredWithin++
	}
	if r.Within {
		t.CallersWithin++
	}
	if r.Strict {
		t.CallersStrict++
	}
}

func (t *Tally) abandoned(q *QueueConfig, wait time.Duration, short bool) {
	t.Abandoned++
	t.WaitAbandoned += wait
	t.LongestWait = max(t.LongestWait, wait)
	if short {
		t.ShortAbandoned++
	}
	if wait <= q.ServiceLevel.Within {
		t.AbandonedWithin++
	}
}

func (t *Tally) lost(wait time.Duration) {
	t.Lost++
	t.LongestWait = max(t.LongestWait, wait)
}

func (t *Tally) completed(talk time.Duration, by Release) {
	t.Completed++
	t.Talk += talk
	if by == ReleaseAgent {
		t.AgentRelease++
	}
}

func (t *Tally) rang(r Rings) {
	t.Rung++
	if r.Within {
		t.RungWithin++
	}
	if r.Strict {
		t.RungStrict++
	}
}
