package qa

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/threerings/threerings/queue"
)

// Candidate is one agent's part of one call that could be listened to, with
// what targets ask for.
type Candidate struct {
	Call      queue.CallID  `json:"call"`
	Agent     queue.AgentID `json:"agent"`
	At        time.Time     `json:"at"` // the call's arrival
	Queue     queue.QueueID `json:"queue"`
	TalkMS    int64         `json:"talk_ms"` // this agent's
	Mark      int           `json:"mark"`    // of the survey; 0: none
	AgentLeft bool          `json:"agent_left"`
	OverRings bool          `json:"over_rings"`
	DeadAirMS int64         `json:"dead_air_ms"`
	Days      int           `json:"days"` // since the agent's first conversation
}

// Draw is a plan's sample of one period. Before it is drawn it is a promise:
// the hash of its seed is known to everybody, the seed to nobody.
type Draw struct {
	ID          string    `json:"id"`
	Plan        Plan      `json:"plan"` // as it was at the draw
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"`
	CommittedAt time.Time `json:"committed_at"`
	Commitment  string    `json:"commitment"`        // SHA-256 of the seed, hex
	Seed        string    `json:"seed,omitempty"`    // hex; not before the draw
	DrawnAt     time.Time `json:"drawn_at,omitzero"` // zero: not drawn
	By          Scorer    `json:"by,omitempty"`      // who drew; empty: it was time
	Population  int       `json:"population"`        // what was drawn from
	Hash        string    `json:"population_sha256"` // of its lines
	Unheard     int       `json:"unheard"`           // more that have no recording
	Picks       []Pick    `json:"picks"`             // by agent, chance first
}

// Pick is a conversation that was drawn.
type Pick struct {
	Call   queue.CallID  `json:"call"`
	Agent  queue.AgentID `json:"agent"`
	Reason Reason        `json:"reason"`
	Ticket string        `json:"ticket"`
}

// Late reports whether the seed was made when calls of the period were there
// already: whoever could read it knew what would be drawn of them.
func (d Draw) Late() bool { return d.CommittedAt.After(d.Since) }

// SeedSize is how many bytes a seed has.
const SeedSize = 32

// Commitment is the hash of a seed that is published before it is used.
func Commitment(seed []byte) string {
	sum := sha256.Sum256(seed)
	return hex.EncodeToString(sum[:])
}

// Ticket is the number a conversation draws: HMAC-SHA256 of its names under the
// seed. The smallest tickets win. It depends on nothing else, so that what was
// drawn of one agent does not hang on what others did, and anybody who has the
// seed can work it out with any language's library (docs/sampling.md).
func Ticket(seed []byte, call queue.CallID, agent queue.AgentID) string {
	mac := hmac.New(sha256.New, seed)
	fmt.Fprintf(mac, "%s\n%s", call, agent)
	return hex.EncodeToString(mac.Sum(nil))
}

// Lines are a population as it is kept and hashed: sorted by agent and call,
// one JSON object a line.
func Lines(population []Candidate) []byte {
	population = slices.Clone(population)
	slices.SortFunc(population, func(a, b Candidate) int { return cmp.Or(cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Call, b.Call)) })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for _, c := range population {
		c.At = c.At.UTC()
		_ = enc.Encode(c) // into memory, of plain fields
	}
	return out.Bytes()
}

// ReadLines reads what Lines wrote.
func ReadLines(data []byte) ([]Candidate, error) {
	var out []Candidate
	for n := 1; len(data) > 0; n++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		var c Candidate
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("population, line %d: %w", n, err)
		}
		out, data = append(out, c), rest
	}
	return out, nil
}

// Choose draws: of each agent the Count smallest tickets by chance, then for
// each target the smallest tickets among those that fit and were not picked
// yet. A conversation that chance has picked stays chance's, whatever it fits:
// only so is what chance picks a fair sample.
//
// What is in dropped is passed over by chance: the next ticket takes its place.
func Choose(seed []byte, p Plan, population []Candidate, dropped map[Key]bool) []Pick {
	of := map[queue.AgentID][]Candidate{}
	tickets := map[Key]string{}
	for _, c := range population {
		of[c.Agent] = append(of[c.Agent], c)
		tickets[c.Key()] = Ticket(seed, c.Call, c.Agent)
	}
	var out []Pick
	for _, agent := range slices.Sorted(maps.Keys(of)) {
		all := of[agent]
		slices.SortFunc(all, func(a, b Candidate) int { return cmp.Compare(tickets[a.Key()], tickets[b.Key()]) })
		taken := map[Key]bool{}
		take := func(why Reason, most int, fits func(Candidate) bool) {
			for _, c := range all {
				if most == 0 {
					return
				}
				if k := c.Key(); !taken[k] && fits(c) {
					taken[k] = true
					out = append(out, Pick{c.Call, c.Agent, why, tickets[k]})
					most--
				}
			}
		}
		take(ByChance, p.Count, func(c Candidate) bool { return !dropped[c.Key()] })
		for _, t := range p.Targets {
			take(t.Reason, t.Most, t.fits)
		}
	}
	return out
}

// Key names what is judged: one agent's part of one call.
type Key struct {
	Call  queue.CallID
	Agent queue.AgentID
}

// Key names the candidate.
func (c Candidate) Key() Key { return Key{c.Call, c.Agent} }

// Key names what was picked.
func (p Pick) Key() Key { return Key{p.Call, p.Agent} }

// Drawn is the draw made: plan, seed and population decide it all.
func (d Draw) Drawn(now time.Time, by Scorer, p Plan, seed []byte, population []Candidate, unheard int) (Draw, error) {
	switch {
	case !d.DrawnAt.IsZero():
		return d, refuse(RefusedState, "this period was drawn already")
	case now.Before(d.Until):
		return d, refuse(RefusedState, "the period ends at %s: what is drawn before leaves later calls no chance", d.Until.Format(time.RFC3339))
	case Commitment(seed) != d.Commitment:
		return d, fmt.Errorf("draw %s: the seed is not the one whose hash was published", d.ID)
	}
	lines := Lines(population)
	sum := sha256.Sum256(lines)
	d.Plan, d.Seed, d.DrawnAt, d.By = p, hex.EncodeToString(seed), now, by
	d.Population, d.Hash, d.Unheard = len(population), hex.EncodeToString(sum[:]), unheard
	d.Picks = Choose(seed, p, population, nil)
	return d, nil
}

// Verify draws again from what is kept, and says what is not as it should be.
func (d Draw) Verify(lines []byte) error {
	if d.DrawnAt.IsZero() {
		return fmt.Errorf("draw %s: not drawn yet; the seed is shown after the draw", d.ID)
	}
	seed, err := hex.DecodeString(d.Seed)
	if err != nil || len(seed) != SeedSize {
		return fmt.Errorf("draw %s: the seed is not %d bytes in hex", d.ID, SeedSize)
	}
	if got := Commitment(seed); got != d.Commitment {
		return fmt.Errorf("draw %s: the seed's hash is %s, published was %s", d.ID, got, d.Commitment)
	}
	if sum := sha256.Sum256(lines); hex.EncodeToString(sum[:]) != d.Hash {
		return fmt.Errorf("draw %s: the population is not the one that was drawn from: its hash is %x, on record is %s", d.ID, sum, d.Hash)
	}
	population, err := ReadLines(lines)
	if err != nil {
		return fmt.Errorf("draw %s: %w", d.ID, err)
	}
	want := Choose(seed, d.Plan, population, nil)
	for i, p := range want {
		if i >= len(d.Picks) || d.Picks[i] != p {
			return fmt.Errorf("draw %s: pick %d must be call %s of agent %s (%s)", d.ID, i+1, p.Call, p.Agent, p.Reason)
		}
	}
	if len(d.Picks) > len(want) {
		p := d.Picks[len(want)]
		return fmt.Errorf("draw %s: call %s of agent %s was not drawn", d.ID, p.Call, p.Agent)
	}
	return nil
}

// File is all that is needed to draw again: the draw as JSON on the first line,
// the lines of its population after it.
func (d Draw) File(lines []byte) ([]byte, error) {
	head, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", d.ID, err)
	}
	return slices.Concat(head, []byte("\n"), lines), nil
}

// ReadFile reads what File wrote.
func ReadFile(data []byte) (d Draw, lines []byte, _ error) {
	head, lines, _ := bytes.Cut(data, []byte("\n"))
	if err := json.Unmarshal(head, &d); err != nil || d.Commitment == "" {
		return d, nil, fmt.Errorf("not the file of a draw: the first line has to be the draw as JSON")
	}
	return d, lines, nil
}
