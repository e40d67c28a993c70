package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// Applied is what came of an apply.
type Applied struct {
	Changes []centre.Change `json:"changes"`
	// Preview is what would follow for the calls that are there now; of a dry
	// run on the node that leads.
	Preview *queue.Preview `json:"preview,omitempty"`
	Warning string         `json:"warning,omitempty"` // of what follows later; empty if all is in place
}

// applyWithin bounds each half of an apply: until the core has taken it, and
// what follows from it.
const applyWithin = 20 * time.Second

// speakWithin bounds the making of prompts. A hundred lines take five seconds
// on a small machine; what is not made until then is told as a warning.
const speakWithin = time.Minute

// Apply judges a centre.yaml and, unless dryRun, puts it in force as a whole.
// It returns what changes; an error without changes means that nothing did.
// What an earlier apply left undone is done, also if nothing changes any more.
func (h *house) Apply(ctx context.Context, file string, data []byte, by string, dryRun bool) (Applied, error) {
	c, err := centre.Parse(file, data)
	if err != nil {
		return Applied{}, err
	}
	asked := ctx
	ctx, cancel := context.WithTimeout(ctx, h.within)
	defer cancel()
	free, err := h.alone(ctx)
	if err != nil {
		return Applied{}, err
	}
	defer free()
	now := h.current()
	if len(now.Text) == 0 {
		now = nil
	}
	done := Applied{Changes: centre.Diff(now, c)}
	same := len(done.Changes) == 0
	t := h.term.Load()
	switch {
	case dryRun && t == nil:
		done.Warning = "this node does not lead the pool: what would become of the calls only the one that does can say"
		return done, nil
	case dryRun:
		p, err := t.loop.Preview(ctx, queue.Configure{Config: c.Config, By: by}, locationOf(c))
		if err != nil {
			return Applied{}, err
		}
		done.Preview = &p
		return done, nil
	case same && !h.unstored && !h.unplaced && !h.unsaid:
		return done, nil
	}
	if t == nil {
		return Applied{}, errors.New("this node does not lead the pool: run apply on the one that does (its log says \"leading\")")
	}
	if same {
		c = now
	}
	unsaid := h.speak(asked, c) // before the first call can want it
	if err := asked.Err(); err != nil {
		return Applied{}, fmt.Errorf("given up before anything was changed: %w", err)
	}
	// Whoever asked may give up now; what has begun is brought to its end.
	ctx, cancelRest := context.WithTimeout(context.WithoutCancel(ctx), h.within)
	defer cancelRest()
	if !same {
		if err := t.configure(ctx, c, by); err != nil {
			return Applied{}, err
		}
		h.now.Store(c)
		h.unstored, h.unplaced, h.refused = true, true, ""
		t.loop.SetLocation(h.location())
	}
	if h.unstored {
		if err := h.store(ctx, c, by); err != nil {
			return done, fmt.Errorf("the new centre is in force, but could not be stored and will be forgotten at the next start: apply it again: %w", err)
		}
		h.unstored = false
	}
	switch err := h.provision(ctx, t, c); {
	case err != nil:
		h.log.Error("SIP accounts", "err", err)
		done.Warning = fmt.Sprintf("Asterisk has not taken all SIP accounts, and is asked again every 15 s: %v", err)
	case !t.sw.Connected():
		done.Warning = "Asterisk is not connected: it is told of SIP accounts when it is"
	}
	if unsaid != nil {
		done.Warning = strings.TrimPrefix(fmt.Sprintf("%s; prompts: %v", done.Warning, unsaid), "; ")
	}
	return done, nil
}

// configure asks the core to take a configuration.
func (t *term) configure(ctx context.Context, c *centre.Centre, by string) error {
	req := "apply " + rand.Text()
	e, err := t.loop.Ask(ctx, queue.Configure{Config: c.Config, By: by, Req: req}, req)
	if err != nil {
		return fmt.Errorf("whether the core has taken the new centre is not known: apply it again: %w", err)
	}
	if r, refused := e.(queue.Refused); refused {
		return fmt.Errorf("refused: %s", r.Reason)
	}
	return nil
}

// store puts a centre into the ledger, and what it changes of the users.
func (h *house) store(ctx context.Context, c *centre.Centre, by string) error {
	stored, err := h.db.Centre(ctx)
	if err != nil && !errors.Is(err, postgres.ErrNotFound) {
		return err
	}
	rows, err := h.db.ListUsers(ctx)
	if err != nil {
		return err
	}
	// Compared with what was stored last, not with what is in force: that may
	// never have reached the ledger.
	s := staff{rows: rows, next: c.Users, readable: true}
	if stored.Source != "" {
		before, err := centre.Parse(appliedLast, []byte(stored.Source))
		if s.readable = err == nil; s.readable {
			s.before = before.Users
		} else {
			h.log.Warn("this version refuses the centre applied last, so users who were there before stay as they are: see `threerings user list`")
		}
	}
	users, err := s.changes()
	if err != nil {
		return err
	}
	return h.db.SaveCentre(ctx, postgres.Centre{Version: c.Config.Version, Source: string(c.Text), AppliedBy: by}, users...)
}

// provision tells the switch of accounts and fixed phones. What fails is tried
// again by the adapter.
func (h *house) provision(ctx context.Context, t *term, c *centre.Centre) error {
	passwords := map[string]string{}
	for _, a := range c.Accounts {
		passwords[a.Account] = a.Password
	}
	err := t.sw.Provision(ctx, ari.PlanFor(&c.Config, passwords))
	h.unplaced = err != nil
	return err
}
