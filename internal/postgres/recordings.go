package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// Recording is what is known of a call's recording. The states are the
// recording package's words.
type Recording struct {
	Call       queue.CallID
	Day        string // the house's day of the call
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
	Sealed     recording.Sealed
	Steps      recording.Steps
	Held       recording.Mark // not to be erased; not stored by SaveRecording
	Erased     recording.Mark // its key is gone; not stored by SaveRecording
}

// recordingColumns are those of a row, in the order of scanRecording.
const recordingColumns = `r.call, r.path, r.started_at, r.length_ms, r.bytes, r.sha256, r.talk_offset_ms, r.talk_ms, r.state, r.gap_reason, r.created_at,
	r.form, r.object_bytes, r.object_sha256, r.source_sha256, r.note, r.master, coalesce(r.wrapped, ''), r.steps,
	r.held_at, r.held_by, r.held_why, r.erased_at, r.erased_by, r.erased_why, r.day`

// SaveRecording stores the facts of a call's recording, new or changed. Holds
// are not among them, and one that is erased stays so.
func (db *DB) SaveRecording(ctx context.Context, r Recording) error {
	s := &r.Sealed
	_, err := db.conns.Exec(ctx, `INSERT INTO recordings AS r
		(call, path, started_at, length_ms, bytes, sha256, talk_offset_ms, talk_ms, state, gap_reason,
		form, object_bytes, object_sha256, source_sha256, note, master, wrapped, steps, day)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (call) DO UPDATE SET path = excluded.path, started_at = excluded.started_at, length_ms = excluded.length_ms,
			bytes = excluded.bytes, sha256 = excluded.sha256, talk_offset_ms = excluded.talk_offset_ms, talk_ms = excluded.talk_ms,
			state = excluded.state, gap_reason = excluded.gap_reason, form = excluded.form, object_bytes = excluded.object_bytes,
			object_sha256 = excluded.object_sha256, source_sha256 = excluded.source_sha256, note = excluded.note,
			master = excluded.master, wrapped = excluded.wrapped, steps = excluded.steps, day = excluded.day,
			leaf = CASE WHEN (r.day, r.sha256, r.object_sha256, r.length_ms, r.talk_ms, r.state) =
				(excluded.day, excluded.sha256, excluded.object_sha256, excluded.length_ms, excluded.talk_ms, excluded.state) THEN r.leaf ELSE '' END
		WHERE r.erased_at IS NULL`,
		text(r.Call), text(r.Path), stamp{&r.StartedAt}, r.Length.Milliseconds(), r.Bytes, text(r.SHA256),
		r.TalkOffset.Milliseconds(), r.Talk.Milliseconds(), text(r.State), text(r.GapReason),
		text(string(s.Form)), s.Bytes, text(s.SHA256), text(s.Source), text(s.Note), text(s.Key.Master), []byte(s.Key.Key), document{&r.Steps}, text(r.Day))
	if err != nil {
		return fmt.Errorf("save recording of call %s: %w", r.Call, err)
	}
	return nil
}

// RecordingRemoved notes when the raw file of a call was removed.
func (db *DB) RecordingRemoved(ctx context.Context, call queue.CallID, at time.Time) error {
	_, err := db.conns.Exec(ctx, `UPDATE recordings SET steps = steps || jsonb_build_object('removed', $2::text) WHERE call = $1`, text(call), at.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return fmt.Errorf("note that the raw file of call %s is gone: %w", call, err)
	}
	return nil
}

// Recording returns the facts of a call's recording, or ErrNotFound.
func (db *DB) Recording(ctx context.Context, call queue.CallID) (Recording, error) {
	found, err := db.recordings(ctx, "WHERE call = $1", text(call))
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Recording{}, fmt.Errorf("recording of call %s: %w", call, err)
	}
	return found[0], nil
}

// RecordingsToConvert lists recordings that are plain, or WAV for want of time,
// behind a call, by call.
func (db *DB) RecordingsToConvert(ctx context.Context, after queue.CallID, limit int) ([]Recording, error) {
	found, err := db.recordings(ctx, "WHERE path <> '' AND erased_at IS NULL AND (form = '' OR form = 'wav' AND note = '') AND call > $1 ORDER BY call LIMIT $2", text(after), limit)
	if err != nil {
		return nil, fmt.Errorf("recordings to convert: %w", err)
	}
	return found, nil
}

// recordings reads rows; what follows FROM is given.
func (db *DB) recordings(ctx context.Context, rest string, args ...any) ([]Recording, error) {
	rows, err := db.conns.Query(ctx, "SELECT "+recordingColumns+" FROM recordings r "+rest, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRecording)
}

func scanRecording(row pgx.CollectableRow) (r Recording, err error) {
	var length, offset, talk int64
	var wrapped []byte
	s := &r.Sealed
	err = row.Scan(&r.Call, &r.Path, stamp{&r.StartedAt}, &length, &r.Bytes, &r.SHA256, &offset, &talk, &r.State, &r.GapReason, stamp{&r.CreatedAt},
		&s.Form, &s.Bytes, &s.SHA256, &s.Source, &s.Note, &s.Key.Master, &wrapped, document{&r.Steps},
		stamp{&r.Held.At}, &r.Held.By, &r.Held.Why, stamp{&r.Erased.At}, &r.Erased.By, &r.Erased.Why, &r.Day)
	r.Length, r.TalkOffset, r.Talk = time.Duration(length)*time.Millisecond, time.Duration(offset)*time.Millisecond, time.Duration(talk)*time.Millisecond
	s.Key.Key = string(wrapped)
	if !strings.HasSuffix(r.Path, recording.SealedSuffix) {
		s.Form = recording.Plain // also what a program of before wrote over a row of ours
	}
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

// MastersInUse counts recordings by the master key that wraps theirs.
func (db *DB) MastersInUse(ctx context.Context) (map[string]int64, error) {
	used := map[string]int64{}
	rows, err := db.conns.Query(ctx, "SELECT master, count(*) FROM recordings WHERE master <> '' GROUP BY 1")
	if err == nil {
		var id string
		var n int64
		_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { used[id] = n; return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("master keys in use: %w", err)
	}
	return used, nil
}
