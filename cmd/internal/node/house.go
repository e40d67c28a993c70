package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// house holds the centre.yaml in force and brings a new one into force: the
// core first, which judges it, then the ledger, then the switch's accounts.
type house struct {
	db  *postgres.DB
	log *slog.Logger

	now      atomic.Pointer[centre.Centre]
	applying sync.Mutex
	loop     atomic.Pointer[loop.Loop]
	sw       atomic.Pointer[ari.Switch]
}

func newHouse(db *postgres.DB, log *slog.Logger) *house {
	h := &house{db: db, log: log}
	h.now.Store(&centre.Centre{TimeZone: centre.DefaultTimeZone, Config: queue.Config{Country: queue.DefaultCountry}})
	return h
}

// load takes the centre that was applied last, or the file given for the very
// first start.
func (h *house) load(ctx context.Context, file string) error {
	name := "the centre applied last"
	stored, err := h.db.Centre(ctx)
	data := []byte(stored.Source)
	switch {
	case errors.Is(err, postgres.ErrNotFound) && file == "":
		h.log.Warn("no centre is configured: every number is unknown until `threerings apply centre.yaml`")
		return nil
	case errors.Is(err, postgres.ErrNotFound):
		name = file
		if data, err = os.ReadFile(file); err != nil {
			return fmt.Errorf("centre: %w", err)
		}
	case err != nil:
		return err
	}
	c, err := centre.Parse(name, data)
	if err != nil {
		return err
	}
	h.now.Store(c)
	return nil
}

// begin puts the centre in force under a new leader.
func (h *house) begin(ctx context.Context, l *loop.Loop, sw *ari.Switch) error {
	h.loop.Store(l)
	h.sw.Store(sw)
	h.applying.Lock()
	defer h.applying.Unlock()
	if err := h.refresh(ctx); err != nil {
		return err
	}
	c := h.current()
	if len(c.Text) == 0 {
		return nil
	}
	l.SetLocation(h.location())
	if l.Snapshot().Config.Version != c.Config.Version {
		if err := h.configure(ctx, c, "start"); err != nil {
			return err
		}
	}
	if _, err := h.db.Centre(ctx); errors.Is(err, postgres.ErrNotFound) {
		if err := h.store(ctx, c, "start"); err != nil {
			return err
		}
	}
	h.provision(ctx, c)
	return nil
}

// refresh reads the centre again: another leader may have applied a newer one.
func (h *house) refresh(ctx context.Context) error {
	stored, err := h.db.Centre(ctx)
	if errors.Is(err, postgres.ErrNotFound) || (err == nil && stored.Source == string(h.current().Text)) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := centre.Parse("the centre applied last", []byte(stored.Source))
	if err != nil {
		return err
	}
	h.now.Store(c)
	return nil
}

// end: this node leads no more.
func (h *house) end() {
	h.loop.Store(nil)
	h.sw.Store(nil)
}

func (h *house) current() *centre.Centre { return h.now.Load() }

func (h *house) location() *time.Location {
	loc, err := time.LoadLocation(h.current().TimeZone)
	if err != nil {
		return time.UTC // judged by centre.Parse; cannot be
	}
	return loc
}

// shown is how screens name the house.
func (h *house) shown() dashboard.Centre {
	c := h.current()
	return dashboard.Centre{Name: c.Name, NameEN: c.NameEN, Location: h.location()}
}

// records tells whether a call's queue keeps recordings.
func (h *house) records(c queue.Call) bool {
	for _, q := range h.current().Config.Queues {
		if q.ID == c.Queue {
			return q.Record
		}
	}
	return true
}

// Apply judges a centre.yaml and, unless dryRun, puts it in force as a whole.
// It returns what changes; an error means that nothing did.
func (h *house) Apply(ctx context.Context, file string, data []byte, by string, dryRun bool) ([]centre.Change, error) {
	next, err := centre.Parse(file, data)
	if err != nil {
		return nil, err
	}
	h.applying.Lock()
	defer h.applying.Unlock()
	old := h.current()
	if len(old.Text) == 0 {
		old = nil
	}
	changes := centre.Diff(old, next)
	if dryRun || len(changes) == 0 {
		return changes, nil
	}
	if h.loop.Load() == nil {
		return nil, errors.New("this node does not lead the pool: run apply on the one that does (its log says \"leading\")")
	}
	if err := h.configure(ctx, next, by); err != nil {
		return nil, err
	}
	h.now.Store(next)
	h.loop.Load().SetLocation(h.location())
	if err := h.store(ctx, next, by); err != nil {
		return changes, fmt.Errorf("the new centre is in force, but could not be stored and will be forgotten at the next start: apply it again: %w", err)
	}
	h.provision(ctx, next)
	return changes, nil
}

// configure asks the core to take a configuration.
func (h *house) configure(ctx context.Context, c *centre.Centre, by string) error {
	req := "apply " + rand.Text()
	e, err := h.loop.Load().Ask(ctx, queue.Configure{Config: c.Config, By: by, Req: req}, req)
	if err != nil {
		return err
	}
	if r, refused := e.(queue.Refused); refused {
		return fmt.Errorf("refused: %s", r.Reason)
	}
	return nil
}

func (h *house) store(ctx context.Context, c *centre.Centre, by string) error {
	for _, u := range c.Users {
		hash := u.PasswordHash
		if hash == "" {
			known, err := h.db.User(ctx, u.Name)
			if err == nil {
				if same, err := dashboard.CheckPassword(known.PasswordHash, u.Password); err == nil && same {
					hash = known.PasswordHash
				}
			}
		}
		if hash == "" {
			var err error
			if hash, err = dashboard.HashPassword(u.Password); err != nil {
				return err
			}
		}
		if err := h.db.SaveUser(ctx, postgres.User{Name: u.Name, Role: u.Role, Agent: u.Agent, PasswordHash: hash}); err != nil {
			return err
		}
	}
	accounts := make([]postgres.Account, 0, len(c.Accounts))
	for _, a := range c.Accounts {
		accounts = append(accounts, postgres.Account(a))
	}
	if err := h.db.SaveAccounts(ctx, accounts); err != nil {
		return err
	}
	return h.db.SaveCentre(ctx, postgres.Centre{Version: c.Config.Version, Source: string(c.Text), AppliedBy: by})
}

// provision tells the switch of accounts and fixed phones. What fails is tried
// again by the adapter with each connection.
func (h *house) provision(ctx context.Context, c *centre.Centre) {
	passwords := map[string]string{}
	for _, a := range c.Accounts {
		passwords[a.Account] = a.Password
	}
	if err := h.sw.Load().Provision(ctx, ari.PlanFor(&c.Config, passwords)); err != nil {
		h.log.Error("SIP accounts", "err", err)
	}
}
