package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFactors(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	if err := db.SaveUser(ctx, User{Name: "li", Role: "qa", PasswordHash: "x"}); err != nil {
		t.Fatal(err)
	}
	has := func(want bool) {
		t.Helper()
		if u, err := db.User(ctx, "li"); err != nil || u.SecondFactor != want {
			t.Errorf("user %+v, %v; want a second factor: %t", u, err, want)
		}
	}
	f := Factor{User: "li", Secret: []byte("12345678901234567890")}
	if err := db.SaveFactor(ctx, f); err != nil {
		t.Fatal(err)
	}
	has(false) // not confirmed
	f.ConfirmedAt, f.Step, f.Recovery = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), 7, [][32]byte{{1}, {2}}
	if err := db.SaveFactor(ctx, f); err != nil {
		t.Fatal(err)
	}
	has(true)
	if got, err := db.Factor(ctx, "li"); err != nil || cmp.Diff(f, got) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(f, got))
	}
	for _, c := range []struct {
		step int64
		want bool
	}{{7, false}, {6, false}, {8, true}, {8, false}, {9, true}} {
		if ok, err := db.UseStep(ctx, "li", c.step); err != nil || ok != c.want {
			t.Errorf("step %d: %t, %v", c.step, ok, err)
		}
	}
	f.Step = 3 // saved by whoever read it a moment ago
	if err := db.SaveFactor(ctx, f); err != nil {
		t.Fatal(err)
	}
	if ok, err := db.UseStep(ctx, "li", 9); err != nil || ok {
		t.Errorf("a step used up can be used again: %v", err)
	}
	for i, want := range []bool{true, false} {
		if ok, err := db.UseRecovery(ctx, "li", [32]byte{2}); err != nil || ok != want {
			t.Errorf("recovery code, time %d: %t, %v", i+1, ok, err)
		}
	}
	if ok, err := db.UseStep(ctx, "nobody", 9); err != nil || ok {
		t.Errorf("a step of nobody: %t, %v", ok, err)
	}
	if err := errors.Join(db.RemoveFactor(ctx, "li"), db.RemoveFactor(ctx, "li")); err != nil {
		t.Error(err)
	}
	has(false)
	if _, err := db.Factor(ctx, "li"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
}
