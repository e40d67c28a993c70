package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// heardOut fails while a leader that was replaced has not told all that it did
// last, or the present one has not put it on record. The call's row is judged
// then like any other.
func (j *judge) heardOut(ctx context.Context) error {
	spools, err := filepath.Glob(filepath.Join(j.w.dir, "node*", "spool", "*", "*.spool"))
	if err != nil {
		return err
	}
	for _, name := range spools {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			return fmt.Errorf("%s is not delivered", name)
		}
	}
	conn, err := pgx.Connect(ctx, j.w.postgres.URL())
	if err != nil {
		return fmt.Errorf("look for testimony: %w", err)
	}
	defer conn.Close(ctx)
	var open int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM testimony WHERE settled_at IS NULL").Scan(&open); err != nil {
		return fmt.Errorf("look for testimony: %w", err)
	}
	if open > 0 {
		return fmt.Errorf("%d records of a former leader are not settled", open)
	}
	return nil
}

// corrected counts the calls of which more came on record than the present
// leader knew.
func (j *judge) corrected(ctx context.Context, since time.Time) error {
	conn, err := pgx.Connect(ctx, j.w.postgres.URL())
	if err != nil {
		return fmt.Errorf("count corrections: %w", err)
	}
	defer conn.Close(ctx)
	var n int
	err = conn.QueryRow(ctx, "SELECT count(DISTINCT call) FROM events WHERE type = 'CallCorrected' AND at >= $1", since).Scan(&n)
	if err != nil {
		return fmt.Errorf("count corrections: %w", err)
	}
	j.f.Corrected += n
	return nil
}
