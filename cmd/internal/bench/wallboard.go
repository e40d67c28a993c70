package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/cmd/internal/node"
	"github.com/threerings/threerings/internal/robot"
)

const screenCount = 200

// wallboard measures how old a record is when screens show it, with n calls
// under way at the rate.
func (p *people) wallboard(ctx context.Context, n int, rate float64, step func()) ([]time.Duration, error) {
	all, err := openScreens(ctx, p.box.URL, screenCount)
	if err != nil {
		return nil, err
	}
	p.behave(func(*robot.Call) robot.Behaviour { return robot.Behaviour{Answer: ringFor} })
	from := p.box.Node.Snapshot().Seq
	err = pace(ctx, n, rate, func(ctx context.Context) error {
		_, _, err := p.answered(ctx, false)
		step()
		return err
	})
	if err == nil {
		err = p.settle(ctx)
	}
	until := p.box.Node.Snapshot().Seq
	if err == nil {
		err = all.reach(ctx, until)
	}
	err = errors.Join(err, all.close())
	if err != nil {
		return nil, err
	}
	records, err := p.records(ctx, from, until)
	if err != nil {
		return nil, err
	}
	var found []time.Duration
	for i, seen := range all.seen {
		for _, r := range records {
			at, _ := slices.BinarySearchFunc(seen, r.ledger, func(s sight, seq uint64) int {
				if s.ledger < seq {
					return -1
				}
				return 1
			})
			if at == len(seen) {
				return nil, fmt.Errorf("wallboard client %d never saw record %d", i+1, r.ledger)
			}
			found = append(found, max(seen[at].at.Sub(r.at), 0))
		}
	}
	return found, nil
}

// records are the ledger's, with the time at which each was made.
func (p *people) records(ctx context.Context, after, until uint64) ([]sight, error) {
	if err := p.box.Node.Flush(ctx); err != nil {
		return nil, fmt.Errorf("records of the ledger: %w", err)
	}
	control, err := node.Dial(p.box.Settings.Data)
	if err != nil {
		return nil, err
	}
	url, err := control.DatabaseURL(ctx)
	if err != nil {
		return nil, err
	}
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("records of the ledger: %w", err)
	}
	defer db.Close(ctx)
	rows, err := db.Query(ctx, "SELECT seq, at FROM events WHERE pool = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
		p.box.Settings.Pool, int64(after), int64(until))
	if err != nil {
		return nil, fmt.Errorf("records of the ledger: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s sight, err error) {
		var seq int64
		err = row.Scan(&seq, &s.at)
		s.ledger = uint64(seq)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("records of the ledger: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the ledger has no record from %d to %d", after+1, until)
	}
	return found, nil
}
