package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// keepWithin limits how long the last recordings may take to be kept.
const keepWithin = 30 * time.Second

// recorded makes sure that every conversation of a measurement was recorded
// and is kept whole: a connection without the recording would be another
// figure.
func (p *people) recorded(ctx context.Context, from time.Time, n int) error {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	if err := p.box.Node.Flush(ctx); err != nil {
		return fmt.Errorf("recordings: %w", err)
	}
	db := p.box.Node.Ledger()
	for {
		missing, err := db.RecordingsMissing(ctx, from, time.Time{}, 1)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			break
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return fmt.Errorf("the recording of call %s is not kept yet: %w", missing[0].ID, err)
		}
	}
	calls, err := db.Calls(ctx, postgres.Filter{Since: from, Outcome: queue.OutcomeAnswered, Limit: 10 * n})
	if err != nil {
		return err
	}
	if len(calls) < n {
		return fmt.Errorf("%d calls are on record as answered, %d were made", len(calls), n)
	}
	for _, c := range calls {
		r, err := db.Recording(ctx, c.ID)
		if err != nil {
			return err
		}
		if r.State != string(recording.Kept) {
			return fmt.Errorf("the recording of call %s is %s: %s", c.ID, r.State, r.GapReason)
		}
	}
	return nil
}
