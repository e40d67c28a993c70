package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// FactKind sorts what a preview tells.
type FactKind string

// Kinds of fact.
const (
	FactCall       FactKind = "call"       // a call would leave its queue at once
	FactPlace      FactKind = "place"      // its place in line
	FactWayOut     FactKind = "way_out"    // when it overflows, and where to
	FactCandidates FactKind = "candidates" // who may take it
	FactOffered    FactKind = "offered"    // a phone would ring for it at once
	FactQueue      FactKind = "queue"      // a queue that vanishes
	FactAgent      FactKind = "agent"      // an agent who vanishes
	FactNumber     FactKind = "number"     // a number that leads elsewhere
)

// Fact is one thing that a new configuration changes for what is there now.
type Fact struct {
	Kind   FactKind `json:"kind"`
	Call   CallID   `json:"call,omitempty"`
	Queue  QueueID  `json:"queue,omitempty"` // where the call is now, or the one that vanishes
	Agent  AgentID  `json:"agent,omitempty"`
	Number string   `json:"number,omitempty"`
	Place  int      `json:"place,omitempty"`     // in line, from 1; zero: it does not wait in line
	Waited int64    `json:"waited_ms,omitempty"` // milliseconds since it took a place in a queue
	Text   string   `json:"text"`                // what changes, in English
}

// String is the fact in one line: "call c1 (support, place 2, waiting 0:41):
// would go to sales at once: max_wait".
func (f Fact) String() string {
	switch {
	case f.Call != "":
		where := []string{string(f.Queue)}
		if f.Place > 0 {
			where = append(where, fmt.Sprintf("place %d", f.Place))
		}
		where = append(where, "waiting "+clockText(time.Duration(f.Waited)*time.Millisecond))
		return fmt.Sprintf("call %s (%s): %s", f.Call, strings.Join(where, ", "), f.Text)
	case f.Agent != "":
		return fmt.Sprintf("agent %s: %s", f.Agent, f.Text)
	case f.Number != "":
		return fmt.Sprintf("number %s: %s", f.Number, f.Text)
	}
	return fmt.Sprintf("queue %s: %s", f.Queue, f.Text)
}

// Preview is what a configuration would do to the present.
type Preview struct {
	Refused string `json:"refused,omitempty"` // why it would not be taken; empty: it would
	Facts   []Fact `json:"facts"`
}

// PreviewOf tells what a configuration would change for the calls, agents and
// numbers of a checkpoint, if it were given at a time with the hours of its
// queues, as the loop tells them. It decides nothing itself: a copy takes the
// configuration, and is compared with one that does not.
func PreviewOf(checkpoint []byte, now time.Time, in Configure, hours []QueueHours) (Preview, error) {
	before, err := Restore(checkpoint)
	if err != nil {
		return Preview{}, err
	}
	before.Step(now, nil) // what is due by itself is no consequence
	settled, err := before.Checkpoint()
	if err != nil {
		return Preview{}, err
	}
	after, err := Restore(settled)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Facts: append(vanishing(before, &in.Config), numbers(before.cfg, &in.Config)...)}
	after.handle(in)
	if refused, ok := after.out.Records[0].Event.(Refused); ok {
		p.Refused = refused.Reason
		return p, nil
	}
	for _, c := range before.order {
		if d := after.calls[c.ID]; d != nil && c.noAnswerYet() {
			p.Facts = append(p.Facts, differences(before, after, c, d)...)
		}
	}
	seen := len(after.out.Records)
	after.overflowDue()
	after.match()
	records := after.out.Records[seen:]
	after.out = Output{}
	for _, h := range hours {
		records = append(records, after.Step(now, h).Records...)
	}
	p.Facts = append(p.Facts, atOnce(before, records)...)
	order := map[CallID]uint64{}
	for _, c := range before.order {
		order[c.ID] = c.Order
	}
	slices.SortStableFunc(p.Facts, func(x, y Fact) int { return int(order[x.Call]) - int(order[y.Call]) })
	return p, nil
}

// noAnswerYet: nobody has answered it yet.
func (c *Call) noAnswerYet() bool { return c.State == CallWaiting || c.State == CallOffered }

// about is a fact of a call as it is before.
func (a *ACD) about(kind FactKind, c *Call, format string, args ...any) Fact {
	return Fact{Kind: kind, Call: c.ID, Queue: c.Queue, Place: a.inLine(c), Waited: a.now.Sub(c.waitedSince()).Milliseconds(), Text: fmt.Sprintf(format, args...)}
}

// inLine is a call's place: how many calls go before a waiting one for agents of its queue, and
// one more.
func (a *ACD) inLine(c *Call) int {
	if c.State != CallWaiting || !a.callbackReady(c) {
		return 0
	}
	place := 1
	for _, x := range a.order {
		if x != c && x.State == CallWaiting && a.callbackReady(x) && a.precedes(x, c) && a.share(x.Queue, c.Queue) {
			place++
		}
	}
	return place
}

// share tells whether two queues have an agent in common, or are one.
func (a *ACD) share(x, y QueueID) bool {
	return x == y || slices.ContainsFunc(a.queues[x].serving, func(g *Agent) bool { return slices.Contains(a.queues[y].serving, g) })
}

// differences compares a call that has no answer yet before and after.
func differences(before, after *ACD, c, d *Call) (facts []Fact) {
	tell := func(kind FactKind, format string, args ...any) {
		facts = append(facts, before.about(kind, c, format, args...))
	}
	was, is := before.inLine(c), after.inLine(d)
	p, q := before.priority(c), after.priority(d)
	switch {
	case was != is && p != q:
		tell(FactPlace, "place %d -> %d (priority %d -> %d)", was, is, p, q)
	case was != is:
		tell(FactPlace, "place %d -> %d (priority of others, or whom they share)", was, is)
	case p != q:
		tell(FactPlace, "priority %d -> %d, the place stays", p, q)
	}
	at, _ := after.wayOut(d)
	if was, is := before.leaving(c), after.leaving(d); was != is && (at.IsZero() || at.After(after.now)) { // atOnce tells of the others
		tell(FactWayOut, "%s (now: %s)", is, was)
	}
	had, has := before.able(c), after.able(d)
	switch {
	case slices.Equal(had, has):
	case len(has) == 0:
		tell(FactCandidates, "nobody who is signed in would be able to take it%s", after.wanting(d))
	case len(had) == 0:
		tell(FactCandidates, "%s could take it (now: nobody who is signed in)", idList(has))
	default:
		tell(FactCandidates, "%s could take it (now: %s)", idList(has), idList(had))
	}
	return facts
}

// leaving says when a call overflows if nothing else happens, and where to.
func (a *ACD) leaving(c *Call) string {
	at, way := a.wayOut(c)
	if at.IsZero() {
		return "would wait on"
	}
	return fmt.Sprintf("would go %s in %s: %s", destination(way.target()), clockText(at.Sub(a.now)), way.Cause)
}

// able are the agents who are signed in and may be rung for a call when they
// are free.
func (a *ACD) able(c *Call) (ids []AgentID) {
	for _, g := range a.queues[c.Queue].serving {
		if g.State != LoggedOut && a.mayTake(c, g) {
			ids = append(ids, g.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// wanting is what a call asks of agents, in brackets.
func (a *ACD) wanting(c *Call) string {
	var wants []string
	for i := range a.queues[c.Queue].cfg.Routing.Skills {
		r := &a.queues[c.Queue].cfg.Routing.Skills[i]
		if level := r.level(a.now.Sub(c.waitedSince())); r.Required && level > 0 {
			wants = append(wants, fmt.Sprintf("skill %s %d", r.Skill, level))
		}
	}
	if len(wants) == 0 {
		return " (none of them serves the queue)"
	}
	return " (" + strings.Join(wants, ", ") + ")"
}

// atOnce is what the configuration would set going.
func atOnce(before *ACD, records []Record) (facts []Fact) {
	for _, r := range records {
		switch e := r.Event.(type) {
		case AnnouncementBegan:
			if c := before.calls[e.Call]; c != nil {
				facts = append(facts, before.about(FactCall, c, "would go %s at once: %s", destination(Target{Announcement: e.Sound}), e.Reason))
			}
		case VoicemailBegan:
			if c := before.calls[e.Call]; c != nil {
				facts = append(facts, before.about(FactCall, c, "would go %s at once: %s", destination(Target{Voicemail: e.Sound}), e.Reason))
			}
		case OutsideDialled:
			if c := before.calls[e.Call]; c != nil {
				facts = append(facts, before.about(FactCall, c, "would go %s at once: %s", destination(Target{Number: e.Number}), e.Reason))
			}
		case CallOverflowed:
			if c := before.calls[e.Call]; c != nil {
				facts = append(facts, before.about(FactCall, c, "would go %s at once: %s", destination(Target{Queue: e.To}), e.Reason))
			}
		case OfferMade:
			if c := before.calls[e.Call]; c != nil {
				f := before.about(FactOffered, c, "would ring at agent %s at once", e.Agent)
				f.Agent = e.Agent
				facts = append(facts, f)
			}
		}
	}
	return facts
}

// vanishing lists queues with calls and agents who are signed in that a
// configuration no longer has.
func vanishing(a *ACD, next *Config) (facts []Fact) {
	for _, l := range a.lines {
		if slices.ContainsFunc(next.Queues, func(q QueueConfig) bool { return q.ID == l.cfg.ID }) {
			continue
		}
		var calls []CallID
		for _, c := range a.order {
			if c.Queue == l.cfg.ID {
				calls = append(calls, c.ID)
			}
		}
		if len(calls) > 0 {
			facts = append(facts, Fact{Kind: FactQueue, Queue: l.cfg.ID, Text: "would vanish with its calls " + idList(calls)})
		}
	}
	for _, g := range a.staff {
		gone := !slices.ContainsFunc(next.Agents, func(n AgentConfig) bool { return n.ID == g.ID })
		switch {
		case !gone || g.State == LoggedOut:
		case g.Call != "":
			facts = append(facts, Fact{Kind: FactAgent, Agent: g.ID, Text: fmt.Sprintf("would vanish with call %s (%s)", g.Call, g.State)})
		default:
			facts = append(facts, Fact{Kind: FactAgent, Agent: g.ID, Text: fmt.Sprintf("would vanish (%s)", g.State)})
		}
	}
	return facts
}

// numbers lists the dialled numbers that lead elsewhere, or nowhere.
func numbers(old, next *Config) (facts []Fact) {
	for _, number := range sortedKeys(old.Numbers) {
		was, is := old.Numbers[number], next.Numbers[number]
		switch {
		case is == "":
			facts = append(facts, Fact{Kind: FactNumber, Number: number, Text: fmt.Sprintf("would lead nowhere (now: %s)", was)})
		case is != was:
			facts = append(facts, Fact{Kind: FactNumber, Number: number, Text: fmt.Sprintf("would lead to %s (now: %s)", is, was)})
		}
	}
	return facts
}

func destination(to Target) string {
	switch {
	case to == Target{}:
		return "out, with a busy answer,"
	case to.Queue != "":
		return "to " + string(to.Queue)
	}
	return "to " + to.String()
}

// clockText is a length of time as clocks count it: 0:41, 1:02:03.
func clockText(d time.Duration) string {
	s := int(max(d, 0).Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func idList[ID ~string](ids []ID) string {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = string(id)
	}
	return strings.Join(text, ", ")
}
