package queue

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

var rewrite = flag.Bool("rewrite", false, "write the recorded output of testdata/*.txt anew; read the diff before you commit it")

// TestScripts plays every file of testdata: blocks of input lines, a line
// "----", and the recorded output. A line may begin with "+3s": time passes
// first, deadlines falling due one by one as the loop would have it.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playScript(t, string(want))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := gocmp.Diff(string(want), got); d != "" {
				t.Errorf("%s: output differs (-recorded +now); if it should, run go test ./queue -rewrite and read the diff:\n%s", file, d)
			}
		})
	}
}

var scriptStart = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) // a Monday, 09:00 in Shanghai

// stage is an ACD with a clock, whose replica is kept beside it: after each
// line both must be the same and whole.
type stage struct {
	t       *testing.T
	acd     *ACD
	replica *ACD
	now     time.Time
	log     []Record
	out     strings.Builder
	rung    map[LegID]bool // legs that the switch has
	slow    bool
	brief   bool

	registrations []CallRegistration // that rowsOf found
	placed        CallID             // the last call that an agent placed
}

func newStage(t *testing.T) *stage {
	return &stage{t: t, acd: New(), replica: New(), now: scriptStart, rung: map[LegID]bool{}}
}

func playScript(t *testing.T, text string) string {
	var out strings.Builder
	s := newStage(t)
	skipping := false
	for _, line := range strings.SplitAfter(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case skipping && trimmed != "":
			continue
		case trimmed == "----":
			out.WriteString("----\n" + s.out.String())
			s.out.Reset()
			skipping = true
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
			skipping = false
			out.WriteString(line)
		default:
			out.WriteString(line)
			s.line(trimmed)
		}
	}
	if s.out.Len() > 0 {
		t.Errorf("the last block has no ----")
	}
	return out.String()
}

func (s *stage) line(line string) {
	line = strings.ReplaceAll(line, "$placed", string(s.placed)) // whose id is the ACD's choice
	words := strings.Fields(line)
	if strings.HasPrefix(words[0], "+") {
		d, err := time.ParseDuration(words[0][1:])
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		s.pass(d)
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	if words[0] == "takeover" { // another node folds the log and goes on
		s.acd = Replay(slices.Values(s.log))
		return
	}
	if words[0] == "brief" { // from here on only offers are written down
		s.brief = true
		return
	}
	if words[0] == "verbose" { // everything again
		s.brief = false
		return
	}
	if s.slow = words[0] == "slowly"; s.slow { // what is hung up goes on for a while
		words = words[1:]
	}
	if words[0] == "serve" { // serve c1~1 10s: rings, answers, talks so long, the caller hangs up
		call, _, _ := strings.Cut(words[1], "~")
		for _, line := range []string{"rings " + words[1], "answers " + words[1], "bridged " + call, "bridged " + words[1], "+" + words[2] + " ends " + call} {
			s.line(line)
		}
		return
	}
	if words[0] == "meet" { // meet c1~1: rings, answers, both in the bridge
		call, _, _ := strings.Cut(words[1], "~")
		for _, line := range []string{"rings " + words[1], "answers " + words[1], "bridged " + call, "bridged " + words[1]} {
			s.line(line)
		}
		return
	}
	if words[0] == "show" {
		s.show()
		return
	}
	in, err := parseInput(s.acd, words)
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	s.step(s.now, in)
}

// pass lets time go by, waking the ACD at each of its deadlines.
func (s *stage) pass(d time.Duration) {
	until := s.now.Add(d)
	for {
		next := s.acd.Next()
		if next.IsZero() || next.After(until) {
			break
		}
		s.step(next, nil)
	}
	s.now = until
}

func (s *stage) step(now time.Time, in Input) {
	out := s.acd.Step(now, in)
	for _, r := range out.Records {
		if p, ok := r.Event.(CallPlaced); ok {
			s.placed = p.Call
		}
		if _, offer := r.Event.(OfferMade); offer || !s.brief {
			fmt.Fprintf(&s.out, "%8s %s\n", stamp(r.At), describe(r.Event))
		}
		s.log = append(s.log, r)
		rows := s.replica.Apply(throughCodec(s.t, r))
		for _, p := range rows.Parts {
			if p.End != "completed" || p.N > 1 || p.Hold > 0 {
				fmt.Fprintf(&s.out, "         part %d of %s: agent %s talked %s, held %s, %s\n", p.N, p.Call, p.Agent, p.Talk, p.Hold, p.End)
			}
		}
	}
	for _, c := range out.Commands {
		if s.brief {
			break
		}
		fmt.Fprintf(&s.out, "       > %s\n", describe(c))
	}
	if err := s.acd.Check(); err != nil {
		s.t.Fatalf("after %+v at %s:\n%v", in, stamp(now), err)
	}
	defer s.quiet(now, out.Commands)
	if len(out.Records) > 0 {
		mustEqual(s.t, s.acd, s.replica)
	}
}

// quiet tells the end of agents' legs that are hung up, as the switch does.
func (s *stage) quiet(now time.Time, commands []Command) {
	for _, c := range commands {
		if d, ok := c.(DialAgent); ok {
			s.rung[d.Leg] = true
		}
		if h, ok := c.(HangUp); ok && s.rung[h.Leg] && !s.slow {
			delete(s.rung, h.Leg)
			s.step(now, LegEnded{Leg: h.Leg, Cause: CauseNormal})
		}
	}
}

// mustEqual: folding the stored log gives exactly the state that was.
func mustEqual(t *testing.T, a, b *ACD) {
	t.Helper()
	x, err := a.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Fatalf("the replica differs (-live +replica):\n%s", gocmp.Diff(string(x), string(y)))
	}
}

func throughCodec(t *testing.T, r Record) Record {
	t.Helper()
	kind, data, err := EncodeEvent(r.Event)
	if err != nil {
		t.Fatal(err)
	}
	if r.Event, err = DecodeEvent(kind, data); err != nil {
		t.Fatal(err)
	}
	return r
}

func stamp(t time.Time) string { return t.Sub(scriptStart).String() }

// describe prints a type's name and its fields that are not zero.
func describe(v any) string {
	rv := reflect.ValueOf(v)
	var b strings.Builder
	b.WriteString(rv.Type().Name())
	for i := range rv.NumField() {
		f := rv.Field(i)
		if f.IsZero() {
			continue
		}
		name := strings.ToLower(rv.Type().Field(i).Name)
		switch x := f.Interface().(type) {
		case Target:
			fmt.Fprintf(&b, " %s=%s", name, cmp.Or(string(x.Agent)+string(x.Queue)+x.Number, x.String()))
		case Asked:
			fmt.Fprintf(&b, " by=%s", x.By)
		case Rings:
			fmt.Fprintf(&b, " %s=%d/%s%s", name, x.Heard, x.For.Round(time.Millisecond), verdict(x))
		case Why:
			fmt.Fprintf(&b, " why=%s", x.Strategy)
			for _, c := range x.Candidates {
				fmt.Fprintf(&b, ",%s:%s", c.Agent, c.IdleFor)
				if c.Rank > 0 {
					fmt.Fprintf(&b, ":rank%d", c.Rank)
				}
				if x.Strategy == FewestCalls {
					fmt.Fprintf(&b, ":%dcalls", c.Calls)
				}
				if x.Strategy == LeastTalk {
					fmt.Fprintf(&b, ":%s", c.Talk)
				}
			}
			if x.Kept {
				b.WriteString(",kept")
			}
			if x.LastAgent {
				b.WriteString(",last_agent")
			}
			if x.Backup {
				fmt.Fprintf(&b, ",backup,chance=%.2f", x.Chance)
			}
		case Config:
			fmt.Fprintf(&b, " config=%d queues,%d agents", len(x.Queues), len(x.Agents))
		case Phone:
			fmt.Fprintf(&b, " %s=%s:%s", name, x.Kind, x.Value)
		default:
			fmt.Fprintf(&b, " %s=%v", name, x)
		}
	}
	return b.String()
}

func verdict(r Rings) string {
	switch {
	case r.Strict:
		return " strict"
	case r.Within:
		return " within"
	}
	return " over"
}

// show prints the present: calls, agents, the day's figures.
func (s *stage) show() {
	snap := s.acd.Snapshot()
	for _, q := range snap.Queues {
		t := q.Today
		fmt.Fprintf(&s.out, "queue %s waiting=%d talking=%d offered=%d answered=%d abandoned=%d short=%d overflowed=%d rung=%d/%d callers=%d/%d violations=%d\n",
			q.Queue, q.Waiting, q.Talking, t.Offered, t.Answered, t.Abandoned, t.ShortAbandoned, t.Overflowed,
			t.AgentsWithin().Part, t.AgentsWithin().Whole, t.CallersWithinRings().Part, t.CallersWithinRings().Whole, t.Violations)
	}
	for _, g := range snap.Agents {
		fmt.Fprintf(&s.out, "agent %s %s", g.ID, g.State)
		if g.Reason != "" {
			fmt.Fprintf(&s.out, "(%s)", g.Reason)
		}
		fmt.Fprintf(&s.out, " phone=%s answered=%d missed=%d", g.Phone, g.Today.Answered, g.Today.Missed)
		if t := g.Today; t.Registered+t.RegistrationMissed > 0 {
			fmt.Fprintf(&s.out, " registered=%d unregistered=%d", t.Registered, t.RegistrationMissed)
		}
		if g.Pending != nil {
			fmt.Fprintf(&s.out, " then=%s", g.Pending.State)
		}
		s.out.WriteString("\n")
	}
	for _, x := range snap.Alerts {
		fmt.Fprintf(&s.out, "alert %s %s agent=%s reason=%s since=%s\n", x.ID, x.Kind, x.Agent, x.Reason, stamp(x.Since))
	}
	if m := snap.Emergency; m != nil {
		fmt.Fprintf(&s.out, "emergency %s level=%d drill=%t toll=%+v\n", m.Plan, m.Level, m.Drill, m.Toll)
	}
	for _, c := range snap.Calls {
		fmt.Fprintf(&s.out, "call %s %s queue=%s agent=%s hears=%s\n", c.ID, c.State, c.Queue, c.Agent, c.Media)
	}
}

// rowsOf plays a recorded script and returns its projection rows.
func rowsOf(t *testing.T, script string) (*stage, map[CallID]*Call, map[OfferID]*Offer) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + script + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t)
	skipping := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "----":
			skipping = true
		case line == "" || strings.HasPrefix(line, "#"):
			skipping = false
		case !skipping:
			s.line(line)
		}
	}
	calls, offers := map[CallID]*Call{}, map[OfferID]*Offer{}
	replica := New()
	for _, r := range s.log {
		rows := replica.Apply(r)
		for _, c := range rows.Calls {
			calls[c.ID] = &c
		}
		for _, o := range rows.Offers {
			offers[o.ID] = &o
		}
		s.registrations = append(s.registrations, rows.Registrations...)
	}
	return s, calls, offers
}
