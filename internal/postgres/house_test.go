package postgres

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

func TestUsers(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	li := User{Name: "li", Role: "supervisor", Agent: "1001", PasswordHash: "hash", Teams: []string{"day", "夜"}}
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
	if d := cmp.Diff(li, got); d != "" {
		t.Error(d)
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
		{Name: "carl", Gone: true}, {Name: "dora", Role: "supervisor", Agent: "1001", PasswordHash: "d", Teams: []string{"day"}}, {Name: "nobody", Gone: true}}
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
		{Name: "carl", Role: "agent", PasswordHash: "c", Disabled: true}, {Name: "dora", Role: "supervisor", Agent: "1001", PasswordHash: "d", Teams: []string{"day"}}}
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
	want := Recording{Call: missing[0].ID, Path: "2026/11/22/x.wav.sealed", StartedAt: missing[0].ConnectedAt, Length: 12345 * time.Millisecond,
		Bytes: 99, SHA256: "abc", TalkOffset: time.Second, Talk: 11 * time.Second, State: "kept",
		Sealed: recording.Sealed{Form: recording.WAV, Bytes: 120, SHA256: "def", Source: "abc", Key: vault.Wrapped{Master: "m1", Key: "\x00\xffkey"}},
		Steps:  recording.Steps{Captured: missing[0].EndedAt, Stored: missing[0].EndedAt.Add(time.Second)}}
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
	for _, r := range []Recording{
		{Call: "a-missing", State: "missing"}, {Call: "a-plain", Path: "2026/11/22/a.wav", State: "kept"},
		{Call: "b-opus", Path: "2026/11/22/b.ogg.sealed", State: "kept", Sealed: recording.Sealed{Form: recording.Opus}},
		{Call: "c-final", Path: "2026/11/22/c.wav.sealed", State: "kept", Sealed: recording.Sealed{Form: recording.WAV, Note: "it differs"}},
	} {
		if err := db.SaveRecording(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	first, err := db.RecordingsToConvert(ctx, "", 1)
	if err != nil || len(first) != 1 || first[0].Call != "a-plain" || first[0].Sealed.Form != recording.Plain {
		t.Fatalf("to convert: %+v, %v", first, err)
	}
	rest, err := db.RecordingsToConvert(ctx, first[0].Call, 10)
	if err != nil || len(rest) != 1 || rest[0].Call != want.Call {
		t.Errorf("to convert behind it: %+v, %v", rest, err)
	}
	removed := want.Steps.Stored.Add(time.Second)
	if err := db.RecordingRemoved(ctx, want.Call, removed); err != nil {
		t.Fatal(err)
	}
	if got, err = db.Recording(ctx, want.Call); err != nil || !got.Steps.Removed.Equal(removed) || !got.Steps.Stored.Equal(want.Steps.Stored) {
		t.Errorf("steps %+v, %v", got.Steps, err)
	}
	if used, err := db.MastersInUse(ctx); err != nil || len(used) != 1 || used["m1"] != 1 {
		t.Errorf("master keys in use: %v, %v", used, err)
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

func TestAudit(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	at := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	var want []Noted
	for i, who := range []string{"li", "wang", "li"} {
		n := Noted{ID: int64(i + 1), At: at.Add(time.Duration(i) * time.Minute), Who: who, Role: "qa", Address: "192.0.2.1", Action: "recording.play", Subject: "c1", Detail: "all of it", Why: "投诉", Outcome: "done"}
		if err := db.Note(ctx, n); err != nil {
			t.Fatal(err)
		}
		want = append([]Noted{n}, want...)
	}
	for name, c := range map[string]struct {
		f    NotedFilter
		want []Noted
	}{
		"all":        {NotedFilter{}, want},
		"newest":     {NotedFilter{Limit: 1}, want[:1]},
		"next page":  {NotedFilter{Before: 3}, want[1:]},
		"of a user":  {NotedFilter{Who: "wang", Action: "recording.play", Subject: "c1"}, want[1:2]},
		"of nothing": {NotedFilter{Subject: "c2"}, nil},
		"of a time":  {NotedFilter{Since: at, Until: at.Add(time.Minute)}, want[2:]},
	} {
		if c.f.Limit == 0 {
			c.f.Limit = 10
		}
		got, err := db.Noted(ctx, c.f)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	for _, sql := range []string{"UPDATE audit SET who = 'somebody else'", "DELETE FROM audit", "TRUNCATE audit"} {
		if _, err := db.conns.Exec(ctx, sql); err == nil {
			t.Errorf("%s was done", sql)
		}
	}
}

func TestTokens(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	noon := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	wall := Token{ID: [32]byte{1}, Name: "wall", Scopes: []string{"wallboard"}, CreatedBy: "admin", CreatedAt: noon, ExpiresAt: noon.AddDate(1, 0, 0)}
	crm := Token{ID: [32]byte{2}, Name: "crm", Scopes: []string{"read", "numbers"}, CreatedBy: "admin", CreatedAt: noon.Add(time.Hour)}
	for _, k := range []Token{wall, crm} {
		if ok, err := db.AddToken(ctx, k); !ok || err != nil {
			t.Fatalf("%s: %t %v", k.Name, ok, err)
		}
	}
	if ok, err := db.AddToken(ctx, Token{ID: [32]byte{3}, Name: "wall", Scopes: []string{"read"}, CreatedAt: noon}); ok || err != nil {
		t.Errorf("a name again: %t %v", ok, err)
	}
	wall.UsedAt = noon.Add(time.Minute)
	if got, err := db.UseToken(ctx, wall.ID, wall.UsedAt); !cmp.Equal(got, wall) || err != nil {
		t.Errorf("used: %v %s", err, cmp.Diff(wall, got))
	}
	if _, err := db.UseToken(ctx, [32]byte{9}, noon); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	wall.RevokedAt = noon.Add(time.Hour)
	for _, want := range []bool{true, false} {
		if ok, err := db.RevokeToken(ctx, "wall", wall.RevokedAt); ok != want || err != nil {
			t.Errorf("revoked: %t %v, want %t", ok, err, want)
		}
	}
	got, err := db.Tokens(ctx)
	if diff := cmp.Diff([]Token{crm, wall}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestSessions(t *testing.T) {
	db := openDB(t)
	ctx := limited(t)
	noon := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	first := Session{ID: [32]byte{1}, User: "li", Proof: [32]byte{9}, Began: noon, Used: noon, Address: "192.0.2.1", Browser: "a phone's"}
	second := Session{ID: [32]byte{2}, User: "li", Began: at(1), Used: at(1)}
	other := Session{ID: [32]byte{3}, User: "wang", Began: at(1), Used: at(1)}
	for _, s := range []Session{first, second, other} {
		if err := db.SaveSession(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.UseSession(ctx, first.ID, at(7)), db.UseSession(ctx, first.ID, at(6)), db.UseSession(ctx, [32]byte{7}, at(7))); err != nil {
		t.Fatal(err)
	}
	used, err := db.Session(ctx, first.ID)
	first.Used = at(7)
	if err != nil || used != first {
		t.Errorf("used: %+v, %v; want %+v", used, err, first)
	}
	if _, err := db.Session(ctx, [32]byte{7}); !errors.Is(err, ErrNotFound) {
		t.Errorf("used, but never begun: %v", err)
	}
	list, err := db.SessionsOf(ctx, "li")
	if diff := cmp.Diff([]Session{first, second}, list); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if err := errors.Join(db.EndSession(ctx, second.ID), db.EndSession(ctx, second.ID), db.EndSessionsOf(ctx, "wang")); err != nil {
		t.Error(err)
	}
	if list, err := db.SessionsOf(ctx, "li"); len(list) != 1 || err != nil {
		t.Errorf("after one ended: %+v, %v", list, err)
	}
	// A new one sweeps out those of two months ago.
	if err := db.SaveSession(ctx, Session{ID: [32]byte{4}, User: "wang", Began: at(24 * 61), Used: at(24 * 61)}); err != nil {
		t.Fatal(err)
	}
	if list, err := db.SessionsOf(ctx, "li"); len(list) != 0 || err != nil {
		t.Errorf("of two months ago: %+v, %v", list, err)
	}
}
