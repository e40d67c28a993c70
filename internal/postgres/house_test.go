package postgres

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/threerings/threerings/queue"
)

func TestUsers(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	li := User{Name: "li", Role: "agent", Agent: "1001", PasswordHash: "hash"}
	for _, u := range []User{{Name: "wang", Role: "supervisor", PasswordHash: "x"}, {Name: "li", Role: "agent"}, li} {
		if err := db.SaveUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.User(ctx, "li")
	if err != nil || got.CreatedAt.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
	got.CreatedAt = time.Time{}
	if got != li {
		t.Errorf("got %+v, want %+v", got, li)
	}
	all, err := db.ListUsers(ctx)
	if err != nil || len(all) != 2 || all[1].Name != "wang" || all[1].Agent != "" {
		t.Errorf("users %+v, %v", all, err)
	}
	if _, err := db.User(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
}

// TestCentreChangesUsers: a centre says what it changes, the rest is the
// operator's; and all of it is stored or nothing.
func TestCentreChangesUsers(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	for _, u := range []User{{Name: "anna", Role: "agent", PasswordHash: "a", Disabled: true}, {Name: "bert", Role: "agent", PasswordHash: "b", Disabled: true},
		{Name: "carl", Role: "agent", PasswordHash: "c"}} {
		if err := db.SaveUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	changes := []UserChange{{Name: "anna", Role: "supervisor"}, {Name: "bert", Role: "agent", PasswordHash: "new", Enable: true},
		{Name: "carl", Gone: true}, {Name: "dora", Role: "agent", Agent: "1001", PasswordHash: "d"}, {Name: "nobody", Gone: true}}
	if err := db.SaveCentre(ctx, Centre{Version: "1", Settings: json.RawMessage("no JSON")}, changes...); err == nil {
		t.Error("a centre was stored whose settings are no JSON")
	}
	if u, err := db.User(ctx, "carl"); err != nil || u.Disabled {
		t.Errorf("carl after a centre that could not be stored: %+v, %v", u, err)
	}
	if err := db.SaveCentre(ctx, Centre{Version: "1"}, changes...); err != nil {
		t.Fatal(err)
	}
	all, err := db.ListUsers(ctx)
	for i := range all {
		all[i].CreatedAt = time.Time{}
	}
	want := []User{{Name: "anna", Role: "supervisor", PasswordHash: "a", Disabled: true}, {Name: "bert", Role: "agent", PasswordHash: "new"},
		{Name: "carl", Role: "agent", PasswordHash: "c", Disabled: true}, {Name: "dora", Role: "agent", Agent: "1001", PasswordHash: "d"}}
	if d := cmp.Diff(want, all); d != "" || err != nil {
		t.Errorf("users (-want +got), %v:\n%s", err, d)
	}
}

func TestCentreKeepsTheLast(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	if _, err := db.Centre(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("no centre yet: %v", err)
	}
	for _, v := range []string{"1", "2"} {
		if err := db.SaveCentre(ctx, Centre{Version: v, Settings: json.RawMessage(`{"v":` + v + `}`), Source: "v: " + v, AppliedBy: "li"}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := db.Centre(ctx)
	if err != nil || c.Version != "2" || string(c.Settings) != `{"v": 2}` || c.Source != "v: 2" || c.AppliedBy != "li" || c.AppliedAt.IsZero() {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestRecordings(t *testing.T) {
	db, _ := storedDay(t, 30, 3000)
	ctx := limited(t)
	missing, err := db.RecordingsMissing(ctx, time.Time{}, time.Time{}, 1000)
	if err != nil || len(missing) < 2 {
		t.Fatalf("%d conversations, %v", len(missing), err)
	}
	for _, c := range missing {
		if c.Outcome != queue.OutcomeAnswered || c.EndedAt.IsZero() || c.ConnectedAt.IsZero() || c.Unrecorded || c.Number == "4001" {
			t.Errorf("call %s (%s) to %s was no conversation, or not to be recorded", c.ID, c.Outcome, c.Number)
		}
	}
	want := Recording{Call: missing[0].ID, Path: "2026/11/22/x.wav", StartedAt: missing[0].ConnectedAt, Length: 12345 * time.Millisecond,
		Bytes: 99, SHA256: "abc", TalkOffset: time.Second, Talk: 11 * time.Second, State: "kept"}
	for _, state := range []string{"fetching", "kept"} {
		r := want
		r.State = state
		if err := db.SaveRecording(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Recording(ctx, want.Call)
	if err != nil || got.CreatedAt.IsZero() {
		t.Fatalf("%+v, %v", got, err)
	}
	got.CreatedAt = time.Time{}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	now, err := db.RecordingsMissing(ctx, time.Time{}, time.Time{}, 1000)
	if err != nil || len(now) != len(missing)-1 || now[0].ID == want.Call {
		t.Errorf("%d are missing after one was kept (%v), want %d", len(now), err, len(missing)-1)
	}
	if _, err := db.Recording(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown recording: %v", err)
	}
}

// TestNoSIPPasswords: a table of them that an older version left is gone.
func TestNoSIPPasswords(t *testing.T) {
	db := openDB(t)
	var there bool
	if err := db.conns.QueryRow(limited(t), "SELECT to_regclass('sip_accounts') IS NOT NULL").Scan(&there); err != nil || there {
		t.Errorf("the table sip_accounts is there: %t, %v", there, err)
	}
}
