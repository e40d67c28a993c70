package node

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/postgrestest"
	"github.com/threerings/threerings/queue"
)

// soon is longer than anything here takes.
const soon = 30 * time.Second

// home is a house under a leader with a loop and a ledger, and with a switch
// that nobody answers.
type home struct {
	*house
	t    *testing.T
	url  string
	loop *loop.Loop

	mu     sync.Mutex
	record func(queue.Record) // told of each, if set
}

// Append and Execute make it the loop's journal and switch.
func (h *home) Append(records []queue.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range records {
		if h.record != nil {
			h.record(r)
		}
	}
}

func (h *home) Execute([]queue.Command) {}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, url: postgrestest.New(t)}
	db, err := postgres.Open(h.ctx(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	h.house = newHouse(db, slog.New(slog.NewTextHandler(t.Output(), nil)))
	return h
}

func (h *home) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), soon)
	h.t.Cleanup(cancel)
	return ctx
}

// lead lets this node lead, with a switch.
func (h *home) lead(acd *queue.ACD, sw *ari.Switch) {
	h.t.Helper()
	h.loop = loop.New(acd, loop.Options{Journal: h, Switch: h})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = h.loop.Run(ctx) }()
	h.t.Cleanup(func() { stop(); <-ended })
	if err := h.begin(h.ctx(), h.loop, sw); err != nil {
		h.t.Fatal(err)
	}
}

func deaf() *ari.Switch { return ari.New(ari.Options{}, func(queue.Input) {}) }

// apply applies the text with one queue and the users given.
func (h *home) apply(text string) Applied {
	h.t.Helper()
	done, err := h.Apply(h.ctx(), "centre.yaml", []byte(text), "test", false)
	if err != nil {
		h.t.Fatalf("apply %s: %v", text, err)
	}
	return done
}

// sql runs a statement beside the program.
func (h *home) sql(database, statement string) {
	h.t.Helper()
	u, err := url.Parse(h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	if database != "" {
		u.Path = "/" + database
	}
	text := u.String()
	if u.Host == "" { // String leaves the slashes out
		text = "postgres://" + u.Path + "?" + u.RawQuery
	}
	conn, err := pgx.Connect(h.ctx(), text)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.ctx())
	if _, err := conn.Exec(h.ctx(), statement); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}

func (h *home) user(name string) postgres.User {
	h.t.Helper()
	u, err := h.db.User(h.ctx(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// centreWith is a centre with one queue of a name, and these users.
func centreWith(queueName string, users ...string) string {
	return "queues: {a: {name: " + queueName + ", numbers: [\"1\"]}}\nusers:\n  - {name: chief, role: supervisor, password: chief-secret}\n" + strings.Join(users, "")
}

func userLine(name, password, rest string) string {
	return "  - {name: " + name + ", password: " + password + rest + "}\n"
}

// TestApplyLeavesTheOperatorsUsers: what a file does not change about its
// users is the operator's; who left the file may not sign in any more.
func TestApplyLeavesTheOperatorsUsers(t *testing.T) {
	h := newHome(t)
	h.lead(queue.New(), deaf())
	anna, bert := userLine("anna", "anna-secret", ", role: supervisor"), userLine("bert", "bert-secret", ", role: supervisor")
	h.apply(centreWith("A", anna, bert))
	own := postgres.User{Name: "own", Role: "supervisor", PasswordHash: "by hand"}
	off, changed := h.user("anna"), h.user("bert")
	off.Disabled, changed.PasswordHash = true, "by hand too"
	for _, u := range []postgres.User{own, off, changed} {
		if err := h.db.SaveUser(h.ctx(), u); err != nil {
			t.Fatal(err)
		}
	}
	h.apply(centreWith("B", anna, bert))
	if u := h.user("anna"); !u.Disabled {
		t.Error("an apply that does not concern her let anna in again")
	}
	if u := h.user("bert"); u.PasswordHash != "by hand too" {
		t.Error("an apply that does not concern him set bert's password back")
	}
	h.apply(centreWith("B", strings.Replace(anna, "anna-secret", "anna-secret-2", 1)))
	if u := h.user("anna"); !u.Disabled || u.PasswordHash == off.PasswordHash {
		t.Errorf("with another password in the file: disabled %t, hash changed %t; want both", u.Disabled, u.PasswordHash != off.PasswordHash)
	}
	if u := h.user("bert"); !u.Disabled {
		t.Error("bert left the file and may still sign in")
	}
	if u := h.user("own"); u.Disabled || u.PasswordHash != "by hand" {
		t.Errorf("a user the file never knew: %+v", u)
	}
	h.apply(centreWith("B", anna, bert))
	if u := h.user("bert"); u.Disabled || u.PasswordHash == "by hand too" {
		t.Errorf("bert is back in the file: %+v", u)
	}
}

// TestApplyAgainDoesWhatIsLeft: a centre in force that the ledger did not take
// is stored by the next apply, although nothing changes then.
func TestApplyAgainDoesWhatIsLeft(t *testing.T) {
	h := newHome(t)
	h.lead(queue.New(), deaf())
	h.apply(centreWith("A"))
	h.sql("", "ALTER TABLE centres RENAME TO hidden")
	next := centreWith("B", userLine("anna", "anna-secret", ", role: supervisor"))
	done, err := h.Apply(h.ctx(), "centre.yaml", []byte(next), "test", false)
	if err == nil || !strings.Contains(err.Error(), "apply it again") || len(done.Changes) == 0 {
		t.Fatalf("without a ledger: %+v, %v; want to be told to apply again", done, err)
	}
	if all, err := h.db.ListUsers(h.ctx()); err != nil || len(all) != 1 {
		t.Errorf("users of a centre that is not stored: %+v, %v", all, err)
	}
	h.sql("", "ALTER TABLE hidden RENAME TO centres")
	if done := h.apply(next); len(done.Changes) != 0 {
		t.Errorf("changes of the second apply: %v", done.Changes)
	}
	stored, err := h.db.Centre(h.ctx())
	if err != nil || stored.Source != next {
		t.Errorf("after the second apply the ledger has %q, %v", stored.Source, err)
	}
	h.user("anna")
}

// TestApplyOutlivesWhoAsked: what the core has taken is stored, also if whoever
// asked has gone.
func TestApplyOutlivesWhoAsked(t *testing.T) {
	h := newHome(t)
	h.lead(queue.New(), deaf())
	ctx, leave := context.WithCancel(h.ctx())
	h.mu.Lock()
	h.record = func(r queue.Record) {
		if _, ok := r.Event.(queue.Configured); ok {
			leave()
		}
	}
	h.mu.Unlock()
	text := centreWith("A")
	if _, err := h.Apply(ctx, "centre.yaml", []byte(text), "test", false); err != nil {
		t.Error(err)
	}
	if stored, err := h.db.Centre(h.ctx()); err != nil || stored.Source != text {
		t.Errorf("the ledger has %q, %v", stored.Source, err)
	}
}

// TestApplyEndsWithTheTerm: an apply to a core that is no more, or that does
// not answer, ends, and the next one is not kept waiting for it.
func TestApplyEndsWithTheTerm(t *testing.T) {
	h := newHome(t)
	h.within = 200 * time.Millisecond
	silent := loop.New(queue.New(), loop.Options{Journal: h, Switch: h}) // never runs
	if err := h.begin(h.ctx(), silent, deaf()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := h.Apply(context.Background(), "centre.yaml", []byte(centreWith("A")), "test", false)
		ended <- err
	}()
	h.end()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a core that does not run took a centre")
		}
	case <-h.ctx().Done():
		t.Fatal("apply waits for a core that is no more")
	}
	if _, err := h.Apply(h.ctx(), "centre.yaml", []byte(centreWith("A")), "test", false); err == nil || !strings.Contains(err.Error(), "does not lead") {
		t.Errorf("apply after the term: %v", err)
	}
	h.within = applyWithin
	h.lead(queue.New(), deaf())
	h.apply(centreWith("A"))
}

// TestRefusedCentreDoesNotKeepFromStarting: a stored centre that this version
// cannot read leaves the rules as the ledger has them, and can be replaced.
func TestRefusedCentreDoesNotKeepFromStarting(t *testing.T) {
	h := newHome(t)
	h.lead(queue.New(), deaf())
	h.apply(centreWith("A", userLine("anna", "anna-secret", ", role: supervisor")))
	in := *h.loop.Snapshot().Config
	h.sql("", "UPDATE centres SET source = 'centre: {name: 大厅, timezone: Europe/Berlin}\nold_key: 1\nagents: {1001: {phone: {account: 1001, password: phone-secret}}}'")

	h.house = newHouse(h.db, h.log)
	if err := h.load(h.ctx(), ""); err != nil {
		t.Fatal("the node does not start: ", err)
	}
	acd := queue.New()
	acd.Step(time.Now(), queue.Configure{Config: in, By: "test", Req: "r"})
	h.lead(acd, deaf())
	if got := h.shown(); got.Name != "大厅" || got.Location.String() != "Europe/Berlin" {
		t.Errorf("the house is shown as %s, %s", got.Name, got.Location)
	}
	if c := h.current(); c.Config.Version != in.Version || len(c.Accounts) != 1 || c.Accounts[0].Account != "1001" || c.Accounts[0].Password != "phone-secret" {
		t.Errorf("in force: version %s, accounts %v; want %s and one account", c.Config.Version, c.Accounts, in.Version)
	}
	off := h.user("anna")
	off.Disabled = true
	if err := h.db.SaveUser(h.ctx(), off); err != nil {
		t.Fatal(err)
	}
	next := centreWith("B", userLine("anna", "anna-secret", ", role: supervisor"))
	h.apply(next)
	if stored, err := h.db.Centre(h.ctx()); err != nil || stored.Source != next {
		t.Errorf("the ledger has %q, %v", stored.Source, err)
	}
	if u := h.user("anna"); !u.Disabled || u.PasswordHash != off.PasswordHash {
		t.Errorf("not knowing what was before, apply changed anna: %+v", u)
	}
	if done := h.apply(next); len(done.Changes) != 0 {
		t.Errorf("applied again: %v", done.Changes)
	}
}
