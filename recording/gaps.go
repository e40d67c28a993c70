package recording

import (
	"fmt"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	// deadLine is how long a line may be digitally silent that never is
	// otherwise, and settleTime how long it may be so after a change of who is
	// connected, while packets begin to come.
	deadLine   = 500 * time.Millisecond
	settleTime = time.Second
	// exact is how much shorter a file may be than the time from answer to
	// hang-up by the switch's clock: it begins with the first packet or sound,
	// up to 120 ms after the answer, as was measured (docs/proof.md).
	exact = 150 * time.Millisecond
	// gatedLine is the same of a line that is digitally silent when nobody
	// speaks: its phone sends nothing then, or is muted.
	gatedLine = 30 * time.Second
	// gatedShare of digital silence beside the longest one makes a line a gated one.
	gatedShare = 0.1
)

// judge says whether anything is not in the file, and what.
func judge(found []Gap) (State, string) {
	for _, g := range found {
		if g.lacks() {
			return Incomplete, g.Detail
		}
	}
	return Kept, ""
}

// lacks: a recording with this gap is not whole. What is listed, and does not
// make it incomplete, is less than half a second of lost packets, a clock that
// was set, and a line that was dead: that was so for who spoke as well.
func (g Gap) lacks() bool {
	switch g.Reason {
	case GapSilence, GapClock:
		return false
	case GapSomewhere:
		return g.Length > tolerance
	}
	return true
}

// wanting says what is not in a file as a whole: its end, or one of the two.
func wanting(c queue.Call, length time.Duration, cov Coverage) (found []Gap) {
	whole, talked := span(c), talk(c)
	short := whole - length
	add := func(side Side, from, length time.Duration, reason GapReason, format string, args ...any) {
		found = append(found, Gap{side, from, length, reason, fmt.Sprintf(format, args...)})
	}
	bySwitch := cov.Switch
	switch {
	case short > allowed(whole) && !c.CutAt.IsZero():
		// It writes in blocks, so this is at the end (facts 3.8).
		add(Both, length, min(short, talked), GapSwitchDied, "Asterisk died in the conversation: of %s the last %s were not written", seconds(talked), seconds(min(short, talked)))
	case seenLate(c) && length > c.SpokeAt.Sub(answeredAt(c)): // shorter than on record, for the end on record is too late
	case bySwitch > 0 && (bySwitch-whole).Abs() > allowed(whole) && ((bySwitch-length).Abs() <= allowed(whole) || short.Abs() <= allowed(whole)):
		// Two of three clocks agree, so the file is whole.
		add(Both, 0, (bySwitch - whole).Abs(), GapClock, "a clock was set: the call lasted %s on record and %s by the switch's clock; the file has %s", seconds(whole), seconds(bySwitch), seconds(length))
	case short > allowed(whole) && length < talked:
		add(Both, length, talked-length, GapCut, "the file has %s of %s of conversation", seconds(length), seconds(talked))
	case short > allowed(whole):
		add(Both, 0, short, GapSomewhere, "%s of the %s between answer and hang-up are not in the file; whether before or in the conversation is not known", seconds(short), seconds(whole))
	case bySwitch > 0 && c.CutAt.IsZero() && bySwitch-length > exact+bySwitch/clockShare:
		add(Both, 0, bySwitch-length, GapSomewhere, "%d ms of the %s between answer and hang-up are not in the file, by the switch's own clock: packets that it had no time for", (bySwitch - length).Milliseconds(), seconds(bySwitch))
	}
	if len(found) > 0 && found[0].lacks() {
		return found
	}
	from := talkOffset(c, length)
	if c.Outcome == queue.OutcomeVoicemail {
		if cov.Caller.Sounding < tolerance {
			add(Left, from, talked, GapUnheard, "nobody is heard in the message")
		}
		return found
	}
	unheard := func(ch Channel) bool { return ch.Sounding < tolerance }
	switch {
	case unheard(cov.Caller) && unheard(cov.Agent):
		if talked > oneSided {
			add(Both, from, talked, GapUnheard, "nobody is heard in %s of conversation", seconds(talked))
		}
	case unheard(cov.Caller) && cov.Agent.Sounding > oneSided:
		add(Left, from, talked, GapUnheard, "the caller is not heard (left channel is silent) while the agent is for %s", seconds(cov.Agent.Sounding))
	case unheard(cov.Agent) && cov.Caller.Sounding > oneSided:
		add(Right, from, talked, GapUnheard, "the agent is not heard (right channel is silent) while the caller is for %s", seconds(cov.Caller.Sounding))
	}
	return found
}

// leastPart is how much of an agent's part must be there to say that they were
// never heard in it.
const leastPart = 2 * time.Second

// unheardParts finds agents of whom nothing at all is in the file, not even the
// noise of their line, although others are in it. Asterisk can lose the house's
// side from one transfer on (facts of docs/asterisk.md, 3.11).
func unheardParts(right []level, t Timeline) (found []Gap) {
	explained := slices.Concat(t.Private, t.Stopped, t.Muted)
	type part struct {
		from, to, all time.Duration
		heard         bool
	}
	parts, agents := map[queue.AgentID]*part{}, []queue.AgentID{}
	for _, s := range t.Stretches {
		if !s.Kind.spoken() || s.Agent == "" || slices.ContainsFunc(explained, s.overlaps) {
			continue
		}
		p := parts[s.Agent]
		if p == nil {
			p = &part{from: s.From}
			parts[s.Agent], agents = p, append(agents, s.Agent)
		}
		list := between(right, s.From+settleTime, s.To)
		p.to, p.all = s.To, p.all+time.Duration(len(list))*pieceTime
		p.heard = p.heard || slices.ContainsFunc(list, func(l level) bool { return !l.silent() })
	}
	if len(agents) < 2 {
		return nil // of one agent the whole conversation tells
	}
	for _, a := range agents {
		if p := parts[a]; !p.heard && p.all >= leastPart {
			found = append(found, Gap{Right, p.from, p.to - p.from, GapUnheard, fmt.Sprintf("agent %s is not heard (right channel is silent) for %s while connected", a, seconds(p.all))})
		}
	}
	return found
}

// silences finds digital silence on a channel while people are connected and
// nothing on record explains it.
func silences(side Side, pieces []level, t Timeline) (found []Gap) {
	explained := slices.Concat(t.Private, t.Stopped)
	if side == Right {
		explained = append(explained, t.Muted...)
	}
	var runs []Stretch
	var all, silent, longest time.Duration
	for _, s := range t.Stretches {
		if !s.Kind.spoken() && s.Kind != Message {
			continue
		}
		if side == Right && s.Kind == Message {
			continue
		}
		from := s.From + settleTime
		list := between(pieces, from, s.To)
		from = from / pieceTime * pieceTime
		all += time.Duration(len(list)) * pieceTime
		for i := 0; i < len(list); {
			end := i
			for end < len(list) && list[end].silent() {
				end++
			}
			run := Stretch{From: from + time.Duration(i)*pieceTime, To: from + time.Duration(end)*pieceTime, Agent: s.Agent}
			length := run.To - run.From
			silent, longest = silent+length, max(longest, length)
			if length >= deadLine && !slices.ContainsFunc(explained, run.overlaps) {
				runs = append(runs, run)
			}
			i = end + 1 // what ended it is heard
		}
	}
	limit := deadLine
	if float64(silent-longest) > gatedShare*float64(all) {
		limit = gatedLine
	}
	who := "the caller's line"
	if side == Right {
		who = "the agent's side"
	}
	for _, run := range runs {
		if length := run.To - run.From; length >= limit {
			found = append(found, Gap{side, run.From, length, GapSilence, fmt.Sprintf("%s is digitally silent for %s while both are connected; nothing on record explains it", who, seconds(length))})
		}
	}
	return found
}

func (s Stretch) overlaps(o Stretch) bool {
	return s.From < o.To+settleTime && o.From < s.To+settleTime
}
