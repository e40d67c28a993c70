package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// ledger is the ledger in the pages' words.
type ledger struct {
	db      *postgres.DB
	journal func() *postgres.Journal // nil while this node does not lead
}

// behindTooLong is the age of records not yet in Postgres from which the
// ledger counts as not well.
const behindTooLong = 10 * time.Second

// Ping tells whether the ledger can be read and keeps up with what happens.
func (l ledger) Ping(ctx context.Context) error {
	if j := l.journal(); j != nil {
		switch st := j.Stats(); {
		case st.LagAge <= behindTooLong:
		case st.Unsaved > 0:
			return fmt.Errorf("%d records wait for Postgres, the oldest for %s; %d of them are only in memory, as the spool cannot be written: make room in the data folder before you restart",
				st.Lag, st.LagAge.Round(time.Second), st.Unsaved)
		default:
			return fmt.Errorf("%d records wait for Postgres, the oldest for %s; they are safe in the local spool", st.Lag, st.LagAge.Round(time.Second))
		}
	}
	return l.db.Ping(ctx)
}

func (l ledger) Calls(ctx context.Context, f dashboard.CallFilter) ([]queue.Call, error) {
	return l.db.Calls(ctx, postgres.Filter{Queue: f.Queue, Agent: f.Agent, Outcome: f.Outcome, Since: f.Since, Until: f.Until,
		Limit: f.Limit, AfterArrival: f.AfterArrival, AfterCall: f.AfterCall})
}

func (l ledger) Call(ctx context.Context, id queue.CallID) (dashboard.CallFile, error) {
	found, err := l.db.Call(ctx, id)
	if err != nil {
		return dashboard.CallFile{}, notFound(err)
	}
	file := dashboard.CallFile{Call: found.Call, Offers: found.Offers, Parts: found.Parts}
	if file.Records, err = records(found.Events); err != nil {
		return dashboard.CallFile{}, err
	}
	r, err := l.db.Recording(ctx, id)
	switch {
	case err == nil:
		if !r.Erased.At.IsZero() {
			r.State = "erased"
		}
		file.Recording = &dashboard.RecordingFacts{State: r.State, Duration: r.Length, Bytes: r.Bytes}
	case !errors.Is(err, postgres.ErrNotFound):
		return dashboard.CallFile{}, err
	}
	return file, nil
}

func (l ledger) Violations(ctx context.Context, f dashboard.Period) ([]queue.Violation, error) {
	list, err := l.db.Violations(ctx, postgres.Filter{Agent: f.Agent, Since: f.Since, Until: f.Until, Limit: f.Limit})
	return list.Violations, err
}

func (l ledger) Intervals(ctx context.Context, f dashboard.Period) ([]queue.AgentInterval, error) {
	return l.db.Intervals(ctx, postgres.Filter{Agent: f.Agent, Since: f.Since, Until: f.Until, Limit: f.Limit})
}

func notFound(err error) error {
	if errors.Is(err, postgres.ErrNotFound) || errors.Is(err, recording.ErrNoRecording) || errors.Is(err, recording.ErrBadID) {
		return fmt.Errorf("%w: %w", dashboard.ErrNotFound, err)
	}
	for _, kind := range []error{vault.ErrNoMaster, vault.ErrChanged, vault.ErrCut} {
		if errors.Is(err, kind) {
			return fmt.Errorf("%w: %w", dashboard.ErrUnreadable, err)
		}
	}
	return err
}

// users is who may sign in.
type users struct{ db *postgres.DB }

func (u users) User(ctx context.Context, name string) (dashboard.User, bool, error) {
	found, err := u.db.User(ctx, name)
	switch {
	case errors.Is(err, postgres.ErrNotFound) || (err == nil && found.Disabled):
		return dashboard.User{}, false, nil
	case err != nil:
		return dashboard.User{}, false, err
	}
	return userOf(found), true, nil
}

func userOf(u postgres.User) dashboard.User {
	return dashboard.User{Name: u.Name, Hash: u.PasswordHash, Role: dashboard.Role(u.Role), Agent: u.Agent, MustChange: u.MustChange, Disabled: u.Disabled, SecondFactor: u.SecondFactor, Teams: u.Teams, CreatedAt: u.CreatedAt}
}

func (u users) AllUsers(ctx context.Context) (all []dashboard.User, _ error) {
	rows, err := u.db.ListUsers(ctx)
	for _, r := range rows {
		all = append(all, userOf(r))
	}
	return all, err
}

func (u users) SaveUser(ctx context.Context, v dashboard.User) error {
	return u.db.SaveUser(ctx, postgres.User{Name: v.Name, Role: string(v.Role), Agent: v.Agent, PasswordHash: v.Hash, Disabled: v.Disabled, MustChange: v.MustChange, Teams: v.Teams})
}

// sessions is who is signed in.
type sessions struct{ db *postgres.DB }

func (s sessions) SaveSession(ctx context.Context, n dashboard.Session) error {
	return s.db.SaveSession(ctx, postgres.Session(n))
}

func (s sessions) UseSession(ctx context.Context, id [32]byte, now time.Time) error {
	return s.db.UseSession(ctx, id, now)
}

func (s sessions) Session(ctx context.Context, id [32]byte) (dashboard.Session, bool, error) {
	n, err := s.db.Session(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return dashboard.Session{}, false, nil
	}
	return dashboard.Session(n), err == nil, err
}

func (s sessions) SessionsOf(ctx context.Context, user string) (all []dashboard.Session, _ error) {
	rows, err := s.db.SessionsOf(ctx, user)
	for _, n := range rows {
		all = append(all, dashboard.Session(n))
	}
	return all, err
}

func (s sessions) EndSession(ctx context.Context, id [32]byte) error { return s.db.EndSession(ctx, id) }

func (s sessions) EndSessionsOf(ctx context.Context, user string) error {
	return s.db.EndSessionsOf(ctx, user)
}

// tokens is what lets programs and screens in.
type tokens struct{ db *postgres.DB }

func (t tokens) AddToken(ctx context.Context, k dashboard.Token) (bool, error) {
	row := postgres.Token{ID: k.ID, Name: k.Name, CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt}
	for _, s := range k.Scopes {
		row.Scopes = append(row.Scopes, string(s))
	}
	return t.db.AddToken(ctx, row)
}

func tokenOf(row postgres.Token) dashboard.Token {
	k := dashboard.Token{ID: row.ID, Name: row.Name, CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, RevokedAt: row.RevokedAt, UsedAt: row.UsedAt}
	for _, s := range row.Scopes {
		k.Scopes = append(k.Scopes, dashboard.Scope(s))
	}
	return k
}

func (t tokens) UseToken(ctx context.Context, id [32]byte, now time.Time) (dashboard.Token, bool, error) {
	row, err := t.db.UseToken(ctx, id, now)
	if errors.Is(err, postgres.ErrNotFound) {
		return dashboard.Token{}, false, nil
	}
	return tokenOf(row), err == nil, err
}

func (t tokens) Tokens(ctx context.Context) (all []dashboard.Token, _ error) {
	rows, err := t.db.Tokens(ctx)
	for _, row := range rows {
		all = append(all, tokenOf(row))
	}
	return all, err
}

func (t tokens) RevokeToken(ctx context.Context, name string, now time.Time) (bool, error) {
	return t.db.RevokeToken(ctx, name, now)
}

// factors are second factors.
type factors struct{ db *postgres.DB }

func (f factors) Factor(ctx context.Context, user string) (dashboard.Factor, bool, error) {
	row, err := f.db.Factor(ctx, user)
	if errors.Is(err, postgres.ErrNotFound) {
		return dashboard.Factor{}, false, nil
	}
	return dashboard.Factor(row), err == nil, err
}

func (f factors) SaveFactor(ctx context.Context, n dashboard.Factor) error {
	return f.db.SaveFactor(ctx, postgres.Factor(n))
}

func (f factors) UseStep(ctx context.Context, user string, step int64) (bool, error) {
	return f.db.UseStep(ctx, user, step)
}

func (f factors) UseRecovery(ctx context.Context, user string, hash [32]byte) (bool, error) {
	return f.db.UseRecovery(ctx, user, hash)
}

func (f factors) RemoveFactor(ctx context.Context, user string) error {
	return f.db.RemoveFactor(ctx, user)
}

// audit is who did and saw what.
type audit struct{ db *postgres.DB }

func (a audit) Note(ctx context.Context, n dashboard.Noted) error {
	return a.db.Note(ctx, postgres.Noted{At: n.At, Who: n.User, Role: string(n.Role), Address: n.Address, Action: n.Action, Subject: n.Subject, Detail: n.Detail, Why: n.Why, Outcome: n.Outcome})
}

func (a audit) Noted(ctx context.Context, f dashboard.NotedFilter) (all []dashboard.Noted, _ error) {
	rows, err := a.db.Noted(ctx, postgres.NotedFilter{Who: f.User, Action: f.Action, Subject: f.Subject, Since: f.Since, Until: f.Until, Before: f.Before, Limit: f.Limit})
	for _, n := range rows {
		all = append(all, dashboard.Noted{ID: n.ID, At: n.At, User: n.Who, Role: dashboard.Role(n.Role), Address: n.Address, Action: n.Action, Subject: n.Subject, Detail: n.Detail, Why: n.Why, Outcome: n.Outcome})
	}
	return all, err
}

// recordings is the sound of conversations for the pages.
type recordings struct{ keeper *recording.Keeper }

func (r recordings) Open(ctx context.Context, call queue.CallID, wav bool) (dashboard.Sound, error) {
	open := r.keeper.Open
	if wav {
		open = r.keeper.OpenWAV
	}
	s, err := open(ctx, call)
	if err != nil {
		return dashboard.Sound{}, notFound(err)
	}
	return dashboard.Sound(s), nil
}

// index is where the keeper of recordings writes its rows.
type index struct{ db *postgres.DB }

func (x index) SaveRecording(ctx context.Context, r recording.Recording) error {
	return x.db.SaveRecording(ctx, postgres.Recording{Call: r.Call, Day: r.Day, Path: r.Path, StartedAt: r.StartedAt, Length: r.Length,
		Bytes: r.Bytes, SHA256: r.SHA256, TalkOffset: r.TalkOffset, Talk: r.Talk, State: string(r.State), GapReason: r.Reason, Sealed: r.Sealed, Steps: r.Steps})
}

func (x index) SaveProof(ctx context.Context, call queue.CallID, p recording.Proof) error {
	return x.db.SaveProof(ctx, call, p)
}

func recordingOf(r postgres.Recording) recording.Recording {
	return recording.Recording{Call: r.Call, Day: r.Day, Path: r.Path, StartedAt: r.StartedAt, Length: r.Length, Bytes: r.Bytes, SHA256: r.SHA256,
		TalkOffset: r.TalkOffset, Talk: r.Talk, State: recording.State(r.State), Reason: r.GapReason, CreatedAt: r.CreatedAt,
		Sealed: r.Sealed, Steps: r.Steps, Held: r.Held, Erased: r.Erased}
}

func (x index) Recording(ctx context.Context, call queue.CallID) (recording.Recording, bool, error) {
	r, err := x.db.Recording(ctx, call)
	if errors.Is(err, postgres.ErrNotFound) {
		return recording.Recording{}, false, nil
	}
	return recordingOf(r), err == nil, err
}

func (x index) RecordingRemoved(ctx context.Context, call queue.CallID, at time.Time) error {
	return x.db.RecordingRemoved(ctx, call, at)
}

func (x index) RecordingsToConvert(ctx context.Context, after queue.CallID, limit int) (all []recording.Recording, _ error) {
	rows, err := x.db.RecordingsToConvert(ctx, after, limit)
	for _, r := range rows {
		all = append(all, recordingOf(r))
	}
	return all, err
}

func (x index) RecordingsMissing(ctx context.Context, since, until time.Time, limit int) ([]queue.Call, error) {
	return x.db.RecordingsMissing(ctx, since, until, limit)
}

func (x index) Call(ctx context.Context, id queue.CallID) (queue.Call, bool, error) {
	found, err := x.db.Call(ctx, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return queue.Call{}, false, nil
	}
	return found.Call, err == nil, err
}

// story is what is on record of a call, for its recording.
func (l ledger) story(ctx context.Context, id queue.CallID) (recording.Story, error) {
	found, err := l.db.Call(ctx, id)
	if err != nil {
		return recording.Story{}, err
	}
	s := recording.Story{Parts: found.Parts}
	s.Records, err = records(found.Events)
	return s, err
}

func records(events []postgres.LogEntry) (list []queue.Record, _ error) {
	for _, e := range events {
		event, err := queue.DecodeEvent(e.Type, e.Data)
		if err != nil {
			return nil, err
		}
		list = append(list, queue.Record{Seq: e.Seq, At: e.At, Event: event})
	}
	return list, nil
}

// custody keeps and erases recordings for the pages.
type custody struct {
	*recording.Keeper
	db *postgres.DB
}

func (c custody) Hold(ctx context.Context, call queue.CallID, m recording.Mark) (bool, error) {
	return c.db.HoldRecording(ctx, call, m)
}

func (c custody) Release(ctx context.Context, call queue.CallID) (bool, error) {
	return c.db.ReleaseRecording(ctx, call)
}
