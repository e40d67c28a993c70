package node

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/prompts"
	"github.com/threerings/threerings/internal/settings"
	"github.com/threerings/threerings/queue"
)

// TestPromptsBeforeTheCentre: what a new centre lets callers hear is made before
// the core has it; trouble with it is told, refuses nothing, and the next apply
// tries again.
func TestPromptsBeforeTheCentre(t *testing.T) {
	h := newHome(t)
	var said []string // the version to come, and the one in force
	var trouble error
	h.say = func(_ context.Context, c *centre.Centre) error {
		said = append(said, c.Config.Version+" "+h.loop.Snapshot().Config.Version)
		return trouble
	}
	h.lead(queue.New(), deaf())
	first := h.loop.Snapshot().Config.Version
	said = nil

	if _, err := h.Apply(h.ctx(), "centre.yaml", []byte(centreWith("A")), "test", true); err != nil || len(said) != 0 {
		t.Errorf("a dry run made %v, %v", said, err)
	}
	trouble = errors.New("the disk is full")
	done := h.apply(centreWith("A"))
	now := h.current().Config.Version
	if len(said) != 1 || said[0] != now+" "+first || now == first {
		t.Errorf("made %q, want once, for %q while %q was in force", said, now, first)
	}
	if !strings.Contains(done.Warning, "prompts: the disk is full") || h.loop.Snapshot().Config.Version != now {
		t.Errorf("warning %q; in force %q, want %q", done.Warning, h.loop.Snapshot().Config.Version, now)
	}
	trouble = nil
	if done := h.apply(centreWith("A")); len(said) != 2 || strings.Contains(done.Warning, "prompts") {
		t.Errorf("applied again: made %d times, warning %q", len(said), done.Warning)
	}
	if h.unsaid {
		t.Error("still taken for not made")
	}

	// Who gives up while they are made has changed nothing.
	ctx, cancel := context.WithCancel(h.ctx())
	h.say = func(ctx context.Context, _ *centre.Centre) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := h.Apply(ctx, "centre.yaml", []byte(centreWith("B")), "test", false); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if got := h.loop.Snapshot().Config.Version; got != now || h.current().Config.Version != now {
		t.Errorf("given up, and %q is in force, want %q", got, now)
	}
}

// TestNodeMakesLines: a node puts the lines of its centre where the switch
// finds them, beside the fixed prompts.
func TestNodeMakesLines(t *testing.T) {
	n := &Node{set: settings.Settings{Asterisk: settings.Asterisk{Sounds: t.TempDir()}}, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	line := prompts.MenuInvalid.In(prompts.Chinese)
	if err := n.makePrompts(t.Context(), &centre.Centre{Name: "东方", Prompts: []prompts.Line{line}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{line.Sound() + ".ulaw", line.Sound() + ".alaw", line.Sound() + ".sln", "threerings/greeting.wav"} {
		if info, err := os.Stat(filepath.Join(n.set.Asterisk.Sounds, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestControlBeforePrompts: only the very first start waits for prompts, and a
// node that stands by stops making them when it is called to lead.
func TestControlBeforePrompts(t *testing.T) {
	h := newHome(t)
	if err := h.load(h.ctx(), ""); err != nil || !h.fresh {
		t.Errorf("an empty ledger: fresh %t, %v", h.fresh, err)
	}
	h.lead(queue.New(), deaf())
	h.apply(centreWith("A"))
	again := newHouse(h.db, h.log)
	if err := again.load(h.ctx(), ""); err != nil || again.fresh {
		t.Errorf("a ledger with a centre: fresh %t, %v", again.fresh, err)
	}
	ctx, called := context.WithCancel(h.ctx())
	again.say = func(ctx context.Context, _ *centre.Centre) error {
		called() // to lead, in the middle of it
		<-ctx.Done()
		return ctx.Err()
	}
	again.rehearse(ctx)
	free, err := again.alone(h.ctx())
	if err != nil {
		t.Fatal(err)
	}
	free()
	if !again.unsaid {
		t.Error("taken for made, though it was cut short")
	}
	again.unsaid = false
	again.rehearse(ctx)
	if again.unsaid {
		t.Error("began although this node leads")
	}
}
