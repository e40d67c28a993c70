package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/robot"
	"github.com/threerings/threerings/queue"
)

// Users and accounts of the floor.
const (
	supervisor = "boss"
	password   = "three-rings-only"
)

// floor is a running centre whose queues and agents come as tests need them.
type floor struct {
	box *box.Box
	log *lockedBuffer
	// outside is whoever is called over the trunk.
	outside *outside

	mu     sync.Mutex
	queues []string // YAML, one line each
	agents []string
	menus  []string
	users  []string
	first  string // YAML: who goes first; empty: nobody does
	opened int
	hired  int
}

// callers counts callers over all tests, so that each has a number of its own.
var callers atomic.Int64

func openFloor() (*floor, error) {
	dir, err := os.MkdirTemp(all.dir, "f")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	sounds, err := all.sounds()
	if err != nil {
		return nil, err
	}
	f := newFloor()
	if f.outside, err = openOutside(); err != nil {
		return nil, err
	}
	f.box, err = box.Start(context.Background(), box.Options{Dir: dir, Sounds: sounds, Centre: f.yaml(), Trunk: f.outside.phone.Addr().String(), Silence: 10 * time.Second,
		Log: slog.New(slog.NewTextHandler(f.log, nil))})
	if err != nil {
		return nil, err
	}
	all.began = f
	return f, nil
}

// newFloor has one queue that nobody uses, since a centre needs one.
func newFloor() *floor {
	return &floor{log: &lockedBuffer{}, queues: []string{`  idle: {numbers: ["4999"]}`}}
}

func theFloor(t *testing.T) *floor {
	t.Helper()
	f, err := all.floor()
	must(t, err)
	return f
}

// yaml is the centre.yaml of now.
func (f *floor) yaml() []byte {
	return fmt.Appendf(nil, "centre: {name: 三声}\nqueues:\n%s\nagents:\n%s\nusers:\n  - {name: %s, role: supervisor, password: %q}\n%shours: {never: {week: {mon: closed}}}\n%s%s%s",
		strings.Join(f.queues, "\n"), f.staff(), supervisor, password, strings.Join(f.users, ""), reasons, f.asked(), f.first)
}

// reasons are the usual ones, and one of which there is soon too much (R5.4).
const reasons = `reasons:
  - {digit: "1", code: break, name: 小休}
  - {digit: "2", code: meal, name: 用餐}
  - {digit: "3", code: meeting, name: 会议}
  - {digit: "4", code: training, name: 培训}
  - {digit: "5", code: desk, name: 处理工单}
  - {digit: "6", code: brief, name: 片刻, limit: 2s}
`

func (f *floor) asked() string {
	if len(f.menus) == 0 {
		return ""
	}
	return "menus:\n" + strings.Join(f.menus, "\n") + "\n"
}

// user lets an agent sign in to the pages, under their id.
func (f *floor) user(t *testing.T, a *agent) string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	line := fmt.Sprintf("  - {name: %q, role: agent, agent: %q, password: %q}\n", a.id, a.id, password)
	f.users = append(f.users, line)
	t.Cleanup(func() { // before the agent leaves, or every other test's changes would be refused
		f.mu.Lock()
		defer f.mu.Unlock()
		f.users = slices.DeleteFunc(f.users, func(l string) bool { return l == line })
	})
	f.apply(t)
	return string(a.id)
}

// menu opens a menu behind a number of its own: rules are what a menu has in
// centre.yaml, without its numbers. Its id is m and the number.
func (f *floor) menu(t *testing.T, rules string) (number string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	number = fmt.Sprint(4000 + f.opened)
	f.menus = append(f.menus, fmt.Sprintf("  m%s: {numbers: [%q], %s}", number, number, rules))
	f.apply(t)
	return number
}

func (f *floor) staff() string {
	if len(f.agents) == 0 {
		return "  []"
	}
	return strings.Join(f.agents, "\n")
}

func (f *floor) apply(t *testing.T) {
	t.Helper()
	_, err := f.box.Node.Apply(inTime(t), "floor.yaml", f.yaml(), t.Name(), false)
	must(t, err)
}

// desk is a queue of one test's own.
type desk struct {
	*floor
	queue  queue.QueueID
	number string
	agents []*agent
}

// agent is a robot with a phone at a fixed address.
type agent struct {
	id    queue.AgentID
	phone *robot.Phone
	tone  float64
	in    chan *robot.Call
}

const callerTone = 440

// open makes a queue by the rules given ("ring: {country: uk}, wrap_up: 1s")
// and signs in one agent for each behaviour, in this order.
func (f *floor) open(t *testing.T, rules string, staff ...robot.Behaviour) *desk {
	t.Helper()
	d := f.prepare(t, rules, staff...)
	for _, a := range d.agents {
		d.ready(t, a)
	}
	return d
}

// prepare is open without signing anyone in.
func (f *floor) prepare(t *testing.T, rules string, staff ...robot.Behaviour) *desk {
	t.Helper()
	posts := make([]post, len(staff))
	for i, b := range staff {
		posts[i].Behaviour = b
	}
	return f.staffed(t, rules, posts...)
}

// post is an agent's work: the rank in the queue, if not 1, and the skills
// ("english: 5").
type post struct {
	robot.Behaviour
	pacer  *robot.Pacer // of the phone, if not everybody's
	rank   int
	skills string
}

// staffed is prepare with agents who are not all alike.
func (f *floor) staffed(t *testing.T, rules string, posts ...post) *desk {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened++
	d := &desk{floor: f, queue: queue.QueueID(fmt.Sprintf("q%d", f.opened)), number: fmt.Sprint(4000 + f.opened)}
	f.queues = append(f.queues, fmt.Sprintf("  %s: {numbers: [%q], %s}", d.queue, d.number, rules))
	for i, p := range posts {
		d.engage(t, i, p)
	}
	at := len(f.queues) - 1
	t.Cleanup(func() { f.plain(at, d) }) // before its agents leave
	f.apply(t)
	return d
}

func (d *desk) hire(t *testing.T, i int, b robot.Behaviour) *agent {
	t.Helper()
	return d.engage(t, i, post{Behaviour: b})
}

func (d *desk) engage(t *testing.T, i int, p post) *agent {
	t.Helper()
	d.hired++
	a := &agent{id: queue.AgentID(fmt.Sprint(2000 + d.hired)), tone: float64(700 + 100*i), in: make(chan *robot.Call, 256)}
	a.phone = newPhone(t, robot.PhoneOptions{User: string(a.id), Sound: robot.Tone(int(a.tone)), Behaviour: p.Behaviour, Pacer: p.pacer})
	a.phone.OnCall(func(c *robot.Call) { a.in <- c })
	d.agents = append(d.agents, a)
	line := fmt.Sprintf("  %q: {phone: %q, queues: [%s]}", a.id, "sip:"+a.phone.Addr().String(), d.queue)
	if p.rank != 0 || p.skills != "" {
		line = fmt.Sprintf("  %q: {phone: %q, queues: {%s: %d}, skills: {%s}}", a.id, "sip:"+a.phone.Addr().String(), d.queue, max(p.rank, 1), p.skills)
	}
	d.floor.agents = append(d.floor.agents, line)
	t.Cleanup(func() { d.leave(line) })
	return a
}

// plain takes the rules from a queue whose test is over: a skill that is required
// of agents who leave would have every other test's changes refused.
func (f *floor) plain(at int, d *desk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queues[at] = fmt.Sprintf("  %s: {numbers: [%q]}", d.queue, d.number)
}

// leave takes an agent off the floor before the phone is closed: its port may
// then be given to another agent's phone, and no two agents share one.
func (f *floor) leave(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.agents = slices.DeleteFunc(f.agents, func(l string) bool { return l == line })
}

// account has an agent with an account of that name serve the desk; each name
// is for one test.
func (d *desk) account(t *testing.T, name string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	line := fmt.Sprintf("  %q: {phone: {account: %q, password: %q}, queues: [%s]}", name, name, password, d.queue)
	d.floor.agents = append(d.floor.agents, line)
	d.apply(t)
}

func newPhone(t *testing.T, o robot.PhoneOptions) *robot.Phone {
	t.Helper()
	if o.Pacer == nil {
		o.Pacer = &all.pacer
	}
	p, err := robot.NewPhone(o)
	must(t, err)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close a phone: %v", err)
		}
	})
	return p
}

// set asks for an agent's state as a supervisor does.
func (f *floor) set(t *testing.T, id queue.AgentID, state queue.AgentState) {
	t.Helper()
	req := fmt.Sprintf("%s %s %d", t.Name(), id, callers.Add(1))
	e, err := f.box.Node.Ask(inTime(t), queue.SetAgent{Agent: id, State: state, By: "test", Req: req}, req)
	must(t, err)
	if no, refused := e.(queue.Refused); refused {
		t.Fatalf("agent %s to %s: %s", id, state, no.Reason)
	}
}

// ready signs an agent in and waits until calls may come.
func (f *floor) ready(t *testing.T, a *agent) {
	t.Helper()
	f.set(t, a.id, queue.Ready)
	f.agentIs(t, a.id, "ready with an idle phone", isFree)
}

func isFree(g queue.Agent) bool {
	return g.State == queue.Ready && g.Phone == queue.PhoneIdle && g.Dialling == 0
}

func notReadyFor(reason string) func(queue.Agent) bool {
	return func(g queue.Agent) bool { return g.State == queue.NotReady && g.Reason == reason }
}

func inState(s queue.AgentState) func(queue.Agent) bool {
	return func(g queue.Agent) bool { return g.State == s }
}

// seen waits until the present is as wanted.
func (f *floor) seen(t *testing.T, what string, holds func(*queue.Snapshot) bool) {
	t.Helper()
	until(t, what, func() bool { return holds(f.box.Node.Snapshot()) })
}

func (f *floor) agentIs(t *testing.T, id queue.AgentID, what string, holds func(queue.Agent) bool) {
	t.Helper()
	var last queue.Agent
	defer func() {
		if t.Failed() {
			t.Logf("agent %s: %+v", id, last)
		}
	}()
	f.seen(t, fmt.Sprintf("agent %s to be %s", id, what), func(s *queue.Snapshot) bool {
		for _, g := range s.Agents {
			if g.ID == id {
				last = g
				return holds(g)
			}
		}
		return false
	})
}

// next is the next call that comes to an agent's phone.
func (a *agent) next(t *testing.T) *robot.Call {
	t.Helper()
	select {
	case c := <-a.in:
		return c
	case <-inTime(t).Done():
		t.Fatalf("no call came to agent %s within %s", a.id, limit)
		return nil
	}
}
