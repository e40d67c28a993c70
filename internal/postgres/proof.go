package postgres

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// SaveProof stores what was found in the audio of a call, in place of what was
// found before. No peaks leave those that are stored.
func (db *DB) SaveProof(ctx context.Context, call queue.CallID, p recording.Proof) error {
	err := pgx.BeginFunc(ctx, db.conns, func(tx pgx.Tx) error {
		var batch pgx.Batch
		batch.Queue("DELETE FROM recording_gaps WHERE call = $1", text(call))
		for i, g := range p.Gaps {
			batch.Queue("INSERT INTO recording_gaps (call, n, channel, at_ms, length_ms, reason, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				text(call), i+1, string(g.Side), g.At.Milliseconds(), g.Length.Milliseconds(), string(g.Reason), text(g.Detail))
		}
		c := &p.Coverage
		length, whole, bySwitch := c.Span+c.Drift, c.Span, millis{&c.Switch}
		batch.Queue(`INSERT INTO recording_coverage (call, length_ms, span_ms, switch_ms, left_sound_ms, left_silence_ms, right_sound_ms, right_silence_ms, sides)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (call) DO UPDATE SET length_ms = excluded.length_ms, span_ms = excluded.span_ms,
			switch_ms = excluded.switch_ms, left_sound_ms = excluded.left_sound_ms, left_silence_ms = excluded.left_silence_ms,
			right_sound_ms = excluded.right_sound_ms, right_silence_ms = excluded.right_silence_ms, sides = excluded.sides`,
			text(call), millis{&length}, millis{&whole}, known(bySwitch, c.Switch > 0), c.Caller.Sounding.Milliseconds(), c.Caller.LongestSilence.Milliseconds(),
			c.Agent.Sounding.Milliseconds(), c.Agent.LongestSilence.Milliseconds(), string(c.Sides))
		batch.Queue("DELETE FROM recording_speech WHERE call = $1", text(call))
		for _, s := range p.Speech {
			batch.Queue(`INSERT INTO recording_speech (call, agent, length_ms, agent_talk_ms, caller_talk_ms, crosstalk_ms, dead_air_ms,
				longest_dead_air_ms, longest_monologue_ms, first_word_ms, agent_dbfs, caller_dbfs, interruptions)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
				text(call), text(s.Agent), s.Length.Milliseconds(), s.AgentTalk.Milliseconds(), s.CallerTalk.Milliseconds(), s.Crosstalk.Milliseconds(),
				s.DeadAir.Milliseconds(), s.LongestDeadAir.Milliseconds(), s.LongestMonologue.Milliseconds(),
				known(s.FirstWord.Milliseconds(), s.FirstWord >= 0), known(s.AgentDBFS, s.AgentDBFS != recording.NotHeard),
				known(s.CallerDBFS, s.CallerDBFS != recording.NotHeard), s.Interruptions)
		}
		if len(p.Peaks.Left) > 0 {
			levels, err := packed(p.Peaks)
			if err != nil {
				return err
			}
			batch.Queue(`INSERT INTO recording_peaks (call, rate, levels)
				SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM recordings WHERE call = $1 AND erased_at IS NOT NULL)
				ON CONFLICT (call) DO UPDATE SET rate = excluded.rate, levels = excluded.levels`, text(call), p.Peaks.Rate, levels)
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("save what was found in the recording of call %s: %w", call, err)
	}
	return nil
}

// known is a value, or NULL.
func known[T any](v T, is bool) *T {
	if !is {
		return nil
	}
	return &v
}

// packed is a wave form in half of the room.
func packed(p recording.Peaks) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack the wave form: %w", err)
	}
	turn := make([]byte, 0, 2*len(p.Left))
	for i := range p.Left {
		turn = append(turn, p.Left[i], p.Right[i])
	}
	if _, err = w.Write(turn); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack the wave form: %w", err)
	}
	return out.Bytes(), nil
}

// mostPeaks is what the longest recording can have (37 hours), and no more is
// unpacked.
const mostPeaks = 2 * 50 * 40 * 3600

// Peaks returns the wave form of a call's recording, or ErrNotFound.
func (db *DB) Peaks(ctx context.Context, call queue.CallID) (recording.Peaks, error) {
	var p recording.Peaks
	var levels []byte
	err := db.conns.QueryRow(ctx, "SELECT rate, levels FROM recording_peaks WHERE call = $1", text(call)).Scan(&p.Rate, &levels)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err == nil {
		levels, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(levels)), mostPeaks))
	}
	if err != nil {
		return recording.Peaks{}, fmt.Errorf("wave form of call %s: %w", call, err)
	}
	p.Left, p.Right = make([]byte, 0, len(levels)/2), make([]byte, 0, len(levels)/2)
	for i := 0; i+1 < len(levels); i += 2 {
		p.Left, p.Right = append(p.Left, levels[i]), append(p.Right, levels[i+1])
	}
	return p, nil
}

// Speech returns how people spoke in a call, the whole conversation first;
// none when that was not measured.
func (db *DB) Speech(ctx context.Context, call queue.CallID) ([]recording.Speech, error) {
	rows, err := db.conns.Query(ctx, `SELECT agent, length_ms, agent_talk_ms, caller_talk_ms, crosstalk_ms, dead_air_ms, longest_dead_air_ms,
		longest_monologue_ms, coalesce(first_word_ms, -1), coalesce(agent_dbfs, $2), coalesce(caller_dbfs, $2), interruptions
		FROM recording_speech WHERE call = $1 ORDER BY agent`, text(call), recording.NotHeard)
	if err != nil {
		return nil, fmt.Errorf("speech of call %s: %w", call, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s recording.Speech, err error) {
		var ms [8]int64
		err = row.Scan(&s.Agent, &ms[0], &ms[1], &ms[2], &ms[3], &ms[4], &ms[5], &ms[6], &ms[7], &s.AgentDBFS, &s.CallerDBFS, &s.Interruptions)
		for i, d := range []*time.Duration{&s.Length, &s.AgentTalk, &s.CallerTalk, &s.Crosstalk, &s.DeadAir, &s.LongestDeadAir, &s.LongestMonologue, &s.FirstWord} {
			*d = time.Duration(ms[i]) * time.Millisecond
		}
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("speech of call %s: %w", call, err)
	}
	return list, nil
}

// FoundGap is a gap in the recording of a call.
type FoundGap struct {
	Call    queue.CallID
	N       int // in the call, from 1
	FoundAt time.Time
	recording.Gap
}

// GapFilter selects gaps. Zero values do not restrict.
type GapFilter struct {
	Call   queue.CallID
	Reason recording.GapReason
	Agents []queue.AgentID // of calls that one of them, or nobody, had; nil: all
	Limit  int
	// Behind this one, in the order of Gaps; a zero time starts.
	Before     time.Time
	BeforeCall queue.CallID
	BeforeN    int
}

// Gaps lists gaps, those found last first; of one call in their order.
func (db *DB) Gaps(ctx context.Context, f GapFilter) ([]FoundGap, error) {
	var w where
	equal(&w, "call", f.Call)
	equal(&w, "reason", f.Reason)
	if f.Agents != nil {
		agents := make([]string, 0, len(f.Agents))
		for _, a := range f.Agents {
			agents = append(agents, string(a))
		}
		w.add(`(EXISTS (SELECT FROM calls c WHERE c.call = recording_gaps.call AND (c.agent = '' OR c.agent = ANY(?)))
			OR EXISTS (SELECT FROM parts p WHERE p.call = recording_gaps.call AND p.agent = ANY(?)))`, agents, agents)
	}
	if !f.Before.IsZero() {
		w.add("(found_at < ? OR found_at = ? AND (call, n) > (?, ?))", f.Before, f.Before, text(f.BeforeCall), f.BeforeN)
	}
	rows, err := db.conns.Query(ctx, "SELECT call, n, found_at, channel, at_ms, length_ms, reason, detail FROM recording_gaps"+w.String()+
		fmt.Sprintf(" ORDER BY found_at DESC, call, n LIMIT %d", Filter{Limit: f.Limit}.limit()), w.args...)
	if err != nil {
		return nil, fmt.Errorf("gaps of recordings: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g FoundGap, err error) {
		var at, length int64
		err = row.Scan(&g.Call, &g.N, stamp{&g.FoundAt}, &g.Side, &at, &length, &g.Reason, &g.Detail)
		g.At, g.Length = time.Duration(at)*time.Millisecond, time.Duration(length)*time.Millisecond
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("gaps of recordings: %w", err)
	}
	return list, nil
}

// Coverage returns what a call's recording was measured to be, or ErrNotFound.
// The loudness is not among it.
func (db *DB) Coverage(ctx context.Context, call queue.CallID) (recording.Coverage, error) {
	var c recording.Coverage
	var length time.Duration
	var ms [4]int64
	err := db.conns.QueryRow(ctx, `SELECT length_ms, span_ms, coalesce(switch_ms, 0), left_sound_ms, left_silence_ms, right_sound_ms, right_silence_ms, sides
		FROM recording_coverage WHERE call = $1`, text(call)).Scan(millis{&length}, millis{&c.Span}, millis{&c.Switch}, &ms[0], &ms[1], &ms[2], &ms[3], &c.Sides)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return recording.Coverage{}, fmt.Errorf("coverage of call %s: %w", call, err)
	}
	c.Drift = length - c.Span
	for i, d := range []*time.Duration{&c.Caller.Sounding, &c.Caller.LongestSilence, &c.Agent.Sounding, &c.Agent.LongestSilence} {
		*d = time.Duration(ms[i]) * time.Millisecond
	}
	return c, nil
}
