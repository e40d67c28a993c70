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
	// gatedLine is the same of a line that is digitally silent when nobody
	// speaks: its phone sends nothing then, or is muted.
	gatedLine = 30 * time.Second
	// gatedShare of digital silence beside the longest one makes a line a gated one.
	gatedShare = 0.1
)

// judge says whether anything is not in the file, and what.
func judge(c queue.Call, length time.Duration, cov Coverage) (State, string) {
	if found := wanting(c, length, cov); len(found) > 0 {
		return Incomplete, found[0].Detail
	}
	return Kept, ""
}

// wanting says what is not in a file as a whole: its end, or one of the two.
func wanting(c queue.Call, length time.Duration, cov Coverage) (found []Gap) {
	whole, talked := span(c), talk(c)
	short := whole - length
	add := func(side Side, from, length time.Duration, reason GapReason, format string, args ...any) {
		found = append(found, Gap{side, from, length, reason, fmt.Sprintf(format, args...)})
	}
	switch {
	case short > allowed(whole) && !c.CutAt.IsZero():
		// It writes in blocks, so this is at the end (facts 3.8).
		add(Both, length, min(short, talked), GapSwitchDied, "Asterisk died in the conversation: of %s the last %s were not written", seconds(talked), seconds(min(short, talked)))
	case seenLate(c) && length > c.SpokeAt.Sub(answeredAt(c)): // shorter than on record, for the end on record is too late
	case short > allowed(whole) && length < talked:
		add(Both, length, talked-length, GapCut, "the file has %s of %s of conversation", seconds(length), seconds(talked))
	case short > allowed(whole):
		add(Both, 0, short, GapSomewhere, "%s of the %s between answer and hang-up are not in the file; whether before or in the conversation is not known", seconds(short), seconds(whole))
	}
	if len(found) > 0 {
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
