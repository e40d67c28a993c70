package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/loop"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// house holds the centre.yaml in force and brings a new one into force: the
// core first, which judges it, then the ledger, then the switch's accounts.
type house struct {
	db  *postgres.DB
	log *slog.Logger

	now  atomic.Pointer[centre.Centre]
	term atomic.Pointer[term] // nil while this node does not lead

	// say makes what a centre lets callers hear; set before use, may be nil. It
	// may take seconds, so it never runs in the loop.
	say func(context.Context, *centre.Centre) error

	within   time.Duration // applyWithin; tests have less patience
	fresh    bool          // the ledger has no centre yet: the very first start
	applying chan struct{} // one slot; who has it may use what follows
	unstored bool          // the centre in force is not in the ledger
	unplaced bool          // the switch has refused something of it
	unsaid   bool          // not all that it lets callers hear could be made
	refused  string        // text of the centre in the ledger that this version cannot read
}

// term is what there is of a house while this node leads.
type term struct {
	loop *loop.Loop
	sw   *ari.Switch
}

func newHouse(db *postgres.DB, log *slog.Logger) *house {
	h := &house{db: db, log: log, within: applyWithin, applying: make(chan struct{}, 1)}
	h.now.Store(&centre.Centre{TimeZone: centre.DefaultTimeZone, Config: queue.Config{Country: queue.DefaultCountry}})
	return h
}

// load takes the centre that was applied last, or the file given for the very
// first start.
func (h *house) load(ctx context.Context, file string) error {
	stored, err := h.db.Centre(ctx)
	switch {
	case err == nil:
		h.take(stored)
		return nil
	case !errors.Is(err, postgres.ErrNotFound):
		return err
	}
	h.fresh = true
	if file == "" {
		h.log.Warn("no centre is configured: every number is unknown until `threerings apply centre.yaml`")
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("centre: %w", err)
	}
	c, err := centre.Parse(file, data)
	if err != nil {
		return err
	}
	h.now.Store(c)
	return nil
}

// appliedLast names the text in the ledger, for messages.
const appliedLast = "the centre applied last"

// take makes a centre from the ledger the present one. One that this version
// refuses must not keep the node from starting, for only a node that runs can
// be given a better one.
func (h *house) take(stored postgres.Centre) {
	c, err := centre.Parse(appliedLast, []byte(stored.Source))
	if h.refused = ""; err != nil {
		h.refused = stored.Source
		h.log.Error("this version refuses the centre applied last: its rules stay in force as the ledger has them; correct the file and `threerings apply` it", "err", err)
		c = salvage(stored.Source)
	}
	h.now.Store(c)
}

// begin puts the centre in force under a new leader.
func (h *house) begin(ctx context.Context, l *loop.Loop, sw *ari.Switch) error {
	free, err := h.alone(ctx)
	if err != nil {
		return err
	}
	defer free()
	t := &term{l, sw}
	h.term.Store(t)
	known, err := h.refresh(ctx)
	if err != nil {
		return err
	}
	c := h.current()
	l.SetLocation(h.location())
	switch {
	case h.refused != "":
		both := *c
		both.Config, c = *l.Snapshot().Config, &both
		h.now.Store(c)
	case len(c.Text) == 0:
		return nil
	case l.Snapshot().Config.Version != c.Config.Version:
		_ = h.speak(ctx, c) // told there
		if err := t.configure(ctx, c, "start"); err != nil {
			return err
		}
	}
	h.unstored, h.unplaced = false, true
	if !known {
		if err := patiently(ctx, h.log, "store the centre", func() error { return h.store(ctx, c, "start") }); err != nil {
			return err
		}
	}
	if err := h.provision(ctx, t, c); err != nil {
		h.log.Error("SIP accounts", "err", err)
	}
	// Last, as calls go on meanwhile: the leader before may have had another
	// switch, or this centre may be newer than this node's start.
	_ = h.speak(ctx, c) // told there
	return nil
}

// refresh reads the centre again, as another leader may have applied a newer
// one, and tells whether the ledger has any.
func (h *house) refresh(ctx context.Context) (known bool, err error) {
	var stored postgres.Centre
	err = patiently(ctx, h.log, "read the centre", func() error {
		stored, err = h.db.Centre(ctx)
		return err
	})
	switch {
	case errors.Is(err, postgres.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case stored.Source != string(h.current().Text) && stored.Source != h.refused:
		h.take(stored)
	}
	return true, nil
}

// speak makes what a centre lets callers hear. Without it calls go on, so
// trouble is told and no more.
func (h *house) speak(ctx context.Context, c *centre.Centre) error {
	if h.say == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, speakWithin)
	defer cancel()
	err := h.say(limited, c)
	if h.unsaid = err != nil; err != nil && ctx.Err() == nil {
		h.log.Warn("prompts", "err", err)
	}
	return err
}

// rehearse makes on a node that stands by what a leader would let callers
// hear, so that a takeover finds it there. It ends with ctx, when this node
// begins to lead, and begin does the rest.
func (h *house) rehearse(ctx context.Context) {
	free, err := h.alone(ctx)
	if err != nil {
		return
	}
	defer free()
	if ctx.Err() == nil {
		_ = h.speak(ctx, h.current()) // told there
	}
}

// end: this node leads no more.
func (h *house) end() { h.term.Store(nil) }

// alone waits until nobody else changes the house.
func (h *house) alone(ctx context.Context) (free func(), err error) {
	select {
	case h.applying <- struct{}{}:
		return func() { <-h.applying }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("another apply, or the start, is still under way: %w", ctx.Err())
	}
}

func (h *house) current() *centre.Centre { return h.now.Load() }

func (h *house) location() *time.Location { return locationOf(h.current()) }

// retention is how long recordings are kept.
func (h *house) retention() recording.Retention { return recording.Retention(h.current().Retention) }

func locationOf(c *centre.Centre) *time.Location {
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC // judged by centre.Parse; cannot be
	}
	return loc
}

// shown is how screens name the house.
func (h *house) shown() dashboard.Centre {
	c := h.current()
	shown := dashboard.Centre{Name: c.Name, NameEN: c.NameEN, Location: h.location()}
	for _, role := range c.SecondFactor {
		shown.SecondFactor = append(shown.SecondFactor, dashboard.Role(role))
	}
	for _, t := range c.Teams {
		shown.Teams = append(shown.Teams, dashboard.Team(t))
	}
	return shown
}

// askPostgresEvery is the pause between tries of patiently.
const askPostgresEvery = 500 * time.Millisecond

// patiently does something in the ledger, again and again while Postgres is
// away: whoever begins to lead just then must not end for it.
func patiently(ctx context.Context, log *slog.Logger, what string, do func() error) error {
	for told := false; ; told = true {
		err := do()
		if err == nil || !postgres.Away(err) || ctx.Err() != nil {
			return err
		}
		if !told {
			log.Warn("waiting for Postgres", "to", what, "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(askPostgresEvery):
		}
	}
}
