package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// memoryCore is a whole working core: a real ACD behind a lock.
type memoryCore struct {
	mu   sync.Mutex
	acd  *queue.ACD
	snap *queue.Snapshot
	subs map[chan struct{}]bool
	log  []queue.Record
	deaf bool // Ask finds nobody
}

func newCore(at time.Time) *memoryCore {
	c := &memoryCore{acd: queue.New(), subs: map[chan struct{}]bool{}}
	c.step(at, queue.Configure{Config: testCentre()})
	c.step(at, queue.NewDay{Day: at.In(houseZone).Format(time.DateOnly)})
	c.step(at, queue.Reconciled{Phones: map[queue.AgentID]queue.PhoneState{"1001": queue.PhoneIdle, "1002": queue.PhoneIdle}})
	return c
}

func testCentre() queue.Config {
	support, sales := queue.NewQueue("support"), queue.NewQueue("sales")
	support.Name, support.NameEN = "技术支持", "Support"
	sales.Name, sales.NameEN = "销售", "Sales"
	account := func(v string) queue.Phone { return queue.Phone{Kind: queue.PhoneAccount, Value: v} }
	return queue.Config{Version: "1", Country: "cn", Queues: []queue.QueueConfig{support, sales},
		Agents: []queue.AgentConfig{
			{ID: "1001", Name: "王芳", NameEN: "Wang Fang", Phone: account("1001"), Queues: []queue.QueueID{"support"}},
			{ID: "1002", Name: "李强", NameEN: "Li Qiang", Phone: account("1002"), Queues: []queue.QueueID{"support", "sales"}}},
		Numbers: map[string]queue.QueueID{"4000": "support", "4001": "sales"}, Reasons: queue.DefaultReasons()}
}

func (c *memoryCore) step(at time.Time, in queue.Input) []queue.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.acd.Step(at, in)
	c.log = append(c.log, out.Records...)
	c.snap = c.acd.Snapshot()
	for ch := range c.subs {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	return out.Records
}

func (c *memoryCore) Snapshot() *queue.Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.snap
}

func (c *memoryCore) Subscribe() (<-chan struct{}, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan struct{}, 1)
	c.subs[ch] = true
	return ch, func() { c.mu.Lock(); defer c.mu.Unlock(); delete(c.subs, ch) }
}

func (c *memoryCore) Ask(ctx context.Context, in queue.Input, req string) (queue.Event, error) {
	if c.deaf {
		return nil, context.DeadlineExceeded
	}
	for _, r := range c.step(time.Now(), in) {
		if queue.RequestOf(r.Event) == req {
			return r.Event, nil
		}
	}
	return nil, errors.New("no event carried the request")
}

// memoryLedger folds the core's log, as the real one does.
type memoryLedger struct {
	core  *memoryCore
	down  bool
	flood int // violations there are, by repeating the first
}

func (l *memoryLedger) rows() (rows queue.Rows, log []queue.Record) {
	l.core.mu.Lock()
	log = slices.Clone(l.core.log)
	l.core.mu.Unlock()
	replica := queue.New()
	for _, r := range log {
		n := replica.Apply(r)
		for _, c := range n.Calls {
			rows.Calls = append(slices.DeleteFunc(rows.Calls, func(o queue.Call) bool { return o.ID == c.ID }), c)
		}
		for _, v := range n.Offers {
			rows.Offers = append(slices.DeleteFunc(rows.Offers, func(o queue.Offer) bool { return o.ID == v.ID }), v)
		}
		for _, v := range n.Intervals {
			rows.Intervals = append(slices.DeleteFunc(rows.Intervals, func(o queue.AgentInterval) bool {
				return o.Agent == v.Agent && o.From.Equal(v.From)
			}), v)
		}
		rows.Violations = append(rows.Violations, n.Violations...)
		rows.Parts = append(rows.Parts, n.Parts...)
	}
	return rows, log
}

func (l *memoryLedger) Ping(context.Context) error {
	if l.down {
		return errors.New("connection refused")
	}
	return nil
}

func (l *memoryLedger) Calls(ctx context.Context, f CallFilter) ([]queue.Call, error) {
	if err := l.Ping(ctx); err != nil {
		return nil, err
	}
	rows, _ := l.rows()
	order := func(x, y queue.Call) int {
		return cmp.Or(y.ArrivedAt.Compare(x.ArrivedAt), cmp.Compare(y.ID, x.ID))
	}
	slices.SortFunc(rows.Calls, order)
	var out []queue.Call
	for _, c := range rows.Calls {
		switch {
		case f.Queue != "" && c.Queue != f.Queue, f.Agent != "" && c.Agent != f.Agent, f.Outcome != "" && c.Outcome != f.Outcome,
			c.ArrivedAt.Before(f.Since), !f.Until.IsZero() && !c.ArrivedAt.Before(f.Until),
			f.AfterCall != "" && order(queue.Call{ID: f.AfterCall, ArrivedAt: f.AfterArrival}, c) >= 0:
		case len(out) < f.Limit:
			out = append(out, c)
		}
	}
	return out, nil
}

func (l *memoryLedger) Call(ctx context.Context, id queue.CallID) (CallFile, error) {
	if err := l.Ping(ctx); err != nil {
		return CallFile{}, err
	}
	rows, log := l.rows()
	i := slices.IndexFunc(rows.Calls, func(c queue.Call) bool { return c.ID == id })
	if i < 0 {
		return CallFile{}, ErrNotFound
	}
	f := CallFile{Call: rows.Calls[i]}
	for _, o := range rows.Offers {
		if o.Call == id {
			f.Offers = append(f.Offers, o)
		}
	}
	for _, p := range rows.Parts {
		if p.Call == id {
			f.Parts = append(f.Parts, p)
		}
	}
	for _, r := range log {
		s := queue.About(r.Event)
		if s.Call == id || slices.ContainsFunc(f.Offers, func(o queue.Offer) bool { return o.ID == s.Offer }) {
			f.Records = append(f.Records, r)
		}
	}
	if !f.Call.ConnectedAt.IsZero() {
		f.Recording = &RecordingFacts{State: "kept", Duration: f.Call.Talk, Bytes: int64(len(testSound))}
	}
	return f, nil
}

func (l *memoryLedger) Violations(ctx context.Context, p Period) ([]queue.Violation, error) {
	rows, _ := l.rows()
	out := slices.DeleteFunc(rows.Violations, func(v queue.Violation) bool {
		return (p.Agent != "" && v.Agent != p.Agent) || v.At.Before(p.Since) || !v.At.Before(p.Until)
	})
	slices.Reverse(out)
	for l.flood > 0 && len(out) > 0 && len(out) < min(l.flood, p.Limit) {
		out = append(out, out[0])
	}
	return out, l.Ping(ctx)
}

func (l *memoryLedger) Intervals(ctx context.Context, p Period) ([]queue.AgentInterval, error) {
	rows, _ := l.rows()
	return slices.DeleteFunc(rows.Intervals, func(v queue.AgentInterval) bool {
		return v.Agent != p.Agent || !v.From.Before(p.Until) || (!v.To.IsZero() && !v.To.After(p.Since))
	}), l.Ping(ctx)
}

var testSound = []byte("RIFF....WAVE a short conversation")

type memoryRecordings map[queue.CallID][]byte

type memorySound struct{ *bytes.Reader }

func (memorySound) Close() error { return nil }

func (m memoryRecordings) Open(_ context.Context, id queue.CallID, wav bool) (Sound, error) {
	b, ok := m[id]
	if !ok {
		return Sound{}, ErrNotFound
	}
	kind := "audio/ogg"
	if wav {
		kind = "audio/wav"
	}
	return Sound{memorySound{bytes.NewReader(b)}, kind, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}, nil
}

type memoryUsers struct {
	mu   sync.Mutex
	list map[string]User
}

const testPassword = "correct horse"

// testHash is made once: hashing is slow on purpose.
var testHash = sync.OnceValue(func() string {
	h, err := HashPassword(testPassword)
	if err != nil {
		panic(err)
	}
	return h
})

func newUsers() *memoryUsers {
	u := &memoryUsers{list: map[string]User{}}
	for _, r := range Roles() {
		u.put(User{Name: string(r), Role: r})
	}
	u.put(User{Name: "agent", Role: AgentRole, Agent: "1001"})
	return u
}

func (u *memoryUsers) put(v User) {
	u.mu.Lock()
	defer u.mu.Unlock()
	v.Hash = cmp.Or(v.Hash, testHash())
	u.list[v.Name] = v
}

func (u *memoryUsers) AllUsers(context.Context) ([]User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.SortedFunc(maps.Values(u.list), func(a, b User) int { return cmp.Compare(a.Name, b.Name) }), nil
}

func (u *memoryUsers) SaveUser(_ context.Context, v User) error {
	u.put(v)
	return nil
}

func (u *memoryUsers) User(_ context.Context, name string) (User, bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	v, ok := u.list[name]
	return v, ok && !v.Disabled, nil
}

// centre is a Server with everything around it in memory.
type centre struct {
	*Server
	core   *memoryCore
	ledger *memoryLedger
	users  *memoryUsers
	sounds memoryRecordings
}

func newCentre(t testing.TB, change ...func(*Options)) *centre {
	t.Helper()
	c := &centre{core: newCore(time.Now().Add(-time.Hour)), users: newUsers(), sounds: memoryRecordings{}}
	c.ledger = &memoryLedger{core: c.core}
	o := Options{Core: c.core, Ledger: c.ledger, Recordings: c.sounds, Users: c.users,
		Log: slog.New(slog.DiscardHandler), Centre: func() Centre { return Centre{Name: "示例客服中心", NameEN: "Example Centre"} }}
	for _, f := range change {
		f(&o)
	}
	var err error
	if c.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	return c
}

// serve runs the centre on loopback until the test or stop ends it.
func (c *centre) serve(t testing.TB) (addr string, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, ln) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return ln.Addr().String(), stop
}

// conversation plays a call from arrival to the end, beginning now.
func (c *centre) conversation(id queue.CallID, agent queue.AgentID) {
	at := time.Now()
	offer := queue.LegID(string(id) + "~1")
	in := func(after time.Duration, in queue.Input) { c.core.step(at.Add(after), in) }
	in(0, queue.SetAgent{Agent: agent, State: queue.Ready})
	in(0, queue.CallArrived{Leg: queue.LegID(id), Number: "4000", Caller: "13800000001", Name: "张三", Endpoint: "trunk", Addr: "127.0.0.1:5070"})
	in(50*time.Millisecond, queue.LegRinging{Leg: offer})
	in(6*time.Second, queue.LegAnswered{Leg: offer})
	in(6100*time.Millisecond, queue.LegBridged{Leg: queue.LegID(id)})
	in(6200*time.Millisecond, queue.LegBridged{Leg: offer})
	in(30*time.Second, queue.LegEnded{Leg: queue.LegID(id), Cause: queue.CauseNormal})
	c.sounds[id] = testSound
}

func basic(r *http.Request, user string) *http.Request {
	r.SetBasicAuth(user, testPassword)
	return r
}
