package recording

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

// told are events of a call at seconds from a recording's beginning.
func told(began time.Time, events ...any) (records []queue.Record) {
	var at time.Time
	for _, e := range events {
		switch e := e.(type) {
		case float64:
			at = began.Add(time.Duration(e * float64(time.Second)))
		case queue.Event:
			records = append(records, queue.Record{Seq: uint64(len(records) + 1), At: at, Event: e})
		}
	}
	return records
}

func sec(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// A call through hold, a consultation that becomes a conference, and two
// transfers: what the caller is connected with at each moment.
func TestMarks(t *testing.T) {
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	to := func(s float64) time.Time { return began.Add(sec(s)) }
	got := Marks(began, sec(60), Story{
		Records: told(began,
			-5.0, queue.CallQueued{Call: "c1"},
			0.0, queue.LineAnswered{Call: "c1", By: queue.AnsweredByGreeting},
			3.0, queue.CallConnected{Call: "c1", Agent: "a"},
			10.0, queue.CallHeld{Call: "c1"},
			12.0, queue.ConsultBegan{Call: "c1", By: "a", Agent: "b"},
			14.0, queue.ConsultAnswered{Call: "c1"},
			20.0, queue.ConsultMoved{Call: "c1", To: queue.ConsultAll},
			30.0, queue.ConsultTook{Call: "c1", Agent: "a"},
			32.0, queue.AgentMuted{Call: "c1", Agent: "b", On: true},
			35.0, queue.AgentMuted{Call: "c1", Agent: "b"},
			40.0, queue.CallTransferred{Call: "c1", Agent: "b", Target: queue.Target{Number: "123"}},
			40.0, queue.OutsideDialled{Call: "c1", Number: "123"},
			45.0, queue.OutsideAnswered{Call: "c1"},
			60.005, queue.CallClosed{Call: "c1", Release: queue.ReleaseCaller}),
		Parts: []queue.Part{{Agent: "a", N: 1, From: to(2.5), To: to(30), End: "transferred"}, {Agent: "b", N: 2, From: to(14), To: to(30), End: "consulted"},
			{Agent: "b", N: 3, From: to(30), To: to(40), End: "transferred"}},
	})
	want := Timeline{
		Length: sec(60),
		Parts:  []AgentPart{{"a", 1, sec(2.5), sec(30), "transferred"}, {"b", 2, sec(14), sec(30), "consulted"}, {"b", 3, sec(30), sec(40), "transferred"}},
		Stretches: []Stretch{{0, sec(3), Waiting, ""}, {sec(3), sec(10), Talking, "a"}, {sec(10), sec(20), OnHold, "a"}, {sec(20), sec(30), Conference, "a"},
			{sec(30), sec(40), Talking, "b"}, {sec(40), sec(45), Waiting, ""}, {sec(45), sec(60), Outside, ""}},
		Marks: []Moment{
			{0, 0, "LineAnswered", "", "", "", "greeting"}, {sec(3), 0, "CallConnected", "a", "", "", ""}, {sec(10), 0, "CallHeld", "a", "", "", ""}, {sec(12), 0, "ConsultBegan", "a", "b", "", ""},
			{sec(14), 0, "ConsultAnswered", "a", "b", "", ""}, {sec(20), 0, "ConsultMoved:all", "a", "b", "", ""}, {sec(30), 0, "ConsultTook", "a", "b", "", ""},
			{sec(32), 0, "AgentMuted", "b", "", "", ""}, {sec(35), 0, "AgentUnmuted", "b", "", "", ""}, {sec(40), 0, "CallTransferred", "b", "", "123", ""},
			{sec(40), 0, "OutsideDialled", "", "", "123", ""}, {sec(45), 0, "OutsideAnswered", "", "", "", ""}, {sec(60), 0, "Released", "", "", "", "caller"}},
		Muted: []Stretch{{sec(32), sec(35), Talking, "b"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Whatever is on record, the stretches cover the recording without holes.
func TestMarksOfAnything(t *testing.T) {
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, records := range map[string][]queue.Record{
		"nothing":           nil,
		"not in order":      told(began, 8.0, queue.CallConnected{Agent: "a"}, 3.0, queue.CallHeld{}, 5.0, queue.CallRetrieved{}),
		"outside the file":  told(began, -4.0, queue.CallConnected{Agent: "a"}, 99.0, queue.CallCompleted{}),
		"muted to the end":  told(began, 1.0, queue.CallConnected{Agent: "a"}, 2.0, queue.AgentMuted{Agent: "a", On: true}),
		"lost and found":    told(began, 1.0, queue.CallConnected{Agent: "a"}, 2.0, queue.AgentLost{Agent: "a"}, 4.0, queue.CallConnected{Agent: "b"}),
		"a consult of none": told(began, 1.0, queue.ConsultTook{Agent: "a"}, 2.0, queue.ConsultMoved{To: queue.ConsultPrivate}, 3.0, queue.ConsultEnded{}),
	} {
		got := Marks(began, sec(10), Story{Records: records})
		var at time.Duration
		for _, s := range got.Stretches {
			if s.From != at || s.To <= s.From {
				t.Errorf("%s: %+v follows %s", name, s, at)
			}
			at = s.To
		}
		if at != sec(10) {
			t.Errorf("%s: stretches end at %s", name, at)
		}
		for _, m := range got.Muted {
			if m.From < 0 || m.To > sec(10) || m.From >= m.To {
				t.Errorf("%s: muted %+v", name, m)
			}
		}
	}
}
