package recording

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// A conversation that Asterisk's death cut off ended when Asterisk was heard
// last, not when it was back; what its last block lacks is said to be at the end.
func TestCutOffWithTheSwitch(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := queue.Call{LineAnsweredAt: at, AcceptedAt: at, SpokeAt: at.Add(2 * time.Second), CutAt: at.Add(12 * time.Second), EndedAt: at.Add(time.Minute),
		Release: queue.ReleaseSystem, Cause: queue.CauseSwitchLost}
	if span(c) != 12*time.Second || talk(c) != 10*time.Second {
		t.Errorf("span %s, talk %s; want 12 s and 10 s", span(c), talk(c))
	}
	heard := Coverage{Caller: Channel{Sounding: 10 * time.Second}, Agent: Channel{Sounding: 10 * time.Second}}
	for length, want := range map[time.Duration]string{
		12 * time.Second:         "",
		11800 * time.Millisecond: "",
		11 * time.Second:         "the last 1.0 s were not written",
		time.Second:              "the last 10.0 s were not written",
	} {
		if from := talkOffset(c, length); from != min(2*time.Second, length) {
			t.Errorf("%s of audio: the talk begins at %s", length, from)
		}
		state, why := judge(wanting(c, length, heard))
		if (state == Kept) != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s of audio: %s, %q; want %q", length, state, why, want)
		}
	}
}

// When a call ended while nobody looked, its end on record is when it was
// missed. The file knows better: it is whole, however short.
func TestEndThatWasSeenLate(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c := queue.Call{LineAnsweredAt: at, AcceptedAt: at, SpokeAt: at.Add(2 * time.Second), EndedAt: at.Add(12 * time.Second),
		Release: queue.ReleaseCaller, Cause: queue.CauseGone}
	heard := Coverage{Caller: Channel{Sounding: 3 * time.Second}, Agent: Channel{Sounding: 3 * time.Second}}
	for _, length := range []time.Duration{12 * time.Second, 11 * time.Second, 5 * time.Second} {
		if state, why := judge(wanting(c, length, heard)); state != Kept {
			t.Errorf("%s of audio: %s, %q; want it kept", length, state, why)
		}
		if from := talkOffset(c, length); from != 2*time.Second {
			t.Errorf("%s of audio: the talk begins at %s, want 2 s", length, from)
		}
	}
	if state, _ := judge(wanting(c, time.Second, heard)); state != Incomplete {
		t.Errorf("a file that ends before anybody spoke is %s", state)
	}
	c.Cause = queue.CauseNormal
	if state, _ := judge(wanting(c, 11*time.Second, heard)); state != Incomplete {
		t.Errorf("a second is missing of a call whose end was seen, and it is %s", state)
	}
}

// An agent had answered, nobody saw that both were connected, and when somebody
// looked again it was over: they may have talked all the while.
func TestConversationThatNobodySawIsKept(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.7", time.Second, 30*time.Second)
	c.SpokeAt, c.Talk, c.Release, c.Cause = time.Time{}, 0, queue.ReleaseSystem, queue.CauseGone
	b.index.calls[c.ID] = c
	b.write(c.ID, tones(10*time.Second, 440, 880))
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := b.index.rows[c.ID]; r.State != Kept || r.Path == "" || r.TalkOffset != time.Second {
		t.Errorf("the row is %+v; want it kept, with the talk from 1 s on", r)
	}
	c.Cause = queue.CauseNormal // its end was seen, and there was no conversation
	if _, err := b.Keep(t.Context(), c); !errors.Is(err, ErrNoConversation) {
		t.Errorf("a call whose agent was never connected: %v", err)
	}
}

// The events of a frozen process, or behind a slow line, come late: the file
// ends when the call did.
func TestEndThatWasHeardLate(t *testing.T) {
	b := newBench(t)
	b.Late = func(id queue.CallID) time.Duration {
		return map[queue.CallID]time.Duration{"a1-1.8": 6 * time.Second, "a1-1.9": time.Hour}[id]
	}
	for id, want := range map[queue.CallID]State{"a1-1.8": Kept, "a1-1.9": Incomplete, "a1-1.10": Incomplete} {
		c := answered(id, time.Second, 30*time.Second)
		b.index.calls[id] = c
		b.write(id, tones(25*time.Second, 440, 880)) // a second of waiting, 24 of conversation
		r, err := b.Keep(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if r.State != want {
			t.Errorf("%s: %s (%s), want %s", id, r.State, r.Reason, want)
		}
		if id == "a1-1.8" && (r.TalkOffset != time.Second || r.Talk != 24*time.Second) {
			t.Errorf("%s: %s of talk from %s on, want 24 s from 1 s on", id, r.Talk, r.TalkOffset)
		}
	}
}

// The end on record was too late: the recording tells when it was, or the
// switch's time stamp does. One that is right is told to nobody.
func TestTrueEndIsTold(t *testing.T) {
	b := newBench(t)
	told := map[queue.CallID]time.Time{}
	b.Ended = func(_ context.Context, id queue.CallID, end time.Time) { told[id] = end }
	b.Late = func(id queue.CallID) time.Duration {
		if id == "a1-1.2" {
			return 3 * time.Second
		}
		return 0
	}
	gone, late, right := answered("a1-1.1", time.Second, 30*time.Second), answered("a1-1.2", time.Second, 30*time.Second), answered("a1-1.3", time.Second, 30*time.Second)
	gone.Cause = queue.CauseGone
	b.index.put(gone, late, right)
	b.write(gone.ID, tones(10*time.Second, 440, 880))
	b.write(late.ID, tones(28*time.Second, 440, 880))
	b.write(right.ID, tones(31*time.Second, 440, 880))
	if err := b.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[queue.CallID]time.Time{gone.ID: answeredAt(gone).Add(10 * time.Second), late.ID: late.EndedAt.Add(-3 * time.Second)}
	for id, end := range want {
		if !told[id].Equal(end) {
			t.Errorf("call %s ended at %v, told was %v", id, end, told[id])
		}
	}
	if len(told) != len(want) {
		t.Errorf("told of %v, want %v alone", told, want)
	}
}
