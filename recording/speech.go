package recording

import (
	"math"
	"time"

	"github.com/threerings/threerings/queue"
)

const (
	// breath is how long an agent may pause within a monologue.
	breath = 2 * time.Second
	// nod is how long a caller may say "yes" in an agent's monologue without
	// ending it.
	nod = 500 * time.Millisecond
	// spokenFor is how long the caller must have been speaking when an agent
	// begins, for that to be an interruption.
	spokenFor = time.Second
)

// speech says how both spoke in all stretches where people did, and in those of
// each agent. A conference is its agent's who has the call.
func speech(v [channels]voice, t Timeline) []Speech {
	var all []Stretch
	of := map[queue.AgentID][]Stretch{}
	var agents []queue.AgentID
	for _, s := range t.Stretches {
		if !s.Kind.spoken() {
			continue
		}
		all = append(all, s)
		if s.Agent == "" {
			continue
		}
		if of[s.Agent] == nil {
			agents = append(agents, s.Agent)
		}
		of[s.Agent] = append(of[s.Agent], s)
	}
	if len(all) == 0 {
		return nil
	}
	out := []Speech{spokenIn(v, "", all)}
	for _, a := range agents {
		out = append(out, spokenIn(v, a, of[a]))
	}
	return out
}

// spokenIn says how both spoke in some stretches.
func spokenIn(v [channels]voice, agent queue.AgentID, stretches []Stretch) Speech {
	s := Speech{Agent: agent, FirstWord: -1}
	var caller, own loudness
	for _, x := range stretches {
		begin := min(max(int((x.From+pieceTime/2)/pieceTime), 0), len(v[0].on))
		end := min(max(int((x.To+pieceTime/2)/pieceTime), begin), len(v[0].on))
		c := conversation{Speech: &s}
		for i := begin; i < end; i++ {
			left, right := v[0].on[i], v[1].on[i]
			c.hear(left, right)
			if left && v[0].loud[i] {
				caller.add(v[0].level[i])
			}
			if right && v[1].loud[i] {
				own.add(v[1].level[i])
			}
		}
		s.Length += time.Duration(end-begin) * pieceTime
	}
	s.CallerDBFS, s.AgentDBFS = caller.dBFS(), own.dBFS()
	return s
}

// conversation is what goes on in a stretch, piece by piece.
type conversation struct {
	*Speech
	dead, caller, pause, monologue time.Duration // until now
	at                             time.Duration // in the stretch
	speaks                         bool          // the agent
}

func (c *conversation) hear(caller, agent bool) {
	if agent && c.FirstWord < 0 {
		c.FirstWord = c.Length + c.at
	}
	c.at += pieceTime
	switch {
	case caller && agent:
		c.Crosstalk += pieceTime
	case !caller && !agent:
		c.DeadAir += pieceTime
		c.dead += pieceTime
		c.LongestDeadAir = max(c.LongestDeadAir, c.dead)
	}
	if caller || agent {
		c.dead = 0
	}
	if agent && !c.speaks && c.caller >= spokenFor {
		c.Interruptions++
	}
	c.speaks = agent
	if caller {
		c.CallerTalk += pieceTime
		c.caller += pieceTime
	} else {
		c.caller = 0
	}
	switch {
	case c.caller > nod:
		c.monologue, c.pause = 0, 0
	case agent:
		c.monologue += c.pause + pieceTime
		c.pause = 0
		c.LongestMonologue = max(c.LongestMonologue, c.monologue)
	case c.monologue > 0:
		if c.pause += pieceTime; c.pause > breath {
			c.monologue, c.pause = 0, 0
		}
	}
	if agent {
		c.AgentTalk += pieceTime
	}
}

// loudness is the mean power of pieces.
type loudness struct {
	power float64
	n     int
}

func (l *loudness) add(p level) {
	l.power += float64(p.energy)
	l.n++
}

func (l *loudness) dBFS() int {
	if l.n == 0 {
		return NotHeard
	}
	mean := l.power / float64(l.n) / (1 << 30)
	return int(math.Round(max(10*math.Log10(max(mean, 1e-10)), lowest)))
}
