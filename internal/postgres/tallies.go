package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/queue"
)

// Tallies are the figures of a day of the house ("2026-11-22") by queue, made
// from the rows by the code that also counts for the wallboard. The queues'
// policies are those last in force on that day.
func (db *DB) Tallies(ctx context.Context, pool, day string) (map[queue.QueueID]queue.Tally, error) {
	cfg, err := db.configOf(ctx, pool, day)
	if err != nil {
		return nil, fmt.Errorf("tallies of %s: %w", day, err)
	}
	tallies := map[queue.QueueID]*queue.Tally{}
	policies := map[queue.QueueID]*queue.QueueConfig{}
	for i := range cfg.Queues {
		q := &cfg.Queues[i]
		policies[q.ID], tallies[q.ID] = q, &queue.Tally{}
	}
	found, err := list(ctx, db, &calls, " WHERE pool = $1 AND day = $2", pool, day)
	if err != nil {
		return nil, fmt.Errorf("tallies of %s: %w", day, err)
	}
	for i := range found {
		// A call counts in the queues it passed too; one turned away had none.
		ids := append([]queue.QueueID{found[i].Queue, found[i].Home}, found[i].Passed...)
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			if t := tallies[id]; t != nil {
				t.Add(policies[id], &found[i])
			}
		}
	}
	made, err := list(ctx, db, &offers, " WHERE pool = $1 AND day = $2", pool, day)
	if err != nil {
		return nil, fmt.Errorf("tallies of %s: %w", day, err)
	}
	for i := range made {
		if t := tallies[made[i].Queue]; t != nil {
			t.AddOffer(&made[i])
		}
	}
	result := make(map[queue.QueueID]queue.Tally, len(tallies))
	for id, t := range tallies {
		result[id] = *t
	}
	return result, nil
}

// configOf is the configuration last in force on a day: the newest before a
// later day began.
func (db *DB) configOf(ctx context.Context, pool, day string) (*queue.Config, error) {
	var data string
	err := db.conns.QueryRow(ctx, `SELECT data::text FROM events WHERE pool = $1 AND type = 'Configured' AND seq < coalesce(
		(SELECT min(seq) FROM events WHERE pool = $1 AND type = 'DayBegan' AND data->>'day' > $2), 9223372036854775807)
		ORDER BY seq DESC LIMIT 1`, pool, day).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return &queue.Config{}, nil
	}
	if err != nil {
		return nil, err
	}
	event, err := queue.DecodeEvent("Configured", []byte(data))
	if err != nil {
		return nil, err
	}
	configured, ok := event.(queue.Configured)
	if !ok {
		return nil, fmt.Errorf("a configuration expected, got %T", event)
	}
	return &configured.Config, nil
}
