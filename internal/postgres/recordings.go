package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// Recording is what is known of a call's recording. The states are the
// recording package's words.
type Recording struct {
	Call       queue.CallID
	Path       string
	StartedAt  time.Time     // of the first sample
	Length     time.Duration // milliseconds are kept
	Bytes      int64
	SHA256     string
	TalkOffset time.Duration // where in the recording the conversation begins
	Talk       time.Duration // how much of it is covered
	State      string
	GapReason  string // why it is not whole; empty if it is
	CreatedAt  time.Time
}

// SaveRecording stores the facts of a call's recording, new or changed.
func (db *DB) SaveRecording(ctx context.Context, r Recording) error {
	_, err := db.conns.Exec(ctx, `INSERT INTO recordings
		(call, path, started_at, length_ms, bytes, sha256, talk_offset_ms, talk_ms, state, gap_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (call) DO UPDATE SET path = excluded.path, started_at = excluded.started_at, length_ms = excluded.length_ms,
			bytes = excluded.bytes, sha256 = excluded.sha256, talk_offset_ms = excluded.talk_offset_ms, talk_ms = excluded.talk_ms,
			state = excluded.state, gap_reason = excluded.gap_reason`,
		text(r.Call), text(r.Path), stamp{&r.StartedAt}, r.Length.Milliseconds(), r.Bytes, text(r.SHA256),
		r.TalkOffset.Milliseconds(), r.Talk.Milliseconds(), text(r.State), text(r.GapReason))
	if err != nil {
		return fmt.Errorf("save recording of call %s: %w", r.Call, err)
	}
	return nil
}

// Recording returns the facts of a call's recording, or ErrNotFound.
func (db *DB) Recording(ctx context.Context, call queue.CallID) (Recording, error) {
	rows, err := db.conns.Query(ctx, `SELECT call, path, started_at, length_ms, bytes, sha256, talk_offset_ms, talk_ms, state, gap_reason, created_at
		FROM recordings WHERE call = $1`, text(call))
	if err != nil {
		return Recording{}, fmt.Errorf("recording of call %s: %w", call, err)
	}
	found, err := pgx.CollectRows(rows, scanRecording)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Recording{}, fmt.Errorf("recording of call %s: %w", call, err)
	}
	return found[0], nil
}

func scanRecording(row pgx.CollectableRow) (r Recording, err error) {
	var length, offset, talk int64
	err = row.Scan(&r.Call, &r.Path, stamp{&r.StartedAt}, &length, &r.Bytes, &r.SHA256, &offset, &talk, &r.State, &r.GapReason, stamp{&r.CreatedAt})
	r.Length, r.TalkOffset, r.Talk = time.Duration(length)*time.Millisecond, time.Duration(offset)*time.Millisecond, time.Duration(talk)*time.Millisecond
	return r, err
}

// RecordingsMissing lists conversations that ended in [since, until) and have
// no recording on file although they were to be recorded, oldest first: R9.1
// asks for all of them. A zero time is no limit.
func (db *DB) RecordingsMissing(ctx context.Context, since, until time.Time, limit int) ([]queue.Call, error) {
	w := missingRecordings(since, until)
	return list(ctx, db, &calls, w.String()+" ORDER BY ended_at, call LIMIT "+strconv.Itoa(Filter{Limit: limit}.limit()), w.args...)
}

func missingRecordings(since, until time.Time) (w where) {
	w.add("outcome <> ''")
	w.add("spoke_at IS NOT NULL AND NOT unrecorded") // the words of the index calls_to_keep
	w.between("ended_at", since, until)
	w.add("NOT EXISTS (SELECT FROM recordings r WHERE r.call = calls.call)")
	return w
}
