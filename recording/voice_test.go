package recording

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// burst is a stretch in which somebody makes a noise like speech.
type burst struct{ from, to float64 } // seconds

// scene is a recording in the making.
type scene struct {
	left, right []int16
	random      *rand.Rand
}

func newScene(length float64) *scene {
	return &scene{make([]int16, int(length*rate)), make([]int16, int(length*rate)), rand.New(rand.NewPCG(3, 9))}
}

// noise adds noise of a loudness in dBFS to a channel.
func (s *scene) noise(side []int16, from, to, dBFS float64) {
	amplitude := math.Pow(10, dBFS/20) * 32768 * math.Sqrt(3) // of uniform noise
	for i := int(from * rate); i < min(int(to*rate), len(side)); i++ {
		side[i] = int16(max(min(float64(side[i])+amplitude*(2*s.random.Float64()-1), 32767), -32768))
	}
}

func (s *scene) speak(side []int16, dBFS float64, bursts ...burst) {
	for _, b := range bursts {
		s.noise(side, b.from, b.to, dBFS)
	}
}

// raw is the scene as MixMonitor writes it.
func (s *scene) raw() []byte {
	p := make([]byte, 0, len(s.left)*frameBytes)
	for i := range s.left {
		p = binary.LittleEndian.AppendUint16(p, uint16(s.left[i]))
		p = binary.LittleEndian.AppendUint16(p, uint16(s.right[i]))
	}
	return p
}

func analysed(raw []byte) *analysis {
	a := &analysis{}
	for len(raw) > 0 { // in pieces of any size
		n := min(len(raw), 4*1021)
		a.Write(raw[:n])
		raw = raw[n:]
	}
	a.finish()
	return a
}

// total is how long somebody speaks.
func total(on []bool) (d time.Duration) {
	for _, is := range on {
		if is {
			d += pieceTime
		}
	}
	return d
}

// Whoever speaks is found to within two pieces at either end, on quiet and on
// noisy lines, soft and loud; noise, echo and clicks are nobody.
func TestVoices(t *testing.T) {
	talks := []burst{{1, 3}, {3.2, 5}, {9, 12}, {14, 14.5}}
	const want = 4.0 + 3 + 0.5 // the pause of 0.2 s belongs to the speech
	for name, x := range map[string]struct{ noise, speech, steady float64 }{
		"digital silence between": {-200, -25, want},
		"a quiet line":            {-70, -25, want},
		"a noisy line":            {-45, -25, want},
		"a soft speaker":          {-65, -42, want},
		"a loud speaker":          {-60, -12, want},
		"noise alone":             {-50, -200, 0},
		"loud noise alone":        {-46, -200, 0},
		"nothing":                 {-200, -200, 0},
	} {
		s := newScene(20)
		if x.noise > -200 {
			s.noise(s.left, 0, 20, x.noise)
		}
		if x.speech > -200 {
			s.speak(s.left, x.speech, talks...)
		}
		v := voices(analysed(s.raw()).sides)
		if got := total(v[0].on); (got - sec(x.steady)).Abs() > 2*3*pieceTime {
			t.Errorf("%s: speaks for %s, want %.1f s", name, got, x.steady)
		}
		if got := total(v[1].on); got != 0 {
			t.Errorf("%s: the other side speaks for %s", name, got)
		}
	}
	s := newScene(20)
	s.noise(s.left, 0, 20, -65)
	s.noise(s.right, 0, 20, -65)
	s.speak(s.right, -20, talks...)
	s.speak(s.left, -48, burst{1.05, 3.05}, burst{3.25, 5.05}, burst{9.05, 12.05}) // 28 dB softer, 50 ms later
	for i := range 10 {
		s.speak(s.left, -10, burst{5.5 + float64(i)*0.3, 5.53 + float64(i)*0.3}) // clicks
	}
	if v := voices(analysed(s.raw()).sides); total(v[0].on) > 100*time.Millisecond {
		t.Errorf("echo and clicks are speech for %s", total(v[0].on))
	}
}

// Speech facts are what was made, within two pieces for each change.
func TestSpeechFacts(t *testing.T) {
	s := newScene(60)
	s.noise(s.left, 0, 60, -66)
	s.noise(s.right, 0, 60, -64)
	s.noise(s.right, 0, 5, -20)                                                        // music, before they are connected at 5 s
	s.noise(s.right, 30, 40, -20)                                                      // and on hold
	s.speak(s.right, -18, burst{6.5, 10}, burst{14, 20}, burst{43, 52})                // the agent
	s.speak(s.left, -24, burst{11, 16}, burst{24, 26}, burst{47, 47.4}, burst{54, 57}) // the caller
	s.speak(s.left, -24, burst{32, 38})                                                // speaks on hold, to nobody
	story := []Stretch{{0, sec(5), Waiting, ""}, {sec(5), sec(30), Talking, "a"}, {sec(30), sec(40), OnHold, "a"}, {sec(40), sec(60), Talking, "b"}}
	got := speech(voices(analysed(s.raw()).sides), Timeline{Length: sec(60), Stretches: story})
	if len(got) != 3 || got[0].Agent != "" || got[1].Agent != "a" || got[2].Agent != "b" {
		t.Fatalf("%+v", got)
	}
	for i, want := range []Speech{
		{Length: sec(45), AgentTalk: sec(18.5), CallerTalk: sec(10.4), Crosstalk: sec(2.4), DeadAir: sec(45 - 18.5 - 10.4 + 2.4), LongestDeadAir: sec(4),
			LongestMonologue: sec(9), FirstWord: sec(1.5), AgentDBFS: -18, CallerDBFS: -24, Interruptions: 1},
		{Length: sec(25), AgentTalk: sec(9.5), CallerTalk: sec(7), Crosstalk: sec(2), DeadAir: sec(25 - 9.5 - 7 + 2), LongestDeadAir: sec(4),
			LongestMonologue: sec(4), FirstWord: sec(1.5), AgentDBFS: -18, CallerDBFS: -24, Interruptions: 1},
		{Length: sec(20), AgentTalk: sec(9), CallerTalk: sec(3.4), Crosstalk: sec(0.4), DeadAir: sec(20 - 9 - 3.4 + 0.4), LongestDeadAir: sec(3),
			LongestMonologue: sec(9), FirstWord: sec(3), AgentDBFS: -18, CallerDBFS: -24},
	} {
		g := got[i]
		for _, f := range []struct {
			name      string
			got, want time.Duration
		}{{"length", g.Length, want.Length}, {"agent", g.AgentTalk, want.AgentTalk}, {"caller", g.CallerTalk, want.CallerTalk}, {"both", g.Crosstalk, want.Crosstalk},
			{"neither", g.DeadAir, want.DeadAir}, {"longest silence", g.LongestDeadAir, want.LongestDeadAir},
			{"monologue", g.LongestMonologue, want.LongestMonologue}, {"first word", g.FirstWord, want.FirstWord}} {
			if (f.got - f.want).Abs() > 8*pieceTime {
				t.Errorf("agent %q: %s %s, want %s", g.Agent, f.name, f.got, f.want)
			}
		}
		if g.AgentTalk+g.CallerTalk-g.Crosstalk+g.DeadAir != g.Length {
			t.Errorf("agent %q: the shares do not make the whole", g.Agent)
		}
		if d := g.AgentDBFS - want.AgentDBFS; d < -1 || d > 1 {
			t.Errorf("agent %q speaks at %d dBFS, want %d", g.Agent, g.AgentDBFS, want.AgentDBFS)
		}
		if d := g.CallerDBFS - want.CallerDBFS; d < -1 || d > 1 {
			t.Errorf("agent %q: the caller speaks at %d dBFS, want %d", g.Agent, g.CallerDBFS, want.CallerDBFS)
		}
		if g.Interruptions != want.Interruptions {
			t.Errorf("agent %q interrupts %d times, want %d", g.Agent, g.Interruptions, want.Interruptions)
		}
	}
}

// BenchmarkAnalysis is an hour's call, from the raw audio to all that is found.
func BenchmarkAnalysis(b *testing.B) {
	s := newScene(60)
	s.noise(s.left, 0, 60, -60)
	s.noise(s.right, 0, 60, -60)
	s.speak(s.right, -20, burst{5, 20}, burst{40, 55})
	s.speak(s.left, -20, burst{21, 39})
	minute := s.raw()
	c := answered("a1-1.1", 0, time.Hour)
	k := &Keeper{}
	for b.Loop() {
		a := &analysis{}
		for range 60 {
			a.Write(minute)
		}
		r, t, err := k.timeline(b.Context(), c, 60*int64(len(minute)))
		if err != nil {
			b.Fatal(err)
		}
		if p := prove(c, &r, a, t); len(p.Speech) == 0 {
			b.Fatal("nobody speaks")
		}
	}
}
