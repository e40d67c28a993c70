package recording

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// tell lets a bench's keeper know the story of every call.
func (b *bench) tell(events ...any) {
	began := map[queue.CallID]time.Time{}
	b.Story = func(_ context.Context, id queue.CallID) (Story, error) {
		if c, ok := b.index.calls[id]; ok {
			began[id] = answeredAt(c)
		}
		return Story{Records: told(began[id], events...)}, nil
	}
}

// injected is a call of a minute in which both speak, with a fault.
func injected(fault func(s *scene)) *scene {
	s := newScene(60)
	s.noise(s.left, 0, 60, -62)
	s.noise(s.right, 0, 20, -22) // music
	s.noise(s.right, 20, 40, -58)
	s.noise(s.right, 40, 45, -22) // music on hold
	s.noise(s.right, 45, 60, -58)
	s.speak(s.right, -20, burst{21, 27}, burst{46, 50})
	s.speak(s.left, -22, burst{28, 34}, burst{51, 57})
	fault(s)
	return s
}

// Faults put into a recording of a minute are each found and named, where they
// are; what is on record explains silence, and then it is none.
func TestFaultsAreFound(t *testing.T) {
	silence := func(side func(*scene) []int16, from, to float64) func(*scene) {
		return func(s *scene) { clear(side(s)[int(from*rate):int(to*rate)]) }
	}
	left, right := func(s *scene) []int16 { return s.left }, func(s *scene) []int16 { return s.right }
	for name, x := range map[string]struct {
		fault func(*scene)
		more  []any // on record
		want  []Gap
	}{
		"nothing":             {fault: func(*scene) {}},
		"caller's line dead":  {fault: silence(left, 30, 31.5), want: []Gap{{Left, sec(30), sec(1.5), GapSilence, "the caller's line"}}},
		"agent's side dead":   {fault: silence(right, 47, 47.6), want: []Gap{{Right, sec(47), sec(0.6), GapSilence, "the agent's side"}}},
		"short":               {fault: silence(left, 30, 30.4)},
		"before they spoke":   {fault: silence(right, 3, 9)},
		"on hold, no music":   {fault: silence(right, 40, 45)},
		"agent's switch":      {fault: silence(right, 50, 52), more: []any{50.0, queue.AgentMuted{Agent: "a", On: true}, 52.0, queue.AgentMuted{Agent: "a"}}},
		"caller in that time": {fault: silence(left, 50, 52), more: []any{50.0, queue.AgentMuted{Agent: "a", On: true}, 52.0, queue.AgentMuted{Agent: "a"}}, want: []Gap{{Left, sec(50), sec(2), GapSilence, "the caller's line"}}},
		"twice": {fault: func(s *scene) { clear(s.left[30*rate : 31*rate]); clear(s.left[52*rate : 53*rate]) },
			want: []Gap{{Left, sec(30), sec(1), GapSilence, ""}, {Left, sec(52), sec(1), GapSilence, ""}}},
		"a phone that sends nothing while nobody speaks": {fault: func(s *scene) {
			for _, b := range []burst{{20, 28}, {34, 40}, {45, 51}, {57, 60}} {
				clear(s.left[int(b.from*rate):int(b.to*rate)])
			}
		}},
		"cut":                     {fault: func(s *scene) { s.left, s.right = s.left[:50*rate], s.right[:50*rate] }, want: []Gap{{Both, 0, sec(10), GapSomewhere, "10.0 s of the 60.0 s"}}},
		"cut off with the switch": {fault: func(s *scene) { s.left, s.right = s.left[:30*rate], s.right[:30*rate] }, want: []Gap{{Both, sec(30), sec(10), GapCut, "30.0 s of 40.0 s"}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c := answered("a1-1.1", sec(20), sec(40))
			c.Agent = "a"
			b.index.put(c)
			b.tell(append([]any{0.0, queue.LineAnswered{}, 20.0, queue.CallConnected{Agent: "a"}, 40.0, queue.CallHeld{}, 45.0, queue.CallRetrieved{}, 60.0, queue.CallCompleted{}}, x.more...)...)
			b.write(c.ID, injected(x.fault).raw())
			b.mustKeep(c)
			got := b.index.proofs[c.ID].Gaps
			if name == "cut" || name == "cut off with the switch" {
				got = slices.DeleteFunc(slices.Clone(got), func(g Gap) bool { return g.Reason == GapSilence }) // the records are of other times then
			}
			if len(got) != len(x.want) {
				t.Fatalf("found %+v, want %+v", got, x.want)
			}
			for i, want := range x.want {
				g := got[i]
				if g.Side != want.Side || g.Reason != want.Reason || !strings.Contains(g.Detail, want.Detail) || !near(g.At, want.At, pieceTime) || !near(g.Length, want.Length, pieceTime) {
					t.Errorf("found %+v, want %+v", g, want)
				}
			}
		})
	}
}

// What was said while card data was spoken is in nothing that is kept, whatever
// the switch recorded, and no gap.
func TestCardDataIsNotKept(t *testing.T) {
	b := newBench(t)
	c := answered("a1-1.1", sec(20), sec(40))
	b.index.put(c)
	b.tell(0.0, queue.LineAnswered{}, 20.0, queue.CallConnected{Agent: "a"}, 30.0, queue.RecordingMuted{Agent: "a"}, 35.0, queue.RecordingUnmuted{Agent: "a", Why: queue.MuteEndedByAgent}, 60.0, queue.CallCompleted{})
	b.write(c.ID, tones(60*time.Second, 440, 700))
	r := b.mustKeep(c)
	data := b.played(c.ID)[headerSize:]
	for i := 0; i+frameBytes <= len(data); i += frameBytes {
		at := lengthOf(int64(i))
		silent := data[i] == 0 && data[i+1] == 0 && data[i+2] == 0 && data[i+3] == 0
		if inside := at >= sec(30)-muteMargin && at < sec(35)+muteMargin; inside && !silent {
			t.Fatalf("at %s something is heard", at)
		}
	}
	if quiet := b.index.proofs[c.ID]; len(quiet.Gaps) != 0 || r.State != Kept {
		t.Errorf("%s %q, gaps %+v; want it kept", r.State, r.Reason, quiet.Gaps)
	}
	at := func(s float64) int { return headerSize + int(s*secondSize) }
	for _, s := range []float64{29.6, 35.4} {
		if loud := tone(samples(b.played(c.ID)[at(s):at(s+0.1)]), 440); loud < 6900 {
			t.Errorf("at %.1f s the caller is at %.0f, want 7000", s, loud)
		}
	}
}

// samples are those of the left channel.
func samples(p []byte) (left []int16) {
	for i := 0; i+frameBytes <= len(p); i += frameBytes {
		left = append(left, int16(uint16(p[i])|uint16(p[i+1])<<8))
	}
	return left
}

// Three clocks tell how long a file should be. Where two agree the file is
// whole, and which one was set is said; where the file alone is short, it lacks
// something, to the packet.
func TestClocks(t *testing.T) {
	for name, x := range map[string]struct {
		ledger, bySwitch, file float64
		reason                 GapReason
		length                 float64
		state                  State
	}{
		"all agree":                        {60, 60.01, 59.98, "", 0, Kept},
		"begins with the first packet":     {60, 60.01, 59.89, "", 0, Kept},
		"packets lost":                     {60, 60.01, 59.77, GapSomewhere, 0.24, Kept},
		"a second lost":                    {60, 60.01, 58.97, GapSomewhere, 1.03, Incomplete},
		"the switch's clock was set ahead": {60, 3660, 59.98, GapClock, 3600, Kept},
		"the ledger's was":                 {3660, 60, 59.98, GapClock, 3600, Kept},
		"it was, and the file is cut":      {3660, 60, 40, GapCut, 3600, Incomplete},
		"no stamps":                        {60, 0, 59.7, "", 0, Kept},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c := answered("a1-1.1", sec(20), sec(x.ledger-20))
			for _, at := range []*time.Time{&c.ArrivedAt, &c.LineAnsweredAt, &c.AcceptedAt, &c.SpokeAt, &c.EndedAt} {
				*at = at.Add(-time.Hour) // over for long, whatever the ledger says
			}
			b.Stamped = func(queue.LegID) (up, ended time.Time) {
				if x.bySwitch == 0 {
					return time.Time{}, time.Time{}
				}
				return answeredAt(c), answeredAt(c).Add(sec(x.bySwitch))
			}
			b.index.put(c)
			b.write(c.ID, tones(sec(x.file), 440, 700))
			r := b.mustKeep(c)
			p := b.index.proofs[c.ID]
			if r.State != x.state || p.Coverage.Switch != sec(x.bySwitch) {
				t.Errorf("%s %q, by the switch %s", r.State, r.Reason, p.Coverage.Switch)
			}
			switch {
			case x.reason == "":
				if len(p.Gaps) != 0 {
					t.Errorf("found %+v", p.Gaps)
				}
			case len(p.Gaps) != 1 || p.Gaps[0].Reason != x.reason || !near(p.Gaps[0].Length, sec(x.length), pieceTime):
				t.Errorf("found %+v, want %s of %.2f s", p.Gaps, x.reason, x.length)
			}
		})
	}
}

// Exchanged channels are found by the line that changes when another speaks.
func TestSwapIsFound(t *testing.T) {
	story := []any{0.0, queue.LineAnswered{}, 20.0, queue.CallConnected{Agent: "a"}, 40.0, queue.CallHeld{}, 45.0, queue.CallRetrieved{}, 60.0, queue.CallCompleted{}}
	for name, x := range map[string]struct {
		fault func(*scene)
		sides Sides
	}{
		"as it should be": {func(*scene) {}, SidesRight},
		"exchanged":       {func(s *scene) { s.left, s.right = s.right, s.left }, SidesSwapped},
		"no music":        {func(s *scene) { clear(s.right[:20*rate]); clear(s.right[40*rate : 45*rate]) }, SidesRight},
		"exchanged, and no music": {func(s *scene) {
			clear(s.right[:20*rate])
			clear(s.right[40*rate : 45*rate])
			s.left, s.right = s.right, s.left
		}, SidesSwapped},
		"the same noise everywhere": {func(s *scene) {
			clear(s.left)
			clear(s.right)
			s.noise(s.left, 0, 60, -50)
			s.noise(s.right, 0, 60, -50)
		}, SidesUnknown},
	} {
		b := newBench(t)
		c := answered("a1-1.1", sec(20), sec(40))
		b.index.put(c)
		b.tell(story...)
		b.write(c.ID, injected(x.fault).raw())
		r := b.mustKeep(c)
		p := b.index.proofs[c.ID]
		named := slices.ContainsFunc(p.Gaps, func(g Gap) bool { return g.Reason == GapSwapped })
		if p.Coverage.Sides != x.sides || named != (x.sides == SidesSwapped) || (r.State == Incomplete) != named {
			t.Errorf("%s: sides %s, %s %q, gaps %+v", name, p.Coverage.Sides, r.State, r.Reason, p.Gaps)
		}
	}
}

// An agent of whom nothing is in the file, not even the noise of their line, is
// no quiet agent: Asterisk wrote silence from a transfer on, and the recording
// of that part is worthless.
func TestAnAgentWhoIsNotInTheFile(t *testing.T) {
	for name, x := range map[string]struct {
		silent float64 // from here on the right channel is digitally silent
		want   string
	}{
		"both are there": {60, ""},
		"the second":     {45, "agent b is not heard (right channel is silent) for 14.0 s"},
		"a bit of it":    {59, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c := answered("a1-1.1", sec(20), sec(40))
			c.Agent = "b"
			b.index.put(c)
			b.tell(0.0, queue.LineAnswered{}, 20.0, queue.CallConnected{Agent: "a"}, 40.0, queue.CallTransferred{Agent: "a"}, 45.0, queue.CallConnected{Agent: "b"}, 60.0, queue.CallCompleted{})
			b.write(c.ID, injected(func(s *scene) { clear(s.right[int(x.silent*rate):]) }).raw())
			r := b.mustKeep(c)
			if (x.want == "") != (r.State == Kept) || !strings.Contains(r.Reason, x.want) {
				t.Errorf("%s: %q, gaps %+v; want %q", r.State, r.Reason, b.index.proofs[c.ID].Gaps, x.want)
			}
		})
	}
}
