package qa

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Refused is why something cannot be done with an evaluation. Its code is one
// word for programs.
type Refused struct {
	Code string
	Why  string
}

func (r *Refused) Error() string { return r.Why }

// Codes of Refused.
const (
	RefusedOneself = "oneself"       // nobody judges themself, or answers an objection to themself
	RefusedState   = "wrong_state"   // not in this state
	RefusedOther   = "not_yours"     // somebody else's to do
	RefusedLate    = "too_late"      // the deadline is over
	RefusedLimit   = "appeal_limit"  // too many appeals
	RefusedContent = "bad_judgement" // the answers do not fit the form, or a text is missing
)

func refuse(code, format string, args ...any) error {
	return &Refused{code, fmt.Sprintf(format, args...)}
}

const (
	maxComments  = 200
	maxWords     = 4000 // characters of a text
	maxRecording = 24 * time.Hour
	perAppeals   = 30 * 24 * time.Hour
)

// AppealsSince is from when an agent's appeals are counted against the limit.
func AppealsSince(now time.Time) time.Time { return now.Add(-perAppeals) }

// Begin opens a draft. Nobody scores themself.
func Begin(b Begun, by Person) (Event, error) {
	b.By = by.Name
	switch {
	case b.Agent == "" || b.Call == "":
		return nil, refuse(RefusedContent, "say which call and which agent")
	case b.Origin != Random && b.Origin != Targeted:
		return nil, refuse(RefusedContent, "origin %q is neither random nor targeted", b.Origin)
	case b.Agent == by.Agent:
		return nil, refuse(RefusedOneself, "nobody scores their own calls")
	}
	return b, nil
}

// Save keeps a draft, complete or not. Only its scorer does.
func (e Evaluation) Save(f Form, j Judgement, by Person) (Event, error) {
	switch {
	case e.Scorer != by.Name:
		return nil, refuse(RefusedOther, "this draft is %s's", e.Scorer)
	case e.State != Draft:
		return nil, refuse(RefusedState, "it is %s already; give a reason to revise it", e.State)
	}
	if err := check(f, j); err != nil {
		return nil, err
	}
	return Saved{j}, nil
}

// Submit makes the draft count.
func (e Evaluation) Submit(now time.Time, f Form, by Person) (Event, error) {
	switch {
	case e.Scorer != by.Name:
		return nil, refuse(RefusedOther, "this draft is %s's", e.Scorer)
	case e.State != Draft:
		return nil, refuse(RefusedState, "it is %s already", e.State)
	}
	s, err := judged(f, e.Draft)
	if err != nil {
		return nil, err
	}
	return Handed{by.Name, e.Draft, s, now.AddDate(0, 0, f.Limits.AppealDays)}, nil
}

// Revise makes another version, before the agent has answered. The agent gets
// the whole time to appeal again.
func (e Evaluation) Revise(now time.Time, f Form, j Judgement, reason string, by Person) (Event, error) {
	switch {
	case e.Scorer != by.Name:
		return nil, refuse(RefusedOther, "it is %s's", e.Scorer)
	case e.State != Submitted && e.State != ReadState:
		return nil, refuse(RefusedState, "it is %s: only what was submitted and not answered can be revised", e.State)
	case e.Settled(now):
		return nil, refuse(RefusedLate, "the time to appeal is over, and with it the time to revise")
	}
	if err := text("reason", reason, true); err != nil {
		return nil, err
	}
	s, err := judged(f, j)
	if err != nil {
		return nil, err
	}
	return Revised{by.Name, reason, j, s, now.AddDate(0, 0, f.Limits.AppealDays)}, nil
}

// MarkRead notes that the agent has opened it; nil when that is known.
func (e Evaluation) MarkRead(by Person) (Event, error) {
	if err := e.own(by); err != nil {
		return nil, err
	}
	if e.State != Submitted {
		return nil, nil
	}
	return Seen{by.Name}, nil
}

// Sign is the agent's agreement.
func (e Evaluation) Sign(note string, by Person) (Event, error) {
	if err := e.own(by); err != nil {
		return nil, err
	}
	if e.State != Submitted && e.State != ReadState {
		return nil, refuse(RefusedState, "it is %s: there is nothing to sign", e.State)
	}
	if err := text("note", note, false); err != nil {
		return nil, err
	}
	return SignedOff{by.Name, note}, nil
}

// Appeal is the agent's objection. before counts the appeals this agent made
// since AppealsSince.
func (e Evaluation) Appeal(now time.Time, f Form, items []string, reason string, before int, by Person) (Event, error) {
	if err := e.own(by); err != nil {
		return nil, err
	}
	switch {
	case e.State != Submitted && e.State != ReadState:
		return nil, refuse(RefusedState, "it is %s: it cannot be appealed any more", e.State)
	case !now.Before(e.AppealBy):
		return nil, refuse(RefusedLate, "the time to appeal was over at %s", e.AppealBy.Format(time.RFC3339))
	case f.Limits.MaxAppeals > 0 && before >= f.Limits.MaxAppeals:
		return nil, refuse(RefusedLimit, "%d appeals in 30 days are the most; talk to your supervisor", f.Limits.MaxAppeals)
	}
	for i, id := range items {
		if _, ok := f.Item(id); !ok || slices.Contains(items[:i], id) {
			return nil, refuse(RefusedContent, "item %q is not of this form, or is named twice", id)
		}
	}
	if err := text("reason", reason, true); err != nil {
		return nil, err
	}
	return Objected{by.Name, items, reason, now.AddDate(0, 0, f.Limits.DecideDays)}, nil
}

// ScoreAgain is the second scorer's judgement: never the first scorer's, nor the
// agent's own.
func (e Evaluation) ScoreAgain(f Form, j Judgement, by Person) (Event, error) {
	switch {
	case e.State != Appealed:
		return nil, refuse(RefusedState, "it is %s: a second score is for what was appealed", e.State)
	case e.involved(by):
		return nil, refuse(RefusedOneself, "the second scorer must be neither the first one nor the agent")
	}
	s, err := judged(f, j)
	if err != nil {
		return nil, err
	}
	return ScoredAgain{by.Name, j, s}, nil
}

// Decide answers the appeal, after the second score. Whoever scored first does
// not.
func (e Evaluation) Decide(outcome Outcome, answer string, by Person) (Event, error) {
	switch {
	case e.State == Appealed:
		return nil, refuse(RefusedState, "a second scorer must judge first")
	case e.State != Rescored:
		return nil, refuse(RefusedState, "it is %s: there is no appeal to decide", e.State)
	case e.involved(by):
		return nil, refuse(RefusedOneself, "whoever decides must be neither the first scorer nor the agent")
	case outcome != Upheld && outcome != Changed:
		return nil, refuse(RefusedContent, "outcome %q is neither upheld nor changed", outcome)
	}
	if err := text("answer", answer, true); err != nil {
		return nil, err
	}
	return Answered{by.Name, outcome, answer}, nil
}

// own refuses all but the agent, once there is something to see.
func (e Evaluation) own(by Person) error {
	if by.Agent == "" || by.Agent != e.Agent {
		return refuse(RefusedOther, "only the agent who was judged can do that")
	}
	if e.State == Draft {
		return refuse(RefusedState, "it is a draft")
	}
	return nil
}

func (e Evaluation) involved(by Person) bool {
	return by.Name == e.Scorer || by.Agent == e.Agent && by.Agent != ""
}

// MayOpen reports whether a person may read it: agents their own once it is
// submitted, a draft its scorer alone.
func (e Evaluation) MayOpen(by Person, staff bool) bool {
	if e.State == Draft {
		return by.Name == e.Scorer
	}
	return staff || by.Agent != "" && by.Agent == e.Agent
}

// Blinded is what a second scorer may see before judging: the call and the
// objection, not the first score.
func (e Evaluation) Blinded() Evaluation {
	e.Versions, e.Draft = nil, Judgement{}
	return e
}

func judged(f Form, j Judgement) (Scored, error) {
	if err := check(f, j); err != nil {
		return Scored{}, err
	}
	s, err := Score(f, j.Answers)
	if err != nil {
		return Scored{}, &Refused{RefusedContent, oneLine(err)}
	}
	return s, nil
}

func check(f Form, j Judgement) error {
	if err := f.Check(j.Answers); err != nil {
		return &Refused{RefusedContent, oneLine(err)}
	}
	if len(j.Comments) > maxComments {
		return refuse(RefusedContent, "%d comments; at most %d", len(j.Comments), maxComments)
	}
	for _, c := range j.Comments {
		if c.AtMS < -1 || c.AtMS > maxRecording.Milliseconds() {
			return refuse(RefusedContent, "a comment at %d ms is at no moment of a recording", c.AtMS)
		}
		if _, ok := f.Item(c.Item); c.Item != "" && !ok {
			return refuse(RefusedContent, "a comment is about the item %q, which the form does not have", c.Item)
		}
		if err := text("comment", c.Text, true); err != nil {
			return err
		}
	}
	return text("summary", j.Summary, false)
}

func text(name, s string, must bool) error {
	switch {
	case must && strings.TrimSpace(s) == "":
		return refuse(RefusedContent, "%s: say something", name)
	case utf8.RuneCountInString(s) > maxWords:
		return refuse(RefusedContent, "%s: at most %d characters", name, maxWords)
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
