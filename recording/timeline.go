package recording

import (
	"cmp"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Story is what is on record of a call, oldest first.
type Story struct {
	Records []queue.Record
	Parts   []queue.Part // agents' parts that are over
}

// Timeline says what happened when in a recording, in time from its first
// sample.
type Timeline struct {
	Length    time.Duration
	Parts     []AgentPart
	Stretches []Stretch // without holes, from the first sample to the last
	Marks     []Moment
	Muted     []Stretch // in which the agent's microphone was cut off
	Private   []Stretch // that are not to be recorded: card data
	Stopped   []Stretch // in which the switch went on recording silence after that
}

// AgentPart is one agent's part of a call.
type AgentPart struct {
	Agent    queue.AgentID
	N        int // in the call, from 1
	From, To time.Duration
	End      string // as in queue.Part
}

// Stretch is a stretch of a recording in which the same goes on.
type Stretch struct {
	From, To time.Duration
	Kind     StretchKind
	Agent    queue.AgentID // whom the caller is connected with, if an agent
}

// StretchKind says what the caller hears in a stretch.
type StretchKind string

// Kinds of stretches. In the first four people speak.
const (
	Talking    StretchKind = "talk"
	Conference StretchKind = "conference" // an agent and who was called in
	Outside    StretchKind = "outside"    // a number outside
	Message    StretchKind = "message"    // the caller alone, at voicemail
	Waiting    StretchKind = "waiting"    // greeting, music, announcements, menus
	OnHold     StretchKind = "hold"       // music, also while the agent consults
	Afterwards StretchKind = "after"      // survey and farewell
)

// spoken: both sides are people.
func (k StretchKind) spoken() bool { return k == Talking || k == Conference || k == Outside }

// Moment is something that happened at a moment of a recording.
type Moment struct {
	At time.Duration
	// Length is how long what begins here lasts, where nothing is heard of it.
	Length time.Duration
	Kind   string        // the event's type, or one of its outcomes
	Agent  queue.AgentID // who did it, or to whom it happened
	To     string        // agent or queue that it leads to
	// Number is one outside that it leads to.
	Number string
	// By is who released the call, what answered the line, or why card data ended.
	By string
}

// Marks tells what happened when in a recording that began at a time and has a
// length. Times on record may be later than what they tell by what an event
// takes to be heard; see docs/recordings.md.
func Marks(began time.Time, length time.Duration, s Story) Timeline {
	t := teller{began: began, out: Timeline{Length: length}, kind: Waiting}
	for _, r := range s.Records {
		t.tell(t.at(r.At), r.Event)
	}
	t.turn(length, Afterwards, "")
	t.cut(length, &t.muted, &t.out.Muted)
	t.cut(length, &t.private, &t.out.Private)
	t.cut(length, &t.stopped, &t.out.Stopped)
	for i := range t.out.Marks {
		m := &t.out.Marks[i]
		for _, p := range t.out.Private {
			if m.Kind == "RecordingMuted" && m.At == p.From {
				m.Length = p.To - p.From
			}
		}
	}
	for _, p := range s.Parts {
		part := AgentPart{Agent: p.Agent, N: p.N, From: t.at(p.From), To: t.at(p.To), End: p.End}
		if part.From = max(part.From, 0); part.From < min(part.To, length) {
			part.To = min(part.To, length)
			t.out.Parts = append(t.out.Parts, part)
		}
	}
	slices.SortStableFunc(t.out.Parts, func(a, b AgentPart) int { return cmp.Or(cmp.Compare(a.From, b.From), a.N-b.N) })
	return t.out
}

// teller walks through the records of a call.
type teller struct {
	began          time.Time
	out            Timeline
	from           time.Duration // since when it is so
	kind           StretchKind
	agent          queue.AgentID // who has the call
	consult        consulted
	muted, private *Stretch
	stopped        *Stretch
}

// consulted is who was called into a conversation.
type consulted struct {
	agent    queue.AgentID
	number   string
	answered bool
}

func (t *teller) at(when time.Time) time.Duration { return when.Sub(t.began) }

// turn ends a stretch; another begins.
func (t *teller) turn(at time.Duration, kind StretchKind, agent queue.AgentID) {
	at = min(max(at, t.from), t.out.Length)
	if at > t.from {
		t.out.Stretches = append(t.out.Stretches, Stretch{t.from, at, t.kind, t.agent})
	}
	t.from, t.kind, t.agent = at, kind, agent
}

func (t *teller) mark(at time.Duration, m Moment) {
	if m.At = at; at >= 0 && at <= t.out.Length+time.Second {
		m.At = min(at, t.out.Length)
		t.out.Marks = append(t.out.Marks, m)
	}
}

// cut ends a stretch of another kind, if there is one.
func (t *teller) cut(at time.Duration, open **Stretch, to *[]Stretch) {
	if *open == nil {
		return
	}
	if (*open).To = min(at, t.out.Length); (*open).To > (*open).From {
		*to = append(*to, **open)
	}
	*open = nil
}

func (t *teller) tell(at time.Duration, event queue.Event) {
	kind := queue.TypeOf(event)
	switch e := event.(type) {
	case queue.LineAnswered:
		t.mark(at, Moment{Kind: kind, By: string(e.By)})
	case queue.CallConnected:
		t.turn(at, Talking, e.Agent)
		t.mark(at, Moment{Kind: kind, Agent: e.Agent})
	case queue.CallHeld:
		t.turn(at, OnHold, t.agent)
		t.mark(at, Moment{Kind: kind, Agent: t.agent})
	case queue.CallRetrieved:
		t.turn(at, Talking, t.agent)
		t.mark(at, Moment{Kind: kind, Agent: t.agent})
	case queue.AgentMuted:
		if t.cut(at, &t.muted, &t.out.Muted); e.On {
			t.muted = &Stretch{From: max(at, 0), Kind: t.kind, Agent: e.Agent}
		}
		if kind = "AgentMuted"; !e.On {
			kind = "AgentUnmuted"
		}
		t.mark(at, Moment{Kind: kind, Agent: e.Agent})
	case queue.RecordingMuted:
		t.cut(at, &t.private, &t.out.Private)
		t.private = &Stretch{From: max(at, 0), Kind: t.kind, Agent: e.Agent}
		t.mark(at, Moment{Kind: kind, Agent: e.Agent})
	case queue.RecordingUnmuted:
		t.cut(at, &t.private, &t.out.Private)
		t.mark(at, Moment{Kind: kind, Agent: e.Agent, By: string(e.Why)})
	case queue.RecordingMuteFailed:
		if !e.On && t.stopped == nil {
			t.stopped = &Stretch{From: max(at, 0), Kind: t.kind}
		}
		t.mark(at, Moment{Kind: kind, Agent: e.Agent})
	case queue.RecordingMuteTook:
		if !e.On {
			t.cut(at, &t.stopped, &t.out.Stopped)
		}
	case queue.CallTransferred:
		t.mark(at, Moment{Kind: kind, Agent: e.Agent, To: cmp.Or(string(e.Target.Agent), string(e.Target.Queue)), Number: e.Target.Number})
		t.waits(at)
	case queue.AgentLost:
		t.mark(at, Moment{Kind: kind, Agent: e.Agent})
		t.waits(at)
	case queue.OutsideDialled:
		t.mark(at, Moment{Kind: kind, Number: e.Number})
	case queue.OutsideAnswered:
		t.turn(at, Outside, "")
		t.mark(at, Moment{Kind: kind})
	case queue.OutsideFailed:
		t.turn(at, Waiting, "")
		t.mark(at, Moment{Kind: kind})
	case queue.MessageBegan:
		t.turn(at, Message, "")
		t.mark(at, Moment{Kind: kind})
	case queue.SurveyBegan:
		t.mark(at, Moment{Kind: kind})
		t.over(at)
	case queue.CallCompleted:
		t.released(at, e.Agent, e.Release)
	case queue.CallClosed:
		t.released(at, "", e.Release)
	case queue.VoicemailLeft:
		t.over(at)
	default:
		t.tellConsult(at, event)
	}
}

func (t *teller) tellConsult(at time.Duration, event queue.Event) {
	kind := queue.TypeOf(event)
	switch e := event.(type) {
	case queue.ConsultBegan:
		t.consult = consulted{agent: e.Agent, number: e.Number}
		t.mark(at, Moment{Kind: kind, Agent: e.By, To: string(t.consult.agent), Number: t.consult.number})
	case queue.ConsultAnswered:
		t.consult.answered = true
		t.mark(at, Moment{Kind: kind, Agent: t.agent, To: string(t.consult.agent), Number: t.consult.number})
	case queue.ConsultMoved:
		switch e.To {
		case queue.ConsultAll:
			t.turn(at, Conference, t.agent)
		case queue.ConsultCustomer:
			t.turn(at, Talking, t.agent)
		case queue.ConsultPrivate:
			t.turn(at, OnHold, t.agent)
		}
		t.mark(at, Moment{Kind: kind + ":" + string(e.To), Agent: t.agent, To: string(t.consult.agent), Number: t.consult.number})
	case queue.ConsultEnded:
		if t.kind == Conference {
			t.turn(at, Talking, t.agent)
		}
		t.mark(at, Moment{Kind: kind, Agent: t.agent, To: string(t.consult.agent), Number: t.consult.number})
		t.consult = consulted{}
	case queue.ConsultTook:
		t.mark(at, Moment{Kind: kind, Agent: e.Agent, To: string(t.consult.agent), Number: t.consult.number})
		switch took := t.consult; {
		case !took.answered:
			t.waits(at)
		case took.agent != "":
			t.waits(at)
			t.turn(at, Talking, took.agent)
		default:
			t.waits(at)
			t.turn(at, Outside, "")
		}
		t.consult = consulted{}
	}
}

// waits: the agent is out of the call, and the caller waits.
func (t *teller) waits(at time.Duration) {
	t.turn(at, Waiting, "")
	t.cut(at, &t.muted, &t.out.Muted)
}

func (t *teller) released(at time.Duration, agent queue.AgentID, by queue.Release) {
	t.mark(at, Moment{Kind: "Released", Agent: agent, By: string(by)})
	t.over(at)
}

func (t *teller) over(at time.Duration) {
	t.turn(at, Afterwards, "")
	t.cut(at, &t.muted, &t.out.Muted)
	t.cut(at, &t.private, &t.out.Private)
}
